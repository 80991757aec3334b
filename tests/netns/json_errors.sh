#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Errors of our own commands, for programs: one document with the error number and the kind; a
# conflict names every field, and who uses the map. tc's and bpftool's commands say "error" alone.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

NAME=pair_hits_$(printf %05d $(($$ % 100000)))
GLOBALS=$BPFFS/tc/globals
PIN=$GLOBALS/layout_stats
for dialect in btf_name btf_none; do
	sed "s/pair_hits_00000/$NAME/g" "$OBJ/pair_$dialect.o" >"$TMP/$dialect.o"
done
dev_add v0
tc qdisc add dev v0 clsact

# fails KIND ERRNO CMD…: with status 255, and JSON that says so.
fails() {
	kind=$1
	number=$2
	shift 2
	t_run 255 "$@"
	t_is "$(t_out | t_json .kind)" "$kind"
	t_is "$(t_out | t_json .errno)" "$number"
	t_isnt "$(t_out | t_json .error)" ''
}

# bare CMD…: the error and nothing else.
bare() {
	t_run 255 "$@"
	error=$(t_out | t_json .error)
	t_is "$(t_out | t_json '.|length')" 1 "members beside '$error'"
}

t_begin 'usage, missing, exists, object, rejected, unsupported, failed'
for tool in tc_loader cgroup_loader; do
	fails usage 22 $tool -j share check
	fails usage 22 $tool -j share chek
	fails usage 22 $tool -j object show
	fails missing 2 $tool -j share check "no_such_$$"
	fails missing 2 $tool -j object show "$TMP/nosuch.o"
	fails missing 2 $tool -j map watch name "no_such_$$"
	fails object 8 $tool -j object show "$0"
	fails object 8 $tool -j object convert "$0" "$TMP/out.o"
	fails usage 22 $tool -j map load pinned
done
fails missing 2 cgroup_loader -j cgroup attach "$CG/nosuch" egress obj "$OBJ/layout_u64.o"
fails usage 22 cgroup_loader -j cgroup attach "$CG" egress obj "$OBJ/layout_u64.o" bogus
fails rejected 22 cgroup_loader -j cgroup attach "$CG" ingress obj "$OBJ/refused.o" program bad_verdict
fails failed 36 cgroup_loader -j object convert "$TMP/btf_name.o" "$TMP/$(printf 'x%.0s' $(seq 300))"

t_begin 'exists: another program is there'
cg_add taken
t_run 0 cgroup_loader cgroup attach "$CG/taken" egress obj "$TMP/btf_name.o"
fails exists 17 cgroup_loader -j cgroup attach "$CG/taken" egress obj "$OBJ/layout_u64.o"

t_begin 'split: --require-shared says no'
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$TMP/btf_name.o" section tc
cg_add other
fails split 17 cgroup_loader -j --require-shared cgroup attach "$CG/other" egress obj "$TMP/btf_none.o"

t_begin 'permission: what is missing is named'
cg_add third
fails permission 1 setpriv --bounding-set=-bpf,-sys_admin --inh-caps=-bpf,-sys_admin \
	cgroup_loader -j cgroup attach "$CG/third" egress obj "$TMP/btf_none.o" map name "$NAME" private
t_out_has 'CAP_BPF'

t_begin 'a conflict: each field with both values, the users with their places'
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/layout_u64.o" section tc
id=$(map_id "$PIN")
fails conflict 17 cgroup_loader -j cgroup attach "$CG/other" egress obj "$OBJ/layout_other.o"
cp "$TMP/t_out" "$TMP/conflict"
t_is "$(t_out | t_json .object)" "$OBJ/layout_other.o"
t_is "$(t_out | t_json .map)" layout_stats
t_is "$(t_out | t_json .pin)" "$PIN"
t_is "$(t_out | t_json .id)" "$id"
t_is "$(t_out | t_json .differs)" '[{"field":"type","pinned":"array","wanted":"hash"},{"field":"value_size","pinned":"8","wanted":"16"},{"field":"max_entries","pinned":"4","wanted":"16"}]'
t_is "$(t_out | t_json '.users|length')" 1
t_is "$(maps_of "$(t_out | t_json '.users[0].program')")" "$id"
t_is "$(t_out | t_json '.users[0].type')" sched_cls
t_ok grep -q '"place":"tc ingress dev v0 ' "$TMP/t_out"
t_is "$(cg_progs "$CG/other")" 0

t_begin 'a conflict: and who else may use the map, as far as could be seen'
program=$(t_out | t_json '.users[0].program')
fails conflict 17 "$BUILD/tests/netns/told" maps "$program" 12 \
	cgroup_loader -j cgroup attach "$CG/other" egress obj "$OBJ/layout_other.o"
t_is "$(t_out | t_json '.users|length')" 0
t_ok grep -qE '"unseen":\[.*\{"why":"[^"]*program'" (id )?$program"'[^"]*Cannot allocate memory' "$TMP/t_out"

t_begin 'object show tells the same of its map'
for tool in tc_loader cgroup_loader; do
	t_run 0 $tool -j object show "$OBJ/layout_other.o"
	for member in map pin id differs; do
		t_is "$(t_out | t_json ".[0].maps[0].$member")" "$(t_json ".$member" <"$TMP/conflict")"
	done
	t_is "$(t_out | t_json '.[0].maps[0].users[0].program')" "$(t_json '.users[0].program' <"$TMP/conflict")"
done

t_begin 'a layout, and a map named on the line'
fails conflict 17 cgroup_loader -j cgroup attach "$CG/other" egress obj "$OBJ/layout_halves.o"
t_is "$(t_out | t_json .differs)" "[{\"field\":\"value_layout\",\"difference\":\"member 'rx' (bit 0) u64/u32\"}]"
fails conflict 17 cgroup_loader -j cgroup attach "$CG/other" egress obj "$OBJ/layout_other.o" \
	map name layout_stats id "$id"
t_is "$(t_out | t_json .id)" "$id"
t_is "$(t_out | t_json '.differs[0].field')" type
t_out_lacks '"pin"'
t_out_lacks '"users"'
rm "$PIN"
t_run 0 cgroup_loader cgroup attach "$CG/third" egress obj "$OBJ/layout_halves.o"
fails conflict 17 cgroup_loader -j --strict-names cgroup attach "$CG/other" egress obj "$OBJ/layout_renamed.o"
t_is "$(t_out | t_json '.differs[0].field')" names

t_begin 'in a batch, and indented'
t_run 255 cgroup_loader -j batch file - <<END
object show $TMP/nosuch.o
END
t_is "$(t_out | t_json '.[0].output.kind')" missing
t_run 255 cgroup_loader -p object show "$TMP/nosuch.o"
t_is "$(t_out | t_json .kind)" missing

t_begin 'one document: what was lost is told only of an object that was written'
t_run 255 cgroup_loader -j object convert "$TMP/btf_name.o" "$TMP/nosuch/out.o"
t_is "$(t_out | t_json .kind)" missing

t_begin "bpftool's and tc's commands keep their form"
bare cgroup_loader -j prog load "$OBJ/layout_other.o" "$BPFFS/x"
bare cgroup_loader -j cgroup attach "$CG/other" egress id 4000000000
bare cgroup_loader -j map show name "no_such_$$"
bare cgroup_loader -j map shwo
bare tc_loader -j map show name "no_such_$$"
t_run 1 tc_loader -j filter add dev v0 ingress bpf da obj "$OBJ/layout_other.o" section tc
t_out_is ''
