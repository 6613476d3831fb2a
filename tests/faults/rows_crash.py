"""S3 to S6: what is left when the process is killed at any moment, and what
happens when the n-th call of the system fails, for each n.

The state file is the one thing that has to be right at every moment: it is an
old one or a new one and never another, and never says what was not printed.
"""

import errno
import os
import random
import signal
import time

from bench import (
    LONG,
    SLOW,
    Failed,
    Skip,
    check,
    need,
    read,
    same,
    until,
    wall_ms,
)
from rows_local import piped
from servers import Libraries
from states import key_of, printed, state_lines
from table import special

# One process that strace starts has no leaks that its sanitizer could look for.
TRACED = {"ASAN_OPTIONS": "exitcode=99:detect_leaks=0"}


class Shown:
    """What was printed so far, read as it grows."""

    def __init__(self):
        self.keys = set()
        self.paths = []

    def add(self, path):
        self.keys |= printed([path])

    def judge(self, state, what):
        """The state file after what happened."""
        try:
            rows = state_lines(state)
        except (ValueError, KeyError, Failed) as error:
            raise Failed(
                f"{what}: the state file is neither old nor new: {error}"
            ) from None
        for row in rows or ():
            check(
                key_of(row) in self.keys, f"{what}: saved before it was printed: {row}"
            )
        return rows


def wait_for_a_save(state, seconds):
    """Until one is under way, if that comes."""
    end = time.monotonic() + seconds
    while not os.path.exists(state + ".tmp") and time.monotonic() < end:
        time.sleep(0.0005)


def killed_at_random(seed, cycles):
    def function(case):
        chance = random.Random(seed)
        sim = case.sim("--max-requests-per-minute", "0", users=12, rate=150, seed=seed)
        state = case.path("state")
        shown = Shown()
        saved = 0
        for number in range(cycles):
            run = case.run("--state", state, "--max-requests-per-minute", "100000")
            if chance.random() < 0.7:
                time.sleep(chance.random() * 0.8 * SLOW)
            else:
                wait_for_a_save(state, 1.5 * SLOW)
                time.sleep(chance.choice((0, 0.002, 0.02)))
            run.alive(f"in cycle {number}, before it was killed")
            run.kill()
            # Nobody has given its channel back.
            sim.do("expire-channels")
            shown.add(run.output)
            saved += shown.judge(state, f"cycle {number}") is not None
        check(saved > 0, "no run has saved its state")
        last = case.run("--state", state, "--max-requests-per-minute", "100000")
        last.wait_streaming()
        final = case.settle(last)
        same(last.end(), 0, last.said())
        # A disk may take its time for a save.
        case.judge(final, slack_ms=1500 * SLOW)
        shown.add(last.output)
        rows = shown.judge(state, "the end")
        truth = {row["userId"].lower(): row["state"] for row in final}
        same({row["userId"].lower(): row["state"] for row in rows}, truth, "the state")
        case.note(f"{cycles} kills, seed {seed}")

    return function


CYCLES = 250 if LONG else 50
for seed in (11, 12, 13, 14):
    special(
        "S3",
        f"killed {CYCLES} times at random moments (seed {seed}): at least once, and a good state",
    )(killed_at_random(seed, CYCLES))


@special(
    "S3",
    "killed while its reader stands still: the state has nothing that was not written",
)
def killed_with_a_full_pipe(case):
    run, collector = piped(
        case, "--state", case.path("state"), rate=2000, users=50, held=True
    )
    run.wait_streaming()
    # The pipe is full, and more than a save's time goes by.
    until(lambda: run.sim.status()["changes"] > 3000, "changes")
    time.sleep(1)
    run.alive()
    run.kill()
    collector.go.set()
    collector.join()
    shown = Shown()
    shown.add(run.output)
    check(len(shown.keys) < 2000, "the pipe was not full")
    shown.judge(case.path("state"), "a full pipe")


