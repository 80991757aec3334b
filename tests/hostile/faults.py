# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""faults.py NAME SECONDS IDEMPOTENT CMD...: runs CMD again and again, each time from a fresh
state (the shell function "before"), each time with one system call that fails, or with a
signal there, or each time in another world (worlds.py), and judges what stands afterwards. What
READS is judged by what it prints. See README.md above it."""

import collections
import ctypes
import errno
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import errnos
import state
import worlds

CLASSES = ("errno", "kill", "term", "rerun", *worlds.CLASSES)
SIGNALS = {"kill": "KILL", "term": "TERM"}
LIMIT = 90 * int(os.environ.get("MAPSHARE_PATIENCE") or 1)
# Streams that carry an answer, or did when it was written.
ANSWERED = ("full=2", "closed=2", "closed=02", "pipe")
# By which a command may end: ours, and a pipe that nobody reads.
ENDS = (signal.SIGKILL, signal.SIGTERM, signal.SIGPIPE)
MOST = int(os.environ.get("MOST", 100))
BROKEN = re.compile("Sanitizer|runtime error:|stack smashing|buffer overflow|corrupted"
                    "|Assertion|terminated by|core dumped")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
THERE = re.compile("exist|already|no such|not found|cannot find|in use|no \\w+ qdisc|nothing"
                   "|none of|no program|not pinned|is frozen", re.I)
SAYING = re.compile("|".join(["missing CAP_", "not compared", "conflict", "is not a pin", "cannot",
                              r"\(unknown\)", *sorted({re.escape(os.strerror(n)) for n in range(1, 132)})]))
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_CHILD_SUBREAPER, MNT_DETACH = 36, 2

Run = collections.namedtuple("Run", "status out err trace left")
# call: as strace names it, number: as strace counts it; name: that or bpf(2)'s command, nth: how
# often that came, which depends less on what else the machine has loaded.
Call = collections.namedtuple("Call", "call number name nth rest")
Fault = collections.namedtuple("Fault", "kind call number name nth errno")


def fault_text(fault):
    if isinstance(fault, worlds.World):
        return "%s:%s" % (fault.kind, fault.name)
    return "%s:%d:%s" % (fault.name, fault.nth, fault.errno or SIGNALS[fault.kind])


def fault_of(text, calls, others):
    for other in others:
        if text == fault_text(other):
            return other
    name, nth, what = text.rsplit(":", 2) if text.count(":") > 1 else (text, 0, "")
    kind = {"KILL": "kill", "TERM": "term"}.get(what, "errno")
    for call in calls:
        if (call.name, call.nth) == (name, int(nth)):
            return Fault(kind, call.call, call.number, name, call.nth,
                         what if kind == "errno" else None)
    sys.exit("this call never comes: " + text)


class Traffic:
    """Datagrams from the case's cgroup through v0 while its commands run. TRAFFIC names the maps
    in which both hooks count them, as files: each has to be in one of them, once; TRAFFIC_MEMBERS
    the members of all elements in which both do. Of a map that a refused run made and took back
    nothing is left to be read: TRAFFIC_LOST=yes says so, other words are those of such a run; words
    in TRAFFIC_DOUBT say that what both hooks counted was not added up."""

    SEND = """echo $$ >"$CG/cgroup.procs"
        while [ ! -e "$TMP/enough" ]; do
            $TRAFFIC_SEND >"$TMP/said"
            tail -n 1 "$TMP/said" >>"$TMP/sent"
            read -rt "$TRAFFIC_PAUSE" <>"$TMP/never" || :
        done"""

    def __init__(self):
        self.pins = os.environ.get("TRAFFIC", "").split()
        self.members = os.environ.get("TRAFFIC_MEMBERS", "").split()
        self.lost = os.environ.get("TRAFFIC_LOST")
        self.doubt = os.environ.get("TRAFFIC_DOUBT")
        self.tmp, self.child, self.all = os.environ["TMP"], None, 0

    def reset(self):
        for name in ("enough", "sent"):
            if os.path.exists(self.tmp + "/" + name):
                os.unlink(self.tmp + "/" + name)

    def begin(self):
        if self.pins and os.path.isdir(os.environ["CG"]):
            if os.path.exists(self.tmp + "/enough"):
                os.unlink(self.tmp + "/enough")
            self.child = subprocess.Popen(["bash", "-euc", self.SEND], stdin=subprocess.DEVNULL)
            while not self.sent() and self.child.poll() is None:
                time.sleep(0.005)

    def end(self):
        if self.child:
            with open(self.tmp + "/enough", "w"):
                pass
            if self.child.wait():
                sys.exit("traffic: status %d" % self.child.returncode)
            self.child = None

    def sent(self):
        if not os.path.exists(self.tmp + "/sent"):
            return 0
        with open(self.tmp + "/sent") as file:
            return sum(int(line) for line in file.read().split("\n")[:-1])

    def wrong(self, refused, said):
        """What does not add up. Slots: bpf/counter_shared.h."""
        if not self.pins or (refused and self.lost and (self.lost == "yes" or self.lost in said)):
            return ""
        # Where it could not be seen that they are counters, and that is said.
        if self.doubt and self.doubt in said:
            return ""
        sent = self.sent()
        self.all += sent
        for member in self.members:
            try:
                seen = sum(state.member_at(pin, member) for pin in state.pins_of(self.pins))
            except KeyError as missing:
                return "a map tells no %s any more" % missing
            if seen != 2 * sent + int(os.environ["TRAFFIC_BASE"]):
                return "%d datagrams left, %s counted %d" % (sent, member, seen)
        if self.members:
            return ""
        for hook, slot in (("tc", 3), ("cgroup", 7)):
            seen = sum(state.counter_at(pin, slot) for pin in state.pins_of(self.pins))
            if seen != sent:
                return "%d datagrams left, %s counted %d" % (sent, hook, seen)
        return ""


class Place:
    """Where a case runs: our bpffs, cgroup and directory, each try from nothing."""

    def __init__(self):
        self.bpffs, self.cgroup, self.work = (os.environ[n] for n in ("BPFFS", "CG", "WORK"))
        self.trace = os.environ["TMP"] + "/trace"
        self.traffic = Traffic()

    def fresh(self, plant=""):
        os.chdir("/")
        LIBC.umount2(self.bpffs.encode(), MNT_DETACH)
        if LIBC.mount(b"bpf", self.bpffs.encode(), b"bpf", 0, b"mode=0700"):
            raise OSError(ctypes.get_errno(), "mount " + self.bpffs)
        for folder, _, _ in os.walk(self.cgroup, topdown=False):
            os.rmdir(folder)
        os.mkdir(self.cgroup)
        shutil.rmtree(self.work, ignore_errors=True)
        os.mkdir(self.work)
        os.chdir(self.work)
        self.traffic.reset()
        made = subprocess.run(["bash", "-euc", "fresh_devices; before; " + plant], universal_newlines=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if made.returncode:
            sys.exit("before: status %d: %s" % (made.returncode, made.stdout))

    def state(self):
        return state.Reader(self.bpffs, self.cgroup, self.work).read()


def reap():
    """True if something still runs that the command started; it is ended."""
    for _ in range(40):
        try:
            pid = os.waitpid(-1, os.WNOHANG)[0]
        except ChildProcessError:
            return False
        if pid == 0:
            time.sleep(0.05)
    with open("/proc/self/task/%d/children" % os.getpid()) as file:
        for pid in file.read().split():
            os.kill(int(pid), signal.SIGKILL)
            os.waitpid(int(pid), 0)
    return True


def link_of(path):
    """Where it leads; nowhere, if it is gone by now."""
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return ""


def follow(child, traced):
    """What stays is given a cgroup beside the one that it has, and is ended by SIGTERM once both are
    served, or after a while."""
    def wait_for(is_so):
        end = time.monotonic() + LIMIT / 9
        while time.monotonic() < end and child.poll() is None and not is_so():
            time.sleep(0.01)

    def pid():
        if not traced:
            return child.pid
        with open("/proc/%d/task/%d/children" % (child.pid, child.pid)) as file:
            return int((file.read().split() or [child.pid])[0])

    def watches():
        fds = "/proc/%d/fd/" % pid()
        return any("inotify" in link_of(fds + fd) for fd in os.listdir(fds))

    there, new = os.environ["FOLLOWED"].split()
    wait_for(watches)
    wait_for(lambda: state.has_programs(there))
    os.makedirs(new, exist_ok=True)
    wait_for(lambda: state.has_programs(new))
    os.kill(pid(), signal.SIGTERM)


def run(place, command, options=()):
    words = ["strace", "-f", "-qq", "-o", place.trace, *options, *command] if options else command
    place.traffic.begin()
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, universal_newlines=True,
                             errors="backslashreplace", start_new_session=True)
    try:
        if os.environ.get("FOLLOWED"):
            try:
                follow(child, bool(options))
            except (FileNotFoundError, ProcessLookupError):
                pass
        out, err = child.communicate(timeout=LIMIT)
        status = child.returncode
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
        status = "over its limit of %d s" % LIMIT
    place.traffic.end()
    left = reap()
    trace = ""
    if options:
        with open(place.trace, errors="backslashreplace") as file:
            trace = file.read()
    return Run(status, out, err, trace, left)


def calls_of(trace):
    """As strace counts: each process by itself. What a build for `make coverage` does to its files
    of counts is counted, but no call of the program's."""
    seen, calls, counts = collections.Counter(), [], {}
    for line in trace.splitlines():
        found = re.match(r"(\d+) +(\w+)\((.*)", line)
        if found:
            pid, call, rest = found.groups()
            command = re.match(r"BPF_\w+", rest) if call == "bpf" else None
            name = command[0] if command else call
            seen.update({(pid, call), (pid, name)})
            opened = re.search(r'\.gcda".* = (\d+)$', rest)
            if opened:
                counts[pid] = opened[1] + ")"
            elif pid not in counts:
                calls.append(Call(call, seen[pid, call], name, seen[pid, name], rest))
            elif call == "close" and rest.startswith(counts[pid]):
                del counts[pid]
    return calls


