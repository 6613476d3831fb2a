"""The directory: users, queues, groups and teams, and the lists of them."""

import re
import urllib.parse

import jsonschema
from harness import Sim, check, ids, run, same, test
from on_http import STRANGER, refused

USERS = "/api/v2/users"
QUEUES = "/api/v2/routing/queues"
GROUPS = "/api/v2/groups"
TEAMS = "/api/v2/teams"
USER = {
    "type": "object",
    "required": ["id", "name", "division", "chat", "email", "primaryContactInfo"]
    + ["addresses", "state", "username", "version", "selfUri"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9a-f-]{36}$"},
        "name": {"type": "string", "minLength": 1},
        "email": {"type": "string", "pattern": r"^[a-z0-9.]+@example\.com$"},
        "state": {"const": "active"},
        "selfUri": {"type": "string", "pattern": "^/api/v2/users/"},
    },
}


def search(sim, path, *criteria, **more):
    return sim.api("POST", path + "/search", {"query": list(criteria), **more})


def exact(field, *values):
    if len(values) == 1:
        return {"type": "EXACT", "fields": [field], "value": values[0]}
    return {"type": "EXACT", "fields": [field], "values": list(values)}


def walk(sim, path):
    """All rows of a list, by following nextUri, and how many pages it had."""
    rows, pages = [], 0
    while path:
        answer = sim.api("GET", path)
        same(answer.status, 200, answer.body)
        rows += answer.json()["entities"]
        path = answer.json().get("nextUri")
        pages += 1
    return rows, pages


def units(sim, path=QUEUES):
    return {row["name"]: row["id"] for row in walk(sim, path)[0]}


def members(sim, kind, unit, query=""):
    return walk(sim, f"{kind}/{unit}/members{query}")[0]


@test("users come in pages of at most 500, in the service's frame")
def user_pages():
    with Sim("--rate", "0", "--users", "1203") as sim:
        page = sim.api("GET", USERS + "?pageSize=500&pageNumber=3&state=active").json()
        same(
            {key: value for key, value in page.items() if key != "entities"},
            {
                "pageSize": 500,
                "pageNumber": 3,
                "total": 1203,
                "pageCount": 3,
                "firstUri": USERS + "?pageSize=500&pageNumber=1&state=active",
                "previousUri": USERS + "?pageSize=500&pageNumber=2&state=active",
                "selfUri": USERS + "?pageSize=500&pageNumber=3&state=active",
                "lastUri": USERS + "?pageSize=500&pageNumber=3&state=active",
            },
        )
        same(len(page["entities"]), 203)
        rows, pages = walk(sim, USERS + "?pageSize=500")
        same(pages, 3)
        same([row["id"] for row in rows], ids("--users", "1203"))
        for row in rows:
            jsonschema.validate(row, USER)
        same(len(sim.api("GET", USERS).json()["entities"]), 25)
        same(sim.api("GET", USERS + "?pageNumber=9000").json()["entities"], [])
        same(sim.api("GET", USERS + "?state=inactive").json()["total"], 0)
        same(sim.api("GET", USERS + "?state=any").json()["total"], 1203)
        for query in ("pageSize=501", "pageSize=0", "pageSize=x", "pageNumber=0"):
            refused(sim.api("GET", USERS + "?" + query), 400, "bad.request")
        refused(sim.call("GET", USERS), 401, "authentication.required")


@test("a single user is as in the list; who is forgotten or nobody is in neither")
def single_user():
    first, second = ids()[:2]
    with Sim("--rate", "0", "--strict-users") as sim:
        row = sim.api("GET", f"{USERS}/{first.upper()}").json()
        same(row, sim.api("GET", USERS).json()["entities"][0])
        refused(sim.api("GET", f"{USERS}/{STRANGER}"), 404, "not.found")
        refused(sim.api("GET", USERS + "/nobody"), 404, "not.found")
        sim.do(f"forget {first}")
        refused(sim.api("GET", f"{USERS}/{first}"), 404, "not.found")
        page = sim.api("GET", USERS).json()
        same((page["entities"][0]["id"], page["total"]), (second, 11))
    with Sim("--rate", "0") as sim:
        same(sim.api("GET", f"{USERS}/{STRANGER}").json()["id"], STRANGER)
        same(sim.api("GET", USERS).json()["total"], 13)
        # A user of the events protocol need not have a UUID.
        sim.events(["agent-7"])
        same(sim.api("GET", USERS).json()["total"], 13)


