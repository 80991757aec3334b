# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What tests/mutate.py changes in a file of our code: one operator, constant, condition, call,
errno or answer at a time."""
import collections
import re

Mutant = collections.namedtuple("Mutant", "file line column old new")

SWAPS = {"==": ["!="], "!=": ["=="], "<=": ["<", ">"], ">=": [">", "<"], "&&": ["||"],
         "||": ["&&"], "<": ["<=", ">="], ">": [">=", "<="], "+": ["-"], "-": ["+"]}
ERRNOS = ("EINVAL", "ENOENT", "EPERM", "EEXIST", "EBUSY", "EAGAIN", "ENOMEM", "EIO")
OPERATOR = re.compile(r" (==|!=|<=|>=|&&|\|\||<|>|\+|-) ")
NUMBER = re.compile(r"(?<![\w.\"'x])(\d+)(?![\w.xX])")
ERRNO = re.compile(r"-(E[A-Z0-9]{2,})\b")
NOT = re.compile(r"(?<=[( ])!(?=[a-z(])")
CONDITION = re.compile(r"\b(?:if|while) \(([a-z](?:->|[^&|=<>!+?])*)\)$")
TRUTH = re.compile(r"\b(true|false)\b")
CALL = re.compile(r"^\t+([a-z]\w*\(.*\);)$")
RETURN = re.compile(r"^\t+return ([a-z]\w*(?:\(.*\))?);$")
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')


def blanked(line):
    """The same columns without texts and comments."""
    line = TEXT.sub(lambda m: " " * len(m[0]), line)
    return re.sub(r"/\*.*?(\*/|$)", lambda m: " " * len(m[0]), line)


def of_line(line):
    """Column, old and new of each."""
    code = blanked(line)
    for found in OPERATOR.finditer(code):
        for new in SWAPS[found[1]]:
            yield found.start(1), found[1], new
    for found in NUMBER.finditer(code):
        yield found.start(1), found[1], str(int(found[1]) + 1)
    for found in ERRNO.finditer(code):
        other = ERRNOS[(ERRNOS.index(found[1]) + 1) % len(ERRNOS)] \
            if found[1] in ERRNOS else "EINVAL"
        yield found.start(1), found[1], other
    for found in NOT.finditer(code):
        yield found.start(), "!", ""
    for found in CONDITION.finditer(code):
        yield found.start(1), found[1], "!" + found[1]
    for found in TRUTH.finditer(code):
        yield found.start(1), found[1], "false" if found[1] == "true" else "true"
    call = CALL.match(line)
    if call and not call[1].startswith(("auto_", "return", "while", "if", "for")):
        yield call.start(1), call[1], ";"
    back = RETURN.match(line)
    if back and back[1] != "false":
        yield back.start(1), back[1], "0"


def of_file(path):
    in_comment = False
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines, 1):
        if in_comment or re.match(r"\s*(/\*|\*|#|//)", line):
            in_comment = "*/" not in line and (in_comment or "/*" in line)
            continue
        for column, old, new in of_line(line):
            if line[column:].startswith(old):
                yield Mutant(path, number, column, old, new)


def applied(mutant):
    """The text of the file with it, and the line before and after."""
    with open(mutant.file, encoding="utf-8") as file:
        lines = file.read().split("\n")
    line = lines[mutant.line - 1]
    lines[mutant.line - 1] = line[:mutant.column] + mutant.new + \
        line[mutant.column + len(mutant.old):]
    return "\n".join(lines), line.strip(), lines[mutant.line - 1].strip()
