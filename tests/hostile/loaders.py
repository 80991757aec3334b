# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""loaders.py NAME SECONDS: rounds of 2 to 32 loaders of both tools that start together and share
one map, some of which have to fail, while somebody takes the pin away, or has `share gc` do it,
and interfaces, cgroups, mounts and namespaces come and go. Each loader is a try: one that says
success stands where it was asked to, with one map of that name; one that refuses says why and left
nothing. Unless the pin was removed by force, all have the same map, and `share check` says what
is so in any case. AT=storm:ROUND is that round again."""

import collections
import json
import os
import random
import subprocess
import sys
import time

TMP, BPFFS, CG, OWN, NAMED = (os.environ[n] for n in ("TMP", "BPFFS", "CG", "OWN", "NAMED"))
PIN = BPFFS + "/tc/globals/" + NAMED
TC, CGROUP = OWN + "/counter_tc.o", OWN + "/counter_cgroup.o"
DEVS, GONE = ["v%d" % i for i in range(4)], ["g%d" % i for i in range(3)]
LIMIT = 120 * int(os.environ.get("MAPSHARE_PATIENCE") or 1)

# place: how the program that stands is found; status: what has to come, None: either, as the
# place may go at any time; words: the command.
Loader = collections.namedtuple("Loader", "kind place status words")


def shell(line):
    done = subprocess.run(["bash", "-euc", line], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit("storm: %s: %s" % (line, done.stdout))
    return done.stdout


def asked(*words):
    """A JSON answer; None if there is no such thing."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return json.loads(done.stdout.strip() or "[]") if done.returncode == 0 else None


def tc_line(verb, dev, hook, i):
    return ["tc_loader", "filter", verb, "dev", dev, hook, "pref", str(i + 1), "handle", "1",
            "bpf", "da", "obj", TC]


def attach(place, *more):
    return ["cgroup_loader", "cgroup", "attach", place, "egress", "obj", CGROUP, *more]


def apply_line(i, dev, cgroup):
    path = "%s/s%d.yaml" % (OWN, i)
    with open(path, "w") as file:
        file.write("name: s%d\nobjects: { o: { file: %s } }\ncgroups: [ { object: o, type: egress,"
                   " cgroups: [ %s ] } ]\n" % (i, CGROUP, cgroup))
    return ["tc_loader", "apply", "--state-dir", "%s/state%d" % (OWN, i), path]


def loader_of(i, dice, taken):
    """Two on one tcx hook are a refusal: the second one is another loader."""
    dev, mine = dice.choice(DEVS), "%s/c%d" % (CG, i)
    hook = dice.choice(("ingress", "egress"))
    pin = "%s/p%d" % (BPFFS, i)
    gone = dice.choice(GONE)
    choices = [
        ("filter add", ("tc", dev, hook, i), 0, tc_line("add", dev, hook, i)),
        ("filter replace", ("tc", dev, hook, i), 0, tc_line("replace", dev, hook, i)),
        ("tcx", ("link", pin), 0, ["tc_loader", "filter", "add", "dev", dev, hook, "bpf", "da",
                                   "obj", TC, "tcx", "link", "pinned", pin]),
        ("cgroup attach", ("cgroup", mine), 0, attach(mine, "multi")),
        ("cgroup link", ("link", pin), 0, attach(mine, "link", "pinned", pin)),
        ("prog load", ("pin", pin), 0, ["cgroup_loader", "prog", "load", CGROUP, pin]),
        ("apply", ("cgroup", mine), 0, apply_line(i, dev, mine)),
        ("no qdisc", None, 2, tc_line("add", "lo", hook, i)),
        ("two modes", None, 255, attach(mine, "multi", "override")),
        ("interface that goes", ("tc", gone, hook, i), None, tc_line("add", gone, hook, i)),
        ("cgroup that goes", ("cgroup", "%s/%s" % (CG, gone)), None,
         attach("%s/%s" % (CG, gone), "multi")),
    ]
    chosen = Loader(*dice.choice(choices))
    if chosen.kind != "tcx":
        return chosen
    first = (dev, hook) not in taken
    taken.add((dev, hook))
    return chosen if first else Loader(*choices[0])


