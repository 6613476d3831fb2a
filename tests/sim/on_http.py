"""OAuth and REST."""

import json
import subprocess
import time

import jsonschema
from harness import (
    BULK,
    CHANNELS,
    PAIR,
    Sim,
    check,
    http_raw,
    ids,
    same,
    test,
    topic,
    until,
)

ERROR = {
    "type": "object",
    "required": ["message", "code", "status", "contextId", "details", "errors"],
    "properties": {
        "message": {"type": "string", "minLength": 1},
        "code": {"type": "string", "minLength": 1},
        "status": {"type": "integer"},
        "contextId": {"type": "string", "minLength": 36},
        "details": {"type": "array"},
        "errors": {"type": "array"},
    },
}
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
PRESENCE = {
    "type": "object",
    "required": ["source", "presenceDefinition", "message", "modifiedDate"],
    "properties": {
        "source": {"const": "PURECLOUD"},
        "presenceDefinition": {
            "type": "object",
            "required": ["id", "systemPresence"],
            "properties": {"systemPresence": {"type": "string"}},
        },
        "message": {"type": "string"},
        "modifiedDate": {"type": "string", "pattern": TIME},
    },
}
STRANGER = "0f0f0f0f-1111-4222-8333-444444444444"


def refused(answer, status, code):
    same(answer.status, status, answer.body)
    body = answer.json()
    jsonschema.validate(body, ERROR)
    same((body["status"], body["code"]), (status, code))
    return answer


@test("a token is given for Basic credentials, and for a form as the tutorial's")
def tokens():
    with Sim("--rate", "0") as sim:
        answer = sim.token_call()
        same(answer.status, 200)
        body = answer.json()
        same(list(body), ["access_token", "token_type", "expires_in"])
        same((body["token_type"], body["expires_in"]), ("bearer", 86399))
        check(len(body["access_token"]) > 40)
        check(answer.headers["Date"].endswith(" GMT"))
        form = "grant_type=client_credentials&scope=presence%3Aread&" + PAIR
        other = sim.call("POST", "/oauth/token", form)
        same(other.status, 200)
        check(other.json()["access_token"] != body["access_token"])
        same(sim.status()["tokensIssued"], 2)
    with Sim("--scope", "presence:read") as sim:
        same(sim.token_call().json()["scope"], "presence:read")


@test("wrong credentials are 400 or 401, by what is wrong, in OAuth's shape")
def token_errors():
    with Sim() as sim:
        answer = sim.token_call(name="nobody")
        same(answer.status, 400)
        same(
            answer.json(),
            {
                "error": "invalid_client",
                "description": "client not found: invalid_client",
            },
        )
        answer = sim.token_call("wrong")
        same(answer.status, 401)
        same(
            answer.json(),
            {
                "error": "invalid_client",
                "description": "authentication failed: invalid_client",
            },
        )
        same(sim.token_call(body="").status, 400)
        same(sim.token_call(body="grant_type=password").status, 400)
        same(
            sim.call("POST", "/oauth/token", "grant_type=client_credentials").status,
            401,
        )
        same(
            sim.call(
                "POST",
                "/oauth/token",
                "grant_type=client_credentials",
                {"Authorization": "Basic !!!"},
            ).status,
            400,
        )


@test("too many requests for tokens are 400 with 'rate limit exceeded'")
def token_limit():
    with Sim("--max-token-requests-per-minute", "2") as sim:
        same([sim.token_call().status for _ in range(3)], [200, 200, 400])
        check(b"rate limit exceeded" in sim.token_call().body)


