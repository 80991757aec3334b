#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""tests/coverage.py BUILD: what the tests reached of the code that was built there with
--coverage: each room and all of it on stdout, each file in BUILD/report, the least reached
first, and what no test reached, a line each, in BUILD/missed. tests/coverage.py BUILD NAME
FILE...: of these files alone, in one line.

A call that may be unwound (-fexceptions) is no branch of the source: its two edges are left
out. Nor is the end of a scope: to a variable with a clean-up gcc counts the ways on from there,
by return and by unwinding, at the line that declares it; the branch that led there has its own.
What a process reached counts when it ends by itself, by _exit() too, and shut in
(tests/coverage_end.c): not if it is killed.
"""
import collections
import io
import json
import os
import re
import subprocess
import sys

ROOMS = "common", "tc_loader", "cgroup_loader"


# A line that declares such a variable, and decides nothing in its initializer.
SCOPE = re.compile(r"\s*auto_\w+(?!.*(\?|&&|\|\|))")


def decisions(branches, text):
    """The branches of a line without those of calls: a throw and the way on before it."""
    kept = []
    if SCOPE.match(text):
        return kept
    for branch in branches:
        if not branch["throw"]:
            kept.append(branch)
        elif kept and kept[-1]["fallthrough"]:
            kept.pop()
    return kept


class Reached:
    def __init__(self):
        self.lines = self.hit = self.branches = self.taken = 0

    def add(self, other):
        for field, value in vars(other).items():
            setattr(self, field, getattr(self, field) + value)

    def add_line(self, count, branches, taken):
        self.lines += 1
        self.hit += count > 0
        self.branches += branches
        self.taken += taken

    @staticmethod
    def percent(part, whole):
        return 100 * part / whole if whole else 100

    def text(self, name):
        return (f"{self.percent(self.hit, self.lines):6.1f} % of {self.lines:6} lines"
                f" {self.percent(self.taken, self.branches):6.1f} % of {self.branches:6}"
                f" branches  {name}")


def read(notes, source, missed):
    """What gcov says of one file, not of what it includes."""
    answer = subprocess.run(["gcov", "-b", "--json-format", "--stdout", notes], check=True,
                            capture_output=True, text=True).stdout
    reached = Reached()
    with open(source, encoding="utf-8") as file:
        texts = file.read().split("\n")
    for file in json.loads(answer)["files"]:
        if file["file"] != source:
            continue
        for line in file["lines"]:
            ways = decisions(line["branches"], texts[line["line_number"] - 1])
            taken = sum(1 for branch in ways if branch["count"])
            reached.add_line(line["count"], len(ways), taken)
            where = f"{source}:{line['line_number']}"
            if not line["count"]:
                missed.write(f"{where}: never reached\n")
            elif taken < len(ways):
                missed.write(f"{where}: {taken} of {len(ways)} branches\n")
    return reached


def one_line(build, name, sources):
    reached = Reached()
    for source in sources:
        reached.add(read(f"{build}/{source[:-1]}gcno", source, io.StringIO()))
    print(reached.text(name))


def main():
    build = sys.argv[1]
    if len(sys.argv) > 2:
        one_line(build, sys.argv[2], sys.argv[3:])
        return
    rooms = collections.defaultdict(Reached)
    files = []
    with open(f"{build}/missed", "w", encoding="utf-8") as missed:
        for top in ROOMS:
            for folder, _, names in sorted(os.walk(f"{build}/{top}")):
                for name in sorted(n for n in names if n.endswith(".gcno")):
                    notes = f"{folder}/{name}"
                    source = os.path.relpath(notes, build)[:-len("gcno")] + "c"
                    # What an earlier build left of a file that is gone or has another name.
                    if not os.path.exists(source):
                        continue
                    reached = read(notes, source, missed)
                    rooms[os.path.dirname(source)].add(reached)
                    rooms["all"].add(reached)
                    files.append((reached.percent(reached.hit, reached.lines),
                                  reached.text(source)))
    with open(f"{build}/report", "w", encoding="utf-8") as report:
        report.writelines(f"{text}\n" for _, text in sorted(files))
    for name in sorted(rooms, key=lambda n: (n == "all", n)):
        print(rooms[name].text(name))
    print(f"  each file: {build}/report, what was missed: {build}/missed")


main()
