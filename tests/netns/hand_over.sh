#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tc_loader as `tc` in front of the real one: a script, and a batch, with other qdiscs and
# filters in between does what it does under tc; lines about bpf are never left to tc.
#
# differs: hand-over
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

tc=$(command -v tc)
for ns in theirs ours; do
	ns_add $ns
	ip -n $ns link add v0 type veth peer name peer-v0
	ip -n $ns link set v0 up
done
cd "$TMP"
cp "$OBJ/verdicts.o" a.o
mkdir shim
ln -s "$(command -v tc_loader)" shim/tc

numbers() {
	sed -E -e 's/\b(id|load_time|btf_id) [0-9]+/\1 N/g' \
		-e 's/"(id|load_time|btf_id|bytes|packets)":( ?)[0-9]+/"\1":\2N/g' \
		-e 's/Sent [0-9]+ bytes [0-9]+ pkt/Sent N/g' "$1"
}

# through_tc CMD…: with the real tc first in PATH; through_shim: ours in its place.
through_tc() {
	ns_run theirs "$@"
}

through_shim() {
	ns_run ours env PATH="$TMP/shim:$PATH" MAPSHARE_TC="$tc" "$@"
}

both() {
	theirs=0
	through_tc "$@" >tc.out 2>tc.err || theirs=$?
	t_run any through_shim "$@"
	numbers tc.out >tc.text
	numbers t_out >our.text
	[ "$T_STATUS" -eq "$theirs" ] || t_fail "tc's status is $theirs: $(head -n 1 tc.err)"
	cmp -s tc.text our.text || t_fail "stdout differs: $(diff tc.text our.text | head -n 4)"
}

# alike: the kernel's state, read with tc.
alike() {
	printf '%s\n' 'qdisc show dev v0' 'class show dev v0' 'filter show dev v0' \
		'filter show dev v0 parent 1:' 'filter show dev v0 ingress' \
		'filter show dev v0 egress' 'chain show dev v0 ingress' >state
	for ns in theirs ours; do
		ns_run $ns "$tc" -batch state >state.raw
		numbers state.raw >state.$ns
	done
	t_is "$(cat state.ours)" "$(cat state.theirs)"
}

t_begin 'a script of one line after the other'
while read -r line; do
	# shellcheck disable=SC2086
	both tc $line
done <<'END'
qdisc add dev v0 root handle 1: htb default 10
class add dev v0 parent 1: classid 1:10 htb rate 100mbit
class add dev v0 parent 1: classid 1:20 htb rate 10mbit
qdisc add dev v0 parent 1:10 handle 10: tbf rate 10mbit burst 10k latency 50ms
qdisc add dev v0 parent 1:20 handle 20: pfifo limit 7
qdisc add dev v0 clsact
qdisc show dev v0
-s -d qdisc show dev v0
-j qdisc show dev v0
qdisc show dev v0 clsact
qdisc show dev nope
qdisc
filter add dev v0 parent 1: protocol ip prio 1 u32 match ip dport 80 0xffff flowid 1:20
filter add dev v0 ingress pref 5 protocol ip u32 match ip protocol 6 0xff classid 1:1
filter add dev v0 ingress pref 6 bpf da obj a.o
filter add dev v0 ingress pref 7 chain 3 bpf da obj a.o
filter add dev v0 egress pref 8 bpf bytecode '1,6 0 0 4294967295'
filter show dev v0
filter show dev v0 parent 1:
filter show dev v0 ingress
-j -p filter show dev v0 ingress
filter show dev v0 ingress pref 6
filter show dev v0 egress
-br filter show dev v0 parent 1:
filter get dev v0 ingress pref 5 protocol ip handle 800::800 u32
filter get dev v0 ingress pref 6 protocol all handle 1 bpf
chain add dev v0 ingress chain 9
chain show dev v0 ingress
class show dev v0
-s -j class show dev v0
class
actions ls action nosuch
class change dev v0 classid 1:20 htb rate 20mbit
class del dev v0 classid 1:99
filter replace dev v0 ingress pref 5 protocol ip u32 junk
filter add dev v0 ingress nosuch
filter del dev v0 ingress pref 5 protocol ip handle 800::801 u32
filter del dev v0 ingress pref 5
qdisc add dev v0 root nosuch
qdisc add dev nope root pfifo
qdisc change dev v0 parent 1:20 handle 20: pfifo limit 9
qdisc del dev v0 parent 1:10
qdisc del dev v0 handle 77: root
nosuch
class nosuch
END
alike
t_is "$(ns_run ours "$tc" filter show dev v0 ingress | grep -c 'a.o:\[classifier\]')" 2
both tc qdisc del dev v0 root
both tc qdisc del dev v0 parent ffff:fff1
alike

