"""A: the token endpoint.  B: channels, subscriptions, snapshots."""

import email.utils
import functools
import json
import re
import threading
import time
import zlib

from bench import BULK, CHANNELS, SLOW, check, population, read, same, until
from servers import Meddler, Peer, answer
from table import (
    audited,
    change,
    cycle,
    for_each,
    gaps,
    issued,
    known,
    lines,
    no_gap,
    no_lines,
    pause,
    requested,
    requests,
    row,
    rss_below,
    said,
    send,
    shown,
    skipped,
    some_gap,
    special,
    streaming,
    told,
)

DENIED = '{"error":"invalid_client","description":"client not found: invalid_client"}'
HTML = "<html>\x1b]0;pwned\x07\x9b31m<body>" + "x" * 20000


def meddle(before=None, after=None):
    """A server for a row: a proxy before the simulator."""

    def server(case):
        sim = case.sims[-1] if case.sims else None
        meddler = case.keep(Meddler(sim, before, after))
        case.meddler = meddler
        return {"env": {"GENESYSCLOUD_API_URL": meddler.url}}

    return server


def sequence(pattern, *answers):
    """The first requests of a kind get these answers."""
    left = list(answers)
    lock = threading.Lock()

    def before(request):
        if re.search(pattern, f"{request.command} {request.path}"):
            with lock:
                if left:
                    return left.pop(0)
        return None

    return before


def json_of(change_it):
    """An after() that changes what is JSON."""

    def after(request, status, headers, body):
        try:
            value = json.loads(body)
        except ValueError:
            return None
        return status, headers, json.dumps(change_it(request, value))

    return after


# A: the token


def no_401(scene):
    check('code="401"' not in read(scene.case.path("metrics")), "a token was refused")


row(
    "A1",
    "a token is renewed in time, again and again, and nothing is lost by it",
    sim=("--token-life", "4"),
    args=("--metrics", "metrics"),
    steps=(streaming, issued(4), lines(10)),
    oracle={"no_gaps": True},
    checks=(no_gap, no_401),
)
row(
    "A2",
    "an unknown client is not tried again: 77, and its secret is not told",
    before=f"answer token 400 times 0 body {DENIED}",
    status=77,
    err="cannot get a token.*400.*invalid_client",
    not_err="trying again",
    checks=(requested("token", 1), no_lines),
)
row(
    "A2",
    "a wrong secret is not tried again: 77",
    env={"GENESYSCLOUD_OAUTHCLIENT_SECRET": "another-canary"},
    status=77,
    err="cannot get a token.*401",
    not_err=("trying again", "another-canary"),
    checks=requested("token", 1),
    oracle={"secrets": ["another-canary"]},
)
row(
    "A3",
    "a client that may not have a token: 77",
    before="answer token 403",
    status=77,
    err="cannot get a token.*403",
    not_err="trying again",
)
row(
    "A4",
    "a login host that knows no tokens (404) is configuration: 78",
    before="answer token 404 times 0",
    status=78,
    err="cannot get a token.*404",
    not_err="trying again",
)
for code in (408, 409, 425):
    row(
        "A5",
        f"a token endpoint that answers {code} is asked again",
        before=f"answer token {code} times 2",
        steps=(streaming, lines(5)),
        err=f"{code}.*trying again",
    )


def waited(least_ms, most_ms):
    """Between the start and the token, on the simulator's clock."""

    def function(scene):
        from oracle import to_ms

        took = to_ms(scene.sim.first("token")["at"]) - scene.run.started
        check(least_ms <= took <= most_ms * SLOW, f"{took} ms until the token")

    return function


row(
    "A6",
    "a 429 of the token endpoint is waited out, and not for much longer",
    before="answer token 429 retry-after 2",
    steps=(streaming, lines(5)),
    checks=waited(1950, 8000),
)


def by_the_servers_clock(case):
    """A server whose clock is a day behind asks for 3 s, by a date."""
    moments = []

    def before(request):
        if request.path != "/oauth/token":
            return None
        moments.append(time.monotonic())
        case.moments = moments
        if len(moments) > 1:
            return None
        there = time.time() - 86400
        return (
            429,
            [
                ("Date", email.utils.formatdate(there, usegmt=True)),
                ("Retry-After", email.utils.formatdate(there + 3, usegmt=True)),
            ],
            "",
        )

    return meddle(before)(case)


