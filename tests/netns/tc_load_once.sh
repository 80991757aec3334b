#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# When lines of a batch share one program and when they must not; `devs`, which loads once
# for many interfaces; descriptors that do not grow with the lines.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add m0 m1 m2 other
SEEN=$BPFFS/tc/globals/constants_seen

fresh() {
	for dev in m0 m1 m2 other; do
		tc qdisc del dev $dev clsact 2>/dev/null || :
		tc qdisc add dev $dev clsact
	done
}

# programs: how many different programs run on m0, m1 and m2.
programs() {
	for dev in m0 m1 m2; do
		prog_at $dev ingress
	done | sort -u | wc -l
}

has_filter() {
	[ "$(filters "$1" ingress)" = 1 ]
}

# attach WORDS: a batch that adds the filter to the three.
attach() {
	fresh
	for dev in m0 m1 m2; do
		echo "filter add dev $dev ingress bpf da $*"
	done >"$TMP/batch"
	t_run 0 tc_loader -b "$TMP/batch"
	for dev in m0 m1 m2; do
		t_is "$(filters $dev ingress)" 1
	done
}

t_begin 'one program where a second load would make nothing new'
attach obj "$OBJ/no_maps.o"
t_is "$(programs)" 1 programs
attach obj "$OBJ/constants.o"
t_is "$(programs)" 1 programs
t_is "$(maps_of "$(prog_at m2 ingress)" | tr , '\n' | grep -cx "$(map_id "$SEEN")")" 1
attach obj "$LEGACY/counter_elf.o"
t_is "$(programs)" 1 programs
bpftool map create "$BPFFS/mine" type array key 4 value 8 entries 1 name mine
attach obj "$OBJ/verdicts.o" map name seen pinned "$BPFFS/mine"
t_is "$(programs)" 1 programs

t_begin 'programs of their own where a map would be private'
attach obj "$OBJ/verdicts.o"
t_is "$(programs)" 3 programs
attach obj "$OBJ/globals.o"
t_is "$(programs)" 3 programs
attach obj "$OBJ/constants.o" map name constants_seen private
t_is "$(programs)" 3 programs
for dev in m0 m1 m2; do
	maps_of "$(prog_at $dev ingress)"
done | tr , '\n' | sort | uniq -d >"$TMP/both"
t_is "$(cat "$TMP/both")" '' 'maps of more than one program'

t_begin 'other sections, programs and files are other programs; spelling is not'
fresh
cp "$OBJ/verdicts.o" "$TMP/copy.o"
ln -s "$OBJ" "$TMP/link"
mine="map name seen pinned $BPFFS/mine"
cat >"$TMP/batch" <<END
filter add dev m0 ingress bpf da obj $OBJ/verdicts.o $mine
filter add dev m1 ingress bpf da obj $OBJ/verdicts.o sec drop $mine
filter add dev m2 ingress bpf da obj $TMP/copy.o $mine
filter add dev other ingress bpf obj $TMP/link/verdicts.o $mine classid 1:1
END
t_run 0 tc_loader -b "$TMP/batch"
t_is "$(programs)" 3 programs
t_is "$(prog_at other ingress)" "$(prog_at m0 ingress)"
t_is "$(tc -j filter show dev m1 ingress | t_json .[1].options.bpf_name)" 'verdicts.o:[drop]'

t_begin 'a file or a pin that changes between two lines is seen'
fresh
mkfifo "$TMP/fifo"
cp "$OBJ/no_maps.o" "$TMP/x.o"
# shellcheck disable=SC2016 # expanded by the inner shell
start sh -c 'exec tc_loader -b - <"$0"' "$TMP/fifo"
exec 9>"$TMP/fifo"
echo "filter add dev m0 ingress bpf da obj $TMP/x.o" >&9
t_ok wait_for 5 has_filter m0
cp "$OBJ/constants.o" "$TMP/x.o"
echo "filter add dev m1 ingress bpf da obj $TMP/x.o" >&9
t_ok wait_for 5 has_filter m1
first=$(map_id "$SEEN")
rm "$SEEN"
echo "filter add dev m2 ingress bpf da obj $TMP/x.o" >&9
exec 9>&-
wait "$STARTED"
t_is "$(programs)" 3 programs
t_isnt "$(map_id "$SEEN")" "$first"
t_is "$(maps_of "$(prog_at m2 ingress)" | tr , '\n' | grep -cx "$(map_id "$SEEN")")" 1

t_begin 'pins stay with the first filter, and go with a first filter that fails'
fresh
rm "$SEEN"
tc qdisc del dev m0 clsact
cat >"$TMP/batch" <<END
filter add dev m0 ingress bpf da obj $OBJ/constants.o
END
t_run 1 tc_loader -b "$TMP/batch"
t_ok [ ! -e "$SEEN" ]
cat >>"$TMP/batch" <<END
filter add dev m1 ingress bpf da obj $OBJ/constants.o
filter add dev m0 ingress bpf da obj $OBJ/constants.o
filter add dev m2 ingress bpf da obj $OBJ/constants.o
END
t_run 1 tc_loader -force -b "$TMP/batch"
t_ok [ -e "$SEEN" ]
t_is "$(prog_at m1 ingress)" "$(prog_at m2 ingress)"

