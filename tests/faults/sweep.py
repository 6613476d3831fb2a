#!/usr/bin/python3
"""Makes the n-th call of one kind fail, for every n until a run has no n-th
call, and judges each run: scenarios.py says how.  Prints TAP: a test for each
scenario and fault.

    sweep.py [WORD ...]                 rows whose names match all the patterns
    sweep.py --every [WORD ...]         every n, not a sample
    sweep.py --only SCENARIO FAULT N    one run; its folder is kept

A fault is CALL-ERROR, with a + behind it where all calls from the n-th on fail.
Without --every, of each row about --runs N (5; 2 of sanitized programs, which
are slow) are tried, evenly, from a random one on; --seed repeats a sample.
failing.c has the calls.
"""

import argparse
import collections
import errno
import multiprocessing
import os
import random
import re
import struct
import sys
import time
import traceback

import servers
from bench import SANITIZED, Case, Failed, Skip, finish
from scenarios import SCENARIOS

CALLS = (
    "malloc read write open close socket connect send recv fsync rename unlink poll "
    "pipe fcntl stat lock sockopt thread resolve random"
).split()
# A name of EAI_ is what getaddrinfo() returns.
NAMES = {"short": 0, "EAI_NONAME": -2, "EAI_AGAIN": -3, "EAI_MEMORY": -10}
FAULTS = (
    "malloc-ENOMEM "
    "read-EIO read-EIO+ read-EINTR read-short read-short+ "
    "write-ENOSPC write-ENOSPC+ write-EIO write-EINTR write-short write-short+ "
    "open-EMFILE open-EMFILE+ open-EACCES close-EIO "
    "socket-EMFILE socket-EMFILE+ connect-ENETUNREACH connect-ENETUNREACH+ "
    "send-ECONNRESET send-ECONNRESET+ send-EPIPE send-EAGAIN send-short send-short+ "
    "recv-ECONNRESET recv-ECONNRESET+ recv-EAGAIN recv-EINTR recv-short recv-short+ "
    "fsync-EIO fsync-EIO+ fsync-EINTR rename-EIO rename-EIO+ unlink-EACCES "
    "poll-EINTR poll-ENOMEM pipe-EMFILE fcntl-EMFILE stat-EIO lock-ENOLCK "
    "sockopt-ENOBUFS thread-EAGAIN thread-EAGAIN+ "
    "resolve-EAI_AGAIN resolve-EAI_AGAIN+ resolve-EAI_NONAME resolve-EAI_MEMORY "
    "random-ENOSYS"
).split()
CHUNK = 10  # runs of one row that a worker does in one go
TOLD = 3  # failures that are told of a row
ENOUGH = 8  # and behind these there is no need for more


class Shot:
    """One fault, and what came of it."""

    expected = {}  # of runs without a fault: name: text

    def __init__(self, case, fault=None, at=0):
        self.file = case.path("counts")
        with open(self.file, "wb") as file:
            file.write(bytes(8 * (2 + len(CALLS))))
        self.env = {
            "LD_PRELOAD": servers.Libraries.get("failing"),
            "FAILING_COUNTS": self.file,
        }
        self.call = None
        if fault is not None:
            self.call, name = fault.rstrip("+").split("-")
            number = NAMES[name] if name in NAMES else getattr(errno, name)
            count = 0 if fault.endswith("+") else 1
            self.env["FAILING"] = f"{self.call} {at} {count} {number}"
        self.env["ASAN_OPTIONS"] = self.options()

    @staticmethod
    def options(leaks=1):
        """The sanitizer's library may come behind that of the faults."""
        return f"exitcode=99:verify_asan_link_order=0:detect_leaks={leaks}"

    def counts(self):
        with open(self.file, "rb") as file:
            return struct.unpack(f"{2 + len(CALLS)}q", file.read())

    def hits(self):
        return self.counts()[0]

    def hit_stderr(self):
        return self.counts()[1] > 0

    def calls(self):
        return dict(zip(CALLS, self.counts()[2:]))

    def is_expected(self, name, text):
        """What the run without a fault had; that one tells it."""
        if self.call is None:
            Shot.expected[name] = text
        return Shot.expected[name] == text


# calls: of the one kind, or all by name where there was no fault
Outcome = collections.namedtuple("Outcome", "hits calls status error seconds")


def shoot(scenario, fault, at, keep=False):
    """One run; what was wrong with it, or None."""
    started = time.monotonic()
    case = Case(scenario)
    shot = Shot(case, fault, at)
    error = None
    try:
        SCENARIOS[scenario](case, shot)
        case.check_hygiene()
    except (Failed, Skip) as failed:
        error = str(failed)
    except Exception:  # pylint: disable=broad-except
        error = traceback.format_exc()
    statuses = [run.process.poll() for run in case.runs if "FAILING_COUNTS" in run.env]
    if error is not None:
        said = "".join(
            f"\n{' '.join(run.words)}: {run.process.poll()}\n" + run.said()[-1500:]
            for run in case.runs[-2:]
        )
        error += said
    calls = shot.calls() if fault is None else shot.calls()[shot.call]
    hits = shot.hits()
    case.close(keep)
    if keep:
        print("\n".join(case.notes))
    seconds = time.monotonic() - started
    return Outcome(hits, calls, statuses[0] if statuses else None, error, seconds)


