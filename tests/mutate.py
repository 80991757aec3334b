#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""tests/mutate.py BUILD: one thing of our code is changed at a time (tests/mutants.py), what
depends on it is built again in a copy of the tree below BUILD, and tests are run until one fails.
A mutant that none of them notices is a survivor: it is the same program, or a test lacks.

    MUTANTS=N   how many (40)       SEED=N     which
    NAMES="common/base/*.c"         of these files (all of ours)
    AT=FILE:LINE:COLUMN:NEW         that one, as a survivor shows it; or some, a line each
    KINDS="unit cli"                these tests only (unit cli netns compat; the last two take root)
    TESTS="netns/gc cli/streams"    these tests alone, whatever the mutant
    SECONDS=N                       of tests for each, as long as they take alone (120)
    WORKERS=N                       how many mutants at once, each in a copy (2)

With BUILD-coverage/reach, of `make reach`, the tests are those that reach the line, the quickest
first. Without it they are unit tests that name the file and, by its room, some of the others.
"""
import collections
import concurrent.futures
import fnmatch
import glob
import os
import queue
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import mutants  # noqa: E402
import reach  # noqa: E402

LIMIT = 900
MEMORY = 4 << 30  # bytes of a compiler or a test
AT_ONCE = 2  # tests of one mutant
VERSION = re.search(r"^VERSION\s*:=\s*(\S+)", open("Makefile").read(), re.M)[1]

# Where it is not known which tests reach a line: unit tests that name its header, these by its room.
NEAR = {
    "base": "file_out half_lists",
    "def": "pin_scopes section_types",
    "elf": "hostile object_show",
    "btf": "map_values conflicts",
    "netlink": "tc_filter nl_dump tc_messages",
    "legacy": "translate object_convert hostile",
    "graph": "share_check share_split gc",
    "kernel": "pin_txn foreign_pins half_lists few_descriptors gc_stopped",
    "view": "share_show share_picture map_tools",
    "scan": "share_check share_hidden share_places gc",
    "load": "attach_again session conflicts keep apply set require_shared cgroup_order",
    "door": "library library_apply library_odd",
    "verbs": "map_verbs map_tools map_refusals apply_verbs json_errors batch_lines",
    "tc_loader": "tc_filter tc_messages tcx_filter exec_bpf batch_lines",
    "cgroup_loader": "cgroup_attach link_show map_verbs autoattach cgroup_order json_errors",
}


def limit_memory():
    """A loop without an end allocates until the machine has nothing left for others."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


class Commands:
    """How make builds each thing below BUILD, by its name there."""

    def __init__(self, build):
        self.build = build
        self.of = {}
        units = ["%s/%s" % (build, name[:-2]) for name in glob.glob("tests/unit/test_*.c")]
        said = subprocess.run(["make", "--no-print-directory", "-nB", "B=" + build, "all", *units],
                              check=True, stdout=subprocess.PIPE).stdout.decode()
        for line in said.replace("\\\n", " ").split("\n"):
            line = line.split("; ", 1)[-1].split("&& ")[-1]
            made = re.search(r" -o (\S+)", line) or re.search(r"^\S+ rcs (\S+)", line)
            if made and made[1].startswith(build + "/"):
                self.of[made[1]] = line


