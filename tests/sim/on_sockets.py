"""WebSocket: both protocols, channels and their ends, framing."""

import json
import os
import socket
import time
from random import Random

import jsonschema
from harness import (
    CHANNELS,
    Closed,
    Raw,
    Refused,
    Sim,
    check,
    ids,
    same,
    subscription,
    test,
    topic,
    until,
)

TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
EVENT = {
    "type": "object",
    "required": ["topicName", "version", "eventBody", "metadata"],
    "additionalProperties": False,
    "properties": {
        "topicName": {
            "type": "string",
            "pattern": r"^v2\.users\.[0-9a-f-]{36}\.presence$",
        },
        "version": {"const": "2"},
        "eventBody": {
            "type": "object",
            "required": ["source", "presenceDefinition", "primary", "modifiedDate"],
            "properties": {
                "source": {"const": "PURECLOUD"},
                "presenceDefinition": {
                    "type": "object",
                    "required": ["id", "systemPresence"],
                    "properties": {
                        "id": {"type": "string", "pattern": "^[0-9a-f-]{36}$"},
                        "systemPresence": {"type": "string", "pattern": "^[A-Z_]+$"},
                    },
                },
                "primary": {"const": True},
                "message": {"type": "string"},
                "modifiedDate": {"type": "string", "pattern": TIME},
            },
        },
        "metadata": {
            "type": "object",
            "required": ["CorrelationId"],
            "properties": {
                "CorrelationId": {"type": "string", "pattern": "^[0-9a-f-]{36}$"}
            },
        },
    },
}
PLAIN_EVENT = {
    "type": "object",
    "required": ["eventType", "userId", "state", "timestamp"],
    "additionalProperties": False,
    "properties": {
        "eventType": {"const": "presence"},
        "userId": {"type": "string"},
        "state": {"type": "string", "pattern": "^[A-Z_]+$"},
        "timestamp": {"type": "string", "pattern": TIME},
    },
}


def metadata(message):
    return {"topicName": "channel.metadata", "eventBody": {"message": message}}


def user_of(event):
    return event["topicName"].split(".")[2]


def upgrade_refused(sim, uri, status):
    try:
        sim.connect(uri)
    except Refused as refused:
        same(refused.status, status)
        return refused
    raise AssertionError(f"the upgrade of {uri} was not refused")


@test("events come on the channel's socket, well formed, later ones with later times")
def notifications():
    users = ids()
    with Sim("--rate", "max", "--events", "500", "--start-at", "12") as sim:
        stream = sim.stream(users)
        last = {}
        cause = set()
        for _ in range(500):
            event = stream.json()
            jsonschema.validate(event, EVENT)
            changed = event["eventBody"]["modifiedDate"]
            check(changed > last.get(user_of(event), ""), "time stands still")
            last[user_of(event)] = changed
            cause.add(event["metadata"]["CorrelationId"])
        same(set(last), set(users))
        same(len(cause), 500)
        states = sim.states()
        same({user: states[user]["modifiedDate"] for user in users}, last)


@test("a channel's socket only gets what is subscribed, also by combined topics")
def only_subscribed():
    users = ids()
    with Sim("--rate", "0") as sim:
        stream = sim.stream(users[:1])
        sim.api(
            "POST",
            f"{CHANNELS}/{stream.channel['id']}/subscriptions",
            [
                {"id": f"v2.users.{users[1]}?presence&routingStatus"},
                {"id": f"V2.Users.{users[2].upper()}.Presence"},
                {"id": f"v2.users.{users[3]}?routingStatus&outofoffice"},
                {"id": f"v2.users.{users[3]}.routingStatus"},
                {"id": f"v2.users.{users[0]}?presence"},
            ],
        )
        sim.do(*(f"change {user} BUSY" for user in users))
        got = [stream.json()["topicName"] for _ in range(3)]
        same(got, [topic(user) for user in users[:3]])
        check(stream.silent(), "events that nobody subscribed")


