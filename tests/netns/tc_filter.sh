#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tc_loader's filters on real interfaces: what stock tc sees of them, what packets meet, and
# every place where tc_loader is meant to differ from tc.
#
# differs: egress-on-ingress
# differs: replace-that-adds
# differs: c-is-colour
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

ns_add far
veth_add v0 10.9.0.1/24 far eth0 10.9.0.2/24
dev_add w0

state() {
	tc qdisc show
	for dev in v0 w0; do
		tc filter show dev $dev ingress
		tc filter show dev $dev egress
	done
	find "$BPFFS" | sort
}

t_begin 'a legacy object counts real packets; tc shows the filter'
t_run 0 tc_loader qdisc add dev v0 clsact
t_out_is ''
t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$LEGACY/counter_elf.o"
t_is "$(tc -j filter show dev v0 ingress | t_json '.[options.bpf_name]|length')" 1
t_is "$(tc -j filter show dev v0 ingress | t_json .[1].options.bpf_name)" 'counter_elf.o:[classifier]'
t_run 0 ns_run far ping -q -c 5 -i 0.05 10.9.0.1
t_is "$(map_u64s "$BPFFS/tc/globals/traffic" 01 00 00 00 | cut -d ' ' -f 1)" 5
t_is "$(bpftool -j prog show id "$(tc -j filter show dev v0 ingress | t_json .[1].options.prog.id)" | t_json .type)" sched_cls

t_begin 'the next load, in another dialect, takes the same map'
id=$(map_id "$BPFFS/tc/globals/traffic")
t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da obj "$BPF/counter_tc.o"
t_err_is ''
t_is "$(map_id "$BPFFS/tc/globals/traffic")" "$id"
t_run 0 ns_run far ping -q -c 3 -i 0.05 10.9.0.1
t_is "$(map_u64s "$BPFFS/tc/globals/traffic" 01 00 00 00 | cut -d ' ' -f 1)" 8
t_is "$(filters v0 ingress)" 1

t_begin 'a map of the command line wins over the pin'
bpftool map create "$BPFFS/mine" type array key 4 value 16 entries 8 name mine
t_run 0 tc_loader filter add dev v0 ingress pref 2 handle 1 bpf da obj "$BPF/counter_tc.o" \
	map name traffic pinned "$BPFFS/mine"
t_run 0 tc_loader filter del dev v0 ingress pref 1
t_run 0 ns_run far ping -q -c 2 -i 0.05 10.9.0.1
t_is "$(map_u64s "$BPFFS/mine" 01 00 00 00 | cut -d ' ' -f 1)" 2
t_is "$(map_u64s "$BPFFS/tc/globals/traffic" 01 00 00 00 | cut -d ' ' -f 1)" 8

t_begin 'a dropping program drops, and the packets flow again without it'
t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 protocol ip bpf da \
	obj "$OBJ/verdicts.o" sec drop
t_run 1 ns_run far ping -q -c 1 -W 1 10.9.0.1
t_run 0 tc_loader filter del dev v0 ingress pref 1 handle 1 protocol ip bpf
t_run 0 ns_run far ping -q -c 1 -W 1 10.9.0.1

t_begin 'tail calls of a legacy object survive the loader'
t_run 0 tc_loader qdisc add dev w0 clsact
t_run 0 tc_loader filter add dev w0 ingress pref 1 handle 1 bpf da obj "$LEGACY/tail_calls.o"
t_is "$(bpftool -j prog show id "$(tc -j filter show dev w0 ingress | t_json .[1].options.prog.id)" | t_json .type)" sched_cls
t_run 0 tc_loader qdisc del dev w0 clsact

t_begin 'a program the verifier refuses leaves nothing, and its log is shown'
before=$(state)
t_run 1 tc_loader filter add dev v0 ingress pref 9 bpf da obj "$OBJ/rejected.o"
t_err_has "filter add dev 'v0': object '$OBJ/rejected.o'"
t_err_has 'invalid mem access'
t_out_is ''
t_is "$(state)" "$before" state

t_begin 'verbose tells what was loaded, in the blocks of tc; a second time what was found'
rm -r "$BPFFS/tc/$(sha1sum <"$LEGACY/tail_calls.o" | cut -d ' ' -f 1)"
t_run 0 tc_loader filter add dev v0 egress pref 9 bpf da obj "$LEGACY/tail_calls.o" verbose
t_out_is ''
t_is "$(head -n 8 "$TMP/t_err" | sed 's/([0-9]*)/(FD)/')" "Map object 'jumps' loaded (FD)!
 - Type:         3
 - Identifier:   7
 - Pinning:      1
 - Size key:     4
 - Size value:   4
 - Max elems:    2
 - Flags:        0"
t_err_has " - License:      Dual BSD/GPL

Verifier analysis:

"
t_is "$(grep -c '^Prog section .* loaded ([0-9]*)!$' "$TMP/t_err")" 3
t_is "$(grep -c 'processed .* insns' "$TMP/t_err")" 3 'verifier logs'
t_run 0 tc_loader filter replace dev v0 egress pref 9 handle 1 bpf da \
	obj "$LEGACY/tail_calls.o" verbose
t_err_has "Map 'jumps' loaded as pinned!"
t_run 0 tc_loader filter del dev v0 egress pref 9
t_run 1 tc_loader filter add dev v0 ingress pref 9 bpf da obj "$OBJ/rejected.o" verbose
t_is "$(grep -c 'invalid mem access' "$TMP/t_err")" 1 'refusals in the log'

t_begin 'a filter the kernel refuses leaves no pin of its load'
rm "$BPFFS/tc/globals/traffic"
before=$(state)
t_run 2 tc_loader filter add dev w0 ingress bpf da obj "$BPF/counter_tc.o"
t_is "$(head -n 1 "$TMP/t_err")" \
	"tc_loader: filter add dev 'w0': no clsact qdisc on 'w0'; add one: tc_loader qdisc add dev w0 clsact"
