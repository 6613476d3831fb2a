"""What the tests of gcpresence-top share: a terminal (tmux), lines, and TAP."""

import concurrent.futures
import datetime
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

BUILD = os.path.abspath(os.environ.get("builddir", "."))
PROGRAM = os.path.join(BUILD, "gcpresence-top")
FILTER = os.path.join(BUILD, "gcpresence")
SIMULATOR = os.path.join(BUILD, "gcpresence-sim")
LIMIT = 30  # seconds that a condition may take
AT_ONCE = 4  # tests; each mostly waits, in a terminal of its own
TESTS = []


def test(sentence):
    """Registers a function as the proof of a sentence."""

    def register(function):
        TESTS.append((sentence, function))
        return function

    return register


def why_not():
    """Why nothing can be tested here, or None."""
    if shutil.which("tmux") is None:
        return "tmux is missing"
    if not os.path.exists(PROGRAM):
        return f"{PROGRAM} is not built"
    try:
        with Pane():
            return None
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        return f"tmux does not work here: {error}"


def run_all(only=None):
    """Runs the tests and prints TAP; the number of failures."""
    reason = why_not()
    if reason is not None:
        print(f"1..0 # SKIP {reason}", flush=True)
        return 0
    chosen = [one for one in TESTS if not only or only in one[0]]
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = pool.map(outcome_of, [function for _, function in chosen])
        for number, (trace, took) in enumerate(results, 1):
            failed += trace is not None
            verdict = "ok" if trace is None else "not ok"
            print(f"{verdict} {number} - {chosen[number - 1][0]}", flush=True)
            for line in (trace or "").splitlines():
                print(f"# {line}", flush=True)
            if os.environ.get("TIMES"):
                print(f"# {took:.2f} s", flush=True)
    return failed


def outcome_of(function):
    """Runs one test: the trace of its failure or None, and the seconds."""
    start = time.monotonic()
    try:
        function()
        trace = None
    except Exception:  # pylint: disable=broad-except
        trace = traceback.format_exc()
    return trace, time.monotonic() - start


def same(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what} got {got!r}, wanted {want!r}")


def check(condition, what="condition"):
    if not condition:
        raise AssertionError(what)


def until(condition, what="condition", limit=LIMIT):
    """Waits for a condition to hold; returns what it gave."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"never came: {what() if callable(what) else what}")
        time.sleep(0.02)


def stamp(seconds):
    """A wall time as gcpresence prints it."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def change(user, state, name=None, before=None, ago=0.0, **more):
    """A line of gcpresence: user went to state so many seconds ago."""
    now = time.time()
    line = {"userId": user}
    if name is not None:
        line["name"] = name
    line.update(
        state=state,
        previousState=before,
        presenceId=None,
        timestamp=stamp(now - ago),
        receivedAt=stamp(now),
        latencyMs=42,
        previousForMs=None if before is None else 61000,
        source="stream",
    )
    line.update(more)
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def gap(seconds, users, cause, ago=100.0):
    now = time.time()
    body = {
        "from": stamp(now - ago - seconds),
        "to": stamp(now - ago),
        "users": users,
        "cause": cause,
    }
    return json.dumps({"gap": body}, separators=(",", ":")) + "\n"


class Feed:
    """The writing end of what the program reads."""

    def __init__(self, path):
        # Nobody may be reading yet: opening would wait without a limit.
        self.fd = until(lambda: self.try_open(path), "a reader of the lines")
        flags = fcntl.fcntl(self.fd, fcntl.F_GETFL)
        fcntl.fcntl(self.fd, fcntl.F_SETFL, flags & ~os.O_NONBLOCK)

    @staticmethod
    def try_open(path):
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return None

    def write(self, *lines):
        data = "".join(lines) if isinstance(lines[0], str) else b"".join(lines)
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogatepass")
        while data:
            data = data[os.write(self.fd, data) :]

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
        self.fd = None


