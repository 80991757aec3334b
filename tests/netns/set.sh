#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# set NAME=VALUE: constants of an object get their value before the load, in terms of their
# types, on the lines of both tools; what the kernel holds then is read back.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects set_sum constants_seen

dev_add s0
tc qdisc add dev s0 clsact

# held PROGRAM-ID: its constants as the kernel holds them, NAME=JSON, a line each.
held() {
	local id
	for id in $(maps_of "$1" | tr , ' '); do
		bpftool map show id "$id" >"$TMP/map"
		! grep -q rodata "$TMP/map" || bpftool -j map dump id "$id"
	done | $LIB_PYTHON -c '
import json, sys
for line in sys.stdin:
    for section in json.loads(line)[0]["formatted"]["value"].values():
        for variable in section:
            for name, value in variable.items():
                print(name + "=" + json.dumps(value, separators=(",", ":")))
'
}

# value PROGRAM-ID NAME
value() {
	held "$1" >"$TMP/held"
	sed -n "s/^$2=//p" "$TMP/held"
}

# id_of_pin PIN
id_of_pin() {
	bpftool -j prog show pinned "$1" | t_json .id
}

# takes OBJECT WORD… -- LINE…: set with each WORD gives just these lines other values.
takes() {
	local object=$OBJ/$1 words=()
	shift
	t_run 0 cgroup_loader prog load "$object" "$BPFFS/one"
	held "$(id_of_pin "$BPFFS/one")" >"$TMP/defaults"
	rm "$BPFFS/one"
	while [ "$1" != -- ]; do
		words+=(set "$1")
		shift
	done
	shift
	t_run 0 cgroup_loader prog load "$object" "$BPFFS/one" "${words[@]}"
	t_err_is ''
	held "$(id_of_pin "$BPFFS/one")" >"$TMP/held"
	rm "$BPFFS/one"
	t_is "$(grep -vxFf "$TMP/defaults" "$TMP/held")" "$(printf '%s\n' "$@")"
}

for object in set_values.o set_elf.o; do
	t_begin "$object: every type, up to its bounds"
	takes $object a_u8=255 a_s8=-128 a_u16=0xffff a_s16=-32768 a_u32=4294967295 \
		a_s32=-2147483648 a_u64=18446744073709551615 a_s64=-9223372036854775808 \
		a_bool=true a_mode=SET_LOST a_name=eth0 'some=[7,8]' inner_step=5 elsewhere=6 -- \
		a_u8=255 a_s8=-128 a_u16=65535 a_s16=-32768 a_u32=4294967295 \
		a_s32=-2147483648 a_u64=18446744073709551615 a_s64=-9223372036854775808 \
		'a_mode="SET_LOST"' 'a_name="eth0"' 'some=[7,8,0,0]' a_bool=true inner_step=5 elsewhere=6
	takes $object a_s8=127 a_s16=32767 a_s32=2147483647 a_s64=9223372036854775807 a_u8=0 \
		a_mode=0 'a_name="a,b"' 'some[3]=9' -- \
		a_u8=0 a_s8=127 a_s16=32767 a_s32=2147483647 a_s64=9223372036854775807 \
		'a_mode="SET_IDLE"' 'a_name="a,b"' 'some=[1,2,3,9]'
done

t_begin 'into a struct: the rest of what is named is zero, the rest of the constant stays'
# config LIMIT MODE PORT PORT MAC LOW HIGH UNION
config() {
	printf 'config={"limit":%s,"mode":"%s","in":[{"port":%s,"mac":[0,0,0,0,0,0]},{"port":%s,"mac":[%s]}],"low":"0x%s","high":"0x%s","":{"whole":%s,"half":%s}}' "$@" "${!#}"
}
none=0,0,0,0,0,0
takes set_values.o config.limit=5 -- "$(config 5 SET_IDLE 80 443 $none 0 3 0)"
takes set_values.o 'config.in[1].mac=[1,2,3]' config.low=5 config.half=258 -- \
	"$(config 9 SET_IDLE 80 443 1,2,3,0,0,0 5 3 258)"
takes set_values.o 'config={mode:SET_BUSY,in:[{port:1}]}' -- "$(config 0 SET_BUSY 1 0 $none 0 0 0)"
takes set_values.o 'config={mode:SET_BUSY}' config.limit=2 -- "$(config 2 SET_BUSY 0 0 $none 0 0 0)"

