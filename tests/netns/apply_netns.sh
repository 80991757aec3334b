#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Places in other network namespaces, by name and by pattern: each is entered once, nothing ever
# ends up in ours, also where answers get lost; what went with a namespace is forgotten.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair

PAIR=$(own_word pair)_hits_00000
STATE=$TMP/state
ns_add n1
ns_add n2
for ns in n1 n2; do
	ip -n $ns link add v0 type veth peer name v1
done
dev_add v0
cat >"$TMP/acct.yaml" <<END
name: acct
objects:
  pair: { file: $OBJ/pair_btf_name.o }
maps:
  $PAIR: { shared: yes }
tc:
  - { object: pair, netns: [ "n*", nosuch ], interfaces: [ v0 ], hook: ingress }
END
APPLY=(tc_loader apply --state-dir "$STATE" "$TMP/acct.yaml")

there() {
	ip netns exec "$1" tc filter show dev v0 ingress | grep -c 'handle 0x' || :
}

t_begin 'both namespaces have it, ours has not; a name that is missing is pending'
t_run 0 "${APPLY[@]}"
t_out_has 'pending'
t_out_has 'nosuch'
t_is "$(there n1) $(there n2)" '1 1'
t_is "$(tc qdisc show dev v0 clsact)" ''
t_run 0 tc_loader check --state-dir "$STATE" "$TMP/acct.yaml"

t_begin 'a second name of a namespace is no second place'
touch /run/netns/n3
mount --bind /run/netns/n2 /run/netns/n3
t_run 0 tc_loader check --state-dir "$STATE" "$TMP/acct.yaml"
umount -l /run/netns/n3
rm /run/netns/n3

t_begin 'a namespace that is another one by now: applied there, what was in the old one forgotten'
# Made while the old one is there, whose inode number it would get.
ip netns add next
ip netns del n2
: >/run/netns/n2
mount --bind /run/netns/next /run/netns/n2
umount -l /run/netns/next
rm /run/netns/next
ip -n n2 link add v0 type veth peer name v1
t_run 1 tc_loader check --state-dir "$STATE" "$TMP/acct.yaml"
t_run 0 "${APPLY[@]}"
t_out_has forget
t_is "$(there n1) $(there n2)" '1 1'
t_run 0 tc_loader check --state-dir "$STATE" "$TMP/acct.yaml"

t_begin 'one that is no longer named is detached there'
sed -i 's/netns: .*nosuch \]/netns: n2/' "$TMP/acct.yaml"
t_run 0 "${APPLY[@]}"
t_is "$(there n1) $(there n2)" '0 1'
t_run 0 tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml"
t_is "$(there n2)" 0

# An answer that is still there is read again: lost is what cannot be read four times.
t_begin 'lost answers: all of it or nothing, and there'
command -v strace >/dev/null || t_skip strace 'strace makes answers disappear'
sed -i 's/netns: n2/netns: "n*"/' "$TMP/acct.yaml"
done_in=0
for nth in 5 6 7 8 9 10 11 12 13 14 15 16; do
	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=recvmsg \
		-e "inject=recvmsg:error=ENOBUFS:when=$nth..$((nth + 3))" "${APPLY[@]}" >"$TMP/out" 2>&1 || :
	case "$(there n1)$(there n2)" in
	11) done_in=$((done_in + 1)) ;;
	00) ;;
	*) t_fail "answer $nth: $(there n1) $(there n2)" ;;
	esac
	t_is "$(tc qdisc show dev v0 clsact)" '' "nothing here, answer $nth"
	t_run 0 "${APPLY[@]}"
	t_is "$(there n1) $(there n2)" '1 1'
	t_run 0 tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml"
done
t_ok [ $done_in -gt 0 ]

# lost NTH CMD…: the answer lost is the NTH; calls are in $TMP/calls, and more words for strace in $FAIL.
lost() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e signal=none -e trace=recvmsg,ioctl -o "$TMP/calls" \
		-e "inject=recvmsg:error=ENOBUFS:when=$1..$(($1 + 3))" ${FAIL:+-e "$FAIL"} "${@:2}" >"$TMP/out" 2>&1
}

