"""What goes wrong: faults of the service, and what the program makes of them."""

import time

from bench import good, rows, run
from directory import Directory, user
from harness import Sim, check, same, test


@test("429 is waited for as long as Retry-After says, and all is printed")
def throttled():
    with Sim("--rate", "0") as sim:
        sim.do("answer users 429 retry-after 1")
        begin = time.monotonic()
        same(len(good(sim)), 12)
        check(time.monotonic() - begin >= 1, "it did not wait")
        same(sim.status()["requests"]["users"], 2)


@test("the service's own rate-limit headers are obeyed")
def rate_headers():
    with Directory() as service:
        service.users = [user(f"User {i}") for i in range(1100)]
        service.headers = {
            "inin-ratelimit-count": 10,
            "inin-ratelimit-allowed": 10,
            "inin-ratelimit-reset": 1,
        }
        begin = time.monotonic()
        same(good(service), rows(service.users))
        # Three pages: two waits between them.
        check(time.monotonic() - begin >= 2, "it did not wait")


@test("a fault that passes is tried again: 503, no answer, no JSON, no object")
def passing_faults():
    with Directory() as service:
        service.users = [user("Ann")]
        service.add("teams", "Red", service.users)
        for path in ("/oauth/token", "/api/v2/teams?", "/api/v2/teams/"):
            for status, body in (
                (503, {"status": 503, "code": "service.unavailable"}),
                (500, b""),
                (200, b"<html>"),
                (200, b'{"entities":[{"id":"'),
                (200, b""),
                (None, None),
            ):
                service.answers = [(path, status, {}, body)]
                same(good(service, "--team", "Red"), rows(service.users), path)
                same(service.answers, [])


@test("a fault that stays ends it, with its status and the reason, once")
def lasting_faults():
    with Sim("--rate", "0") as sim:
        for answer, status, words in (
            ("503", 75, "503"),
            ("429 retry-after 0", 75, "429"),
            ("404", 78, "404"),
            ("400", 77, "400"),
            ("403", 77, "403"),
            ("401", 77, "401"),
            ("200 body nonsense", 69, "cannot be read"),
        ):
            first, _, rest = answer.partition(" ")
            sim.do(f"answer users {first} times 0 {rest}")
            got, out, err = run(sim, "--max-retries", "2", "-q")
            same((got, out), (status, ""), (answer, err))
            same(err.count("\n"), 1, err)
            check("cannot list the users" in err and words in err, (answer, err))
            sim.do("clear")


@test("half a list is never printed")
def half_a_list():
    with Directory() as service:
        service.users = [user(f"User {i}") for i in range(250)]
        service.add("routing/queues", "Support", service.users)
        service.add("teams", "Red", service.users[:5])
        for page in ("pageSize=100&pageNumber=2", "pageSize=100&pageNumber=3"):
            members = f"/api/v2/routing/queues/{user('Support')['id']}/members?{page}"
            service.answers = [(members, 403, {}, {"code": "x", "status": 403})]
            status, out, _ = run(service, "--team", "Red", "--queue", "Support")
            same((status, out), (77, ""))
            same(service.answers, [])


@test("a missing permission is named")
def permissions():
    with Sim("--rate", "0") as sim:
        for options, endpoint, permission in (
            (["--queue", "Support"], "queues", "routing:queue:view"),
            (["--queue", "Support"], "queue-members", "routing:queue:view"),
            (["--team", "Red"], "teams", "groups:team:view"),
            (["--team", "Red"], "team-members", "groups:team:view"),
            (["--email"], "user-search", "directory:user:view"),
        ):
            sim.do(f"answer {endpoint} 403")
            status, out, err = run(sim, *options, said="a@example.com\n")
            same((status, out), (77, ""), options)
            check(permission in err, (options, err))
        # The service's own word comes first.
        sim.do(
            'answer queues 403 body {"status":403,"code":"missing.permissions",'
            '"message":"routing:queue:view is missing"}'
        )
        err = run(sim, "--queue", "Support")[2]
        same(err.count("routing:queue:view"), 1, err)


@test("a token that is refused is renewed once")
def token_renewed():
    with Sim("--rate", "0") as sim:
        sim.do("answer users 401")
        same(len(good(sim)), 12)
        same(sim.status()["requests"]["token"], 2)


@test("a list that never ends is seen through")
def endless_list():
    page = '{"id":"%s","name":"Ann"}' % user("Ann")["id"]
    with Sim("--rate", "0") as sim:
        for option, endpoint in (
            ("--queue=Support", "queue-members"),
            ("--group=Trainees", "group-members"),
            ("--team=Red", "team-members"),
        ):
            body = '{"entities":[%s],"nextUri":"/x?after=7"}' % page
            sim.do(f"answer {endpoint} 200 times 0 body {body}")
            status, out, err = run(sim, option)
            same((status, out), (69, ""), option)
            check("gives page 1 again as page 2" in err, err)


@test("bad credentials are 77, none 78, a service that nobody is at 69")
def credentials():
    with Sim("--rate", "0") as sim:
        status, out, err = run(sim, env={"GENESYSCLOUD_OAUTHCLIENT_SECRET": "bad"})
        same((status, out), (77, ""), err)
        check("invalid_client" in err, err)
        status, out, err = run(sim, env={"GENESYSCLOUD_OAUTHCLIENT_ID": ""})
        same((status, out), (78, ""), err)
    status, out, err = run(None, "--max-retries", "1")
    same((status, out), (69, ""), err)
    check("127.0.0.1:1" in err, err)
    same(run(None, "--api-url", "http://example.com")[0], 78)
    same(run(None, "--cacert", "/nowhere/ca")[0], 66)


@test("no secret and no token is told, however much is")
def secrets():
    with Directory() as service:
        service.users = [user("Ann")]
        service.answers = [("/api/v2/users", 503, {}, {})]
        for options in (["-vv"], ["-vv", "--log-format", "json"]):
            status, out, err = run(service, *options)
            same(status, 0)
            check(len(err.splitlines()) > 2, err)
            for secret in ("a-secret", "a-token", "YS1jbGllbnQ6YS1zZWNyZXQ"):
                check(secret not in out + err, secret)
