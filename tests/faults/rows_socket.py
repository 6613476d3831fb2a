"""W: the WebSocket, from its handshake to its close, and what comes in between."""

import base64
import hashlib
import json

from bench import SECRET, check, same, until
from oracle import to_ms
from rows_network import QUICK
from rows_service import meddle
from table import (
    alive,
    audited,
    change,
    connections,
    cycle,
    event,
    for_each,
    frame,
    gaps,
    known,
    lines,
    no_gap,
    pause,
    raw,
    requested,
    row,
    rss_below,
    said,
    send,
    shown,
    skipped,
    some_gap,
    streaming,
    told,
)

EVENTS = ("--protocol", "events")
STRANGER = "ffffffff-ffff-4fff-8fff-ffffffffffff"

# W1: the handshake

for code in (401, 403, 404, 410):
    row(
        "W1",
        f"a handshake that is refused with {code}: another channel, and no gap",
        before=f"answer upgrade {code}",
        steps=(streaming, lines(10)),
        checks=(no_gap, requested("upgrade", 3, 2)),
    )
for code in (429, 500, 502, 503):
    row(
        "W1",
        f"a handshake that is refused with {code} is tried again",
        before=f"answer upgrade {code} times 2",
        steps=(streaming, lines(10)),
        err=f"refuses the WebSocket with status {code}; trying again",
        checks=(no_gap, requested("upgrade", 3, 3)),
    )


def waited_for_the_socket(scene):
    took = to_ms(scene.sim.first("connected")["at"]) - scene.run.started
    check(took >= 1900, f"{took} ms until the socket")


row(
    "W1",
    "a Retry-After of the handshake is waited out",
    before="answer upgrade 503 retry-after 2",
    steps=(streaming, lines(5)),
    checks=waited_for_the_socket,
)
row(
    "W1",
    "a handshake that is refused with 404 again and again: tried again, then 69",
    before="answer upgrade 404 times 0",
    args=("--max-retries", "3"),
    status=69,
    err="the channel is gone.*gave up after 4 tries",
)
row(
    "W1",
    "an events socket that refuses the token once gets another token",
    args=EVENTS,
    before="answer upgrade 401",
    steps=(streaming, lines(10)),
    checks=(no_gap, requested("token", 2, 2)),
)


def accept(request):
    key = request.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()


def handshakes(*answers):
    """The first handshakes get these; functions get the request."""
    left = list(answers)

    def before(request):
        if not request.headers.get("Upgrade") or not left:
            return None
        status, headers, body = left.pop(0)
        return status, [(n, v(request) if callable(v) else v) for n, v in headers], body

    return meddle(before)


UPGRADE = [("Upgrade", "websocket"), ("Connection", "Upgrade")]
SIGNED = UPGRADE + [("Sec-WebSocket-Accept", accept)]
for name, answer in (
    ("200 and a page", (200, [("Content-Type", "text/html")], "<html>\x1b[31mhi")),
    ("200 and nothing", (200, [], "")),
    (
        "a wrong Sec-WebSocket-Accept",
        (101, UPGRADE + [("Sec-WebSocket-Accept", "AA==")], ""),
    ),
    ("no Sec-WebSocket-Accept", (101, UPGRADE, "")),
    ("no Upgrade", (101, [("Sec-WebSocket-Accept", accept)], "")),
    ("a wrong Upgrade", (101, [("Upgrade", "h2c")] + SIGNED[1:], "")),
    (
        "a protocol that nobody asked for",
        (101, SIGNED + [("Sec-WebSocket-Protocol", "chat")], ""),
    ),
    (
        "an extension that nobody asked for",
        (101, SIGNED + [("Sec-WebSocket-Extensions", "permessage-deflate")], ""),
    ),
    ("headers of 100 kB", (101, SIGNED + [("X-Long", "x" * 50000)] * 2, "")),
    ("a header of control characters", (503, [("X-\x1b[31m", "\x1b[2J\x07")], "")),
):
    row(
        "W28" if "extension" in name else "W1",
        f"a handshake that is answered with {name}: tried again",
        server=handshakes(answer),
        steps=(streaming, lines(10)),
        err="trying again",
        checks=no_gap,
    )
for code in (301, 302, 307, 308):
    row(
        "W1",
        f"a handshake that is redirected ({code}) is not followed",
        server=handshakes((code, [("Location", "ws://127.0.0.1:9/canary-uri")], "")),
        steps=(streaming, lines(10)),
        err=f"status {code}",
        not_err="canary-uri",
        checks=no_gap,
    )