@test("each user has an e-mail address, made of the name, that nobody else has")
def addresses():
    with Sim("--rate", "0", "--users", "2000") as sim:
        rows = walk(sim, USERS + "?pageSize=500")[0]
    same(len({row["email"] for row in rows}), 2000)
    for row in rows:
        same(row["primaryContactInfo"][0]["address"], row["email"])
    named = {row["name"]: row["email"] for row in reversed(rows)}
    same(named["Zoë O'Neill"], "zoe.oneill@example.com")
    same(named["Łukasz Wójcik"], "lukasz.wojcik@example.com")
    second = [row["email"] for row in rows if row["name"] == "Søren Yılmaz"][1]
    same(second, "soren.yilmaz.2@example.com")


@test("users are searched by address, state, name and ID, without case")
def user_search():
    users = ids()
    with Sim("--rate", "0") as sim:
        rows = sim.api("GET", USERS).json()["entities"]
        mails = [row["email"] for row in rows]
        body = search(sim, USERS, exact("email", mails[0].upper())).json()
        same(body["results"], [rows[0]])
        same(
            {key: value for key, value in body.items() if key != "results"},
            {
                "total": 1,
                "pageCount": 1,
                "pageSize": 25,
                "pageNumber": 1,
                "types": ["users"],
            },
        )
        body = search(
            sim,
            USERS,
            exact("email", "nobody@example.com", mails[3], mails[1]),
            exact("state", "active"),
        ).json()
        same([row["id"] for row in body["results"]], [users[1], users[3]])
        both = search(sim, USERS, exact("email", "x"), exact("state", "active"))
        same(both.json()["results"], [])
        same(search(sim, USERS, exact("state", "deleted")).json()["total"], 0)
        same(search(sim, USERS, exact("id", users[4])).json()["results"], [rows[4]])
        inner = rows[5]["name"][2:-2].lower()
        found = search(
            sim, USERS, {"type": "CONTAINS", "fields": ["name", "email"], "value": inner}
        ).json()["results"]
        check(rows[5] in found)
        start = {"type": "STARTS_WITH", "fields": ["name"], "value": rows[6]["name"][:3]}
        check(rows[6] in search(sim, USERS, start).json()["results"])
        page = search(sim, USERS, pageSize=5, pageNumber=3).json()
        same((page["total"], page["pageCount"]), (12, 3))
        same([row["id"] for row in page["results"]], users[10:])


@test("a search that makes no sense, or is too large, is refused")
def bad_searches():
    with Sim("--rate", "0") as sim:
        many = [f"user{i}@example.com" for i in range(26)]
        same(search(sim, USERS, exact("email", *many[:25])).status, 200)
        for criterion in (
            exact("email", *many),
            {"type": "SOUNDS_LIKE", "fields": ["name"], "value": "x"},
            {"type": "EXACT", "value": "x"},
            {"type": "EXACT", "fields": ["name"]},
            {"type": "EXACT", "fields": [], "value": "x"},
            {},
            7,
        ):
            refused(search(sim, USERS, criterion), 400, "bad.request")
        for body in ("", "[]", "{", '{"pageSize":101}', '{"pageNumber":"x"}'):
            for path in (USERS, GROUPS):
                refused(sim.api("POST", path + "/search", body), 400, "bad.request")
        same(search(sim, USERS, exact("shoe size", "9")).json()["results"], [])