@test("a socket's client can ping, subscribe and unsubscribe by messages")
def socket_messages():
    users = ids()
    with Sim("--rate", "0", "--max-topics", "3") as sim:
        stream = sim.stream(users[:1])

        def ask(**message):
            stream.send(json.dumps(message))
            return stream.json()

        same(ask(message="ping"), metadata("pong"))
        same(
            ask(message="subscribe", topics=[topic(users[1])], correlationId="7"),
            {"result": "200", "status": "subscribed", "correlationId": "7"},
        )
        sim.do(f"change {users[1]} BUSY")
        same(stream.json()["topicName"], topic(users[1]))
        answer = ask(message="subscribe", topics=[topic(user) for user in users[2:6]])
        same((answer["result"], answer["status"]), ("400", "failure"))
        same(ask(message="subscribe", topics=["x"])["result"], "400")
        same(
            ask(message="unsubscribe", topics=[topic(users[1])]),
            {"result": "200", "status": "unsubscribed"},
        )
        sim.do(f"change {users[1]} AWAY", f"change {users[0]} AWAY")
        same(stream.json()["topicName"], topic(users[0]))
        same(ask(message="dance")["status"], "error")
        stream.send("not json")
        same(stream.json()["result"], "400")


@test("heartbeats come at their interval, and not with --heartbeat 0")
def heartbeat():
    with Sim("--rate", "0", "--heartbeat", "0.1") as sim:
        stream = sim.stream([])
        start = time.monotonic()
        for _ in range(3):
            same(stream.json(), metadata("WebSocket Heartbeat"))
        took = time.monotonic() - start
        check(0.2 < took < 1, took)
    with Sim("--rate", "0", "--heartbeat", "0") as sim:
        check(sim.stream([]).silent(0.3))


@test("a second socket to a channel disconnects the first, and takes its place")
def second_socket():
    user = ids()[0]
    with Sim("--rate", "0") as sim:
        first = sim.stream([user])
        second = sim.connect(first.channel["connectUri"])
        same(first.ended(), 1001)
        sim.do(f"change {user} BUSY")
        same(second.json()["topicName"], topic(user))
        until(lambda: len(sim.status()["connections"]) == 1, "the end of the first")


@test("one channel too many evicts the idlest, an unconnected one first")
def eviction():
    with Sim("--rate", "0", "--max-channels", "3") as sim:
        one, two, three = (sim.channel() for _ in range(3))
        first = sim.connect(one["connectUri"])
        third = sim.connect(three["connectUri"])

        def exists(channel):
            return sim.api("HEAD", f"{CHANNELS}/{channel['id']}").status == 200

        four = sim.channel()
        same([exists(c) for c in (one, two, three, four)], [True, False, True, True])
        fourth = sim.connect(four["connectUri"])
        check(exists(one), "and is used by being asked for")
        sim.channel()
        notice = third.json()
        same(notice["topicName"], "v2.system.no_longer_subscribed." + three["id"])
        same(notice["eventBody"]["reason"], "another_channel_subscribed")
        same(notice["eventBody"]["channelId"], three["id"])
        same(third.ended(), 1000)
        check(first.silent() and fourth.silent(), "others are not concerned")
        upgrade_refused(sim, three["connectUri"], 404)


@test("a channel ends with its life: 404, its socket closed")
def expiry():
    user = ids()[0]
    with Sim("--rate", "0", "--channel-life", "0.4") as sim:
        stream = sim.stream([user])
        path = f"{CHANNELS}/{stream.channel['id']}/subscriptions"
        start = time.monotonic()
        # Subscribing keeps it alive beyond its first life.
        while time.monotonic() - start < 0.6:
            sim.subscribe(stream.channel, [user])
            time.sleep(0.02)
        sim.do(f"change {user} BUSY")
        same(stream.json()["topicName"], topic(user))
        same(stream.ended(), 1001)
        same(sim.api("GET", path).status, 404)
        upgrade_refused(sim, stream.channel["connectUri"], 404)
        same(sim.status()["channels"], [])
        sim.do(f"change {user} AWAY")


