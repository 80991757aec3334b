#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which tests reach which line, as `make reach` recorded it in BUILD/reach: a directory
KIND.NAME for each test, with its .gcda files and how long it took.

tests/reach.py BUILD FILE:LINE prints them, the quickest first.
"""
import collections
import concurrent.futures
import contextlib
import glob
import json
import os
import re
import subprocess
import sys

Test = collections.namedtuple("Test", "kind name milliseconds")


class Reach:
    """BUILD is the one with --coverage: its .gcno files belong to the counts."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.tests = {}
        self.files = {}
        for folder in glob.glob(self.build + "/reach/*.*"):
            kind, name = os.path.basename(folder).split(".", 1)
            try:
                with open(folder + "/milliseconds", encoding="utf-8") as file:
                    self.tests[folder] = Test(kind, name, int(file.read()))
            except FileNotFoundError:
                continue

    def lines_of(self, folder, source):
        """The lines of one file, each with whether one test ran it."""
        stem = source[:-len(".c")]
        there = os.path.join(folder, stem)
        if not os.path.exists(there + ".gcda"):
            return {}
        # Another of mutate's workers may ask for the same file.
        with contextlib.suppress(FileExistsError):
            os.symlink(os.path.join(self.build, stem + ".gcno"), there + ".gcno")
        answer = subprocess.run(["gcov", "--json-format", "--stdout", there + ".gcda"], check=True,
                                capture_output=True, text=True).stdout
        return {line["line_number"]: line["count"] > 0 for file in json.loads(answer)["files"]
                if file["file"] == source for line in file["lines"]}

    def of(self, source, line):
        """The tests that run a line, the quickest first. A statement counts at the line it
        begins at: from a later line of it, go back to the first that is known."""
        if source not in self.files:
            with concurrent.futures.ThreadPoolExecutor(3) as pool:
                found = pool.map(lambda folder: self.lines_of(folder, source), self.tests)
                self.files[source] = dict(zip(self.tests.values(), found))
        runs = self.files[source]
        with open(source, encoding="utf-8") as file:
            text = file.read().split("\n")
        while line > 1 and not any(line in lines for lines in runs.values()) and \
                not re.search(r"[;{}]\s*$", text[line - 2]):
            line -= 1
        return sorted((test for test, lines in runs.items() if lines.get(line)),
                      key=lambda test: test.milliseconds)


def main():
    source, line = sys.argv[2].split(":")
    for test in Reach(sys.argv[1]).of(source, int(line)):
        print("%7d ms  %s/%s" % (test.milliseconds, test.kind, test.name))


if __name__ == "__main__":
    main()
