#!/usr/bin/python3
"""Breaks one promise at a time in a copy of the program, and sees that the
rows that are there for it fail.  Prints TAP.

    mutants.py [WORD ...]      mutants whose names have one of the words

Each is a patch in mutants/, whose first lines say which promise it breaks and
which rows have to catch it (patterns, as suite.py takes them).  A patch that
does not apply, or a mutant that cannot be built, fails.  The rows have to pass
with the program as it is.

$srcdir and $builddir are where the sources and the built program are, by
default . and build; the copies are of both, so that only what a patch changes
is compiled anew.  See bench.py for the rest of the environment.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.abspath(os.environ.get("srcdir") or ".")
BUILD = os.path.abspath(os.environ.get("builddir") or "build")
SUITE = os.path.join(HERE, "suite.py")
LIMIT = 900  # seconds for the rows of one mutant


class Mutant:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[: -len(".patch")]
        with open(path, encoding="utf-8") as file:
            head = file.read().split("\n\n", 1)[0].splitlines()
        fields = [line.split(": ", 1) for line in head]
        self.promise = " ".join(text for key, text in fields if key == "promise")
        self.rows = [text for key, text in fields if key == "rows"]


def mutants(words):
    folder = os.path.join(HERE, "mutants")
    all_of_them = [
        Mutant(os.path.join(folder, name))
        for name in sorted(os.listdir(folder))
        if name.endswith(".patch")
    ]
    return [
        one for one in all_of_them if not words or any(w in one.name for w in words)
    ]


def run(words, folder=None, env=None):
    """(status, what it said)."""
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired as slow:
        return 124, f"{words}: {slow}"
    return done.returncode, done.stdout


def copy_tree(folder):
    """Sources and build, as neighbours; times are kept, so make has little to
    do.  A build elsewhere than below the sources is configured anew."""
    source = os.path.join(folder, "source")
    shutil.copytree(
        SOURCE,
        source,
        symlinks=True,
        ignore=lambda at, names: [
            name
            for name in names
            if name in (".git", "autom4te.cache")
            or (at == SOURCE and name.startswith("build"))
            and name != "build-aux"
        ],
    )
    build = os.path.join(source, "build")
    if os.path.dirname(BUILD) == SOURCE:
        shutil.copytree(BUILD, build, symlinks=True)
    else:
        os.mkdir(build)
        status, said = run(["../configure", "--quiet"], build)
        if status != 0:
            raise SystemExit(f"Bail out! cannot configure: {said[-500:]}")
    return source, build


def make(build):
    return run(["make", "-j2", "--no-print-directory", "gcpresence"], build)


def failed_rows(program, rows):
    """(how many there are, those that fail, what was said)."""
    count, failed, said = 0, [], ""
    simulator = os.path.join(BUILD, "gcpresence-sim")
    for row in rows:
        _, text = run(
            [sys.executable, SUITE, row],
            env={"GCPRESENCE": program, "GCPRESENCE_SIM": simulator},
        )
        said += text
        count += len(re.findall(r"^(?:not )?ok (?!.*# SKIP)", text, re.M))
        failed += re.findall(r"^not ok \d+ - (.*)", text, re.M)
    return count, failed, said


def judge(mutant, source, build):
    """Why it is not caught, or None; and who caught it."""
    status, said = run(
        ["patch", "-p1", "--fuzz=0", "--no-backup-if-mismatch", "-i", mutant.path],
        source,
    )
    if status != 0:
        return f"the patch does not apply: {said}", []
    try:
        status, said = make(build)
        if status != 0:
            return f"it cannot be built: {said[-1000:]}", []
        _, failed, said = failed_rows(os.path.join(build, "gcpresence"), mutant.rows)
        if not failed:
            return f"no row fails: {said[-1500:]}", []
        return None, failed
    finally:
        run(["patch", "-p1", "-R", "--fuzz=0", "-i", mutant.path], source)


def tell(number, good, text, notes):
    print(f"{'ok' if good else 'not ok'} {number} - {text}")
    for note in notes:
        for line in str(note).splitlines()[:40]:
            print(f"# {line}"[:1000])
    sys.stdout.flush()
    return not good


def main():
    chosen = mutants(sys.argv[1:])
    print(f"1..{len(chosen) + 1}", flush=True)
    rows = sorted({row for one in chosen for row in one.rows})
    count, failed, said = failed_rows(os.path.join(BUILD, "gcpresence"), rows)
    failures = tell(
        1,
        count >= len(rows) and not failed,
        f"the program as it is passes the {count} rows",
        failed or ([] if count >= len(rows) else [said[-1500:]]),
    )
    folder = tempfile.mkdtemp(prefix="gcp-mutants-")
    try:
        source, build = copy_tree(folder)
        for number, mutant in enumerate(chosen, 2):
            why, caught = judge(mutant, source, build)
            failures += tell(
                number,
                why is None,
                f"{mutant.name} is caught ({mutant.promise})",
                [why] if why else [f"by {row}" for row in caught],
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(chosen) + 1 - failures} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
