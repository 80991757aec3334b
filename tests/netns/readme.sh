#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The README's quick starts do what they say: their lines are taken from it and run against an
# installed tree, with a cgroup of ours for /sys/fs/cgroup/app. So are the rows for users of
# bpftool, and what becomes of a second filter behind each verdict of the first.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
for tool in cc c++ clang pkg-config; do
	command -v "$tool" >"$TMP/null" || t_skip embed "needs $tool"
done

PRE=$TMP/pre
t_begin 'install'
# What is built stays as it is, whatever this environment calls a compiler.
made=(-o bins -o lib -o "$BUILD/netns_scripts/traffic")
while read -r object; do
	made+=(-o "$object")
done < <(find "$BUILD/bpf" -name '*.o')
t_run 0 make -C "$TOP" "${made[@]}" B="$BUILD" PREFIX="$PRE" install install-kit
sanitized && t_skip embed 'the sanitizers are not in the example'
PATH=$PRE/sbin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset MAPSHARE_BUILD

# fresh: a place with nothing attached, and the files of a user.
fresh() {
	rm -rf "$TMP/here"
	find "$BPFFS" -mindepth 1 ! -name '*.debug' -delete
	mkdir "$TMP/here"
	cd "$TMP/here"
	ip link del eth0 2>/dev/null || :
	ip link add eth0 type veth peer name peer0
	ip link set eth0 up
	cg_del "$CG/app"
	cg_add app
	cp "$PRE/lib/mapshare/bpf/legacy/counter_elf.o" classifier.o
	cp "$PRE/lib/mapshare/bpf/legacy/counter_def.o" count.o
	# Lines of ours, and one that only the real tc has.
	printf '#!/bin/sh -e\ntc qdisc replace dev eth0 clsact\n%s\n%s\n' \
		'tc filter add dev eth0 egress pref 7 bpf da obj classifier.o' \
		'tc qdisc replace dev eth0 root pfifo limit 77' >shaping.sh
	chmod 755 shaping.sh
}
on_exit 'ip link del eth0 2>/dev/null'

here() {
	sed "s|/usr/local|$PRE|g; s|/opt/mapshare|$TMP/here/opt|g; s|/sys/fs/cgroup/app|$CG/app|g"
}

# quick HEADING: runs the lines below it.
quick() {
	t_begin "quick start: $1"
	fresh
	awk -v head="### $1" '
		/^##/ { here = $0 == head }
		here && sub(/^\t/, "") { print; blank = 0; next }
		here && /^$/ && !blank++ { print }
	' "$TOP/README.md" | here >lines
	t_ok [ "$(wc -l <lines)" -gt 3 ]
	t_run 0 bash -eu lines
}

quick "You have a \`tc\` script and old \`.o\` files"
t_is "$(tc filter show dev eth0 ingress | t_count count_tc)" 1
t_is "$(tc filter show dev eth0 egress | t_count 'pref 7 .*count_tc')" 1
t_is "$(tc qdisc show dev eth0 | t_count 'pfifo .*limit 77p')" 1 'of the real tc'
t_is "$(maps_of "$(prog_at eth0 ingress)")" "$(maps_of "$(prog_at eth0 egress)")" map

quick 'You write a pair of programs'
t_out_has 'shared: '
t_is "$(maps_of "$(prog_at eth0 egress)")" "$(maps_of "$(prog_in "$CG/app")")" map

quick 'You write tests'
t_out_has 'what the job sends is counted at both hooks'

quick 'You embed it'
t_out_has 'shared: '

# The code of each cell is a line; those of bpftool are run by bpftool, then by ours.
t_begin 'the lines of bpftool and ours'
fresh
awk '/^### /{ here = /bpftool/ } here && /^\| `/' "$TOP/README.md" | here >rows
t_ok [ "$(wc -l <rows)" -gt 5 ]
t_run 0 cgroup_loader object convert count.o new.o
cp new.o count.o
while IFS='|' read -r _ theirs ours _; do
	while read -r line; do
		case $ours in
		*'not here'*)
			t_run 0 bash -euc "$line help"
			t_run 255 bash -euc "cgroup_loader ${line#bpftool }"
			t_err_has 'left to bpftool'
			;;
		*) t_run 0 bash -euc "$line" ;;
		esac
	done < <(grep -o '`[^`]* [^`]*`' <<<"$theirs" | tr -d '`')
	# What the left line has made is in the way of the right one.
	case $theirs in
	*'prog load'*) rm "$BPFFS/count" ;;
	*'cgroup attach'*) t_run 0 bpftool cgroup detach "$CG/app" egress pinned "$BPFFS/count" ;;
	esac
	while read -r line; do
		t_run 0 bash -euc "$line"
	done < <(grep -o '`cgroup_loader [^`]*`' <<<"$ours" | tr -d '`' || :)
	case $theirs in
	*'cgroup show'*)
		t_run 0 bpftool cgroup attach "$CG/app" egress pinned "$BPFFS/count" multi
		;;
	esac
done <rows

t_begin 'a second filter behind each verdict'
fresh
ip link set eth0 addrgenmode none
ip addr add 192.0.2.1/24 dev eth0
ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev eth0 nud permanent
ip link set peer0 up
t_run 0 tc_loader qdisc add dev eth0 clsact
# second VALUE [da]: do the packets reach the program behind one that returns VALUE?
second() {
	local before after
	tc filter del dev eth0 egress
	tc_loader filter add dev eth0 egress pref 1 bpf bytecode "1,6 0 0 $1" ${2:+"$2"}
	tc_loader filter add dev eth0 egress pref 2 bpf da obj classifier.o 2>"$TMP/said"
	before=$(map_u64s "$BPFFS/tc/globals/traffic" 01 00 00 00)
	ping -q -c 1 -W 0.1 192.0.2.2 >"$TMP/ping" || :
	after=$(map_u64s "$BPFFS/tc/globals/traffic" 01 00 00 00)
	[ "$before" = "$after" ] && echo no || echo yes
}
for value in 0 4294967295 2 3; do
	case $value in
	0 | 2) want=no ;;
	*) want=yes ;;
	esac
	t_is "$(second "$value" da)" "$want" "with da, $value"
	[ "$value" = 0 ] && want=yes || want=no
	t_is "$(second "$value")" "$want" "without, $value"
done
