#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What benches noted (tests/measure.sh), as a table, JSON and a picture.

	report.py RUNS [--json FILE] [--svg FILE] [--stored FILE]

Medians with spread, versions and machine. Against the stored JSON a cell that is slower by more
than its noise is said, with both ratios; that is a remark, the status stays 0. Ratios are compared,
ours to the first peer of the same run, since machines differ.
"""
import argparse
import html
import json
import os
import platform
import statistics
import subprocess
import sys

UNIT = "cpu_ms"  # what other work of the machine changes least
BAR, LEFT, ROW, SCALE, MOST = 10, 260, 18, 150, 2


def word_of(*command):
    try:
        out = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    lines = (out.stdout or out.stderr).splitlines()
    return lines[0].strip() if lines else None


def machine():
    model = None
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            model = next((l.split(":")[1].strip() for l in info if l.startswith("model name")), None)
    except OSError:
        pass
    return {
        "cpu": model,
        "cpus": os.cpu_count(),
        "kernel": platform.release(),
        "load": os.getloadavg()[1],
        "tc": word_of("tc", "-V"),
        "bpftool": word_of("bpftool", "version"),
        "ours": word_of("tc_loader", "-V"),
    }


def read(path):
    """{(bench, cell): {who: {unit: [values]}}}, in the order of the file."""
    cells = {}
    with open(path, encoding="utf-8") as runs:
        for line in runs:
            bench, cell, who, unit, value = line.rstrip("\n").split("\t")
            by_unit = cells.setdefault((bench, cell), {}).setdefault(who, {})
            by_unit.setdefault(unit, []).append(float(value))
    return cells


def summary(values):
    return {
        "least": min(values),
        "median": statistics.median(values),
        "most": max(values),
        "runs": len(values),
    }


def unit_of(by_who):
    """Processor time, if all have it and it is long enough to be counted."""
    if all(UNIT in u and statistics.median(u[UNIT]) > 0 for u in by_who.values()):
        return UNIT
    return next(iter(by_who["ours"]))


def rows_of(cells):
    rows = []
    for (bench, cell), by_who in cells.items():
        if "ours" not in by_who:
            continue
        unit = unit_of(by_who)
        row = {"bench": bench, "cell": cell, "unit": unit, "who": {}}
        for who, units in by_who.items():
            if unit in units:
                row["who"][who] = summary(units[unit])
                if "KiB" in units:
                    row["who"][who]["peak_kib"] = max(units["KiB"])
        rows.append(row)
    return rows


def ratio(row):
    """Ours to the first peer, and how much of it is noise; None: no peer.

    Of processor time the least, which other work disturbs least; what two CPUs do to each other is
    in the median alone.
    """
    which = "least" if row["unit"] == UNIT else "median"
    peers = [w for w in row["who"] if w != "ours"]
    if not peers:
        return None
    ours, peer = row["who"]["ours"], row["who"][peers[0]]
    if not peer["least"] or not ours["least"]:
        return None
    noise = sum((s["median"] - s["least"]) / s["least"] for s in (ours, peer))
    return peers[0], ours[which] / peer[which], max(noise, 0.1)


def say(rows, stored):
    print(f"{'cell':<48} {'who':<12} {'median':>10} {'least':>10} {'most':>10} unit    ours/this")
    before = {(r["bench"], r["cell"]): ratio(r) for r in stored}
    for row in rows:
        name = f"{row['bench']}: {row['cell']}"
        which = "least" if row["unit"] == UNIT else "median"
        ours = row["who"]["ours"][which]
        for who, s in row["who"].items():
            of_it = "" if who == "ours" or not s[which] else f"{ours / s[which]:9.2f}"
            print(f"{name:<48} {who:<12} {s['median']:>10.1f} {s['least']:>10.1f} "
                  f"{s['most']:>10.1f} {row['unit']:<7} {of_it}")
        now, then = ratio(row), before.get((row["bench"], row["cell"]))
        if now and then and now[0] == then[0] and now[1] > then[1] * (1 + now[2] + then[2]):
            print(f"slower than stored: {name}: {now[1]:.2f} x {now[0]}, was {then[1]:.2f}; "
                  f"noise {100 * (now[2] + then[2]):.0f} %")


def bar(y, cell, peer, value):
    """One cell; what is longer than the scale has an arrow in the place of its end."""
    colour = "#2a7" if value <= 1 else "#c73"
    end = LEFT + min(value, MOST) * SCALE
    out = [f'<text x="20" y="{y + BAR}">{html.escape(cell)}</text>',
           f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.0f}" height="{BAR}" fill="{colour}"/>']
    if value > MOST:
        half = BAR // 2
        out.append(f'<path d="M{end:.0f},{y} l6,{half} l-6,{half} z" fill="{colour}"/>')
    out.append(f'<text x="{LEFT + MOST * SCALE + 52}" y="{y + BAR}" text-anchor="end">'
               f'{value:.2f}</text>')
    out.append(f'<text x="{LEFT + MOST * SCALE + 58}" y="{y + BAR}" fill="#555">'
               f'× {html.escape(peer)}</text>')
    return out


def svg(rows, facts):
    """A bar a cell, the cells of a bench below its name: ours as a part of the peer, 1 is the line."""
    out, bench, y = [], None, 34
    for row in rows:
        compared = ratio(row)
        if not compared:
            continue
        if row["bench"] != bench:
            bench = row["bench"]
            y += 6
            out.append(f'<text x="8" y="{y + BAR}" font-weight="bold">{html.escape(bench)}</text>')
            y += ROW
        out += bar(y, row["cell"], compared[0], compared[1])
        y += ROW
    height, width = y + 36, LEFT + MOST * SCALE + 130
    facts = ", ".join(str(facts[k]) for k in ("tc", "bpftool", "kernel", "cpu") if facts[k])
    line = f'x1="{LEFT + SCALE}" y1="28" x2="{LEFT + SCALE}" y2="{y}"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        '<text x="8" y="18" font-size="13">Processor time, ours as a part of the peer\'s '
        '(shorter is faster)</text>',
        *out,
        f'<line {line} stroke="#000" stroke-dasharray="3"/>',
        f'<text x="8" y="{height - 12}" font-size="10">{html.escape(facts)}</text></svg>']) + "\n"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("runs")
    options.add_argument("--json")
    options.add_argument("--svg")
    options.add_argument("--stored")
    o = options.parse_args()
    if not os.path.exists(o.runs):
        sys.exit(f"report.py: no bench noted a run in '{o.runs}'")
    facts, rows, stored = machine(), rows_of(read(o.runs)), []
    if o.stored and os.path.exists(o.stored):
        with open(o.stored, encoding="utf-8") as old:
            stored = json.load(old)["cells"]
    for name, value in facts.items():
        print(f"{name}: {value}")
    say(rows, stored)
    if o.json:
        with open(o.json, "w", encoding="utf-8") as new:
            json.dump({"machine": facts, "cells": rows}, new, indent="\t")
            new.write("\n")
    if o.svg:
        with open(o.svg, "w", encoding="utf-8") as new:
            new.write(svg(rows, facts))


if __name__ == "__main__":
    main()
