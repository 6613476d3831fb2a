"""What is listed: all users, members, e-mail addresses, on both services."""

import os
import subprocess
import tempfile

import harness
from bench import FILTER, PROGRAM, environment, good, rows, run, start
from directory import Directory, identity, user
from harness import Sim, check, ids, same, test

QUEUES = "/api/v2/routing/queues"
GROUPS = "/api/v2/groups"
TEAMS = "/api/v2/teams"


def walk(sim, path):
    """All rows of a list, by following nextUri."""
    found = []
    while path:
        answer = sim.api("GET", path).json()
        found += answer["entities"]
        path = answer.get("nextUri")
    return found


def members(sim, kind, name):
    """The ID of the unit of that name, and the IDs of its members."""
    if kind == GROUPS:
        query = [{"type": "EXACT", "fields": ["name"], "value": name}]
        found = sim.api("POST", GROUPS + "/search", {"query": query}).json()["results"]
    else:
        found = [row for row in walk(sim, kind) if row["name"] == name]
    (one,) = found
    return one["id"], [
        row["id"] for row in walk(sim, f"{kind}/{one['id']}/members?pageSize=100")
    ]


def first(listed):
    return [row[0] for row in listed]


@test("without an option all users are printed, ID, tab and name, over all pages")
def all_users():
    with Sim("--rate", "0", "--users", "1203") as sim:
        status, out, err = run(sim)
        same((status, err), (0, ""))
        check(out == harness.run("--ids", "--users", "1203")[1], out[:200])
        same(sim.status()["requests"]["users"], 3)


@test("the members of a queue, a group or a team are printed, by name or by ID")
def members_of_each():
    with Sim("--rate", "0", "--users", "420") as sim:
        for option, kind, name in (
            ("--queue", QUEUES, "Support"),
            ("--group", GROUPS, "Night Shift"),
            ("--team", TEAMS, "Red"),
        ):
            unit, want = members(sim, kind, name)
            check(len(want) > 100, "more than a page")
            got = good(sim, option, name)
            same(first(got), want, option)
            check(all(len(row) == 2 and row[1] for row in got), "no name")
            same(good(sim, option, unit), got, option)
            same(good(sim, option, unit.upper()), got, option)
            same(good(sim, option, name.swapcase()), got, option)


@test("several lists are one, each user once, in the order of finding")
def several():
    with Sim("--rate", "0", "--users", "60") as sim:
        want = []
        for kind, name in ((TEAMS, "Blue"), (QUEUES, "Sales"), (QUEUES, "Billing")):
            want += members(sim, kind, name)[1]
        want = list(dict.fromkeys(want))
        got = good(sim, "--team=Blue", "--queue", "Sales", "--queue", "Billing")
        same(first(got), want)


@test("what comes out is what gcpresence takes")
def pipeline():
    with Sim("--rate", "0", "--users", "30", "--initial", "BUSY") as sim:
        want = members(sim, QUEUES, "Support")[1]
        for names in ([], ["-o", "yaml"]):
            with tempfile.NamedTemporaryFile("w+") as file:
                with start(sim, "--queue", "Support", *names, stdout=file) as users:
                    users.wait()
                file.seek(0)
                given = ["-f", file.name] if names else []
                status, out, err = run(
                    sim,
                    *given,
                    *("-o", "tsv", "-n", str(len(want))),
                    program=FILTER,
                    stdin=file,
                )
            same(status, 0, err)
            got = [line.split("\t")[:3] for line in out.splitlines()[1:]]
            same(sorted(row[0] for row in got), sorted(want))
            check(all(row[1] and row[2] == "BUSY" for row in got), got)


@test("another service: lists are asked for as documented, and read to their end")
def another_service():
    with Directory() as service:
        service.users = [user(f"User {i}") for i in range(1100)]
        service.users[7]["state"] = "inactive"
        active = [one for one in service.users if one["state"] == "active"]
        service.add("routing/queues", "Support", service.users[:250])
        service.add("routing/queues", "Support 2", service.users[:3])
        service.add("groups", "Night Shift", service.users[100:301])
        for i in range(150):
            service.add("teams", f"Red {i}", [])
        service.add("teams", "Redder", service.users[:1])
        # Behind a page of others that start so.
        service.add("teams", "Red", service.users[300:555])
        same(good(service), rows(active))
        same(good(service, "--queue", "support"), rows(active[:249]))
        same(good(service, "--group", "Night Shift"), rows(service.users[100:301]))
        same(good(service, "--team", "Red"), rows(service.users[300:555]))
        same(good(service, "--team", identity("Redder")), rows(service.users[:1]))
        same(service.complaints, [])
        # The last page is full.
        service.members[identity("Redder")] = service.users[100:200]
        service.add("routing/queues", "Full", service.users[600:800])
        same(len(good(service, "--team", "Redder", "--queue", "Full")), 300)
        # The service may make pages smaller.
        service.page_size_max = 60
        same(good(service), rows(active))
        same(good(service, "--queue", "Support"), rows(active[:249]))
        same(service.complaints, [])