@test("the events protocol: subscribe by message, no answer, plain events")
def events():
    users = ids()
    with Sim("--rate", "0") as sim:
        stream = sim.events(users[:2])
        check(stream.silent(), "an answer to a subscription")
        sim.do(f"change {users[1]} on_queue", f"change {users[2]} BUSY")
        event = stream.json()
        jsonschema.validate(event, PLAIN_EVENT)
        same((event["userId"], event["state"]), (users[1], "ON_QUEUE"))
        same(event["timestamp"], sim.states()[users[1]]["modifiedDate"])
        stream.send(subscription(users[1:3]))
        until(lambda: sim.status()["subscribedUsers"] == 3, "more users")
        sim.do(f"change {users[2]} AWAY", f"change {users[1]} AWAY")
        same([stream.json()["userId"] for _ in range(2)], [users[2], users[1]])
        check(stream.silent(), "an event twice")


@test("what breaks the tutorial's schema or limits is an error and 1008")
def events_errors():
    users = ids("--users", "20")
    with Sim(
        *("--rate", "0", "--users", "20", "--events-users", "10"),
        *("--events-sends-per-minute", "3"),
    ) as sim:
        good = json.loads(subscription(users[:1]))
        for wrong in (
            "no json",
            "[]",
            json.dumps({**good, "type": "unsubscribe"}),
            json.dumps({**good, "eventTypes": ["weather"]}),
            json.dumps({**good, "eventTypes": "presence"}),
            json.dumps({**good, "filters": {}}),
            json.dumps({**good, "filters": {"userId": [1]}}),
            json.dumps({"type": "subscribe", "filters": good["filters"]}),
            subscription(users[:11]),
        ):
            stream = sim.events(None)
            stream.send(wrong)
            answer = stream.json()
            same(answer["type"], "error", wrong)
            check(answer["message"], wrong)
            same(stream.ended(), 1008)
        stream = sim.events(users[:10])
        stream.send(json.dumps({**good, "more": 1, "eventTypes": []}))
        stream.send(subscription(users[:10]))
        check(stream.silent(), "three sends are allowed")
        stream.send(subscription(users[:1]))
        same(stream.json()["type"], "error")
        same(stream.ended(), 1008)


@test("the events socket needs a good token, and ends with it")
def events_token():
    with Sim("--rate", "0", "--token-life", "0.4") as sim:
        token = sim.token()
        stream = sim.connect(sim.events_uri(token))
        base = sim.events_uri(token).rsplit("=", 1)[0]
        for uri in (base, base.split("?")[0], base + "=nonsense"):
            upgrade_refused(sim, uri, 401)
        same(stream.ended(), 1008)
        refused = upgrade_refused(sim, sim.events_uri(token), 401)
        check(refused.headers["Date"])
        gone = sim.token()
        other = sim.connect(sim.events_uri(gone))
        sim.api("DELETE", "/api/v2/tokens/me", token=gone)
        same(other.ended(), 1008)
    with Sim("--no-events") as sim:
        upgrade_refused(sim, sim.events_uri(), 404)


@test("several connections that want a user all get the event")
def fan_out():
    user = ids()[0]
    with Sim("--rate", "0") as sim:
        streams = [sim.stream([user]), sim.stream([user]), sim.events([user])]
        sim.do(f"change {user} BUSY")
        same(streams[0].json(), streams[1].json())
        same(streams[2].json()["state"], "BUSY")


@test("upgrades that are none are refused")
def bad_upgrades():
    with Sim("--rate", "0") as sim:
        uri = sim.channel()["connectUri"]
        path = uri.split(sim.url.netloc)[1]
        upgrade_refused(sim, uri.replace("streaming", "elsewhere"), 404)
        upgrade_refused(sim, f"ws://{sim.url.netloc}/nowhere", 404)
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
        version = {"Sec-WebSocket-Version": "8", "Sec-WebSocket-Key": "x"}
        same(sim.call("GET", path, headers=upgrade).status, 400)
        answer = sim.call("GET", path, headers={**upgrade, **version})
        same(answer.status, 426)
        same(answer.headers["Sec-WebSocket-Version"], "13")


