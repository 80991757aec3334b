# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What comes and goes while a file is followed, and whether it is what the file says.

    storm.py make CGROUP ACTS SEED [PID]    PID is stopped and goes on at random meanwhile
    storm.py judge CGROUP                   a line for each place that is wrong
    storm.py clean CGROUP                   all that was made

Interfaces st* of this namespace and in* of the namespaces fos*, cgroups CGROUP/box*/in* and
CGROUP/lnk* each have one program of ours; no*, ou*, oth* and out* have none. Ours are those at
CGROUP/box_first/in, at CGROUP/lnk_first and at st_first, which nothing here touches; preference 9, foreign0 and
CGROUP/theirs are somebody else's, and the caller's to judge.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time

OURS, OTHERS = ("st", "in", "fos", "box", "lnk"), ("no", "ou", "oth", "out")


def run(*args, **more):
    return subprocess.run(args, check=True, stdout=subprocess.PIPE, text=True, **more).stdout


def names_of(ns):
    links = run("ip", *(["-n", ns] if ns else []), "-j", "link")
    return [link["ifname"] for link in json.loads(links or "[]")]


def namespaces():
    return sorted(n for n in os.listdir("/run/netns") if n.startswith(("fos", "oth")))


def below(top, depth):
    """Cgroups that many levels below it, as paths."""
    if depth == 0:
        return [top]
    return [path for e in os.scandir(top) if e.is_dir() for path in below(e.path, depth - 1)]


def stays(path):
    return "_first" in path or "/theirs" in path