@test("queues are found by name and by pattern, without case")
def queue_names():
    with Sim("--rate", "0", "--queues", "Support, Sales ,,Support EU,Twin,Twin") as sim:

        def named(name):
            path = QUEUES + "?name=" + urllib.parse.quote(name)
            return [row["name"] for row in walk(sim, path)[0]]

        same(named("support"), ["Support"])
        same(named("Support*"), ["Support", "Support EU"])
        same(named("*EU"), ["Support EU"])
        same(named("*s*"), ["Support", "Sales", "Support EU"])
        same(named("Twin"), ["Twin", "Twin"])
        same(named("upport"), [])
        same(named("*"), ["Support", "Sales", "Support EU", "Twin", "Twin"])
        page = sim.api("GET", QUEUES + "?pageSize=2").json()
        same((page["total"], page["pageCount"]), (5, 3))
        row = page["entities"][0]
        same(sim.api("GET", f"{QUEUES}/{row['id'].upper()}").json(), row)
        check(0 < row["joinedMemberCount"] <= row["memberCount"] <= 12, row)
        refused(sim.api("GET", f"{QUEUES}/{STRANGER}"), 404, "not.found")
        refused(sim.api("GET", f"{QUEUES}/{STRANGER}/members"), 404, "not.found")


@test("a queue's members come in pages of at most 100, without a count")
def queue_members():
    with Sim("--rate", "0", "--users", "420") as sim:
        queue = units(sim)["Support"]
        path = f"{QUEUES}/{queue}/members"
        page = sim.api("GET", path + "?pageSize=100&pageNumber=2").json()
        same(
            list(page),
            ["entities", "pageSize", "pageNumber"]
            + ["firstUri", "nextUri", "previousUri", "selfUri"],
        )
        same(len(page["entities"]), 100)
        rows, pages = walk(sim, path + "?pageSize=100")
        same(pages, 3)
        same(len(rows), sim.api("GET", f"{QUEUES}/{queue}").json()["memberCount"])
        check(150 < len(rows) < 270, len(rows))
        same(len({row["id"] for row in rows}), len(rows))
        for row in rows:
            jsonschema.validate(row["user"], USER)
            same((row["user"]["id"], row["user"]["name"]), (row["id"], row["name"]))
            same(row["memberBy"], "user")
        joined = members(sim, QUEUES, queue, "?joined=true&pageSize=100")
        same(joined, [row for row in rows if row["joined"]])
        left = members(sim, QUEUES, queue, "?joined=false&pageSize=100")
        check(0 < len(left) < len(joined))
        same(len(left) + len(joined), len(rows))
        same(members(sim, QUEUES, queue, "?memberBy=group"), [])
        refused(sim.api("GET", path + "?pageSize=101"), 400, "bad.request")
        sim.do(f"forget {rows[0]['id']}")
        same(members(sim, QUEUES, queue, "?pageSize=100"), rows[1:])


@test("groups are searched by name; their members are whole users, in counted pages")
def groups():
    with Sim("--rate", "0", "--users", "420") as sim:
        body = search(sim, GROUPS, exact("name", "night shift")).json()
        same((body["total"], body["types"]), (1, ["groups"]))
        group = body["results"][0]
        same((group["name"], group["state"]), ("Night Shift", "active"))
        same(sim.api("GET", f"{GROUPS}/{group['id']}").json(), group)
        contains = {"type": "CONTAINS", "fields": ["name"], "value": "s"}
        same(search(sim, GROUPS, contains).json()["total"], 3)
        path = f"{GROUPS}/{group['id']}/members"
        page = sim.api("GET", path + "?pageSize=100").json()
        same(page["total"], group["memberCount"])
        same(page["pageCount"], 2)
        check(100 < page["total"] < 190, page["total"])
        for row in walk(sim, path + "?pageSize=100")[0]:
            jsonschema.validate(row, USER)
        refused(sim.api("GET", path + "?pageSize=101"), 400, "bad.request")
        refused(sim.api("GET", f"{GROUPS}/{STRANGER}/members"), 404, "not.found")


