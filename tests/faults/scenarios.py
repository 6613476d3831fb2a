"""What sweep.py runs with one call that fails: runs as short as can be, and what
must be true of their ends.

Each is a function of the case and the shot, the one fault of this run.  It runs
a program with shot.env, and judges: where the status is 0, all is there that
belongs there, once; where it is not, it is a documented one, with a word on
standard error, whatever was printed is whole, in order and true, the state file
is an old or a new one, and the next run makes up for the rest.
"""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time

from bench import (
    PROGRAM,
    SLOW,
    Failed,
    check,
    read,
    same,
    until,
    write,
)
from oracle import to_ms
from servers import Certs
from states import check_state, state_lines
from table import event

LIMIT = 25 * SLOW  # seconds that a run may take
# Who retries does so at once.
HASTE = ("--retry-base", "0.01", "--retry-max", "0.05", "--max-retries", "3")
USERS = 3
REPORT, LISTER, TOP = (
    os.path.join(os.path.dirname(PROGRAM), "gcpresence-" + name)
    for name in ("report", "users", "top")
)

SCENARIOS = {}
# What a failure of this call may end with, but for 0.
STATUSES = {
    "malloc": {70},
    "read": {66, 69, 70},
    "write": {74},
    "open": {66, 69, 70, 74, 78},
    "close": {74},
    "socket": {69, 70},
    "connect": {69},
    "send": {69},
    "recv": {69},
    "fsync": {74},
    "rename": {74},
    "unlink": {74},
    "poll": {69, 70},
    "pipe": {70},
    "fcntl": {69, 70, 74},
    "stat": {66, 74, 78},
    "lock": {74},
    "sockopt": {69, 70},
    "thread": {69, 70},
    "resolve": {69, 78},
    "random": {70},
}


# Of libwebsockets' handshake what did not go out at once never does; the next
# try has to do better.
HANDSHAKES = ("send-short+",)


def scenario(name, calls=None, without=()):
    """calls: the only ones that are swept.  without: faults that are not."""

    def register(function):
        function.calls = calls
        function.without = without
        SCENARIOS[name] = function
        return function

    return register


# What holds for all


def judge_end(shot, run, status):
    """The status is one for what happened, and somebody said what did."""
    said = run.said()
    allowed = {0} | STATUSES.get(shot.call, set())
    check(status in allowed, f"status {status}")
    if status != 0 and not shot.hit_stderr():
        check(
            re.search(r"^gcpresence\S*: \S", said, re.M),
            f"status {status}, and no word",
        )


def perform(case, shot, *args, **more):
    """A run with the fault: (run, status)."""
    more.setdefault("patience", False)
    run = case.run(*args, env={**more.pop("env", {}), **shot.env}, **more)
    status = run.wait(LIMIT)
    judge_end(shot, run, status)
    return run, status


def whole_lines(path):
    """All lines of an output, each of which has to be whole and JSON."""
    text = read(path)
    check(text == "" or text.endswith("\n"), f"a torn line: {text[-80:]!r}")
    try:
        return [json.loads(line) for line in text.splitlines()]
    except ValueError as error:
        raise Failed(f"no JSON, {error}: {text!r}") from None


# A recording


def key_of(row):
    return (
        row["userId"],
        row["state"],
        row["previousState"],
        row["presenceId"],
        row["timestamp"],
        row["previousForMs"],
        row["source"],
    )


IDS = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(USERS)]


def recording(case):
    """Messages: two of each user, and one that is no news."""
    texts = [
        event(user, state, f"2026-01-01T09:00:0{second}.000Z", definition=None)
        for second, state in enumerate(("Busy", "Meal"))
        for user in IDS
    ]
    texts = [text.replace('"id": null, ', "") for text in texts]
    return write(case.path("recording"), "\n".join(texts + texts[-1:]) + "\n")


