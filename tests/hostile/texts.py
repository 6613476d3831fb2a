"""Programs, and hostile texts on their way into them."""

import json
import os
import subprocess

from canary import LIMIT, PROGRAM, check
from bench import environment, sanitizer_said, write
from payloads import BYTES, ESCAPES, LONG, TEXTS, stamp, user

BUILD = os.path.dirname(PROGRAM)
REPORT = os.environ.get("GCPRESENCE_REPORT") or os.path.join(BUILD, "gcpresence-report")
TOP = os.path.join(BUILD, "gcpresence-top")
# Where it matters which characters a locale has.
UTF8 = {"LC_ALL": "C.UTF-8"}


def go(case, program, *args, stdin=b"", env=None, status=0):
    """Runs it in the case's folder to its end; status None: any but a crash."""
    done = subprocess.run(
        [program, *args],
        input=stdin,
        capture_output=True,
        cwd=case.folder,
        env=environment(env),
        timeout=LIMIT,
        check=False,
    )
    said = done.stderr.decode(errors="replace")
    check(not sanitizer_said(said), said[-4000:])
    wanted = (0, 1, 64, 65, 66, 69, 74, 75, 77, 78) if status is None else (status,)
    check(done.returncode in wanted, f"status {done.returncode}: {said[-800:]}")
    return done


def numbered(table):
    """(ID, name of the payload, payload)."""
    return [(user(at), name, text) for at, (name, text) in enumerate(table.items(), 1)]


def event(who, state, second=0):
    """A message of the events socket; state: text, bytes, or JSON in a list."""
    if isinstance(state, bytes):
        text = b'"' + state + b'"'
    elif isinstance(state, list):
        text = state[0].encode()
    else:
        text = json.dumps(state).encode()
    return b'{"eventType":"presence","userId":"%s","state":%s,"timestamp":"%s"}\n' % (
        who.encode(),
        text,
        stamp(second).encode(),
    )


def quoted(text):
    """In double quotes of YAML."""
    return (
        '"'
        + "".join(
            one
            if one.isascii() and one.isprintable() and one not in '"\\'
            else f"\\U{ord(one):08x}"
            for one in text
        )
        + '"'
    )


def named_yaml(rows):
    """YAML that gives names."""
    people = "".join(
        f"  - id: {who}\n    name: {quoted(text)}\n" for who, _, text in rows
    )
    return "users:\n" + people


def recording(case, rows, name="recording"):
    """What a run would read: each user goes to BUSY, then to the hostile state."""
    text = b"".join(event(who, "BUSY") for who, _, _ in rows)
    text += b"".join(
        event(who, state, 60) for who, _, state in rows if len(state) <= 64
    )
    write(case.path(name), text)
    return name


def lines(rows):
    """What gcpresence-report and -top are to read, of anybody's making: the
    texts are names, states, IDs, and causes of gaps."""
    made = []
    for at, (who, _, text) in enumerate(rows):
        base = {
            "userId": who,
            "name": text,
            "state": "BUSY",
            "previousState": None,
            "presenceId": text,
            "timestamp": stamp(at),
            "receivedAt": stamp(at),
            "latencyMs": 0,
            "previousForMs": None,
            "source": text,
        }
        made.append(base)
        made.append({**base, "state": text, "timestamp": stamp(at + 100)})
        made.append({**base, "userId": text, "previousState": text})
        made.append(
            {"gap": {"from": stamp(at), "to": stamp(at + 1), "users": 1, "cause": text}}
        )
    out = b""
    for at, row in enumerate(made):
        # With characters as escapes, and as they are.
        out += json.dumps(row, ensure_ascii=at % 2 == 0).encode() + b"\n"
    for table in (BYTES, ESCAPES):
        for text in table.values():
            raw = text.encode() if isinstance(text, str) else b'"' + text + b'"'
            for key in (b"name", b"state", b"userId"):
                row = {"userId": user(1), "name": "n", "state": "BUSY"}
                row["timestamp"] = row["receivedAt"] = stamp(1)
                line = json.dumps(row).encode()
                old = b'"%s": "%s"' % (key, row[key.decode()].encode())
                out += line.replace(old, b'"%s": %s' % (key, raw)) + b"\n"
            out += b'{"gap":{"from":"%s","to":"%s","users":1,"cause":%s}}\n' % (
                stamp(1).encode(),
                stamp(2).encode(),
                raw,
            )
    return out


ALL = numbered({**TEXTS, **LONG})
SHORT = numbered(TEXTS)