# W2 to W9: closes


def closed_codes(scene):
    for row_ in scene.run.audited("CHANNEL_CLOSED"):
        check(row_["payload"]["why"], row_)


for ids, code in (
    ("W2", 1000),
    ("W3", 1001),
    ("W6", 1003),
    ("W6", 1007),
    ("W5", 1008),
    ("W6", 1009),
    ("W6", 1010),
    ("W7", 1011),
    ("W8", 1012),
    ("W8", 1013),
    ("W9", 3000),
    ("W9", 4999),
):
    row(
        ids,
        f"a close with {code}: it comes back, with a gap, and a snapshot fills it",
        steps=(streaming, lines(10), cycle(2, f"close {code} because"), lines(5)),
        checks=(some_gap, closed_codes),
        err="closed with code.*because.*trying again",
    )
row(
    "W2",
    "an events socket that is closed comes back, and the gap is told",
    args=EVENTS,
    steps=(streaming, lines(10), cycle(3, "close 1001 maintenance"), lines(5)),
    checks=some_gap,
    err="closed with code 1001",
)
row(
    "W4",
    "a socket that ends without a close frame: it comes back, with a gap",
    steps=(streaming, lines(10), cycle(4, "drop"), lines(10)),
    checks=some_gap,
)
row(
    "W4",
    "an events socket that ends without a close frame: it comes back",
    args=EVENTS,
    steps=(streaming, lines(10), cycle(4, "drop"), lines(10)),
    checks=some_gap,
)
row(
    "W5",
    "a service that closes at once, again and again: tried again, then 69",
    args=("--max-retries", "3", "--retry-base", "0.05"),
    before="answer upgrade 403 times 0",
    status=69,
    err="gave up after 4 tries",
    settle=False,
)
HOSTILE = b"\x1b]0;pwned\x07\x1b[31m\xff\xfe\xc2\x9b31m\xe2\x80\xae" + b"z " * 50
for name, payload in (
    ("a reason of escapes and bad UTF-8", b"\x03\xe8" + HOSTILE[:123]),
    ("one byte", b"\x03"),
    ("nothing", b""),
    ("code 0", b"\x00\x00"),
    ("code 999", b"\x03\xe7"),
    ("code 1005, which none may send", b"\x03\xed"),
    ("code 1006, which none may send", b"\x03\xee"),
    ("code 5000", b"\x13\x88what"),
    ("code 65535", b"\xff\xff"),
):
    row(
        "W9",
        f"a close frame with {name}: it comes back, with a gap",
        steps=(streaming, lines(10), raw(frame(payload, 8)), "drop", gaps(1), lines(5)),
        checks=some_gap,
        not_err=("\x1b", "pwned\x07"),
    )
row(
    "W9",
    "a close whose reason repeats our secret: it is in no log",
    args=("-v", "-v"),
    steps=(streaming, lines(10), cycle(1, f"close 4000 {SECRET}"), lines(5)),
    err="closed with code 4000 .of the application",
)
row(
    "W9",
    "a close frame of 126 bytes is no frame: it comes back, with a gap",
    steps=(
        streaming,
        lines(10),
        raw(frame(b"\x03\xe8" + b"x" * 124, 8)),
        "drop",
        gaps(1),
    ),
    checks=some_gap,
)

# W10 to W12: replacements

row(
    "W10",
    "socket_closing: another socket streams before the old one ends, without a gap",
    users=60,
    rate=200,
    args=("--protocol", "notifications", "--max-subscriptions", "25"),
    sim=("--max-requests-per-minute", "0"),
    steps=(
        streaming,
        lines(60),
        for_each(
            3,
            "closing 3",
            lambda scene: connections(len(scene.sim.events("connected")) + 3)(scene),
            lines(400),
        ),
    ),
    oracle={"no_gaps": True},
    checks=no_gap,
)
row(
    "W10",
    "socket_closing that the successor is told too: it is succeeded, without a gap",
    rate=100,
    steps=(
        streaming,
        lines(20),
        "closing 4",
        connections(2),
        "closing 4",
        connections(3),
        lines(600),
        lambda scene: same(len(scene.sim.events("connected")), 3, "connections"),
    ),
    oracle={"no_gaps": True},
    checks=no_gap,
)


