#!/usr/bin/env python3
"""The units, judged by systemd's own tools, and what the program tells systemd,
read from the socket that it would be told on.

    test_systemd.py [TEXT]      all tests, or those whose names contain TEXT
"""

import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "sim"))
from harness import Sim, Skip, check, ids, run_all, same, test, until  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("GCPRESENCE", "gcpresence"))
BUILT = os.path.join(os.environ.get("builddir", "."), "share", "systemd")
SOURCE = os.path.join(os.environ.get("srcdir", "."), "share", "systemd")
# A machine of tests may be slow; nothing waits for as long where all is well.
LIMIT = 20


def tool(name):
    path = shutil.which(name)
    if path is None:
        raise Skip(f"{name} is not installed")
    return path


def units(folder):
    """The units as they are installed, but with the program that was built."""
    for path in glob.glob(os.path.join(BUILT, "*.service")) + glob.glob(
        os.path.join(SOURCE, "*.timer")
    ):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        text = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={PROGRAM}", text)
        # An instance, since a template itself cannot be looked at.
        name = os.path.basename(path).replace("@.", "@team.")
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return sorted(glob.glob(os.path.join(folder, "*")))


@test("systemd finds nothing wrong with the units")
def units_verify():
    analyze = tool("systemd-analyze")
    with tempfile.TemporaryDirectory() as folder:
        paths = units(folder)
        same(len(paths), 3, "units")
        done = subprocess.run(
            [analyze, "verify", "--man=no", *paths],
            capture_output=True,
            text=True,
            check=False,
        )
        ours = [line for line in done.stderr.splitlines() if "gcpresence" in line]
        same(ours, [], "verify says")


@test("systemd finds the services exposed by 1.5 of 10 at most")
def units_are_sandboxed():
    analyze = tool("systemd-analyze")
    with tempfile.TemporaryDirectory() as folder:
        for path in units(folder):
            if not path.endswith(".service"):
                continue
            done = subprocess.run(
                [analyze, "security", "--offline=true", "--no-pager", path],
                capture_output=True,
                text=True,
                check=False,
            )
            level = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
            check(level is not None, done.stdout + done.stderr)
            check(float(level[1]) <= 1.5, f"{path}: {level[0]}")


@test("the services' filter allows every system call that a run makes")
def filter_allows_what_is_needed():
    strace, analyze = tool("strace"), tool("systemd-analyze")
    if b"__asan_init" in open(PROGRAM, "rb").read():
        raise Skip("a sanitizer makes calls of its own")
    # What systemd allows besides, so that the program can be started at all.
    allowed = calls_of(analyze, "@default") | {"execve"}
    with open(os.path.join(SOURCE, "sandbox.conf"), encoding="utf-8") as file:
        lists = re.findall(r"(?m)^SystemCallFilter=(~?)(.*)$", file.read())
    check(len(lists) > 1, "lists of system calls")
    for denied, names in lists:
        for name in names.split():
            calls = calls_of(analyze, name) if name[0] == "@" else {name}
            allowed = allowed - calls if denied else allowed | calls
    with tempfile.TemporaryDirectory() as folder, Sim("--rate", "20") as sim:
        trace = os.path.join(folder, "trace")
        done = subprocess.run(
            [strace, "-f", "-qq", "-o", trace, PROGRAM, "-n", "20"]
            + ["--state", f"{folder}/state", "--audit", f"{folder}/audit"]
            + ["--metrics", f"{folder}/metrics", *ids()],
            env=environment(sim),
            capture_output=True,
            text=True,
            timeout=3 * LIMIT,
            check=False,
        )
        if "PTRACE" in done.stderr:
            raise Skip("strace may not trace here")
        same(done.returncode, 0, done.stderr)
        with open(trace, encoding="utf-8", errors="replace") as file:
            used = set(re.findall(r"(?m)^\d+ +(\w+)\(", file.read()))
    check("epoll_wait" in used or "poll" in used, f"a trace of a run: {used}")
    same(used - allowed, set(), "calls that the filter stops")