@special("S3", "a user who left and came back around a kill is printed again")
def there_and_back(case):
    sim = case.sim(rate=0.001)
    state = case.path("state")
    user = sim.ids[0]
    first = case.run("--state", state)
    first.wait_streaming()
    sim.do(f"change {user} BUSY")
    until(
        lambda: any(
            row["userId"] == user and row["state"] == "BUSY"
            for row in state_lines(state) or ()
        ),
        "BUSY in the state file",
    )
    before = first.tail.read().changes
    sim.do(f"change {user} MEAL")
    first.wait_lines(before + 1)
    first.kill()
    sim.do("expire-channels", f"change {user} BUSY")
    second = case.run("--state", state)
    second.wait_streaming()
    final = case.settle(second)
    same(second.end(), 0, second.said())
    case.judge(final)


def traced(case, inject, state, *args):
    """A run below strace, which makes calls that concern the state fail."""
    words = ["strace", "-f", "-qq", "-o", case.path("trace")]
    words += ["-e", "trace=" + inject.split(":")[0], "-e", "inject=" + inject]
    if state is not None:
        words += ["-P", state, "-P", state + ".tmp", "-P", os.path.dirname(state)]
    return case.run(
        *args,
        *(("--state", state) if state else ()),
        wrap=words,
        env=TRACED,
    )


def tell_child(run, number=signal.SIGTERM):
    """strace keeps signals to itself: its child gets it."""
    run.stopped = wall_ms()
    children = read(f"/proc/{run.pid}/task/{run.pid}/children").split()
    for child in children:
        os.kill(int(child), number)


def kill_at_each(call):
    def function(case):
        need("strace")
        sim = case.sim("--max-requests-per-minute", "0", rate=60)
        folder = case.path("folder")
        os.mkdir(folder)
        state = os.path.join(folder, "state")
        shown = Shown()
        reached = 0
        for number in range(1, 7):
            run = traced(case, f"{call}:signal=SIGKILL:when={number}", state)
            end = time.monotonic() + 3 * SLOW
            while not run.gone() and time.monotonic() < end:
                time.sleep(0.01)
            if run.gone():
                reached += 1
                same(run.wait(), -signal.SIGKILL, run.said())
            else:
                tell_child(run, signal.SIGKILL)
                run.wait()
            sim.do("expire-channels")
            shown.add(run.output)
            shown.judge(state, f"killed at {call} {number}")
        if reached == 0:
            check(
                call in read(case.path("trace")) or call == "unlink",
                f"no {call} at all",
            )
            raise Skip(f"strace sees no {call} of the state file here")
        last = case.run("--state", state)
        last.wait_streaming()
        final = case.settle(last)
        same(last.end(), 0, last.said())
        check(not os.path.exists(state + ".tmp"), "something is left behind")
        case.judge(final)
        case.note(f"{reached} of 6 {call}s were reached")

    return function


for call in ("openat", "write", "fsync", "close", "rename", "unlink"):
    special(
        "S4",
        f"killed at the n-th {call} of the state file: it is the old one or the new one",
    )(kill_at_each(call))


def begins(run):
    """Whether it streams; false where it cannot read its state, which is 66."""
    try:
        run.wait_streaming()
    except Failed:
        same(run.wait(1), 66, run.said())
        return False
    return True


