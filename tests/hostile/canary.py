"""What the tests of hosts share: servers that write down what they are told.

Canary     records what arrives behind a handshake of TLS, and answers
front      REST of the simulator by TLS with a good certificate; what it says
           may be changed
"""

import os
import re
import ssl
import warnings

import here  # noqa: F401 pylint: disable=unused-import

# pylint: disable=wrong-import-position,unused-import
from bench import (  # noqa: E402
    CHANNELS,
    LIMIT,
    PROGRAM,
    SECRET,
    SIM,
    Case,
    Skip,
    check,
    finish,
    need,
    population,
    read,
    run_all,
    same,
    until,
    write,
)
from rows_service import json_of  # noqa: E402
from servers import (  # noqa: E402
    Certs,
    Meddler,
    Peer,
    Tunnel,
    answer,
    clean,
)

# pylint: enable=wrong-import-position

USERS = os.environ.get("GCPRESENCE_USERS") or os.path.join(
    os.path.dirname(PROGRAM), "gcpresence-users"
)
# What nobody but the service may be told.  The simulator's tokens are of 40
# characters or more; "Bearer" and "Basic" stand before what is secret.
TELLTALE = re.compile(
    rb"(?i)" + SECRET.encode() + rb"|authorization: |bearer|token=|client_secret"
)
TESTS = []


def test(name):
    """Registers a test, which is called with a Case."""

    def add(function):
        TESTS.append((name, function))
        return function

    return add


class Canary(Peer):
    """received: what arrived, decrypted.  Answers 200 with a token."""

    def __init__(self, tls=None):
        super().__init__(self.record, tls)

    def record(self, connection, _):
        while True:
            self.read_request(connection)
            connection.sendall(
                answer(
                    200,
                    '{"access_token":"canary-token","expires_in":3600,'
                    '"entities":[],"id":"x"}',
                    close=False,
                )
            )

    def told_nothing(self):
        check(not self.received, f"it was told: {self.received[:200]}")


def context(name):
    """A server's side of TLS with one of the certificates; old: TLS 1.1 only."""
    if name != "old":
        return Certs.get().context(name)
    made = Certs.get().context("good")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version = ssl.TLSVersion.TLSv1_1
        made.maximum_version = ssl.TLSVersion.TLSv1_1
    return made


def front(case, change=None, before=None, tls=True, **more):
    """The simulator's REST behind a Meddler.  change(request, value) may change
    what is JSON; before(request) may answer instead."""
    sim = case.sims[-1] if case.sims else case.sim(**more)
    return case.keep(
        Meddler(
            sim,
            before=before,
            after=json_of(change) if change else None,
            tls=Certs.get().context("good") if tls else None,
        )
    )


def connect_uri(uri):
    """A change of the answer that makes a channel."""

    def change(request, value):
        if request.command == "POST" and request.path == CHANNELS:
            value["connectUri"] = uri
        return value

    return change


def ask(case, *args, env=None, users=False, status=None, **more):
    """A run to its end: the run.  No retry, so that each answer counts."""
    more.setdefault("sim", None)
    if users:
        run = case.run(*args, program=USERS, audit=False, gaps=False, env=env, **more)
    else:
        more.setdefault("stdin", population(3))
        run = case.run(*args, env=env, **more)
    got = run.wait()
    if status is not None:
        wanted = status if isinstance(status, tuple) else (status,)
        check(got in wanted, f"status {got}, not {wanted}: {run.said()}")
    return run