t_begin 'a lost answer, and whose namespace the socket is in is not told: ours is not asked instead'
asked=0
for nth in 13 14 15 16 17 18; do
	FAIL='' lost "$nth" "${APPLY[@]}" || :
	t_run any tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml"
	number=$(awk 'NR == 1 { pid = $1 } $1 == pid && $2 ~ /^ioctl/ { n++ } $1 == pid && /SIOCGSKNS/ { print n; exit }' "$TMP/calls")
	[ -n "$number" ] || continue
	FAIL=inject=ioctl:error=ENFILE:when=$number lost "$nth" "${APPLY[@]}" || :
	if grep -q 'SIOCGSKNS.*INJECTED' "$TMP/calls"; then
		asked=$((asked + 1))
		grep -q 'unknown whether the filter is .*in place' "$TMP/out" || t_fail "answer $nth: $(cat "$TMP/out")"
	fi
	# What may stand is in the record.
	t_run any tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml"
	t_is "$(there n1) $(there n2)" '0 0'
done
t_ok [ $asked -gt 0 ]

t_begin 'nor is it told then whether a clsact is in place, and this is said'
asked=0
for nth in 9 10 11 12; do
	for ns in n1 n2; do
		tc -n "$ns" qdisc del dev v0 clsact 2>/dev/null || :
	done
	FAIL=inject=ioctl:error=ENFILE:when=2+ lost "$nth" "${APPLY[@]}" || :
	! grep -q 'add clsact to dev .*unknown whether it is in place' "$TMP/out" || asked=$((asked + 1))
	t_run any tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml"
done
t_ok [ $asked -gt 0 ]

t_begin 'a namespace whose name is not seen, or was taken away, is found by who keeps it: remove detaches there'
printf 'name: unseen\nobjects: { pair: { file: %s } }\ntc: [ { object: pair, netns: n1, interfaces: v0, hook: ingress, preference: 77 } ]\n' \
	"$OBJ/pair_btf_name.o" >"$TMP/unseen.yaml"
APPLY=(tc_loader apply --state-dir "$STATE" "$TMP/unseen.yaml")
REMOVE=(tc_loader remove --state-dir "$STATE" "$TMP/unseen.yaml")
filters=$(there n1)
for hide in /run /run/netns; do
	t_run 0 "${APPLY[@]}"
	t_is "$(there n1)" $((filters + 1))
	t_run 0 unshare -m --propagation private sh -c 'mount -t tmpfs t "$0" && exec "$@"' $hide "${REMOVE[@]}"
	t_out_has 'detach'
	t_is "$(there n1)" "$filters"
done
t_run 0 "${APPLY[@]}"
ip netns exec n1 sleep 60 &
inside=$!
on_exit "kill $inside 2>/dev/null"
inside_is_n1() { [ "$(stat -Lc %i "/proc/$inside/ns/net")" = "$(stat -Lc %i /run/netns/n1)" ]; }
t_ok wait_for 5 inside_is_n1
ip netns del n1
t_run 0 "${REMOVE[@]}"
t_out_has 'detach'
t_is "$(nsenter -t "$inside" -n tc filter show dev v0 ingress | grep -c 'handle 0x' || :)" "$filters"
kill "$inside"
wait "$inside" 2>/dev/null || :

t_begin 'one that was deleted is forgotten'
ip netns add n1
ip -n n1 link add v0 type veth peer name v1
t_run 0 "${APPLY[@]}"
ip netns del n1
t_run 0 "${REMOVE[@]}"
t_out_has 'forget'
ns_add n1
ip -n n1 link add v0 type veth peer name v1

t_begin 'where a mount covers what leads to it, or nothing does and no names are seen, no namespace is gone: remove is refused'
t_run 0 "${APPLY[@]}"
for words in "true it is still there" "umount /run/netns cannot be seen here"; do
	t_run 255 unshare -m -p -f --mount-proc --propagation private \
		sh -c '$0 -R -l /run/netns; mount -t tmpfs t /run && "$@"' "${words%% *}" "${REMOVE[@]}"
	t_err_has "network namespace 'n1': ${words#* }"
done
t_is "$(there n1)" 1
t_run 0 "${REMOVE[@]}"
t_is "$(there n1)" 0
