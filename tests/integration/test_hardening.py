#!/usr/bin/env python3
"""The programs as they were built, judged by readelf and hardening-check.

    test_hardening.py [TEXT]    all tests, or those whose names contain TEXT

What configure found decides what has to be there: without hardening, or with
sanitizers, nothing has.
"""

import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "sim"))
from harness import Skip, check, run_all, same, test  # noqa: E402

BUILD = os.path.abspath(os.environ.get("builddir", "."))
NAMES = ["", "-users", "-top", "-report", "-sim"]
PROGRAMS = [os.path.join(BUILD, f"gcpresence{name}") for name in NAMES]


def configured(variable):
    with open(os.path.join(BUILD, "Makefile"), encoding="utf-8") as file:
        return re.search(rf"(?m)^{variable} = *(.*)$", file.read())[1].strip()


def needs_hardening():
    if configured("hardening") != "yes":
        raise Skip("configured without hardening")


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


if __name__ == "__main__":
    sys.exit(1 if run_all(" ".join(sys.argv[1:])) else 0)