class Pane:
    """A shell in a terminal of its own, for the length of a "with"."""

    def __init__(self, width=80, height=24, env=None):
        self.folder = tempfile.mkdtemp(prefix="gcptop-", dir="/tmp")
        self.fifo = self.path("lines")
        os.mkfifo(self.fifo)
        with open(self.path("conf"), "w", encoding="ascii") as conf:
            conf.write("set -g default-terminal tmux-256color\n")
            conf.write("set -g status off\nset -g escape-time 0\n")
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": self.folder,
            "SHELL": "/bin/sh",
            "PS1": "$ ",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "xterm",
        }
        # Sanitizers and the like.
        for name, value in os.environ.items():
            if name.endswith("_OPTIONS"):
                self.env[name] = value
        self.env.update(env or {})
        self.size = (width, height)
        self.feed = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def tmux(self, *words):
        done = subprocess.run(
            ["tmux", "-u", "-S", self.path("t"), "-f", self.path("conf"), *words],
            capture_output=True,
            env=self.env,
            timeout=LIMIT,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"tmux {words[0]}: {done.stderr.decode()}")
        return done.stdout.decode("utf-8", "replace")

    def __enter__(self):
        width, height = self.size
        size = ["-x", str(width), "-y", str(height)]
        try:
            self.tmux("new-session", "-d", *size, "exec /bin/sh -i")
            self.tmux("set", "-g", "window-size", "manual")
            self.see(r"^\$", "a prompt")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.feed is not None:
            self.feed.close()
        try:
            self.tmux("kill-server")
        except AssertionError:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)

    # What is typed, and what is seen.  What a command prints may come behind a
    # prompt, where it was typed before the shell was ready for it; so what is
    # looked for must not be in the words of the command itself.

    def type(self, text):
        self.tmux("send-keys", "-l", "--", text)

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def command(self, text):
        self.type(text)
        self.press("Enter")

    def screen(self, escapes=False):
        words = ["capture-pane", "-p"] + (["-e"] if escapes else [])
        return self.tmux(*words)

    def rows(self):
        return self.screen().rstrip("\n").split("\n")

    def see(self, pattern, what=None, escapes=False):
        """Waits until the screen shows it; returns the match."""
        return until(
            lambda: re.search(pattern, self.screen(escapes), re.M),
            lambda: f"{what or pattern} on\n{self.screen(escapes)}",
        )

    def see_not(self, pattern):
        until(
            lambda: not re.search(pattern, self.screen(), re.M),
            lambda: f"the end of {pattern} on\n{self.screen()}",
        )

    def ask(self, variable):
        return self.tmux("display-message", "-p", "#{" + variable + "}").strip()

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def record(self):
        """From now on all bytes for the terminal go to a file, too."""
        self.tmux("pipe-pane", "-O", f"cat >>{self.path('raw')}")
        return self.path("raw")

    # The program.

    def top(self, *options, env=""):
        """Starts it, and opens what it reads."""
        words = " ".join(options)
        self.command(f"{env} {PROGRAM} {words} <{self.fifo}")
        self.feed = Feed(self.fifo)
        # It waits for a first line; this one says nothing.
        self.feed.write("\n")
        self.see(r"q: quit|\?.*q$|needs 20x5", "the picture")

    def pid(self):
        """Of the program that runs in the pane."""
        shell = self.ask("pane_pid")
        done = subprocess.run(
            ["ps", "-o", "pid=,comm=", "--ppid", shell],
            capture_output=True,
            text=True,
            check=False,
        )
        for line in done.stdout.splitlines():
            pid, name = line.split(None, 1)
            if name.startswith("gcpresence-top"):
                return int(pid)
        return None

    def end(self, status):
        """The program has ended with it, and the terminal is its old self."""
        # A shell whose child dies of SIGINT forgets the rest of its line.
        until(lambda: self.pid() is None, lambda: f"the end on\n{self.screen()}")
        self.command("echo status=$?")
        self.see(f"status={status}$", f"status {status}")
        same(self.ask("alternate_on"), "0", "alternate screen")
        same(self.ask("cursor_flag"), "1", "cursor")
        same(self.ask("keypad_flag"), "0", "keypad mode")


def main():
    sys.exit(1 if run_all(sys.argv[1] if len(sys.argv) > 1 else None) else 0)