def injected_line(trace):
    """What really failed: between two runs the N-th call may be another one."""
    lines = trace.splitlines()
    lines = [line for line in lines if "INJECTED" in line] or lines[-2:-1]
    return re.sub(r"^\d+ +", "", lines[0])[:160] if lines else "?"


def faults_of(calls, start):
    """All that can be done to a run but to the calls before main. Of what comes again and again,
    as once for each map of the machine, MOST."""
    groups = collections.defaultdict(dict)
    # A child's first call would be its parent's first one, too.
    early = collections.Counter(one.call for one in calls[:start])
    for one in calls[start:]:
        if one.number <= early[one.call]:
            continue
        for errno in errnos.errnos_of(one.call, one.name):
            groups["errno", one.call, one.name, errno][one.number] = one.nth
        if errnos.is_changing(one.call, one.name, one.rest):
            for kind in SIGNALS:
                groups[kind, one.call, one.name, None][one.number] = one.nth
    groups.pop(("term", "exit_group", "exit_group", None), None)
    for name, errno in (one.split(":") for one in os.environ.get("IMPOSSIBLE", "").split()):
        for group in [one for one in groups if one[2:] == (name, errno)]:
            del groups[group]
    return [Fault(kind, call, number, name, nth, errno)
            for (kind, call, name, errno), places in groups.items()
            for number, nth in spread(list(places.items()))]


