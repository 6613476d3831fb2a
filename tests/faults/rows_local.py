"""I and Y: input and files.  O: output.  S: the process, its state file, its
machine.  What kills and what fails by number is in rows_crash.py."""

import errno
import fcntl
import hashlib
import json
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time

from bench import (
    PROGRAM,
    SANITIZED,
    SLOW,
    Skip,
    check,
    environment,
    need,
    population,
    read,
    same,
    until,
    wall_ms,
    write,
)
from rows_network import QUICK, free_port, url_of
from rows_service import page_of  # noqa: F401 pylint: disable=unused-import
from table import (
    alive,
    change,
    connections,
    cycle,
    for_each,
    gaps,
    known,
    lines,
    no_gap,
    no_lines,
    pause,
    row,
    rss_below,
    said,
    shown,
    some_gap,
    special,
    streaming,
)

NOTIFICATIONS = ("--protocol", "notifications")

# I: standard input


def operands(scene_or_case):
    return {"args": scene_or_case.sims[-1].ids}


def null_is(fd):
    """Nothing else took the place of a descriptor that was closed."""

    def function(scene):
        same(os.readlink(f"/proc/{scene.run.pid}/fd/{fd}"), "/dev/null", f"fd {fd}")

    return function


row(
    "I1",
    "standard input that is closed is nobody's socket",
    server=operands,
    run={"closed": (0,)},
    steps=(streaming, lines(10), null_is(0)),
)
row(
    "I2",
    "all three closed: 74, before anything is sent",
    server=operands,
    run={"closed": (0, 1, 2)},
    status=74,
    checks=(no_lines, lambda scene: same(scene.sim.status()["requests"]["token"], 0, "tokens")),
    oracle=False,
)
row(
    "I3",
    "an open pipe without a line: it waits, and costs nothing",
    run={"stdin": subprocess.PIPE},
    steps=(
        pause(1),
        alive,
        lambda scene: same(scene.sim.status()["requests"]["token"], 0, "tokens"),
        lambda scene: feed(scene, scene.sim.population),
        streaming,
        lines(10),
    ),
)


def feed(scene, text):
    pipe = scene.run.process.stdin
    pipe.write(text.encode() if isinstance(text, str) else text)
    pipe.flush()


def drip(scene):
    """Byte by byte, with half a line that stays half for a while."""
    ids = scene.sim.ids
    feed(scene, ids[0] + "\n" + ids[1][:20])
    shown_of(scene, ids[0])
    time.sleep(0.5)
    check(ids[1].lower() not in scene.run.tail.read().last, "half a line was taken")
    for byte in ids[1][20:] + "\n" + "\n".join(ids[2:]) + "\n":
        feed(scene, byte)


def shown_of(scene, user):
    until(lambda: user.lower() in scene.run.tail.read().last, f"a line of {user}")


row(
    "I10",
    "a writer that stops in the midst of a line holds nothing up",
    run={"stdin": subprocess.PIPE},
    steps=(drip, streaming, lines(20)),
)


def file_of(*pieces):
    """Standard input that is a file of these; functions get the scene."""

    def stdin(scene):
        path = scene.case.path("input")
        with open(path, "wb") as file:
            for piece in pieces:
                if callable(piece):
                    piece = piece(scene)
                file.write(piece.encode() if isinstance(piece, str) else piece)
        return scene.case.keep(open(path, "rb"))

    return stdin