@test("another service: e-mail addresses are asked for 25 at once, any case")
def another_service_emails():
    with Directory() as service:
        service.users = [user(f"User {i}") for i in range(60)]
        said = "".join(one["email"].upper() + "\n" for one in service.users)
        same(good(service, "--email", said=said), rows(service.users))
        same(service.complaints, [])
        searches = [path for _, path, _ in service.requests if "search" in path]
        check(len(searches) >= 3, searches)


@test("a page without pageCount, nextUri or pageSize is the last if it is not full")
def unsaid_end():
    with Directory() as service:
        queue = service.add("routing/queues", "Support", [])
        path = f"/api/v2/routing/queues/{queue}/members"
        some = [user(f"User {i}") for i in range(130)]
        members_of = [{"id": one["id"], "name": one["name"]} for one in some]
        for more in ({}, {"pageCount": 0}, {"pageCount": None, "nextUri": None}):
            service.answers = [
                (path, 200, {}, {"entities": members_of[:100], **more}),
                (path, 200, {}, {"entities": members_of[100:], **more}),
            ]
            same(good(service, "--queue", "Support"), rows(some))
        # The last page may happen to be full.
        service.answers = [
            (path, 200, {}, {"entities": members_of[:100]}),
            (path, 200, {}, {"entities": []}),
        ]
        same(good(service, "--queue", "Support"), rows(some[:100]))


@test("who is not active, and what has no ID, is left out; who has no name is not")
def left_out():
    people = [
        {"id": identity("a"), "name": "Ann", "state": "ACTIVE"},
        {"id": identity("b"), "name": "Bob", "state": "inactive"},
        {"id": identity("c"), "name": "Carol", "state": "deleted"},
        {"id": "no-uuid", "name": "Dan"},
        {"name": "Eve"},
        {"id": 7, "name": "Fay"},
        "Gus",
        None,
        {"id": identity("h"), "name": 7},
        {"id": identity("i"), "name": ""},
        {"id": identity("j"), "user": {"id": identity("k"), "name": "Kim"}},
    ]
    with Directory() as service:
        service.answers = [("/api/v2/users", 200, {}, {"entities": people})]
        status, out, err = run(service)
        same(status, 0)
        same(
            out,
            f"{identity('a')}\tAnn\n{identity('h')}\n{identity('i')}\n"
            f"{identity('k')}\tKim\n",
        )
        same(err.count("\n"), 1, err)
        check("5 rows have no ID of a user" in err, err)


HOSTILE = [
    "\x1b]0;owned\x07",
    "\x1b[2J",
    "\u009b31mC1",
    "\u202eevil\u202c",
    "\u2028line",
    "tab\there",
    "new\nline\r\n",
    "\x7fdel",
    "\ufefffeff",
    "x" * 5000,
    "é" * 5000,
]


@test("a hostile name is inert: one line, one tab, no control sequence")
def hostile_names():
    with Directory() as service:
        service.users = [user(f"User {i}") for i in range(len(HOSTILE))]
        for one, name in zip(service.users, HOSTILE):
            one["name"] = name
        for options in ([], ["-o", "yaml"]):
            out = run(service, *options)[1]
            for sign in out:
                check(sign in "\n\t" or sign.isprintable(), repr(sign))
            if not options:
                listed = [line.split("\t") for line in out.split("\n")[:-1]]
                same([row[0] for row in listed], [one["id"] for one in service.users])
                same({len(row) for row in listed}, {2})
                same(listed[5][1], "tab here")
                same(listed[6][1], "new line")
                check(max(len(row[1].encode()) for row in listed) <= 256)
        # Names of queues, too, which are told on standard error.
        for name in HOSTILE:
            service.add("routing/queues", "Support " + name, [])
        status, out, err = run(service, "--queue", "Support")
        same((status, out), (65, ""))
        check("owned" in err, err)
        for sign in err:
            check(sign == "\n" or sign.isprintable(), repr(sign))


@test("e-mail addresses: white space, CRLF, comments and repetitions do no harm")
def tolerant_addresses():
    with Sim("--rate", "0") as sim:
        users = walk(sim, "/api/v2/users")
        a, b, c = (one["email"] for one in users[:3])
        said = f"\ufeff{a}\r\n\n# nobody@example.com\n  {b} \t\n{a.upper()}\n{c}"
        got = first(good(sim, "--email", said=said))
        same(got, [one["id"] for one in users[:3]])
        # The last line is one when the input ends.
        check(sim.status()["requests"]["user-search"] <= 2)