def gap_from_the_close(scene):
    """The stream was blind from the real end on, not from its announcement."""
    ended = to_ms(scene.sim.first("disconnected")["at"])
    begins = to_ms(scene.run.audited("STREAM_GAP")[0]["payload"]["from"])
    check(begins >= ended - 1000, f"blind {ended - begins} ms before the end")


row(
    "W11",
    "socket_closing, and no channel can be made: a gap, but only from the real end",
    rate=50,
    args=("--max-retries", "0"),
    before=(),
    steps=(
        streaming,
        lines(20),
        "answer channels 503 times 0",
        "closing 3",
        said("cannot replace connection 1 yet", 2),
        lambda scene: until(lambda: scene.sim.events("disconnected"), "the end"),
        "answer upgrade 404",
        pause(0.5),
        "clear",
        gaps(1),
        lines(20),
    ),
    checks=gap_from_the_close,
)
row(
    "W11",
    "socket_closing with a successor that fails at first: without a gap",
    rate=50,
    steps=(
        streaming,
        lines(20),
        "answer channels 500 times 2",
        "answer upgrade 503",
        "answer subscriptions 502",
        "closing 8",
        connections(2),
        lines(200),
    ),
    oracle={"no_gaps": True},
    checks=no_gap,
)
row(
    "W12",
    "channels that live for 3 s: 6 roll-overs, and no gap",
    users=10,
    rate=60,
    sim=("--channel-life", "3", "--max-requests-per-minute", "0"),
    steps=(streaming, connections(7), lines(50)),
    oracle={"no_gaps": True},
    checks=no_gap,
)
row(
    "W12",
    "tokens that live for 4 s: 8 roll-overs of token and channel, and no gap",
    users=10,
    rate=60,
    sim=("--token-life", "4", "--max-requests-per-minute", "0"),
    steps=(streaming, connections(8), lines(50)),
    oracle={"no_gaps": True},
    checks=no_gap,
)
row(
    "W12",
    "where no channel is spare a socket is replaced in place, with a gap that is told",
    users=4,
    rate=40,
    args=("--max-channels", "1"),
    steps=(streaming, lines(20), "closing 5", gaps(1), lines(20)),
    checks=(
        some_gap,
        lambda scene: same(len(scene.sim.events("channel")), 2, "channels"),
    ),
)

# W13 to W15: signs of life

row(
    "W13",
    "a socket without heartbeats and pongs, on which nothing happens, is dead",
    rate=0.001,
    args=QUICK,
    steps=(
        streaming,
        known(),
        "heartbeat off",
        "pong off",
        "protocol-pong off",
        gaps(1),
    ),
    err="nothing came|no message",
    checks=some_gap,
)
row(
    "W13",
    "a socket without heartbeats that answers pings is alive",
    rate=0.001,
    args=QUICK,
    sim=("--heartbeat", "0"),
    steps=(streaming, known(), pause(6), alive),
    checks=no_gap,
)
row(
    "W14",
    "a socket on which data flows is alive, though no ping is answered",
    args=QUICK,
    steps=(
        streaming,
        "protocol-pong off",
        "pong off",
        "heartbeat off",
        pause(5),
        lines(20),
    ),
    checks=no_gap,
    oracle={"no_gaps": True},
)
row(
    "W15",
    "a thousand pings at once do no harm",
    steps=(
        streaming,
        lines(10),
        for_each(10, raw(*[frame(b"p" * 125, 9)] * 100)),
        lines(40),
    ),
    checks=no_gap,
    oracle={"no_gaps": True},
)
row(
    "W15",
    "pongs that nobody asked for do no harm",
    steps=(streaming, lines(10), for_each(5, raw(*[frame(b"?", 10)] * 100)), lines(40)),
    checks=no_gap,
)
row(
    "W15",
    "a ping of 126 bytes is no ping: the socket is made anew, with a gap",
    steps=(streaming, lines(10), raw(frame(b"p" * 126, 9)), "drop", gaps(1), lines(5)),
    checks=some_gap,
)

# W16, W17: frames

for size in (1, 7, 125):
    row(
        "W16",
        f"messages in frames of {size} byte(s), with pings in between",
        rate=30,
        steps=(streaming, known(), f"fragment {size} 40", lines(40)),
        checks=no_gap,
        oracle={"no_gaps": True},
    )
row(
    "W16",
    "an events socket whose messages come in frames of one byte",
    rate=30,
    args=EVENTS,
    steps=(streaming, "fragment 1 40", lines(40)),
    checks=no_gap,
)