class Others:
    """Who comes and goes meanwhile: each a shell that ends once $TMP/enough is there."""

    LINES = {
        "interfaces": """dev=g$((RANDOM % 3))
            ip link add $dev type dummy 2>/dev/null && tc qdisc add dev $dev clsact || :
            ip link del g$((RANDOM % 3)) 2>/dev/null || :""",
        "cgroups": """mkdir "$CG/g$((RANDOM % 3))" 2>/dev/null || :
            rmdir "$CG/g$((RANDOM % 3))" 2>/dev/null || :""",
        "mounts": """mkdir -p "$TMP/mnt"
            mount -t bpf bpf "$TMP/mnt"
            bpftool map create "$TMP/mnt/m" type array key 4 value 4 entries 1 name other
            umount "$TMP/mnt" """,
        "namespaces": """ip netns add storm$((RANDOM % 3)) 2>/dev/null || :
            ip netns del storm$((RANDOM % 3)) 2>/dev/null || :""",
        "rm": """sleep 0.0$((RANDOM % 5))
            rm -f "$PIN" """,
        "gc": """tc_loader share gc --delete --force-unseen "$PIN" >/dev/null 2>&1 || :""",
    }

    def __init__(self, names):
        self.enough = TMP + "/enough"
        if os.path.exists(self.enough):
            os.unlink(self.enough)
        self.all = [subprocess.Popen(["bash", "-euc", "while [ ! -e \"$TMP/enough\" ]; do %s\ndone"
                                      % self.LINES[name]], stdin=subprocess.DEVNULL)
                    for name in names]

    def end(self):
        with open(self.enough, "w"):
            pass
        ends = [child.wait() for child in self.all]
        if any(ends):
            sys.exit("storm: those beside it ended with status %s" % ends)


def clear(nr):
    """Nothing stands, and the places are there."""
    # What is pinned elsewhere, as the links of apply, goes with the mount; what it holds, with it.
    shell("""
        while mountpoint -q "$BPFFS"; do umount -l "$BPFFS"; done
        mount -t bpf -o mode=0700 bpf "$BPFFS"
        rm -rf "$OWN"/state*
        for dev in v0 v1 v2 v3; do
            tc qdisc del dev $dev clsact 2>/dev/null || :
            tc qdisc add dev $dev clsact
        done
        for dev in g0 g1 g2; do ip link del $dev 2>/dev/null || :; done
        for net in storm0 storm1 storm2; do ip netns del $net 2>/dev/null || :; done
        mkdir -p "$CG"
        find "$CG" -mindepth 1 -type d -delete
        for i in $(seq 0 %d); do mkdir "$CG/c$i"; done""" % (nr - 1))


def programs_at(place):
    """The ids of our programs there; None if the place has gone."""
    kind, where = place[0], place[1]
    if kind == "tc":
        found = asked("tc", "-j", "filter", "show", "dev", where, place[2], "pref",
                      str(place[3] + 1))
        return found and [f["options"]["prog"]["id"] for f in found
                          if "prog" in f.get("options", {})]
    if kind == "cgroup":
        found = asked("bpftool", "-j", "cgroup", "show", where)
        return found if found is None else [one["id"] for one in found]
    if not os.path.exists(where):
        return []
    show = {"pin": "prog", "link": "link"}[kind]
    found = asked("bpftool", "-j", show, "show", "pinned", where)
    return [found["id" if kind == "pin" else "prog_id"]]


def maps_of(program):
    """The ids of the maps of that name which a program uses."""
    found = asked("bpftool", "-j", "prog", "show", "id", str(program))
    return [] if not found else [m for m in found.get("map_ids", [])
                                 if (asked("bpftool", "-j", "map", "show", "id", str(m)) or {})
                                 .get("name") == NAMED[:15]]


def judge(loader, status, said):
    """What is wrong, and the maps in use there."""
    if status is None or status < 0 or status > 255:
        return "status %s" % status, []
    if loader.status is not None and status != loader.status:
        return "status %d, not %d" % (status, loader.status), []
    if status and not said.strip():
        return "refused without a word", []
    if not loader.place:
        return "", []
    found = programs_at(loader.place)
    if status:
        return ("refused, and it stands" if found and loader.place[0] != "cgroup" else ""), []
    if found is None or (not found and loader.status is None):
        return "", []
    maps = [m for program in found for m in maps_of(program)]
    if loader.status == 0 and (len(found) != 1 or len(maps) != 1):
        return "programs %s with maps %s" % (found, maps), maps
    return "", maps