@test("a request without a good token is 401, and says why")
def credentials():
    with Sim("--token-life", "0.3") as sim:
        for headers in ({}, {"Authorization": "Basic abc"}):
            refused(
                sim.call("GET", "/api/v2/date", headers=headers),
                401,
                "authentication.required",
            )
        refused(sim.api("GET", "/api/v2/date", token="x"), 401, "bad.credentials")
        short = sim.token()
        same(sim.api("GET", "/api/v2/date", token=short).status, 200)
        until(
            lambda: sim.api("GET", "/api/v2/date", token=short).status == 401,
            "the end of the token",
        )
        refused(sim.api("GET", "/api/v2/date", token=short), 401, "credentials.expired")
        gone = sim.token()
        same(sim.api("DELETE", "/api/v2/tokens/me", token=gone).status, 200)
        refused(sim.api("GET", "/api/v2/date", token=gone), 401, "bad.credentials")


@test("tokens/me, date and availabletopics answer as the service does")
def small_routes():
    with Sim() as sim:
        me = sim.api("GET", "/api/v2/tokens/me")
        same(me.json()["OAuthClient"]["id"], "sim-client")
        check(me.json()["organization"]["id"])
        head = sim.api("HEAD", "/api/v2/tokens/me")
        same((head.status, head.body), (200, b""))
        same(len(head.headers["ININ-Correlation-Id"]), 36)
        date = sim.api("GET", "/api/v2/date").json()["currentDate"]
        check(date.startswith(time.strftime("%Y-%m-%dT%H:", time.gmtime())), date)
        path = "/api/v2/notifications/availabletopics"
        same(
            sim.api("GET", path).json(), {"entities": [{"id": "v2.users.{id}.presence"}]}
        )
        full = sim.api(
            "GET", path + "?expand=transports,enforced&expand=permissionDetails"
        )
        entity = full.json()["entities"][0]
        same(entity["enforced"], True)
        same(entity["permissionDetails"], [])
        check("Websocket" in entity["transports"])


@test("the budget of a minute is shown, and then 429 with Retry-After")
def budget():
    with Sim("--max-requests-per-minute", "3") as sim:
        for used in (1, 2, 3):
            answer = sim.api("GET", "/api/v2/date")
            same(answer.status, 200)
            same(answer.headers["inin-ratelimit-count"], str(used))
            same(answer.headers["inin-ratelimit-allowed"], "3")
            check(55 <= int(answer.headers["inin-ratelimit-reset"]) <= 60)
        answer = sim.api("GET", "/api/v2/date")
        refused(answer, 429, "too.many.requests.retry.after")
        wait = int(answer.headers["Retry-After"])
        check(55 <= wait <= 60, wait)
        same(
            answer.json()["message"],
            "Rate limit exceeded the maximum. Retry the request in "
            f"[{wait}] seconds",
        )
        # Each token has its own, and the simulator's own paths have none.
        same(sim.api("GET", "/api/v2/date", token=sim.token()).status, 200)
        sim.status()
    with Sim("--max-requests-per-minute", "0") as sim:
        answer = sim.api("GET", "/api/v2/date")
        check("inin-ratelimit-count" not in answer.headers)


@test("bulk presence: a bare array, REST's spelling, in an order of its own")
def bulk():
    users = ids("--users", "40")
    with Sim("--rate", "0", "--users", "40", "--initial", "ON_QUEUE") as sim:
        rows = sim.api("GET", BULK + "?" + "&".join("id=" + u for u in users)).json()
        got = [row["userId"] for row in rows]
        same(sorted(got), sorted(users))
        check(got != users and got != sorted(users), "the order tells something")
        for row in rows:
            jsonschema.validate(row, PRESENCE)
        same(
            rows[0]["presenceDefinition"],
            {
                "id": "e08eaf1b-ee47-4fa9-a231-1200e284798f",
                "systemPresence": "On Queue",
            },
        )
        states = sim.states()
        same(rows[0]["modifiedDate"], states[got[0]]["modifiedDate"])
        again = sim.api("GET", BULK + "?id=" + ",".join(reversed(users))).json()
        same([row["userId"] for row in again], got)
        twice = sim.api("GET", f"{BULK}?id={users[0]}&id={users[0].upper()}").json()
        same([row["userId"] for row in twice], [users[0]])


