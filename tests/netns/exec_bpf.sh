#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Maps handed over by datagram, in both directions against the machine's tc and against bytes
# made by hand; programs put into slots of pinned prog arrays; the trace.
#
# differs: export-of-nothing
# differs: import-socket
# differs: unknown-exec-word
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

SOCK=$TMP/sock
JUMPS=$BPFFS/tc/globals/graft_jumps
STAGES=$BPFFS/tc/globals/graft_stages

# importer TOOL CMD…: TOOL's import waits at $SOCK in the background and will run CMD.
importer() {
	tool=$1
	shift
	start "$tool" exec bpf import "$SOCK" run "$@" >"$TMP/imported" 2>&1
	t_ok wait_for 5 [ -S "$SOCK" ]
}

# import_ends STATUS: the importer has ended with it, and its socket is gone.
import_ends() {
	status=0
	wait "$STARTED" || status=$?
	[ "$status" -eq "$1" ] || sed 's/^/    /' "$TMP/imported"
	t_is "$status" "$1" 'status of the importer'
	t_ok [ ! -e "$SOCK" ]
}

# What an importer tells about the maps it got: "ID map MAP_ID" for each, then the number.
cat >"$TMP/report" <<'END'
env | sed -n 's/^BPF_MAP\([0-9]*\)=\([0-9]*\)$/\1 \2/p' | sort -n | while read -r id fd; do
	echo "$id map $(sed -n 's/^map_id:[^0-9]*//p' "/proc/$$/fdinfo/$fd")"
done
echo "maps $BPF_NUM_MAPS"
END

imported_is() {
	t_is "$(cat "$TMP/imported")" "$1" 'what the importer got'
}

# send VERSION NUMBER ID… fds PIN…: a datagram that claims NUMBER maps and defines those with
# the given ids, with the fds of the pins beside it.
cat >"$TMP/send.py" <<'END'
import array, ctypes, os, socket, struct, sys
libbpf = ctypes.CDLL("libbpf.so.1", use_errno=True)
words = sys.argv[2:]
version, claimed = int(words[0]), int(words[1])
at = words.index("fds")
message = struct.pack("=HH64s4xQQ", version, claimed, b"dir/made_by_hand.o", 0x801, 4711)
for map_id in words[2:at]:
    message += struct.pack("=9I", 2, 4, 8, 16, 0, int(map_id), 2, 0, 0)
fds = [libbpf.bpf_obj_get(pin.encode()) for pin in words[at + 1:]]
assert all(fd >= 0 for fd in fds), fds
peer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
peer.connect(sys.argv[1])
rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
peer.sendmsg([message], rights)
END

send() {
	t_run 0 "$LIB_PYTHON" "$TMP/send.py" "$SOCK" "$@"
}

# slot N: the program id in a slot of $JUMPS, 'empty' without one.
slot() {
	lib_json=$(bpftool -j map lookup pinned "$JUMPS" key hex "0$1" 00 00 00 2>/dev/null) || {
		echo empty
		return
	}
	# "value":["0x39","0x05","0x00","0x00"], little-endian
	lib_hex=$(printf '%s' "$lib_json" | sed 's/.*"value":\["0x\(..\)","0x\(..\)","0x\(..\)".*/\3\2\1/')
	printf '%d\n' "0x$lib_hex"
}

# prog_name SLOT
prog_name() {
	lib_json=$(bpftool -j prog show id "$(slot "$1")")
	printf '%s' "$lib_json" | t_json .name
}

dev_add v0
t_run 0 tc_loader qdisc add dev v0 clsact

# --- export -----------------------------------------------------------------------------------

t_begin "the machine's tc receives what export sends, ids and maps"
importer tc sh "$TMP/report"
t_run 0 tc_loader filter add dev v0 ingress pref 1 bpf da obj "$LEGACY/graft.o" export "$SOCK"
import_ends 0
imported_is "0 map $(map_id "$STAGES")
9 map $(map_id "$JUMPS")
maps 2"
t_is "$(filters v0 ingress)" 1

t_begin 'our import receives the same; TC_BPF_UDS wins over the word'
importer tc_loader sh "$TMP/report"
TC_BPF_UDS=$SOCK t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 \
	bpf da obj "$LEGACY/graft.o" export "$TMP/nobody"
import_ends 0
imported_is "0 map $(map_id "$STAGES")
9 map $(map_id "$JUMPS")
maps 2"
t_err_has "export '$TMP/nobody' gives way to TC_BPF_UDS"