def calls_of(analyze, name, known=None):
    """The system calls of a set of systemd's, sets within it included."""
    done = subprocess.run(
        [analyze, "syscall-filter", "--no-pager", name],
        capture_output=True,
        text=True,
        check=True,
    )
    calls = set()
    for line in done.stdout.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            calls |= calls_of(analyze, word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def environment(sim, **more):
    return {
        "PATH": os.environ["PATH"],
        "GENESYSCLOUD_API_URL": sim.ready["url"],
        "GENESYSCLOUD_OAUTHCLIENT_ID": "sim-client",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sim-secret",
        **more,
    }


class Manager:
    """What systemd does of a service of Type=notify: a socket, and a program."""

    def __init__(self, sim, *options, **more):
        self.folder = tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.settimeout(LIMIT)
        self.options = options
        self.env = environment(sim, NOTIFY_SOCKET=path, **more)
        self.told = []

    def __enter__(self):
        self.process = subprocess.Popen(
            [PROGRAM, *self.options, *ids()],
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.socket.close()
        self.folder.cleanup()

    def next(self):
        self.told.append((time.monotonic(), self.socket.recv(4096).decode()))
        return self.told[-1][1]

    def until(self, text):
        while not self.next().startswith(text):
            pass
        return self.told[-1][1]

    def said(self, text):
        return any(told.startswith(text) for _, told in self.told)


@test("ready is told once, and not before the stream is live")
def ready_when_live():
    with Sim("--rate", "0") as sim:
        sim.do("delay subscriptions 1")
        with Manager(sim) as manager:
            manager.until("READY=1")
            live = [row["users"] for row in sim.status()["connections"]]
            same(live, [12], "users of each connection")
            manager.process.send_signal(signal.SIGTERM)
            manager.until("STOPPING=1")
            same(manager.process.wait(LIMIT), 0, "status")
            ready = [told for _, told in manager.told if told == "READY=1"]
            same(len(ready), 1, "ready")


@test("who is watched is told as the status of the service")
def status_is_told():
    with Sim("--rate", "0") as sim, Manager(sim) as manager:
        status = manager.until("STATUS=12 users, 1 connections stream")
        check("12 changes printed" in status, status)


@test("the watchdog is fed more often than it asks for, and only where it asks")
def watchdog_is_fed():
    with Sim("--rate", "0") as sim:
        with Manager(sim, WATCHDOG_USEC="600000") as manager:
            for _ in range(8):
                manager.until("WATCHDOG=1")
            times = [at for at, told in manager.told if told == "WATCHDOG=1"]
            # Not by the longest pause: that says how busy the machine is.
            check((times[-1] - times[0]) / 7 < 0.3, f"fed at {times}")
        with Manager(sim) as manager:
            manager.until("STATUS=")
            check(not manager.said("WATCHDOG"), manager.told)


@test("a program that stands still does not feed the watchdog")
def watchdog_is_not_fed_by_who_hangs():
    with Sim("--rate", "0") as sim:
        with Manager(sim, WATCHDOG_USEC="300000") as manager:
            manager.until("WATCHDOG=1")
            manager.process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, manager.process.pid, os.WSTOPPED)
            manager.socket.settimeout(0)
            try:
                while True:
                    manager.next()
            except BlockingIOError:
                pass
            manager.socket.settimeout(0.9)
            try:
                check(False, f"told while it is stopped: {manager.next()}")
            except TimeoutError:
                pass
            manager.process.send_signal(signal.SIGCONT)
            manager.socket.settimeout(LIMIT)
            manager.until("WATCHDOG=1")


@test("the secret comes from the credential that systemd passes")
def secret_is_a_credential():
    with Sim("--rate", "0") as sim, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "client_secret")
        with open(path, "w", encoding="utf-8") as file:
            file.write("sim-secret\n")
        # As later versions of systemd leave it, with an access control list.
        os.chmod(path, 0o440)
        env = environment(sim, CREDENTIALS_DIRECTORY=folder)
        del env["GENESYSCLOUD_OAUTHCLIENT_SECRET"]
        done = subprocess.run(
            [PROGRAM, "--once", *ids()],
            env=env,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        same(done.returncode, 0, done.stderr)
        same(len(done.stdout.splitlines()), 12, "lines")


@test("a failure that another try cannot mend is one that systemd leaves at that")
def no_restart_where_it_is_of_no_use():
    with open(os.path.join(BUILT, "gcpresence@.service"), encoding="utf-8") as file:
        line = re.search(r"(?m)^RestartPreventExitStatus=(.*)$", file.read())
    final = {int(word) for word in line[1].split()}
    with Sim() as sim:
        for options, env in (
            (["--no-such-option"], {}),
            (["--strict", "not-an-id"], {}),
            (ids(), {"GENESYSCLOUD_OAUTHCLIENT_SECRET": "wrong"}),
            (["--region", "nowhere-9"], {"GENESYSCLOUD_API_URL": ""}),
        ):
            done = subprocess.run(
                [PROGRAM, *options],
                env=environment(sim, **env),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=LIMIT,
                check=False,
            )
            check(done.returncode in final, f"{options}: {done.returncode}")


if __name__ == "__main__":
    sys.exit(1 if run_all(" ".join(sys.argv[1:])) else 0)