def spread(places):
    step = max(1, len(places) / MOST)
    return [places[int(i * step)] for i in range(int(len(places) / step))]


def shuffled(faults, seed):
    """At random, but rare calls sooner: a thousand of one kind must not hide the only one of
    another. Each has dice of its own, so that one call more or less on another machine changes the
    place of few."""
    dice = lambda f: random.Random("%s %s" % (seed, fault_text(f))).random()
    group = lambda f: f.kind if isinstance(f, worlds.World) else (f.kind, f.name)
    groups = collections.Counter(group(f) for f in faults)
    return sorted(faults, key=lambda f: -dice(f) ** (groups[group(f)] ** 0.7))


class Case:
    def __init__(self, name, idempotent, command):
        self.name, self.idempotent, self.command = name, idempotent, command
        self.reads = os.environ.get("READS") == "yes"
        self.offers = os.environ.get("OFFERS") == "yes"
        self.stale = True
        self.place = Place()

    def undisturbed(self):
        """The wanted state, and the calls on the way."""
        place = self.place
        place.fresh()
        start = place.state().normal()
        done = run(place, self.command, ["-e", "signal=none"])
        self.text = done.out
        if done.status != 0 or done.left:
            sys.exit("%s: undisturbed: status %s: %s" % (self.name, done.status, done.err))
        wanted = self.settled(lambda now: False)
        self.before, self.wanted, self.copies = start, wanted.normal(), wanted.copies()
        self.calls = calls_of(done.trace)
        version = calls_of(run(place, [self.command[0], "-V"], ["-e", "signal=none"]).trace)
        self.start = 0
        for one, other in zip(version[:-2], self.calls):
            if one.call != other.call:
                break
            self.start += 1
        again = run(place, self.command)
        now = place.state().normal()
        self.stale = not self.reads
        if now != self.wanted or (self.idempotent and again.status != 0) or \
                (self.reads and (again.out != self.text or self.wanted != start)):
            sys.exit("%s: run twice: status %s: %s%s" %
                     (self.name, again.status, again.err, difference(self.wanted, now)))

    def settled(self, is_good):
        """The kernel lets go of some things a moment later."""
        for wait in (0, 0.1, 0.5, 2):
            time.sleep(wait)
            now = self.place.state()
            if is_good(now):
                break
        return now

    def options(self, fault):
        how = "error=" + fault.errno if fault.errno else "signal=" + SIGNALS[fault.kind]
        # Which stops at chosen calls only, but sends no signals.
        quick = fault.errno and fault.call not in ("prctl", "seccomp", "execve")
        return (["--seccomp-bpf"] if quick else []) + ["-e", "trace=" + fault.call,
                        "-e", "inject=%s:%s:when=%d" % (fault.call, how, fault.number)]

    def fresh(self, plant=""):
        """The state before, for what reads only once it has been spoilt."""
        if self.stale or plant:
            self.place.fresh(plant)
            self.stale = not self.reads
            if self.reads:
                self.text = run(self.place, self.command).out
        now = self.settled(lambda now: plant or now.normal() == self.before)
        if not plant and now.normal() != self.before:
            sys.exit("%s: no fresh state: %s" %
                     (self.name, difference(self.before, now.normal())))
        return now

    def try_once(self, fault):
        """None: the call never came. '': survived. Else what is wrong."""
        other = isinstance(fault, worlds.World)
        self.spoilt = False
        before = self.fresh(fault.plant if other else "")
        if other:
            words = fault.words or self.command
            done, self.at = run(self.place, fault.prefix + words), fault.prefix + words
        else:
            done = run(self.place, self.command, self.options(fault))
            self.at = injected_line(done.trace)
        self.last = done
        wrong = self.judge(fault, before, done)
        # What reads may have left something that it said: the next one begins without it.
        self.stale = self.stale or bool(wrong) or self.spoilt
        return wrong

    def judge(self, fault, before, done):
        other = isinstance(fault, worlds.World)
        if not other:
            mark = "INJECTED" if fault.errno else "SIG" + SIGNALS[fault.kind]
            if mark not in done.trace and done.status == 0:
                return None
        if done.left:
            return "a process was left behind"
        if BROKEN.search(done.err) or (isinstance(done.status, int) and done.status < 0
                                       and -done.status not in ENDS):
            return "broke: status %s" % done.status
        if not isinstance(done.status, int):
            return str(done.status)
        if CONTROL.search(done.err) or CONTROL.search(done.out):
            return "control characters reach the terminal: %r" % (done.err or done.out)
        if other:
            wrong = self.judge_world(fault, before, done)
        else:
            wrong = (self.judge_errno if fault.errno else self.judge_signal)(fault, before, done)
        # What was asked of another place says nothing about this one's.
        if fault.kind == "names":
            return wrong
        refused = done.status != 0 or fault.kind == "term"
        # What began half done is counted once it is finished.
        if refused and os.environ.get("BEGINS_HALF") == "yes":
            run(self.place, self.command)
        return wrong or self.place.traffic.wrong(refused, done.err + done.out)

    def judge_world(self, fault, before, done):
        now = self.settled(lambda now: now.raw() == before.raw() or now.normal() == self.wanted)
        self.spoilt = now.raw() != before.raw()
        if done.status != 0:
            if not is_said(done) and not fault.mute:
                return "refused without a word: status %d" % done.status
            # What was done, but not answered.
            if now.raw() == before.raw() or (fault.mute and now.normal() == self.wanted) \
                    or self.is_finished_by_rerun(done):
                return ""
            return "refused, but not as before:" + difference(before.raw(), now.raw())
        if fault.kind == "names":
            return ""
        if fault.kind == "pins":
            return "success over something else"
        if self.reads and self.text and fault.mute and not self.offers and fault.name not in ANSWERED:
            return "success, and no answer could be seen"
        if self.reads and not fault.mute and not self.offers and done.out != self.text and not is_said(done, self.text):
            return "less is printed, and nothing said of it:" + \
                difference(self.text.splitlines(), done.out.splitlines())
        if now.normal() == self.wanted or (is_said(done) and now.raw() != before.raw()):
            return ""
        return "success without the wanted state:" + difference(self.wanted, now.normal())

    def judge_errno(self, fault, before, done):
        if done.status == 0:
            now = self.settled(lambda now: now.normal() == self.wanted)
            self.spoilt = now.raw() != before.raw()
            lesser = is_said(done) and now.raw() != before.raw()
            gone = fault.errno == "ENOENT" and os.environ.get("GONE_IS_DONE") == "yes"
            # What went while one looked need not be printed.
            if self.offers:
                more = set(done.out.splitlines()) - set(self.text.splitlines())
                # Of what may not be opened nobody knows that it is not meant.
                if fault.errno in ("EACCES", "EPERM"):
                    more = None
                return "offers what is not there: %s" % " ".join(more) if more else ""
            if self.reads and fault.errno != "ENOENT" and done.out != self.text \
                    and not is_said(done, self.text):
                return "less is printed, and nothing said of it:" + \
                    difference(self.text.splitlines(), done.out.splitlines())
            if now.normal() == self.wanted or lesser or gone:
                return ""
            return "success without the wanted state:" + difference(self.wanted, now.normal())
        if not self.is_refusal(done) and not self.is_told_gone(fault, done):
            return "no clean refusal: status %d" % done.status
        if self.unpromised(fault, done):
            return "an error that no page promises: " + self.unpromised(fault, done)
        now = self.settled(lambda now: now.raw() == before.raw())
        if now.raw() == before.raw():
            return ""
        # Done; only the answer could not be printed, and that is what the status says.
        unsaid = fault.call in ("write", "writev") and "write" in done.err
        if unsaid and now.normal() == self.wanted:
            return ""
        if self.is_finished_by_rerun(done):
            return ""
        return "refused, but not as before:" + difference(before.raw(), now.raw())

    def is_finished_by_rerun(self, done):
        """Past the point where all can be taken back: it says so, and a rerun ends it."""
        word = os.environ.get("FINISHED_BY_RERUN")
        if not word or word not in done.err + done.out or run(self.place, self.command).status:
            return False
        return self.settled(lambda now: now.normal() == self.wanted).normal() == self.wanted

    def is_refusal(self, done):
        """With a word, unless it was the word that could not be written."""
        said = is_said(done) or re.search(r"\bwrite\((2, .*|1, .*EPIPE.*)INJECTED", done.trace)
        return 0 < done.status < 256 and said

    def unpromised(self, fault, done):
        """A library's error has a number: of those it documents, or what the kernel said."""
        promised = os.environ.get("PROMISED", "").split()
        told = {errno.errorcode.get(int(n), n) for n in re.findall(r"^error (\d+): ", done.err, re.M)}
        return " ".join(told - {fault.errno, *promised}) if promised else ""

    def is_told_gone(self, fault, done):
        """What compares tells of what went while it looked in its answer: a difference."""
        return self.reads and fault.errno == "ENOENT" and done.status == 1 and \
            bool(done.out.strip()) and done.out != self.text

    def judge_signal(self, _, before, done):
        now = self.settled(lambda now: now.raw() == before.raw() or now.normal() == self.wanted)
        gone = standing(self.before) & standing(self.wanted) - standing(now.normal())
        if gone and os.environ.get("STANDS") == "yes":
            return "gone until it is run again: %s" % ", ".join(gone)
        again = run(self.place, self.command)
        after = self.settled(lambda after: after.normal() == self.wanted)
        self.last = Run("%s, then %s" % (done.status, again.status), "", done.err + again.err,
                        "", False)
        if again.left or (isinstance(again.status, int) and again.status < 0):
            return "the rerun broke"
        # What was missing may have come from a second load, if it is said: "already attached".
        second = again.err.strip() and after.copies() == self.copies
        missing = difference(self.wanted, after.normal())
        if again.status == 0:
            reached = after.normal() == self.wanted or second
            return "" if reached else "the rerun says success:" + missing
        if self.idempotent or now.raw() == before.raw():
            return "the rerun is refused:" + difference(before.raw(), now.raw())
        if not THERE.search(again.err):
            return "the rerun does not say what is there:" + missing
        return ""