def waited_3(scene):
    took = scene.case.moments[1] - scene.case.moments[0]
    check(2.9 <= took <= 10 * SLOW, f"{took:.1f} s between the requests")


row(
    "A7",
    "a Retry-After with a date counts from the server's clock",
    server=by_the_servers_clock,
    steps=(streaming, lines(5)),
    checks=waited_3,
)
for value in ("-5", "abc", "1e30", '"Thu, 01 Jan 1970 00:00:00 GMT"', '""'):
    row(
        "A8",
        f"a Retry-After of {value} is no reason to hurry, or to wait for long",
        before=f"answer token 429 times 3 retry-after {value}",
        steps=(streaming, lines(5)),
        checks=(requested("token", 4, 4), waited(3, 20000)),
    )
row(
    "A8",
    "two Retry-After headers do no harm",
    before="answer token 429 times 2 header Retry-After 1 header Retry-After 0",
    steps=(streaming, lines(5)),
    checks=requested("token", 3, 3),
)
row(
    "A8",
    "a Retry-After of 3000 years is an hour, and TERM ends it at once",
    before="answer token 429 times 0 retry-after 99999999999",
    steps=said(r"trying again in 3600\.0 s"),
    settle=False,
    checks=requested("token", 1),
)
for endpoint, name in (("channels", "create a channel"), ("bulk", "presence")):
    row(
        "A8",
        f"a Retry-After of -5 to {endpoint} makes no busy loop",
        before=f"answer {endpoint} 429 times 2 retry-after -5",
        steps=(streaming, lines(6)),
        checks=requested(endpoint, 5),
        err=f"throttles us.*{name}",
        oracle={"heal_ms": 20000},
        args=("-v",),
    )


def page(status):
    return status, [("Content-Type", "text/html")], HTML


row(
    "A9",
    "errors with pages of HTML are tried again, and no page is in the log",
    server=meddle(
        sequence("/oauth/token", page(500), page(502), page(503), page(504), page(500))
    ),
    args=("--max-retries", "0"),
    steps=(streaming, lines(5)),
    err=("the service answers 500", "the service answers 504"),
    not_err=("<html>", "xxxx", "pwned"),
)
row(
    "A9",
    "a gateway that stays away for ever: 75, when the retries are used up",
    before="answer token 503 times 0",
    args=("--max-retries", "3"),
    status=75,
    err="gave up after 4 tries",
    checks=requested("token", 4, 4),
)
NONSENSE = (
    "",
    "<html>hello</html>",
    "[]",
    "null",
    "{}",
    '{"access_token":null,"expires_in":60}',
    '{"access_token":12345,"expires_in":60}',
    '{"access_token":"","expires_in":60}',
    '{"access_token":"a b","expires_in":60}',
    '{"access_token":"canary-crlf\\r\\nX-Evil: 1","expires_in":60}',
    '{"access_token":"canary-nul\\u0000","expires_in":60}',
    '{"access_token":"canary-utf8-\\u00e9","expires_in":60}',
    '{"access_token":"' + "canarymega" * 100000 + '","expires_in":60}',
    '{"access_token":"canary-cut',
)
row(
    "A10",
    "answers that hold no usable token are tried again, and none gets out",
    server=meddle(sequence("/oauth/token", *[(200, [], one) for one in NONSENSE])),
    args=("--max-retries", "0"),
    steps=(streaming, lines(5)),
    err="no usable access_token",
    oracle={"secrets": ["canary-crlf", "canary-nul", "canarymega", "canary-cut"]},
)
row(
    "A10",
    "a token endpoint that never says anything sensible: 69",
    before="answer token 200 times 0 body hello",
    args=("--max-retries", "2"),
    status=69,
    err="no usable access_token.*gave up after 3 tries",
)
LIVES = ("0", "-5", "1e20", '"3600"', "null", "[]", "0.5", "99999999999999999999")
for life in LIVES:

    def with_life(_, value, life=life):
        if isinstance(value, dict) and "access_token" in value:
            value["expires_in"] = json.loads(life)
        return value

    row(
        "A11",
        f"an expires_in of {life} is taken for something that can be",
        server=meddle(after=json_of(with_life)),
        steps=(streaming, lines(5), pause(3)),
        checks=requested("token", 2),
        oracle={"no_gaps": True},
    )