def filler(size):
    """A message of another topic."""
    return json.dumps({"topicName": "v2.system.filler", "eventBody": "x" * size})


for size in (65535, 65536, 1000000):
    row(
        "W16",
        f"a message of {size} bytes is read",
        steps=(streaming, lines(10), f"oversize {size}", lines(20)),
        checks=no_gap,
    )
for size in (1048577, 4 << 20, 16 << 20):
    row(
        "W16",
        f"a message of {size} bytes is skipped, made up for, and costs no memory",
        steps=(
            streaming,
            lines(10),
            f"oversize {size}",
            gaps(1),
            lines(10),
            rss_below(40),
        ),
        err="larger than 1 MiB",
        checks=(some_gap, skipped("larger than 1 MiB")),
    )
row(
    "W16",
    "an events socket with messages of 4 MiB: skipped, and the gap is told",
    args=EVENTS,
    steps=(streaming, lines(10), f"oversize {4 << 20}", gaps(1), lines(10)),
    err="larger than 1 MiB",
)
row(
    "W16",
    "a message that never ends is skipped: the memory stays",
    rate=0.001,
    args=("--ping-interval", "600", "--ping-timeout", "600"),
    steps=(
        streaming,
        known(),
        raw(frame(b"x" * 100, 1, fin=False)),
        for_each(30, raw(frame(b"y" * 65000, 0, fin=False))),
        rss_below(40),
        raw(frame(b"z", 0, fin=True)),
        gaps(1),
        change(0, "MEAL"),
        shown(0, "MEAL"),
    ),
    err="larger than 1 MiB",
)
row(
    "W16",
    "a message between whose pieces the connection ends: it comes back, with a gap",
    steps=(
        streaming,
        lines(10),
        raw(frame(b'{"topicName":', 1, fin=False)),
        "drop",
        gaps(1),
        lines(10),
    ),
    checks=some_gap,
)
row(
    "W17",
    "a binary frame is skipped, and made up for",
    steps=(
        streaming,
        lines(10),
        lambda scene: scene.do(raw(frame(told()(scene), 2))),
        gaps(1),
        lines(10),
    ),
    checks=skipped("binary"),
)
for name, bad in (
    ("RSV bits", frame(b"{}", 1, rsv=7)),
    ("RSV1, as if it were compressed", frame(b"\xaa\x56\x2a", 1, rsv=4)),
    ("an opcode that nobody knows", frame(b"{}", 3)),
    ("a control opcode that nobody knows", frame(b"{}", 11)),
    ("a ping in two pieces", frame(b"{}", 9, fin=False)),
    ("a length with its sign bit", b"\x81\x7f" + b"\xff" * 8 + b"x"),
    ("a continuation of nothing", frame(b"{}", 0)),
):
    row(
        "W28" if "compressed" in name else "W17",
        f"a frame with {name} costs the connection at most: nothing is lost",
        steps=(streaming, lines(10), raw(bad), pause(0.3), "drop", gaps(1), lines(10)),
        checks=some_gap,
    )
row(
    "W17",
    "frames of a server that are masked do no harm",
    steps=(
        streaming,
        lines(10),
        raw(frame(filler(20), 1, mask=True)),
        pause(0.3),
        "drop",
        gaps(1),
        lines(10),
    ),
)

# W18 to W20: messages

KINDS = (
    "not-json truncated empty array nested bad-utf8 nul binary no-topic wrong-types "
    "unknown-topic"
).split()
for kind in KINDS:
    row(
        "W19"
        if kind in ("not-json", "truncated", "empty", "array", "nested")
        else "W18",
        f"bad messages ({kind}) in between cost no change",
        rate=40,
        steps=(streaming, known(), f"malform 8 {kind}", lines(40)),
    )
    if kind != "unknown-topic":
        row(
            "W18",
            f"changes whose own messages are bad ({kind}) are made up for",
            users=3,
            rate=10,
            steps=(streaming, known(), f"mangle 3 {kind}", gaps(1), lines(10)),
            checks=some_gap,
        )
row(
    "W18",
    "changes whose messages are of a topic that nobody knows: the next snapshot heals",
    users=3,
    rate=10,
    steps=(streaming, known(), "mangle 3 unknown-topic", lines(10), cycle(1), lines(3)),
    oracle={"lost_ok": True},
)
row(
    "W18",
    "changes that the service never sends: the next snapshot heals",
    users=3,
    rate=20,
    steps=(streaming, known(), "lose 10", lines(20), cycle(1), lines(3)),
    oracle={"lost_ok": True},
)
for kind in ("not-json", "truncated", "bad-utf8", "wrong-types", "no-topic"):
    row(
        "W18",
        f"bad messages ({kind}) on an events socket cost no change",
        rate=40,
        args=EVENTS,
        steps=(streaming, lines(10), f"malform 8 {kind}", lines(40)),
    )