def sayings(text):
    """The lines, or strings of JSON, that say what failed or is missing."""
    lines = [part for line in text.splitlines() for part in line.split('"')]
    return collections.Counter(line for line in lines if SAYING.search(line))


def is_said(done, usual=""):
    """Where not on stderr, then in the answer, in words that it usually does not have. What tells of
    its steps there, in lines of PROGRESS, has not said that one is missing."""
    progress = os.environ.get("PROGRESS")
    err = [line for line in done.err.splitlines() if not (progress and re.search(progress, line))]
    return "".join(err).strip() or '"error":' in done.out or sayings(done.out) - sayings(usual)


def standing(lines):
    """Pins and places, whatever is in them; how many programs of a cgroup."""
    found = collections.Counter()
    for line in lines:
        words = line.split()
        if words[0] == "pin":
            found[line.split(" = ")[0]] += 1
        elif words[0] in ("filter", "cgroup", "list"):
            found[" ".join(words[:3])] += line.count("prog ")
    return found


def difference(one, other):
    """What stands in one only, as lines."""
    one, other = collections.Counter(one), collections.Counter(other)
    return "".join("\n    %s%s" % (sign, line) for sign, lines in
                   (("-", one - other), ("+", other - one)) for line in sorted(lines.elements()))


def report(case, fault, wrong, seed):
    print("failed: %s %s: %s" % (case.name, fault_text(fault), wrong))
    print("  at %s" % case.at)
    print("  status %s" % case.last.status)
    for line in case.last.err.splitlines():
        print("  stderr: " + line)
    print("  again: make check-hostile SEED=%s NAMES=%s AT=%s" %
          (seed, case.name, fault_text(fault)), flush=True)


