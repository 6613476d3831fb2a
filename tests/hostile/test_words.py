#!/usr/bin/python3
"""What a hostile service says, in answers, close reasons and names: in the log,
in --check, in gaps and in the audit log, from gcpresence-users, and what
gcpresence-sim makes of hostile requests.  Prints TAP."""

import base64
import hashlib
import json
import os
import re
import socket
import subprocess
import sys

import payloads
from bench import BULK, environment
from canary import (
    LIMIT,
    PROGRAM,
    SECRET,
    SIM,
    TESTS,
    USERS,
    Meddler,
    Peer,
    answer,
    check,
    clean as clean_up,
    finish,
    json_of,
    read,
    run_all,
    same,
    test,
    until,
    write,
)
from payloads import BYTES, ESCAPES, LONG, TEXTS, clean, user
from texts import UTF8, go

# Behind those of the fault tests: both have a "bench".
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "users"))

# pylint: disable=wrong-import-position
from directory import CLIENT, Directory, unit  # noqa: E402
from directory import user as person  # noqa: E402

# pylint: enable=wrong-import-position

# RFC 6455, 1.3
MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
QUICK = ("--retry-base", "0.01", "--retry-max", "0.02")
LOGIN = {
    "GENESYSCLOUD_OAUTHCLIENT_ID": "sim-client",
    "GENESYSCLOUD_OAUTHCLIENT_SECRET": SECRET,
}


def chunks(size, texts=None):
    """All payloads, some at a time: so many bytes at most."""
    piece = ""
    for text in texts or TEXTS.values():
        if len((piece + text).encode()) > size:
            yield piece
            piece = ""
        piece += text + " "
    yield piece


# The log