t_begin 'on the lines of both tools, several on one, behind any other word'
t_run 0 tc_loader filter add dev s0 ingress bpf da obj "$OBJ/set_values.o" set a_u8=11 \
	section classifier set a_s8=-11 map idx 0 private set a_name=tc
id=$(prog_at s0 ingress)
t_is "$(value "$id" a_u8) $(value "$id" a_s8) $(value "$id" a_name)" '11 -11 "tc"'
t_run 0 cgroup_loader cgroup attach "$CG" egress obj "$OBJ/set_values.o" set a_u8=12 multi set a_s8=-12
id=$(prog_in "$CG")
t_is "$(value "$id" a_u8) $(value "$id" a_s8)" '12 -12'
t_run 0 cgroup_loader prog loadall "$OBJ/set_values.o" "$BPFFS/all" set a_u8=13
for program in set_cls set_skb; do
	t_is "$(value "$(id_of_pin "$BPFFS/all/$program")" a_u8)" 13
done
rm -r "$BPFFS/all"
t_run 0 cgroup_loader prog load "$OBJ/set_values.o" "$BPFFS/maps_too" pinmaps "$BPFFS/maps" set a_u8=14
t_is "$(bpftool -j map dump pinned "$BPFFS/maps/set_valu_rodata" | grep -c '"a_u8":14')" 1
rm -r "$BPFFS/maps" "$BPFFS/maps_too"

t_begin 'constants are a part of what is the same program'
t_run 0 cgroup_loader cgroup attach "$CG" egress obj "$OBJ/set_values.o" multi set a_u8=12 set a_s8=-12
t_err_has "already attached (id $id)"
t_run 255 cgroup_loader cgroup attach "$CG" egress obj "$OBJ/set_values.o" multi set a_u8=13 set a_s8=-12
t_is "$(prog_in "$CG")" "$id"
t_run any cgroup_loader cgroup detach "$CG" egress obj "$OBJ/set_values.o"
t_is "$(prog_in "$CG")" "$id"
t_run 0 cgroup_loader cgroup attach "$CG" egress obj "$OBJ/set_values.o" multi replace set a_u8=13
t_is "$(cg_progs "$CG")" 1
t_is "$(value "$(prog_in "$CG")" a_u8)" 13
t_run 0 cgroup_loader cgroup detach "$CG" egress obj "$OBJ/set_values.o" set a_u8=13
t_is "$(cg_progs "$CG")" 0

t_begin 'lines of a batch share a program only where their constants are equal'
tc filter del dev s0 ingress
for step in 4 5 4; do
	echo "filter add dev s0 ingress bpf da obj $OBJ/constants.o set step=$step"
done >"$TMP/batch"
t_run 0 tc_loader -b "$TMP/batch"
bpftool -j net show dev s0 | $LIB_PYTHON -c '
import json, sys
for f in json.load(sys.stdin)[0]["tc"]:
    print(f["id"])
' >"$TMP/ids"
while read -r id; do
	value "$id" step
done <"$TMP/ids" >"$TMP/steps"
t_is "$(sort "$TMP/steps" | tr '\n' ' ')" '4 4 5 '
t_is "$(sort -u "$TMP/ids" | wc -l)" 2 programs