class Storm:
    def __init__(self, top, seed, pid):
        self.random = random.Random(seed)
        self.top, self.pid = top, pid
        self.number = int(time.time() * 1000) % 10**9  # no name of an earlier one
        self.ip = subprocess.Popen(["ip", "-force", "-batch", "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        self.nets = namespaces()
        self.devs = {}  # name: [namespace, the other end]
        self.cgroups = [p for p in below(top, 1) + below(top, 2) if not stays(p)]
        self.free = []  # names that were in use
        self.stopped = False

    def say(self, line):
        self.ip.stdin.write(line + "\n")

    def name(self, ours, other):
        if self.free and self.random.random() < 0.3:
            return self.random.choice(self.free)
        self.number += 1
        return "%s%d" % (ours if self.random.random() < 0.8 else other, self.number)

    # --- interfaces and namespaces

    def dev_forget(self, name):
        for end in (name, self.devs.get(name, (None, None))[1]):
            if self.devs.pop(end, None):
                self.free.append(end)
        self.free = self.free[-20:]

    def dev_add(self):
        ns = self.random.choice([""] * 3 + self.nets[-5:])
        one = self.name(*(("in", "ou") if ns else ("st", "no")))
        two = self.name("st", "no")
        if one in self.devs or two in self.devs or one == two:
            return
        self.say("link add %s%s type veth peer name %s" % (one, " netns " + ns if ns else "", two))
        self.devs[one], self.devs[two] = [ns, two], ["", one]

    def dev_here(self):
        here = [n for n, d in self.devs.items() if not d[0]]
        return self.random.choice(here) if here else None

    def dev_del(self):
        name = self.dev_here()
        if name:
            self.say("link del " + name)
            self.dev_forget(name)

    def dev_rename(self):
        name, new = self.dev_here(), self.name("st", "no")
        if not name or new in self.devs:
            return
        self.say("link set %s name %s" % (name, new))
        self.devs[new] = self.devs.pop(name)
        if self.devs[new][1] in self.devs:
            self.devs[self.devs[new][1]][1] = new

    def dev_move(self):
        name, new = self.dev_here(), self.name("in", "ou")
        if not name or not self.nets or new in self.devs:
            return
        ns = self.random.choice(self.nets)
        self.say("link set %s netns %s name %s" % (name, ns, new))
        other = self.devs.pop(name)[1]
        self.devs[new] = [ns, other]
        if other in self.devs:
            self.devs[other][1] = new

    def net_add(self):
        name = self.name("fos", "oth")
        if name not in self.nets and not name.startswith(("st", "no", "in", "ou")):
            self.say("netns add " + name)
            self.nets.append(name)

    def net_del(self):
        if not self.nets:
            return
        name = self.nets.pop(self.random.randrange(len(self.nets)))
        self.say("netns del " + name)
        for dev in [n for n, d in self.devs.items() if d[0] == name]:
            self.dev_forget(dev)
        self.free.append(name)

    # --- cgroups

    def cgroup_add(self):
        parents = [p for p in self.cgroups if p.count("/") == self.top.count("/") + 1]
        if parents and self.random.random() < 0.3:
            self.cgroup_make(self.random.choice(parents))
        elif self.random.random() < 0.3:
            self.cgroup_make(self.top, "lnk")
        else:
            parent = self.cgroup_make(self.top, "box")
            for _ in range(self.random.randrange(3)):
                self.cgroup_make(parent)

    def cgroup_make(self, parent, word="in"):
        self.number += 1
        other = "oth" if parent == self.top else "out"
        name = "%s%d" % (word if self.random.random() < 0.8 else other, self.number)
        path = os.path.join(parent, name)
        os.mkdir(path)
        self.cgroups.append(path)
        return path

    def cgroup_del(self, again=False):
        if not self.cgroups:
            return
        path = self.random.choice(self.cgroups)
        for p in [p for p in self.cgroups if p.startswith(path + "/")] + [path]:
            os.rmdir(p)
            if again and p == path:
                os.mkdir(p)
            else:
                self.cgroups.remove(p)

    # --- all of it

    def stutter(self):
        if self.pid and self.random.random() < 0.05:
            self.stopped = not self.stopped
            os.kill(self.pid, signal.SIGSTOP if self.stopped else signal.SIGCONT)

    def act(self, little):
        """Something comes, or goes, more likely the more there is."""
        r = self.random.random
        if r() < 0.5:
            if len(self.cgroups) < little and r() < 0.7:
                self.cgroup_add()
            else:
                self.cgroup_del(again=r() < 0.2)
        elif r() < 0.2:
            if len(self.nets) < little / 10 and r() < 0.7:
                self.net_add()
            else:
                self.net_del()
        elif r() < 0.3:
            self.dev_rename() if r() < 0.6 else self.dev_move()
        elif len(self.devs) < little and r() < 0.7:
            self.dev_add()
        else:
            self.dev_del()

    def make(self, acts):
        for _ in range(acts):
            self.act(max(20, acts // 20))
            self.stutter()
        self.ip.stdin.close()
        self.ip.wait()
        if self.pid:
            os.kill(self.pid, signal.SIGCONT)


# --- from outside: tc and bpftool


def documents(text):
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        yield document
        while at < len(text) and text[at].isspace():
            at += 1


def filters(ns):
    """Of each interface: its programs, as (preference, handle, id)."""
    names = names_of(ns)
    lines = "".join("filter show dev %s ingress\n" % n for n in names)
    out = run("tc", *(["-n", ns] if ns else []), "-j", "-force", "-batch", "-", input=lines,
              stderr=subprocess.DEVNULL)
    shown = list(documents(out.strip()))
    if len(shown) != len(names):
        raise SystemExit("%d answers of tc for %d interfaces" % (len(shown), len(names)))
    return {n: sorted((f["pref"], f["options"]["handle"], f["options"]["prog"]["id"])
                      for f in d if f["pref"] != 9 and "prog" in f.get("options", {}))
            for n, d in zip(names, shown) if n != "foreign0"}


def fits(place, top):
    """place: interface, or 'NAMESPACE interface', or the path of a cgroup."""
    if place[0] == "/":
        parts = place[len(top) + 1:].split("/")
        return (len(parts) == 2 and parts[0].startswith("box") and parts[1].startswith("in")
                or len(parts) == 1 and parts[0].startswith("lnk"))
    ns, _, dev = place.rpartition(" ")
    return dev.startswith("in") and ns.startswith("fos") if ns else dev.startswith("st")


def world(top):
    places = {}
    for ns in [""] + namespaces():
        for dev, progs in filters(ns).items():
            places[(ns + " " + dev).strip()] = progs
    shown = json.loads(run("bpftool", "-j", "cgroup", "tree", top) or "[]")
    for path in below(top, 1) + below(top, 2) + below(top, 3):
        places[path] = []
    for e in shown:
        if "/theirs" not in e["cgroup"]:
            places[e["cgroup"]] = [p["id"] for p in e["programs"]]
    return places


def judge(top):
    places = world(top)
    ours = [f[2] for f in places["st_first"]]
    cg, lnk = places[top + "/box_first/in"], places[top + "/lnk_first"]
    counts = {"in place": 0, "wrong": 0}
    netns = set()
    for place, progs in sorted(places.items()):
        want = []
        if fits(place, top):
            want = cg if "/box" in place else lnk if place[0] == "/" else [(5, "0x1", ours[0])]
        if " " in place and len(progs) == 1 and want:
            netns.add(progs[0][2])
            want = [(5, "0x1", progs[0][2])]
        if progs != want:
            print("%s: %s, not %s" % (place, progs, want))
        counts["wrong" if progs != want else "in place"] += bool(want or progs)
    if len(netns) > 1:
        print("programs of namespaces: %s" % netns)
    print("%d places" % counts["in place"], file=sys.stderr)


def clean(top):
    for name in names_of(""):
        if name.startswith(("st", "no")) and name != "st_first":
            subprocess.run(["ip", "link", "del", name], stderr=subprocess.DEVNULL)
    for name in namespaces():
        run("ip", "netns", "del", name)
    for depth in (3, 2, 1):
        for path in below(top, depth):
            if not stays(path):
                os.rmdir(path)


def main():
    what, top = sys.argv[1:3]
    if what == "make":
        pid = int(sys.argv[5]) if len(sys.argv) > 5 else 0
        Storm(top, int(sys.argv[4]), pid).make(int(sys.argv[3]))
    elif what == "judge":
        judge(top)
    else:
        clean(top)


main()