class Row:
    def __init__(self, scenario, fault, total, options, chance):
        self.scenario = scenario
        self.fault = fault
        self.total = total  # calls of the run without a fault
        self.stride = 1
        if not options.every:
            self.stride = max(1, -(-total // options.runs))
        self.offset = chance.randrange(self.stride) + 1
        self.waiting = 0  # tasks
        self.hits = 0
        self.misses = 0
        self.seconds = 0.0
        self.statuses = collections.Counter()
        self.failures = []

    @property
    def is_timely(self):
        """A socket is only watched, by fcntl() and poll(), while one waits."""
        return self.fault.startswith(("poll", "fcntl"))

    @property
    def name(self):
        return f"{self.scenario} {self.fault}"

    def tasks(self):
        """Numbers to try, and last those behind the end: (row, [n], tail)."""
        numbers = list(range(self.offset, self.total + 1, self.stride))
        if self.is_timely:  # the first call is certain, the others may be few
            numbers = sorted({1, *numbers})
        for i in range(0, len(numbers), CHUNK):
            yield self.scenario, self.fault, numbers[i : i + CHUNK], 0
        yield self.scenario, self.fault, [self.total + 1], self.stride

    def add(self, results):
        for at, outcome in results:
            self.statuses[outcome.status] += 1
            self.seconds += outcome.seconds
            self.hits += outcome.hits > 0
            error = outcome.error
            if outcome.hits == 0:
                self.misses += 1
                # How many there are is a matter of time, but not altogether.
                few = outcome.calls < self.total / 4 and not self.is_timely
                if error is None and (at <= outcome.calls or few):
                    error = f"not hit, {outcome.calls} calls of {self.total}"
            if error is not None:
                self.failures.append((at, error))

    def tell(self, number):
        good = not self.failures and self.hits > 0
        print(f"{'ok' if good else 'not ok'} {number} - {self.name}")
        statuses = ", ".join(
            f"{count} x {status}"
            for status, count in sorted(
                self.statuses.items(), key=lambda item: str(item[0])
            )
        )
        sample = "" if self.stride == 1 else f", one of {self.stride}"
        print(
            f"# {self.hits} faults of {self.total} calls{sample}, "
            f"{self.seconds:.1f} s: status {statuses}"
        )
        for at, error in self.failures[:TOLD]:
            print(f"# --only {self.scenario} {self.fault} {at}")
            for line in error.splitlines():
                print(f"#   {line}"[:600])
        if len(self.failures) > TOLD:
            print(f"# and {len(self.failures) - TOLD} more")
        sys.stdout.flush()
        return good


def work(task):
    """A worker's: some runs of one row."""
    scenario, fault, numbers, stride = task
    results = []
    bad = 0
    while numbers:
        for at in numbers:
            outcome = shoot(scenario, fault, at)
            results.append((at, outcome))
            bad += outcome.error is not None
            if bad >= ENOUGH:
                return scenario, fault, results
        # Behind the last one: until a run has no such call.
        more = stride > 0 and results[-1][1].hits > 0
        numbers = [numbers[-1] + stride] if more else []
    return scenario, fault, results


def prepare():
    """What is made once: the library, certificates, the runs without a fault.
    The calls of each scenario."""
    servers.Libraries.get("failing")
    servers.Certs.get()
    result = {}
    for name in SCENARIOS:
        for _ in range(2):
            outcome = shoot(name, None, 0)
            if outcome.error is not None:
                raise SystemExit(f"Bail out! {name} without a fault: {outcome.error}")
            for call, count in outcome.calls.items():
                known = result.setdefault(name, {}).get(call, count)
                result[name][call] = min(known, count)
    return result


def rows_of(calls, options, chance):
    rows = []
    for name, counts in calls.items():
        for fault in FAULTS:
            call = fault.split("-")[0]
            only, without = SCENARIOS[name].calls, SCENARIOS[name].without
            row = Row(name, fault, counts[call], options, chance)
            if (
                row.total > 0
                and (only is None or call in only)
                and fault not in without
                # A sanitizer has a malloc() of its own.
                and not (call == "malloc" and SANITIZED)
                and all(re.search(word, row.name) for word in options.words)
            ):
                rows.append(row)
    return rows


def sweep(options):
    seed = options.seed if options.seed is not None else random.randrange(1 << 30)
    print(f"# --seed {seed}", flush=True)
    started = time.monotonic()
    calls = prepare()
    rows = rows_of(calls, options, random.Random(seed))
    print(f"1..{len(rows)}", flush=True)
    by_name = {(row.scenario, row.fault): row for row in rows}
    tasks = []
    for row in rows:
        mine = list(row.tasks())
        row.waiting = len(mine)
        tasks += mine
    told = failed = 0
    with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
        for scenario, fault, results in pool.imap_unordered(work, tasks):
            row = by_name[scenario, fault]
            row.add(results)
            row.waiting -= 1
            while told < len(rows) and rows[told].waiting == 0:
                failed += not rows[told].tell(told + 1)
                told += 1
    seconds = time.monotonic() - started
    faults = sum(row.hits for row in rows)
    print(f"# {faults} faults in {seconds:.0f} s")
    print(f"{len(rows) - failed} passed, {failed} failed")
    return failed


def only(scenario, fault, at):
    outcome = shoot(scenario, None, 0)
    print("calls:", outcome.calls)
    outcome = shoot(scenario, fault, int(at), keep=True)
    print(f"{outcome.hits} hits, status {outcome.status}")
    print(outcome.error or "good")
    return outcome.error is not None


def main():
    parser = argparse.ArgumentParser(description="calls that fail, one after the other")
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--runs", type=int, default=2 if SANITIZED else 5)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--jobs", type=int, default=3 * (os.cpu_count() or 2))
    parser.add_argument("--only", nargs=3, metavar=("SCENARIO", "FAULT", "N"))
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    servers.Libraries.get("failing")
    failed = only(*options.only) if options.only else sweep(options)
    servers.clean()
    finish(failed)


if __name__ == "__main__":
    main()
