"""State files: made, read and judged."""

import hashlib
import json
import os

from bench import check, read, same, write


def state_lines(path):
    """The lines of a state file that is good; None where there is none."""
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        head, body = file.read().split(b"\n", 1)
    header = json.loads(head)
    same(header["gcpresence"], "state", "header")
    same(header["sha256"], hashlib.sha256(body).hexdigest(), "checksum")
    rows = [json.loads(line) for line in body.splitlines()]
    same(header["users"], len(rows), "users")
    return rows


def key_of(one):
    return one["userId"].lower(), one["state"], one["presenceId"], one["timestamp"]


def printed(paths):
    """The keys of all whole lines of these files."""
    result = set()
    for path in paths:
        for line in read(path).splitlines():
            try:
                one = json.loads(line)
            except ValueError:
                continue  # torn by a kill
            if "userId" in one:
                result.add(key_of(one))
    return result


def check_state(path, outputs):
    """It is good, and says nothing that was not printed before."""
    rows = state_lines(path)
    if rows is None:
        return None
    known_lines = printed(outputs)
    for one in rows:
        check(key_of(one) in known_lines, f"the state has what was not printed: {one}")
    return rows


def make_state(path, rows):
    """A state file as the program writes it."""
    body = "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in rows)
    header = {
        "gcpresence": "state",
        "version": 1,
        "users": len(rows),
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
    }
    return write(path, json.dumps(header, separators=(",", ":")) + "\n" + body)


def state_row(user, state="BUSY", when="2026-01-01T09:00:00.000Z"):
    return {
        "userId": user,
        "state": state,
        "previousState": None,
        "presenceId": None,
        "timestamp": when,
        "receivedAt": when,
        "latencyMs": 0,
        "previousForMs": None,
        "source": "stream",
    }