def fail_at_each(call, errors):
    """A save that fails is told and repeated, the stream goes on, and a run
    that ends with 0 has saved all."""

    def function(case):
        need("strace")
        sim = case.sim("--max-requests-per-minute", "0", rate=60)
        folder = case.path("folder")
        os.mkdir(folder)
        state = os.path.join(folder, "state")
        shown = Shown()
        for error in errors:
            # A call that is interrupted for ever is none.
            for when in ("1", "2", "3", "1+", "2+")[: 3 if error == "EINTR" else 5]:
                what = f"{call} {error} {when}"
                run = traced(case, f"{call}:error={error}:when={when}", state)
                if not begins(run):
                    check("cannot read" in run.said(), f"{what}: {run.said()}")
                    continue
                run.more_lines(60)
                tell_child(run)
                got = run.wait()
                check(got in (0, 74), f"{what}: status {got}: {run.said()}")
                if got == 74:
                    check(
                        "cannot write the state file" in run.said(),
                        f"{what}: {run.said()}",
                    )
                shown.add(run.output)
                rows = shown.judge(state, what)
                if got == 0:
                    last = run.tail.read().last
                    for row in rows:
                        user = row["userId"].lower()
                        same(
                            (row["state"], row["presenceId"]),
                            last.get(user, (row["state"], row["presenceId"])),
                            what,
                        )
        last = case.run("--state", state)
        last.wait_streaming()
        final = case.settle(last)
        same(last.end(), 0, last.said())
        # Behind a 74 the next run repeats what was not saved.
        oracle = case.judge(final, errors_ok=True)
        allowed = {"printed again by the next run", "previousState across runs"}
        check(set(oracle.counts) <= allowed, "\n".join(oracle.errors[:30]))
        sim.stop()

    return function


for call, errors in (
    ("openat", ("EMFILE", "EACCES")),
    ("write", ("EIO", "ENOSPC", "EINTR")),
    ("fsync", ("EIO", "EINTR")),
    ("rename", ("EIO", "EACCES")),
):
    special(
        "S5",
        f"the n-th {call} of the state file fails ({', '.join(errors)}): told, and mended",
    )(fail_at_each(call, errors))


def fail_anywhere(call, error):
    """The n-th call of the whole program: it recovers, or says why not."""

    def function(case):
        need("strace")
        sim = case.sim("--max-requests-per-minute", "0", rate=60)
        for number in (1, 2, 3, 5, 8):
            what = f"{call} {error} {number}"
            run = traced(
                case,
                f"{call}:error={error}:when={number}",
                None,
                *("--for", "2s", "--max-retries", "3"),
            )
            got = run.wait(30 * SLOW)
            check(got in (0, 66, 69, 70, 74, 75), f"{what}: status {got}: {run.said()}")
            if got == 0:
                users = len(run.tail.read().last)
                check(
                    users == sim.users or run.said(),
                    f"{what}: {users} users, and no word",
                )
            else:
                check(run.said(), f"{what}: status {got}, and no word")
            sim.do("expire-channels")

    return function


for call, error in (
    ("socket", "EMFILE"),
    ("connect", "ENETUNREACH"),
    ("recvfrom", "ECONNRESET"),
    ("sendto", "EPIPE"),
    ("poll", "EINTR"),
    ("pipe2", "EMFILE"),
    ("clone3,clone", "EAGAIN"),
    ("getsockopt", "ENOBUFS"),
    ("fcntl", "EMFILE"),
):
    special(
        "S5",
        f"the n-th {call} of the program fails ({error}): it recovers, or says why not",
    )(fail_anywhere(call, error))


@special(
    "S6",
    "the n-th request for memory is refused: it says so and ends, the libraries' too",
    sanitized=False,
)
def scarce(case):
    library = Libraries.get("failing")
    sim = case.sim(rate=60)
    ends = {}
    for at in (1, 3, 10, 40, 100, 250, 600, 1500, 4000, 6000, 9000, 14000, 20000):
        run = case.run(
            *("--for", "1s", "--max-retries", "2", "--state", case.path("state")),
            env={"LD_PRELOAD": library, "FAILING": f"malloc {at} 1 {errno.ENOMEM}"},
        )
        got = run.wait()
        check(got in (0, 70), f"request {at}: status {got}: {run.said()}")
        check(
            got == 0 or "out of memory" in run.said(),
            f"request {at}: status {got}: {run.said()}",
        )
        ends[got] = ends.get(got, 0) + 1
        state_lines(case.path("state"))
        sim.do("expire-channels")
    check(70 in ends, f"nothing was refused: {ends}")
