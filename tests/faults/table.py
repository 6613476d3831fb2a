"""One entry of the table of faults, and the steps that it is made of.

A row has the matrix's ids (a letter for where the fault is, and a number), a
claim, what the simulator is told, what gcpresence is given, how it must end,
what must be on standard error, and whether the oracle judges.  play() does it.
"""

import dataclasses
import json
import os
import re
import struct
import time
import typing

from bench import LONG, SANITIZED, Skip, check, need, same, until

ROWS = []


@dataclasses.dataclass
class Row:
    ids: str
    claim: str
    # The simulator: options, directives before the start; None: there is none.
    sim: typing.Any = ()
    users: int = 6
    rate: float = 20
    tls: typing.Any = None  # a function: (certificate, key)
    before: typing.Any = ()
    # A server of ours: called with the case, after the simulator's start; what
    # it returns may have "args", "env" and "run" for gcpresence.
    server: typing.Any = None
    # gcpresence
    args: typing.Any = ()
    env: typing.Any = None
    stdin: typing.Any = None
    run: typing.Any = None  # more for case.run()
    # What happens: directives, and functions that are called with a Scene.
    steps: typing.Any = ()
    # The end
    status: int = 0
    ends: typing.Any = None  # by itself; where the status is not 0
    within: typing.Any = None  # seconds
    err: typing.Any = ()  # patterns
    not_err: typing.Any = ()
    oracle: typing.Any = True  # or False, or options of the oracle
    settle: bool = True
    checks: typing.Any = ()  # functions of the Scene, at the end
    # Where it can run
    needs: typing.Any = ()
    sanitized: bool = True
    long: bool = False

    @property
    def name(self):
        return f"{self.ids}: {self.claim}"


class Scene:
    """What steps work on."""

    def __init__(self, row, case):
        self.row = row
        self.case = case
        self.sim = None
        self.run = None
        self.server = {}
        self.marks = {}

    def do(self, *directives):
        self.sim.do(*directives)


def tuple_of(value):
    return (value,) if isinstance(value, str) or callable(value) else tuple(value)


def play(row, case):
    if row.long and not LONG:
        raise Skip("long: set GCPRESENCE_LONG=1")
    if SANITIZED and not row.sanitized:
        raise Skip("not with a sanitizer's library")
    need(*tuple_of(row.needs))
    scene = Scene(row, case)
    if row.sim is not None:
        more = {"tls": row.tls()} if row.tls else {}
        scene.sim = case.sim(*row.sim, users=row.users, rate=row.rate, **more)
        for directive in tuple_of(row.before):
            scene.do(directive)
    if row.server:
        scene.server = row.server(case) or {}
    env = {**(row.env or {}), **scene.server.get("env", {})}
    more = {**(row.run or {}), **scene.server.get("run", {})}
    if row.stdin is not None:
        stdin = row.stdin
        more["stdin"] = stdin(scene) if callable(stdin) else stdin
    args = [*row.args, *scene.server.get("args", [])]
    scene.run = case.run(*args, sim=scene.sim, env=env, **more)
    for step in tuple_of(row.steps):
        if isinstance(step, str):
            scene.do(step)
        else:
            step(scene)
    finish(scene)


def known_of(scene, options):
    """The users of whom something will be printed."""
    unknown = options.get("unknown", ())
    if callable(unknown):
        unknown = unknown(scene)
    unknown = {user.lower() for user in unknown}
    return [user for user in scene.sim.ids if user.lower() not in unknown]


def finish(scene):
    row, case, run = scene.row, scene.case, scene.run
    final = None
    options = row.oracle if isinstance(row.oracle, dict) else {}
    ends = row.ends if row.ends is not None else row.status != 0
    if ends:
        got = run.wait(row.within)
    else:
        if row.oracle is not False and row.settle and scene.sim is not None:
            final = case.settle(run, users=known_of(scene, options))
        got = run.end()
    if isinstance(row.status, int):
        same(got, row.status, f"exit status; it said: {run.said()[-600:]}")
    else:
        check(got in row.status, f"exit status {got}: {run.said()[-600:]}")
    said = run.said()
    for pattern in tuple_of(row.err):
        check(re.search(pattern, said), f"{pattern!r} is not in: {said[-1500:]}")
    for pattern in tuple_of(row.not_err):
        check(not re.search(pattern, said), f"{pattern!r} is in: {said[-1500:]}")
    for function in tuple_of(row.checks):
        function(scene)
    if row.oracle is not False and scene.sim is not None:
        options = {
            name: value(scene) if callable(value) else value
            for name, value in options.items()
        }
        case.judge(final, **options)


def row(*args, **more):
    ROWS.append(Row(*args, **more))


def special(ids, claim, **more):
    """A row that is a function of the case: what does not fit the table."""

    def register(function):
        entry = Row(ids, claim, **more)

        def perform(case):
            if entry.long and not LONG:
                raise Skip("long: set GCPRESENCE_LONG=1")
            if SANITIZED and not entry.sanitized:
                raise Skip("not with a sanitizer's library")
            need(*tuple_of(entry.needs))
            function(case)

        entry.perform = perform
        ROWS.append(entry)
        return function

    return register


def tests():
    result = []
    for entry in ROWS:
        perform = getattr(entry, "perform", None)
        if perform is None:
            perform = lambda case, entry=entry: play(entry, case)
        result.append((entry.name, perform))
    return result


def ids_of(entry):
    return re.findall(r"[A-Z]\d+", entry.ids)


# Steps


def lines(count):
    """So many more lines of output."""
    return lambda scene: scene.run.more_lines(count)