def check_wrong(maps):
    """What `share check` says of the places, beside what is so."""
    text = subprocess.run(["tc_loader", "-j", "share", "check", NAMED, *sum(
        (["dev", dev] for dev in DEVS), []), *sum(
        (["cgroup", entry.path] for entry in sorted(os.scandir(CG), key=lambda e: e.name)
         if entry.is_dir() and entry.name.startswith("c")), [])],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if len(maps) > 1 and text.returncode == 0:
        return "%d maps, and share check says they are one: %s" % (len(maps), text.stdout)
    return ""


class Round:
    def __init__(self, number, seed):
        dice = random.Random("%s %d" % (seed, number))
        self.number, self.seed = number, seed
        self.nr = dice.randint(2, 32)
        taken = set()
        self.loaders = [loader_of(i, dice, taken) for i in range(self.nr)]
        self.unpin = dice.choice((None, None, "gc", "rm"))
        self.others = [name for name in ("interfaces", "cgroups", "mounts", "namespaces")
                       if dice.random() < 0.7] + ([self.unpin] if self.unpin else [])
        self.failed = 0

    def fail(self, loader, why, said=""):
        self.failed += 1
        print("failed: storm:%d: %s: %s" % (self.number, loader, why))
        for line in said.splitlines():
            print("  said: " + line)
        print("  again: make check-hostile SEED=%s NAMES=storm AT=storm:%d" %
              (self.seed, self.number), flush=True)

    def run(self):
        clear(self.nr)
        others = Others(self.others)
        try:
            answers = self.load()
        finally:
            others.end()
        return self.judged(answers)

    def load(self):
        running = [subprocess.Popen(one.words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True, errors="replace")
                   for one in self.loaders]
        answers = []
        for child in running:
            try:
                said = child.communicate(timeout=LIMIT)[0]
                answers.append((child.returncode, said))
            except subprocess.TimeoutExpired:
                child.kill()
                answers.append((None, "over its limit\n" + child.communicate()[0]))
        return answers

    def judged(self, answers):
        maps = set()
        for one, (status, said) in zip(self.loaders, answers):
            wrong, used = judge(one, status, said)
            maps.update(used)
            if wrong:
                self.fail("%s (%s)" % (one.kind, " ".join(one.words)), wrong, said)
        if len(maps) > 1 and self.unpin != "rm":
            self.fail("all", "%d maps, and nobody removed the pin" % len(maps))
        elif maps and self.unpin != "rm":
            pinned = asked("bpftool", "-j", "map", "show", "pinned", PIN)
            if not pinned or pinned["id"] not in maps:
                self.fail("all", "map %s is in use, the pin is %s" % (maps, pinned))
        wrong = check_wrong(maps) or self.left()
        if wrong:
            self.fail("all", wrong)
        return self.nr, self.nr - min(self.nr, self.failed)

    def left(self):
        """What is neither the map's pin nor asked for."""
        wanted = {one.place[1] for one in self.loaders if one.place}
        found = [os.path.join(folder, name) for folder, _, names in os.walk(BPFFS)
                 for name in names if not name.endswith(".debug")]
        odd = [path for path in found if path != PIN and path not in wanted]
        return "left behind: %s" % ", ".join(odd) if odd else ""


def main():
    seconds, seed, at = float(sys.argv[2]), os.environ["SEED"], os.environ.get("AT", "")
    tried = survived = number = 0
    os.environ["PIN"] = PIN
    if "storm" in os.environ.get("CLASSES", "storm").split():
        rounds = int(os.environ.get("HOSTILE_TRIES") or 200)
        chosen = [int(at.split(":")[1])] if at else range(rounds)
        end = time.monotonic() + seconds
        for number in chosen:
            if time.monotonic() > end:
                break
            now = Round(number, seed)
            count, good = now.run()
            tried, survived = tried + count, survived + good
            if os.environ.get("V") == "1":
                print("  storm:%d: %d loaders beside %s" % (number, count, now.others), flush=True)
        clear(0)
    print("  %-20s %-7s %4d tried, %4d survived" % ("storm", "storm", tried, survived))
    with open(os.environ["RESULT"], "w") as file:
        file.write("storm %d %d\n" % (tried, survived))
    sys.exit(tried != survived)


main()