NASTY = (
    "null",
    "true",
    "0",
    '"text"',
    "[]",
    "{}",
    "{",
    '{"topicName"',
    '{"topicName":}',
    '{"topicName":null}',
    '{"topicName":"v2.users.%s.presence"}',
    '{"topicName":"v2.users.%s.presence","eventBody":null}',
    '{"topicName":"v2.users.%s.presence","eventBody":[]}',
    "{'topicName':'v2.users.%s.presence'}",
    '{"topicName":"v2.users.%s.presence","eventBody":{"presenceDefinition":NaN}}',
    '{"topicName":"v2.users.%s.presence","eventBody":{"a":1e999}}',
    '{"topicName":"v2.users.%s.presence","eventBody":{"a":' + "9" * 400 + "}}",
    '{"topicName":"v2.users.%s.presence","eventBody":{}} trailing',
    '{"topicName":"v2.users.%s.presence","eventBody":{"presenceDefinition":'
    '{"systemPresence":"' + "X" * 5000 + '"}}}',
    '{"topicName":"v2.users.%s.presence","eventBody":{"presenceDefinition":'
    '{"id":"' + "x" * 5000 + '","systemPresence":"Busy"}}}',
    '{"topicName":"v2.users.%s.presence","eventBody":{"presenceDefinition":'
    '{"id":"x","systemPresence":"\\u001b[31m\\u0000\\u202e"}}}',
    '{"topicName":"v2.users..presence","eventBody":{}}',
    '{"topicName":"v2.users.' + "a-" * 1500 + '.presence","eventBody":{}}',
    '{"topicName":"v2.users.%s.presence.\\u0000x"}',
    "[" * 100000,
    '{"a":' * 100000,
    '{"a":"' + "\\u0000" * 1000 + '"}',
    '{"a":"\\ud800"}',
    "\x00",
)


