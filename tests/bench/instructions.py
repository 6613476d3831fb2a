#!/usr/bin/python3
"""instructions: a guard against slow code that no clock can fool.

    instructions.py [--accept]

Counts the instructions of an event of fixed recordings with valgrind's
callgrind, as the difference of a long and a short run, so that the start does
not count.  Fails where one is more than TOLERANCE above the figure in
instructions.txt.  One that is as much below it passes, and asks for the new
figure: --accept writes it.  The last line is "N passed, N failed".
"""

import os
import re
import subprocess
import sys
import tempfile

TOLERANCE = 0.05
SHORT, LONG = 5000, 25000
HERE = os.path.dirname(os.path.abspath(__file__))
FIGURES = os.path.join(HERE, "instructions.txt")
BUILD = os.getcwd()

CASES = {
    "notifications": ("notifications", []),
    "events": ("events", []),
    "events-tsv": ("events", ["--format", "tsv"]),
    "notifications-audit": ("notifications", ["--audit", "/dev/null"]),
}


def count(recording, options):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    command += [os.path.join(BUILD, "gcpresence"), "--replay", recording, *options]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or found is None:
        raise SystemExit(f"instructions: valgrind failed:\n{done.stderr[-2000:]}")
    return int(found.group(1))


def record(folder, shape, events):
    path = os.path.join(folder, f"{shape}-{events}")
    if not os.path.exists(path):
        blast = os.path.join(BUILD, "tests/bench/blast")
        with open(path, "wb") as output:
            subprocess.run(
                [blast, "-s", shape, "-n", str(events), "record"], stdout=output, check=True
            )
    return path


def measure():
    figures = {}
    with tempfile.TemporaryDirectory(prefix="gcpresence-instructions-") as folder:
        for name, (shape, options) in CASES.items():
            short, long = (
                count(record(folder, shape, events), options) for events in (SHORT, LONG)
            )
            figures[name] = round((long - short) / (LONG - SHORT))
    return figures


def main():
    figures = measure()
    if sys.argv[1:] == ["--accept"]:
        with open(FIGURES, "w", encoding="ascii") as output:
            for name, figure in figures.items():
                output.write(f"{name} {figure}\n")
        return 0
    with open(FIGURES, encoding="ascii") as wanted:
        limits = {name: int(figure) for name, figure in map(str.split, wanted)}
    failed = 0
    for name, figure in figures.items():
        more = figure / limits[name] - 1
        verdict = "ok"
        if more > TOLERANCE:
            verdict = "not ok: slower than it was; if that must be, --accept"
            failed += 1
        elif more < -TOLERANCE:
            verdict = "ok, and better: --accept"
        print(f"{name}: {figure} instructions an event, {more:+.1%} ({limits[name]}): {verdict}")
    print(f"{len(figures) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