def walk(case, faults, seed, seconds):
    tried, survived = collections.Counter(rerun=1), collections.Counter(rerun=1)
    end = time.monotonic() + seconds
    for fault in faults[:int(os.environ.get("HOSTILE_TRIES") or len(faults))]:
        if time.monotonic() > end:
            break
        wrong = case.try_once(fault)
        if wrong is None:
            continue
        tried[fault.kind] += 1
        if wrong:
            report(case, fault, wrong, seed)
        else:
            survived[fault.kind] += 1
        if os.environ.get("V") == "1":
            print("  %s %s: %s, status %s, %s" %
                  (case.name, fault_text(fault), "failed" if wrong else "survived",
                   case.last.status, case.last.err.strip()), flush=True)
    return tried, survived


def main():
    name, seconds, idempotent, command = *sys.argv[1:4], sys.argv[4:]
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    seed, at = os.environ["SEED"], os.environ.get("AT")
    case = Case(name, idempotent == "yes", command)
    case.undisturbed()
    faults = faults_of(case.calls, case.start)
    if case.reads:
        faults = [fault for fault in faults if fault.errno]
    others = worlds.worlds_of(command, case.before, case.wanted)
    wanted = os.environ.get("CLASSES", " ".join(CLASSES)).split()
    faults = [fault for fault in faults + others if fault.kind in wanted]
    chosen = [fault_of(at, case.calls, others)] if at else shuffled(faults, "%s %s" % (seed, name))
    tried, survived = walk(case, chosen, seed, float(seconds))
    there = collections.Counter([*(fault.kind for fault in faults), "rerun"])
    for kind in CLASSES:
        if tried[kind]:
            print("  %-20s %-7s %4d of %5d tried, %4d survived" %
                  (name, kind, tried[kind], there[kind], survived[kind]))
    if case.place.traffic.pins:
        print("  %-20s %d datagrams sent, each counted once" % (name, case.place.traffic.all))
    with open(os.environ["RESULT"], "w") as file:
        for kind in CLASSES:
            file.write("%s %d %d\n" % (kind, tried[kind], survived[kind]))
    if at and sum(tried.values()) == 1:
        sys.exit("%s: this call never came: %s" % (name, at))
    sys.exit(tried != survived)


main()