t_begin 'a batch that mixes them, in order'
cat >mixed <<'END'
qdisc add dev v0 root handle 1: htb default 10 # the tree
qdisc show dev v0
class add dev v0 parent 1: classid 1:10 htb rate 100mbit
qdisc add dev v0 clsact
filter add dev v0 ingress pref 1 u32 match u32 0 0 \
  classid 1:1
filter show dev v0 ingress
filter add dev v0 ingress pref 2 bpf da obj "a.o"
qdisc show dev v0 clsact
filter show dev v0 ingress
filter show dev v0 ingress pref 2
class show dev v0
END
both tc -b mixed
t_is "$(t_out | wc -l)" "$(wc -l <tc.out)"
alike
both tc -j -b mixed
printf '%s\n' 'qdisc show dev v0' 'class show dev v0 root' 'filter show dev v0 ingress' >lists
for options in '' -j '-j -p' -s -d; do
	# shellcheck disable=SC2086
	both tc $options -b lists
done
printf '%s\n' 'class show dev v0' 'class del dev v0 classid 1:99' 'qdisc show dev v0 clsact' \
	'qdisc del dev v0 root' >broken
both tc -b broken
t_err_has 'Command failed broken:2'
alike
both tc -force -b broken
t_err_has 'Command failed broken:2'
t_err_lacks 'broken:4'
alike

t_begin '-n is entered for both, and is not seen by tc'
t_run 0 tc_loader -n ours --hand-over "$tc" qdisc add dev v0 root handle 1: htb
t_is "$(tc -n ours qdisc show dev v0 root | cut -d ' ' -f 2)" htb
printf 'qdisc show dev v0\nclass show dev v0\n' >lists
tc -n ours -b lists >want
t_run 0 tc_loader --hand-over="$tc" -n ours -b lists
t_out_is "$(cat want)"
t_run 0 tc_loader -n ours -force --hand-over /bin/echo class show
t_out_is 'class show'

t_begin 'which lines are handed over'
echo=/bin/echo
while read -r line; do
	# shellcheck disable=SC2086
	t_run 0 tc_loader --hand-over "$echo" $line
	t_out_is "$line"
	t_err_is ''
done <<'END'
class
cl show dev v0
chain
actions ls
action add action bpf obj a.o
monitor
m file x
exec nosuch
nosuch
qdisc nosuch
qdisc add dev v0 root fq_codel
qdisc add dev v0 root handle 1: prio help
qdisc add dev v0 stab overhead 4 root tbf
qdisc replace dev v0 parent zz fq
qdisc del dev v0 root
qdisc del dev v0
qdisc add dev v0 parent ffff:fff1
filter nosuch
filter add dev v0 ingress flower
filter add dev v0 ingress est 1s 2s matchall action bpf obj a.o
filter add dev v0 protocol nosuch parent zz basic
filter replace dev v0 ingress pref 1 handle 800::1 u32 help
filter del dev v0 ingress pref 1 fw
filter get dev v0 ingress cgroup
END
while read -r line; do
	# shellcheck disable=SC2086
	t_run any tc_loader --hand-over "$echo" $line
	t_out_lacks "$line"
	t_err_has tc_loader