t_begin '700 lines with 256 descriptors'
fresh
for i in $(seq 350); do
	echo "filter add dev m0 ingress pref $i bpf da obj $OBJ/verdicts.o"
	echo "filter add dev m1 ingress pref $i bpf da obj $OBJ/constants.o"
done >"$TMP/batch"
t_run 0 sh -c 'ulimit -n 256; exec tc_loader -b "$0"' "$TMP/batch"
t_is "$(filters m0 ingress)" 350
fresh
for i in $(seq 300); do
	ln -s "$OBJ/no_maps.o" "$TMP/l$i.o"
	echo "filter add dev m0 ingress pref $i bpf da obj $TMP/l$i.o"
done >"$TMP/batch"
t_run 0 sh -c 'ulimit -n 64; exec tc_loader -b "$0"' "$TMP/batch"

t_begin 'devs: one load for all that fit the pattern, private maps or not'
for dev in m0 m1 m2 other; do tc qdisc del dev $dev clsact; done
t_run 0 tc_loader qdisc add devs 'm[0-9]' clsact
t_is "$(tc qdisc show | grep -c clsact)" 3
t_run 0 tc_loader filter add devs 'm[0-9]' ingress pref 3 handle 7 bpf da obj "$OBJ/verdicts.o"
t_err_is ''
t_is "$(programs)" 1 programs
t_run 0 tc_loader filter replace devs 'm[0-9]' ingress pref 3 handle 7 bpf da obj "$OBJ/globals.o"
t_is "$(programs)" 1 programs
for dev in m0 m1 m2; do t_is "$(filters $dev ingress)" 1; done

t_begin 'devs: delete'
t_run 0 tc_loader filter del devs 'm[0-9]' ingress pref 3 handle 7 bpf
for dev in m0 m1 m2; do t_is "$(filters $dev ingress)" 0; done

t_begin 'devs: names from a file'
printf 'm0 # the first\n\n m2\nm0\n' >"$TMP/names"
t_run 0 tc_loader filter add devs "@$TMP/names" egress bpf da obj "$OBJ/no_maps.o"
t_is "$(filters m0 egress) $(filters m1 egress) $(filters m2 egress)" '1 0 1'
t_run 0 tc_loader filter del devs "@$TMP/names" egress

state() {
	for dev in m0 m1 m2 other; do
		tc filter show dev $dev ingress
		tc filter show dev $dev egress
	done
	tc qdisc show
	find "$BPFFS" | sort
}

t_begin 'devs: all or nothing, every failure named, what was there stays'
rm "$SEEN"
tc qdisc del dev m1 clsact
tc filter add dev m0 ingress bpf da obj "$OBJ/no_maps.o"
tc filter add dev m2 ingress pref 9 handle 3 bpf da obj "$OBJ/no_maps.o"
before=$(state)
t_run 2 tc_loader filter add devs 'm[0-9]' ingress bpf da obj "$OBJ/constants.o"
t_err_is "tc_loader: warning: dev 'm1': no clsact qdisc on 'm1'; add one: tc_loader qdisc add dev m1 clsact
tc_loader: filter add devs 'm[0-9]': 1 of 3 interfaces failed; nothing is added"
t_is "$(state)" "$before" state
t_run 2 tc_loader filter add devs 'm[0-9]' ingress pref 9 handle 3 bpf da obj "$OBJ/constants.o"
t_err_has "dev 'm1': no clsact qdisc on 'm1'"
t_err_has "dev 'm2': Filter already exists"
t_err_has '2 of 3'
t_is "$(state)" "$before" state
tc qdisc add dev m1 ingress
before=$(state)
t_run 2 tc_loader filter add devs 'm[0-9]' egress bpf da obj "$OBJ/constants.o"
t_err_has "dev 'm1': 'm1' has an ingress qdisc"
t_is "$(state)" "$before" state

t_begin 'devs: replace goes as far as it can, and what it loaded lasts'
t_ok [ ! -e "$SEEN" ]
t_run 2 tc_loader filter replace devs 'm[0-9]' egress pref 9 handle 3 bpf da obj "$OBJ/constants.o"
t_err_has '1 of 3 interfaces failed'
t_is "$(filters m0 egress) $(filters m2 egress)" '1 1'
t_is "$(maps_of "$(prog_at m2 egress)" | tr , '\n' | grep -cx "$(map_id "$SEEN")")" 1
t_run 2 tc_loader filter del devs 'm[0-9]' egress pref 9 handle 3 bpf
t_is "$(filters m0 egress) $(filters m2 egress)" '0 0'
before=$(state)

t_begin 'devs: nothing fits, no such name, no such file'
t_run 1 tc_loader filter add devs 'zz*' ingress bpf da obj "$OBJ/constants.o"
t_err_is "tc_loader: filter add devs 'zz*': no interface fits; 'ip link' lists the interfaces there are"
echo nope >>"$TMP/names"
t_run 1 tc_loader filter add devs "@$TMP/names" ingress bpf da obj "$OBJ/constants.o"
t_err_has "cannot find device 'nope'"
t_run 1 tc_loader qdisc add devs "@$TMP/none" clsact
t_err_has 'No such file'
t_is "$(state)" "$before" state

t_begin 'devs: qdiscs already made stay, the failure is told'
t_run 2 tc_loader qdisc add devs '[mo][0-9t]*' clsact
t_err_has "dev 'm1'"
t_ok [ -n "$(tc qdisc show dev other clsact)" ]
