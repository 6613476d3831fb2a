#!/usr/bin/python3
"""The soak: 2000 users, random faults from a seed, kills in between; the
oracle judges all of it, and memory and descriptors stay as they were.
Prints TAP.

    soak.py [--seconds S] [--seed N] [--users N] [--rate R]

One minute by default, ten with $GCPRESENCE_LONG=1.  The seed is printed: with
it the same faults come in the same order.  See bench.py for the environment.
"""

import argparse
import os
import random
import signal
import sys
import time

from bench import (
    LONG,
    SANITIZED,
    SLOW,
    Case,
    Failed,
    check,
    finish,
    same,
    until,
)
from states import check_state

ARGS = (
    *("--protocol", "notifications", "--max-subscriptions", "500"),
    *("--ping-interval", "2s", "--ping-timeout", "2s"),
    *("--max-requests-per-minute", "100000", "--max-retries", "0"),
    *("--retry-max", "1", "--metrics", "metrics", "--state", "state"),
)
KINDS = "not-json truncated empty array nested bad-utf8 nul binary wrong-types".split()

# What may happen, and how often: a weight, and the directives.
FAULTS = (
    (6, lambda chance: ["drop 1"]),
    (3, lambda chance: ["drop"]),
    (4, lambda chance: ["reset 1"]),
    (
        4,
        lambda chance: [
            f"close {chance.choice((1000, 1001, 1008, 1011, 1012, 4000))} bye"
        ],
    ),
    (2, lambda chance: ["half-open"]),
    (4, lambda chance: [f"stall {chance.uniform(0.1, 1):.1f}"]),
    (2, lambda chance: [f"refuse {chance.uniform(0.2, 1.5):.1f}", "drop"]),
    (4, lambda chance: ["closing 3"]),
    (2, lambda chance: ["expire-channels"]),
    (2, lambda chance: ["expire-tokens", "drop 1"]),
    (5, lambda chance: [f"duplicate {chance.randint(1, 200)}"]),
    (4, lambda chance: [f"fragment {chance.randint(1, 90)} {chance.randint(1, 50)}"]),
    (4, lambda chance: [f"malform {chance.randint(1, 5)} {chance.choice(KINDS)}"]),
    (4, lambda chance: [f"mangle {chance.randint(1, 5)} {chance.choice(KINDS)}"]),
    (2, lambda chance: [f"oversize {chance.randint(1, 3 << 20)}"]),
    (
        3,
        lambda chance: [
            f"answer bulk {chance.choice((429, 500, 502))} times 3",
            "drop 1",
        ],
    ),
    (2, lambda chance: ["answer channels 503", "expire-channels"]),
    (2, lambda chance: ["answer upgrade 503 times 2", "drop 1"]),
    (
        2,
        lambda chance: [
            f"answer subscriptions {chance.choice((404, 429, 500))}",
            "closing 2",
        ],
    ),
    (
        2,
        lambda chance: [
            f"delay bulk {chance.uniform(0.1, 0.8):.1f} times 20",
            "drop 1",
        ],
    ),
    (2, lambda chance: ["answer token 500 times 2", "expire-tokens", "drop"]),
)
SIGNALS = (signal.SIGHUP, signal.SIGUSR1)