done <<'END'
help
qdisc help
qdisc add help
qdisc add dev nope clsact
qdisc add clsact dev nope
qdisc add dev nope handle 1: ingress
qdisc del dev nope parent ffff:fff1
qdisc add devs v* root fq
qdisc show dev nope
filter help
filter add dev nope ingress bpf obj a.o
filter add dev v0 ingress bpf obj a.o action ok
filter add dev v0 ingress est 1s 2s bpf da obj a.o
filter add dev nope ingress
filter del dev nope ingress pref 1
filter add devs v* ingress flower
filter show dev nope
exec bpf help
exec help
object show nope.o
map show id 0
share check nosuch
END
t_run 0 tc_loader -s -stats -d -r -p -g -ie -j -o -N -br -t -ts -c -color=auto -cf /f -na \
	--strict-names --hand-over "$echo" nosuch
t_out_is "-statistics -stats -details -raw -pretty -graph -iec -json -oneline -Numeric -brief -timestamp -tshort -color -color=auto -cf /f -names nosuch"
t_run 0 env MAPSHARE_TC=/nope tc_loader --hand-over "$echo" class
t_out_is class
t_run 0 env MAPSHARE_TC=/nope tc_loader qdisc show dev lo

t_begin 'the words as they are, nothing of ours besides'
cat >class <<'END'
printf '<%s>' "$@"
read -r rest || :
printf '{%s}\n' "$rest"
END
bash=$(command -v bash)
printf '%s\n' "class 'a  b' \"\$(id)\" '' *" 'class 2' >words
t_run 0 tc_loader --hand-over "$bash" -b words </dev/null
# shellcheck disable=SC2016
t_out_is '<a  b><$(id)><><*>{}
<2>{}'
t_run 0 tc_loader --hand-over "$bash" -b - <words
t_is "$(t_out | wc -l)" 2
t_run 0 tc_loader --hand-over "$bash" -b words <a.o
printf '%s\n' 'qdisc show dev v0 clsact' 'filter add dev v0 ingress bpf da obj a.o' /proc/self/fd >words
t_run 0 ns_run ours tc_loader --hand-over "$(command -v ls)" -b words
ns_run ours ls /proc/self/fd >want
t_is "$(t_out | tail -n +2)" "$(cat want)" descriptors
grep SigBlk /proc/self/status >blocked
grep SigIgn /proc/self/status >ignored
printf 'SigBlk /proc/self/status\nSigIgn /proc/self/status\n' >words
t_run 0 tc_loader --hand-over "$(command -v grep)" -b words
t_out_is "$(cat blocked ignored)"
# shellcheck disable=SC2016
echo 'echo $$' >class
# shellcheck disable=SC2016
t_run 0 bash -c 'echo $$; exec tc_loader --hand-over "$1" class' - "$bash"
t_is "$(t_out | sort -u | wc -l)" 1
echo 'exit 42' >class
t_run 42 tc_loader --hand-over "$bash" class
echo 'exit 255' >class
printf 'class\nqdisc show dev lo clsact\nclass\n' >words
t_run 1 tc_loader -force --hand-over "$bash" -b words
t_err_has 'Command failed words:1'
t_err_has 'Command failed words:3'
# shellcheck disable=SC2016
echo 'kill -KILL $$' >class
echo class >words
t_run 1 tc_loader --hand-over "$bash" -b words
t_err_has "'$bash' was ended by signal 9"
t_err_has 'Command failed words:1'

t_begin 'killed, it leaves nothing running'
# shellcheck disable=SC2016
echo 'echo $$ >pid; mv pid child; while :; do read -r -t 1 x <>fifo || :; done' >class
mkfifo fifo
tc_loader --hand-over "$bash" -b words &
parent=$!
wait_for 5 [ -e child ]
kill -KILL $parent
wait $parent 2>/dev/null || :
gone() {
	! kill -0 "$(cat child)" 2>/dev/null
}
wait_for 5 gone || t_fail 'the child goes on'