def without_life(_, value):
    if isinstance(value, dict):
        value.pop("expires_in", None)
    return value


row(
    "A11",
    "a token without expires_in is an hour's, and that is said",
    server=meddle(after=json_of(without_life)),
    steps=(streaming, lines(5)),
    err="no expires_in",
    checks=requested("token", 1),
)
row(
    "A12",
    "tokens that end in mid-stream cost a new one, and no change",
    steps=(
        streaming,
        for_each(3, "expire-tokens", lines(10), "drop", lines(10)),
        issued(4),
    ),
    checks=some_gap,
)
row(
    "A12",
    "tokens that end in mid-stream close the events socket: it comes back",
    args=("--protocol", "events"),
    steps=(streaming, lines(10), "expire-tokens", gaps(1), lines(10)),
    checks=(some_gap, lambda scene: issued(2)(scene)),
)
row(
    "A13",
    "a 401 in the midst of life costs one new token, however many ask",
    users=30,
    args=("--max-subscriptions", "5", "--protocol", "notifications"),
    steps=(streaming, lines(10), "expire-tokens", "drop", gaps(6), lines(20)),
    checks=(requested("token", 2, 2),),
)
row(
    "A13",
    "a 401 with a new token too is the end: 77",
    before="answer channels 401 times 0",
    status=77,
    checks=requested("token", 3),
)


def to_another_host(pattern, status):
    def server(case):
        other = case.keep(Peer(lambda connection, peer: peer.read_head(connection)))
        case.other = other
        return meddle(
            sequence(
                pattern, *[(status, [("Location", other.url + "/elsewhere")], "")] * 9
            )
        )(case)

    return server


def nobody_came(scene):
    same(scene.case.other.accepted, 0, "connections to the other host")
    same(scene.case.other.received, b"", "what the other host got")


for pattern, code in (
    ("/oauth/token", 302),
    ("POST .*/channels$", 307),
    ("/subscriptions", 308),
):
    row(
        "A14",
        f"a redirect ({code}) of {pattern} is not followed, and takes no token along",
        server=to_another_host(pattern, code),
        status=78,
        err=f"answers {code}.*redirects are not followed",
        checks=nobody_came,
    )


row(
    "A14",
    "a redirect of a snapshot is not followed, and the stream goes on without",
    server=to_another_host("/bulk", 301),
    args=("-v",),
    steps=(streaming, known()),
    err="answers 301.*redirects are not followed",
    checks=nobody_came,
    oracle={"healing": False},
)


def drip(connection, peer):
    """One byte a second."""
    peer.read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not peer.ended.wait(1):
        connection.sendall(b" ")


def peer_for(talk):
    def server(case):
        case.other = case.keep(Peer(talk))
        return {"env": {"GENESYSCLOUD_API_URL": case.other.url}}

    return server


row(
    "A15",
    "an answer of one byte a second has an end, and is asked for again",
    sim=None,
    stdin=population(3),
    server=peer_for(drip),
    steps=(said("trying again", limit=60),),
    err="(?i)time",
)


def flood(head, piece=b"x" * 65536):
    def talk(connection, peer):
        peer.read_request(connection)
        connection.sendall(head)
        while not peer.ended.is_set():
            connection.sendall(piece)

    return talk


