#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""tests/mutate.py BUILD: one operator, constant, call or errno of our code is changed at a time,
what depends on it is built again in a copy of the tree below BUILD, and the tests near it are
run. A mutant that none of them notices is a survivor: it is the same program, or a test lacks.

    MUTANTS=N   how many (40)       SEED=N     which
    NAMES="common/base/*.c"         of these files (all of ours)
    AT=FILE:LINE:COLUMN:NEW         that one, as a survivor shows it
    KINDS="unit cli"                these tests only (unit cli netns; netns takes root)
"""

import collections
import fnmatch
import glob
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time

LIMIT = 900
MEMORY = 4 << 30  # bytes of a compiler or a test
Mutant = collections.namedtuple("Mutant", "file line column old new")

# What is near a file: unit tests that name its header, these of the kernel tests by its room.
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

SWAPS = {"==": ["!="], "!=": ["=="], "<=": ["<", ">"], ">=": [">", "<"], "&&": ["||"],
         "||": ["&&"], "<": ["<=", ">="], ">": [">=", "<="], "+": ["-"], "-": ["+"]}
ERRNOS = ("EINVAL", "ENOENT", "EPERM", "EEXIST", "EBUSY", "EAGAIN", "ENOMEM", "EIO")
OPERATOR = re.compile(r" (==|!=|<=|>=|&&|\|\||<|>|\+|-) ")
NUMBER = re.compile(r"(?<![\w.\"'x])(\d+)(?![\w.xX])")
ERRNO = re.compile(r"-(E[A-Z0-9]{2,})\b")
NOT = re.compile(r"(?<=[( ])!(?=[a-z(])")
CALL = re.compile(r"^\t+([a-z]\w*\(.*\);)$")
RETURN = re.compile(r"^\t+return ([a-z]\w*(?:\(.*\))?);$")
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')


def blanked(line):
    """The same columns without texts and comments."""
    line = TEXT.sub(lambda m: " " * len(m[0]), line)
    return re.sub(r"/\*.*?(\*/|$)", lambda m: " " * len(m[0]), line)


def mutants_of(path):
    in_comment = False
    with open(path) as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines, 1):
        if in_comment or re.match(r"\s*(/\*|\*|#|//)", line):
            in_comment = "*/" not in line and (in_comment or "/*" in line)
            continue
        code = blanked(line)
        for found in OPERATOR.finditer(code):
            for new in SWAPS[found[1]]:
                yield Mutant(path, number, found.start(1), found[1], new)
        for found in NUMBER.finditer(code):
            yield Mutant(path, number, found.start(1), found[1], str(int(found[1]) + 1))
        for found in ERRNO.finditer(code):
            other = ERRNOS[(ERRNOS.index(found[1]) + 1) % len(ERRNOS)] \
                if found[1] in ERRNOS else "EINVAL"
            yield Mutant(path, number, found.start(1), found[1], other)
        for found in NOT.finditer(code):
            yield Mutant(path, number, found.start(), "!", "")
        call = CALL.match(line)
        if call and not call[1].startswith(("auto_", "return", "while", "if", "for")):
            yield Mutant(path, number, call.start(1), call[1], ";")
        back = RETURN.match(line)
        if back and back[1] not in ("0", "r"):
            yield Mutant(path, number, back.start(1), back[1], "0")


def limit_memory():
    """A loop without an end allocates until the machine has nothing left for others."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


class Copy:
    """The tree as it is, and what is built of it."""

    def __init__(self, build):
        self.top = os.path.join(build, "mutate")
        os.makedirs(self.top, exist_ok=True)
        files = subprocess.run(["git", "ls-files", "-z"], check=True,
                               stdout=subprocess.PIPE).stdout.decode().split("\0")
        for name in filter(os.path.exists, filter(None, files)):
            there = os.path.join(self.top, name)
            os.makedirs(os.path.dirname(there), exist_ok=True)
            if not os.path.exists(there) or open(name, "rb").read() != open(there, "rb").read():
                shutil.copy2(name, there)
                os.utime(there)

    def make(self, *targets):
        """False if it does not compile; its objects stay."""
        return self.run(["make", "-j%d" % (os.cpu_count() or 1), "WERROR=", *targets]) == 0

    def run(self, words, seconds=LIMIT):
        with open(os.path.join(self.top, "mutate.log"), "w") as log:
            child = subprocess.Popen(words, cwd=self.top, stdin=subprocess.DEVNULL, stdout=log,
                                     stderr=log, start_new_session=True,
                                     preexec_fn=limit_memory)
            try:
                return child.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, 15)
                child.wait()
                return -1

    def write(self, mutant, text):
        with open(os.path.join(self.top, mutant.file), "w") as file:
            file.write(text)


