#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A watch on a terminal: what changes most is first, within the window however large it is;
# q ends it; what was on the screen comes back, and the terminal is as it was, however it ends.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

own_objects watched
bpftool prog load "$OBJ/watched.o" "$BPFFS/prog" type classifier pinmaps "$BPFFS/maps"
MAP=$(echo "$BPFFS"/maps/flows_*)

# put N PACKETS BYTES…: the flows of 192.0.2.N.
put() {
	"$LIB_PYTHON" - "$MAP" "$@" >"$TMP/batch" <<'END'
import sys
def words(number, size):
    return " ".join(map(str, number.to_bytes(size, sys.byteorder)))
flows = list(map(int, sys.argv[2:]))
for n, packets, size in zip(flows[::3], flows[1::3], flows[2::3]):
    print("map update pinned", sys.argv[1], "key 192 0 2", n, words(80, 4), "value",
          words(packets, 8), words(size, 8))
END
	bpftool batch file "$TMP/batch" >"$TMP/put"
}
# shellcheck disable=SC2046
put $(seq 1 30 | sed 's/.*/echo & 10 $((1000 - &))/' | sh)

# A terminal of 20 lines and 70 columns with a command on it, driven by a script that has
# send(), until(condition), resize(), change() and screen(), the last one drawn.
cat >"$TMP/drive.py" <<'END'
import fcntl, os, pty, re, select, signal, struct, subprocess, sys, termios, time

HOME = b"\033[H\033[J"
ours, theirs = pty.openpty()
before = termios.tcgetattr(theirs)
text = b""

def resize(lines, columns):
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

def start(*words, **more):
    def own():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    return subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs,
                            preexec_fn=own, **more)

def screens():
    return [s.decode().replace("\r", "") for s in text.split(b"\033[?1049l")[0].split(HOME)[1:]]

def screen():
    # The last one may be under way.
    return screens()[-2] if len(screens()) > 1 else ""

def until(condition, what):
    global text
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, (what, text[-3000:])
        if select.select([ours], [], [], 0.05)[0]:
            text += os.read(ours, 65536)

def lines():
    return screen().split("\n")[:-1]

def change(n, packets, size):
    subprocess.check_call(["bpftool", "map", "update", "pinned", sys.argv[1], "key", "192", "0",
        "2", str(n)] + [str(b) for b in (80).to_bytes(4, sys.byteorder)] + ["value"] +
        [str(b) for b in packets.to_bytes(8, sys.byteorder) + size.to_bytes(8, sys.byteorder)])

def rest(child):
    global text
    until(lambda: child.poll() is not None, "the end")
    while select.select([ours], [], [], 0)[0]:
        text += os.read(ours, 65536)
    after = termios.tcgetattr(theirs)
    assert after == before, (before, after)
    assert text.count(b"\033[?1049h") == text.count(b"\033[?1049l"), text
    assert text.count(b"\033[?25l") == text.count(b"\033[?25h"), text
    return child.returncode

resize(20, 70)
watch = ["cgroup_loader", "map", "watch", "pinned", sys.argv[1], "interval", "0.2"]
END
drive() {
	{
		cat "$TMP/drive.py"
		cat
	} >"$TMP/scene.py"
	t_run 0 timeout 60 "$LIB_PYTHON" "$TMP/scene.py" "$MAP"
}

t_begin 'sorted by rate, keys as people write them, within the window, until q'
drive <<'END'
child = start(*watch)
until(lambda: "q quits" in screen(), "a title")
raw = termios.tcgetattr(theirs)[3]
assert not raw & termios.ICANON and not raw & termios.ECHO and raw & termios.ISIG, raw
# Nothing changes: the larger value is first.
assert lines()[2].startswith("{addr:192.0.2.1,port:80}"), lines()
assert len(lines()) <= 19 and max(map(len, lines())) <= 70, lines()
assert lines()[-1] == "and 14 elements more; by packets/s; q quits", lines()
n = [0]
def first(who):
    n[0] += 1
    change(who, 10 + 100 * n[0], 5)
    return lines()[2].startswith("{addr:192.0.2.%d," % who) and re.search(r" \+\d", lines()[2])
until(lambda: first(27), "27 first")
until(lambda: first(13), "13 first")
resize(8, 50)
until(lambda: len(lines()) <= 7, "a window of 8 lines")
assert max(map(len, lines())) <= 50, lines()
resize(40, 100)
until(lambda: len(lines()) == 33, "all of them")
assert "elements more" not in screen()
os.write(ours, b"xq")
assert rest(child) == 0
# The last look stays, below what was there.
assert b"{addr:192.0.2.27,port:80}" in text.split(b"\033[?1049l")[1], text
assert b"q quits" not in text.split(b"\033[?1049l")[1]
END

t_begin 'top N by FIELD; a window that changes is drawn at once'
drive <<'END'
child = start(*watch[:-1], "600", "top", "3", "by", "bytes")
until(lambda: screens() and "elements more" in screens()[-1], "a first look")
n = len(screens())
resize(30, 90)
until(lambda: len(screens()) > n and "elements more" in screens()[-1], "another one")
child.send_signal(signal.SIGINT)
assert rest(child) == 0
assert len(lines()) == 6 and lines()[-1] == "and 27 elements more; by bytes/s; q quits", lines()
assert [l.split(",")[0] for l in lines()[2:5]] == \
    ["{addr:192.0.2.1", "{addr:192.0.2.2", "{addr:192.0.2.3"], lines()