@test("frames: pings are answered, parts joined, a close is echoed with its code")
def frames():
    with Sim("--rate", "0") as sim:
        stream = sim.stream([], raw=True)
        stream.send_frame(9, b"are you there")
        same(stream.frame(), (True, 10, b"are you there"))
        stream.send_frame(1, b'{"mess', last=False)
        stream.send_frame(9, b"")
        stream.send_frame(0, b'age":', last=False)
        stream.send_frame(0, b'"ping"}')
        same(stream.frame(), (True, 10, b""))
        same(stream.json(), metadata("pong"))
        stream.send_frame(10, b"unasked")
        stream.send_frame(1, b'{"message":"ping","pad":"' + b"x" * 70000 + b'"}')
        same(stream.json(), metadata("pong"))
        stream.send_frame(8, b"\x0f\xa0bye")
        same(stream.frame(), (True, 8, b"\x0f\xa0bye"))
        try:
            stream.take(1)
            raise AssertionError("something behind the close")
        except Closed:
            pass
        # A frame that came together with the request is not lost.
        channel = sim.channel()
        early = Raw(sim, channel["connectUri"], b"\x89\x82\0\0\0\0hi")
        same(early.frame(), (True, 10, b"hi"))
        early.abandon()


@test("frames that no client may send end the connection with the right code")
def bad_frames():
    cases = (
        (lambda s: s.send_frame(1, b"x", mask=None), 1002),
        (lambda s: s.send_frame(3, b"x"), 1002),
        (lambda s: s.send_frame(0, b"x"), 1002),
        (lambda s: s.send_frame(9, b"x" * 126), 1002),
        (lambda s: s.send_frame(9, b"x", last=False), 1002),
        (lambda s: s.socket.sendall(b"\xc1\x80\0\0\0\0"), 1002),
        (lambda s: s.send_frame(2, b"x"), 1003),
        (lambda s: s.socket.sendall(b"\x81\xff" + b"\1" * 12), 1009),
        (lambda s: (s.send_frame(1, b"a", last=False), s.send_frame(1, b"b")), 1002),
    )
    with Sim("--rate", "0", "--max-requests-per-minute", "0") as sim:
        for number, (send, code) in enumerate(cases):
            stream = sim.stream([], raw=True)
            send(stream)
            try:
                stream.recv()
                raise AssertionError(f"case {number}: not closed")
            except Closed as closed:
                same(closed.code, code, f"case {number}")
        until(lambda: sim.status()["connections"] == [], "the end of all")


@test("with --rate max little waits for a reader that does not read")
def slow_reader():
    users = ids()
    with Sim("--rate", "max") as sim:
        channel = sim.channel()
        stream = Raw(sim, channel["connectUri"], buffer=8192)
        sim.closing.append(stream)
        sim.subscribe(channel, users)

        def changes():
            return sim.status()["changes"]

        def stands_still():
            before = changes()
            time.sleep(0.1)
            return changes() == before

        until(stands_still, "an end of the changes")
        waiting = sim.status()["connections"][0]["waitingBytes"]
        check(0 < waiting < 400000, waiting)
        stood = changes()
        for _ in range(2000):
            stream.recv()
        until(lambda: changes() > stood, "more changes")


@test("who lets 64 MiB wait is dropped")
def no_reader():
    with Sim("--rate", "0") as sim:
        stream = Raw(sim, sim.channel()["connectUri"], buffer=8192)
        sim.closing.append(stream)
        sim.do("oversize 30000000", "oversize 30000000")
        same(len(sim.status()["connections"]), 1)
        check(sim.status()["connections"][0]["waitingBytes"] > 50000000)
        sim.do("oversize 30000000")
        until(lambda: sim.status()["connections"] == [], "the end of it")


