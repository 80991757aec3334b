# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Places in which a command has to end right or refuse, beside calls that fail: little memory
and few descriptors, streams that are closed or full, odd environments, few capabilities, pins
that are something else, and names nobody would choose."""

import collections
import os
import re

CLASSES = ("limits", "streams", "environ", "caps", "pins", "names")

# prefix: words before the command; plant: a line of shell before it; words: in its place.
World = collections.namedtuple("World", "kind name prefix plant words mute")


def world(kind, name, prefix=(), plant="", words=None, mute=False):
    return World(kind, name, list(prefix), plant, words, mute)


def shell(line):
    return ["bash", "-c", line + '; exec "$@"', "sh"]


# Address space from what the loader of programs itself needs to plenty, descriptors likewise.
def limits():
    for mib in (3, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 20, 24, 32, 48, 80, 160):
        yield world("limits", "as=%dM" % mib, ["prlimit", "--as=%d" % (mib << 20)])
    for number in (*range(3, 25), 28, 32, 40, 64):
        yield world("limits", "nofile=%d" % number, ["prlimit", "--nofile=%d" % number])
    for name in ("memlock=0", "stack=131072", "sigpending=0", "nproc=0", "msgqueue=0"):
        yield world("limits", name, ["prlimit", "--" + name])
    for size in (0, 100, 4096):
        yield world("limits", "fsize=%d" % size,
                    ["prlimit", "--fsize=%d" % size, *shell("trap '' XFSZ")])


# mute: neither words nor an answer can be seen.
def streams():
    for closed in ("0", "1", "2", "01", "02", "12", "012"):
        yield world("streams", "closed=" + closed,
                    shell("exec " + " ".join(fd + ">&-" for fd in closed)),
                    mute="1" in closed or "2" in closed)
    for full in ("1", "2", "12"):
        yield world("streams", "full=" + full,
                    shell("exec " + " ".join(fd + ">/dev/full" for fd in full)), mute=True)
    yield world("streams", "reading", shell("exec 1</dev/null 2</dev/null"), mute=True)
    yield world("streams", "pipe", shell("exec 1> >(exec 0<&-)"), mute=True)


ENVIRONS = {
    "empty": ["env", "-i"],
    "path": ["env", "PATH="],
    "locale": ["env", "LC_ALL=tr_TR.UTF-8", "LANGUAGE=xx", "LANG=\x1b[31m"],
    "terminal": ["env", "TERM=%n%s", "COLUMNS=-1", "LINES=0"],
    "wide": ["env", "COLUMNS=99999999999999999999"],
    "narrow": ["env", "COLUMNS=1"],
    "zone": ["env", "TZ=:/dev/zero"],
    "tmpdir": ["env", "TMPDIR=/nowhere"],
    "home": ["env", "HOME=", "XDG_RUNTIME_DIR=/nowhere", "XDG_STATE_HOME=/nowhere"],
    "notify": ["env", "NOTIFY_SOCKET=@" + "x" * 300, "WATCHDOG_USEC=-1", "WATCHDOG_PID=x"],
    "long": ["env"] + ["FILL%d=%s" % (i, "x" * 100000) for i in range(8)],
    "nobody": shell("unset PATH HOME USER LOGNAME SHELL"),
    "ignored": ["env", "--ignore-signal"],
    "blocked": ["env", "--block-signal"],
    "children": shell("trap '' CHLD"),
    "pipe": shell("trap '' PIPE"),
    "umask": shell("umask 0077"),
    "open": shell("umask 0"),
    "unnamed": ["bash", "-c", 'exec -a "" "$@"', "sh"],
    "renamed": ["bash", "-c", 'exec -a "$(printf "\\033[2J%%n/")" "$@"', "sh"],
    "gone": shell("mkdir -p \"$TMP/gone\"; cd \"$TMP/gone\"; rmdir \"$TMP/gone\""),
    "idle": ["nice", "-n", "19"],
}


def environs():
    for name, prefix in ENVIRONS.items():
        yield world("environ", name, prefix)


CAPS = (
    "", "+bpf", "+net_admin", "+sys_admin", "+bpf,+net_admin", "+bpf,+perfmon",
    "+bpf,+net_admin,+perfmon", "+bpf,+net_admin,+sys_admin", "+net_admin,+sys_admin",
    "+all,-sys_admin", "+all,-bpf,-sys_admin", "+all,-net_admin",
    "+all,-dac_override,-dac_read_search", "+all,-sys_ptrace", "+all,-fowner,-chown,-fsetid",
    "+all,-sys_resource",
)


def caps():
    for chosen in CAPS:
        chosen = "-all" + ("," + chosen if chosen else "")
        yield world("caps", chosen, ["setpriv", "--no-new-privs", "--bounding-set=" + chosen,
                                     "--inh-caps=-all"])


IN_THE_WAY = {
    "folder": 'mkdir "{0}"',
    "full-folder": 'mkdir -p "{0}/one"',
    "nowhere": 'ln -s /nowhere "{0}"',
    "loop": 'ln -s "{0}" "{0}"',
    "itself": 'ln -s . "{0}"',
    "other-map": 'bpftool map create "{0}" type array key 4 value 4 entries 3 name inway',
    "other-type": 'bpftool map create "{0}" type lru_hash key 8 value 8 entries 3 name inway',
    "program": 'bpftool prog load "$OBJ/by_name.o" "{0}" type cgroup/skb',
}


def pins(before, wanted):
    """Something else where the command will put a pin: one that is named in the wanted state."""
    def pinned(lines):
        return {line.split()[1] for line in lines if re.match(r"pin [^ {]+ = ", line)}

    for pin in sorted(pinned(wanted) - pinned(before)):
        path = os.path.join(os.environ["BPFFS"], pin)
        if "keep/" in pin or not os.path.lexists(path):
            continue
        above = 'mkdir -m 0700 -p "%s"; ' % os.path.dirname(path)
        for name, line in IN_THE_WAY.items():
            yield world("pins", "%s=%s" % (name, pin), plant=above + line.format(path))


NAMES = {
    "empty": "", "long": "x" * 5000, "far": "/x" * 3000, "escape": "\x1b[31mred\x1b]0;t\x07",
    "lines": "one\ntwo", "format": "%s%n%p", "option": "-x", "root": "/", "above": "../../..",
    "number": "99999999999999999999", "minus": "-1", "bytes": b"\xff\xfe\x80", "null": "/dev/null",
    "zero": "/dev/zero", "self": "/proc/self/mem",
}


def names(command):
    """Each word that names something, replaced by each of them."""
    for i, word in enumerate(command[1:], 1):
        if command[i - 1] == "--state-dir":
            continue
        if re.search("[/0-9]", word) or command[i - 1] in ("dev", "name", "section", "program"):
            for name, bad in NAMES.items():
                words = [os.fsencode(w) for w in command]
                words[i] = bad if isinstance(bad, bytes) else bad.encode()
                yield world("names", "%d=%s" % (i, name), words=words)


def worlds_of(command, before, wanted):
    return [*limits(), *streams(), *environs(), *caps(), *pins(before, wanted), *names(command)]
