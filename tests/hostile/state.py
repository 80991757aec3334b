# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What stands after a command: qdiscs and filters as tc shows them, programs of cgroups, pins
and all that is reached from them as bpf(2) shows them, directories, files, mounts.

A state is a list of lines. raw: with ids, for "nothing has changed". normal: with names in
place of ids, for "the same as after another run": a map is called by its pin, or by its own
name and the order in which it is met."""

import ctypes
import glob
import hashlib
import json
import os
import re
import socket
import stat
import struct
import subprocess

LIBC = ctypes.CDLL(None, use_errno=True)
NR_BPF = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "s390x": 351,
          "ppc64le": 361}[os.uname().machine]

MAP_LOOKUP, MAP_NEXT_KEY, OBJ_GET, NEXT_MAP, GET_PROG, GET_MAP, GET_INFO, PROG_QUERY = \
    1, 4, 7, 12, 13, 14, 15, 16
TYPE_PROGS, TYPE_ARRAY_OF_MAPS, TYPE_HASH_OF_MAPS = 3, 12, 13
READABLE = (1, 2, TYPE_PROGS, 9, 11, TYPE_ARRAY_OF_MAPS, TYPE_HASH_OF_MAPS)
ATTACH_TYPES = 64
EGRESS = 1
# Of interfaces: where a cgroup has a descriptor they have a number, which may be the same.
DEVICE_TYPES = {46: "tcx ingress", 47: "tcx egress", 54: "netkit primary", 55: "netkit peer"}
MANY = 64


def bpf(command, attr):
    attr = ctypes.create_string_buffer(attr.ljust(128, b"\0"), 128)
    result = LIBC.syscall(NR_BPF, command, attr, 128)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result, attr.raw


def address(buffer):
    return ctypes.addressof(buffer)


def info_of(fd, size=128, fill=b""):
    buffer = ctypes.create_string_buffer(fill.ljust(size, b"\0"), size)
    bpf(GET_INFO, struct.pack("IIQ", fd, size, address(buffer)))
    return buffer.raw


def name_at(raw, offset):
    return raw[offset:offset + 16].split(b"\0")[0].decode("utf-8", "backslashreplace")


def pins_of(patterns):
    """Each map once."""
    found = {}
    for path in [path for pattern in patterns for path in glob.glob(pattern)]:
        text = ctypes.create_string_buffer(os.fsencode(path))
        fd = bpf(OBJ_GET, struct.pack("Q", address(text)))[0]
        found[struct.unpack_from("I", info_of(fd), 4)[0]] = path
        os.close(fd)
    return found.values()


def counter_at(path, slot):
    """The first number of an array's element."""
    text = ctypes.create_string_buffer(os.fsencode(path))
    fd = bpf(OBJ_GET, struct.pack("Q", address(text)))[0]
    key = ctypes.create_string_buffer(struct.pack("I", slot))
    value = ctypes.create_string_buffer(64 * 1024)
    bpf(MAP_LOOKUP, struct.pack("IIQQQ", fd, 0, address(key), address(value), 0))
    os.close(fd)
    return struct.unpack_from("Q", value)[0]


def member_at(path, name):
    """The sum of that member of all elements of a map with BTF."""
    text = subprocess.run(["bpftool", "-j", "map", "dump", "pinned", path], check=True,
                          stdout=subprocess.PIPE).stdout
    found = [item["formatted"] for item in json.loads(text)]
    return sum(value[name] for item in found for value in
               ([item["value"]] if "value" in item else [cpu["value"] for cpu in item["values"]]))


def maps_named(name):
    """How many the machine has."""
    number, found = 0, 0
    while True:
        try:
            number = struct.unpack_from("I", bpf(NEXT_MAP, struct.pack("II", number, 0))[1], 4)[0]
        except OSError:
            return found
        try:
            fd = bpf(GET_MAP, struct.pack("I", number))[0]
        except OSError:
            continue
        found += name_at(info_of(fd), 24) == name
        os.close(fd)


def has_programs(folder):
    """A cgroup that is there, and has one of egress."""
    try:
        fd = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    ids = (ctypes.c_uint32 * MANY)()
    attr = bpf(PROG_QUERY, struct.pack("IIIIQI", fd, EGRESS, 0, 0, address(ids), MANY))[1]
    os.close(fd)
    return struct.unpack_from("I", attr, 24)[0] > 0