def log_of(case, program, *args, form="text", env=None):
    """What a run that fails says; the journal's form has priorities."""
    name = case.path("log")
    with open(name, "wb") as file:
        about = os.fstat(file.fileno())
        done = subprocess.run(
            [
                program,
                *QUICK,
                *args,
                *(["--log-format", "json"] if form == "json" else []),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=file,
            cwd=case.folder,
            env=environment(
                {
                    **LOGIN,
                    **(env or {}),
                    "JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}"
                    if form == "journal"
                    else None,
                }
            ),
            timeout=LIMIT,
            check=False,
        )
    check(done.returncode in (65, 69, 75, 77, 78), done.returncode)
    same(done.stdout, b"", "standard output")
    with open(name, "rb") as file:
        data = file.read()
    check(data, "nothing is said")
    if form == "json":
        for row in payloads.json_lines(data, "the log"):
            same(set(row) - {"subsystem"}, {"time", "level", "program", "message"})
        return data
    start = ("<[3-7]>" if form == "journal" else "") + os.path.basename(program) + ": "
    for line in clean(data, "the log").splitlines():
        check(re.match(start, line), f"a line of somebody else's: {line}")
    return data


FORMS = ("text", "json", "journal")


@test(
    "log: the service's words about an error are on clean lines of ours, in each form"
)
def _(case):
    said = [json.dumps({"error": t, "description": t}).encode() for t in chunks(290)]
    said += [json.dumps({"code": t, "message": t}).encode() for t in LONG.values()]
    said += [b'{"error":"' + one + b'"}' for one in BYTES.values()]
    said += [b'{"error":' + one.encode() + b"}" for one in ESCAPES.values()]
    turn = []

    def talk(connection, peer):
        peer.read_request(connection)
        connection.sendall(answer(400, turn[-1]))

    server = case.keep(Peer(talk))
    env = {"GENESYSCLOUD_API_URL": server.url}
    for number, body in enumerate(said):
        turn.append(body)
        log_of(case, PROGRAM, user(1), form=FORMS[number % 3], env=env)
        if number % 3 == 0:
            log_of(case, USERS, env=env)


RAW = (
    b"HTTP/9.9 200 \x1b[2J\r\n\r\n",
    b"\x1b]0;pwned\x07 is no HTTP\r\n\r\n",
    b"HTTP/1.1 \x1b[2J\r\n\r\n",
    b"HTTP/1.1 500 \x1b[2J\x9b2J\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: \x1b[2J\r\n\r\nx",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: \x1b[2J\r\nContent-Length: 1\r\n\r\nx",
    b"HTTP/1.1 200 OK\r\nContent-Length: \x1b[2J\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\x1b[2J: x\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: \x1b]0;pwned\x07\r\nContent-Length: 0\r\n\r\n",
    b'HTTP/1.1 401 No\r\nWWW-Authenticate: \x1b[2J realm="\x9b"\r\n'
    b"Content-Length: 0\r\n\r\n",
    b"HTTP/1.1 429 No\r\nRetry-After: 0\x1b[2J\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nDate: \x1b[2J\r\nContent-Type: \x1b\r\n"
    b"Content-Length: 9\r\n\r\n{\x1b[2J\x9b2}",
    b"HTTP/1.1 200 OK\r\nA: b\r\n <0>gcpresence: panic\r\nContent-Length: 0\r\n\r\n",
)


@test("log: a head of HTTP that is made of commands for a terminal is not repeated raw")
def _(case):
    turn = []

    def talk(connection, peer):
        peer.read_request(connection)
        connection.sendall(turn[-1])

    server = case.keep(Peer(talk))
    env = {"GENESYSCLOUD_API_URL": server.url}
    for number, head in enumerate(RAW):
        turn.append(head)
        args = ("--max-retries", "1", "-v", "-v", "-v")
        log_of(case, PROGRAM, *args, user(1), form=FORMS[number % 3], env=env)
        log_of(case, USERS, "--max-retries", "1", env=env)


@test("log: a proxy's words, and those of a handshake that is refused, are clean")
def _(case):
    turn = []

    def talk(connection, peer):
        peer.read_head(connection)
        connection.sendall(turn[-1])

    server = case.keep(Peer(talk))
    for number, head in enumerate(RAW[:9]):
        turn.append(head)
        for env in (
            {
                "GENESYSCLOUD_API_URL": "http://127.0.0.1:1",
                "http_proxy": server.url,
            },
            {
                "GENESYSCLOUD_API_URL": server.url,
                "GENESYSCLOUD_ACCESS_TOKEN": "canary-token",
                "GENESYSCLOUD_OAUTHCLIENT_ID": None,
                "GENESYSCLOUD_OAUTHCLIENT_SECRET": None,
            },
        ):
            log_of(
                case,
                PROGRAM,
                *("--max-retries", "1", "--protocol", "events", "-v", "-v"),
                user(1),
                form=FORMS[number % 3],
                env=env,
            )


@test("log: credentials that a service repeats as they were sent are hidden")
def _(case):
    def talk(connection, peer):
        head = peer.read_head(connection).decode()
        found = re.search("(?i)\r\nauthorization: (.*)\r\n", head)
        body = json.dumps({"error": "echo", "description": found and found.group(1)})
        connection.sendall(answer(400, body))

    server = case.keep(Peer(talk))
    env = {"GENESYSCLOUD_API_URL": server.url}
    sent = base64.b64encode(f"sim-client:{SECRET}".encode())
    for form in FORMS:
        for program, args in ((PROGRAM, (user(1),)), (USERS, ())):
            said = log_of(case, program, *args, form=form, env=env)
            check(b"Basic ***" in said, said)
            check(sent not in said and sent[:16] not in said, said)


@test("log: a token that a close reason repeats as the URL has it is hidden")
def _(case):
    token = "canary+token/of~mine=="

    def talk(connection, peer):
        head = peer.read_head(connection).decode()
        key = re.search("(?i)\r\nsec-websocket-key: (.*)\r\n", head).group(1)
        proof = hashlib.sha1((key + MAGIC).encode()).digest()
        accept = base64.b64encode(proof).decode()
        connection.sendall(
            b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
            + frame(b"\x0f\xa0" + head.split()[1].encode()[-60:], 8)
        )
        connection.recv(4096)

    server = case.keep(Peer(talk))
    run = case.run(
        *("--protocol", "events", "--max-retries", "1", user(1)),
        sim=None,
        env={
            "GENESYSCLOUD_API_URL": server.url,
            "GENESYSCLOUD_ACCESS_TOKEN": token,
            "GENESYSCLOUD_OAUTHCLIENT_ID": None,
        },
    )
    run.wait_said("closed with code 4000")
    same(run.end(), 0, run.said())
    for text in (run.said(), read(run.audit), read(run.output)):
        check("canary" not in text, text)


# --check and --plan


@test("--check: names of organization, client, permissions and users are clean")
def _(case):
    sim = case.sim(users=3)
    turn = []

    def after(request, value):
        if "tokens/me" in request.path:
            return {
                "organization": {"name": turn[-1]},
                "OAuthClient": {"name": turn[-1]},
            }
        if "availabletopics" in request.path:
            topic = {"id": "v2.users.{id}.presence", "requiresPermissions": [turn[-1]]}
            if len(turn) % 2:
                topic["permissionDetails"] = [
                    {"allowsCurrentUser": False, "permissions": [turn[-1]]}
                ]
            return {"entities": [topic]}
        return value

    server = case.keep(Meddler(sim, after=json_of(after)))
    env = {**LOGIN, "GENESYSCLOUD_API_URL": server.url}
    for text in chunks(200):
        turn.append(text)
        done = go(case, PROGRAM, "--check", *sim.ids, env=env, status=None)
        verdicts = clean(done.stdout, "--check").splitlines()
        check("\0" in text or any("' of org" in one for one in verdicts), verdicts)
        for line in verdicts:
            check(re.match("(ok  |warn|FAIL)  ", line), f"a forged line: {line}")
        clean(done.stderr, "the log")


@test("--check and refusals: what is said of a user is clean")
def _(case):
    sim = case.sim(users=3)
    turn = []

    def after(request, value):
        if "/subscriptions" in request.path and request.command in ("PUT", "POST"):
            topic = f"v2.users.{sim.ids[0]}.presence"
            for one in value.get("entities", []):
                if one.get("id") == topic:
                    one.update(state="Rejected", rejectionReason=turn[-1])
        if BULK in request.path and isinstance(value, list):
            for one in value:
                one["presenceDefinition"]["systemPresence"] = turn[-1][:20]
        return value

    server = case.keep(Meddler(sim, after=json_of(after)))
    env = {**LOGIN, "GENESYSCLOUD_API_URL": server.url}
    for text in [*chunks(100), *LONG.values()]:
        turn.append(text)
        done = go(case, PROGRAM, "--check", *sim.ids, env=env, status=None)
        clean(done.stdout, "--check")
        clean(done.stderr, "the log")
        args = ("--once", "--audit", "audit", *sim.ids)
        done = go(case, PROGRAM, *args, env=env, status=None)
        payloads.json_lines(done.stdout, "--once")
        clean(done.stderr, "the log")
    with open(case.path("audit"), "rb") as file:
        payloads.json_lines(file.read(), "the audit log")


# The socket


def frame(payload, code=1):
    size = len(payload)
    head = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
    return bytes([0x80 | code]) + head + payload


@test("gaps: a close reason is clean in the log, the audit log and the gap's line")
def _(case):
    sim = case.sim(users=2)
    reasons = [text.encode() for text in chunks(120)]
    reasons += list(BYTES.values())
    run = case.run(*QUICK, "--max-retries", "0", "--gaps")
    for number, reason in enumerate(reasons, 1):
        run.wait_streaming()
        sim.do("raw " + frame(b"\x0f\xa0" + reason[:123], 8).hex())
        run.wait_gaps(number)
    same(run.end(), 0, run.said())
    with open(run.output, "rb") as file:
        rows = payloads.json_lines(file.read(), "the lines")
    causes = [row["gap"]["cause"] for row in rows if "gap" in row]
    check(sum("4000" in one for one in causes) >= len(causes) // 2, causes)
    with open(run.errors, "rb") as file:
        for line in clean(file.read(), "the log").splitlines():
            check(line.startswith("gcpresence: "), line)
    with open(run.audit, "rb") as file:
        payloads.json_lines(file.read(), "the audit log")


@test("messages: complaints, topics and errors of hostile words are clean where told")
def _(case):
    said = []
    for text in [*chunks(300), LONG["long-escapes"][:4000]]:
        said += [
            {"type": "error", "message": text, "code": text},
            {"result": text, "message": text},
            {"topicName": text, "eventBody": {"presenceDefinition": {"id": text}}},
            {"topicName": f"v2.users.{text}.presence", "eventBody": {}},
            {"topicName": "channel.metadata", "eventBody": {"message": text}},
            {text: text},
        ]
    messages = [json.dumps(one).encode() for one in said]
    messages += [json.dumps(one, ensure_ascii=False).encode() for one in said]
    messages += [b'{"topicName":"' + one + b'"}' for one in BYTES.values()]
    messages += list(BYTES.values())
    sim = case.sim(users=2)
    runs = [
        case.run("--protocol", "notifications", "-v", "-v"),
        case.run("--log-format", "json", "-v"),
    ]
    for run in runs:
        run.wait_streaming()
    until(lambda: sim.status()["subscribedUsers"] >= 2, "both subscribed")
    for message in messages:
        sim.do("raw " + frame(message).hex())
    for run in runs:
        run.more_lines(2)
        same(run.end(), 0, run.said())
        with open(run.output, "rb") as file:
            rows = payloads.json_lines(file.read(), "the lines")
        check(all("gap" in row or row["userId"] in sim.ids for row in rows), rows[-1])
        with open(run.audit, "rb") as file:
            payloads.json_lines(file.read(), "the audit log")
    with open(runs[0].errors, "rb") as file:
        for line in clean(file.read(), "the log").splitlines():
            check(line.startswith("gcpresence: "), line)
    with open(runs[1].errors, "rb") as file:
        payloads.json_lines(file.read(), "the log")


# gcpresence-users


def directory_of(texts):
    service = Directory()
    service.users = []
    for at, text in enumerate(texts, 1):
        one = person(f"user {at}", email=f"user{at}@example.com")
        one["name"] = text
        service.users.append(one)
    return service


def ask(case, service, *args, status=0, env=None, stdin=b""):
    login = dict(zip(LOGIN, CLIENT))
    return go(
        case,
        USERS,
        *QUICK,
        *args,
        env={**login, "GENESYSCLOUD_API_URL": service.url, **(env or {})},
        status=status,
        stdin=stdin,
    )


NAMES = [*TEXTS.values(), *LONG.values()]


@test(
    "users: a name forges no line, no comment, no ID; gcpresence reads the same users"
)
def _(case):
    with directory_of(NAMES) as service:
        ids = [one["id"] for one in service.users]
        data = ask(case, service).stdout
        got = clean(data, "the lines", tabs=True).splitlines()
        same([line.split("\t")[0] for line in got], ids)
        for line in got:
            check(re.fullmatch(r"[0-9a-f-]{36}(\t[^\t]{1,256})?", line), line)
    plan = go(case, PROGRAM, "--plan", "-", stdin=data)
    check(str(len(ids)) in plan.stdout.decode(), plan.stdout)
    same(plan.stderr, b"")
    event = '{"eventType":"presence","userId":"%s","state":"BUSY","timestamp":1}\n'
    write(case.path("recording"), "".join(event % one for one in ids))
    rows = payloads.json_lines(
        go(case, PROGRAM, "--replay", "recording", "-", stdin=data).stdout
    )
    same([row["userId"] for row in rows], ids)
    same(
        [row.get("name") for row in rows],
        [line.split("\t")[1] if "\t" in line else None for line in got],
    )


@test("users: YAML of hostile names is read by gcpresence and by another parser alike")
def _(case):
    with directory_of(NAMES) as service:
        ids = [one["id"] for one in service.users]
        data = ask(case, service, "-o", "yaml").stdout
        lines = ask(case, service).stdout.decode().splitlines()
    clean(data, "the YAML")
    write(case.path("team.yaml"), data)
    try:
        import yaml
    except ImportError:
        pass
    else:
        same([one["id"] for one in yaml.safe_load(data)["users"]], ids)
    event = '{"eventType":"presence","userId":"%s","state":"BUSY","timestamp":1}\n'
    write(case.path("recording"), "".join(event % one for one in ids))
    done = go(case, PROGRAM, "-f", "team.yaml", "--replay", "recording")
    same(
        [
            "\t".join([row["userId"], *([row["name"]] if "name" in row else [])])
            for row in payloads.json_lines(done.stdout)
        ],
        lines,
    )
    same(done.stderr, b"")


@test("users: queues, IDs and addresses of hostile words are clean when told of")
def _(case):
    with directory_of(NAMES[:3]) as service:
        for text in TEXTS.values():
            service.units["routing/queues"] = [
                {**unit(f"{at}"), "name": f"Support {text}"} for at in range(2)
            ]
            done = ask(case, service, "--queue", "Support", status=None)
            clean(done.stderr, "the log")
            check(done.returncode != 0 and done.stdout == b"", done.stderr)
            if "\x00" not in text:
                done = ask(case, service, "--queue", text, status=None)
                clean(done.stderr, "the log")
            service.users[1]["id"] = text
            done = ask(case, service, status=None)
            clean(done.stdout, "the lines", tabs=True)
            clean(done.stderr, "the log")
            check(text not in done.stdout.decode(), done.stdout)
        given = "\n".join(TEXTS.values()).encode() + b"\n" + b"\n".join(BYTES.values())
        service.answers = []
        done = ask(case, service, "--email", stdin=given + b"\n", status=None)
        clean(done.stderr, "the log")


@test("users: an ID or a cursor of the service leads to no other path")
def _(case):
    with directory_of(NAMES[:3]) as service:
        for kind, option in (("routing/queues", "--queue"), ("teams", "--team")):
            for text in (
                "../../stolen",
                "x/../../../stolen",
                "x?stolen=1",
                "x#stolen",
                "x HTTP/1.1\r\nX: stolen",
                "..",
                "%2e%2e%2fstolen",
            ):
                service.units[kind] = [{**unit("Red"), "id": text}]
                done = ask(case, service, option, "Red", status=None)
                check(done.returncode != 0, done.stdout)
                clean(done.stderr, "the log")
                more = f"/api/v2/{kind}?pageNumber=2&after={text}"
                service.answers = [
                    (f"/api/v2/{kind}", 200, {}, {"entities": [], "nextUri": more}),
                    (f"/api/v2/{kind}", 200, {}, {"entities": []}),
                ]
                done = ask(case, service, option, "Red", status=None)
                clean(done.stderr, "the log")
                service.answers = []
        for method, path, _ in service.requests:
            path = path.split("&after=")[0]
            check(
                re.fullmatch(
                    r"/oauth/token|/api/v2/(routing/queues|teams)(\?[\w=&%*.-]*)?", path
                ),
                (method, path),
            )


# gcpresence-sim


@test("sim: a hostile request forges no header, no line of its journal or its log")
def _(case):
    sim = case.sim(*("-v", "-v"), users=2)
    token = sim.token().encode()
    words = [text.encode() for text in TEXTS.values()] + list(BYTES.values())
    for word in words:
        line = re.sub(rb"[\r\n ]", b"", word)
        for request in (
            b"GET /" + line + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /api/v2/users?a=" + line + b" HTTP/1.1\r\nHost: " + line + b"\r\n"
            b"Authorization: Bearer " + token + b"\r\n\r\n",
            line + b" /api/v2/users HTTP/1.1\r\nHost: x\r\nX: " + word + b"\r\n\r\n",
            b"POST /sim/do HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
            % (len(word), word),
            b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nAuthorization: Basic "
            + line
            + b"\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(word), word),
        ):
            got = b""
            with socket.create_connection((sim.host, sim.port), LIMIT) as sock:
                sock.sendall(request)
                sock.shutdown(socket.SHUT_WR)
                try:
                    while True:
                        more = sock.recv(65536)
                        if not more:
                            break
                        got += more
                except ConnectionResetError:
                    pass
            head, _, body = got.partition(b"\r\n\r\n")
            check(not re.search(rb"[^\x20-\x7e\r\n]", head), head)
            check(b"Set-Cookie" not in head, head)
            if b"200 OK" in head and b"/sim/" not in request:
                continue
            clean(body + b"\n", f"the answer to {request!r}", tabs=False)
    sim.stop()
    with open(sim.journal, "rb") as file:
        payloads.json_lines(file.read(), "the journal")
    with open(sim.errors, "rb") as file:
        clean(file.read(), "the simulator's log")


@test("sim: hostile options are clean when complained of")
def _(case):
    for text in TEXTS.values():
        if "\x00" in text or text == "--help":
            continue
        for args in (
            ("--listen", text),
            ("--users", text),
            ("--journal", text + "/none"),
            ("--script", text + "/none"),
            ("--" + text,),
        ):
            done = go(case, SIM, *args, env=UTF8, status=None)
            clean(done.stderr, f"the log of {args}")
            same(done.stdout, b"")


if __name__ == "__main__":
    _passed, failed = run_all(TESTS)
    clean_up()
    finish(failed)