t_is "$(state)" "$before" state

t_begin 'no device: nothing is loaded'
t_run 1 tc_loader filter add dev nope ingress bpf da obj "$BPF/counter_tc.o"
t_err_is "tc_loader: filter add dev 'nope': cannot find device 'nope'; 'ip link' lists the interfaces there are"
t_is "$(state)" "$before" state

t_begin 'egress on an ingress qdisc is refused'
tc qdisc add dev w0 ingress
before=$(state)
for parent in egress 'parent ffff:fff3'; do
	# shellcheck disable=SC2086 # two words
	t_run 2 tc_loader filter add dev w0 $parent bpf da obj "$BPF/counter_tc.o"
	t_err_has "'w0' has an ingress qdisc, which has no egress"
done
t_is "$(state)" "$before" state
t_run 0 tc_loader filter add dev w0 ingress bpf da obj "$OBJ/verdicts.o"
tc qdisc del dev w0 ingress

t_begin 'egress where a clsact was removed: refused, not waited for'
tc qdisc add dev v0 clsact 2>/dev/null || true
tc qdisc del dev v0 clsact
t_run 2 timeout 20 tc_loader filter add dev v0 egress bpf da obj "$OBJ/layout_u64.o" sec tc
t_err_has "no clsact qdisc on 'v0'"
t_run 2 timeout 20 tc_loader filter get dev v0 egress pref 1 handle 1 protocol all bpf
t_run 0 tc_loader qdisc add dev v0 clsact

t_begin 'replace that adds says so; with pref and handle it is silent'
tc qdisc add dev w0 clsact
t_run 0 tc_loader filter replace dev w0 ingress bpf da obj "$OBJ/verdicts.o"
t_err_has "'replace' without pref adds a filter each time"
t_run 0 tc_loader filter replace dev w0 ingress pref 3 bpf da obj "$OBJ/verdicts.o"
t_err_has "'replace' without handle adds a filter each time"
t_run 0 tc_loader filter replace dev w0 ingress pref 3 handle 1 bpf da obj "$OBJ/verdicts.o"
t_err_is ''
t_is "$(filters w0 ingress)" 2

t_begin 'show without a hook prints what tc prints, nothing, and says why'
t_run 0 tc_loader filter show dev w0
t_out_is ''
t_err_has 'name ingress or egress'
t_run 0 tc_loader -j filter show dev w0
t_out_is '[]'
t_run 0 tc_loader filter show dev w0 egress
t_err_is ''

t_begin 'without a section named: classifier, else the only one for tc, else a list'
t_run 0 tc_loader filter add dev w0 egress pref 1 bpf da obj "$OBJ/by_name.o"
t_is "$(tc -j filter show dev w0 egress | t_json .[1].options.bpf_name)" 'by_name.o:[tc]'
t_run 1 tc_loader filter add dev w0 egress pref 2 bpf da obj "$OBJ/cg_types.o"
t_err_has 'cgroup'
t_run 1 tc_loader filter add dev w0 egress pref 2 bpf da obj "$OBJ/verdicts.o" sec nosuch
t_err_has 'drop'

t_begin 'a pin of another kind is refused in words'
bpftool map create "$BPFFS/other" type array key 4 value 4 entries 1 name other
t_run 2 tc_loader filter add dev w0 egress bpf da object-pinned "$BPFFS/other"
t_err_has "object-pinned '$BPFFS/other' is not a program"
t_run 0 bpftool prog load "$OBJ/verdicts.o" "$BPFFS/tc/globals/prog" type classifier
t_run 0 tc_loader filter add dev w0 egress pref 4 bpf da object-pinned m:globals/prog
t_is "$(tc -j filter show dev w0 egress pref 4 | t_json .[1].options.bpf_name)" 'prog:[*fsobj]'

t_begin '-n enters the network namespace and leaves the pins here'
t_run 0 tc_loader -n far qdisc add dev eth0 clsact
t_run 0 tc_loader -n far filter add dev eth0 egress bpf da obj "$LEGACY/counter_elf.o"
t_ok [ -e "$BPFFS/tc/globals/traffic" ]
t_run 0 ns_run far ping -q -c 4 -i 0.05 10.9.0.1
t_is "$(map_u64s "$BPFFS/tc/globals/traffic" 01 00 00 00 | cut -d ' ' -f 1)" 4
t_run 255 tc_loader -n nope qdisc show
t_err_is "tc_loader: network namespace 'nope': No such file or directory; 'ip netns' lists those with a name"

t_begin 'the rest of tc is refused in one line that names tc'
for words in 'class show' 'chain show' 'actions ls' 'm file x' 'qdisc add dev w0 root fq' \
	'filter add dev w0 ingress u32 match' 'filter add dev w0 ingress bpf obj x action ok'; do
	# shellcheck disable=SC2086
	t_run any tc_loader $words
	t_isnt "$T_STATUS" 0 status
	t_err_has 'use tc'
	t_is "$(wc -l <"$TMP/t_err")" 1 'lines on stderr'
done

t_begin 'help is on stderr, as that of tc'
for words in help '-h' 'qdisc help' 'filter help' 'filter add dev w0 help'; do
	# shellcheck disable=SC2086
	t_run 0 tc_loader $words
	t_out_is ''
	t_err_has tc_loader
done
t_run 0 tc_loader -V
t_out_has 'tc_loader utility, iproute2-6.1.0, mapshare-'

t_begin '-c is colour, as the help says'
t_run 0 tc_loader -c qdisc show
t_out_has "$(printf '\033[36mv0 \033[0m')"