class Copy:
    """What make built, with a mutant in it: links to all that it leaves as it is."""

    def __init__(self, top, commands):
        self.top, self.commands, self.build = top, commands, commands.build
        self.changed = set()
        self.quick = " -O1 -g0 -w" + (" -fuse-ld=lld" if shutil.which("ld.lld") else "")
        shutil.rmtree(top, ignore_errors=True)
        for folder, folders, names in os.walk(self.build):
            there = os.path.join(top, os.path.relpath(folder, self.build))
            own = there.count("/") - top.count("/") < 1 or there.endswith("/.") or \
                os.path.basename(folder) in ("bin", "lib", "tests", "unit", "netns")
            if os.path.basename(folder) == "mutate":
                folders.clear()
            elif not own:
                os.symlink(os.path.abspath(folder), there)
                folders.clear()
            else:
                os.makedirs(there, exist_ok=True)
                for name in names:
                    os.link(os.path.join(folder, name), os.path.join(there, name),
                            follow_symlinks=False)

    def reset(self):
        for path in self.changed:
            if os.path.lexists(path):
                os.remove(path)
            old = path.replace(self.top, self.build, 1)
            if os.path.exists(old):
                os.link(old, path)
        self.changed.clear()

    def object_of(self, mutant):
        return "%s/%s.o" % (self.top, mutant.file[:-2].replace("/", "."))

    def compiles(self, mutant, text):
        source = self.object_of(mutant)[:-1] + "c"
        self.changed |= {source, self.object_of(mutant)}
        with open(source, "w") as file:
            file.write(text)
        known = "%s/%s.o" % (self.build, mutant.file[:-2])
        words = self.commands.of[known].replace("-c " + mutant.file, "-c " + source)
        words = words.replace(" -MMD -MP", "")
        words = words.replace("-o " + known, "-o " + self.object_of(mutant))
        room = os.path.dirname(mutant.file)
        return self.run(["sh", "-c", words + self.quick + " -iquote " + room], "cc") == 0 and \
            self.has_archive(mutant)

    def has_archive(self, mutant):
        """The one it is in, of the same objects, itself not copied."""
        place = "libcommon.a" if mutant.file.startswith("common/") else \
            "lib%s.a" % os.path.dirname(mutant.file)
        self.changed.add(os.path.join(self.top, place))
        words = self.swapped(self.commands.of[os.path.join(self.build, place)], mutant, place)
        words = words.replace(" rcs ", " rcsT ")
        return self.run(["sh", "-c", "rm -f %s/%s; %s" % (self.top, place, words)], "ar") == 0

    def swapped(self, words, mutant, *names):
        words = words.replace("%s/%s.o" % (self.build, mutant.file[:-2]), self.object_of(mutant))
        for name in names:
            words = re.sub(r"(?<=\s)%s/%s(?=\s|$)" % (self.build, re.escape(name)),
                           "%s/%s" % (self.top, name), words)
        return words

    def links(self, mutant, names):
        """Anew what is named, relative to BUILD, unless it is there already."""
        for name in names:
            path = os.path.join(self.top, name)
            if path in self.changed:
                continue
            self.changed.add(path)
            if os.path.exists(path):
                os.remove(path)
            words = self.swapped(self.commands.of[os.path.join(self.build, name)], mutant, name,
                                 *filter(lambda a: os.path.join(self.top, a) in self.changed,
                                         ("libcommon.a", "libtc_loader.a", "libcgroup_loader.a")))
            if self.run(["sh", "-c", words + self.quick], "ld") != 0:
                return False
        return True

    def run(self, words, said):
        with open("%s/said.%s" % (self.top, said.replace("/", ".")), "w") as log:
            child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     start_new_session=True, preexec_fn=limit_memory)
            try:
                return child.wait(LIMIT)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGTERM)
                child.wait()
                return -1

    def passes(self, test):
        return self.run(["env", "-u", "MAKEFLAGS", "MAPSHARE_BUILD=" + self.top, "tests/run.sh",
                         *test.split("/")], test) == 0

    def failing(self, tests):
        """The first found of these that fail: none is begun after that."""
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            found = []
            for test, good in zip(tests, pool.map(lambda t: bool(found) or self.passes(t) or
                                                  found.append(t), tests)):
                del test, good
            return found[0] if found else None


def unit_tests(path):
    """Those that name the header, or that of the file's room where it has none of its own."""
    noun = os.path.basename(path)[:-2]
    found = []
    for test in sorted(glob.glob("tests/unit/test_*.c")):
        name = os.path.basename(test)[5:-2]
        with open(test) as file:
            text = file.read()
        if name == noun or "/%s.h\"" % noun in text:
            found.append("unit/" + name)
    return found


def all_of(kind):
    return ["%s/%s" % (kind, os.path.basename(name)[:-3])
            for name in sorted(glob.glob("tests/%s/*.sh" % kind))]


def near_tests(path):
    room = path.split("/")[1] if path.startswith("common/") else path.split("/")[0]
    names = NEAR.get(room, "").split() + [os.path.basename(path)[:-2]]
    found = ["netns/" + name for name in dict.fromkeys(names)]
    return unit_tests(path) + all_of("cli") + [n for n in found if os.path.exists("tests/%s.sh" % n)]


def is_alone(test):
    path = "tests/%s.sh" % test
    return os.path.exists(path) and re.search("^# alone: ", open(path).read(), re.M) is not None