def old_state(case):
    """A state file from before, of the first user."""
    name = case.path("state")
    first = write(case.path("first"), read(recording(case)).splitlines()[0] + "\n")
    run = case.run("--replay", first, "--state", name, patience=False, audit=False)
    same(run.wait(LIMIT), 0, run.said())
    return name, run


@scenario("replay")
def replay(case, shot):
    state, before = old_state(case)
    name = recording(case)
    more = ("--replay", name, "--state", state)
    known = [key_of(row) for row in whole_lines(before.output)]
    run, status = perform(case, shot, *more, "--metrics", case.path("metrics"))
    rows = whole_lines(run.output)
    check_state(state, [before.output, run.output])
    keys = [key_of(row) for row in rows]
    same(len(keys), len(set(keys)), "lines that are there twice")
    texts = [(user, state) for state in ("BUSY", "MEAL") for user in IDS]
    seen = [key[:2] for key in known + keys]
    same(seen, texts[: len(seen)], "the output")
    if status == 0:
        same(seen, texts, "the output")
        check(read(case.path("metrics")), "no metrics")
    else:
        after = case.run(*more, patience=False, audit=False)
        same(after.wait(LIMIT), 0, f"the run after it: {after.said()}")
        seen += [key_of(row)[:2] for row in whole_lines(after.output)]
        same(set(seen), set(texts), "the output of both runs")
    final = {row["userId"]: row["state"] for row in state_lines(state)}
    same(final, {user: "MEAL" for user in IDS}, "the state in the end")


# The service


def pair_of(name):
    return Certs.get().pair(name)


def start(case, tls=False, rate=0.001, **more):
    sim = case.sim(
        *("--max-requests-per-minute", "0"),
        users=USERS,
        rate=rate,
        tls=pair_of("good") if tls else None,
        **more,
    )
    return sim, ("--cacert", Certs.get().ca, "--max-requests-per-minute", "10000")


def judge_once(case, sim, run, status, state):
    truth = {(row["userId"], row["state"], row["presenceId"]) for row in sim.states()}
    rows = whole_lines(run.output)
    keys = [(row["userId"], row["state"], row["presenceId"]) for row in rows]
    same(len(keys), len(set(keys)), "lines that are there twice")
    check(set(keys) <= truth, f"not true: {set(keys) - truth}")
    check_state(state, [run.output])
    if status == 0:
        same(set(keys), truth, "the output")
        saved = {
            (row["userId"], row["state"], row["presenceId"])
            for row in state_lines(state) or ()
        }
        same(saved, truth, "the state")
        return
    after = case.run(
        *("--once", "--state", state, "--cacert", Certs.get().ca), audit=False
    )
    same(after.wait(LIMIT), 0, f"the run after it: {after.said()}")
    rows = whole_lines(after.output)
    keys += [(row["userId"], row["state"], row["presenceId"]) for row in rows]
    same(set(keys), truth, "the output of both runs")


def once(tls):
    def function(case, shot):
        sim, more = start(case, tls)
        state = case.path("state")
        run, status = perform(case, shot, "--once", "--state", state, *more, *HASTE)
        judge_once(case, sim, run, status, state)

    return function


scenario("once")(once(False))
scenario("once-tls")(once(True))


def stream(protocol, tls, store=False):
    def function(case, shot):
        _, more = start(case, tls, rate=150)
        if store:
            more = more[2:]
        state = case.path("state")
        run, status = perform(
            case,
            shot,
            *("--protocol", protocol, "--count", "8", "--state", state),
            *("--metrics", case.path("metrics")),
            *more,
            *HASTE,
        )
        whole_lines(run.output)
        check_state(state, [run.output])
        rows = [row for row in whole_lines(run.output) if "userId" in row]
        if status == 0:
            # More may have come with the eighth.
            check(len(rows) >= 8, f"{len(rows)} lines")
            last = {row["userId"]: row["state"] for row in rows}
            saved = {row["userId"]: row["state"] for row in state_lines(state)}
            same(saved, last, "the state")
            check(read(case.path("metrics")), "no metrics")
            # What happens behind the eighth is not for it any more.
            run.stopped = to_ms(rows[-1]["receivedAt"])
            if rows[-1]["source"] == "stream":
                run.stopped = to_ms(rows[-1]["timestamp"])
            case.judge(fresh=True)
        else:
            oracle = case.judge(errors_ok=True, fresh=True)
            # What was not printed is not lost: it is not in the state either.
            wrong = set(oracle.counts) - {
                "gaps of output and audit log differ",
                "lost",
            }
            check(not wrong, "\n".join(oracle.errors))

    return function


