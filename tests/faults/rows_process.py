"""S: the process, its signals, its clocks, its limits, its state file, and what
is around it.  What kills, and what fails by number, is in rows_crash.py."""

import json
import os
import resource
import shutil
import signal
import stat
import subprocess
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
from rows_local import with_yaml
from rows_network import QUICK
from servers import Libraries
from states import check_state, make_state, state_row
from table import (
    cycle,
    gaps,
    known,
    lines,
    no_gap,
    row,
    some_gap,
    special,
    streaming,
)

# S: signals


def delays(seconds):
    return [
        f"delay {name} {seconds} times 0"
        for name in (
            "token",
            "channels",
            "channel-list",
            "upgrade",
            "subscriptions",
            "bulk",
        )
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
        check(took < 10 * SLOW, f"it took {took:.1f} s")
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
    special(
        "S1", f"INT after {number * 50} ms: dies of it, quick, and the state is good"
    )(phase(number, signal.SIGINT, -signal.SIGINT))


@special("S1", "a second TERM ends it even where its loop hangs", sanitized=False)
def hung_loop(case):
    case.sim()
    metrics = case.path("metrics")
    run = case.run(
        *("--metrics", metrics),
        env={"LD_PRELOAD": Libraries.get("failing"), "FAILING": "rename 1 1 -1"},
    )
    until(lambda: os.path.exists(f"{metrics}.tmp"), "the metrics before their rename")
    run.send(signal.SIGTERM)
    time.sleep(0.3)
    run.alive("at the first TERM, which a loop that hangs cannot heed")
    same(run.end(), -signal.SIGTERM, run.said())


def second_signal(scene):
    scene.do("hang subscriptions times 0")
    scene.run.send(signal.SIGTERM)
    time.sleep(0.2)
    start = time.monotonic()
    scene.run.end(signal.SIGTERM)
    check(
        time.monotonic() - start < 2 * SLOW, "the second signal does not end it at once"
    )


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
    special(
        "S9",
        f"a clock that is set {name} moves no timer and loses no change",
        sanitized=False,
    )(stepped(*offsets))
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
            (
                shutil.rmtree
                if os.path.isdir(path) and not os.path.islink(path)
                else os.unlink
            )(path)


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


@special(
    "S16", "other users than the last time: who is new is printed, who stayed goes on"
)
def other_users(case):
    sim = case.sim(users=9)
    state = case.path("state")
    parts = sim.population.splitlines(keepends=True)
    for first, last in ((0, 6), (3, 9), (0, 9)):
        run = case.run("--state", state, stdin="".join(parts[first:last]))
        run.wait_streaming(last - first)
        until(
            lambda run=run: len(check_state(state, [r.output for r in case.runs]) or "")
            > 0,
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


@special(
    "S12",
    "a folder of the state that vanishes: told, the stream goes on, 74 at the end",
)
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
        checks=lambda scene: check(
            "," not in read_numbers(scene), "a comma for a point"
        ),
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
