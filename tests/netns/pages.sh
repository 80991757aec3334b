#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every example of the man pages is run as it stands, but for cgroups, which are below our own:
# lines of a shell one after the other as a reader types them, files of apply by check and apply,
# C through the compiler.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

mkdir "$CG/app" "$CG/machine.slice" "$CG/machine.slice/one" "$CG/machine.slice/two" \
	"$CG/system.slice" "$CG/system.slice/x.service"
dev_add eth0 veth1 veth2

# blocks PAGE: its examples, as FILE.1, FILE.2, … in $TMP/blocks.
blocks() {
	rm -rf "$TMP/blocks"
	mkdir "$TMP/blocks"
	awk -v out="$TMP/blocks/block" -v cg="$CG/" '
		/^[.]Sh / { here = $2 == "EXAMPLES" }
		here && /^[.]Bd / { file = sprintf("%s.%02d", out, ++n); next }
		/^[.]Ed/ { file = "" }
		file { gsub(/\\e/, "\\"); gsub(/\\&/, ""); gsub("/sys/fs/cgroup/", cg); print > file }
	' "$1"
}

# place: the classifier and the cgroup program of the demo under the names that the pages use.
place() {
	rm -rf "$TMP/here"
	mkdir "$TMP/here"
	cd "$TMP/here"
	cp "$LEGACY/counter_elf.o" "$LEGACY/counter_def.o" .
	cp counter_elf.o counter.o
	cp counter_def.o count.o
	cp counter_def.o count2.o
}

as_c() {
	{
		printf '#include <stdio.h>\n#include <mapshare.h>\nint main(void)\n{\n'
		printf 'struct mapshare *ms; struct mapshare_object *obj; struct mapshare_session *s;\n'
		cat "$1"
		printf 'return 0;\n}\n'
	} >example.c
	# CC may be more than a word: "ccache gcc".
	# shellcheck disable=SC2086
	t_run 0 ${CC:-gcc} -std=gnu11 -Wall -Werror -I"$TOP/common" -o example example.c \
		-L"$BUILD/lib" -lmapshare
}

as_file() {
	# The services of this machine are not ours.
	sed "s|/usr/lib/acct/acct_tc.o|$TMP/here/counter_elf.o|; s|/usr/lib/acct/acct_cg.o|$TMP/here/counter_def.o|
		s|system.slice/|${CG#"$CGROUP2/"}/system.slice/|" "$1" >acct.yaml
	t_run 1 tc_loader check --state-dir . acct.yaml
	t_run 0 tc_loader apply --state-dir . acct.yaml
	t_ok [ "$(cg_progs "$CG/system.slice/x.service")" -eq 1 ]
	t_run 0 cgroup_loader check --state-dir . acct.yaml
	t_run 0 tc_loader remove --state-dir . acct.yaml
}

for page in common/mapshare.7 common/verbs/mapshare.8 tc_loader/tc_loader.8 \
	cgroup_loader/cgroup_loader.8 common/load/mapshare.conf.5 common/door/mapshare.3; do
	blocks "$TOP/$page"
	place
	# What the examples of mapshare(8) are about stands at the beginning of mapshare(7).
	if [ "${page##*/}" = mapshare.8 ]; then
		t_run 0 tc_loader qdisc replace dev eth0 clsact
		t_run 0 tc_loader filter add dev eth0 ingress bpf da obj counter_elf.o
		t_run 0 cgroup_loader cgroup attach "$CG/app" egress obj counter_def.o
	fi
	count=0
	for block in "$TMP"/blocks/block.*; do
		count=$((count + 1))
		t_begin "$page: example $count"
		case $(sed -n 1p "$block") in
		*_loader\ * | rm\ *) t_run 0 bash -eu "$block" ;;
		name:* | '{'*) as_file "$block" ;;
		MAPSHARE_OPTS*) as_c "$block" ;;
		*) t_fail "nobody knows how to run: $(sed -n 1p "$block")" ;;
		esac
	done
	t_ok [ "$count" -gt 0 ]
	tc qdisc del dev eth0 clsact 2>"$TMP/gone" || :
	rm -rf "$BPFFS"/tc "$BPFFS"/x_count "$BPFFS"/count2 "$BPFFS"/machine
	for dir in "$CG/app" "$CG/system.slice/x.service"; do
		cgroup_loader cgroup detach "$dir" egress all obj "$LEGACY/counter_def.o" \
			>"$TMP/gone" 2>&1 || :
	done
done
