#!/usr/bin/env python3
"""What --check says of users, tried against the simulator.

    test_check.py [TEXT]        all tests, or those whose names contain TEXT
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "sim"))
from harness import Sim, check, ids, run_all, same, test  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("GCPRESENCE", "gcpresence"))


def checked(sim, *words):
    """The lines of --check, and its status."""
    done = subprocess.run(
        [PROGRAM, "--check", *words],
        env={
            "GENESYSCLOUD_API_URL": sim.ready["url"],
            "GENESYSCLOUD_OAUTHCLIENT_ID": "sim-client",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sim-secret",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.stdout.splitlines(), done.returncode


@test("users that are given are subscribed, whatever the protocol is found to be")
def users_are_subscribed():
    with Sim() as sim:
        lines, status = checked(sim, *ids())
        same((lines[-1], status), ("ok    users: 12 subscribed", 0), lines)
    with Sim("--no-notifications") as sim:
        lines, status = checked(sim, *ids())
        check(lines[-1].startswith("ok    users: 12 subscribed ("), lines)
        same(status, 0, lines)


@test("a user that is refused is named, with the permission, and the status is 77")
def refused_user_is_named():
    with Sim() as sim:
        users = ids()
        sim.do(f"reject {users[3]} presence:view")
        lines, status = checked(sim, *users)
        wrong = [line for line in lines if not line.startswith("ok ")]
        same(len(wrong), 1, lines)
        check(wrong[0].startswith(f"FAIL  user {users[3]} is refused: "), wrong)
        check(wrong[0].endswith("missing; missing permission presence:view"), wrong)
        same((lines[-1], status), ("ok    users: 11 subscribed", 77), lines)


@test("without users the rest is tried all the same")
def users_need_not_be_given():
    with Sim() as sim:
        lines, status = checked(sim)
        check(all(line.startswith("ok ") for line in lines), lines)
        check(lines[-1].startswith("ok    socket: open"), lines)
        same(status, 0, lines)


@test("a clock that is off is said, and the rest is tried all the same")
def clock_is_off():
    with Sim() as sim:
        sim.do("skew 400")
        lines, status = checked(sim, *ids())
        wrong = [line for line in lines if not line.startswith("ok ")]
        same(len(wrong), 1, lines)
        check(wrong[0].startswith("FAIL  clock: this machine's is off by -"), wrong)
        same((lines[-1], status), ("ok    users: 12 subscribed", 78), lines)


@test("one host that is login and API both is tried once")
def one_host():
    with Sim() as sim:
        lines, _ = checked(sim)
        hosts = [line for line in lines if sim.ready["url"] in line]
        same(len(hosts), 1, lines)


@test("no user that can be one is said, and the status is 65")
def users_that_are_none():
    with Sim() as sim:
        lines, status = checked(sim, "not-a-uuid")
        check(lines[-1].startswith("FAIL  no valid user ID"), lines)
        same(status, 65, lines)


if __name__ == "__main__":
    sys.exit(1 if run_all(" ".join(sys.argv[1:])) else 0)