@test("addresses that nobody has are told with their line, and are status 1")
def missing_addresses():
    with Directory() as service:
        service.users = [user("Ann"), user("Bob", "inactive"), user("Carol")]
        said = (
            "ann@example.com\nnobody@example.com\nno address\n@\n\n"
            "bob@example.com\ncarol@example.com\n"
        )
        status, out, err = run(service, "--email", said=said)
        same(status, 1, err)
        same(out, f"{identity('Ann')}\tAnn\n{identity('Carol')}\tCarol\n")
        for words in (
            "warning: standard input:2: nobody has 'nobody@example.com'",
            "warning: standard input:3: this is not an e-mail address",
            "warning: standard input:4: this is not an e-mail address",
            "warning: standard input:6: who has 'bob@example.com' is not active",
            "gcpresence-users: 4 of 6 addresses are of no active user",
        ):
            check(words in err, (words, err))
        # Nothing at all is bad data, and so is nothing that can be used.
        for said in ("", "\n# ann@example.com\n", "nobody@example.com\n", "x\n"):
            status, out, err = run(service, "--email", said=said)
            same((status, out), (65, ""), said)
            check("address" in err, err)


@test("addresses are live: a user is printed while the input is still open")
def live_addresses():
    with Directory() as service:
        service.users = [user("Ann"), user("Bob")]
        process = start(service, "--email", stdin=subprocess.PIPE)
        for name in ("Ann", "Bob"):
            process.stdin.write(name.lower() + "@example.com\n")
            process.stdin.flush()
            same(process.stdout.readline(), f"{identity(name)}\t{name}\n")
        process.stdin.close()
        same(process.stdout.read(), "")
        same(process.wait(30), 0)
        process.stdout.close()
        process.stderr.close()


@test("lists and addresses can be asked for together, the lists first")
def lists_and_addresses():
    with Directory() as service:
        service.users = [user("Ann"), user("Bob"), user("Carol")]
        service.add("teams", "Red", service.users[1:2])
        said = "carol@example.com\nbob@example.com\n"
        same(
            good(service, "--team", "Red", "--email", said=said),
            rows([service.users[1], service.users[2]]),
        )


@test("an unknown name tells what there is, all such mistakes at once, status 65")
def unknown_names():
    with Sim("--rate", "0") as sim:
        status, out, err = run(
            sim, "--queue", "Supp", "--team", "R", "--group", "Shift", "--queue", "Zoo"
        )
        same((status, out), (65, ""))
        for words in (
            "no queue is called 'Supp'; there are\n",
            " Support\n",
            "no team is called 'R'; there are\n",
            " Red\n",
            "no group is called 'Shift'; there are\n",
            " Night Shift\n",
            "no queue is called 'Zoo'\n",
        ):
            check(words in err, (words, err))
        nobody = identity("nobody")
        for option in ("--queue", "--group", "--team"):
            status, out, err = run(sim, option, nobody)
            same((status, out), (65, ""), option)
            check(nobody in err and "404" in err, err)


@test("a name that several have is refused with the IDs to choose from")
def shared_names():
    with Sim("--rate", "0", "--queues", "Support,Support,support") as sim:
        twins = [row["id"] for row in walk(sim, QUEUES)]
        status, out, err = run(sim, "--queue", "Support")
        same((status, out), (65, ""))
        check("2 queues are called 'Support'" in err, err)
        for one in twins[:2]:
            check(one in err, err)
        check(twins[2] not in err, err)
        # Spelled just so there is one.
        same(
            first(good(sim, "--queue", "support")),
            [row["id"] for row in walk(sim, f"{QUEUES}/{twins[2]}/members")],
        )
        same(run(sim, "--queue", "SUPPORT")[0], 65)


@test("a queue without members is no failure, and is told")
def nobody_there():
    with Directory() as service:
        service.add("routing/queues", "Empty", [])
        status, out, err = run(service, "--queue", "Empty")
        same((status, out), (0, ""))
        check("the queue 'Empty' has no active users" in err, err)
        same(run(service, "-o", "yaml", "--queue", "Empty")[1], "users: []\n")


@test("names with signs that mean something in a URL are found")
def odd_names():
    with Directory() as service:
        service.users = [user("Ann")]
        for name in ("R&D", "50% + more?", "a/b#c", "Größe", '"quoted" \\'):
            service.add("routing/queues", name, service.users)
            service.add("groups", name, service.users)
            service.add("teams", name, service.users)
            for option in ("--queue", "--group", "--team"):
                same(good(service, option, name), rows(service.users), name)
        same(service.complaints, [])


@test("a reader that goes away ends it by SIGPIPE, quietly")
def reader_gone():
    with Sim("--rate", "0", "--users", "3000") as sim:
        reading, writing = os.pipe()
        process = start(sim, stdout=writing)
        os.close(writing)
        same(os.read(reading, 10), ids("--users", "1")[0][:10].encode())
        os.close(reading)
        same(process.communicate(timeout=30)[1], "")
        same(process.returncode, -13)
        # Also while there is nothing to print yet.
        process = start(sim, "--email", stdin=subprocess.PIPE)
        process.stdout.close()
        same(process.wait(30), -13)
        process.stdin.close()
        process.stderr.close()
        script = '"$1" --queue Support | head -n 1'
        got = subprocess.run(
            ["bash", "-c", script + '; echo "${PIPESTATUS[*]}"', "x", PROGRAM],
            env=environment(sim),
            capture_output=True,
            text=True,
            check=True,
        )
        same(got.stdout.splitlines()[1], "141 0")
