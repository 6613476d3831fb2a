"""Bad input, and outputs that cannot be written."""

import os
import resource
import signal
import subprocess
import tempfile

from recording import (
    LIMIT,
    NINE,
    PROGRAM,
    change,
    check,
    day,
    report,
    same,
    test,
)

GOOD = change("a", "BUSY", NINE)


@test("a line that cannot be used is told with its place, and skipped")
def bad_lines():
    bad = [
        "{broken",
        "[1]",
        "5",
        '{"userId":"x"}',
        '{"userId":"","state":"BUSY","receivedAt":"2026-01-01T09:00:00Z"}',
        '{"userId":"x","state":"BUSY"}',
        '{"userId":"x","state":"BUSY","receivedAt":"2026-02-30T09:00:00Z"}',
        '{"userId":"x","state":"BUSY","receivedAt":5}',
        '{"gap":{"from":"2026-01-01T09:00:00Z"}}',
        '{"userId":"' + "x" * 70000 + '"}',
        '{"userId":"x","state":"\\u0000"}',
        "\x1b[31m\x07",
    ]
    done = report("-o", "json", given="\n".join([GOOD.rstrip(), *bad, GOOD]))
    found = done.json()
    same((found["lines"], found["skipped"]), (len(bad) + 2, len(bad)))
    same(len(found["users"]), 1)
    for number in range(2, 10):
        check(f"gcpresence-report: warning: stdin:{number}: " in done.err, done.err)
    check("\x1b" not in done.err and len(done.err) < 4096, done.err)


@test("with --strict such a line ends it with 65")
def strict():
    done = report("--strict", given=GOOD + "{broken\n" + GOOD, status=65)
    same(done.out, "")
    check(done.err.startswith("gcpresence-report: stdin:2: "), done.err)
    same(done.err.count("\n"), 1)
    report("--strict", given=day())


@test("what is no recording at all ends with 65: TSV, binary data, a long line")
def no_recording():
    tsv = "userId\tname\tstate\nx\t\tBUSY\n"
    for given in (tsv, bytes(range(256)) * 400, b"\0" * 300000, "x" * 1000000, b"\xff\xfe{"):
        done = report(given=given, status=65)
        same(done.out, "")
        check("NDJSON" in done.err.splitlines()[-1], done.err)


@test("an empty recording has an empty report, and is told")
def empty():
    for given in ("", "\n \n"):
        for options in ([], ["--hours"], ["-o", "tsv"], ["-o", "tsv", "--intervals"], ["--svg", "-"]):
            done = report(*options, given=given)
            check("no change" in done.err, done.err)
        for options in (["--hours"], ["--intervals"], []):
            found = report("-o", "json", *options, given=given).json()
            same((found["from"], found["to"], found["lines"]), (None, None, 0))


@test("a last line that is being written is told to be one")
def partial():
    done = report("-o", "json", given=GOOD + GOOD[:60])
    same(done.json()["skipped"], 1)
    check("without a newline" in done.err, done.err)


@test("a file that cannot be read ends with 66")
def unreadable():
    for name in ("/nowhere/at/all", "."):
        done = report(name, status=66)
        same(done.out, "")
        check(f"'{name}'" in done.err, done.err)


@test("a full disk ends with 74")
def full():
    with open("/dev/full", "wb") as disk:
        for options in ([], ["-o", "tsv"], ["-o", "json", "--intervals"], ["--svg", "-"]):
            done = report(*options, given=day(), status=74, stdout=disk)
            check("No space" in done.err, done.err)
    report("--svg", "/dev/full", given=day(), status=74)
    report("--html", "/nowhere/at/all", given=GOOD, status=74)


def small_files():
    """Files beyond 16 KiB cannot be written, as on a disk that fills up."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384))


@test("a picture that cannot be written whole leaves the old one, and nothing else")
def replaced():
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "picture.svg")
        with open(name, "w", encoding="ascii") as file:
            file.write("old")
        report("--svg", name, given=day(), status=74, preexec_fn=small_files)
        same(os.listdir(folder), ["picture.svg"])
        with open(name, encoding="ascii") as file:
            same(file.read(), "old")
        report("--svg", name, given=day())
        same(os.listdir(folder), ["picture.svg"])
        check(os.stat(name).st_size > 50000)
        same(os.stat(name).st_mode & 0o777, 0o666 & ~current_umask())


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


@test("a reader that goes away ends it by SIGPIPE, quietly")
def reader_gone():
    for options in (["-o", "json", "--intervals"], ["--html", "-"]):
        with subprocess.Popen(
            [PROGRAM, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            process.stdout.close()
            process.stdin.write(day().encode())
            process.stdin.close()
            same(process.wait(LIMIT), -signal.SIGPIPE)
            same(process.stderr.read(), b"")


@test("a command line that makes no sense ends with 64, a bad value with 78")
def statuses():
    for options, status, word in (
        (["--bogus"], 64, "--bogus"),
        (["--from"], 64, "--from"),
        (["--svg", "-", "--html", "-"], 64, "twice"),
        (["--svg", "-", "--hours"], 64, "twice"),
        (["--hours", "--intervals"], 64, "--intervals"),
        (["-o", "xml"], 78, "xml"),
        (["--from", "yesterday"], 78, "yesterday"),
        (["--from", "2026-02-30"], 78, "2026-02-30"),
        (["--to", "25:00"], 78, "25:00"),
        (["--from", "now"], 78, "now"),
        (["--from", "10:00", "--to", "09:00"], 78, "09:00"),
    ):
        done = report(*options, given=GOOD, status=status)
        same(done.out, "", options)
        check(word in done.err and done.err.startswith("gcpresence-report: "), (options, done.err))
        same(done.err.count("\n"), 1, options)


@test("a wrong clock makes no endless sums by the hour, and all else works")
def wrong_clock():
    given = change("a", "BUSY", -(10**12)) + change("a", "MEAL", 10**14, "BUSY")
    done = report("--hours", given=given, status=65)
    check("1938" in done.err and "--from" in done.err, done.err)
    for options in ([], ["--intervals"], ["-o", "json"], ["--svg", "-"], ["--html", "-"]):
        report(*options, given=given)
    rows = report(
        "--hours", "-o", "tsv", "--from", "2026-01-01", "--to", "2026-01-02", given=given
    ).rows()
    same([row["ms"] for row in rows], ["3600000"] * 24)
