"""What the tests of options share: the program, to its end or alive, recordings
for --replay, and TAP.  Tests run side by side; each has a folder of its own."""

import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

PROGRAM = os.path.abspath(os.environ.get("GCPRESENCE", "gcpresence"))
LIMIT_S = 60
PARALLEL = 4
KEYS = ["userId", "name", "state", "previousState", "presenceId", "timestamp", "receivedAt",
        "latencyMs", "previousForMs", "source", "coalesced"]
# What a run may inherit; all else would be a setting.
INHERITED = ("PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH")


def environment(env):
    base = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return dict(base, LANG="C.UTF-8", no_proxy="*", **(env or {}))


class Done:
    """A run that is over."""

    def __init__(self, status, out, err):
        self.status = 128 - status if status < 0 else status
        self.out = out.decode()
        self.err = err.decode()
        assert "Sanitizer" not in self.err and "runtime error:" not in self.err, self.err

    def changes(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def states(self):
        return [(change["userId"], change["state"]) for change in self.changes()]

    def is_(self, status):
        assert self.status == status, "status %d, not %d; it said: %s" % (self.status, status, self.err[:2000])
        return self


def run(folder, *arguments, text="", env=None, limit=LIMIT_S):
    """Runs the program to its end, in the folder."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], input=text if isinstance(text, bytes) else text.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment(env),
                          timeout=limit)
    return Done(done.returncode, done.stdout, done.stderr)


class Live:
    """The program while it runs; what it writes is gathered by threads."""

    def __init__(self, folder, *arguments, text=None, env=None, stderr=None):
        self.process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE if stderr is None else stderr, cwd=folder,
            env=environment(env))
        self.out = b""
        self.err = b""
        self.threads = [threading.Thread(target=self.gather, args=("out", self.process.stdout), daemon=True)]
        if stderr is None:
            self.threads.append(threading.Thread(target=self.gather, args=("err", self.process.stderr), daemon=True))
        for thread in self.threads:
            thread.start()
        if text is not None:
            self.process.stdin.write(text.encode())
            self.process.stdin.flush()

    def gather(self, name, stream):
        while True:
            piece = os.read(stream.fileno(), 1 << 16)
            if not piece:
                return
            setattr(self, name, getattr(self, name) + piece)

    def lines(self):
        return [json.loads(line) for line in self.out.split(b"\n")[:-1]]

    def until(self, condition, what):
        """Waits; the end of the program is no excuse, but the end of the waiting."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            ended = self.process.poll() is not None
            if condition():
                return self
            assert not ended, "it ended (%d) before %s: %s" % (self.process.returncode, what, self.err.decode())
            assert time.monotonic() < deadline, "never came: %s; it said: %s" % (what, self.err.decode())
            time.sleep(0.01)

    def printed(self, count):
        return self.until(lambda: self.out.count(b"\n") >= count, "line %d" % count)

    def said(self, text):
        return self.until(lambda: text.encode() in self.err, "'%s'" % text)

    def signal(self, number):
        self.process.send_signal(number)
        return self

    def end(self, limit=LIMIT_S):
        status = self.process.wait(limit)
        for thread in self.threads:
            thread.join(limit)
        return Done(status, self.out, self.err)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def is_instrumented():
    """Whether the program is slow and large for the sake of a sanitizer."""
    with open(PROGRAM, "rb") as file:
        return b"__asan_init" in file.read()


def wait(condition, what, limit=LIMIT_S):
    """Waits for a condition; returns what it gave."""
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "never came: %s" % what
        time.sleep(0.01)


def uuid(number):
    return "00000000-0000-4000-8000-%012d" % number


def moment(second):
    return "2026-01-01T%02d:%02d:%02d.000Z" % (9 + second // 3600, second // 60 % 60, second % 60)


def event(user, state, second):
    """A message of the events socket."""
    return json.dumps({"eventType": "presence", "userId": user, "state": state, "timestamp": moment(second)})


def notification(user, state, second):
    """A message of the Notifications API."""
    return json.dumps(body_of(user, state, second))


def body_of(user, state, second):
    return {"topicName": "v2.users.%s.presence" % user, "version": "2",
            "eventBody": {"source": "PURECLOUD", "primary": True, "message": "", "modifiedDate": moment(second),
                          "presenceDefinition": {"id": uuid(777), "systemPresence": state}},
            "metadata": {"CorrelationId": uuid(999)}}


def envelope(user, state, second):
    """What Amazon EventBridge makes of one."""
    return json.dumps({"version": "0", "id": uuid(5), "detail-type": "v2.users.{id}.presence",
                       "source": "aws.partner/genesys.com/cloud/org/name", "account": "1", "region": "eu-central-1",
                       "time": moment(second), "resources": [],
                       "detail": dict(body_of(user, state, second), timestamp=moment(second))})


def write(folder, name, *lines):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))
    return path


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read()


def attempt(function):
    folder = tempfile.mkdtemp(prefix="gcp-options-")
    began = time.monotonic()
    try:
        function(folder)
        trouble = None
    except Exception:
        trouble = traceback.format_exc()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return trouble, time.monotonic() - began


def main(functions, names):
    """Runs the tests whose names contain one of names, and prints TAP."""
    chosen = [one for one in functions if not names or any(name in one.__name__ for name in names)]
    print("1..%d" % len(chosen), flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        tries = [pool.submit(attempt, function) for function in chosen]
        for number, (function, one) in enumerate(zip(chosen, tries), 1):
            trouble, seconds = one.result()
            failed += trouble is not None
            print("%sok %d - %s" % ("not " if trouble else "", number, function.__name__))
            print("".join("#   %s\n" % line for line in (trouble or "").splitlines()), end="")
            if os.environ.get("TIMES"):
                print("# %.2f s" % seconds)
            sys.stdout.flush()
    return 1 if failed else 0


def all_tests(names):
    """The tests of a module, in the order in which they stand."""
    return [one for one in names.values() if getattr(one, "is_test", False)]


def test(function):
    function.is_test = True
    return function