@test("teams are listed by the start of the name, and by a cursor; so are members")
def teams():
    names = ",".join(f"Team {i}" for i in range(30))
    with Sim("--rate", "0", "--users", "420", "--teams", "Red,Reds," + names) as sim:
        found, pages = walk(sim, TEAMS + "?pageSize=10")
        same([row["name"] for row in found], f"Red,Reds,{names}".split(","))
        same(pages, 4)
        found, pages = walk(sim, TEAMS + "?name=team%20&pageSize=8")
        same(([row["name"] for row in found], pages), (names.split(","), 4))
        page = sim.api("GET", TEAMS + "?pageSize=10").json()
        same(list(page), ["entities", "nextUri", "selfUri"])
        cursor = urllib.parse.parse_qs(page["nextUri"].split("?")[1])["after"][0]
        check(re.fullmatch(r"[A-Za-z0-9+/]+=*", cursor), cursor)
        for wrong in ("x", "AAAA", "%ff", "10"):
            refused(sim.api("GET", TEAMS + "?after=" + wrong), 400, "bad.request")
        team = units(sim, TEAMS + "?name=RED")["Red"]
        same(sim.api("GET", f"{TEAMS}/{team}").json()["name"], "Red")
        refused(sim.api("GET", f"{TEAMS}/{STRANGER}/members"), 404, "not.found")
        bare = members(sim, TEAMS, team, "?pageSize=5")
        full = members(sim, TEAMS, team, "?pageSize=4&expand=entities")
        same([row["id"] for row in bare], [row["id"] for row in full])
        check(all("name" not in row for row in bare), "names without expand")
        check(all(row["name"] for row in full), "no names with expand")
        everybody = [
            row["id"]
            for one in units(sim, TEAMS + "?pageSize=100").values()
            for row in members(sim, TEAMS, one)
        ]
        same(sorted(everybody), sorted(ids("--users", "420")), "one team for each")


@test("who is in what depends on the seed alone")
def seeded_members():
    def all_members(*options):
        with Sim("--rate", "0", *options) as sim:
            sim.api("GET", f"{USERS}/{STRANGER}")
            return {
                (kind, name): [row["id"] for row in members(sim, kind, unit)]
                for kind in (QUEUES, TEAMS)
                for name, unit in units(sim, kind).items()
            }

    first = all_members()
    same({name for _, name in first}, set("Support Sales Billing Red Green Blue".split()))
    same(all_members(), first)
    check(all_members("--seed", "2") != first)
    check(STRANGER not in sum(first.values(), []))
    # The users themselves do not depend on what they are in.
    same(run("--ids", "--queues", "", "--groups", "", "--teams", "")[1], run("--ids")[1])
    with Sim("--queues", "", "--groups", "", "--teams", "") as sim:
        for path in (QUEUES, TEAMS):
            same(walk(sim, path)[0], [])
        same(search(sim, GROUPS).json()["results"], [])


@test("each list can be told to go wrong, and is counted")
def directory_faults():
    with Sim("--rate", "0") as sim:
        queue = units(sim)["Sales"]
        team = units(sim, TEAMS)["Red"]
        group = search(sim, GROUPS).json()["results"][0]["id"]
        before = sim.status()["requests"]
        for endpoint, (method, path, body) in {
            "users": ("GET", USERS, None),
            "user-search": ("POST", USERS + "/search", {}),
            "queues": ("GET", QUEUES, None),
            "queue-members": ("GET", f"{QUEUES}/{queue}/members", None),
            "groups": ("POST", GROUPS + "/search", {}),
            "group-members": ("GET", f"{GROUPS}/{group}/members", None),
            "teams": ("GET", TEAMS, None),
            "team-members": ("GET", f"{TEAMS}/{team}/members", None),
        }.items():
            sim.do(f"answer {endpoint} 403")
            refused(sim.api(method, path, body), 403, "not.authorized")
            same(sim.api(method, path, body).status, 200)
            same(sim.status()["requests"][endpoint] - before[endpoint], 2, endpoint)
