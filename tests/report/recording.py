"""What the report's tests share: recordings, the program, and TAP."""

import datetime
import functools
import json
import os
import subprocess
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "../..")
BUILD = os.path.abspath(os.environ.get("builddir", "build"))
PROGRAM = os.environ.get("GCPRESENCE_REPORT", os.path.join(BUILD, "gcpresence-report"))
GCPRESENCE = os.environ.get("GCPRESENCE", os.path.join(BUILD, "gcpresence"))
SIM = os.environ.get("GCPRESENCE_SIM", os.path.join(BUILD, "gcpresence-sim"))
LIMIT = 30  # seconds that anything may take
TESTS = []

# 2026-01-01T09:00:00Z
NINE = 1767258000000
MINUTE = 60_000
HOUR = 60 * MINUTE


def test(sentence):
    """Registers a function as the proof of a sentence."""

    def register(function):
        TESTS.append((sentence, function))
        return function

    return register


def run_all(only=None):
    """Runs the tests and prints TAP; the number of failures."""
    chosen = [t for t in TESTS if not only or only in t[0]]
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, (sentence, function) in enumerate(chosen, 1):
        try:
            function()
            print(f"ok {number} - {sentence}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {sentence}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
    return failed


def same(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what} got {got!r}, wanted {want!r}")


def check(condition, what="condition"):
    if not condition:
        raise AssertionError(what)


class Done:
    """A report that ended: its status, output and messages."""

    def __init__(self, options, given, zone, columns, **more):
        env = dict(os.environ, TZ=zone, LC_ALL="C.UTF-8", COLUMNS=str(columns))
        if isinstance(given, str):
            given = given.encode()
        done = subprocess.run(
            [PROGRAM, *map(str, options)],
            input=given,
            stdout=more.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            env=env,
            timeout=LIMIT,
            check=False,
            **more,
        )
        self.status = done.returncode
        self.out = (done.stdout or b"").decode()
        self.err = done.stderr.decode()

    def rows(self):
        """TSV as dictionaries."""
        head, *lines = self.out.splitlines()
        return [dict(zip(head.split("\t"), line.split("\t"))) for line in lines]

    def json(self):
        return json.loads(self.out)


def report(*options, given="", zone="UTC", columns=0, status=0, **more):
    """Runs it on what is given, to its end; columns 0: as wide as it likes."""
    done = Done(options, given, zone, columns, **more)
    same(done.status, status, (options, done.err))
    return done


def text_of(ms):
    """A time as gcpresence prints it."""
    time = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def ms_of(text):
    """The reverse."""
    time = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return round((time - datetime.datetime(1970, 1, 1)) / datetime.timedelta(milliseconds=1))


def change(user, state, at, before=None, source="stream", **more):
    """A line; at: milliseconds, heard 40 ms later unless receivedAt is given."""
    line = {
        "userId": user,
        "state": state,
        "previousState": before,
        "presenceId": None,
        "timestamp": text_of(at),
        "receivedAt": text_of(at + 40),
        "latencyMs": 40,
        "previousForMs": None,
        "source": source,
    }
    line.update(more)
    return json.dumps(line, ensure_ascii=False) + "\n"


def gap(start, end):
    """A blind interval's line."""
    return json.dumps(
        {"gap": {"from": text_of(start), "to": text_of(end), "users": 2, "cause": "test"}}
    ) + "\n"


@functools.lru_cache(maxsize=None)
def day(users=24, seed=7):
    """A recording of a whole day, with a gap."""
    ids = subprocess.run(
        [SIM, "--ids", "--users", str(users), "--seed", str(seed)],
        capture_output=True, timeout=LIMIT, check=True,
    ).stdout
    env = dict(os.environ, PYTHONIOENCODING="utf-8")
    return subprocess.run(
        [sys.executable, os.path.join(HERE, "day.py"), "--seed", str(seed)],
        input=ids, env=env, capture_output=True, timeout=LIMIT, check=True,
    ).stdout.decode()
