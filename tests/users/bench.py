"""What the tests of gcpresence-users share: the program, and whom it asks."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "sim"))

import harness  # noqa: E402 pylint: disable=wrong-import-position
from directory import CLIENT  # noqa: E402 pylint: disable=wrong-import-position

BUILD = os.path.abspath(os.environ.get("builddir", "."))
PROGRAM = os.path.join(BUILD, "gcpresence-users")
FILTER = os.environ.get("GCPRESENCE", os.path.join(BUILD, "gcpresence"))
LIMIT = 30  # seconds that a run may take
QUICK = ["--retry-base", "0.01", "--retry-max", "0.05"]


def environment(service):
    """The variables that lead to a Sim or a Directory; None: to nobody."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GENESYSCLOUD_") and not name.lower().endswith("_proxy")
    }
    # A mistake in here must not send anything to the real service.
    env["GENESYSCLOUD_API_URL"] = "http://127.0.0.1:1"
    if isinstance(service, harness.Sim):
        env["GENESYSCLOUD_API_URL"] = service.ready["url"]
        login = service.ready["clientId"], service.ready["clientSecret"]
    else:
        if service is not None:
            env["GENESYSCLOUD_API_URL"] = service.url
        login = CLIENT
    env["GENESYSCLOUD_OAUTHCLIENT_ID"], env["GENESYSCLOUD_OAUTHCLIENT_SECRET"] = login
    return env


def start(service, *options, program=PROGRAM, env=None, **more):
    more.setdefault("stdin", subprocess.DEVNULL)
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen(
        [program, *QUICK, *options],
        env={**environment(service), **(env or {})},
        text=True,
        encoding="utf-8",
        **more,
    )


def run(service, *options, said=None, **more):
    """Runs it to its end: the status, standard output, standard error."""
    if said is not None:
        more["stdin"] = subprocess.PIPE
    process = start(service, *options, **more)
    try:
        out, err = process.communicate(said, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    harness.check("Sanitizer" not in (err or ""), err)
    harness.check("runtime error" not in (err or ""), err)
    return process.returncode, out, err


def good(service, *options, **more):
    """The output, as rows of columns, of a run that is to succeed."""
    status, out, err = run(service, *options, **more)
    harness.same(status, 0, f"{options}: {err}")
    harness.check(out == "" or out.endswith("\n"), out)
    return [tuple(line.split("\t")) for line in out.splitlines()]


def rows(users):
    """What is printed of these users of a Directory."""
    return [(one["id"], one["name"]) for one in users]
