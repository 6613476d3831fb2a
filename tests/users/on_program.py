"""The program: options, statuses, descriptors, signals, the manual."""

import json
import os
import re
import signal
import subprocess

from bench import HERE, PROGRAM, environment, run, start
from directory import Directory, user
from harness import Sim, check, same, test, until


@test("a command line that makes no sense is 64, a bad value 78")
def usage():
    for options, status, words in (
        (["--bogus"], 64, "unknown option '--bogus'"),
        (["--queue"], 64, "'--queue' needs a value"),
        (["Support"], 64, "'Support': there are no operands"),
        (["--queue", ""], 78, "--queue: it is empty"),
        (["--format", "xml"], 78, "'xml' is none of tsv|yaml"),
        (["--region", "mars"], 78, "unknown region 'mars'"),
        (["--max-retries", "-1"], 78, "--max-retries"),
        (["--client-secret", "x"], 64, "--client-secret-file"),
        (["--access-token", "x"], 64, "--access-token-file"),
    ):
        env = {"GENESYSCLOUD_API_URL": ""} if "--region" in options else None
        got, out, err = run(None, *options, env=env)
        same((got, out), (status, ""), (options, err))
        check(err.startswith("gcpresence-users: ") and words in err, err)
        same(err.count("\n"), 1, err)


@test("--help, --version and --list-regions are on standard output")
def answers_at_once():
    for options in (["--help"], ["-h"], ["-V"], ["--version"], ["--list-regions"]):
        status, out, err = run(None, *options)
        same((status, err), (0, ""))
        check(len(out) > 10 and out.endswith("\n"), options)
        with open("/dev/full", "w", encoding="ascii") as full:
            same(run(None, *options, stdout=full)[0], 74, options)
    check(re.fullmatch(r"gcpresence-users \d+\.\d+\.\d+\n", run(None, "-V")[1]))
    check("eu-central-1" in out, out)


@test("a full disk is 74, and so is a standard output that is closed")
def full_disk():
    with Sim("--rate", "0") as sim:
        with open("/dev/full", "w", encoding="ascii") as full:
            for options in ([], ["--queue", "Support"], ["-o", "yaml"]):
                status, _, err = run(sim, *options, stdout=full)
                same(status, 74, options)
                same(err.count("\n"), 1, err)
        done = subprocess.run(
            ["sh", "-c", 'exec "$1" >&-', "sh", PROGRAM],
            env=environment(sim),
            stderr=subprocess.PIPE,
            check=False,
        )
        same(done.returncode, 74, done.stderr)


@test("an input that cannot be read is 66, and one that is closed is empty")
def unreadable_input():
    with Sim("--rate", "0") as sim:
        folder = os.open("/", os.O_RDONLY)
        status, _, err = run(sim, "--email", stdin=folder)
        os.close(folder)
        same(status, 66, err)
        check("cannot read standard input" in err, err)
        done = subprocess.run(
            ["sh", "-c", 'exec "$1" --email <&-', "sh", PROGRAM],
            env=environment(sim),
            stderr=subprocess.PIPE,
            check=False,
        )
        same(done.returncode, 65, done.stderr)


@test("SIGINT and SIGTERM end it, and nothing is printed")
def signals():
    with Sim("--rate", "0") as sim:
        for number in (signal.SIGINT, signal.SIGTERM):
            before = sim.status()["requests"]["users"]
            sim.do("hang users times 1")
            # Whoever runs the tests may have it ignored.
            process = start(
                sim, preexec_fn=lambda n=number: signal.signal(n, signal.SIG_DFL)
            )
            until(lambda before=before: sim.status()["requests"]["users"] > before)
            process.send_signal(number)
            same(process.communicate(timeout=30)[0], "")
            same(process.returncode, -number)


@test("as yaml, any name reads back")
def yaml_names():
    names = ["Ann", "- x", "a: b # c", 'say "no" \\', "Zoë 渡辺", "yes", "'", "{}"]
    with Directory() as service:
        service.users = [user(f"User {i}") for i in range(len(names))]
        for one, name in zip(service.users, names):
            one["name"] = name
        lines = run(service, "-o", "yaml")[1].splitlines()
        same(lines[0], "users:")
        for i, one in enumerate(service.users):
            same(lines[1 + 2 * i], "  - id: " + one["id"])
            head, _, text = lines[2 + 2 * i].partition(": ")
            same(head, "    name")
            same(json.loads(text), one["name"])


@test("the manual has every option, every variable and every status, and no other")
def manual():
    path = os.path.join(HERE, "../../man/gcpresence-users.1")
    with open(path, encoding="utf-8") as file:
        page = file.read()
    told = run(None, "--help")[1]
    options = set(re.findall(r"^ +(?:-., )?--([a-z-]+)", told, re.M))
    check(len(options) > 15, options)
    same(set(re.findall(r"Fl -([a-z-]+)", page)) ^ options, set())
    items = page.split("The options are as follows:")[1].split(".El")[0]
    described = re.findall(r"^\.It (?:Fl . , )?Fl -([a-z-]+)", items, re.M)
    same(described, sorted(described))
    same(set(described), options)
    variables = set(re.findall(r"\$(GENESYSCLOUD_\w+)", told))
    check(len(variables) > 5, variables)
    same(set(re.findall(r"\.It Ev (GENESYSCLOUD_\w+)", page)), variables)
    statuses = page.split(".Sh EXIT STATUS")[1].split(".El")[0]
    statuses = re.findall(r"^\.It (\d+)$", statuses, re.M)
    same(statuses, "0 1 64 65 66 69 70 74 75 77 78".split())