@test("a hundred connections at once are served")
def many():
    users = ids()
    with Sim("--rate", "0", "--max-channels", "100", "--max-requests-per-minute", "0") as sim:
        streams = [sim.stream(users[:1], raw=True) for _ in range(100)]
        sim.do(f"change {users[0]} BUSY")
        for stream in streams:
            same(stream.json()["topicName"], topic(users[0]))
        same(len(sim.status()["connections"]), 100)
        for stream in streams[:50]:
            stream.abandon()
        until(lambda: len(sim.status()["connections"]) == 50, "half of them gone")


def noise(random, seeds):
    """A good text with something wrong in it."""
    text = bytearray(random.choice(seeds))
    for _ in range(random.randrange(1, 6)):
        at = random.randrange(len(text) + 1)
        kind = random.randrange(4)
        if kind == 0:
            del text[at : at + random.randrange(9)]
        elif kind == 1:
            text[at:at] = bytes(random.randrange(256) for _ in range(random.randrange(9)))
        elif kind == 2:
            text[at:at] = random.choice(seeds)[: random.randrange(60)]
        elif text:
            text[at % len(text)] ^= 1 << random.randrange(8)
    return bytes(text)


@test("noise on every path, as requests, frames and directives, does no harm")
def noise_everywhere():
    random = Random(int(os.environ.get("SEED", "1")))
    rounds = int(os.environ.get("ROUNDS", "300"))
    user = ids()[0]
    with Sim("--rate", "50", "--max-requests-per-minute", "0", "-q", journal=True) as sim:
        bearer = b"Authorization: Bearer " + sim.token().encode() + b"\r\n"
        channel = sim.channel()
        path = f"{CHANNELS}/{channel['id']}/subscriptions?ignoreErrors=true".encode()
        body = json.dumps([{"id": topic(user)}]).encode()
        requests = [
            b"POST /oauth/token HTTP/1.1\r\nContent-Length: 29\r\n\r\n"
            b"grant_type=client_credentials",
            b"GET /api/v2/users/presences/purecloud/bulk?id=%s HTTP/1.1\r\n%s\r\n"
            % (user.encode(), bearer),
            b"PUT %s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s"
            % (path, bearer, len(body), body),
            b"POST /sim/status HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"5\r\nhello\r\n0\r\n\r\n",
            b"GET /channels/x HTTP/1.1\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
        ]
        directives = [
            b"answer any 503 times 1 retry-after 7 header A B body text\n",
            b"delay bulk 0.001 times 1\nhang me times 1\nclear\n",
            b"malform 1 nested\nmangle 1 nul\nfragment 7 1\nreorder 3\nlose 1\n",
            b'change %s "On Queue"\nmessage %s\nraw 8100\nskew -1\nsame-time 1\n'
            % (user.encode(), user.encode()),
            b"heartbeat on\npong off\nprotocol-pong off\nduplicate 2\nno-time 2\n",
        ]
        messages = [
            b'{"message":"ping"}',
            b'{"message":"subscribe","topics":["v2.users.x.presence"]}',
            subscription([user, "x"]).encode(),
        ]
        for _ in range(rounds):
            with socket.create_connection(sim.address) as stream:
                stream.sendall(noise(random, requests))
            sim.call("POST", "/sim/do", noise(random, directives))
            sim.call("POST", "/sim/do", "clear\naccept\nskew 0\nstall 0\nhold\n")
            kind = random.randrange(3)
            uri = channel["connectUri"] if kind else sim.events_uri()
            try:
                with Raw(sim, uri).socket as stream:
                    frame = b"\x81" + bytes([0x80 | len(messages[kind])]) + b"\0\0\0\0"
                    stream.sendall(noise(random, [frame + messages[kind]]))
            except (Closed, OSError, AssertionError):
                # The directives may have ended the channel.
                channel = sim.channel()
        same(sim.call("GET", "/sim/status").status, 200)
        same(sim.stop(), 0)