def known(count=None):
    """Until so many users (all) have a line."""

    def step(scene):
        wanted = scene.sim.users if count is None else count
        until(
            lambda: len(scene.run.tail.read().last) >= wanted,
            lambda: f"lines of {wanted} users, of {len(scene.run.tail.last)}; "
            f"{scene.run.said()[-300:]}",
        )

    return step


def gaps(count):
    return lambda scene: scene.run.wait_gaps(count)


def said(pattern, count=1, limit=None):
    return lambda scene: scene.run.wait_said(pattern, count, limit)


def audited(action, count=1):
    return lambda scene: until(
        lambda: len(scene.run.audited(action)) >= count, f"{count} {action}"
    )


def streaming(scene):
    scene.run.wait_streaming()


def gone(scene):
    """Until nobody is connected."""
    until(lambda: not scene.sim.status()["connections"], "the end of connections")


def pause(seconds):
    """Where it is the time that matters."""
    return lambda _: time.sleep(seconds)


def for_each(count, *steps):
    def step(scene):
        for number in range(count):
            for each in steps:
                if isinstance(each, str):
                    scene.do(each)
                elif callable(each):
                    each(scene)
            scene.marks["round"] = number + 1

    return step


def cycle(count, directive="drop"):
    """A directive that ends connections, and the gap that follows."""

    def step(scene):
        for _ in range(count):
            known = len(scene.run.tail.read().gaps)
            scene.do(directive)
            scene.run.wait_gaps(known + 1)

    return step


def requests(name, count):
    def step(scene):
        until(
            lambda: scene.sim.status()["requests"][name] >= count,
            lambda: f"{count} requests {name}: {scene.sim.status()['requests']}",
        )

    return step


def issued(count):
    def step(scene):
        until(lambda: scene.sim.status()["tokensIssued"] >= count, f"{count} tokens")

    return step


def connections(count):
    """So many sockets in all, so far."""

    def step(scene):
        until(
            lambda: len(scene.sim.events("connected")) >= count, f"{count} connections"
        )

    return step


def change(index, state, definition=None):
    """One user changes now."""

    def step(scene):
        text = f"change {scene.sim.ids[index]} {state}"
        scene.do(text + (f" {definition}" if definition else ""))

    return step


def shown(index, state):
    """Until that user's last line has that state."""

    def step(scene):
        user = scene.sim.ids[index].lower()
        until(
            lambda: scene.run.tail.read().last.get(user, ("", ""))[0] == state,
            lambda: f"{state} of {user}, which is {scene.run.tail.last.get(user)}; "
            f"{scene.run.said()[-300:]}",
        )

    return step


def alive(scene):
    scene.run.alive()


# Checks


def no_gap(scene):
    same(len(scene.run.audited("STREAM_GAP")), 0, "gaps")


def some_gap(scene):
    check(scene.run.audited("STREAM_GAP"), "there is no STREAM_GAP")


def no_lines(scene):
    same(os.path.getsize(scene.run.output), 0, "bytes of output")


def requested(name, at_most, at_least=0):
    def function(scene):
        got = scene.sim.status()["requests"][name]
        check(at_least <= got <= at_most, f"{got} requests {name}")

    return function


def rss_below(mib):
    """A sanitizer's shadow and quarantine count as the program's."""

    def step(scene):
        got = scene.run.rss_kib() / 1024
        check(got < mib * (8 if SANITIZED else 1), f"{got:.0f} MiB are used")

    return step


def skipped(why):
    """A MESSAGE_SKIPPED whose payload has this pattern."""

    def step(scene):
        until(
            lambda: any(
                re.search(why, json.dumps(row["payload"]))
                for row in scene.run.audited("MESSAGE_SKIPPED")
            ),
            f"MESSAGE_SKIPPED with {why}",
        )

    return step


# WebSocket frames by hand


def frame(payload, opcode=1, fin=True, rsv=0, mask=False):
    if isinstance(payload, str):
        payload = payload.encode()
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    masked = 0x80 if mask else 0
    if len(payload) < 126:
        head += bytes([masked | len(payload)])
    elif len(payload) < 65536:
        head += bytes([masked | 126]) + struct.pack(">H", len(payload))
    else:
        head += bytes([masked | 127]) + struct.pack(">Q", len(payload))
    if mask:
        key = b"\x11\x22\x33\x44"
        payload = key + bytes(b ^ key[i % 4] for i, b in enumerate(payload))
    return head + payload


def raw(*frames):
    """The directive that sends these bytes to all."""
    return "raw " + b"".join(frames).hex()


BUSY = "31fe3bac-dea6-44b7-bed7-47f91660a1a0"


def event(user, state="Busy", date="now", definition=BUSY, **more):
    """The text of a presence message, as the service has it."""
    if date == "now":
        date = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + (
            f".{int(time.time() * 1000) % 1000:03d}Z"
        )
    body = {
        "source": "PURECLOUD",
        "presenceDefinition": {"id": definition, "systemPresence": state},
        "message": "",
        "modifiedDate": date,
        "primary": True,
    }
    if date is None:
        del body["modifiedDate"]
    body.update(more.pop("body", {}))
    return json.dumps(
        {
            "topicName": more.pop("topic", f"v2.users.{user}.presence"),
            "version": "2",
            "eventBody": body,
            "metadata": {"CorrelationId": "00000000-0000-4000-8000-000000000000"},
            **more,
        }
    )


def send(*texts):
    """Text messages to all sockets; functions get the scene."""

    def step(scene):
        scene.do(
            raw(*(frame(text(scene) if callable(text) else text) for text in texts))
        )

    return step


def told(index=0, **more):
    """The text of a message of a user."""
    return lambda scene: event(scene.sim.ids[index], **more)