scenario("stream", without=HANDSHAKES)(stream("notifications", False))
scenario("stream-tls", without=HANDSHAKES)(stream("notifications", True))
scenario("events", without=HANDSHAKES)(stream("events", False))
# Of the system's CAs there are many: hundreds of thousands of requests.
scenario("store", calls=("malloc",))(stream("notifications", False, store=True))


@scenario("reload", without=HANDSHAKES)
def reload(case, shot):
    """A list of users that changes, and HUP."""
    sim, more = start(case)
    team = write(case.path("team.yaml"), "".join(f"- {i}\n" for i in sim.ids[:2]))
    run = case.run(
        *("-f", team, "--count", "3", "--ping-interval", "1", *more, *HASTE),
        patience=False,
        env=shot.env,
        stdin=subprocess.DEVNULL,
    )
    told = 0
    end = time.monotonic() + LIMIT
    while not run.gone() and time.monotonic() < end:
        if len(run.tail.read().last) == 2:
            write(team + ".new", f"users:\n  - id: {sim.ids[0]}\n  - {sim.ids[2]}\n")
            os.rename(team + ".new", team)
            failed = run.said().count("going on as before")
            if failed > 5 and told < 99:
                # It will not be read any more.
                run.send(signal.SIGTERM)
                told = 99
            elif told <= failed:
                # And once more where it says that it could not.
                run.send(signal.SIGHUP)
                told += 1
        time.sleep(0.01)
    status = run.wait(0.1)
    judge_end(shot, run, status)
    rows = [row for row in whole_lines(run.output) if "userId" in row]
    truth = {row["userId"]: row["state"] for row in sim.states()}
    for row in rows:
        same(row["state"], truth[row["userId"]], "a state")
    same(len(rows), len({row["userId"] for row in rows}), "users with one line")
    if status == 0 and "going on as before" not in run.said():
        same(len(rows), 3, "lines")


@scenario("plan")
def plan(case, shot):
    team = write(case.path("team.yaml"), "".join(f"- {i}\n" for i in IDS))
    run, status = perform(
        *(case, shot, "-f", team, "--plan", "--api-url", "http://127.0.0.1:1"),
        stdin=subprocess.DEVNULL,
        gaps=False,
        audit=False,
    )
    text = read(run.output)
    check(text == "" or text.endswith("\n"), f"a torn line: {text!r}")
    if status == 0:
        check(shot.is_expected("plan", text), f"the plan is {text!r}")


@scenario("check", without=HANDSHAKES)
def check_service(case, shot):
    _, more = start(case)
    run = case.run(
        *("--check", "-", *more, *HASTE),
        patience=False,
        audit=False,
        gaps=False,
        env=shot.env,
    )
    status = run.wait(LIMIT)
    text = read(run.output)
    allowed = {0} | STATUSES[shot.call] if shot.call else {0}
    check(status in allowed, f"status {status}: {text}")
    check(text == "" or text.endswith("\n"), f"a torn line: {text!r}")
    if status == 0:
        check("FAIL" not in text, f"status 0, but {text}")
        words = re.sub(r"[\d.]+", "#", text)
        # What it can do without, it warns of.
        check("warn" in text or shot.is_expected("check", words), text)
    elif not shot.hit_stderr():
        check(run.said() or "FAIL" in text, f"status {status}, and no word: {text}")