def nasty(scene):
    """All of them, one after the other; the hexadecimal form of a large one is
    a long line, so it goes alone."""
    for text in NASTY:
        text = text.replace("%s", scene.sim.ids[0])
        scene.do(raw(frame(text)))
    for data in (b"\xff\xfe{}", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"):
        scene.do(raw(frame(b'{"topicName":"' + data + b'"}')))


row(
    "W18 W19 W20",
    "messages that make no sense end nothing, steer nothing, and are made up for",
    rate=20,
    args=("-v",),
    steps=(
        streaming,
        known(),
        nasty,
        gaps(1),
        lines(20),
        change(0, "MEAL"),
        shown(0, "MEAL"),
    ),
    oracle={"unknown": lambda scene: [scene.sim.ids[0]]},
    not_err="\x1b",
)
row(
    "W20",
    "keys that come twice do not change what is told",
    rate=0.001,
    steps=(
        streaming,
        known(),
        lambda scene: scene.do(
            raw(
                frame(
                    told(state="Break")(scene).replace(
                        '"version": "2"', '"version": "2", "version": ["3"]'
                    )
                )
            )
        ),
        change(0, "MEAL"),
        shown(0, "MEAL"),
    ),
    oracle=False,
)
row(
    "W20",
    "a string of 4 MiB in a message is skipped, and costs no memory",
    steps=(
        streaming,
        lines(10),
        lambda scene: scene.do(f"oversize {4 << 20}"),
        gaps(1),
        rss_below(40),
        lines(10),
    ),
)
row(
    "W19",
    "a service that sends nothing but bad messages is asked ever more seldom",
    rate=0.001,
    steps=(
        streaming,
        known(),
        for_each(60, raw(frame("nonsense")), pause(0.05)),
        change(0, "MEAL"),
        shown(0, "MEAL"),
    ),
    checks=(requested("bulk", 8), some_gap),
)

# W21 to W26: events

row(
    "W21",
    "messages that come twice are printed once",
    rate=60,
    steps=(streaming, known(), "duplicate 60", lines(80)),
    checks=audited("MESSAGE_STALE", 10),
)
row(
    "W21",
    "messages that come twice on an events socket are printed once",
    rate=60,
    args=EVENTS,
    steps=(streaming, "duplicate 60", lines(80)),
)


def a_thousand_times(scene):
    text = event(scene.sim.ids[0], state="Break")
    before = scene.run.tail.read().changes
    for _ in range(10):
        scene.do(raw(*[frame(text)] * 100))
    scene.do(f"change {scene.sim.ids[1]} MEAL")
    shown(1, "MEAL")(scene)
    same(scene.run.tail.read().changes, before + 2, "lines")


row(
    "W21",
    "a message that comes a thousand times is printed once",
    rate=0.001,
    steps=(streaming, known(), a_thousand_times),
    oracle=False,
)


def only_stale(scene):
    """What is missing came behind something newer, and is audited as such."""
    final = scene.case.settle(scene.run)
    same(scene.run.end(), 0, scene.run.said())
    oracle = scene.case.judge(final, errors_ok=True)
    check(
        set(oracle.counts) <= {"lost", "previousState", "previousForMs"},
        "\n".join(oracle.errors[:20]),
    )
    stale = len(scene.run.audited("MESSAGE_STALE"))
    check(stale > 0, "nothing was stale")
    check(oracle.counts.get("lost", 0) <= stale, f"{oracle.counts}, {stale} stale")


for users in (1, 6):
    row(
        "W22",
        f"messages out of order ({users} user(s)): the newest state counts, in order",
        users=users,
        rate=60,
        steps=(
            streaming,
            known(),
            "reorder 60",
            lines(60 if users > 1 else 40),
            only_stale,
        ),
        oracle=False,
    )
row(
    "W23",
    "several states at one time come out as they came in, each once",
    users=4,
    rate=40,
    steps=(streaming, known(), "same-time 20", lines(40), cycle(1), lines(10)),
    oracle={"same_time": True},
)
row(
    "W24",
    "messages of users that nobody watches are dropped, and make no gap",
    steps=(
        streaming,
        lines(10),
        send(lambda scene: event(STRANGER)),
        skipped("ffffffff-ffff"),
        lines(10),
    ),
    checks=no_gap,
)
row(
    "W25",
    "a message whose body is of another user than its topic is made up for",
    steps=(
        streaming,
        lines(10),
        send(lambda s: event(s.sim.ids[0], body={"userId": s.sim.ids[1]})),
        gaps(1),
        lines(10),
    ),
    checks=skipped("name different users"),
)
row(
    "W25",
    "an ID in another case is the same user",
    rate=0.001,
    steps=(
        streaming,
        known(),
        send(lambda s: event(s.sim.ids[0].upper(), state="Break")),
        shown(0, "BREAK"),
    ),
    oracle=False,
)
row(
    "W26",
    "messages that change no presence are not printed",
    rate=60,
    sim=("--unchanged", "0.5"),
    steps=(streaming, lines(60)),
    checks=(no_gap, audited("PRESENCE_STATE_UNCHANGED", 10)),
)
row(
    "W26",
    "presences of a source that is not the primary one are not printed",
    rate=60,
    sim=("--foreign", "0.5"),
    steps=(streaming, lines(60)),
    checks=(no_gap, audited("MESSAGE_SKIPPED", 10)),
)

# W27, W29: much

for protocol in ("notifications", "events"):
    row(
        "W27",
        f"5000 changes as fast as they go ({protocol}): all of them, in order",
        users=100,
        rate="max",
        sim=("--events", "5000", "--start-at", "100"),
        args=("--protocol", protocol),
        steps=(
            streaming,
            lambda scene: until(
                lambda: scene.sim.status()["changes"] >= 5000, "5000 changes"
            ),
            rss_below(60),
        ),
        checks=no_gap,
        oracle={"no_gaps": True},
    )
row(
    "W29",
    "a flood of other topics is dropped, and the changes in it are printed",
    rate=40,
    steps=(
        streaming,
        lines(10),
        for_each(50, raw(*[frame(filler(100))] * 100)),
        lines(40),
        rss_below(40),
    ),
    checks=no_gap,
    oracle={"no_gaps": True},
)
row(
    "W29",
    "a flood of complaints is no flood of log lines",
    rate=40,
    steps=(
        streaming,
        lines(10),
        for_each(
            10, raw(*[frame('{"result":"500","message":"no \\u001b[31m"}')] * 100)
        ),
        lines(20),
    ),
    checks=lambda scene: check(
        scene.run.said().count("\n") < 200, f"{scene.run.said().count(chr(10))} lines"
    ),
)