@test("bulk presence takes 50 IDs and not one more")
def bulk_limits():
    with Sim("--users", "51", "--rate", "0") as sim:
        users = ids("--users", "51")
        same(len(sim.api("GET", BULK + "?id=" + ",".join(users[:50])).json()), 50)
        refused(sim.api("GET", BULK + "?id=" + ",".join(users)), 400, "bad.request")
        refused(sim.api("GET", BULK), 400, "bad.request")
    with Sim("--max-bulk", "2", "--rate", "0") as sim:
        path = BULK + "?id=" + ",".join(ids()[:3])
        refused(sim.api("GET", path), 400, "bad.request")


@test("an unknown ID becomes a user, or is nobody with --strict-users")
def strangers():
    single = f"/api/v2/users/{STRANGER}/presences/purecloud"
    with Sim("--rate", "0") as sim:
        rows = sim.api("GET", f"{BULK}?id={STRANGER.upper()}&id=not-a-uuid").json()
        same([row["userId"] for row in rows], [STRANGER])
        row = sim.api("GET", single).json()
        jsonschema.validate(row, PRESENCE)
        check("userId" not in row)
        check(STRANGER in sim.states())
        refused(
            sim.api("GET", "/api/v2/users/nobody/presences/purecloud"), 404, "not.found"
        )
        events = sim.events(["any.id", "agent-7"])
        sim.do("change agent-7 BUSY")
        same(events.json()["userId"], "agent-7")
    with Sim("--rate", "0", "--strict-users") as sim:
        same(sim.api("GET", f"{BULK}?id={STRANGER}&id={ids()[0]}").json()[0]["userId"], ids()[0])
        refused(sim.api("GET", single), 404, "not.found")
        channel = sim.channel()
        answer = sim.api(
            "PUT",
            f"{CHANNELS}/{channel['id']}/subscriptions?ignoreErrors=true",
            [{"id": topic(STRANGER)}],
        )
        same(answer.json()["entities"][0]["state"], "Rejected")
        same(sim.status()["users"], 12)


@test("a channel has an ID, a connectUri and an end; lists hide what is not one's own")
def channels():
    with Sim("--rate", "0") as sim:
        answer = sim.api("POST", CHANNELS)
        channel = answer.json()
        same(list(channel), ["id", "connectUri", "expires"])
        check(channel["id"].startswith("streaming-"))
        same(
            channel["connectUri"], f"ws://{sim.url.netloc}/channels/{channel['id']}"
        )
        same(sim.api("GET", CHANNELS).json(), {"entities": [channel]})
        path = f"{CHANNELS}/{channel['id']}"
        head = sim.api("HEAD", path)
        same((head.status, head.body), (200, b""))
        same(sim.api("HEAD", CHANNELS + "/none").status, 404)
        other = sim.token()
        same(sim.api("GET", CHANNELS, token=other).json(), {"entities": []})
        hidden = sim.api("GET", CHANNELS + "?includechannels=oauthclient", token=other)
        same(hidden.json(), {"entities": [{"expires": channel["expires"]}]})
        # A client that came by another name finds the socket by it.
        named = sim.api("POST", CHANNELS, headers={"Host": "sim.test:99"})
        check(named.json()["connectUri"].startswith("ws://sim.test:99/"))


@test("topics: POST adds, PUT replaces, GET lists, DELETE removes; case is ignored")
def topics():
    users = ids()
    with Sim("--rate", "0") as sim:
        channel = sim.channel()
        path = f"{CHANNELS}/{channel['id']}/subscriptions"

        def listed():
            entities = sim.api("GET", path).json()["entities"]
            same({entity["state"] for entity in entities} - {"Permitted"}, set())
            return [entity["id"] for entity in entities]

        same(listed(), [])
        answer = sim.subscribe(channel, users[:2], "POST")
        same(
            answer,
            {"entities": [{"id": topic(u), "state": "Permitted"} for u in users[:2]]},
        )
        sim.subscribe(channel, [users[1].upper(), users[2]], "POST")
        same(listed(), [topic(user) for user in users[:3]])
        sim.subscribe(channel, users[3:5], "PUT")
        same(listed(), [topic(user) for user in users[3:5]])
        same(sim.api("DELETE", path).status, 204)
        same(listed(), [])
        for body in ("", "{}", "[1]", '[{"name":"x"}]', "[", "null"):
            refused(sim.api("PUT", path, body), 400, "bad.request")
        refused(sim.api("PUT", CHANNELS + "/none/subscriptions", []), 404, "not.found")