@scenario("regions")
def regions(case, shot):
    """Whatever is printed at once."""
    run, status = perform(
        *(case, shot, "--list-regions"), gaps=False, audit=False, sim=None
    )
    if status == 0:
        check(shot.is_expected("regions", read(run.output)), "it is not whole")


# The companions


@scenario("users")
def users(case, shot):
    _, more = start(case)
    run, status = perform(
        *(case, shot, *more, *HASTE), program=LISTER, gaps=False, audit=False
    )
    text = read(run.output)
    check(text == "" or text.endswith("\n"), f"a torn line: {text!r}")
    if status == 0:
        same(text, case.sims[-1].population, "the users")


def output_of_gcpresence(case):
    states = [("BUSY", "09:00"), ("MEAL", "10:00"), ("AVAILABLE", "11:30")]
    rows = []
    for state, minute in states:
        for user in IDS:
            at = f"2026-01-01T{minute}:00.000Z"
            rows.append(
                {
                    "userId": user,
                    "state": state,
                    "previousState": None,
                    "presenceId": None,
                    "timestamp": at,
                    "receivedAt": at,
                    "latencyMs": 0,
                    "previousForMs": None,
                    "source": "stream",
                }
            )
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    return write(case.path("changes"), text)


@scenario("report")
def report(case, shot):
    """A web page that replaces an old one."""
    page = write(case.path("page.html"), "old\n")
    run, status = perform(
        *(case, shot, "--utc", "--html", page, output_of_gcpresence(case)),
        program=REPORT,
        gaps=False,
        audit=False,
    )
    text = read(page)
    check(text == "old\n" or shot.is_expected("page", text), "neither old nor new")
    if status == 0:
        check(text != "old\n", "it was not written")
    left = [name for name in os.listdir(case.folder) if name.startswith("page.html.")]
    if shot.call != "unlink" and status != 70:
        same(left, [], "left behind")


@scenario("table")
def table(case, shot):
    run, status = perform(
        *(case, shot, "--utc", output_of_gcpresence(case)),
        program=REPORT,
        gaps=False,
        audit=False,
    )
    if status == 0:
        check(shot.is_expected("table", read(run.output)), "the table is not whole")


class Terminal:
    """A terminal of its own for a program, which is read as it comes."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
        os.set_blocking(self.master, False)
        self.shown = b""

    def take(self):
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def drain(self):
        try:
            self.shown += os.read(self.master, 65536)
        except OSError:
            pass
        return self.shown

    def close(self):
        os.close(self.master)
        os.close(self.slave)


@scenario("top")
def top(case, shot):
    """The display, in a terminal, until q."""
    terminal = case.keep(Terminal())
    with open(output_of_gcpresence(case), "rb") as changes:
        run = case.run(
            program=TOP,
            gaps=False,
            audit=False,
            patience=False,
            sim=None,
            stdin=changes,
            stdout=terminal.slave,
            preexec=terminal.take,
            # Curses keeps what it has, also where it cannot go on.
            env={"TERM": "xterm", **shot.env, "ASAN_OPTIONS": shot.options(leaks=0)},
        )

    impatient = time.monotonic() + 2 * SLOW

    def ended():
        if b"AVAILABLE" in terminal.drain() or time.monotonic() > impatient:
            try:
                os.write(terminal.master, b"q")
            except OSError:
                pass
        return run.gone()

    until(ended, lambda: f"its end: {run.said()} {terminal.shown[-300:]}", LIMIT)
    status = run.wait()
    judge_end(shot, run, status)
    if shot.call != "write":
        # The last word to the terminal is that the picture goes.
        shown = terminal.drain()
        check(shown.rfind(b"\x1b[?1049l") >= shown.rfind(b"\x1b[?1049h"), "it stays")
    if status == 0 and shot.call != "write":
        check(b"AVAILABLE" in terminal.drain(), "it showed nothing")