class Soak:
    def __init__(self, case, options):
        self.case = case
        self.options = options
        self.chance = random.Random(options.seed)
        self.sim = case.sim(
            *("--max-requests-per-minute", "0", "--token-life", "30"),
            *("--channel-life", "60"),
            users=options.users,
            seed=options.seed,
            rate=options.rate,
        )
        self.run = None
        self.faults = 0
        self.kills = 0
        self.samples = []  # of the run: (seconds, KiB, descriptors)

    def start(self):
        self.run = self.case.run(*ARGS)
        self.samples = []
        self.run.wait_streaming(limit=60 * SLOW)
        self.sample()

    def sample(self):
        self.samples.append((time.monotonic(), self.run.rss_kib(), self.run.fds()))

    def fault(self):
        weights = [weight for weight, _ in FAULTS]
        _, make = self.chance.choices(FAULTS, weights)[0]
        self.sim.do(*make(self.chance))
        self.faults += 1
        if self.chance.random() < 0.1:
            self.run.send(self.chance.choice(SIGNALS))

    def pause(self):
        end = time.monotonic() + self.chance.uniform(0.1, 1.2) * SLOW
        while time.monotonic() < end:
            time.sleep(0.05)
        self.run.alive("in the midst of it")
        self.sample()

    def kill(self):
        if self.chance.random() < 0.5:
            self.run.kill()
        else:
            same(self.run.end(limit=30 * SLOW), 0, self.run.said())
        self.kills += 1
        # Nobody has given them back, and faults are not to pile up.
        self.sim.do("clear", "expire-channels")
        self.start()

    def go(self):
        """Kills in the first half; the last run lives through the second."""
        begin = time.monotonic()
        half = begin + self.options.seconds / 2
        end = begin + self.options.seconds
        self.start()
        next_kill = begin + self.options.seconds / 8
        while time.monotonic() < end:
            self.fault()
            self.pause()
            if next_kill < time.monotonic() < half:
                next_kill += self.options.seconds / 8
                self.kill()

    def settle(self):
        self.sim.do("clear")
        self.run.wait_streaming(limit=60 * SLOW)
        return self.case.settle(self.run, limit=60 * SLOW)

    # What is claimed

    def check_descriptors(self):
        """At most what a connection on its way needs more than at the start."""
        first = self.samples[0][2]
        last = until_few(self.run, first + 3)
        check(last <= first + 3, f"{last} descriptors, {first} at the start")
        highest = max(fds for _, _, fds in self.samples)
        check(highest <= first + 40, f"{highest} descriptors, {first} at the start")
        return f"{first} at the start, {highest} at most, {last} at the end"

    def check_memory(self):
        """Between its first quarter and its end it does not grow by more than
        a fifth and 4 MiB; a sanitizer keeps what was freed."""
        quarter = len(self.samples) // 4
        before = max(kib for _, kib, _ in self.samples[: quarter + 1])
        after = max(kib for _, kib, _ in self.samples[quarter:])
        limit = before * 1.2 + 4096 + (300000 if SANITIZED else 0)
        check(after <= limit, f"{after} KiB at most, {before} in the first quarter")
        return f"{before} KiB in the first quarter, {after} at most"


def until_few(run, count):
    """The descriptors, when they are as few or will not be."""
    try:
        until(lambda: run.fds() <= count, "", 10 * SLOW)
    except Failed:
        pass
    return run.fds()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600 if LONG else 60)
    parser.add_argument(
        "--seed", type=int, default=int.from_bytes(os.urandom(3), "big")
    )
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=200)
    options = parser.parse_args()
    print("1..5")
    print(
        f"# seed {options.seed}, {options.users} users, {options.seconds:g} s",
        flush=True,
    )
    case = Case("soak")
    failures = 0
    number = 0
    said = []

    def claim(text, function):
        nonlocal failures, number
        number += 1
        try:
            note = function()
            print(f"ok {number} - {text}")
            if note:
                print(f"# {note}")
        except (Failed, OSError) as failed:
            failures += 1
            print(f"not ok {number} - {text}")
            said.append(str(failed))
            for line in str(failed).splitlines()[:60]:
                print(f"# {line}")
        sys.stdout.flush()

    soak = Soak(case, options)
    final = []
    claim(f"it lives through {options.seconds:g} s of faults", soak.go)
    print(f"# {soak.faults} faults, {soak.kills} ends in between", flush=True)
    if failures == 0:
        final = soak.settle()
        claim("its descriptors do not pile up", soak.check_descriptors)
        claim("its memory does not grow", soak.check_memory)
        claim(
            "it ends with 0, and its state is what it printed", lambda: end(case, soak)
        )
        claim("the oracle holds", lambda: judge(case, final))
    case.close(keep=failures > 0 and bool(os.environ.get("KEEP")))
    print("\n".join(f"# {note}" for note in case.notes))
    print(f"{number - failures} passed, {failures} failed")
    finish(failures)


def end(case, soak):
    same(soak.run.end(limit=30 * SLOW), 0, soak.run.said()[-500:])
    rows = check_state(case.path("state"), [run.output for run in case.runs])
    same(len(rows), soak.options.users, "users of the state")
    case.check_hygiene()


def judge(case, final):
    oracle = case.judge(final, heal_ms=20000 * SLOW)
    points = sum(len(points) for points in oracle.truth.points.values())
    lines = sum(len(run.lines) for run in oracle.runs)
    gaps = sum(len(run.gaps) for run in oracle.runs)
    return f"{points} changes, {lines} lines, {gaps} gaps"


if __name__ == "__main__":
    main()