END

t_begin 'signals, and a fault of ours, give the terminal back'
drive <<'END'
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGSEGV, signal.SIGABRT):
    text = b""
    child = start(*watch)
    until(lambda: "q quits" in screen(), "a title")
    child.send_signal(number)
    status = rest(child)
    ended = number in (signal.SIGTERM, signal.SIGHUP)
    assert status == (0 if ended else -number), status
END

t_begin 'Ctrl-Z gives it back, too, and fg takes it again'
drive <<'END'
# A shell in between: only what has a parent in its session stops.
shell = start("bash", "--norc", "-im", env={**os.environ, "PS1": "ready>", "HISTFILE": ""})
until(lambda: b"ready>" in text, "a prompt")
os.write(ours, b"stty -a | grep -o '[-]*icanon'; " + " ".join(watch).encode() + b"\n")
until(lambda: "q quits" in screen(), "a title")
os.write(ours, b"\x1a")
until(lambda: b"Stopped" in text, "that it stops")
assert text.count(b"\033[?1049h") == text.count(b"\033[?1049l") == 1, text
os.write(ours, b"fg\n")
until(lambda: text.count(b"\033[?1049h") == 2, "the screen again")
os.write(ours, b"q")
until(lambda: text.count(b"\033[?1049l") == 2, "the end")
os.write(ours, b"echo status $?; exit\n")
until(lambda: b"status 0" in text, "the status")
rest(shell)
END

t_begin 'no keys are taken from a batch, nor from a job in the background'
drive <<'END'
child = start("bash", "-c", "printf 'map watch pinned %s count 1\n' " + sys.argv[1] +
              " >b; exec cgroup_loader batch file b", cwd=os.environ["TMP"])
assert rest(child) == 0
assert b"q quits" not in text and b"\033[?1049h" in text, text
END
drive <<'END'
child = start("bash", "--norc", "-imc", " ".join(watch) + " count 2 & wait $!")
assert rest(child) == 0
assert b"\033[?1049h" not in text and b"packets 10" in text, text
END

t_begin 'not a terminal: sorted only if asked'
put 5 9999 1
t_run 0 cgroup_loader map watch pinned "$MAP" count 1
t_is "$(grep -c packets "$TMP/t_out")" 30
t_out_has "{addr:$("$LIB_PYTHON" -c 'import sys; print(int.from_bytes(b"\xc0\0\2\5", sys.byteorder))'),port:80}"
t_run 0 cgroup_loader map watch pinned "$MAP" count 1 top 2 --readable
t_ok grep -qE '^[0-9:]{8} \{addr:192.0.2.5,port:80\}  packets 9999  bytes 1$' "$TMP/t_out"
t_is "$(t_out | tail -1 | cut -d' ' -f2-)" 'and 28 elements more'
t_is "$(t_out | wc -l)" 3
t_run 0 cgroup_loader -j map watch pinned "$MAP" count 2 interval 0.1 top 2 by bytes
t_is "$(t_out | t_json '.[1].elements[0].values.bytes')" 999
t_is "$(t_out | t_json '.[1].elements[0].rates.bytes')" 0.0
t_is "$(t_out | t_json '.[1].sorted_by')" bytes
t_is "$(t_out | t_json '.[1].more')" 28
t_run 255 cgroup_loader map watch pinned "$MAP" by bites
t_err_has "no number 'bites' in the values of map $(map_id "$MAP"); did you mean 'bytes'?"
t_run 255 cgroup_loader map watch pinned "$MAP" top 0
t_err_has "top '0': not a number from 1 to 10000"

t_begin 'Q is q, other keys are none; a window without a size; lines where a terminal is dumb'
drive <<'END'
resize(0, 0)
child = start(*watch)
until(lambda: "q quits" in screen(), "a title")
assert len(lines()) <= 23, lines()
os.write(ours, b"x")
seen = len(screens())
until(lambda: len(screens()) > seen + 1, "more of them")
os.write(ours, b"Q")
assert rest(child) == 0
text = b""
child = start(*watch, "count", "1", env={**os.environ, "TERM": "dumb"})
assert rest(child) == 0
assert b"\033" not in text and b"{addr:" in text, text
END

t_begin 'the completion names the numbers'
t_run 0 cgroup_loader --complete map watch pinned "$MAP" by ''
t_is "$(t_out | grep -cE '^(packets|bytes)')" 2

t_begin 'what it needs does not grow'
"$LIB_PYTHON" -c '
for i in range(100000):
    print(i.to_bytes(8, "little").hex(), i.to_bytes(16, "little").hex())' >"$TMP/lines"
t_run 0 cgroup_loader map load pinned "$MAP" "$TMP/lines"
# peak COUNT: its largest resident size in KiB.
peak() {
	"$LIB_PYTHON" -c '
import resource, subprocess, sys
subprocess.check_call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
		cgroup_loader map watch pinned "$MAP" top 10 interval 0.1 count "$1"
}
few=$(peak 2)
many=$(peak 6)
echo "  $few KiB, $many KiB"
# ASan keeps what was freed.
sanitized || t_ok [ "$many" -lt $((few + 2048)) ]
sanitized || t_ok [ "$many" -lt 32768 ]
