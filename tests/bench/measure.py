"""measure: runs a program and says what it took, and checks what it printed."""

import contextlib
import os
import re
import resource
import shutil
import statistics
import subprocess
import time


class Trouble(Exception):
    """A run that failed, or printed the wrong changes."""


class Result:
    def __init__(self, wall, cpu):
        self.wall = wall
        self.cpu = cpu


def run(argv, output, *, stdin=None, env=None, cpu=None, status=0):
    """One run: standard output to the file, standard error beside it."""
    errors = f"{output}.err"
    with open(output, "wb") as out, open(errors, "wb") as err:
        start = time.monotonic()
        child = subprocess.Popen(
            argv,
            stdin=open(stdin, "rb") if stdin else subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=env,
            preexec_fn=(lambda: os.sched_setaffinity(0, {cpu})) if cpu is not None else None,
        )
        _, code, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(code)
    if child.returncode != status:
        with open(errors, encoding="utf-8", errors="replace") as err:
            text = err.read()[-2000:]
        raise Trouble(f"{argv[0]} ended with {child.returncode}: {text}")
    return Result(wall, used.ru_utime + used.ru_stime)


# A child's peak begins with what its parent had when it forked, so the parent
# is to be a small one.
SMALL_PARENT = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, code, used = os.wait4(child, 0)
print("peak", used.ru_maxrss, file=sys.stderr)
sys.exit(code != 0)
"""


def peak_kib(python, argv, env):
    """The most memory that a program had, in KiB."""
    done = subprocess.run(
        [python, "-ISc", SMALL_PARENT, *argv],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )
    found = re.search(r"^peak (\d+)$", done.stderr, re.M)
    if done.returncode != 0 or found is None:
        raise Trouble(f"{argv[0]} failed: {done.stderr[-2000:]}")
    return int(found.group(1))


# What each program calls the two things that are compared.
NDJSON = re.compile(
    rb'^\{"userId":"([^"]*)"(?:(?!"source":"snapshot").)*?"state":"([^"]*)"'
    rb'(?!.*"source":"snapshot")',
    re.M,
)
TRACKER = re.compile(rb"^\[EXTERNAL TRACKER\] User (\S+) changed to (\S+) at", re.M)


def changes(path, pattern):
    with open(path, "rb") as output:
        found = pattern.findall(output.read())
    return [(user, state.upper().replace(b" ", b"_")) for user, state in found]


def expected(blast, arguments):
    text = subprocess.run([blast, *arguments, "expect"], stdout=subprocess.PIPE, check=True).stdout
    return [tuple(line.split(b"\t")) for line in text.splitlines()]


def check(path, wanted, what, pattern=NDJSON):
    got = changes(path, pattern)
    if got == wanted:
        return
    first = next(
        (i for i, (one, other) in enumerate(zip(got, wanted)) if one != other),
        min(len(got), len(wanted)),
    )
    raise Trouble(
        f"{what}: {len(got)} changes instead of {len(wanted)}; the first that differs is number {first}"
    )


def median(numbers):
    return statistics.median(numbers)


def version(argv, pattern=r"\d+(?:\.\d+)+"):
    """The version that a tool prints, or None where it is not there."""
    if shutil.which(argv[0]) is None:
        return None
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(pattern, done.stdout + done.stderr)
    return found.group(0) if found and done.returncode == 0 else None


def cpus():
    """The processor for what is measured, and the one for the load."""
    there = sorted(os.sched_getaffinity(0))
    return there[0], there[-1]


@contextlib.contextmanager
def urgency():
    """Where times are taken: this process and its children go ahead of
    whatever else the machine does, if that is allowed."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    except PermissionError:
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def raise_limits():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    return soft