class Reader:
    """One look at everything; ids stand in its lines as {map:7}, {prog:8}, {link:9}."""

    def __init__(self, bpffs, cgroup, work):
        self.bpffs, self.cgroup, self.work = bpffs, cgroup, work
        self.lines, self.names, self.seen, self.private = [], {}, set(), {}

    def read(self):
        for look in (self.pins, self.cgroups, self.tc, self.files, self.mounts):
            look()
        name = os.environ.get("TRAFFIC_MAP")
        if name:
            self.lines.append("maps named %s: %d" % (name, maps_named(name)))
        return self

    def raw(self):
        return sorted(self.lines)

    def normal(self):
        return sorted(self.named(line) for line in self.lines)

    def copies(self):
        """The same, where two loads of one object count as one."""
        return sorted({re.sub(r"#\d+", "", line) for line in self.normal()})

    def named(self, line):
        """A name may hold an id itself: the path of what is kept for a program."""
        for _ in range(2):
            line = re.sub(r"\{(\w+:\d+)\}", lambda m: self.names.get(m[1], m[1]), line)
        return line

    # --- objects ---------------------------------------------------------------------------

    def name(self, kind, number, text):
        """Pins are read first, so that they give the name."""
        key = "%s:%d" % (kind, number)
        if key not in self.names:
            self.private[text] = self.private.get(text, 0) + 1
            self.names[key] = "%s#%d" % (text, self.private[text])

    def object(self, kind, fd):
        raw = info_of(fd)
        number = struct.unpack_from("I", raw, 4)[0]
        token = "{%s:%d}" % (kind, number)
        if token not in self.seen:
            self.seen.add(token)
            look = {"map": self.map, "prog": self.prog, "link": self.link}[kind]
            look(fd, raw, number, token)
        return token

    def by_id(self, kind, number):
        token = "{%s:%d}" % (kind, number)
        if token in self.seen:
            return token
        fd = bpf({"prog": GET_PROG, "map": GET_MAP}[kind], struct.pack("I", number))[0]
        try:
            return self.object(kind, fd)
        finally:
            os.close(fd)

    def map(self, fd, raw, number, token):
        kind, _, key, value, entries, flags = struct.unpack_from("6I", raw)
        self.name("map", number, "map " + name_at(raw, 24))
        with open("/proc/self/fdinfo/%d" % fd) as file:
            frozen = " frozen" if "frozen:\t1" in file.read() else ""
        # A text that begins with an id, which has more digits one day.
        note = name_at(raw, 24) == "mapshare_policy"
        self.lines.append("%s type %d key %d value %s entries %d flags %#x%s" %
                          (token, kind, key, "?" if note else value, entries, flags, frozen))
        if kind not in READABLE or note or name_at(raw, 24) == os.environ.get("TRAFFIC_MAP"):
            return
        for element, data in self.elements(fd, key, value):
            text = data.hex()
            if kind == TYPE_PROGS:
                text = self.by_id("prog", struct.unpack("I", data)[0])
            elif kind in (TYPE_ARRAY_OF_MAPS, TYPE_HASH_OF_MAPS):
                text = self.by_id("map", struct.unpack("I", data)[0])
            elif not data.strip(b"\0"):
                continue
            self.lines.append("%s[%s] = %s" % (token, element.hex(), text))

    def elements(self, fd, key_size, value_size):
        key, last = ctypes.create_string_buffer(key_size), 0
        value = ctypes.create_string_buffer(value_size)
        for _ in range(MANY):
            after = ctypes.create_string_buffer(key_size)
            try:
                bpf(MAP_NEXT_KEY, struct.pack("IIQQ", fd, 0, last, address(after)))
            except OSError:
                return
            key, last = after, address(after)
            try:
                bpf(MAP_LOOKUP, struct.pack("IIQQQ", fd, 0, last, address(value), 0))
            except OSError:
                continue
            yield key.raw, value.raw

    def prog(self, fd, raw, number, token):
        kind, tag, nr_maps, name = struct.unpack_from("I", raw)[0], raw[8:16], \
            struct.unpack_from("I", raw, 52)[0], name_at(raw, 64)
        self.name("prog", number, "prog " + name)
        maps = (ctypes.c_uint32 * max(nr_maps, 1))()
        info_of(fd, 128, b"\0" * 52 + struct.pack("=IQ", nr_maps, address(maps)))
        used = [self.by_id("map", maps[i]) for i in range(nr_maps)]
        self.lines.append("%s %s type %d tag %s maps %s" %
                          (token, name, kind, tag.hex(), " ".join(used)))

    def link(self, fd, raw, number, token):
        kind, _, prog, _, cgroup = struct.unpack_from("IIIIQ", raw)
        self.name("link", number, "link")
        self.lines.append("%s type %d prog %s at %s" %
                          (token, kind, self.by_id("prog", prog), self.cgroup_of(cgroup)))

    def cgroup_of(self, number):
        for folder, _, _ in os.walk(self.cgroup):
            if os.stat(folder).st_ino == number:
                return os.path.relpath(folder, self.cgroup)
        return "elsewhere"

    # --- places ----------------------------------------------------------------------------

    def pins(self):
        found = []
        for folder, folders, files in os.walk(self.bpffs):
            for name in folders + files:
                path = os.path.join(folder, name)
                if not name.endswith(".debug"):
                    found.append((path, self.pin_path(path)))
        tokens = []
        for path, shown in sorted(found):
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                self.lines.append("pin %s -> %s" % (shown, os.readlink(path)))
            elif stat.S_ISDIR(mode):
                self.lines.append("pin %s/ %o" % (shown, mode & 0o7777))
            else:
                tokens.append((path, shown))
        opened = []
        for path, shown in tokens:
            text = ctypes.create_string_buffer(os.fsencode(path))
            fd = bpf(OBJ_GET, struct.pack("Q", address(text)))[0]
            kind = re.search(r"bpf[-_](\w+)", os.readlink("/proc/self/fd/%d" % fd))[1]
            number = struct.unpack_from("I", info_of(fd), 4)[0]
            self.names.setdefault("%s:%d" % (kind, number), "%s at %s" % (kind, shown))
            opened.append((kind, fd, shown))
        for kind, fd, shown in opened:
            self.lines.append("pin %s = %s" % (shown, self.object(kind, fd)))
            os.close(fd)

    def pin_path(self, path):
        """What is kept for a program stands below its number, a link of apply ends with its cgroup."""
        at = re.match(r"(.*mapshare/.*_)(\d+)$", path)
        if at:
            return os.path.relpath(at[1], self.bpffs) + self.cgroup_of(int(at[2]))
        return re.sub(r"(?<=^tc/keep/)\d+", lambda m: "{prog:%s}" % m[0],
                      os.path.relpath(path, self.bpffs))

    def cgroups(self):
        for folder, _, _ in os.walk(self.cgroup):
            fd = os.open(folder, os.O_RDONLY)
            for kind in range(ATTACH_TYPES):
                if kind not in DEVICE_TYPES:
                    self.attached(fd, kind, "cgroup %s type %d" %
                                  (os.path.relpath(folder, self.cgroup), kind))
            os.close(fd)

    def attached(self, fd, kind, shown):
        ids = (ctypes.c_uint32 * MANY)()
        try:
            attr = bpf(PROG_QUERY, struct.pack("IIIIQI", fd, kind, 0, 0, address(ids), MANY))[1]
        except OSError:
            return
        flags, count = (struct.unpack_from("I", attr, offset)[0] for offset in (12, 24))
        progs = [self.by_id("prog", ids[i]) for i in range(count)]
        if progs:
            self.lines.append("%s flags %d: %s" % (shown, flags, " ".join(progs)))

    def tc(self):
        found = [(name, number) for number, name in socket.if_nameindex() if name.startswith("v")]
        for name, number in found:
            for kind, hook in DEVICE_TYPES.items():
                self.attached(number, kind, "list %s %s" % (name, hook))
        devices = sorted(name for name, _ in found)
        hooks = []
        answers = tc_answers("qdisc show dev " + name for name in devices)
        for device, found in zip(devices, answers):
            for qdisc in found:
                if qdisc["kind"] in ("clsact", "ingress"):
                    self.lines.append("qdisc %s %s" % (device, qdisc["kind"]))
                    hooks += [(device, "ingress")]
                    hooks += [(device, "egress")] if qdisc["kind"] == "clsact" else []
        answers = tc_answers("filter show dev %s %s" % hook for hook in hooks)
        for hook, found in zip(hooks, answers):
            for item in found:
                options = item.get("options")
                if options and "prog" in options:
                    options["prog"] = self.by_id("prog", options["prog"]["id"])
                self.lines.append("filter %s %s" %
                                  (" ".join(hook), json.dumps(item, sort_keys=True)))

    def files(self):
        for folder, folders, files in os.walk(self.work):
            for name in folders + files:
                path = os.path.join(folder, name)
                mode, shown = os.lstat(path).st_mode, os.path.relpath(path, self.work)
                if stat.S_ISREG(mode):
                    with open(path, "rb") as file:
                        shown += " " + hashlib.sha1(file.read()).hexdigest()
                self.lines.append("file %s %o" % (shown, mode))

    def mounts(self):
        with open("/proc/self/mountinfo") as file:
            for line in file:
                words = line.split()
                self.lines.append("mount %s %s" % (words[4], words[words.index("-") + 1]))


def tc_answers(lines):
    """One JSON document a line; a tc that fails is no empty answer."""
    lines = list(lines)
    if not lines:
        return []
    text = subprocess.run(["tc", "-j", "-batch", "-"], input="\n".join(lines) + "\n",
                          check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout
    answers, at = [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        answer, at = json.JSONDecoder().raw_decode(text, at)
        answers.append(answer)
    if len(answers) != len(lines):
        raise RuntimeError("tc: %d answers to %d questions: %s" %
                           (len(answers), len(lines), text))
    return answers