class Chooser:
    """Which tests a mutant has to get past, in the order they are run."""

    def __init__(self, build):
        self.kinds = os.environ.get("KINDS", "unit cli" + (
            " netns compat" if os.getuid() == 0 else "")).split()
        self.only = os.environ.get("TESTS", "").split()
        self.seconds = int(os.environ.get("SECONDS") or 120)
        self.reach = reach.Reach(build + "-coverage")
        self.near = collections.Counter()

    def tests(self, mutant):
        if self.only:
            return self.only
        if not self.reach.tests:
            found = near_tests(mutant.file)
        else:
            found, left = [], self.seconds * 1000
            noun = os.path.basename(mutant.file)[:-2]
            reaching = self.reach.of(mutant.file, mutant.line)
            # Its own test, and those that noticed something in this file before.
            reaching.sort(key=lambda t: (t.name != noun, t.kind != "unit", -self.near[
                mutant.file, t.kind + "/" + t.name], t.milliseconds))
            for test in reaching:
                left -= test.milliseconds
                if left >= 0 or not found:
                    found.append("%s/%s" % (test.kind, test.name))
        # Who waits for others goes last.
        return sorted((test for test in found if test.split("/")[0] in self.kinds), key=is_alone)

    def noticed(self, mutant, test):
        self.near[mutant.file, test] += 1


def needed(tests):
    """What these tests call, relative to BUILD, by the names in them."""
    helpers = {os.path.basename(name)[:-2]: name[:-2] for name in glob.glob("tests/netns/*.c")}
    for test in tests:
        kind, name = test.split("/")
        if kind == "unit":
            yield "tests/unit/test_" + name
            continue
        with open("tests/%s.sh" % test) as file:
            text = file.read()
        yield from ["bin/tc_loader", "bin/cgroup_loader"]
        for word in set(re.findall(r"/(\w+)\b", text)) & helpers.keys():
            yield helpers[word]
        if "/lib" in text:
            yield "lib/libmapshare.so." + VERSION


def verdict(copy, mutant, text, chooser):
    tests = chooser.tests(mutant)
    units = [test for test in tests if test.startswith("unit/")]
    others = [test for test in tests if not test.startswith("unit/")]
    if not copy.compiles(mutant, text):
        return "does not compile"
    for group in units[:4], units[4:], others[:8], others[8:]:
        if not copy.links(mutant, sorted(set(needed(group)))):
            return "does not link"
        failing = copy.failing(group)
        if failing:
            chooser.noticed(mutant, failing)
            return "noticed by %s" % failing
    return "survived" if tests else "not reached"


def place_of(mutant):
    return "%s:%d:%d:%s" % (mutant.file, mutant.line, mutant.column, mutant.new)


def judged(copies, mutant, chooser):
    copy = copies.get()
    text, old, new = mutants.applied(mutant)
    start = time.monotonic()
    try:
        said = verdict(copy, mutant, text, chooser)
    finally:
        copy.reset()
        copies.put(copy)
    place = place_of(mutant)
    if said in ("survived", "not reached"):
        print("%s: %s:%d\n  - %s\n  + %s\n  again: make mutate AT='%s'" %
              (said, mutant.file, mutant.line, old, new, place), flush=True)
    elif os.environ.get("V") == "1":
        print("  %s: %s (%d s): %s" % (place, said, time.monotonic() - start, old), flush=True)
    return re.sub("/.*", "", said)


def chosen(seed):
    patterns = os.environ.get("NAMES", "").split() or ["common/*/*.c", "*_loader/*.c"]
    files = sorted(name for pattern in patterns for name in glob.glob(pattern))
    everything = [mutant for name in files for mutant in mutants.of_file(name)]
    at = os.environ.get("AT", "").splitlines()
    if at:
        places = [(place_of(m), m) for m in everything]
        return [m for place, m in places if any(place == one or fnmatch.fnmatchcase(place, one)
                                                for one in at)]
    random.Random(seed).shuffle(everything)
    return everything[:int(os.environ.get("MUTANTS") or 40)]


def main():
    build = sys.argv[1]
    seed = os.environ.get("SEED") or str(random.randrange(100000))
    print("mutate: seed %s" % seed, flush=True)
    several = chosen(seed)
    workers = min(int(os.environ.get("WORKERS") or 2), len(several) or 1)
    copies = queue.SimpleQueue()
    commands = Commands(build)
    # Another run may be under way.
    place = "%s/mutate/%d" % (build, os.getpid())
    for number in range(workers):
        copies.put(Copy("%s.%d" % (place, number), commands))
    chooser = Chooser(build)
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        counts = collections.Counter(pool.map(lambda m: judged(copies, m, chooser), several))
    for number in range(workers):
        shutil.rmtree("%s.%d" % (place, number))
    for said, number in sorted(counts.items()):
        print("  %4d %s" % (number, said))
    tried = sum(counts.values()) - counts["does not compile"]
    print("mutate: %d tried, %d survived" % (tried, counts["survived"] + counts["not reached"]))


main()