t_begin 'maps without ids of their own get numbers'
importer tc sh "$TMP/report"
t_run 0 tc_loader filter add dev v0 ingress pref 2 bpf da obj "$OBJ/by_name.o" sec tc \
	export "$SOCK"
import_ends 0
t_is "$(sed -n 's/ map.*//p' "$TMP/imported" | tr '\n' ' ')" '0 1 '
t_is "$(grep -c " map $(map_id "$BPFFS/tc/globals/by_name_hits")\$" "$TMP/imported")" 1

t_begin 'an object without maps does not leave the importer waiting'
importer tc_loader sh "$TMP/report"
t_run 0 tc_loader filter add dev v0 ingress pref 3 bpf da obj "$OBJ/no_maps.o" export "$SOCK"
import_ends 0
imported_is 'maps 0'
importer tc true
t_run 0 tc_loader filter add dev v0 ingress pref 4 bpf da obj "$OBJ/no_maps.o" export "$SOCK"
import_ends 255

t_begin 'nobody listens: no filter, no pins'
rm "$JUMPS" "$STAGES"
before=$(filters v0 egress)
t_run 1 tc_loader filter add dev v0 egress bpf da obj "$LEGACY/graft.o" export "$TMP/nobody"
t_err_has "export '$TMP/nobody': connect to '$TMP/nobody': No such file or directory"
t_is "$(filters v0 egress)" "$before"
t_ok [ ! -e "$JUMPS" ]
t_ok [ ! -e "$STAGES" ]

t_begin 'export belongs to an object'
t_run 1 tc_loader filter add dev v0 egress bpf da bytecode '1,6 0 0 0' export "$SOCK"
t_err_has "belong to an object; add 'object-file FILE'"

# --- import -----------------------------------------------------------------------------------

t_run 0 tc_loader filter add dev v0 egress pref 1 bpf da obj "$LEGACY/graft.o"

t_begin 'import receives bytes made by hand; the command is found in PATH and gets the fds'
importer tc_loader sh "$TMP/report"
send 1 2 7 4000000000 fds "$STAGES" "$JUMPS"
import_ends 0
imported_is "7 map $(map_id "$STAGES")
4000000000 map $(map_id "$JUMPS")
maps 2"

t_begin "the command's exit status is the importer's; no other descriptor is handed on"
# shellcheck disable=SC2016 # expanded by the inner shell
importer tc_loader sh -c 'ls -l /proc/$$/fd; exit 7'
send 1 1 3 fds "$STAGES"
import_ends 7
t_is "$(grep -c 'socket:\|anon_inode:' "$TMP/imported")" 1 'sockets and anonymous descriptors'
t_is "$(grep -c 'anon_inode:bpf-map' "$TMP/imported")" 1 'maps'

t_begin 'messages that are refused'
for words in '2 1 3 fds' '1 2 3 fds' '1 1 3 fds' '1 0 3 fds' '1 65 3 fds'; do
	importer tc_loader true
	# shellcheck disable=SC2086 # words
	case $words in
	'1 1 3 fds') send $words "$STAGES" "$JUMPS" ;;
	*) send $words "$STAGES" ;;
	esac
	import_ends 255
	t_is "$(wc -l <"$TMP/imported")" 1 'lines of the error'
done
importer tc_loader true
send 1 1 3 fds
import_ends 255
imported_is "tc_loader: exec: import '$SOCK': 0 descriptors came with 1 maps"

t_begin 'a command that does not exist'
importer tc_loader "$TMP/no_such_command"
send 1 1 3 fds "$STAGES"
import_ends 255
imported_is "tc_loader: exec: run '$TMP/no_such_command': No such file or directory"