def unit_tests(path):
    """Those that name the header, or that of the file's room where it has none of its own."""
    noun = os.path.basename(path)[:-2]
    found = []
    for test in sorted(glob.glob("tests/unit/test_*.c")):
        name = os.path.basename(test)[5:-2]
        with open(test) as file:
            text = file.read()
        if name == noun or "/%s.h\"" % noun in text:
            found.append(name)
    return found


def kernel_tests(path):
    room = path.split("/")[1] if path.startswith("common/") else path.split("/")[0]
    noun = os.path.basename(path)[:-2]
    names = NEAR.get(room, "").split() + [noun]
    return [name for name in dict.fromkeys(names) if os.path.exists("tests/netns/%s.sh" % name)]


def verdict(copy, mutant, kinds):
    units = unit_tests(mutant.file)
    if not copy.make("bins", *["build/tests/unit/test_" + name for name in units]):
        return "does not compile"
    tests = {"unit": units, "cli": None, "netns": kernel_tests(mutant.file)}
    for kind in kinds:
        names = tests[kind]
        if names == []:
            continue
        words = ["env", "-u", "MAKEFLAGS", "MAPSHARE_BUILD=build", "tests/run.sh", kind,
                 *(names or [])]
        if copy.run(words) != 0:
            return "noticed by %s" % kind
    return "survived"


def mutated(mutant):
    with open(mutant.file) as file:
        lines = file.read().split("\n")
    line = lines[mutant.line - 1]
    assert line[mutant.column:].startswith(mutant.old)
    lines[mutant.line - 1] = line[:mutant.column] + mutant.new + \
        line[mutant.column + len(mutant.old):]
    return "\n".join(lines), line.strip(), lines[mutant.line - 1].strip()


def chosen(seed):
    patterns = os.environ.get("NAMES", "").split() or ["common/*/*.c", "*_loader/*.c"]
    files = sorted(name for pattern in patterns for name in glob.glob(pattern))
    everything = [mutant for name in files for mutant in mutants_of(name)]
    at = os.environ.get("AT")
    if at:
        return [m for m in everything
                if fnmatch.fnmatch("%s:%d:%d:%s" % (m.file, m.line, m.column, m.new), at)]
    random.Random(seed).shuffle(everything)
    return everything[:int(os.environ.get("MUTANTS") or 40)]


def main():
    seed = os.environ.get("SEED") or str(random.randrange(100000))
    kinds = os.environ.get("KINDS", "unit cli" + (" netns" if os.getuid() == 0 else "")).split()
    copy = Copy(sys.argv[1])
    print("mutate: seed %s" % seed, flush=True)
    if not copy.make("bins", "bpf"):
        sys.exit("mutate: it does not build as it is: " + copy.top + "/mutate.log")
    counts, survivors = collections.Counter(), 0
    for mutant in chosen(seed):
        text, old, new = mutated(mutant)
        with open(mutant.file) as file:
            whole = file.read()
        copy.write(mutant, text)
        start = time.monotonic()
        try:
            said = verdict(copy, mutant, kinds)
        finally:
            copy.write(mutant, whole)
        counts[said] += 1
        place = "%s:%d:%d:%s" % (mutant.file, mutant.line, mutant.column, mutant.new)
        if said == "survived":
            survivors += 1
            print("survived: %s:%d\n  - %s\n  + %s\n  again: make mutate AT='%s'" %
                  (mutant.file, mutant.line, old, new, place), flush=True)
        elif os.environ.get("V") == "1":
            print("  %s: %s (%d s): %s" % (place, said, time.monotonic() - start, new), flush=True)
    for said, number in sorted(counts.items()):
        print("  %4d %s" % (number, said))
    tried = sum(counts.values()) - counts["does not compile"]
    print("mutate: %d tried, %d survived" % (tried, survivors))


main()