@test("one refused topic refuses all, unless errors are to be ignored")
def refused_topics():
    users = ids()
    with Sim("--rate", "0") as sim:
        sim.do(f"reject {users[1]} a:b:c")
        channel = sim.channel()
        path = f"{CHANNELS}/{channel['id']}/subscriptions"
        body = [{"id": topic(user)} for user in users[:3]]
        answer = refused(sim.api("PUT", path, body), 403, "missing.permissions")
        check("a:b:c" in answer.json()["message"])
        same(sim.api("GET", path).json()["entities"], [])
        entities = sim.api("PUT", path + "?ignoreErrors=true", body).json()["entities"]
        same([e["state"] for e in entities], ["Permitted", "Rejected", "Permitted"])
        same(entities[1]["missingPermissions"], ["a:b:c"])
        check(entities[1]["rejectionReason"])
        same(len(sim.api("GET", path).json()["entities"]), 2)
        for wrong in (
            "nonsense",
            "v2.users.not-a-uuid.presence",
            f"v2.users.{users[0]}.weather",
            f"v2.users.{users[0]}?presence&weather",
            topic(users[0]) + "x" * 200,
        ):
            refused(sim.api("POST", path, [{"id": wrong}]), 403, "not.authorized")


@test("a channel takes as many topics as are allowed, and then 400")
def topic_limit():
    users = ids("--users", "30")
    with Sim("--rate", "0", "--users", "30", "--max-topics", "10") as sim:
        channel = sim.channel()
        path = f"{CHANNELS}/{channel['id']}/subscriptions"
        sim.subscribe(channel, users[:10])
        body = [{"id": topic(users[10])}]
        refused(sim.api("POST", path, body), 400, "bad.request")
        # What is there already does not count twice.
        sim.subscribe(channel, users[:5], "POST")
        sim.subscribe(channel, users[10:20], "PUT")
        many = [{"id": topic(user)} for user in users[:11]]
        refused(sim.api("PUT", path, many), 400, "bad.request")
        same(len(sim.api("GET", path).json()["entities"]), 10)
    with Sim("--rate", "0", "--users", "1000") as sim:
        channel = sim.channel()
        same(len(sim.subscribe(channel, ids("--users", "1000"))["entities"]), 1000)


@test("each subscription gives a channel its whole life again")
def extension():
    with Sim("--rate", "0", "--channel-life", "100") as sim:
        channel = sim.channel()
        path = f"{CHANNELS}/{channel['id']}/subscriptions"

        def expires():
            return sim.api("GET", CHANNELS).json()["entities"][0]["expires"]

        last = channel["expires"]
        for method in ("POST", "PUT"):
            time.sleep(0.01)
            sim.api(method, path, [{"id": topic(ids()[0])}])
            check(expires() > last, method)
            last = expires()


@test("--no-notifications answers 404 for all of the Notifications API")
def without_notifications():
    with Sim("--no-notifications") as sim:
        refused(sim.api("POST", CHANNELS), 404, "not.found")
        refused(
            sim.api("GET", "/api/v2/notifications/availabletopics"), 404, "not.found"
        )
        same(sim.api("GET", "/api/v2/date").status, 200)


