#!/usr/bin/env python3
"""The programs as they were built, judged by readelf and hardening-check; and
what a process of them has given up, as the kernel tells it.

    test_hardening.py [TEXT]    all tests, or those whose names contain TEXT

What configure found decides what has to be there: without hardening, or with
sanitizers, nothing has.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "sim"))
from harness import Sim, Skip, check, ids, run_all, same, test, until  # noqa: E402

BUILD = os.path.abspath(os.environ.get("builddir", "."))
NAMES = ["", "-users", "-top", "-report", "-sim"]
PROGRAMS = [os.path.join(BUILD, f"gcpresence{name}") for name in NAMES]
FILTER, USERS = PROGRAMS[:2]
LIMIT = 20
NOBODY = 65534


def configured(variable):
    with open(os.path.join(BUILD, "Makefile"), encoding="utf-8") as file:
        return re.search(rf"(?m)^{variable} = *(.*)$", file.read())[1].strip()


def needs_hardening():
    if configured("hardening") != "yes":
        raise Skip("configured without hardening")


def needs_seccomp():
    needs_hardening()
    if "-lseccomp" not in configured("SECCOMP_LIBS"):
        raise Skip("configured without libseccomp")
    if not re.search(r"(?m)^Seccomp:", status_of(os.getpid())):
        raise Skip("this kernel has no seccomp")


def readelf(program, *options):
    if shutil.which("readelf") is None:
        raise Skip("readelf is not installed")
    return subprocess.run(
        ["readelf", "--wide", *options, program],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def each_program(options, judge):
    needs_hardening()
    for program in PROGRAMS:
        text = readelf(program, *options)
        check(judge(text), f"{program}:\n{text}")


@test("each program is loaded at another address every time")
def position_independent():
    each_program(["--file-header"], lambda text: re.search(r"Type: +DYN", text))
    each_program(["--dynamic"], lambda text: re.search(r"FLAGS_1.*\bPIE\b", text))


@test("each program resolves all symbols at its start, and locks the table of them")
def relocations_are_read_only():
    each_program(["--program-headers"], lambda text: "GNU_RELRO" in text)
    each_program(["--dynamic"], lambda text: re.search(r"\bBIND_NOW\b|\bNOW\b", text))


@test("no memory of a program is both written and run, the stack neither")
def memory_is_written_or_run():
    each_program(
        ["--program-headers"],
        lambda text: re.search(r"GNU_STACK .* RW +0x", text)
        and not re.search(r" [R ]WE +0x", text),
    )


@test("no program changes its own code when it is loaded")
def no_text_relocations():
    each_program(["--dynamic"], lambda text: "TEXTREL" not in text)


@test("no program looks for libraries elsewhere than the system does")
def no_run_path():
    each_program(["--dynamic"], lambda text: not re.search(r"R(UN)?PATH", text))


@test("each program notices when its stack was overwritten")
def stack_is_protected():
    each_program(["--dyn-syms"], lambda text: "__stack_chk_fail" in text)


@test("each program calls the checked forms of the C library's functions")
def calls_are_fortified():
    if "_FORTIFY_SOURCE" not in configured("HARDEN_CFLAGS"):
        raise Skip("configured without optimisation")
    each_program(
        ["--dyn-syms"], lambda text: re.search(r"__(?!stack)\w+_chk\b", text)
    )


@test("hardening-check finds nothing to add to any program")
def hardening_check():
    needs_hardening()
    judge = shutil.which("hardening-check")
    if judge is None:
        raise Skip("hardening-check is not installed")
    options = []
    if "_FORTIFY_SOURCE" not in configured("HARDEN_CFLAGS"):
        options += ["--nofortify"]
    # Control flow integrity takes C libraries that are built for it.
    done = subprocess.run(
        [judge, "--nocfprotection", *options, *PROGRAMS],
        capture_output=True,
        text=True,
        check=False,
    )
    same(done.returncode, 0, done.stdout + done.stderr)


# Processes.


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return file.read()


def environment(sim):
    return {
        "PATH": os.environ["PATH"],
        "GENESYSCLOUD_API_URL": sim.ready["url"],
        "GENESYSCLOUD_OAUTHCLIENT_ID": "sim-client",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sim-secret",
    }


class Run:
    """A program that waits for input, or for a service that does not answer."""

    def __init__(self, sim, *words, **how):
        self.process = subprocess.Popen(
            words,
            env=environment(sim),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **how,
        )
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def has_given_up(self):
        return re.search(r"(?m)^Seccomp:\s+2$", status_of(self.pid))


def runs(sim):
    """A run for each way into the program that can be kept waiting."""
    users = ids()
    sim.do("delay token 60")
    return [
        Run(sim, FILTER, *users),
        Run(sim, FILTER, "--once", *users),
        Run(sim, FILTER, "--check", *users),
        Run(sim, FILTER, "--replay", "-"),
        Run(sim, FILTER, "-"),
        Run(sim, USERS),
        Run(sim, USERS, "--email"),
    ]


@test("whichever way they run, filter and users can start no program and gain no privilege")
def calls_are_given_up():
    needs_seccomp()
    with Sim() as sim:
        for one in runs(sim):
            with one:
                until(one.has_given_up, f"a filter of {one.process.args}", LIMIT)
                status = status_of(one.pid)
                check(re.search(r"(?m)^NoNewPrivs:\s+1$", status), status)


@test("a run with the filter streams, looks up names, writes state, audit log and metrics")
def filter_lets_a_run_pass():
    needs_seccomp()
    with Sim("--rate", "20") as sim, tempfile.TemporaryDirectory() as folder:
        url = sim.ready["url"].replace("127.0.0.1", "localhost")
        done = subprocess.run(
            [FILTER, "-vv", "-n", "20", "--state", f"{folder}/state"]
            + ["--audit", f"{folder}/audit", "--metrics", f"{folder}/metrics"]
            + ["--api-url", url, *ids()],
            env=environment(sim),
            capture_output=True,
            text=True,
            timeout=3 * LIMIT,
            check=False,
        )
        same(done.returncode, 0, done.stderr)
        check("no system call is denied" not in done.stderr, done.stderr)
        same(len(done.stdout.splitlines()), 20, "lines")
        same(
            sorted(os.listdir(folder)),
            ["audit", "metrics", "state", "state.lock"],
            "files",
        )


@test("filter and users leave no core and do not let their user look into memory")
def memory_is_closed():
    needs_hardening()
    how = {"user": NOBODY} if os.getuid() == 0 else {}
    with Sim() as sim:
        for words in (FILTER, "-"), (USERS, "--email"):
            try:
                run = Run(sim, *words, **how)
            except PermissionError as error:
                raise Skip(f"another user cannot get at it: {error}") from error
            with run:
                # The kernel gives these to root then, whoever the user is.
                until(
                    lambda: os.stat(f"/proc/{run.pid}/environ").st_uid == 0,
                    f"{words} to close its memory",
                    LIMIT,
                )
                with open(f"/proc/{run.pid}/limits", encoding="ascii") as file:
                    limits = file.read()
                check(re.search(r"(?m)^Max core file size +0 +0 ", limits), limits)


@test("a user that is not root can still pass files as /dev/fd/N")
def files_by_descriptor():
    how = {"user": NOBODY} if os.getuid() == 0 else {}
    with Sim() as sim:
        users = "".join(f"- {user}\n" for user in ids())
        try:
            # The shell's pipe is of that user, as it has to be.
            done = subprocess.run(
                ["sh", "-c", 'cat | "$0" --once -f /dev/fd/0', FILTER],
                input=users,
                env=environment(sim),
                capture_output=True,
                text=True,
                timeout=LIMIT,
                check=False,
                **how,
            )
        except PermissionError as error:
            raise Skip(f"another user cannot get at it: {error}") from error
        if done.returncode in (126, 127):
            raise Skip(f"another user cannot get at it: {done.stderr}")
        same(done.returncode, 0, done.stderr)
        same(len(done.stdout.splitlines()), 12, "lines")


if __name__ == "__main__":
    sys.exit(1 if run_all(" ".join(sys.argv[1:])) else 0)
