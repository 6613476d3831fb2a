"""The report beside the filter and the simulator, and its manual."""

import json
import os
import re
import subprocess
import tempfile
import time
import urllib.request

from recording import GCPRESENCE, LIMIT, ROOT, SIM, check, report, same, test


def record(folder):
    """Records a few seconds of a simulator whose connections get lost."""
    name = os.path.join(folder, "presence.ndjson")
    world = ["--users", "6", "--seed", "3"]
    ids = subprocess.run(
        [SIM, "--ids", *world], capture_output=True, timeout=LIMIT, check=True
    ).stdout
    with subprocess.Popen(
        [SIM, *world, "--rate", "20", "--initial", "random", "-q"], stdout=subprocess.PIPE
    ) as sim, open(name, "wb") as out:
        url = json.loads(sim.stdout.readline())["url"]
        env = dict(
            os.environ,
            GENESYSCLOUD_API_URL=url,
            GENESYSCLOUD_OAUTHCLIENT_ID="sim-client",
            GENESYSCLOUD_OAUTHCLIENT_SECRET="sim-secret",
        )
        with subprocess.Popen(
            [GCPRESENCE, "--gaps", "-q", "--retry-base", "0.2", "--max-retries", "0"],
            stdin=subprocess.PIPE, stdout=out, env=env,
        ) as filter_:
            filter_.stdin.write(ids)
            filter_.stdin.close()
            grown(name, lambda text: text.count('"stream"') > 20)
            urllib.request.urlopen(f"{url}/sim/do", b"refuse 1\ndrop\n", LIMIT).close()
            grown(name, lambda text: '"gap"' in text)
            size = os.path.getsize(name)
            grown(name, lambda text: len(text) > size + 4000)
            filter_.terminate()
            same(filter_.wait(LIMIT), 0)
        sim.terminate()
    return name


def grown(name, enough):
    """Waits until a file has enough in it."""
    end = time.monotonic() + LIMIT
    while True:
        with open(name, encoding="utf-8") as file:
            if enough(file.read()):
                return
        check(time.monotonic() < end, "the recording does not grow")
        time.sleep(0.02)


@test("a recording of gcpresence with a lost connection is read without loss")
def recorded():
    with tempfile.TemporaryDirectory() as folder:
        name = record(folder)
        done = report("--strict", "-o", "json", name)
        found = done.json()
        same(done.err, "")
        with open(name, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        same((found["lines"], len(found["blind"])), (len(lines), 1))
        states = {user["userId"]: None for user in found["users"]}
        same(len(states), 6)
        changes = sum(
            line["previousState"] not in (None, line["state"]) for line in lines if "gap" not in line
        )
        same(found["total"]["changes"], changes)
        for user in found["users"]:
            check(user["name"] and user["knownMs"] > 0, user)
        text = report("--svg", "-", name).out
        check('class="blind"' in text and "Stream blind" in text)


@test("--help and --version print on standard output, and end with 0")
def help_and_version():
    done = report("--help")
    check(done.out.startswith("usage: gcpresence-report "), done.out)
    check(re.fullmatch(r"gcpresence-report \d+\.\d+\.\d+\n", report("-V").out))


@test("the manual has every option and every status, and no other")
def manual():
    with open(os.path.join(ROOT, "man/gcpresence-report.1"), encoding="utf-8") as file:
        page = file.read()
    options = set(re.findall(r"^ +(?:-., )?--([a-z-]+)", report("--help").out, re.M))
    check(len(options) > 10, options)
    described = set(re.findall(r"^\.It .*Fl -?(?:. , )?-?([a-z-]{2,})", page, re.M))
    same(described ^ options, set())
    same(re.findall(r"^\.It (\d+)$", page, re.M), "0 64 65 66 70 74 78".split())
    sections = re.findall(r"^\.Sh (.*)", page, re.M)
    same(
        sections,
        "NAME,SYNOPSIS,DESCRIPTION,INPUT,OUTPUT,SIGNALS,ENVIRONMENT,FILES,EXIT STATUS,"
        "EXAMPLES,DIAGNOSTICS,SEE ALSO,STANDARDS,AUTHORS,CAVEATS".split(","),
    )


@test("the manual's examples work")
def examples():
    with open(os.path.join(ROOT, "man/gcpresence-report.1"), encoding="utf-8") as file:
        page = file.read().split(".Sh EXAMPLES")[1].split(".Sh ")[0]
    scripts = re.findall(r"^\.Bd.*?\n(.*?)^\.Ed", page, re.M | re.S)
    scripts += [line for line in re.findall(r"^\.Dl (.*)", page, re.M) if "/srv/" not in line]
    same(len(scripts), 4)
    bin_ = os.path.dirname(os.environ.get("GCPRESENCE_REPORT", os.path.join(ROOT, "build/x")))
    with tempfile.TemporaryDirectory() as folder:
        from recording import PROGRAM, day  # pylint: disable=import-outside-toplevel

        with open(os.path.join(folder, "presence.ndjson"), "w", encoding="utf-8") as file:
            file.write(day())
        path = f"{os.path.dirname(os.path.abspath(PROGRAM))}:{bin_}:{os.environ['PATH']}"
        for script in scripts:
            done = subprocess.run(
                ["sh", "-c", script.replace("\\e", "\\")],
                cwd=folder, env=dict(os.environ, PATH=path),
                capture_output=True, timeout=LIMIT, check=False,
            )
            same((done.returncode, done.stderr), (0, b""), script)
            check(done.stdout, script)
