"""Directives: what goes wrong when it is asked to."""

import email.utils
import json
import socket
import time

from harness import (
    BULK,
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

USERS = ids()
USER = USERS[0]
PATHS = {
    "channels": ("POST", CHANNELS),
    "channel-list": ("GET", CHANNELS),
    "bulk": ("GET", f"{BULK}?id={USER}"),
    "me": ("GET", "/api/v2/tokens/me"),
    "users": ("GET", "/api/v2/users"),
    "queues": ("GET", "/api/v2/routing/queues"),
    "teams": ("GET", "/api/v2/teams"),
}


def timed_out(function):
    try:
        function()
    except (TimeoutError, socket.timeout):
        return True
    return False


def connect_refused(sim, uri):
    try:
        sim.connect(uri)
    except Refused as refused:
        return refused
    raise AssertionError("the upgrade was not refused")


@test("/sim/do does all or nothing, and names the line that is wrong")
def all_or_nothing():
    with Sim("--rate", "0") as sim:
        same(sim.do("# a comment", "", "lose 1  # really", "clear"), 2)
        for lines, number, word in (
            (["lose 1", "bogus"], 2, "bogus"),
            (["lose"], 1, "lose N"),
            (["lose 1 2"], 1, "lose"),
            (["lose some"], 1, "some"),
            (["stall soon"], 1, "soon"),
            (["close 70000"], 1, "70000"),
            (["malform 1 oddly"], 1, "not-json"),
            (["pong maybe"], 1, "maybe"),
            (["rate quick"], 1, "quick"),
            (["raw xyz"], 1, "xyz"),
            (["change"], 1, "change USERID STATE"),
            (["change x y z"], 1, "'z' is no UUID"),
            (["change x ''" + "y" * 99], 1, "state"),
            (["answer nowhere 500"], 1, "channel-list"),
            (["answer me"], 1, "answer ENDPOINT"),
            (["answer me 99"], 1, "99"),
            (["answer me 500 often"], 1, "often"),
            (["answer me 500 header X"], 1, "header"),
            (["hang me retry-after 1"], 1, "retry-after"),
        ):
            answer = sim.call("POST", "/sim/do", "\n".join(lines))
            same(answer.status, 400, lines)
            error = answer.json()["error"]
            check(error.startswith(f"line {number}: ") and word in error, error)
        same(sim.status()["faults"], [])
    with Sim("--rate", "0", "--strict-users") as sim:
        same(sim.call("POST", "/sim/do", "change nobody BUSY").status, 400)


@test("answer: any endpoint gives any status, as often as asked")
def answer():
    with Sim("--rate", "0", "--max-requests-per-minute", "0") as sim:
        uri = sim.channel()["connectUri"]
        subscriptions = f"{CHANNELS}/{uri.rsplit('/', 1)[1]}/subscriptions"
        for endpoint, (method, path) in {
            **PATHS,
            "subscriptions": ("GET", subscriptions),
        }.items():
            sim.do(f"answer {endpoint} 503")
            got = sim.api(method, path)
            same((got.status, got.json()["code"]), (503, "service.unavailable"))
            same(sim.api(method, path).status, 200)
        sim.do("answer token 503 times 2")
        same([sim.token_call().status for _ in range(3)], [503, 503, 200])
        sim.do("answer upgrade 429 retry-after 7")
        refused = connect_refused(sim, uri)
        same((refused.status, refused.headers["Retry-After"]), (429, "7"))
        sim.connect(uri)
        sim.do("answer any 418 times 0")
        same(sim.api("GET", "/api/v2/date").status, 418)
        same(sim.token_call().status, 418)
        same(connect_refused(sim, uri).status, 418)
        sim.do("clear")
        same(sim.api("GET", "/api/v2/date").status, 200)


@test("answer: Retry-After, headers, redirects and bodies are what was asked for")
def answer_details():
    with Sim("--rate", "0") as sim:
        when = "Wed, 21 Oct 2099 07:28:00 GMT"
        sim.do(
            f'answer me 429 retry-after "{when}"',
            "answer me 302 header Location http://elsewhere.test/",
            "answer me 502 header Retry-After 1 header Retry-After 2 "
            "body <html>Bad   gateway</html>",
            'answer me 200 body {"no":["sense"]}',
            "answer me 200 body",
        )
        got = [sim.api("GET", "/api/v2/tokens/me") for _ in range(6)]
        same([one.status for one in got], [429, 302, 502, 200, 200, 200])
        same(got[0].headers["Retry-After"], when)
        same(got[1].headers["Location"], "http://elsewhere.test/")
        same(got[2].headers.get_all("Retry-After"), ["1", "2"])
        same(got[2].body, b"<html>Bad   gateway</html>")
        same(got[2].headers["Content-Type"], "text/html")
        same(got[3].json(), {"no": ["sense"]})
        same(got[4].body, b"")
        check("OAuthClient" in got[5].json())


@test("hang and delay: no answer, or a late one, on any endpoint")
def hang_and_delay():
    with Sim("--rate", "0") as sim:
        uri = sim.channel()["connectUri"]
        sim.do("hang bulk", "hang token")
        check(timed_out(lambda: sim.api(*PATHS["bulk"], timeout=0.2)))
        check(timed_out(lambda: sim.token_call(timeout=0.2)))
        same(sim.api(*PATHS["bulk"]).status, 200)
        sim.do("delay me 0.3", "answer me 500")
        start = time.monotonic()
        same(sim.api(*PATHS["me"]).status, 500)
        check(time.monotonic() - start >= 0.29, "no delay")
        sim.do("delay upgrade 0.3 times 1")
        start = time.monotonic()
        sim.connect(uri)
        check(time.monotonic() - start >= 0.29, "no delay")
        sim.do("hang upgrade")
        raw = Raw(sim, uri, wait=False)
        check(raw.silent(0.3))
        raw.abandon()
        # A client that gives up while it is delayed does no harm.
        sim.do("delay me 0.2")
        check(timed_out(lambda: sim.api(*PATHS["me"], timeout=0.05)))
        time.sleep(0.25)
        same(sim.api(*PATHS["me"]).status, 200)


@test("go, hold and rate steer the changes")
def steering():
    with Sim("--rate", "max", "--hold") as sim:
        stream = sim.stream(USERS, raw=True)
        sim.do("rate 100", "go")
        for _ in range(10):
            stream.recv()
        sim.do("hold")
        before = sim.status()["changes"]
        check(10 <= before < 60, before)
        time.sleep(0.1)
        same(sim.status()["changes"], before)
        sim.do("rate max", "go")
        until(lambda: sim.status()["changes"] > before + 500, "full speed")
        sim.do("rate 0")
        before = sim.status()["changes"]
        time.sleep(0.05)
        same(sim.status()["changes"], before)


@test("change and message make one event each, of any state and definition")
def change():
    definition = "11111111-2222-4333-8444-555555555555"
    with Sim("--rate", "0") as sim:
        stream = sim.stream(USERS[:1])
        sim.do(
            f"change {USER} OnQueue",
            f"message {USER}",
            f"change {USER.upper()} on_queue {definition}",
            f'change {USER} "Out To Lunch"',
        )
        bodies = [stream.json()["eventBody"] for _ in range(4)]
        same(
            [body["presenceDefinition"]["systemPresence"] for body in bodies],
            ["ON_QUEUE", "ON_QUEUE", "ON_QUEUE", "OUT_TO_LUNCH"],
        )
        same(bodies[2]["presenceDefinition"]["id"], definition)
        check(bodies[1]["message"] and not bodies[0]["message"])
        same(
            bodies[0]["presenceDefinition"]["id"], bodies[1]["presenceDefinition"]["id"]
        )
        row = sim.api(*PATHS["bulk"]).json()[0]
        same(row["presenceDefinition"]["systemPresence"], "Out To Lunch")
        same(row["modifiedDate"], bodies[3]["modifiedDate"])


@test("drop severs without a close frame, all or the oldest; reset by RST")
def drop():
    with Sim("--rate", "0") as sim:
        one, two, three = (sim.stream(USERS[:1], raw=True) for _ in range(3))
        sim.do("drop 1")
        try:
            one.take(1)
            raise AssertionError("bytes before the end")
        except Closed:
            pass
        until(lambda: len(sim.status()["connections"]) == 2, "one less")
        sim.do("reset 1")
        try:
            two.take(1)
            raise AssertionError("bytes before the reset")
        except ConnectionResetError:
            pass
        sim.do("drop")
        try:
            three.take(1)
            raise AssertionError("bytes before the end")
        except Closed:
            pass
        library = sim.stream(USERS[:1])
        sim.do("drop")
        same(library.ended(), 1006)
        # The channel outlives its socket.
        again = sim.connect(library.channel["connectUri"])
        sim.do(f"change {USER} BUSY")
        same(again.json()["topicName"], topic(USER))


@test("close sends any code, also those that none may send")
def close():
    with Sim("--rate", "0", "--max-requests-per-minute", "0") as sim:
        for code, reason in (
            (1000, ""),
            (1001, "going away"),
            (1012, "service restart"),
            (1013, "try again later"),
            (1006, "never on the wire"),
            (0, ""),
            (999, ""),
            (5000, "x" * 200),
        ):
            stream = sim.stream([], raw=True)
            sim.do(f"close {code} {reason}")
            same(
                stream.frame(),
                (True, 8, code.to_bytes(2, "big") + reason[:123].encode()),
            )
            stream.send_frame(8, code.to_bytes(2, "big"))
            try:
                stream.take(1)
                raise AssertionError("not the end")
            except Closed:
                pass
        # Who does not answer a close frame is cut off all the same.
        stream = sim.stream([], raw=True)
        sim.do("close 1011")
        stream.frame()
        until(lambda: sim.status()["connections"] == [], "the end")


@test("half-open: the socket stays, but nothing comes and nothing is read")
def half_open():
    with Sim("--rate", "0", "--heartbeat", "0.05", journal=True) as sim:
        stream = sim.stream(USERS[:1], raw=True)
        stream.recv()
        sim.do("half-open")
        same(sim.status()["connections"][0]["halfOpen"], True)
        same(sim.status()["subscribedUsers"], 0)
        while not stream.silent(0.1):
            stream.recv()
        stream.send_frame(9, b"hello?")
        sim.do(f"change {USER} BUSY")
        check(stream.silent(0.2), "something came")
        until(lambda: sim.changes(), "the journal")
        same(sim.changes()[0]["delivered"], [])
        # A new socket works, and ends the old one.
        again = sim.connect(stream.channel["connectUri"], raw=True)
        sim.do(f"change {USER} AWAY")
        check(any(again.json()["topicName"] == topic(USER) for _ in range(5)))
        same(len(until(lambda: sim.status()["connections"], "one")), 1)


@test("stall holds all messages back, and then lets all go")
def stall():
    with Sim("--rate", "0") as sim:
        stream = sim.stream(USERS[:1])
        sim.do("stall 0.4")
        start = time.monotonic()
        sim.do(*[f"change {USER} BUSY", f"change {USER} AWAY"] * 5)
        for _ in range(10):
            stream.json()
        check(time.monotonic() - start > 0.35, "it did not stall")
        stream.ping()


@test("refuse closes the door, for a time or until accept; sockets live on")
def refuse():
    with Sim("--rate", "0") as sim:
        stream = sim.stream(USERS[:1])
        control = sim.connection()

        def do(text):
            control.request("POST", "/sim/do", text)
            answer = control.getresponse()
            same(answer.status, 200, answer.read())
            answer.read()

        def is_refused():
            try:
                sim.status()
            except ConnectionRefusedError:
                return True
            return False

        do("refuse 0.3")
        check(is_refused())
        until(lambda: not is_refused(), "the door opens")
        do("refuse")
        check(is_refused())
        do(f"change {USER} BUSY")
        same(stream.json()["topicName"], topic(USER))
        time.sleep(0.1)
        check(is_refused())
        do("accept")
        check(not is_refused())
        control.close()


@test("expire-tokens and expire-channels end what there is")
def expire():
    with Sim("--rate", "0") as sim:
        stream = sim.stream(USERS[:1])
        other = sim.events(USERS[:1])
        sim.do("expire-tokens")
        same(other.ended(), 1008)
        answer = sim.api("GET", "/api/v2/tokens/me")
        same((answer.status, answer.json()["code"]), (401, "credentials.expired"))
        sim.do(f"change {USER} BUSY")
        same(stream.json()["topicName"], topic(USER))
        sim.do("expire-channels")
        same(stream.ended(), 1001)
        sim.secret = None
        same(sim.api("HEAD", f"{CHANNELS}/{stream.channel['id']}").status, 404)


@test("closing announces the end of channels' sockets, and keeps the word")
def closing():
    with Sim("--rate", "0") as sim:
        stream = sim.stream(USERS[:1])
        other = sim.events(USERS[:1])
        start = time.monotonic()
        sim.do("closing 0.3")
        notice = stream.json()
        same(notice["topicName"], "v2.system.socket_closing")
        later = sim.connect(sim.channel()["connectUri"])
        sim.do(f"change {USER} BUSY")
        same(stream.json()["topicName"], topic(USER))
        same(stream.ended(), 1001)
        check(0.28 < time.monotonic() - start < 2, "not when it was announced")
        other.recv()
        check(other.silent() and later.silent(), "others are not concerned")
        again = sim.connect(stream.channel["connectUri"])
        sim.do(f"change {USER} AWAY", "closing")
        same(again.json()["topicName"], topic(USER))
        same(again.json()["topicName"], "v2.system.socket_closing")
        check(again.silent(), "a minute is longer")


@test("displace tells every channel that it is another's now, and ends it")
def displace():
    with Sim("--rate", "0") as sim:
        stream = sim.stream(USERS[:1])
        sim.channel()
        sim.do("displace")
        notice = stream.json()
        check(notice["topicName"].startswith("v2.system.no_longer_subscribed."))
        same(notice["eventBody"]["reason"], "another_channel_subscribed")
        same(stream.ended(), 1000)
        same(sim.status()["channels"], [])


@test("reject and forget take a user away")
def reject_and_forget():
    with Sim("--rate", "0") as sim:
        sim.do(f"reject {USER}", f"forget {USERS[1]}")
        channel = sim.channel()
        path = f"{CHANNELS}/{channel['id']}/subscriptions"
        body = [{"id": topic(user)} for user in USERS[:2]]
        answer = sim.api("PUT", path + "?ignoreErrors=true", body).json()
        same([e["state"] for e in answer["entities"]], ["Rejected", "Permitted"])
        check(answer["entities"][0]["missingPermissions"][0])
        rows = sim.api("GET", f"{BULK}?id={','.join(USERS[:3])}").json()
        same({row["userId"] for row in rows}, {USER, USERS[2]})
        single = f"/api/v2/users/{USERS[1]}/presences/purecloud"
        same(sim.api("GET", single).status, 404)
        # The events protocol says nothing, and sends nothing.
        events = sim.connect(sim.events_uri())
        events.send(subscription(USERS[:2]))
        until(lambda: sim.status()["subscribedUsers"] == 1, "the other one")
        sim.do(f"change {USER} BUSY", f"change {USERS[1]} BUSY")
        same(events.json()["userId"], USERS[1])


def states(stream, count):
    return [
        stream.json()["eventBody"]["presenceDefinition"]["systemPresence"]
        for _ in range(count)
    ]


def changes(*names):
    return [f"change {USER} {name}" for name in names]


@test("duplicate, reorder and lose do so to the next events")
def duplicate_reorder_lose():
    with Sim("--rate", "0", journal=True) as sim:
        stream = sim.stream(USERS[:1])
        # An event that nobody hears uses nothing up.
        sim.do("duplicate 2", f"change {USERS[1]} BUSY")
        sim.do(*changes("BUSY", "AWAY", "MEAL"))
        same(states(stream, 5), ["BUSY", "BUSY", "AWAY", "AWAY", "MEAL"])
        sim.do("reorder 4", *changes("BUSY", "AWAY", "MEAL", "IDLE", "BREAK"))
        same(states(stream, 5), ["AWAY", "BUSY", "IDLE", "MEAL", "BREAK"])
        # The one that waits for another is not kept for ever.
        sim.do("reorder 1", *changes("BUSY"))
        check(stream.silent(), "it does not wait")
        sim.do("reorder 1", *changes("IDLE"))
        start = time.monotonic()
        same(set(states(stream, 1)) - {"BUSY", "IDLE"}, set())
        check(time.monotonic() - start < 2)
        stream.silent(0.05)
        sim.do("lose 2", *changes("BUSY", "AWAY", "MEAL"))
        same(states(stream, 1), ["MEAL"])
        until(lambda: len(sim.changes()) == 14, "the journal")
        same([row["delivered"] for row in sim.changes()[-3:]], [False, False, [1]])


BAD_KINDS = (
    "not-json truncated empty array nested bad-utf8 nul binary no-topic "
    "wrong-types unknown-topic"
).split()


def is_broken(kind, opcode, payload, mark):
    """Whether a message is bad in the way that its kind says."""
    if kind == "binary":
        return opcode == 2 and json.loads(payload)
    if opcode != 1:
        return False
    if kind == "empty":
        return payload == b""
    if kind == "nul":
        return b"a\0b" in payload
    if kind == "bad-utf8":
        try:
            payload.decode()
        except UnicodeDecodeError:
            return True
        return False
    if kind in ("not-json", "truncated"):
        try:
            json.loads(payload)
        except ValueError:
            return True
        return False
    if kind == "nested":
        return payload.count(b"[") > 1000
    got = json.loads(payload)
    if kind == "array":
        return isinstance(got, list)
    if kind == "no-topic":
        return not {"topicName", "userId"} & set(got)
    if kind == "unknown-topic":
        return "weather" in got.get("topicName", got.get("eventType"))
    return kind == "wrong-types" and mark in got


@test("malform puts a bad message of each kind in front of events")
def malform():
    with Sim("--rate", "0") as sim:
        for stream, mark in (
            (sim.stream(USERS[:1], raw=True), "topicName"),
            (sim.events(USERS[:1], raw=True), "eventType"),
        ):
            for kind in BAD_KINDS:
                sim.do(f"malform 1 {kind}", *changes("BUSY", "AWAY"))
                _, opcode, payload = stream.frame()
                check(is_broken(kind, opcode, payload, mark), (kind, payload[:200]))
                check(mark in stream.json() and mark in stream.json(), kind)
            sim.do("drop 1")


@test("mangle breaks the event itself, and the journal knows")
def mangle():
    with Sim("--rate", "0", journal=True) as sim:
        stream = sim.stream(USERS[:1], raw=True)
        for kind in BAD_KINDS:
            sim.do(f"mangle 1 {kind}", *changes("BUSY", "AWAY"))
            _, opcode, payload = stream.frame()
            check(is_broken(kind, opcode, payload, "topicName"), (kind, payload[:99]))
            same(states(stream, 1), ["AWAY"])
        count = 2 * len(BAD_KINDS)
        until(lambda: len(sim.changes()) == count, "the journal")
        same(
            [row["delivered"] for row in sim.changes()], [False, [1]] * len(BAD_KINDS)
        )


@test("oversize sends one message of that size, valid but of another topic")
def oversize():
    with Sim("--rate", "0") as sim:
        for stream in (sim.stream(USERS[:1]), sim.events(USERS[:1])):
            sim.do("oversize 3000000")
            text = stream.recv()
            same(len(text), 3000000)
            json.loads(text)
            sim.do("oversize 200")
            same(len(stream.recv()), 200)
            sim.do("drop")


@test("fragment cuts messages into frames, with a ping between two")
def fragment():
    with Sim("--rate", "0") as sim:
        stream = sim.stream(USERS[:1], raw=True)
        sim.do("fragment 100 2", *changes("BUSY", "AWAY", "MEAL"))
        for _ in range(2):
            sizes, opcodes, whole = [], [], b""
            last = False
            while not last or opcodes[-1] == 9:
                last, opcode, payload = stream.frame()
                opcodes.append(opcode)
                if opcode != 9:
                    sizes.append(len(payload))
                    whole += payload
            check(max(sizes) == 100 and len(sizes) > 3, sizes)
            same(opcodes, [1, 9] + [0] * (len(sizes) - 1))
            json.loads(whole)
        same(stream.frame()[:2], (True, 1))
        library = sim.stream(USERS[:1])
        sim.do("fragment 1 1", *changes("IDLE"))
        same(states(library, 1), ["IDLE"])


@test("raw sends these bytes, whatever they are")
def raw_bytes():
    with Sim("--rate", "0") as sim:
        stream = sim.stream([], raw=True)
        sim.do("raw 8103616263FFfe00")
        same(stream.take(8), b"\x81\x03abc\xff\xfe\0")


@test("heartbeat, pong and protocol-pong can be switched off and on")
def switches():
    pong = {"topicName": "channel.metadata", "eventBody": {"message": "pong"}}
    with Sim("--rate", "0", "--heartbeat", "0.1") as sim:
        sim.do("heartbeat off")
        stream = sim.stream([], raw=True)
        check(stream.silent(0.3), "a heartbeat")
        sim.do("pong off", "protocol-pong off")
        stream.send('{"message":"ping"}')
        stream.send_frame(9, b"x")
        check(stream.silent(0.2), "a pong")
        later = sim.stream([], raw=True)
        later.send_frame(9, b"y")
        check(later.silent(0.2), "a pong for a later connection")
        sim.do("pong on", "protocol-pong on")
        stream.send('{"message":"ping"}')
        same(stream.json(), pong)
        stream.send_frame(9, b"z")
        same(stream.frame(), (True, 10, b"z"))
        sim.do("heartbeat on")
        same(stream.json()["eventBody"]["message"], "WebSocket Heartbeat")


@test("skew moves the simulator's clock, in all that it says")
def skew():
    with Sim("--rate", "0") as sim:
        for seconds in (7200, -7200.5):
            stream = sim.stream(USERS[:1])
            sim.do(f"skew {seconds}", *changes("BUSY"))
            answer = sim.api("GET", "/api/v2/date")
            date = email.utils.parsedate_to_datetime(answer.headers["Date"])
            check(abs(date.timestamp() - time.time() - seconds) < 3, date)
            check(sim.channel()["expires"] > answer.json()["currentDate"])
            stamp = stream.json()["eventBody"]["modifiedDate"]
            if seconds > 0:
                same(stamp[:13], answer.json()["currentDate"][:13])
                first = stamp
            else:
                check(stamp > first, "a user's time went back")


@test("same-time repeats a user's last time, no-time leaves it out")
def times():
    with Sim("--rate", "0") as sim:
        stream = sim.stream(USERS[:1])
        events = sim.events(USERS[:1])
        sim.do(*changes("BUSY"), "same-time 2", *changes("AWAY", "MEAL", "IDLE"))
        got = [stream.json()["eventBody"]["modifiedDate"] for _ in range(4)]
        check(got[0] == got[1] == got[2] < got[3], got)
        same([events.json()["timestamp"] for _ in range(4)], got)
        sim.do("no-time 1", *changes("BUSY", "AWAY"))
        body = stream.json()["eventBody"]
        check("modifiedDate" not in body and "presenceDefinition" in body)
        check("modifiedDate" in stream.json()["eventBody"])
        check("timestamp" not in events.json())
        check("timestamp" in events.json())


@test("a script does its lines at their time from the first connection")
def script():
    text = f"""
# At once:
answer me 503
at 0.3s change {USER} MEAL   # third
at 0.1 change {USER} BUSY
at 100ms hold
"""
    text = text.replace("at 100ms hold\n", f"at 0 change {USER} AWAY\n")
    with Sim("--rate", "0", script=text) as sim:
        same(sim.api("GET", "/api/v2/tokens/me").status, 503)
        channel = sim.channel()
        sim.subscribe(channel, [USER])
        time.sleep(0.2)
        same(sim.status()["events"], 0)
        start = time.monotonic()
        stream = sim.connect(channel["connectUri"])
        same(states(stream, 3), ["AWAY", "BUSY", "MEAL"])
        check(0.25 < time.monotonic() - start < 2, "not at its time")
