"""The program: options, statuses, output, the schedule, the journal."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

from harness import (
    PROGRAM,
    Sim,
    check,
    ids,
    make_certificate,
    run,
    same,
    test,
    until,
)

UUID4 = re.compile(
    "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
)


@test("a command line that makes no sense ends with 64, a bad value with 78")
def statuses():
    for options, status, word in (
        (["--bogus"], 64, "--bogus"),
        (["--users"], 64, "--users"),
        (["operand"], 64, "operand"),
        (["--tls-cert", "x"], 64, "--tls-key"),
        (["--users", "many"], 78, "many"),
        (["--users", "-1"], 78, "-1"),
        (["--rate", "fast"], 78, "fast"),
        (["--rate", "0x10"], 78, "0x10"),
        (["--rate", "-1"], 78, "-1"),
        (["--unchanged", "1.5"], 78, "1.5"),
        (["--foreign", "nan"], 78, "nan"),
        (["--initial", "LOST"], 78, "LOST"),
        (["--listen", "nowhere"], 78, "nowhere"),
        (["--listen", "127.0.0.1:65536"], 78, "65536"),
        (["--token-life", "0"], 78, "0"),
        (["--heartbeat", "often"], 78, "often"),
        (["--journal", "/nowhere/at/all"], 78, "/nowhere/at/all"),
    ):
        got, out, err = run(*options)
        same(got, status, options)
        same(out, "", options)
        check(word in err and err.startswith("gcpresence-sim: "), (options, err))
        same(err.count("\n"), 1, options)


@test("what cannot be read ends with 66, an address that cannot be had with 69")
def files_and_addresses():
    got, out, err = run("--script", "/nowhere/script")
    same((got, out), (66, ""))
    check("/nowhere/script" in err, err)
    got, _, err = run("--tls-cert", "/nowhere/c", "--tls-key", "/nowhere/k")
    same(got, 66)
    check("/nowhere/c" in err, err)
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = make_certificate(folder)
        other = os.path.join(folder, "other.pem")
        with open(other, "w", encoding="ascii") as file:
            file.write("no certificate\n")
        got, _, err = run("--tls-cert", other, "--tls-key", key)
        same(got, 78, err)
        got, _, err = run("--tls-cert", certificate, "--tls-key", other)
        same(got, 78, err)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        got, out, err = run("--listen", f"127.0.0.1:{port}")
        same((got, out), (69, ""))
        check(str(port) in err, err)
    same(run("--listen", "host.invalid:0")[0], 69)


@test("a script with a mistake ends with 78 and names file and line")
def script_mistakes():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "script")
        for text, number in (
            ("# one\n\nat 1 bogus\n", 3),
            ("at soon drop\n", 1),
            ("at 1s\n", 1),
            ("hold\nat 2 close\n", 2),
        ):
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            got, out, err = run("--script", path)
            same((got, out), (78, ""), text)
            check(f"{path}:{number}: " in err, err)


@test("--help and --version print on standard output, and end with 0")
def help_and_version():
    got, out, err = run("--help")
    same((got, err), (0, ""))
    check(out.startswith("usage: gcpresence-sim "), out)
    got, out, err = run("--version")
    same((got, err), (0, ""))
    check(re.fullmatch(r"gcpresence-sim \d+\.\d+\.\d+\n", out), out)
    with open("/dev/full", "w", encoding="ascii") as full:
        for option in ("--help", "--ids"):
            done = subprocess.run(
                [PROGRAM, option], stdout=full, stderr=subprocess.PIPE, check=False
            )
            same(done.returncode, 74, option)


@test("the manual has every option and every directive, and no other")
def manual():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../man/gcpresence-sim.1"), encoding="utf-8") as file:
        page = file.read()
    options = set(re.findall(r"^ +(?:-., )?--([a-z-]+)", run("--help")[1], re.M))
    check(len(options) > 30, options)
    described = set(re.findall(r"Fl -([a-z-]+)", page))
    same(described ^ options, set(), "options")
    with open(os.path.join(here, "../../src/sim/directive.c"), encoding="utf-8") as file:
        table = file.read().split("verbs[] = {")[1].split("};")[0]
    verbs = set(re.findall(r'^\t\{ "([a-z-]+)",', table, re.M))
    check(len(verbs) > 30, verbs)
    items = re.findall(r"^\.It Cm (.*)", page.split(".Sh DIRECTIVES")[1], re.M)
    named = {
        word
        for item in items
        for part in re.split(r" , ", item.replace("Cm on | off", ""))
        for word in re.findall(r"^(?:Cm )?([a-z-]+)", part)
    }
    same(named ^ verbs, set(), "directives")
    statuses_there = re.findall(r"^\.It (\d+)$", page, re.M)
    same(statuses_there, "0 64 66 69 70 74 78 130".split())


@test("--ids prints UUIDs and names, the same for the same seed")
def population():
    got, out, err = run("--ids", "--users", "200")
    same((got, err), (0, ""))
    rows = [line.split("\t") for line in out.splitlines()]
    same(len(rows), 200)
    same(len({row[0] for row in rows}), 200)
    check(all(UUID4.match(row[0]) and len(row[1]) > 3 for row in rows))
    same(run("--ids", "--users", "200")[1], out)
    check(run("--ids", "--users", "200", "--seed", "2")[1] != out)
    # A smaller population is the start of a larger one.
    same(run("--ids", "--users", "3")[1], "".join(out.splitlines(True)[:3]))
    same(run("--ids", "--users", "0")[:2], (0, ""))


@test("one line on standard output says that it is ready, and no more comes")
def ready_line():
    with Sim("--client-id", "me", "--client-secret", 'a "secret"') as sim:
        same(list(sim.ready), ["url", "clientId", "clientSecret"])
        check(re.fullmatch(r"http://127\.0\.0\.1:\d+", sim.ready["url"]))
        same(sim.ready["clientId"], "me")
        same(sim.ready["clientSecret"], 'a "secret"')
        same(sim.token_call('a "secret"', "me").status, 200)
        same(sim.stop(), 0)
        same(sim.rest, "")


@test("SIGTERM ends it with 0, SIGINT with 130")
def signals():
    for number, status in ((signal.SIGTERM, 0), (signal.SIGINT, 130)):
        with Sim() as sim:
            sim.stream(ids()[:1])
            sim.process.send_signal(number)
            same(sim.process.wait(10), status)


@test("standard streams that are missing do no harm")
def missing_streams():
    got = subprocess.run(
        ["/bin/sh", "-c", f"exec '{PROGRAM}' --ids --users 2 <&- 2>&-"],
        capture_output=True,
        check=False,
    )
    same((got.returncode, len(got.stdout.splitlines())), (0, 2))
    got = subprocess.run(
        ["/bin/sh", "-c", f"exec '{PROGRAM}' >&-"], capture_output=True, check=False
    )
    same(got.returncode, 74)


def sequence(*options):
    with Sim("--rate", "max", "--events", "400", *options, journal=True) as sim:
        stream = sim.stream(ids(*options))
        until(lambda: sim.status()["changes"] >= 400, "400 changes")
        stream.recv()
        sim.stop()
        return [(row["userId"], row["state"], row["presenceId"]) for row in sim.changes()]


@test("the same seed gives the same changes, whatever the clock")
def determinism():
    first = sequence()
    same(len(first), 400)
    same(sequence(), first)
    check(sequence("--seed", "7") != first, "another seed gives others")
    check(len({state for _, state, _ in first}) == 10, "all states occur")


@test("changes within a state, to another definition of it, happen")
def definitions():
    last = {}
    within = 0
    for user, state, definition in sequence():
        if user in last and last[user][0] == state:
            check(last[user][1] != definition, "a change changes something")
            within += 1
        last[user] = (state, definition)
    check(within > 0, "no change within a state")


@test("--rate keeps its pace, --events stops it, and serving goes on")
def pace():
    with Sim("--rate", "200", "--events", "60", "--users", "30") as sim:
        start = time.monotonic()
        until(lambda: sim.status()["changes"] >= 60, "60 changes")
        took = time.monotonic() - start
        check(0.2 < took < 1.5, f"60 changes at 200/s took {took}")
        time.sleep(0.05)
        same(sim.status()["changes"], 60)
        same(sim.token_call().status, 200)


@test("--hold and --start-at put the first change off")
def holding():
    users = ids()
    with Sim("--rate", "max", "--events", "5", "--hold") as sim:
        stream = sim.stream(users)
        check(stream.silent(), "changes in spite of --hold")
        same(sim.status()["held"], True)
        sim.do("go")
        for _ in range(5):
            stream.json()
    with Sim("--rate", "max", "--events", "3", "--start-at", "4") as sim:
        stream = sim.stream(users[:3])
        check(stream.silent(), "changes before 4 users are subscribed")
        sim.subscribe(stream.channel, users[2:5], "POST")
        until(lambda: sim.status()["changes"] == 3, "the changes")
        same(sim.status()["subscribedUsers"], 5)


@test("--unchanged repeats states, --foreign adds events of other sources")
def shares():
    users = ids()
    with Sim(
        *("--rate", "max", "--events", "300", "--unchanged", "0.5"),
        *("--foreign", "0.25", "--hold"),
        journal=True,
    ) as sim:
        # The events protocol has no foreign sources.
        other = sim.events(users)
        stream = sim.stream(users)
        sim.do("go")
        until(lambda: sim.status()["changes"] == 300, "the changes")
        bodies = [stream.json()["eventBody"] for _ in range(sim.status()["events"])]
        plain = [other.json() for _ in range(300)]
        other.silent()
        rows = sim.changes() if sim.stop() == 0 else []
    foreign = [body for body in bodies if not body["primary"]]
    check(40 < len(foreign) < 110, len(foreign))
    check(all(body["source"] != "PURECLOUD" for body in foreign))
    same(len(bodies), 300 + len(foreign))
    repeated = sum(not row["changed"] and row["primary"] for row in rows)
    check(110 < repeated < 190, repeated)
    same(sum(not row["primary"] for row in rows), len(foreign))
    same(
        [(row["userId"], row["state"]) for row in rows if row["primary"]],
        [(event["userId"], event["state"]) for event in plain],
    )


@test("--initial sets the first state of all, or draws it")
def initial():
    with Sim("--rate", "0") as sim:
        same({row["state"] for row in sim.states().values()}, {"OFFLINE"})
    with Sim("--rate", "0", "--initial", "On Queue") as sim:
        same({row["state"] for row in sim.states().values()}, {"ON_QUEUE"})
    with Sim("--rate", "0", "--initial", "random", "--users", "50") as sim:
        check(len({row["state"] for row in sim.states().values()}) > 5)


@test("the users are those of --ids, whatever state they start in")
def same_users():
    printed = ids("--users", "50")
    for state in "OFFLINE", "BUSY", "random":
        with Sim("--rate", "0", "--initial", state, "--users", "50") as sim:
            same(sorted(sim.states()), sorted(printed))


@test("the journal tells every change, its recipients, and what else happened")
def journal():
    users = ids()
    with Sim("--rate", "0", journal=True) as sim:
        one = sim.stream(users[:2])
        two = sim.events(users[1:3])
        for user in users[:4]:
            sim.do(f"change {user} BUSY")
        sim.do(f"message {users[0]}", "lose 1", f"change {users[0]} AWAY")
        sim.api("GET", f"/api/v2/users/presences/purecloud/bulk?id={users[0]}")
        got = [json.loads(one.recv()) for _ in range(3)]
        two.recv()
        two.close()
        until(lambda: len(sim.status()["connections"]) == 1, "the close")
        # What was written is there soon, without an end of the program.
        until(lambda: any(r.get("event") == "snapshot" for r in sim.journal()), "flush")
        until(
            lambda: any(r.get("event") == "disconnected" for r in sim.journal()),
            "the disconnection",
        )
        rows = sim.journal()
    changes = [row for row in rows if "n" in row]
    same([row["n"] for row in changes], [1, 2, 3, 4, 5, 6])
    same(
        [row["delivered"] for row in changes],
        [[1], [1, 2], [2], [], [1], False],
    )
    same([row["changed"] for row in changes], [True] * 4 + [False, True])
    same(
        list(changes[0]),
        "n userId state presenceId modifiedDate changed primary delivered at".split(),
    )
    same(got[0]["eventBody"]["modifiedDate"], changes[0]["modifiedDate"])
    same(got[0]["eventBody"]["presenceDefinition"]["id"], changes[0]["presenceId"])
    events = [row["event"] for row in rows if "event" in row]
    for event in "connected disconnected subscribed channel token snapshot fault".split():
        check(event in events, event)
    connected = [row for row in rows if row.get("event") == "connected"]
    same(
        [(row["connection"], row["protocol"]) for row in connected],
        [(1, "notifications"), (2, "events")],
    )
    snapshot = next(row for row in rows if row.get("event") == "snapshot")
    same(
        snapshot["users"],
        [{"userId": users[0], "modifiedDate": changes[5]["modifiedDate"]}],
    )
    subscribed = [row for row in rows if row.get("event") == "subscribed"]
    same(subscribed[0]["userIds"], users[:2])


@test("a journal that cannot be written ends the program with 74")
def full_journal():
    with Sim("--rate", "100", "--journal", "/dev/full") as sim:
        until(lambda: sim.status()["changes"] > 0, "a change")
        time.sleep(0.2)
        same(sim.stop(), 74)


@test("an IPv6 address can be served, with its brackets")
def ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return
    with Sim("--listen", "[::1]:0") as sim:
        check(sim.ready["url"].startswith("http://[::1]:"), sim.ready)
        same(sim.token_call().status, 200)


@test("over TLS all is the same: https, wss, events")
def tls():
    users = ids()
    with tempfile.TemporaryDirectory() as folder:
        pair = make_certificate(folder)
        with Sim("--rate", "0", tls=pair) as sim:
            check(sim.ready["url"].startswith("https://"), sim.ready)
            for raw in (False, True):
                stream = sim.stream(users[:1], raw)
                check(stream.channel["connectUri"].startswith("wss://"))
                sim.do(f"change {users[0]} BUSY", f"change {users[0]} AWAY")
                same(stream.json()["eventBody"]["primary"], True)
                stream.json()
            other = sim.events(users[:1])
            sim.do(f"change {users[0]} BUSY", "close 1001 done")
            same(other.json()["state"], "BUSY")
            same(other.ended(), 1001)
            got = subprocess.run(
                ["curl", "-sS", "--cacert", pair[0], sim.ready["url"] + "/sim/states"],
                capture_output=True,
                check=True,
            )
            same(len(json.loads(got.stdout)), 12)
        # Much at once goes through records and partial writes.
        with Sim("--rate", "max", "--events", "30000", tls=pair) as sim:
            stream = sim.stream(users, raw=True)
            for _ in range(30000):
                stream.recv()