GZIP = bytes.fromhex("1f8b0800000000000003") + b"\x00" * 100
for name, head in (
    ("without an end", b"HTTP/1.1 200 OK\r\n\r\n"),
    ("of 2 GiB", b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n"),
    ("with 1 GiB of headers", b"HTTP/1.1 200 OK\r\nX-Long: "),
):
    row(
        "A16",
        f"an answer {name} is given up, and costs no memory",
        sim=None,
        stdin=population(3),
        server=peer_for(flood(head)),
        args=("--max-retries", "0"),
        steps=(said("trying again", 3), rss_below(60)),
    )


@functools.lru_cache(maxsize=None)
def packed():
    """256 MiB of NUL."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(256))
    return body + packer.flush()


def bomb(connection, peer):
    """A gzip bomb, though nobody asked for gzip."""
    peer.read_request(connection)
    connection.sendall(answer(200, packed(), [("Content-Encoding", "gzip")]))


row(
    "A16",
    "a bomb of gzip is not unpacked",
    sim=None,
    stdin=population(3),
    server=lambda case: packed() and peer_for(bomb)(case),
    args=("--max-retries", "2"),
    status=69,
    checks=(),
)

# B: channels


def with_uri(uri):
    """Channels whose connectUri is another."""

    def change_it(request, value):
        if request.command == "POST" and request.path == CHANNELS:
            value["connectUri"] = uri.replace("PATH", value["connectUri"])
        return value

    return meddle(after=json_of(change_it))


for uri, why in (
    ("ws://evil.example/channels/canary-uri", "points to evil.example"),
    ("ws://127.0.0.1.evil.example/canary-uri", "points to"),
    ("ws://169.254.169.254/latest/canary-uri", "points to"),
    ("ws://user:canary-uri@127.0.0.1/x", ""),
    ("http://127.0.0.1/canary-uri", ""),
    ("file:///etc/canary-uri", ""),
    ("ws://127.0.0.1/x\r\nX-Evil: canary-uri", ""),
    ("\x1b[31mcanary-uri", ""),
):
    row(
        "B1",
        f"a connectUri {uri.split('canary')[0]!r}... is not used: 78, and not told",
        server=with_uri(uri),
        status=78,
        err="connectUri.*" + re.escape(why),
        not_err="canary-uri",
        oracle={"secrets": ["canary-uri"]},
    )
row(
    "B1",
    "a channel without id or connectUri is asked for again",
    before="answer channels 200 times 2 body {}",
    steps=(streaming, lines(5)),
    err="no id or no connectUri",
)


def others(sim, count):
    """Channels of another program with the same client; with a topic each."""
    token = sim.token()
    ids = []
    for _ in range(count):
        status, channel = sim.api("POST", CHANNELS, token)
        same(status, 200, "a channel of the other program")
        status, _ = sim.api(
            "PUT",
            f"{CHANNELS}/{channel['id']}/subscriptions",
            token,
            [{"id": f"v2.users.{sim.ids[0]}.presence"}],
        )
        same(status, 200, "a topic of the other program")
        ids.append(channel["id"])
    return ids


def channels_of(sim):
    return {channel["id"] for channel in sim.status()["channels"]}


@special("B2", "where another program has 20 channels none is made: 75")
def twenty_others(case):
    sim = case.sim()
    theirs = others(sim, 20)
    run = case.run()
    same(run.wait(), 75, run.said())
    check("20 other channels" in run.said(), run.said())
    same(channels_of(sim), set(theirs), "channels")
    case.judge(users=sim.ids, unknown=sim.ids)


@special("B2", "where another program has 19 channels one is used, and two are 75")
def nineteen_others(case):
    sim = case.sim()
    theirs = others(sim, 19)
    run = case.run("--protocol", "notifications")
    run.wait_streaming()
    run.wait_lines(10)
    check(set(theirs) <= channels_of(sim), "a channel of the other was pushed out")
    final = case.settle(run)
    same(run.end(), 0, run.said())
    case.judge(final)


@special("B2", "where another program leaves too few channels: 75, with numbers")
def too_few(case):
    sim = case.sim()
    theirs = others(sim, 19)
    run = case.run("--protocol", "notifications", "--max-subscriptions", "3")
    same(run.wait(), 75, run.said())
    check(re.search("19 other channels.* 2 are needed", run.said()), run.said())
    check(set(theirs) <= channels_of(sim), "a channel of the other was pushed out")


row(
    "B3",
    "a run whose channel another one took says so, and ends: 75",
    steps=(streaming, lines(5), "displace"),
    status=75,
    err="another program",
    settle=False,
)


@special("B3", "a run that a 21st channel pushes out ends: 75, and does not fight")
def evicted(case):
    sim = case.sim("--max-channels", "3")
    run = case.run()
    run.wait_streaming()
    run.wait_lines(5)
    token = sim.token()
    end = time.monotonic() + 20 * SLOW
    while not run.gone() and time.monotonic() < end:
        others_channel(sim, token)
    same(run.wait(), 75, run.said())
    check("another program" in run.said(), run.said())


def others_channel(sim, token):
    """A channel that is connected, so that it is not the one to go."""
    import socket

    status, channel = sim.api("POST", CHANNELS, token)
    if status != 200:
        time.sleep(0.1)
        return
    sock = socket.create_connection((sim.host, sim.port))
    sock.sendall(
        f"GET /channels/{channel['id']} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    sock.recv(100)
    sim.case.keep(sock)


def without(index):
    """403 for whoever asks for a certain user among others."""

    def server(case):
        bad = case.sims[-1].ids[index]

        def before(request):
            if (
                request.command == "POST"
                and "/subscriptions" in request.path
                and bad.encode() in request.body
            ):
                body = '{"code":"not.authorized","message":"no presence:view"}'
                return 403, [("Content-Type", "application/json")], body
            return None

        return meddle(before)(case)

    return server


row(
    "B4",
    "a whole request that is refused costs only the user that it is about",
    users=30,
    server=without(17),
    steps=(lambda scene: scene.run.wait_streaming(29), lines(30)),
    err="user .* is refused: .*403.*presence:view",
    oracle={"unknown": lambda scene: [scene.sim.ids[17]]},
    checks=(no_gap, audited("SUBSCRIPTION_REJECTED")),
)
row(
    "B4",
    "one refused request is no loss: its halves are tried",
    users=30,
    before="answer subscriptions 403",
    steps=(streaming, lines(30)),
    checks=(no_gap, requested("subscriptions", 6, 3)),
)


def reject(*indexes):
    def step(case):
        sim = case.sims[-1]
        sim.do(*[f"reject {sim.ids[i]} presence:view" for i in indexes])

    return step


row(
    "B5",
    "a rejected topic is told, with the permission, and the others stream",
    server=reject(2),
    steps=(lambda scene: scene.run.wait_streaming(5), lines(10)),
    err="user .* is refused: .*presence:view",
    oracle={"unknown": lambda scene: [scene.sim.ids[2]]},
    checks=(no_gap, audited("SUBSCRIPTION_REJECTED")),
)
row(
    "B5",
    "where all are rejected: 77, with the permission",
    server=reject(*range(6)),
    status=77,
    err=("presence:view", "users are refused"),
    oracle={"unknown": lambda scene: scene.sim.ids},
)
row(
    "B6",
    "a channel that is gone when users are subscribed is made anew",
    before="answer subscriptions 404 times 2",
    steps=(streaming, lines(10)),
)
row(
    "B6",
    "channels that end in mid-stream are made anew",
    steps=(streaming, lines(10), cycle(3, "expire-channels"), lines(10)),
    checks=some_gap,
)
row(
    "B7",
    "too many topics: who does not fit is told, and the others stream",
    sim=("--max-topics", "4"),
    steps=(lambda scene: scene.run.wait_streaming(4), lines(10)),
    args=("--protocol", "notifications"),
    err="user .* is refused",
    oracle={
        "unknown": lambda scene: [
            row["payload"]["userId"]
            for row in scene.run.audited("SUBSCRIPTION_REJECTED")
        ]
    },
    checks=(no_gap, audited("SUBSCRIPTION_REJECTED", 2)),
)
row(
    "B8",
    "a request that is too large (413) goes in smaller ones",
    users=40,
    before="answer subscriptions 413 times 3",
    steps=(streaming, lines(30)),
    checks=(no_gap, requested("subscriptions", 10, 5)),
)
row(
    "B9",
    "a 429 in the midst of a snapshot of 20 pages: it goes on where it was",
    users=1000,
    rate=100,
    before="answer bulk 429 retry-after 1 times 3",
    steps=(streaming, requests("bulk", 23), lines(1000)),
    checks=(requested("bulk", 23, 23), no_gap),
    oracle={"heal_ms": 15000},
)


row(
    "B9",
    "what was held for a snapshot that is then throttled comes out in order",
    users=2,
    rate=100,
    before=("delay bulk 0.5", "answer bulk 429 retry-after 1"),
    steps=(streaming, lines(150)),
    checks=no_gap,
    oracle={"heal_ms": 15000},
)


def page_of(index, status, times=10**9):
    """An error for the page of a snapshot that has a certain user."""
    left = [times]

    def server(case):
        bad = case.sims[-1].ids[index]

        def before(request):
            if BULK in request.path and bad in request.path and left[0] > 0:
                left[0] -= 1
                return status, [], ""
            return None

        case.heal = lambda: left.__setitem__(0, 0)
        return meddle(before)(case)

    return server


def others_are_printed(scene):
    """All but the page with the error."""
    until(lambda: len(scene.run.tail.read().last) >= 70, "70 users")


row(
    "B10",
    "a page of a snapshot that fails and fails costs the others nothing",
    users=120,
    server=page_of(60, 500),
    steps=(
        streaming,
        others_are_printed,
        said("presence.*500.*trying again", 3),
        lambda scene: scene.case.heal(),
        lambda scene: until(
            lambda: len(scene.run.tail.read().last) == 120, "all users"
        ),
    ),
    args=("-v",),
    oracle={"heal_ms": 30000},
)


def odd_rows(omitted, foreign="ffffffff-ffff-4fff-8fff-ffffffffffff"):
    """A snapshot that is not what was asked for."""

    def change_it(request, value):
        if not isinstance(value, list) or BULK not in request.path:
            return value
        rows = sorted(value, key=lambda one: one["userId"])
        del rows[omitted]
        odd = dict(rows[0], userId=foreign)
        return (
            [odd, None, 7, {}, {"userId": None}, {"userId": foreign}]
            + rows
            + rows
            + [dict(rows[1], presenceDefinition=None), dict(rows[1], modifiedDate=5)]
        )

    return meddle(after=json_of(change_it))


def omitted_user(scene):
    return [sorted(scene.sim.ids)[3]]


row(
    "B11",
    "a snapshot with rows missing, foreign, twice and null: the rest is used",
    sim=("--events", "0"),
    server=odd_rows(3),
    steps=(streaming, known(5)),
    args=("-v",),
    oracle={"unknown": omitted_user},
    settle=False,
    err="says nothing of",
    checks=lambda scene: same(scene.run.tail.read().changes, 5, "lines"),
)
row(
    "B12",
    "users that the service does not know are told, and the others stream",
    sim=("--strict-users",),
    stdin=lambda scene: scene.sim.population
    + "00000000-0000-4000-8000-000000000001\nffffffff-0000-4000-8000-000000000002\n",
    steps=(streaming, lines(10)),
    err="00000000-0000-4000-8000-000000000001",
    oracle={
        "unknown": [
            "00000000-0000-4000-8000-000000000001",
            "ffffffff-0000-4000-8000-000000000002",
        ]
    },
)
row(
    "B12",
    "a user that was deleted in between is told, and the others stream",
    server=lambda case: case.sims[-1].do(f"forget {case.sims[-1].ids[1]}"),
    steps=(streaming, cycle(1), lines(10)),
    err="says nothing of",
    oracle={"unknown": lambda scene: [scene.sim.ids[1]]},
)


def late_snapshot(seconds):
    """The answer is made at once, but comes late."""

    def after(request, *_):
        if BULK in request.path:
            time.sleep(seconds)

    return meddle(after=after)


row(
    "B13",
    "a snapshot that is older than what the stream says: no change is lost",
    rate=100,
    server=late_snapshot(0.4),
    steps=(streaming, lines(50), cycle(3), lines(20)),
)
row(
    "B14",
    "a snapshot that is newer than what the stream says: no change is lost",
    rate=100,
    before="delay bulk 0.4 times 0",
    steps=(streaming, lines(50), cycle(3), lines(20)),
)
row(
    "B14",
    "a stream that is late behind the snapshot: no change is lost",
    rate=50,
    steps=(streaming, lines(20), for_each(3, "drop", "stall 0.6", lines(40))),
)
row(
    "B14",
    "two snapshots of the same users at once: no change is lost",
    users=2,
    rate=100,
    before="delay bulk 0.8",
    steps=(streaming, "mangle 1 wrong-types", gaps(1), lines(100)),
)
row(
    "B15",
    "while a channel is replaced no change comes twice, and none is lost",
    users=3,
    rate=100,
    steps=(streaming, for_each(3, "closing 3", lines(250))),
    oracle={"no_gaps": True},
    checks=no_gap,
)


@special("B16", "how many users fit: 1000 a channel, 20 channels, and no more")
def how_many(case):
    for users, channels in ((1000, 1), (1001, 2), (19000, 19), (20000, 20)):
        run = case.run(
            *("--plan", "--protocol", "notifications"),
            stdin=population(users),
            gaps=False,
        )
        same(run.wait(), 0, run.said())
        text = read(run.output)
        check(re.search(rf"connections +{channels}\b", text), f"{users}: {text[:400]}")
    sim = case.sim(users=20001)
    run = case.run("--protocol", "notifications")
    same(run.wait(), 78, run.said())
    check(re.search("20001 users.*20000", run.said()), run.said())
    same(sim.status()["requests"]["token"], 0, "requests before it is refused")


def stuffed(value):
    """The same with keys that nobody knows, in another order."""
    if isinstance(value, list):
        return [stuffed(one) for one in value]
    if not isinstance(value, dict):
        return value
    result = {"zz": {"a": [[{"b": None}]], "id": 7}, "selfUri": "/x"}
    for key in reversed(list(value)):
        result[key] = stuffed(value[key])
    result["\u202e"] = True
    return result


row(
    "B17",
    "answers with unknown keys, in another order, are read all the same",
    server=meddle(after=json_of(lambda request, value: stuffed(value))),
    steps=(streaming, lines(10), cycle(1), lines(10)),
)
NEW = "11111111-2222-4333-8444-555555555555"
row(
    "B18",
    "a state and a definition that nobody knows pass through",
    rate=0.001,
    steps=(
        streaming,
        known(),
        change(0, "SABBATICAL", NEW),
        shown(0, "SABBATICAL"),
        change(1, "AVAILABLE", NEW),
        shown(1, "AVAILABLE"),
        cycle(1),
    ),
)


def date(text):
    """A message of the first user with that modifiedDate."""
    return send(told(state="Break", date=text))


def printed_time(text):
    """Its line has this timestamp."""

    def step(scene):
        until(
            lambda: f'"timestamp":"{text}"' in read(scene.run.output),
            lambda: f"{text} in {read(scene.run.output)[-600:]}",
        )

    return step


for given, printed in (
    ("2099-01-01T00:00:00Z", "2099-01-01T00:00:00.000Z"),
    ("2099-01-01T02:00:00+02:00", "2099-01-01T00:00:00.000Z"),
    ("2099-01-01T00:00:00.1234567Z", "2099-01-01T00:00:00.123Z"),
):
    row(
        "B19",
        f"a modifiedDate of {given} is a time",
        rate=0.001,
        steps=(streaming, known(), date(given), printed_time(printed)),
        oracle=False,
    )
row(
    "B19",
    "a modifiedDate that is no time: the message is skipped, and made up for",
    rate=0.001,
    steps=(
        streaming,
        known(),
        date("2026-02-30T00:00:00Z"),
        date("yesterday"),
        date(12345),
        date({}),
        date("2026-13-01T00:00:00Z"),
        date("2026-01-01T25:00:00Z"),
        skipped("not a time"),
        gaps(1),
        change(0, "MEAL"),
        shown(0, "MEAL"),
    ),
)
row(
    "B19",
    "a modifiedDate that is missing: the change is printed without a time",
    rate=0.001,
    steps=(
        streaming,
        known(),
        "no-time 1",
        change(0, "MEAL"),
        shown(0, "MEAL"),
        change(0, "BUSY"),
        shown(0, "BUSY"),
    ),
    oracle={"timeless": True},
)
row(
    "B19",
    "a time in the far future does not block the changes behind it",
    rate=0.001,
    steps=(
        streaming,
        known(),
        date("2099-01-01T00:00:00Z"),
        shown(0, "BREAK"),
        change(0, "MEAL"),
        shown(0, "MEAL"),
    ),
    oracle=False,
)