t_begin 'a signal ends the wait and takes the socket along'
for signal in TERM=143 HUP=129 INT=130; do
	want=${signal#*=}
	signal=${signal%=*}
	# Background jobs of a shell ignore SIGINT; env gives it back.
	start env "--default-signal=$signal" tc_loader exec bpf import "$SOCK" >"$TMP/imported" 2>&1
	t_ok wait_for 5 [ -S "$SOCK" ]
	kill -s "$signal" "$STARTED"
	status=0
	wait "$STARTED" || status=$?
	t_is "$status" "$want" "status after SIG$signal"
	t_ok [ ! -e "$SOCK" ]
done

t_begin 'a path that exists stays as it is'
echo mine >"$SOCK"
t_run 255 tc_loader exec bpf import "$SOCK" run true
t_err_is "tc_loader: exec: import '$SOCK': make the socket '$SOCK': File exists"
t_is "$(cat "$SOCK")" mine
rm "$SOCK"

t_begin 'a path too long for a socket is not cut'
t_run 255 tc_loader exec bpf import "$TMP/$(printf '%0108d' 1)" run true
t_err_has 'the path of a socket has at most 107 bytes'

# --- graft ------------------------------------------------------------------------------------

t_begin 'a program goes into the slot that is named'
t_is "$(prog_name 0)" planted
t_run 0 tc_loader exec bpf graft m:globals/graft_jumps key 0 obj "$LEGACY/graft_new.o" \
	section replacement
t_err_is ''
t_is "$(prog_name 0)" swapped_in
t_is "$(prog_name 1)" added

t_begin 'without key the section tells the slot; the map as a path'
old=$(slot 1)
t_run 0 tc_loader exec bpf gra "$JUMPS" obj "$LEGACY/graft_new.o" sec 9/1
t_isnt "$(slot 1)" "$old"
t_is "$(prog_name 1)" added
t_is "$(prog_name 0)" swapped_in

t_begin "a pinned program; the machine's tc does the same"
bpftool prog load "$OBJ/no_maps.o" "$BPFFS/tc/pinned_one" type classifier
t_run 0 tc_loader exec bpf graft m:globals/graft_jumps key 0x1 object-pinned m:pinned_one
t_is "$(prog_name 1)" no_maps
ours=$(slot 1)
t_run 0 tc exec bpf graft m:globals/graft_jumps key 0 object-pinned m:pinned_one
t_is "$(slot 0)" "$ours"

t_begin 'slots that cannot be told'
t_run 234 tc_loader exec bpf graft "$JUMPS" obj "$LEGACY/graft_new.o" sec replacement
t_err_is "tc_loader: exec: graft '$JUMPS': section 'replacement' is not of the form ID/KEY; add 'key KEY'"
t_run 234 tc_loader exec bpf graft "$JUMPS" object-pinned m:pinned_one
t_err_has "add 'key KEY'"
t_is "$(slot 0)" "$ours"

t_begin 'maps that are none'
t_run 234 tc_loader exec bpf graft "$STAGES" key 0 object-pinned m:pinned_one
t_err_has "'$STAGES' is not a prog array"
t_err_has 'value_size 8/4'
t_run 255 tc_loader exec bpf graft m:pinned_one key 0 object-pinned m:pinned_one
t_err_has 'is not a map'
t_run 255 tc_loader exec bpf graft m:globals/nope key 0 object-pinned m:pinned_one
t_err_has "'$BPFFS/tc/globals/nope': No such file or directory"
t_run 255 tc_loader exec bpf graft "$JUMPS" key 0 object-pinned m:globals/graft_jumps
t_err_has 'is not a program'

t_begin 'slots and types that do not fit'
t_run 255 tc_loader exec bpf graft "$JUMPS" key 2 object-pinned m:pinned_one
t_err_has 'slot 2 is out of bounds, max_entries 2'
t_run 255 tc_loader exec bpf graft "$JUMPS" key 0 obj "$OBJ/no_maps.o" type act sec classifier
t_err_has "slot 0 refuses program 'no_maps'"
t_is "$(slot 0)" "$ours"

t_begin 'a graft that fails leaves no pins and no slots behind'
one=$(slot 1)
t_run 255 tc_loader exec bpf graft "$JUMPS" key 9 obj "$LEGACY/graft_new.o" sec replacement
t_is "$(slot 1)" "$one" 'slot 1, which section 9/1 fills'
rm "$JUMPS"
t_run 255 tc_loader exec bpf graft m:globals/nope key 0 obj "$LEGACY/graft_new.o" \
	sec replacement
t_ok [ ! -e "$JUMPS" ]

t_begin 'the map may be one that the object itself brings'
t_run 0 tc_loader exec bpf graft m:globals/graft_jumps key 0 obj "$LEGACY/graft_new.o" \
	sec replacement
t_is "$(prog_name 0)" swapped_in
t_is "$(prog_name 1)" added

t_begin "statuses are those of the machine's tc"
while read -r line; do
	status=0
	# shellcheck disable=SC2086 # words
	tc exec $line >/dev/null 2>&1 </dev/null || status=$?
	# shellcheck disable=SC2086
	t_run "$status" tc_loader exec $line
done <<END

help
he
b
bpf
bpf junk
bpf help
bpf import
bpf import $TMP/nowhere/sock
bpf import $TMP/report run true
bpf import $SOCK run
bpf import $SOCK junk
bpf run
bpf run sh
bpf graft
bpf graft m:globals/graft_jumps
bpf graft m:globals/graft_jumps obj
bpf graft m:globals/graft_jumps obj $TMP/nope.o
bpf graft m:globals/graft_jumps key zz obj $OBJ/no_maps.o
bpf graft m:globals/graft_jumps key -1 obj $OBJ/no_maps.o
bpf graft m:globals/graft_jumps key 0 obj $OBJ/no_maps.o type foo
bpf graft m:globals/graft_jumps key 0 obj $OBJ/no_maps.o sec nope
bpf graft m:globals/graft_jumps key 0 obj $OBJ/no_maps.o sec classifier program nope
bpf graft m:globals/graft_jumps key 0 obj $OBJ/no_maps.o type act sec classifier
bpf graft m:globals/graft_jumps key 0 obj $TMP/report
bpf graft m:globals/graft_jumps key 0 obj $OBJ/rejected.o
bpf graft m:globals/graft_jumps key 0 obj $TMP
bpf graft m:pinned_one key 0 pinned m:pinned_one
bpf graft m:globals/graft_jumps key 0 obj $OBJ/no_maps.o
bpf graft m:globals/graft_jumps ke 1 o $OBJ/no_maps.o ty cls se classifier
bpf graft m:globals/graft_jumps key 7 obj $OBJ/no_maps.o
bpf graft m:globals/graft_jumps obj $OBJ/no_maps.o
bpf graft m:globals/graft_stages key 0 obj $OBJ/no_maps.o
bpf graft m:globals/nope key 0 obj $OBJ/no_maps.o
bpf graft m:globals/graft_jumps key 0 pinned m:pinned_one
bpf graft m:globals/graft_jumps key 0 fd $TMP/nope
bpf graft m:globals/graft_jumps pi m:pinned_one
bpf graft m:globals/graft_jumps verbose
foo bar
END

# --- the rest ---------------------------------------------------------------------------------

t_begin 'words'
t_run 255 tc_loader exec
t_err_is "tc_loader: exec: no command given; try 'exec help'"
t_run 0 tc_loader exec help
t_out_is ''
t_err_has 'Usage: tc_loader exec'
t_run 0 tc_loader exec bpf
t_out_is ''
t_run 255 tc_loader exec bpf help
t_out_is ''
t_err_has 'graft MAP'
t_run 255 tc_loader exec foo bar
t_err_is "tc_loader: exec: 'foo' is unknown; there is bpf"

t_begin 'debug copies the trace to stderr, wherever tracefs is mounted'
if ! grep -q ' tracefs ' /proc/mounts; then
	t_run 255 tc_loader exec bpf debug
	t_err_has 'no tracefs is mounted'
fi
[ -d /sys/kernel/tracing ] || t_skip tracefs 'this kernel has no tracing'
mkdir "$TMP/trace"
mount -t tracefs tracefs "$TMP/trace"
# shellcheck disable=SC2016 # expanded at exit
on_exit 'umount "$TMP/trace"'
start tc_loader exec bpf dbg 2>"$TMP/traced"
word=exec_bpf_test_$$
t_ok wait_for 5 grep -q Running "$TMP/traced"
echo "$word" >"$TMP/trace/trace_marker"
t_ok wait_for 5 grep -q "$word" "$TMP/traced"
t_is "$(head -n 1 "$TMP/traced")" 'Running! Hang up with ^C!'
kill "$STARTED"

t_begin 'debug ends when nobody reads what it says'
mount --move "$TMP/trace" /sys/kernel/tracing 2>/dev/null || mount -t tracefs tracefs /sys/kernel/tracing
on_exit 'umount /sys/kernel/tracing 2>/dev/null'
mkfifo "$TMP/pipe"
# Started by what ignores it, it gets no signal, but the error.
trap '' PIPE
start cat "$TMP/pipe" >"$TMP/traced"
reader=$STARTED
start tc_loader exec bpf dbg 2>"$TMP/pipe"
t_ok wait_for 5 grep -q Running "$TMP/traced"
kill "$reader"
wait "$reader" || :
echo "$word" >/sys/kernel/tracing/trace_marker
ended=0
wait "$STARTED" || ended=$?
t_is "$ended" 255 status
