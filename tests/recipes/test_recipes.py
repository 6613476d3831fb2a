#!/usr/bin/env python3
"""Runs each recipe of gcpresence-recipes(7), as it stands there, and each
example that it uses, and looks at what came of it.

    test_recipes.py [TEXT]      all tests, or those whose names contain TEXT
"""

import collections
import ctypes
import datetime
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import jsonschema

from kitchen import EXAMPLES, LIMIT, NAME, SOURCE, Kitchen, recipes
from harness import TESTS, Skip, check, run_all, same, test, until

RECIPES = recipes()
TRIED = set()
with open(os.path.join(SOURCE, "share", "change.schema.json"), encoding="utf-8") as schema:
    CHANGE = jsonschema.Draft7Validator(json.load(schema))


def need(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            raise Skip(f"{tool} is not installed")


def recipe(name, sentence):
    """Registers a function as the proof of a sentence about a recipe."""
    TRIED.add(name)

    def register(function):
        return test(sentence)(lambda: function(RECIPES[name]))

    return register


def are_changes(rows, count):
    same(len(rows), count, "lines")
    for row in rows:
        CHANGE.validate(row)


@test("the page has no recipe that is not tried here, and no example but these")
def all_are_tried():
    same(set(RECIPES), TRIED, "recipes")
    text = "".join(RECIPES.values())
    with open(os.path.join(SOURCE, "man", "gcpresence-recipes.7"), encoding="utf-8") as page:
        page = page.read()
    for name in os.listdir(EXAMPLES):
        if os.access(os.path.join(EXAMPLES, name), os.X_OK):
            check(f"{name} " in text, f"no recipe uses {name}")
        elif name not in ("crontab", "local.mk"):
            check(f".Pa {name}" in page, f"the page does not tell of {name}")


@test("the examples say how they are used where they are used otherwise")
def examples_have_usage():
    for name in os.listdir(EXAMPLES):
        path = os.path.join(EXAMPLES, name)
        if not os.access(path, os.X_OK):
            continue
        done = subprocess.run(
            [path], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        same(done.returncode, 64, name)
        check(done.stderr.startswith(f"usage: {name} "), done.stderr)


@recipe("simulator", "the simulator stands in for the service")
def simulator(text):
    with Kitchen() as kitchen:
        kitchen.forget()
        rows = [json.loads(line) for line in kitchen.cook(text).splitlines()]
        are_changes(rows, 20)
        check(all(row["name"] for row in rows), "names")


@recipe("queue", "the members of a queue are watched, with their names")
def queue(text):
    with Kitchen("--rate", "200") as kitchen:
        members = kitchen.cook("gcpresence-users --queue Support").splitlines()
        check(0 < len(members) < len(kitchen.users), members)
        rows = [json.loads(line) for line in kitchen.cook(text).splitlines()]
        are_changes(rows, 40)
        same(
            {f"{row['userId']}\t{row['name']}" for row in rows}, set(members), "users"
        )


@recipe("queue-file", "the members of a queue become a YAML file")
def queue_file(text):
    with Kitchen("--rate", "200") as kitchen:
        rows = [json.loads(line) for line in kitchen.cook(text).splitlines()]
        are_changes(rows, 40)
        same(
            len({row["userId"] for row in rows}),
            kitchen.read("support.yaml").count("- id: "),
            "users",
        )


@recipe("check", "what a run needs is checked, and a user looked for")
def check_first(text):
    with Kitchen() as kitchen:
        user, name = list(kitchen.users.items())[1]
        *steps, found = kitchen.cook(text, NAME=name).splitlines()
        check(len(steps) > 4, steps)
        check(all(step.startswith("ok ") for step in steps), steps)
        same(found, f"{user}\t{name}", "the user")


@recipe("audit", "the audit log says why a user is not reported")
def audit(text):
    with Kitchen("--rate", "200") as kitchen:
        user = list(kitchen.users)[3]
        kitchen.sim.do(f"reject {user} presence:everybody:view")
        found = kitchen.start(text).end(["is refused"])
        rows = [line.split("\t") for line in found.splitlines()]
        same([row[1:3] for row in rows], [["SUBSCRIPTION_REJECTED", user]], "lines")
        check("presence:everybody:view" in rows[0][3], rows)


@recipe("jq-columns", "jq makes columns of the lines")
def jq_columns(text):
    with Kitchen("--rate", "200") as kitchen:
        rows = [line.split("\t") for line in kitchen.cook(text).splitlines()]
        same({len(row) for row in rows}, {3}, "columns")
        same(len(rows), 40, "lines")
        same({row[1] for row in rows}, {n.replace("\\", "\\\\") for n in kitchen.users.values()})


@recipe("jq-breaks", "jq finds the breaks that took too long, and no others")
def jq_breaks(text):
    with Kitchen("--rate", "0", limit="--count 16") as kitchen:
        one, two = list(kitchen.users)[1:3]
        cooking = kitchen.start(text)
        kitchen.live()
        kitchen.sim.do(f"change {one} BREAK", f"change {two} BREAK", "skew 600")
        kitchen.sim.do(f"change {two} BUSY", "skew 1500", f"change {one} BUSY")
        same(cooking.end().splitlines(), [f"{kitchen.users[one]}: 25 minutes"])


@recipe("jq-gaps", "jq shows when the stream was blind, and why")
def jq_gaps(text):
    with Kitchen("--rate", "0", limit="--count 20", settings="retry_base: 0.05\n") as kitchen:
        cooking = kitchen.start(text)
        kitchen.live()
        kitchen.sim.do("drop")
        user = list(kitchen.users)[1]
        states = ["BUSY", "AVAILABLE"]
        while not cooking.ended():
            kitchen.sim.do(f"change {user} {states[0]}")
            states.reverse()
            time.sleep(0.05)
        found = cooking.end(["connection", "blind", "gap"]).splitlines()
        same(len(found), 1, found)
        check(re.fullmatch(r"\S+Z to \S+Z: .+", found[0]), found)


@recipe("awk-counts", "awk counts who is in which state")
def awk_counts(text):
    with Kitchen("--rate", "200") as kitchen:
        rows = kitchen.cook(text).splitlines()
        same(len(rows), 40, "lines")
        sums = [sum(int(n) for n in re.findall(r"=(\d+)", row)) for row in rows]
        # A user may change before all others are known.
        same(sums, sorted(sums), "users that are known are never fewer")
        same((sums[0], sums[-1]), (1, 12), "the first and all")


@recipe("loop", "a loop of the shell acts on each change, and on no first state")
def loop(text):
    with Kitchen("--rate", "0", "--initial", "AVAILABLE", limit="--count 2") as kitchen:
        cooking = kitchen.start(text)
        kitchen.live()
        users = list(kitchen.users)[:2]
        kitchen.sim.do(*[f"change {user} OFFLINE" for user in users])
        same(
            cooking.end().splitlines(),
            [f"{kitchen.users[user]} has left" for user in users],
        )


@recipe("act-on-change", "act-on-change runs a command for each change, with what changed")
def act_on_change(text):
    with Kitchen("--rate", "200", limit="--count 40") as kitchen:
        rows = kitchen.cook(text).splitlines()
        same(len(rows), 40, "lines")
        names = "|".join(re.escape(name) for name in kitchen.users.values())
        for row in rows:
            check(re.fullmatch(rf"({names}) went from [A-Z_]+ to [A-Z_]+", row), row)


@test("act-on-change names what failed, and goes on")
def act_on_change_goes_on():
    with Kitchen() as kitchen:
        lines = [
            {"userId": "u1", "state": "BUSY", "previousState": None},
            {"gap": {"from": "x"}},
            {"userId": "u2", "name": "a\tb\nc", "state": "AWAY", "previousState": "BUSY"},
        ]
        kitchen.write("lines", "".join(json.dumps(line) + "\n" for line in lines))
        cooking = kitchen.start(
            'act-on-change sh -c \'cat; printf "<%s>" "$USER_ID" "$NAME" "$PREVIOUS_STATE";'
            " test $USER_ID = u2' < lines"
        )
        got = cooking.end(["act-on-change: sh failed for u1"])
        same(got, "<u1><u1><><u2><a b c><BUSY>")


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes what is posted; the first time it is busy, and one it refuses."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        server.requests += 1
        if server.requests == 1:
            self.send_response(503)
        elif server.requests == 3:
            self.send_response(400)
        else:
            server.bodies.append((self.headers["Content-Type"], body))
            self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@recipe("webhook", "webhook posts each line, tries again, and names what is refused")
def webhook(text):
    need("curl")
    server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
    server.requests, server.bodies = 0, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Kitchen("--rate", "200", limit="--count 15") as kitchen:
            url = f"http://127.0.0.1:{server.server_port}/presence"
            cooking = kitchen.start(text, WEBHOOK_URL=url)
            cooking.end(["503", "400", "webhook: not sent: {"])
            said = kitchen.read(cooking.err)
            same(said.count("webhook: not sent: "), 1, said)
    finally:
        server.shutdown()
        server.server_close()
    are_changes([json.loads(body) for _, body in server.bodies], 14)
    same({kind for kind, _ in server.bodies}, {"application/json"})


@recipe("wait", "a script waits until everybody is on the queue, or for long enough")
def wait(text):
    with Kitchen("--rate", "0", "--initial", "ON_QUEUE") as kitchen:
        same(kitchen.cook(text), "all are on the queue\n")
        kitchen.sim.do(f"change {list(kitchen.users)[0]} MEAL")
        cooking = kitchen.start(text, FORCED="--for 1s")
        same(cooking.end(["11 of 12", "1 of 12"]), "some are not on the queue\n")
        cooking = kitchen.start(text, GENESYSCLOUD_OAUTHCLIENT_SECRET="wrong")
        same(cooking.end(["gcpresence: "]), "this could not be found out\n")


@recipe("cron", "cron appends what has changed since the last time, and nothing else")
def cron(text):
    with open(os.path.join(EXAMPLES, "crontab"), encoding="utf-8") as file:
        check(text in file.read(), "the example is the recipe")
    command = re.fullmatch(r"(?:\S+ ){5}(.*)\n", text)[1]
    check("%" not in command, "cron takes % for a newline")
    with Kitchen("--rate", "0", limit="") as kitchen:
        kitchen.write("secret", "sim-secret\n", 0o600)
        kitchen.write(
            "team.yaml",
            f"api_url: {kitchen.sim.ready['url']}\nclient_id: sim-client\n"
            f"client_secret_file: secret\n" + kitchen.read("team.yaml"),
        )
        # As cron does it.
        kitchen.env = {
            name: kitchen.env[name] for name in ("HOME", "PATH", "PROGRAM", "LIMIT")
        }
        same(kitchen.cook(command), "", "mail")
        are_changes(kitchen.lines("changes.ndjson"), 12)
        same(kitchen.cook(command), "", "mail")
        are_changes(kitchen.lines("changes.ndjson"), 12)
        user = list(kitchen.users)[5]
        kitchen.sim.do(f"change {user} BUSY")
        same(kitchen.cook(command), "", "mail")
        rows = kitchen.lines("changes.ndjson")
        are_changes(rows, 13)
        same((rows[12]["userId"], rows[12]["previousState"]), (user, "OFFLINE"))


@recipe("tee", "tee gives the stream to several programs")
def tee(text):
    with Kitchen("--rate", "200", limit="--count 100") as kitchen:
        if "GNU" not in kitchen.cook("tee --version || :"):
            raise Skip("tee is not GNU's")
        kitchen.cook(text)
        rows = kitchen.lines("presence.ndjson")
        are_changes(rows, 100)
        same(kitchen.read("states.txt").split(), [row["state"] for row in rows])
        same(
            kitchen.read("breaks.txt").split(),
            [row["userId"] for row in rows if row["state"] == "BREAK"],
        )


@recipe("top", "the stream is on the terminal and in a recording")
def top(text):
    with Kitchen("--rate", "200") as kitchen:
        name = list(kitchen.users.values())[1]
        kitchen.look(
            text,
            # All that will come has come when the recording is complete.
            lambda shown: name in shown
            and kitchen.read("presence.ndjson").count("\n") == 40,
        )
        are_changes(kitchen.lines("presence.ndjson"), 40)


@recipe("picture", "a morning becomes a table and a picture")
def picture(text):
    with Kitchen("--rate", "200", limit="--count 60") as kitchen:
        table = kitchen.cook(text)
        are_changes(kitchen.lines("morning.ndjson"), 60)
        page = kitchen.read("morning.html")
        check("<svg" in page, "a picture")
        for name in list(kitchen.users.values())[1:]:
            check(name in table and name in page, name)


def minutes(text):
    """What time-in-state printed: who and state, and the minutes."""
    rows = [re.split(r" {2,}", line.strip()) for line in text.splitlines()[2:]]
    return {(who, state): float(spent) for who, state, spent in rows}


@recipe("sqlite", "recordings go into a database, each line once")
def sqlite(text):
    need("sqlite3")
    with Kitchen("--rate", "200") as kitchen:
        kitchen.cook(text)
        count = "sqlite3 presence.db 'SELECT count(*) FROM changes'"
        same(kitchen.cook(count), "40\n")
        kitchen.cook(text)
        same(kitchen.read("presence.tsv").count("\n"), 82, "two runs")
        same(kitchen.cook(count), "80\n")
        query = "sqlite3 presence.db 'SELECT DISTINCT name FROM changes'"
        got = kitchen.cook(query).splitlines()
        # As TSV has it, with the backslash escaped.
        same(set(got), {name.replace("\\", "\\\\") for name in kitchen.users.values()})


@test("to-sqlite refuses what is no TSV, and passes over the lines of --gaps")
def sqlite_of_other_files():
    need("sqlite3")
    with Kitchen(limit="") as kitchen:
        kitchen.write("other.ndjson", '{"userId":"user-1"}\n')
        said = kitchen.cook("to-sqlite a.db other.ndjson 2>&1 || echo $?")
        same(said.splitlines()[-1], "65", said)
        check("other.ndjson" in said, said)
        names = "userId name state previousState presenceId timestamp receivedAt"
        names += " latencyMs previousForMs source coalesced"
        rows = ["\t".join(names.split()), "user-1" + "\t" * 10, '{"gap":{}}']
        kitchen.write("presence.tsv", "\n".join(rows) + "\n")
        kitchen.cook("to-sqlite a.db presence.tsv 2>&1")
        same(kitchen.cook("sqlite3 a.db 'SELECT userId FROM changes'"), "user-1\n")


@test("time-in-state makes no database where there is none")
def sqlite_without_a_database():
    need("sqlite3")
    with Kitchen(limit="") as kitchen:
        said = kitchen.cook("time-in-state a.db 2>&1; echo $?; ls a.db 2>&1 || :")
        check("cannot read 'a.db'" in said and "\n66\n" in said, said)
        check("No such file" in said, said)


@test("the database knows how long who was in which state yesterday")
def sqlite_yesterday():
    need("sqlite3")
    for zone, offset in (("UTC0", 0), ("AAA-5", 5), ("BBB+8", -8)):
        zone_of = datetime.timezone(datetime.timedelta(hours=offset))
        today = datetime.datetime.now(zone_of).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        start = today - datetime.timedelta(days=1)
        events = [
            # From the day before, over the day, to the day after.
            ("user-1", "AVAILABLE", -30),
            ("user-1", "BREAK", 10 * 60),
            ("user-1", "AVAILABLE", 10 * 60 + 20),
            ("user-1", "OFFLINE", 24 * 60 + 1),
            # Until the end of the day, as far as is known; twice in one state.
            ("user-2", "BUSY", 23 * 60),
            ("user-2", "MEAL", 23 * 60 + 10),
            ("user-2", "BUSY", 23 * 60 + 30),
            # Not yesterday.
            ("user-3", "AWAY", -90),
            ("user-3", "OFFLINE", -60),
            ("user-4", "BUSY", 24 * 60 + 1),
        ]
        with Kitchen(limit="") as kitchen:
            lines = []
            for user, state, minute in events:
                when = start + datetime.timedelta(minutes=minute)
                when = when.astimezone(datetime.timezone.utc)
                lines.append(
                    json.dumps(
                        {
                            "eventType": "presence",
                            "userId": user,
                            "state": state,
                            "timestamp": when.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                        }
                    )
                )
            kitchen.write("recorded", "".join(line + "\n" for line in lines))
            kitchen.cook("gcpresence -q --replay recorded -o tsv > presence.tsv")
            kitchen.cook("to-sqlite presence.db presence.tsv presence.tsv")
            got = minutes(kitchen.cook("time-in-state presence.db", TZ=zone))
            same(
                got,
                {
                    ("user-1", "AVAILABLE"): 24 * 60 - 20.0,
                    ("user-1", "BREAK"): 20.0,
                    ("user-2", "BUSY"): 40.0,
                    ("user-2", "MEAL"): 20.0,
                    ("user-3", "OFFLINE"): 24 * 60.0,
                },
                zone,
            )


class Redis:
    """A server on a port that the kernel chose."""

    def __enter__(self):
        need("redis-server", "redis-cli")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port)]
            + ["--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.url = f"redis://127.0.0.1:{self.port}"
        until(lambda: self.call("PING") == "PONG\n", "the server", LIMIT)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def call(self, *words):
        return subprocess.run(
            ["redis-cli", "-u", self.url, *words],
            capture_output=True,
            text=True,
            check=False,
        ).stdout


@recipe("redis", "a Redis stream has each change, and a hash the present states")
def redis(text):
    with Redis() as server, Kitchen("--rate", "200") as kitchen:
        got = kitchen.cook(text, REDIS_URL=server.url).splitlines()
        same(got[0], "40", "entries")
        now = dict(zip(got[1::2], got[2::2]))
        entries = server.call("--json", "XRANGE", "presence", "-", "+")
        rows = []
        for _, fields in json.loads(entries):
            fields = dict(zip(fields[::2], fields[1::2]))
            rows.append(json.loads(fields["change"]))
            same(fields["userId"], rows[-1]["userId"])
            same(fields["state"], rows[-1]["state"])
        are_changes(rows, 40)
        same(now, {row["userId"]: row["state"] for row in rows}, "states")
        check(NAME in {row["name"] for row in rows}, "the name")


@test("to-redis ends with a failure where there is no server")
def redis_without_server():
    need("redis-cli")
    with Kitchen("--rate", "200") as kitchen:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"redis://127.0.0.1:{free.getsockname()[1]}"
            got = kitchen.start(f"gcpresence -f team.yaml | to-redis {url} || echo no")
            same(got.end(["Could not connect", "to-redis: "]), "no\n")


class Kafka:
    """A broker that librdkafka has for tests of its own.  It speaks Kafka's
    protocol, and kcat's library is the other side of it."""

    def __enter__(self):
        need("kcat")
        try:
            lib = ctypes.CDLL("librdkafka.so.1")
        except OSError as why:
            raise Skip(f"no broker to try with: {why}") from why
        pointer, text = ctypes.c_void_p, ctypes.c_char_p
        for name, result, arguments in (
            ("conf_new", pointer, []),
            ("conf_set", ctypes.c_int, [pointer, text, text, text, ctypes.c_size_t]),
            ("new", pointer, [ctypes.c_int, pointer, text, ctypes.c_size_t]),
            ("destroy", None, [pointer]),
            ("mock_cluster_new", pointer, [pointer, ctypes.c_int]),
            ("mock_cluster_bootstraps", text, [pointer]),
            ("mock_cluster_destroy", None, [pointer]),
        ):
            function = getattr(lib, "rd_kafka_" + name)
            function.restype, function.argtypes = result, arguments
        self.lib = lib
        why = ctypes.create_string_buffer(512)
        conf = lib.rd_kafka_conf_new()
        # It says that it has no broker to connect to, which is not its part.
        lib.rd_kafka_conf_set(conf, b"log_level", b"0", why, len(why))
        self.handle = lib.rd_kafka_new(0, conf, why, len(why))
        check(self.handle, why.value)
        self.cluster = lib.rd_kafka_mock_cluster_new(self.handle, 1)
        self.brokers = lib.rd_kafka_mock_cluster_bootstraps(self.cluster).decode()
        return self

    def __exit__(self, *_):
        self.lib.rd_kafka_mock_cluster_destroy(self.cluster)
        self.lib.rd_kafka_destroy(self.handle)


@recipe("kafka", "a Kafka topic has each change, with the user for its key, in order")
def kafka(text):
    with Kafka() as broker, Kitchen("--rate", "200") as kitchen:
        got = kitchen.cook(text, KAFKA_BROKERS=broker.brokers).splitlines()
        rows = collections.defaultdict(list)
        for line in got:
            key, value = line.split(" ", 1)
            row = json.loads(value)
            are_changes([row], 1)
            same(key, row["userId"])
            rows[key].append(row)
        same(sum(len(row) for row in rows.values()), 40, "messages")
        for each in rows.values():
            same(each[0]["previousState"], None)
            same(
                [row["previousState"] for row in each[1:]],
                [row["state"] for row in each[:-1]],
                "order",
            )


@test("logrotate renames what the services write, and has them started anew")
def logrotate():
    need("logrotate")
    with open(os.path.join(EXAMPLES, "logrotate"), encoding="utf-8") as file:
        text = file.read()
    with Kitchen("--rate", "0", limit="") as kitchen:
        check(text.count("/var/log/gcpresence-") == 1, "one place")
        kitchen.write("conf", text.replace("/var/log/", kitchen.folder + "/"), 0o600)
        os.chmod(kitchen.folder, 0o755)
        kitchen.write("bin/systemctl", '#!/bin/sh\necho "$*" >>called\n', 0o755)
        run = "exec gcpresence -f team.yaml --state state >>gcpresence-team.ndjson"
        service = kitchen.start(run)
        kitchen.live()
        until(lambda: kitchen.read("gcpresence-team.ndjson").count("\n") == 12)
        kitchen.cook("logrotate --force --state rotated conf")
        same(kitchen.read("called"), "try-restart gcpresence@*.service\n")
        old = [n for n in os.listdir(kitchen.folder) if "team.ndjson-" in n]
        same(len(old), 1, os.listdir(kitchen.folder))
        # What systemd does then; a change comes while nobody listens.
        service.process.send_signal(signal.SIGTERM)
        service.end()
        user = list(kitchen.users)[2]
        kitchen.sim.do(f"change {user} MEAL")
        service = kitchen.start(run)
        until(
            lambda: os.path.exists(kitchen.path("gcpresence-team.ndjson"))
            and kitchen.read("gcpresence-team.ndjson").count("\n") == 1,
            "the change",
            LIMIT,
        )
        service.process.send_signal(signal.SIGTERM)
        service.end()
        rows = kitchen.lines(old[0]) + kitchen.lines("gcpresence-team.ndjson")
        are_changes(rows, 13)
        same(rows[12]["userId"], user)


if __name__ == "__main__":
    check(len(TESTS) >= len(RECIPES), "tests")
    sys.exit(1 if run_all(" ".join(sys.argv[1:])) else 0)