t_begin 'what no text can be is refused, and changes nothing'
find "$BPFFS" | sort >"$TMP/before"
# refused_set TEXT WORD…: a load with these words, by both tools.
refused_set() {
	local text=$1
	shift
	t_run 255 cgroup_loader prog load "$OBJ/set_values.o" "$BPFFS/never" "$@"
	t_err_has "$text"
	t_is "$(wc -l <"$TMP/t_err")" 1 'lines of the error'
	t_run any tc_loader filter add dev s0 egress bpf da obj "$OBJ/set_values.o" "$@"
	t_isnt "$T_STATUS" 0
	t_err_has "$text"
	find "$BPFFS" | sort >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
	t_is "$(filters s0 egress)" 0
}
refused_set "set 'a_u8': 256 is not from 0 to 255" set a_u8=256
refused_set "set 'a_u8': -1 is not from 0 to 255" set a_u8=-1
refused_set "set 'a_s64': 9223372036854775808 is not from" set a_s64=9223372036854775808
refused_set "set 'a_bool': 'yes' is neither true nor false" set a_bool=yes
refused_set "set 'a_mode': enum set_mode has no 'SET_FAST'" set a_mode=SET_FAST
refused_set "set 'a_name': 'far_too_long' is longer than 8 bytes" set a_name=far_too_long
refused_set "set 'some': there are 4 elements, no more" set 'some=[1,2,3,4,5]'
refused_set "set 'some[4]': there are 4 elements" set 'some[4]=1'
refused_set "set 'config': member 'in[0].port': 70000" set 'config={in:[{port:70000}]}'
refused_set "no member named 'limt'; did you mean 'limit'?" set config.limt=1
refused_set "set 'config.low': 8 is not from 0 to 7" set config.low=8
refused_set "has no constant of that name; it has a_u8, a_s8," set no_such=1
refused_set "did you mean 'elsewhere'?" set elswhere=1
refused_set "in section '.data', which programs may write" set written=1
refused_set "in section '.bss', which programs may write" set zero_at_first=1
refused_set "set 'a_u8' is given twice" set a_u8=1 set a_u8=2
refused_set "expected NAME=VALUE in one word" set a_u8
refused_set "set 'a_u8': expected the end at '2'" set 'a_u8=1 2'
refused_set "expected a value" set a_u8=
refused_set "the object has no constant" set $'a\e[31m=1'
t_err_lacks $'\e'
deep=$(printf '{in:[%.0s' {1..60})
refused_set "set 'config'" set "config=$deep"
t_run 255 cgroup_loader -j prog load "$OBJ/set_values.o" "$BPFFS/never" set a_u8=256
t_is "$(t_out | t_json .error | grep -c "set 'a_u8': 256 is not from 0 to 255")" 1

t_begin 'and so are objects that do not say where their constants are'
t_run 255 cgroup_loader prog load "$OBJ/set_elf.nog.o" "$BPFFS/never" set a_u8=1
t_err_has "set 'a_u8': the object has no BTF, which says where its constants are and of which type; compile it with -g"
t_run 255 cgroup_loader prog load "$OBJ/layout_u64.o" "$BPFFS/never" set a_u8=1
t_err_has "set 'a_u8': the object has no constants"
t_run 255 cgroup_loader prog load "$OBJ/globals.o" "$BPFFS/never" set seen=1
t_err_has "set 'seen': it is in section '.bss', which programs may write"
t_run 1 tc_loader filter add dev s0 ingress bpf da pinned "$BPFFS/never" set a_u8=1
t_err_has "belong to an object; add 'object-file FILE'"

t_begin 'a map that is there already keeps the constants in it'
# The object's own name of it; from the same object, so that only this is wrong.
t_run 0 cgroup_loader prog load "$OBJ/constants.o" "$BPFFS/first"
for id in $(maps_of "$(id_of_pin "$BPFFS/first")" | tr , ' '); do
	bpftool map show id "$id" >"$TMP/map"
	! grep -q rodata "$TMP/map" || rodata=$id
done
t_run 255 cgroup_loader prog load "$OBJ/constants.o" "$BPFFS/never" \
	map name constant.rodata id "$rodata" set step=8
t_err_has "map 'constant.rodata': the constants in it are set for this load, so it cannot be another load's map"
t_ok [ ! -e "$BPFFS/never" ]

t_begin 'what the compiler may have used already is said'
t_run 0 cgroup_loader prog load "$OBJ/set_values.o" "$BPFFS/folded" set folded=1
t_err_has "constant 'folded' is not volatile"

t_begin 'object show lists them, with types and defaults'
t_run 0 cgroup_loader object show "$OBJ/set_values.o"
for line in 'a_u8 .rodata unsigned char 1 -' 'a_mode .rodata enum set_mode SET_BUSY -' \
	'a_name .rodata char\[8\] lo -' 'some .rodata unsigned int\[4\] \[1,2,3,4\] -' \
	'inner_step .rodata unsigned int 1 -' 'elsewhere .rodata.elsewhere unsigned int 5 -' \
	'folded .rodata unsigned int 6 not volatile: may be in the code'; do
	t_is "$(t_out | tr -s ' ' | grep -cx "$line")" 1 "$line"
done
t_is "$(t_out | t_count '^written')" 0
t_run 0 tc_loader -j object show "$OBJ/set_elf.o"
t_is "$(t_out | t_json '.[0].constants[0]')" \
	'{"name":"a_u8","section":".rodata","type":"unsigned char","default":1,"volatile":true}'
t_is "$(t_out | t_json '.[0].constants[11].default.in[1].port')" 443