@test("unknown paths, methods and versions are refused by their own status")
def odd_requests():
    with Sim("--rate", "0") as sim:
        refused(sim.api("GET", "/api/v2/nothing"), 404, "not.found")
        refused(sim.call("GET", "/api/v2/nothing"), 401, "authentication.required")
        refused(sim.api("PATCH", "/api/v2/date"), 405, "method.not.allowed")
        refused(
            sim.api("GET", f"{CHANNELS}/{sim.channel()['id']}"),
            405,
            "method.not.allowed",
        )
        refused(sim.call("GET", "/channels/x"), 426, "upgrade.required")
        same(sim.call("GET", "/").status, 404)
        for text, status in (
            (b"nonsense\r\n\r\n", 400),
            (b"GET / HTTP/2.0\r\n\r\n", 505),
            (b"GET http://x/ HTTP/1.1\r\n\r\n", 400),
            (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
            (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
            (b"GET / HTTP/1.1\r\nX: " + b"x" * 70000 + b"\r\n\r\n", 431),
        ):
            got = http_raw(sim, text)
            check(got.startswith(b"HTTP/1.1 %d " % status), (text[:40], got[:60]))


@test("HTTP works as people use it: without a length, in chunks, in a row, by 1.0")
def http_itself():
    with Sim("--rate", "0") as sim:
        url = sim.ready["url"]
        bearer = ["-H", "Authorization: Bearer " + sim.token()]

        def curl(*options):
            got = subprocess.run(
                ["curl", "-sS", "-m", "10", *options],
                capture_output=True,
                check=True,
            )
            return got.stdout

        check(b"connectUri" in curl(*bearer, "-X", "POST", url + CHANNELS))
        chunked = ["-H", "Transfer-Encoding: chunked", "--data-binary", "hold\ngo\n"]
        same(json.loads(curl(*chunked, url + "/sim/do")), {"done": 2})
        waiting = ["-H", "Expect: 100-continue", "--data-binary", "hold"]
        same(json.loads(curl(*waiting, url + "/sim/do")), {"done": 1})
        same(curl("-0", *bearer, url + "/api/v2/date")[:16], b'{"currentDate":"')
        twice = curl("-w", "%{num_connects} ", url + "/sim/states", url + "/sim/status")
        check(twice.endswith(b"0 "), "the connection was not used again")
        request = b"GET /sim/status HTTP/1.1\r\nHost: x\r\n%s\r\n"
        got = http_raw(sim, request % b"" * 3 + request % b"Connection: close\r\n")
        same(got.count(b"HTTP/1.1 200 OK"), 4)
        got = http_raw(sim, b"\r\nGET /sim/status HTTP/1.0\r\n\r\n")
        check(b"Connection: close" in got)
        connection = sim.connection()
        connection.connect()
        for byte in request % b"":
            connection.sock.send(bytes([byte]))
        check(connection.sock.recv(65536).startswith(b"HTTP/1.1 200 OK"))
        connection.close()


@test("/sim/status and /sim/states tell what is")
def control():
    users = ids()
    with Sim("--rate", "2.5", "--hold") as sim:
        sim.stream(users[:3])
        sim.events(users[2:4])
        sim.do("answer bulk 503 times 2", "hang me times 0", "lose 4")
        status = sim.status()
        same(
            (status["users"], status["changes"], status["held"], status["rate"]),
            (12, 0, True, 2.5),
        )
        same(
            [(c["connection"], c["protocol"], c["users"]) for c in status["connections"]],
            [(1, "notifications", 3), (2, "events", 2)],
        )
        same(status["subscribedUsers"], 4)
        same(status["tokensIssued"], 2)
        same(status["requests"]["token"], 2)
        same(status["requests"]["upgrade"], 2)
        same(status["requests"]["subscriptions"], 1)
        same([c["topics"] for c in status["channels"]], [3])
        same(
            status["faults"],
            [
                {"fault": "answer", "endpoint": "bulk", "left": 2},
                {"fault": "hang", "endpoint": "me", "left": None},
                {"fault": "lose", "left": 4},
            ],
        )
        sim.do(f"change {users[5]} MEAL")
        row = sim.states()[users[5]]
        same(row["state"], "MEAL")
        same(row["presenceId"], "3fd96123-badb-4f69-bc03-1b1ccc6d8014")
