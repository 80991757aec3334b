#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# One map that becomes two where no load makes it: a program that another tool loaded, or that
# waits under a pin; a pin that is reused beside its twin; a slot of an outer map that keeps
# what is in it; a map pinned for its object alone. Each is told, and refused where it must be.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

DIGITS=$(printf %05d $(($$ % 100000)))
NAME=pair_hits_$DIGITS
# A program is found by its name on the whole machine.
SKB=$(own_word pair)_skb
CLS=$(own_word pair)_cls
for dialect in btf_name btf_none elf_object outer; do
	sed "s/pair_hits_00000/$NAME/g; s/pair_outer/pair_$DIGITS/g; s/pair_skb/$SKB/g; s/pair_cls/$CLS/g" \
		"$OBJ/pair_$dialect.o" >"$TMP/$dialect.o"
done
GLOBAL=$BPFFS/tc/globals/$NAME
dev_add v0
tc qdisc add dev v0 clsact
cg_add job
ADD=(filter replace dev v0 ingress pref 1 handle 1 bpf da obj)

clean() {
	tc filter del dev v0 ingress
	rmdir "$CG/job"
	rm -rf "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp" "$BPFFS/theirs" "$BPFFS/waits" \
		"$BPFFS/x" "$BPFFS/${NAME:?}"
	t_ok wait_for 30 sh -c "! bpftool map list | grep -q '$NAME'"
	mkdir "$CG/job"
}

t_begin 'a program that bpftool loaded is attached beside one that shares elsewhere'
t_run 0 tc_loader "${ADD[@]}" "$TMP/btf_name.o" section tc
bpftool prog loadall "$TMP/btf_name.o" "$BPFFS/theirs"
id=$(map_id "$GLOBAL")
theirs=$(map_id "$BPFFS/$NAME")
said="uses map '$NAME' (id $theirs), but '$GLOBAL' (id $id) is another map of this name; load its object with 'map name $NAME pinned $GLOBAL'"
for prog in "pinned $BPFFS/theirs/$SKB" "name $SKB"; do
	# shellcheck disable=SC2086 # two words
	t_run 255 cgroup_loader --require-shared cgroup attach "$CG/job" egress $prog
	t_err_has "program $(bpftool -j prog show pinned "$BPFFS/theirs/$SKB" | t_json .id) $said"
done
t_is "$(cg_progs "$CG/job")" 0
t_run 0 cgroup_loader cgroup attach "$CG/job" egress pinned "$BPFFS/theirs/$SKB"
t_err_has "warning: program "
t_err_has "$said"
t_run 1 tc_loader --require-shared filter add dev v0 ingress bpf da object-pinned "$BPFFS/theirs/$CLS"
t_err_has "$said"
t_is "$(filters v0 ingress)" 1
t_run 0 tc_loader filter add dev v0 ingress bpf da object-pinned "$BPFFS/theirs/$CLS"
t_err_has "$said"
t_begin 'and told nothing where there is one map'
rm "$GLOBAL"
t_run 0 tc_loader --require-shared filter replace dev v0 ingress pref 9 handle 1 bpf da \
	object-pinned "$BPFFS/theirs/$CLS"
t_err_lacks 'uses map'
clean

t_begin 'a program that waits under a pin has the other map'
cgroup_loader prog loadall "$TMP/btf_none.o" "$BPFFS/waits"
waits=$(maps_of "$(bpftool -j prog show pinned "$BPFFS/waits/$SKB" | t_json .id)")
t_run 1 tc_loader --require-shared "${ADD[@]}" "$TMP/btf_name.o" section tc
t_err_has 'would be new'
t_ok [ ! -e "$GLOBAL" ]
t_run 0 tc_loader "${ADD[@]}" "$TMP/btf_name.o" section tc
t_err_has "pinned at '$BPFFS/waits/${SKB%skb}"
t_err_has "uses another map of this name (id $waits); 'map name $NAME id $waits' uses it"
clean