row(
    "I5",
    "CRLF, a BOM, blanks, comments, capitals, no newline at the end",
    stdin=file_of(
        lambda s: "\ufeff# team\r\n\r\n \t"
        + "  \r\n".join(user.upper() for user in s.sim.ids[:5])
        + "\r\n"
        + s.sim.ids[5]
    ),
    steps=(streaming, lines(20)),
)
row(
    "I6",
    "a million lines of six users: six users, and no memory",
    stdin=file_of(lambda s: s.sim.population * (1000000 // s.sim.users)),
    steps=(streaming, lines(20), rss_below(40)),
)
for name, junk in (
    ("64 MiB of NUL", b"\0" * (64 << 20)),
    ("a line of 64 MiB", b"a" * (64 << 20) + b"\n"),
    ("1 MiB of noise", os.urandom(1 << 20) + b"\n"),
    ("100000 bad lines", b"what?\x1b[31m\n" * 100000),
):
    row(
        "I7",
        f"{name} on standard input: skipped, few words, no memory",
        stdin=file_of(lambda s: s.sim.population, junk, "\n"),
        steps=(streaming, lines(20), rss_below(40)),
        not_err="\x1b",
        checks=lambda scene: check(scene.run.said().count("\n") < 1100, "a flood of errors"),
    )
row(
    "I8",
    "IDs that are none are told with their line, and the others stream",
    args=NOTIFICATIONS,
    stdin=file_of(
        lambda s: "{%s}\nurn:uuid:%s\n%s\n%s\n00000000-0000-0000-0000-00000000000g\n"
        % (s.sim.ids[0], s.sim.ids[1], s.sim.ids[2][:-1], s.sim.ids[3] + "0"),
        lambda s: s.sim.population,
    ),
    steps=(streaming, lines(20)),
    err=("standard input:1:", "standard input:2:", "standard input:3:", "standard input:5:"),
)
row(
    "I11",
    "the end of the input is not the end",
    stdin=file_of(lambda s: s.sim.population),
    steps=(streaming, lines(10), cycle(1), lines(10)),
)


def yaml(users, more=""):
    return "users:\n" + "".join(f"  - {user}\n" for user in users) + more


def with_yaml(count=None):
    def server(case):
        sim = case.sims[-1]
        case.yaml = write(case.path("team.yaml"), yaml(sim.ids[:count]))
        return {"args": ["-f", case.yaml]}

    return server


def rewrite(first, last, *steps):
    """The file has these users now."""

    def step(scene):
        path = scene.case.yaml
        write(path + ".new", yaml(scene.sim.ids[first:last]))
        os.rename(path + ".new", path)
        scene.run.send(signal.SIGHUP)

    return step


row(
    "I13",
    "users that come and go by HUP, again and again: who is in the file streams",
    users=20,
    rate=40,
    server=with_yaml(10),
    run={"stdin": subprocess.DEVNULL},
    steps=(
        lambda scene: scene.run.wait_streaming(10),
        for_each(
            3,
            rewrite(5, 20),
            said("was read again"),
            pause(0.2),
            rewrite(0, 10),
            pause(0.2),
        ),
        rewrite(0, 20),
        streaming,
        known(),
        lines(20),
    ),
    # Who left and came back begins anew.
    oracle={"unknown": lambda scene: scene.sim.ids[:5] + scene.sim.ids[10:]},
)

# Y: YAML files

REFERENCES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi")
)
for name, text in (
    ("of references to references", REFERENCES),
    ("nested 240 kB deep", "users: " + "[" * 120000 + "]" * 120000),
    ("nested with mappings", "users: " + "{a: " * 60000),
    ("with two lists of users", "users: [a]\nusers: [b]\n"),
    ("with a merge key", "base: &b {id: a}\nusers:\n  - <<: *b\n"),
    ("with a tag", "users: !!python/object/apply:os.system [reboot]\n"),
    ("with a number for its users", "users: 7\n"),
    ("with a mapping for its users", "users: {a: b}\n"),
    ("with two documents", "users: [a]\n---\nusers: [b]\n"),
    ("with a null user", "users: [~]\nregion: [\n"),
    ("of NUL", "\0" * 1000),
    ("of bad UTF-8", b"users:\n - \xff\xfe\xc0\x80\n"),
    ("of control characters", "users:\n - \x1b[31m\n"),
):
    row(
        "Y1 Y2 Y3 Y4",
        f"a YAML file {name}: 78 at once, with its place",
        sim=None,
        stdin=subprocess.DEVNULL,
        server=lambda case, text=text: {
            "env": url_of(free_port()),
            "args": ["-f", write(case.path("team.yaml"), text)],
        },
        run={"stdin": subprocess.DEVNULL},
        status=(65, 78),
        ends=True,
        within=5 * SLOW,
        err=r"team\.yaml",
        not_err="\x1b",
    )


def odd_file(kind):
    def server(case):
        path = case.path("odd")
        if kind == "directory":
            os.mkdir(path)
        elif kind == "huge":
            write(path, "users:\n")
            os.truncate(path, 64 << 20)
        elif kind == "loop":
            os.symlink(path, path)
        return {"env": url_of(free_port()), "args": ["-f", path]}

    return server


for kind in ("missing", "directory", "loop", "huge"):
    row(
        "Y5 Y6",
        f"a YAML file that is {kind}: 66",
        sim=None,
        server=odd_file(kind),
        run={"stdin": subprocess.DEVNULL},
        status=66,
        within=5 * SLOW,
        err="cannot read",
    )


def vanish(scene):
    os.unlink(scene.case.yaml)
    scene.run.send(signal.SIGHUP)


row(
    "Y6",
    "a YAML file that is gone at HUP: told, and the old users go on",
    server=with_yaml(),
    run={"stdin": subprocess.DEVNULL},
    steps=(streaming, lines(10), vanish, said("team.yaml"), lines(20), cycle(1)),
)
for mode in (0o644, 0o640, 0o604):
    row(
        "Y8",
        f"a secret file of mode {mode:o} is refused: 77, and not read aloud",
        env={"GENESYSCLOUD_OAUTHCLIENT_SECRET": None},
        server=lambda case, mode=mode: {
            "args": [
                "--client-secret-file",
                write(case.path("secret"), "canary-file-secret\n", mode),
            ]
        },
        status=77,
        err="chmod",
        not_err="canary-file",
        checks=no_lines,
    )

# O: standard output


@special("O1", "a reader that goes: no status of its own, but SIGPIPE, within 2 s")
def reader_goes(case):
    sim = case.sim(rate=200)
    there, here = os.pipe()
    run = case.run(stdout=here)
    os.close(here)
    run.wait_streaming()
    os.read(there, 100)
    os.close(there)
    start = time.monotonic()
    same(run.wait(), -signal.SIGPIPE, run.said())
    check(time.monotonic() - start < 3 * SLOW, "too late")
    same(sim.status()["connections"], [], "connections")


@special("O2", "a reader that goes while nothing changes is noticed within a second")
def reader_goes_idle(case):
    case.sim(rate=0.001)
    there, here = os.pipe()
    run = case.run(stdout=here)
    os.close(here)
    run.wait_streaming()
    time.sleep(0.5)
    os.close(there)
    start = time.monotonic()
    same(run.wait(), -signal.SIGPIPE, run.said())
    check(time.monotonic() - start < 1.5 * SLOW, "too late")


row(
    "O3",
    "standard output that is closed: 74, before anything is sent",
    server=operands,
    run={"closed": (1,)},
    status=74,
    checks=lambda scene: same(scene.sim.status()["requests"]["token"], 0, "tokens"),
    oracle=False,
)


def to_file(path):
    return lambda case: {"run": {"stdout": case.keep(open(path, "ab"))}}


row(
    "O4",
    "a full disk: 74",
    server=to_file("/dev/full"),
    status=74,
    err="No space left",
    oracle=False,
)


def cut_torn_line(path):
    """What a person does with the half line that a full disk has left."""
    with open(path, "rb+") as file:
        data = file.read()
        file.truncate(data.rfind(b"\n") + 1)


def limited(size):
    """A file may not grow beyond this: the write is cut, then EFBIG."""

    def prepare():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return prepare


@special("O4", "a file that may not grow: 74, and with the state the next run has the rest")
def file_limit(case):
    sim = case.sim(rate=200)
    state = case.path("state")
    run = case.run("--state", state, preexec=limited(30000), audit=False)
    same(run.wait(), 74, run.said())
    cut_torn_line(run.output)
    check_state(state, [run.output])
    again = case.run("--state", state)
    again.wait_streaming()
    again.wait_lines(20)
    final = case.settle(again)
    same(again.end(), 0, again.said())
    # The state is a moment behind what was printed last.
    judge_loosely(
        case, final, "printed again by the next run", "previousState across runs"
    )


def judge_loosely(case, final, *allowed):
    """The oracle, with some of what it may say."""
    oracle = case.judge(final, errors_ok=True)
    check(set(oracle.counts) <= set(allowed), "\n".join(oracle.errors[:30]))


def mount_small(case, kilobytes):
    folder = case.path("small")
    os.mkdir(folder)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise Skip("no file system can be mounted here")
    case.keep(Mount(folder))
    return folder


class Mount:
    def __init__(self, folder):
        self.folder = folder

    def close(self):
        subprocess.run(["umount", "-l", self.folder], check=False)


@special("O4", "a disk that is full: 74, whole lines but the last, and the state is no newer")
def disk_full(case):
    case.sim(rate=200)
    folder = mount_small(case, 64)
    state = case.path("state")
    run = case.run("--state", state, output=os.path.join(folder, "out"))
    same(run.wait(), 74, run.said())
    check("No space left" in run.said(), run.said())
    cut_torn_line(run.output)
    check_state(state, [run.output])


@special("S12", "a state on a disk that is full: told, the stream goes on, 74 at the end")
def state_disk_full(case):
    case.sim(rate=100, users=20)
    folder = mount_small(case, 16)
    state = os.path.join(folder, "state")
    with open(os.path.join(folder, "filler"), "wb") as file:
        try:
            file.write(b"x" * 65536)
        except OSError:
            pass
    run = case.run("--state", state)
    run.wait_streaming()
    run.wait_said("cannot write the state file.*going on without")
    run.more_lines(100)
    final = case.settle(run)
    same(run.end(), 74, run.said())
    case.judge(final)


@special("O5", "a socket that takes little at a time gets all, in whole lines")
def short_writes(case):
    case.sim(rate=300)
    ours, theirs = socket.socketpair()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
    path = case.path("collected")
    run = case.run(stdout=theirs, output=path)
    theirs.close()
    collector = Collector(ours.recv, path, delay=0.0005, size=777)
    run.wait_streaming()
    run.wait_lines(200)
    final = case.settle(run)
    same(run.end(), 0, run.said())
    collector.join()
    case.judge(final)


class Collector(threading.Thread):
    """Reads what comes, slowly, into a file."""

    def __init__(self, receive, path, delay=0.0, size=4096):
        super().__init__(daemon=True)
        self.receive = receive
        self.path = path
        self.delay = delay
        self.size = size
        self.go = threading.Event()
        self.go.set()
        self.start()

    def run(self):
        with open(self.path, "ab", buffering=0) as file:
            while True:
                self.go.wait()
                data = self.receive(self.size)
                if not data:
                    return
                file.write(data)
                if self.delay:
                    time.sleep(self.delay)


def piped(case, *args, users=6, rate=300, delay=0.0, size=4096, held=False, **more):
    """A run that writes to a pipe, and who reads it."""
    case.sim(rate=rate, users=users)
    there, here = os.pipe()
    path = case.path("collected")
    run = case.run(*args, stdout=here, output=path, **more)
    os.close(here)
    collector = Collector(lambda count: os.read(there, count), path, delay, size)
    if held:
        collector.go.clear()
    return run, collector


@special("O6", "a slow reader with little room: changes are counted, none is lost unsaid")
def slow_reader(case):
    run, collector = piped(
        case, "--queue-size", "8K", users=20, rate=2000, delay=0.05, size=2000
    )
    run.wait_streaming()
    run.wait_said("too slow")
    time.sleep(3)
    collector.delay = 0
    final = case.settle(run, limit=30 * SLOW)
    same(run.end(), 0, run.said())
    collector.join()
    check('"coalesced":' in read(run.output), "nothing was coalesced")
    case.judge(final)


@special("O6", "a reader that stands still: the sockets live, and later it gets the rest")
def stopped_reader(case):
    run, collector = piped(case, *QUICK, "--queue-size", "64K", rate=100, held=True)
    run.wait_streaming()
    time.sleep(8)
    run.alive()
    same(len(run.audited("STREAM_GAP")), 0, "gaps")
    collector.go.set()
    final = case.settle(run, limit=30 * SLOW)
    same(run.end(), 0, run.said())
    collector.join()
    case.judge(final, no_gaps=True)


@special("O6", "a gap while the reader is too slow is a line too, later")
def gap_while_blocked(case):
    run, collector = piped(
        case, "--queue-size", "8K", users=20, rate=2000, delay=0.2, size=500
    )
    run.wait_streaming()
    run.wait_said("too slow")
    run.sim.do("drop")
    until(lambda: run.audited("STREAM_GAP"), "a gap in the audit log")
    collector.delay = 0
    collector.size = 65536
    final = case.settle(run, limit=30 * SLOW)
    same(run.end(), 0, run.said())
    collector.join()
    case.judge(final)


@special("O7", "a pipe that does not block stays so, and gets all")
def nonblocking(case):
    there, here = os.pipe()
    os.set_blocking(here, False)
    case.sim(rate=300)
    path = case.path("collected")
    run = case.run(stdout=here, output=path)
    collector = Collector(lambda n: os.read(there, n), path, 0.002, 500)
    run.wait_streaming()
    run.wait_lines(200)
    check(not os.get_blocking(here), "the flag was changed")
    os.close(here)
    final = case.settle(run)
    same(run.end(), 0, run.said())
    collector.join()
    case.judge(final)


row(
    "O8",
    "standard error that is closed is no matter",
    server=operands,
    args=("-v", "-v"),
    run={"closed": (2,)},
    steps=(streaming, lines(10), cycle(2), lines(10), null_is(2)),
)
row(
    "O8",
    "standard error that is full is no matter",
    args=("-v", "-v"),
    run={"wrap": ["sh", "-c", 'exec "$@" 2>/dev/full', "sh"]},
    steps=(streaming, lines(10), cycle(2), lines(10)),
)


@special("O8", "standard error that nobody reads stalls nothing")
def blocked_log(case):
    case.sim()
    there, here = os.pipe()
    os.set_blocking(here, False)
    try:
        while True:
            os.write(here, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(here, True)
    run = case.run("-v", "-v", preexec=lambda: os.dup2(here, 2))
    os.close(here)
    run.wait_streaming()
    run.wait_lines(20)
    run.sim.do("drop")
    run.wait_gaps(1)
    run.more_lines(20)
    final = case.settle(run)
    same(run.end(), 0)
    os.close(there)
    case.judge(final)


@special("O9", "a terminal that hangs up: it ends, and nothing is left behind")
def hang_up(case):
    sim = case.sim()
    master, slave = os.openpty()

    def leader():
        os.setsid()
        fcntl.ioctl(1, 0x540E, 0)  # TIOCSCTTY

    run = case.run(stdout=slave, preexec=leader)
    os.close(slave)
    run.wait_streaming()
    os.read(master, 100)
    os.close(master)
    got = run.wait()
    check(got in (74, -signal.SIGPIPE, -signal.SIGHUP), f"status {got}: {run.said()}")
    until(lambda: not sim.status()["connections"], "the end of connections")


@special("O11", "two runs that append to one pipe: whole lines only")
def two_writers(case):
    sim = case.sim(rate=400)
    there, here = os.pipe()
    path = case.path("both")
    runs = [case.run(stdout=here, output=path, audit=False) for _ in range(2)]
    os.close(here)
    collector = Collector(lambda n: os.read(there, n), path)
    for run in runs:
        run.wait_streaming()
    runs[0].wait_lines(400)
    for run in runs:
        same(run.end(), 0, run.said())
    collector.join()
    for line in read(path).splitlines():
        json.loads(line)
    check(sim.users, "")


# S: signals


def delays(seconds):
    return [
        f"delay {name} {seconds} times 0"
        for name in ("token", "channels", "channel-list", "upgrade", "subscriptions", "bulk")
    ]


def phase(number, which, expected):
    """A signal after so many steps of 50 ms, with a service that takes 100 ms
    for everything: the end is quick, and the state file is good."""

    def function(case):
        sim = case.sim(rate=50)
        sim.do(*delays(0.1))
        state = case.path("state")
        run = case.run("--state", state)
        time.sleep(0.05 * number * (2 if SANITIZED else 1))
        start = time.monotonic()
        got = run.end(which)
        took = time.monotonic() - start
        # Before the handler is there the signal ends it, and nothing was sent.
        check(got in (expected, -which), f"status {got}: {run.said()}")
        check(took < 3 * SLOW, f"it took {took:.1f} s")
        check_state(state, [run.output])
        until(lambda: not sim.status()["connections"], "the end of connections")
        sim.do("clear")
        again = case.run("--state", state)
        again.wait_streaming()
        final = case.settle(again)
        same(again.end(), 0, again.said())
        case.judge(final)

    return function


for number in range(0, 20, 2):
    special("S1", f"TERM after {number * 50} ms: 0, quick, and the state is good")(
        phase(number, signal.SIGTERM, 0)
    )
for number in range(1, 20, 6):
    special("S1", f"INT after {number * 50} ms: dies of it, quick, and the state is good")(
        phase(number, signal.SIGINT, -signal.SIGINT)
    )


def second_signal(scene):
    scene.do("hang subscriptions times 0")
    scene.run.send(signal.SIGTERM)
    time.sleep(0.2)
    start = time.monotonic()
    scene.run.end(signal.SIGTERM)
    check(time.monotonic() - start < 1 * SLOW, "the second signal does not end it at once")


row(
    "S1",
    "a second TERM ends it at once, whatever hangs",
    steps=(streaming, lines(5), second_signal),
    status=(0, -signal.SIGTERM, 143),
    settle=False,
    ends=True,
    oracle=False,
)


def storm(scene):
    for _ in range(2000):
        scene.run.send(signal.SIGHUP)
        scene.run.send(signal.SIGUSR1)
    for _ in range(50):
        scene.run.send(signal.SIGHUP)
        time.sleep(0.005)


row(
    "S2",
    "a storm of HUP and USR1 loses nothing",
    rate=60,
    server=with_yaml(),
    run={"stdin": subprocess.DEVNULL},
    steps=(streaming, known(), storm, lines(30)),
    oracle={"no_gaps": True},
    checks=no_gap,
)


def stopped_for(seconds):
    def step(scene):
        scene.run.send(signal.SIGSTOP)
        time.sleep(seconds)
        scene.run.send(signal.SIGCONT)

    return step


row(
    "S7",
    "a process that is stopped for 3 s goes on, and nothing is lost",
    args=QUICK,
    steps=(streaming, lines(10), stopped_for(3), lines(100)),
)
row(
    "S7",
    "a process that is stopped for 25 s knows it: a gap, and a snapshot",
    steps=(streaming, lines(10), stopped_for(25), gaps(1), lines(10)),
    err="was suspended for",
    checks=some_gap,
)
row(
    "S7",
    "a process that is stopped while its connection dies finds out: a gap",
    steps=(streaming, lines(10), stopped_for(1), "drop", gaps(1), lines(10)),
    checks=some_gap,
)


# S9: clocks


def stepped(*offsets):
    """The wall clock is set to these offsets, one after the other."""

    def function(case):
        need("faketime")
        libraries = [
            f"/usr/lib/{folder}/faketime/libfaketimeMT.so.1"
            for folder in os.listdir("/usr/lib")
            if folder.endswith("-linux-gnu")
        ]
        library = next((one for one in libraries if os.path.exists(one)), None)
        if library is None:
            raise Skip("libfaketime is not where it is looked for")
        sim = case.sim(rate=30)
        clock = write(case.path("clock"), "+0s\n")
        run = case.run(
            env={
                "LD_PRELOAD": library,
                "FAKETIME_TIMESTAMP_FILE": clock,
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        )
        run.wait_streaming()
        run.wait_lines(10)
        for offset in offsets:
            write(clock, offset + "\n")
            run.more_lines(30)
        same(len(sim.events("connected")), 1, "connections")
        same(len(run.audited("STREAM_GAP")), 0, "gaps")
        final = case.settle(run)
        same(run.end(), 0, run.said())
        # previousForMs and all are the service's; only receivedAt is ours.
        case.judge(final)

    return function


for name, offsets in (
    ("an hour ahead", ("+3600s",)),
    ("an hour back", ("-3600s",)),
    ("back and forth", ("+3600s", "-3600s", "+0s", "-86400s", "+86400s")),
    ("to 1971 and to 2037", ("-55y", "+11y")),
):
    special("S9", f"a clock that is set {name} moves no timer and loses no change", sanitized=False)(
        stepped(*offsets)
    )
row(
    "S9",
    "a service whose clock is an hour ahead, or behind: nothing is lost",
    steps=(
        streaming,
        lines(10),
        "skew 3600",
        lines(30),
        cycle(1),
        lines(20),
    ),
    oracle={"slack_ms": 7200000, "heal_ms": 7200000},
)

# S10, S11: limits


def at_most_fds(count):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


for count in (8, 12, 16, 20, 24):
    row(
        "S10",
        f"with {count} descriptors it says what is wrong, or works",
        run={"preexec": at_most_fds(count)},
        args=("--max-retries", "2", "--for", "2s"),
        status=(0, 66, 69, 70, 71, 74, 75),
        ends=True,
        oracle=False,
    )
row(
    "S10",
    "with 64 descriptors it works",
    run={"preexec": at_most_fds(64)},
    steps=(streaming, lines(20), cycle(3), lines(10)),
)


@special("S11", "19000 users on 19 channels: all of them, and little memory")
def many_users(case):
    sim = case.sim("--max-requests-per-minute", "0", users=19000, rate=500)
    run = case.run("--max-requests-per-minute", "10000", "--retry-max", "5")
    run.wait_streaming(limit=60 * SLOW)
    run.wait_lines(19000, limit=60 * SLOW)
    check(run.rss_kib() < 120 * 1024 * (4 if SANITIZED else 1), f"{run.rss_kib()} KiB")
    sim.do("drop")
    run.wait_gaps(19, limit=30 * SLOW)
    final = case.settle(run, limit=40 * SLOW)
    same(run.end(), 0, run.said())
    case.judge(final, heal_ms=60000)


# S12 to S19: the state file


def state_lines(path):
    """The lines of a state file that is good; None where there is none."""
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        head, body = file.read().split(b"\n", 1)
    header = json.loads(head)
    same(header["gcpresence"], "state", "header")
    same(header["sha256"], hashlib.sha256(body).hexdigest(), "checksum")
    rows = [json.loads(line) for line in body.splitlines()]
    same(header["users"], len(rows), "users")
    return rows


def key_of(one):
    return one["userId"].lower(), one["state"], one["presenceId"], one["timestamp"]


def printed(paths):
    """The keys of all whole lines of these files."""
    result = set()
    for path in paths:
        for line in read(path).splitlines():
            try:
                one = json.loads(line)
            except ValueError:
                continue  # torn by a kill
            if "userId" in one:
                result.add(key_of(one))
    return result


def check_state(path, outputs):
    """It is good, and says nothing that was not printed before."""
    rows = state_lines(path)
    if rows is None:
        return None
    known_lines = printed(outputs)
    for one in rows:
        check(key_of(one) in known_lines, f"the state has what was not printed: {one}")
    return rows


def make_state(path, rows):
    """A state file as the program writes it."""
    body = "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in rows)
    header = {
        "gcpresence": "state",
        "version": 1,
        "users": len(rows),
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
    }
    return write(path, json.dumps(header, separators=(",", ":")) + "\n" + body)


def state_row(user, state="BUSY", when="2026-01-01T09:00:00.000Z"):
    return {
        "userId": user,
        "state": state,
        "previousState": None,
        "presenceId": None,
        "timestamp": when,
        "receivedAt": when,
        "latencyMs": 0,
        "previousForMs": None,
        "source": "stream",
    }


def start_with(state, ids=("x",)):
    """The status and the words of a run that looks at a state file, and has
    nobody to talk to."""
    done = subprocess.run(
        [PROGRAM, "--state", state, "--max-retries", "1", "--retry-base", "0.01", *ids],
        env=environment(
            {
                "GENESYSCLOUD_OAUTHCLIENT_ID": "x",
                "GENESYSCLOUD_OAUTHCLIENT_SECRET": "canary-secret",
                "GENESYSCLOUD_API_URL": "http://127.0.0.1:9",
            }
        ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


def small_state(case):
    ids = [line.split("\t")[0] for line in population(2).splitlines()]
    path = make_state(case.path("state"), [state_row(user) for user in ids])
    status, words = start_with(path, ids)
    same(status, 69, "a good state file: " + words)
    return path


def damage(case, variants):
    """Each variant of a state file is refused, and left as it is."""
    path = small_state(case)
    with open(path, "rb") as file:
        good = file.read()
    step = 5 if SANITIZED else 1
    for name, data in list(variants(good))[::step]:
        write(path, data)
        status, words = start_with(path)
        check(status == 65, f"{name}: status {status}: {words}")
        check("state" in words, words)
        with open(path, "rb") as file:
            check(file.read() == data, f"{name}: the file was changed")


@special("S13", "a state file with any byte flipped: 65, and it is left as it is")
def flipped(case):
    damage(
        case,
        lambda good: (
            (f"byte {i}", good[:i] + bytes([good[i] ^ 1]) + good[i + 1 :])
            for i in range(len(good))
        ),
    )


@special("S13", "a state file cut at any length: 65, and it is left as it is")
def truncated(case):
    damage(
        case,
        lambda good: ((f"{i} bytes", good[:i]) for i in range(len(good))),
    )


@special("S13", "a state file with more behind it, or without its header: 65")
def extended(case):
    damage(
        case,
        lambda good: [
            (name, data)
            for name, data in (
                ("a newline more", good + b"\n"),
                ("a line more", good + good.split(b"\n")[1] + b"\n"),
                ("twice", good + good),
                ("no header", good.split(b"\n", 1)[1]),
                ("another version", good.replace(b'"version":1', b'"version":2')),
                ("version 0", good.replace(b'"version":1', b'"version":0')),
                ("an array", b"[]\n" + good),
                ("noise", os.urandom(5000)),
                ("NUL", b"\0" * 5000),
            )
            for _ in range(5 if SANITIZED else 1)
        ],
    )


@special("S13", "a state file that is something else: no status of success, no crash")
def odd_state(case):
    for name, make, wanted in (
        ("a directory", os.mkdir, 66),
        ("a FIFO", os.mkfifo, 66),
        ("a link to another", lambda path: os.symlink(small_state(case), path), 66),
        ("a link to nothing", lambda path: os.symlink("/nonexistent/x", path), 66),
        ("a loop", lambda path: os.symlink(path, path), 66),
        ("/dev/null", lambda path: os.symlink("/dev/null", path), 66),
        ("of 1 GiB", lambda path: os.truncate(write(path, "{"), 1 << 30), 66),
        ("in no folder", lambda path: None, 74),
    ):
        path = case.path("odd")
        if name == "in no folder":
            path = case.path("nowhere/odd")
        make(path)
        before = os.lstat(path) if os.path.lexists(path) else None
        status, words = start_with(path)
        same(status, wanted, f"{name}: {words}")
        if before is not None:
            same(stat.S_IFMT(os.lstat(path).st_mode), stat.S_IFMT(before.st_mode), name)
            (shutil.rmtree if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path)


@special("S14", "a state file that a live run holds: 75; of one that was killed: free")
def locked(case):
    case.sim()
    state = case.path("state")
    first = case.run("--state", state)
    first.wait_streaming()
    first.wait_lines(10)
    status, words = start_with(state)
    same(status, 75, words)
    check("another process uses the state file" in words, words)
    first.alive("though it held the file")
    first.sim.do("expire-channels")
    first.kill()
    second = case.run("--state", state)
    second.wait_streaming()
    final = case.settle(second)
    same(second.end(), 0, second.said())
    case.judge(final)


@special("S15", "a file system without locks: a warning, and it goes on")
def no_locks(case):
    need("strace")
    case.sim()
    run = case.run(
        *("--state", case.path("state")),
        wrap=["strace", "-f", "-qq", "-o", case.path("trace")]
        + ["-e", "trace=flock", "-e", "inject=flock:error=ENOLCK"],
        env={"ASAN_OPTIONS": "exitcode=99:detect_leaks=0"},
    )
    run.wait_streaming()
    run.wait_lines(10)
    check("cannot lock" in run.said(), run.said())
    final = case.settle(run)
    pid = int(read(f"/proc/{run.pid}/task/{run.pid}/children").split()[0])
    run.stopped = wall_ms()
    os.kill(pid, signal.SIGTERM)
    same(run.wait(), 0, run.said())
    case.judge(final)


@special("S16", "other users than the last time: who is new is printed, who stayed goes on")
def other_users(case):
    sim = case.sim(users=9)
    state = case.path("state")
    parts = sim.population.splitlines(keepends=True)
    for first, last in ((0, 6), (3, 9), (0, 9)):
        run = case.run("--state", state, stdin="".join(parts[first:last]))
        run.wait_streaming(last - first)
        until(
            lambda run=run: len(check_state(state, [r.output for r in case.runs]) or "") > 0,
            "a state file",
        )
        final = case.settle(run, users=sim.ids[first:last])
        same(run.end(), 0, run.said())
        sim.do("go")
    rows = check_state(state, [run.output for run in case.runs])
    same(len(rows), 9, "users of the state file")
    sim.do("hold")
    case.judge(final)


@special("S17", "a state that is newer than the service: the service's word counts")
def newer_state(case):
    sim = case.sim(rate=0.001)
    state = make_state(
        case.path("state"),
        [state_row(user, "BREAK", "2099-01-01T00:00:00.000Z") for user in sim.ids],
    )
    run = case.run("--state", state)
    run.wait_streaming()
    run.wait_lines(sim.users)
    for line in read(run.output).splitlines():
        one = json.loads(line)
        same(one["previousState"], "BREAK", line)
        same(one["previousForMs"], None, line)
        same(one["source"], "snapshot", line)
    sim.do(f"change {sim.ids[0]} MEAL")
    user = sim.ids[0].lower()
    until(lambda: run.tail.read().last[user][0] == "MEAL", "MEAL")
    same(run.end(), 0, run.said())


@special("S18", "cron runs that overlap: one works, the others are 75, none is lost")
def overlap(case):
    sim = case.sim()
    state = case.path("state")
    sim.do("delay bulk 0.5 times 0")
    statuses = []
    runs = [case.run("--once", "--state", state) for _ in range(4)]
    for run in runs:
        statuses.append(run.wait())
    check(statuses.count(0) >= 1, statuses)
    check(set(statuses) <= {0, 75}, statuses)
    sim.do("hold")
    last = case.run("--once", "--state", state)
    same(last.wait(), 0, last.said())
    outputs = [run.output for run in case.runs]
    rows = check_state(state, outputs)
    truth = {row_["userId"].lower(): row_["state"] for row_ in sim.states()}
    same({one["userId"].lower(): one["state"] for one in rows}, truth, "the state")


@special("S12", "a folder of the state that vanishes: told, the stream goes on, 74 at the end")
def folder_vanishes(case):
    case.sim()
    folder = case.path("folder")
    os.mkdir(folder)
    run = case.run("--state", os.path.join(folder, "state"))
    run.wait_streaming()
    run.wait_lines(10)
    until(lambda: os.path.exists(os.path.join(folder, "state")), "the state file")
    shutil.rmtree(folder)
    run.wait_said("cannot write the state file.*going on without")
    same(run.said().count("cannot write the state file"), 1, "complaints")
    run.more_lines(20)
    final = case.settle(run)
    same(run.end(), 74, run.said())
    case.judge(final)


# S20 to S24: surroundings

row(
    "S20",
    "a supervisor's socket that is not there is no matter",
    env={"NOTIFY_SOCKET": "/nonexistent/notify", "WATCHDOG_USEC": "1000000"},
    steps=(streaming, lines(10)),
)
row(
    "S20",
    "a journal that is not there is no matter",
    env={"JOURNAL_STREAM": "1:1", "INVOCATION_ID": "x"},
    steps=(streaming, lines(10), cycle(1)),
)
for locale in ("de_DE.UTF-8", "tr_TR.UTF-8", "ja_JP.eucJP", "C", "nonsense"):
    row(
        "S23",
        f"in the locale {locale} lines and metrics are as ever",
        env={"LC_ALL": locale, "LANG": locale},
        args=("--metrics", "metrics"),
        steps=(streaming, lines(10)),
        checks=lambda scene: check("," not in read_numbers(scene), "a comma for a point"),
    )


def read_numbers(scene):
    """The values of the metrics, without their labels."""
    text = read(scene.case.path("metrics"))
    check(text, "there are no metrics")
    return "".join(
        line.rsplit(" ", 1)[1] for line in text.splitlines() if not line.startswith("#")
    )


def hostile_folder(case):
    for name in (".netrc", ".curlrc", "gcpresence.yaml", ".gcpresence", "team.yaml"):
        write(case.path(name), "machine 127.0.0.1 login x password canary-cwd\n", 0o600)
    os.mkdir(case.path("share"))
    return {
        "env": {
            "HOME": case.folder,
            "PATH": "",
            "TMPDIR": "/nonexistent",
            "XDG_CONFIG_HOME": case.folder,
        }
    }


row(
    "S24",
    "no PATH, a hostile folder and HOME: nothing is read there",
    server=hostile_folder,
    steps=(streaming, lines(10)),
    oracle={"secrets": ["canary-cwd"]},
)
row(
    "S24",
    "an environment of a megabyte is no matter",
    env={f"JUNK{i}": "x" * 120000 for i in range(8)},
    steps=(streaming, lines(10)),
)
_ = change, shown, connections, errno
