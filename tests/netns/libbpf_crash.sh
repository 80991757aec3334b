#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# BTF whose types are out of range crashes some versions of libbpf: object show and object
# convert say so and live on, and so does a load of a file that others may write.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

# spoilt DIR: jumps.o once for every word of its types, that word 256 larger.
spoilt() {
	mkdir "$1"
	$LIB_PYTHON - "$OBJ/jumps.o" "$1" <<'END'
import struct, sys
data = open(sys.argv[1], 'rb').read()
table, = struct.unpack_from('<Q', data, 40)
count, names = struct.unpack_from('<HH', data, 60)
sections = [struct.unpack_from('<IIQQQQIIQQ', data, table + 64 * i) for i in range(count)]
name = lambda s: data[sections[names][4] + s[0]:].split(b'\0', 1)[0]
btf = next(s for s in sections if name(s) == b'.BTF')
header, begin, size = struct.unpack_from('<III', data, btf[4] + 4)
begin += btf[4] + header
for at in range(begin, begin + min(size, 1200), 4):
    copy = bytearray(data)
    copy[at + 1] = (copy[at + 1] + 1) % 256
    open('%s/%d.o' % (sys.argv[2], at), 'wb').write(copy)
END
}

t_begin 'no object ends object show by a signal'
spoilt "$TMP/spoilt"
: >"$TMP/crashed"
for object in "$TMP"/spoilt/*.o; do
	t_run any cgroup_loader object show "$object"
	t_is "$((T_STATUS == 0 || T_STATUS == 255))" 1
	! grep -q "libbpf crashes on it" "$TMP/t_err" || echo "$object" >>"$TMP/crashed"
done
echo "libbpf crashes on $(wc -l <"$TMP/crashed") of $(find "$TMP/spoilt" -name "*.o" | wc -l)"

t_begin 'nor object convert, which leaves its output alone'
echo old >"$TMP/out"
while read -r object; do
	t_run 255 cgroup_loader object convert "$object" "$TMP/out"
	t_err_has 'the converted object cannot be used'
	t_is "$(cat "$TMP/out")" old
done <"$TMP/crashed"

t_begin 'nor a load of what others may write, which leaves nothing behind'
dev_add v0
tc qdisc add dev v0 clsact
find "$BPFFS" >"$TMP/before"
# By another owner, and by a mode that lets others write.
while read -r object; do
	chown nobody "$object"
	t_run 255 cgroup_loader prog loadall "$object" "$BPFFS/never"
	t_err_has "object '$object': libbpf crashes on it (signal 11)"
	t_run 255 cgroup_loader cgroup attach "$CG" egress obj "$object"
	t_err_has 'libbpf crashes on it'
	chown root "$object"
	chmod 664 "$object"
	t_run 1 tc_loader filter add dev v0 ingress bpf da obj "$object"
	t_err_has 'libbpf crashes on it'
	t_run 255 cgroup_loader -j prog load "$object" "$BPFFS/never"
	t_is "$(t_out | t_json .error | grep -c 'libbpf crashes on it')" 1
done <"$TMP/crashed"
find "$BPFFS" >"$TMP/after"
t_ok cmp "$TMP/before" "$TMP/after"

t_begin 'while good ones of another owner load as ever'
cp "$OBJ/layout_u64.o" "$TMP/theirs.o"
chown nobody "$TMP/theirs.o"
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$TMP/theirs.o"
t_is "$(filters v0 ingress)" 1

# stopped PID: it is. let_go PID: that long it goes on, until it has a child that is stopped, too.
stopped() {
	[[ $(sed 's/.*) //' "/proc/$1/stat") == [tT]* ]]
}

let_go() {
	! stopped "$1" || kill -CONT "$1"
	child=$(pgrep -P "$1") && stopped "$child"
}

# At its first call, and the first one of the child it starts; under ASan there are more.
t_begin 'the process that tries it is ended: nothing is known of the object'
if command -v strace >"$TMP/null"; then
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/stopped" -e trace=prlimit64 \
		-e inject=prlimit64:signal=STOP \
		cgroup_loader object show "$OBJ/jumps.o" >"$TMP/show_out" 2>"$TMP/show_err" &
	traced=$!
	on_exit 'kill -9 $traced 2>/dev/null'
	wait_for 20 pgrep -P $traced >"$TMP/tool" || t_fail 'it does not start'
	read -r tool <"$TMP/tool"
	on_exit 'kill -9 $tool 2>/dev/null'
	t_ok wait_for 20 let_go "$tool"
	kill -KILL "$(pgrep -P "$tool")"
	status=0
	wait $traced || status=$?
	t_is "$status" 255
	t_is "$(sed 's/.*jumps.o.: //' "$TMP/show_err")" \
		'whether libbpf can read it is not known: the process that tries it was ended (signal 9)'
fi
