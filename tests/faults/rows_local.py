"""I and Y: input and files.  O: output."""

import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import threading
import time

from bench import (
    SLOW,
    Skip,
    check,
    read,
    same,
    until,
    write,
)
from rows_network import QUICK, free_port, url_of
from states import check_state
from table import (
    alive,
    cycle,
    for_each,
    known,
    lines,
    no_lines,
    pause,
    row,
    rss_below,
    said,
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
        same(scene.run.look(os.readlink, f"fd/{fd}"), "/dev/null", f"fd {fd}")

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
    checks=(
        no_lines,
        lambda scene: same(scene.sim.status()["requests"]["token"], 0, "tokens"),
    ),
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
        checks=lambda scene: check(
            scene.run.said().count("\n") < 1100, "a flood of errors"
        ),
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
    err=(
        "standard input:1:",
        "standard input:2:",
        "standard input:3:",
        "standard input:5:",
    ),
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


@special("O1", "a reader that goes: no status of its own, but SIGPIPE, and soon")
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
    check(time.monotonic() - start < 10 * SLOW, "too late")
    same(sim.status()["connections"], [], "connections")


@special("O2", "a reader that goes while nothing changes is noticed by itself")
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
    check(time.monotonic() - start < 5 * SLOW, "too late")


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


@special(
    "O4", "a file that may not grow: 74, and with the state the next run has the rest"
)
def file_limit(case):
    case.sim(rate=200)
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


@special(
    "O4", "a disk that is full: 74, whole lines but the last, and the state is no newer"
)
def disk_full(case):
    case.sim(rate=200)
    folder = mount_small(case, 64)
    state = case.path("state")
    run = case.run("--state", state, output=os.path.join(folder, "out"))
    same(run.wait(), 74, run.said())
    check("No space left" in run.said(), run.said())
    cut_torn_line(run.output)
    check_state(state, [run.output])


@special(
    "S12", "a state on a disk that is full: told, the stream goes on, 74 at the end"
)
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


@special(
    "O6", "a slow reader with little room: changes are counted, none is lost unsaid"
)
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


@special(
    "O6", "a reader that stands still: the sockets live, and later it gets the rest"
)
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