t_begin 'only a program that nobody but root can exchange'
umask 022
mount -t tmpfs -o mode=0755 tmpfs /mnt
on_exit 'umount -l /mnt'
cp "$echo" /mnt/tc
t_run 0 tc_loader --hand-over /mnt/tc class
# refused TEXT PATH
refused_tc() {
	t_run 255 tc_loader --hand-over "$2" class
	t_err_has "$1"
	t_out_is ''
	echo 'qdisc show dev lo' >words
	t_run 255 env MAPSHARE_TC="$2" tc_loader -b words
	t_err_has "$1"
	t_out_is ''
}
refused_tc "'mnt/tc' is not an absolute path" mnt/tc
refused_tc "'tc' is not an absolute path" tc
refused_tc "'/mnt/none': No such file" /mnt/none
refused_tc "'/mnt/tc': Not a directory" /mnt/tc/
refused_tc "'/mnt' is not a file" /mnt
refused_tc "'/' is not a file" /
for mode in 0757 0775 4757; do
	chmod $mode /mnt/tc
	refused_tc "file '/mnt/tc' of uid 0 has mode $mode: others could" /mnt/tc
	t_err_has "chmod go-w /mnt/tc"
done
chmod 0644 /mnt/tc
refused_tc "file '/mnt/tc' of uid 0 has mode 0644: it is not executable" /mnt/tc
chmod 0755 /mnt/tc
chown 1 /mnt/tc
refused_tc "file '/mnt/tc' belongs to uid 1 (mode 0755)" /mnt/tc
chown 0 /mnt/tc
mkdir -p /mnt/d/e
cp "$echo" /mnt/d/e/tc
for mode in 1777 0775; do
	chmod $mode /mnt/d
	refused_tc "directory '/mnt/d' of uid 0 has mode $mode" /mnt/d/e/tc
done
chmod 0755 /mnt/d
ln -s d/e/tc /mnt/link
t_run 0 tc_loader --hand-over /mnt/link class
chown -h 1 /mnt/link
refused_tc "link '/mnt/link' belongs to uid 1" /mnt/link
chown -h 0 /mnt/link
chown 1 /mnt/d
refused_tc "directory '/mnt/d' belongs to uid 1" /mnt/link
ln -s loop /mnt/loop
refused_tc "link '/mnt/loop': Too many levels" /mnt/loop
printf '#!/bin/sh\n' >/mnt/script
chmod 0755 /mnt/script
t_run 255 tc_loader --hand-over /mnt/script class
t_err_has "'/mnt/script' is a script"
echo class >words
t_run 1 tc_loader --hand-over /mnt/script -b words
t_err_has "'/mnt/script' is a script"

t_begin 'never ourselves, under whatever name'
cp "$(command -v tc_loader)" /mnt/real
ln /mnt/real /mnt/hard
ln -s /mnt/real /mnt/soft
for name in real hard soft; do
	t_run 255 env MAPSHARE_TC=/mnt/$name /mnt/real class
	t_err_has "'/mnt/$name' (uid 0, mode 0755) is this very program"
	t_run 255 env MAPSHARE_TC=/mnt/real "/mnt/$name" class
	t_err_has "'/mnt/real' (uid 0, mode 0755) is this very program"
done

t_begin 'what was looked at is what runs'
cp "$bash" /mnt/sh
echo "mv /mnt/sh /mnt/sh.old && cp /bin/false /mnt/sh" >class
echo 'echo still' >chain
printf 'class\nchain\n' >words
t_run 0 tc_loader --hand-over /mnt/sh -b words
t_out_is still

t_begin 'a setuid program takes none from its caller'
chmod 4755 /mnt/real
mkdir /mnt/home
cd /mnt/home
as_nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}
t_run 255 as_nobody env MAPSHARE_TC="$echo" /mnt/real class
t_err_has "'class' is not offered here"
t_run 255 as_nobody /mnt/real --hand-over "$echo" class
t_err_has 'setuid'
t_out_is ''
cd "$TMP"

t_begin 'without it nothing is run, and the way is named'
for line in class 'qdisc add dev lo root fq' 'filter add dev lo ingress u32' 'monitor file x' \
	'qdisc del dev lo root'; do
	# shellcheck disable=SC2086
	t_run any env MAPSHARE_TC= tc_loader $line
	t_isnt "$T_STATUS" 0
	t_err_has 'use tc'
	t_err_has 'or --hand-over'
done
t_run 0 ns_run ours tc_loader qdisc show dev v0
t_err_has "options of qdisc 'htb' are not shown; use tc, or --hand-over"
for words in --hand-over --hand-over=; do
	t_run 255 tc_loader $words
	t_err_has "'--hand-over' needs a value"
done
