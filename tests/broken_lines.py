# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Command lines as people mistype them: broken_lines.py SEED NUMBER <LINES

From lines that are right, one a line on stdin, makes NUMBER others: a word left out, said
twice, exchanged with its neighbour, cut, misspelt, help or some other word among them. The same
seed makes the same lines.
"""
import random
import sys

seed, number = int(sys.argv[1]), int(sys.argv[2])
right = [line.split() for line in sys.stdin if line.strip() and line[0] != "#"]
others = ["help", "junk", "1", "-1", "0", "", "dev", "x" * 20, "65536", "-j", "none"]
rng = random.Random(seed)


def left_out(words, at):
    del words[at]


def said_twice(words, at):
    words.insert(at, words[at])


def pair_twice(words, at):
    words[at:at] = words[at:at + 2]


def exchanged(words, at):
    if at + 1 < len(words):
        words[at], words[at + 1] = words[at + 1], words[at]


def moved_to_the_end(words, at):
    words.append(words.pop(at))


def cut(words, at):
    words[at] = words[at][:rng.randint(1, max(1, len(words[at]) - 1))]


def ended(words, at):
    del words[at + 1:]


def misspelt(words, at):
    word = words[at]
    i = rng.randrange(len(word)) if word else 0
    words[at] = word[:i] + rng.choice("xa1") + word[i + 1:]


def another(words, at):
    words[at] = rng.choice(others + rng.choice(right))


def one_more(words, at):
    words.insert(at + 1, rng.choice(others + rng.choice(right)))


def broken(words):
    words = list(words)
    for _ in range(rng.choice((1, 1, 1, 2))):
        if words:
            rng.choice(kinds)(words, rng.randrange(len(words)))
    return words


kinds = [left_out, said_twice, pair_twice, exchanged, moved_to_the_end, cut, ended, misspelt,
         another, one_more]
made = []
while len(made) < number:
    words = broken(rng.choice(right))
    # A blank word cannot be told from none in a line.
    line = " ".join(word or "''" for word in words)
    if line and line not in made:
        made.append(line)
print("\n".join(made))