t_begin 'a program in a network namespace that only an open file keeps'
cgroup_loader prog loadall "$TMP/btf_none.o" "$BPFFS/waits"
waits=$(bpftool -j prog show pinned "$BPFFS/waits/$CLS" | t_json .id)
cat >"$TMP/attach" <<'END'
ip link add h0 type veth peer name h1
tc qdisc add dev h0 clsact
tc filter add dev h0 ingress bpf da object-pinned "$1"
END
start "$BUILD/tests/netns/hide" fd "$TMP/ready" sh -e "$TMP/attach" "$BPFFS/waits/$CLS"
t_ok wait_for 10 [ -e "$TMP/ready" ]
t_run 0 tc_loader "${ADD[@]}" "$TMP/btf_name.o" section tc
t_err_has "but program $waits at tc ingress dev h0"
kill "$STARTED"
clean

t_begin 'a pin below --pin-root that is reused has a twin in the default place'
mkdir -m 0700 "$BPFFS/x"
cgroup_loader --pin-root "$BPFFS/x" cgroup attach "$CG/job" egress obj "$TMP/btf_name.o"
t_run 0 tc_loader "${ADD[@]}" "$TMP/btf_name.o" section tc
rmdir "$CG/job"
mkdir "$CG/job"
t_run 255 cgroup_loader --require-shared --pin-root "$BPFFS/x" cgroup attach "$CG/job" egress obj "$TMP/btf_name.o"
t_err_has "reused from '$BPFFS/x/$NAME', but '$GLOBAL' (id $(map_id "$GLOBAL"))"
t_run 0 cgroup_loader --pin-root "$BPFFS/x" cgroup attach "$CG/job" egress obj "$TMP/btf_name.o"
t_err_has "at '$BPFFS/x/$NAME' (id $(map_id "$BPFFS/x/$NAME")), but '$GLOBAL' (id $(map_id "$GLOBAL"))"
clean

t_begin 'an outer map keeps what is in its slots'
t_run 0 tc_loader "${ADD[@]}" "$TMP/outer.o" section tc
t_err_is ''
inner=$(maps_of "$(prog_at v0 ingress)")
t_run 1 tc_loader --require-shared filter add dev v0 ingress bpf da obj "$TMP/outer.o" section tc
t_err_has "would be private, but slot 0 of '$BPFFS/tc/globals/pair_$DIGITS'"
t_is "$(filters v0 ingress)" 1
t_run 0 cgroup_loader cgroup attach "$CG/job" egress obj "$TMP/outer.o"
t_err_has "keeps another map (id $inner); 'map name $NAME id $inner' uses it"
t_err_lacks pair_quiet
bpftool cgroup detach "$CG/job" egress id "$(prog_in "$CG/job")"
t_run 0 cgroup_loader --require-shared cgroup attach "$CG/job" egress obj "$TMP/outer.o" map name "$NAME" id "$inner"
t_err_is ''
t_begin 'a slot that cannot be read may have another'
bpftool cgroup detach "$CG/job" egress id "$(prog_in "$CG/job")"
t_run 0 "$BUILD/tests/netns/told" slots "$(map_id "$BPFFS/tc/globals/pair_$DIGITS")" 12 \
	cgroup_loader cgroup attach "$CG/job" egress obj "$TMP/outer.o"
t_err_has "are in use cannot be seen: $BPFFS/tc/globals/pair_$DIGITS: Cannot allocate memory"

t_begin 'which matters to nobody who comes there through the slot alone'
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$TMP/outer.o" section classifier
t_err_lacks slot
clean

t_begin 'a map pinned for its object alone'
t_run 0 tc_loader "${ADD[@]}" "$TMP/btf_name.o" section tc
t_run 255 cgroup_loader --require-shared cgroup attach "$CG/job" egress obj "$TMP/elf_object.o"
t_err_has "but '$GLOBAL' (id $(map_id "$GLOBAL")) is another map of this name; 'map name $NAME shared' uses it"
t_run 0 cgroup_loader cgroup attach "$CG/job" egress obj "$TMP/elf_object.o" replace
t_err_has "'map name $NAME shared' uses it"
clean
t_begin 'is not the one of another build of it'
t_run 0 tc_loader "${ADD[@]}" "$TMP/elf_object.o" section tc
cp "$TMP/elf_object.o" "$TMP/rebuilt.o"
echo >>"$TMP/rebuilt.o"
t_run 0 tc_loader --require-shared "${ADD[@]}" "$TMP/rebuilt.o" section tc
t_err_is ''
t_is "$(find "$BPFFS/tc" -name "$NAME" | wc -l)" 2
