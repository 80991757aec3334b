#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Our program stands where it should, but not as it should: told by check, and mended in place.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair

STATE=$TMP/state
FILE=$TMP/acct.yaml
OURS=$BPFFS/ours
dev_add v0
cat >"$FILE" <<END
name: acct
objects:
  pair: { file: $OBJ/pair_btf_none.o }
tc:
  - { object: pair, hook: ingress, interfaces: [ v0 ], preference: 10, handle: 1, adopt: yes }
END

apply() {
	tc_loader "$1" --state-dir "$STATE" "$FILE"
}

# changed WORD…: our filter made anew with these words, around the same program.
changed() {
	tc filter del dev v0 ingress pref 10
	tc filter add dev v0 ingress pref 10 handle 1 "$@" object-pinned "$OURS"
}

shown() {
	tc filter show dev v0 ingress | sed -n 's/ name .*//; s/.*handle 0x1 \(flowid [^ ]*\)* *[^ ]*/\1/p'
}

t_run 0 apply apply
ID=$(prog_at v0 ingress)
bpftool prog pin id "$ID" "$OURS"
WANT=$(shown)

# mended WHY: the filter is told, and is what it was after another run; its program stays.
mended() {
	t_ok [ "$(shown)" != "$WANT" ]
	t_run 1 apply check
	t_out_has "$1"
	t_run 0 apply apply
	t_is "$(shown)" "$WANT"
	t_is "$(prog_at v0 ingress)" "$ID"
	t_run 0 apply check
}

t_begin 'without direct-action'
changed bpf
mended 'direct-action changed'

t_begin 'with a classid'
changed bpf da classid 1:5
mended 'a classid was set'

t_begin 'not for software, or not for hardware: the kernel does not change that in place'
changed bpf da skip_hw
t_run 1 apply check
t_out_has 'skip_sw or skip_hw'
t_run 255 apply apply
t_err_has 'filter del dev v0 ingress pref 10'
tc_loader filter del dev v0 ingress pref 10
t_run 0 apply apply
t_is "$(shown)" "$WANT"
t_run 0 apply check

t_begin 'adopted: the same program, made as it should be'
changed bpf da classid 1:5
rm "$STATE"/acct@*.json
mended 'of no record'

t_begin 'two entries that fit one interface: one program twice only where the places are said'
t_run 0 apply remove
dev_add v1
twice() {
	cat >"$FILE" <<-END
		name: acct
		objects:
		  pair: { file: $OBJ/pair_btf_none.o }
		tc:
		  - { object: pair, hook: ingress, interfaces: [ "v?" ] $1 }
		  - { object: pair, hook: ingress, interfaces: [ v1 ] $2 }
	END
}
for words in ',' ', preference: 10, handle: 1'; do
	twice ',' "$words"
	t_run 1 apply plan
	t_out_has 'another entry'
	t_run 255 apply apply
	t_is "$(filters v1 ingress)" 0
	twice "$words" ','
	t_run 255 apply apply
done
twice ', preference: 10, handle: 1' ', preference: 10, handle: 2'
t_run 0 apply apply
t_is "$(filters v0 ingress) $(filters v1 ingress)" '1 2'
t_run 0 apply check

t_begin 'what went with its interface is told apart from what differs'
ip link del v0
t_run 0 apply check
t_out_has 'in sync, 1 gone'
t_run 0 apply apply
t_out_has 'nothing loaded, 2 kept, 1 gone'
t_run 0 apply check
t_out_is 'acct: in sync'

t_begin 'two objects that pin one map and define it otherwise: the plan says so, nothing is loaded'
t_run 0 apply remove
cat >"$FILE" <<END
name: acct
objects:
  narrow: { file: $OBJ/pair_btf_name.o }
  wide: { file: $OBJ/pair_wide.o }
tc:
  - { object: narrow, hook: ingress, interfaces: [ v1 ] }
  - { object: wide, hook: egress, interfaces: [ v1 ] }
END
rm -f "$BPFFS"/*_hits_* "$BPFFS"/tc/globals/*_hits_*
t_run 1 apply plan
t_out_has "object 'wide' defines it otherwise than object 'narrow'"
t_out_has 'value_size 8/16'
t_run 255 apply apply
t_err_has "object 'wide' defines it otherwise than object 'narrow'"
t_is "$(find "$BPFFS" -name '*_hits_*')" ''
