#!/usr/bin/python3
"""What becomes of hostile names and states behind gcpresence: in the recipes of
the manual, as they stand there, and in the examples.  Prints TAP."""

import json
import os
import re
import sqlite3
import subprocess
import unicodedata

import payloads
from bench import environment
from canary import (
    LIMIT,
    PROGRAM,
    TESTS,
    Peer,
    answer,
    check,
    finish,
    need,
    read,
    run_all,
    same,
    test,
    write,
)
from payloads import clean, stamp
from texts import BUILD, SHORT, go, named_yaml, recording

SOURCE = os.path.abspath(os.environ.get("srcdir", "."))
EXAMPLES = os.path.join(SOURCE, "scripts", "examples")
ROWS = [row for row in SHORT if row[1] != "nul"]


def recipe(name):
    """The text below its comment in the manual."""
    page = read(os.path.join(SOURCE, "man", "gcpresence-recipes.7"))
    found = re.search(
        rf'^\.\\" recipe: {name}\n\.Bd [^\n]*\n(.*?)^\.Ed', page, re.M | re.S
    )
    check(found, f"no recipe {name}")
    text = re.sub(r"^\\&", "", found.group(1), flags=re.M)
    return text.replace("\\(dq", '"').replace("\\(aq", "'").replace("\\e", "\\")


STUB = """#!/bin/sh
case " $* " in
*" --audit "*) cp "$FOLDER/audit" audit.ndjson ;;
*" -o tsv "*) cat "$FOLDER/tsv" ;;
*" --gaps "*) cat "$FOLDER/lines" ;;
*) grep -v '^{"gap' "$FOLDER/lines" ;;
esac
"""


def made_lines():
    """As gcpresence would write them, of every payload."""
    out = []
    for at, (who, _, text) in enumerate(ROWS):
        out.append(
            {
                "userId": who,
                "name": text,
                "state": text,
                "previousState": "BREAK",
                "presenceId": None,
                "timestamp": stamp(at),
                "receivedAt": stamp(at),
                "latencyMs": 0,
                "previousForMs": 9000000,
                "source": "stream",
            }
        )
        out.append(
            {"gap": {"from": stamp(at), "to": stamp(at + 1), "users": 1, "cause": text}}
        )
    return "".join(json.dumps(row) + "\n" for row in out)


def made_audit():
    rows = (
        {
            "action": "MESSAGE_SKIPPED",
            "timestamp": stamp(0),
            "payload": {"userId": who, "why": text},
        }
        for who, _, text in ROWS
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


def pour(case, text, stdin=b"", stubs=None, status=0):
    """Runs a text of the shell, in which gcpresence prints hostile lines."""
    need("jq")
    folder = case.path("bin")
    if not os.path.exists(folder):
        os.mkdir(folder)
        write(case.path("lines"), made_lines())
        write(case.path("audit"), made_audit())
        write(case.path("team.yaml"), named_yaml(ROWS))
        done = go(
            case,
            PROGRAM,
            *("-f", "team.yaml", "-o", "tsv", "--replay", recording(case, ROWS)),
        )
        write(case.path("tsv"), done.stdout)
    for name, program in {"gcpresence": STUB, **(stubs or {})}.items():
        write(os.path.join(folder, name), program, 0o755)
    done = subprocess.run(
        ["sh", "-c", text],
        input=stdin,
        capture_output=True,
        cwd=case.folder,
        env={
            **environment(),
            "PATH": os.pathsep.join([folder, EXAMPLES, BUILD, os.environ["PATH"]]),
            "LC_ALL": "C.UTF-8",
            "FOLDER": case.folder,
        },
        timeout=LIMIT,
        check=False,
    )
    same(done.returncode, status, done.stderr.decode(errors="replace"))
    check(not os.path.exists(case.path("pwned")), "a text was run")
    clean(done.stderr, "standard error")
    return done.stdout


for title, count in (
    ("jq-columns", len(ROWS)),
    ("jq-breaks", len(ROWS)),
    ("jq-gaps", len(ROWS)),
    ("audit", len(ROWS)),
    ("loop", len(ROWS)),
    ("act-on-change", len(ROWS)),
    ("awk-counts", None),
):

    @test(f"recipe {title}: what it prints has its lines, and steers no terminal")
    def _(case, title=title, count=count):
        out = pour(case, recipe(title))
        # They end no line, and no terminal obeys them.
        out = re.sub("[\u2028\u2029]", "", out.decode()).encode()
        out = clean(out, title, tabs=True)
        if count is not None:
            same(out.count("\n"), count, out)
        check("pwned" in out or title == "awk-counts", "no payload came through")


@test("act-on-change: a command finds texts in its environment, once for each line")
def _(case):
    show = os.path.join(case.folder, "show")
    write(
        show,
        "#!/bin/sh\n"
        'printf "%s\\037%s\\037%s\\n" "$USER_ID" "$NAME" "$STATE" >> "$FOLDER/shown"\n',
        0o755,
    )
    pour(case, f"gcpresence | act-on-change '{show}'")
    with open(case.path("shown"), encoding="utf-8", newline="\n") as file:
        shown = [line.split("\037") for line in file.read().split("\n")[:-1]]
    same([one[0] for one in shown], [who for who, _, _ in ROWS])
    for (who, _, text), one in zip(ROWS, shown):
        same(one[1], one[2], who)
        same(
            re.sub("\\s", "", one[1]),
            re.sub("\\s", "", cleaned(text)),
            who,
        )


def cleaned(text):
    """Without what counts as a control character there: Unicode's category C."""
    return "".join(one for one in text if unicodedata.category(one)[0] != "C")


@test("to-sqlite: texts are stored as they were recorded, and nothing is executed")
def _(case):
    need("sqlite3")
    pour(case, "gcpresence -o tsv > tsv2; to-sqlite base tsv2")
    rows = payloads.tsv_rows(read(case.path("tsv")).encode())
    base = sqlite3.connect(case.path("base"))
    same(base.execute("SELECT count(*) FROM changes").fetchone()[0], len(rows))
    stored = {
        (one[0], one[2]): one[1]
        for one in base.execute("SELECT userId, name, state FROM changes")
    }
    base.close()
    for row in rows:
        name = [text for (who, _), text in stored.items() if who == row["userId"]][0]
        same(payloads.unescape(name), row["name"], row)
    out = pour(case, "TZ=UTC time-in-state base")
    clean(out or b"\n", "time-in-state")


@test("to-sqlite: the name of a file is a name, or refused, and no command")
def _(case):
    need("sqlite3")
    for name in (
        'tsv" lines\n.shell touch pwned\n.print "',
        'tsv" lines\r\n.shell touch pwned',
        'x" "\n.shell touch pwned',
        "$(touch pwned)",
        "`touch pwned`",
        'a"b',
        "a\\nb",
        "a\x1b[2Jb",
        "a'b; touch pwned",
        "with space",
        "|touch pwned; cat tsv",
        "--schema",
    ):
        pour(case, "true")
        write(case.path(name), read(case.path("tsv")))
        quoted = "'" + name.replace("'", "'\\''") + "'"
        refused = re.search('["\\\\\x00-\x1f]', name) is not None
        pour(case, f"to-sqlite base2 {quoted}", status=65 if refused else 0)


def redis_words(line):
    """The words of an inline command, as the server reads them."""
    words, at = [], 0
    simple = {"n": b"\n", "r": b"\r", "t": b"\t", "b": b"\b", "a": b"\a"}
    while at < len(line):
        if line[at] == " ":
            at += 1
            continue
        word = b""
        if line[at] != '"':
            end = (line + " ").index(" ", at)
            words.append(line[at:end].encode())
            at = end
            continue
        at += 1
        while line[at] != '"':
            if line[at] == "\\" and line[at + 1] == "x":
                word += bytes.fromhex(line[at + 2 : at + 4])
                at += 4
            elif line[at] == "\\":
                word += simple.get(line[at + 1], line[at + 1].encode())
                at += 2
            else:
                word += line[at].encode()
                at += 1
        at += 1
        check(at == len(line) or line[at] == " ", f"no space behind: {line}")
        words.append(word)
    return words


CATCH = '#!/bin/sh\ncat > "$FOLDER/caught"\n'


@test("to-redis: a text is one word of one command, and the change comes back")
def _(case):
    pour(case, "gcpresence | to-redis redis://x", stubs={"redis-cli": CATCH})
    with open(case.path("caught"), encoding="utf-8", newline="\n") as file:
        commands = [redis_words(line) for line in file.read().split("\n")[:-1]]
    same(len(commands), 2 * len(ROWS))
    for (who, _, text), add, now in zip(ROWS, commands[::2], commands[1::2]):
        same(
            add[:7], [b"XADD", b"presence", b"MAXLEN", b"~", b"100000", b"*", b"userId"]
        )
        same(
            (add[7], add[8], add[10], len(add)), (who.encode(), b"state", b"change", 12)
        )
        same(json.loads(add[11])["name"], text, who)
        same(now[:3] + now[4:], [b"HSET", b"presence:now", who.encode()])


@test("to-kafka: each line has one key, and the change is behind it")
def _(case):
    pour(case, "gcpresence | to-kafka x y", stubs={"kcat": CATCH})
    with open(case.path("caught"), encoding="utf-8", newline="\n") as file:
        lines = [line.split("\t") for line in file.read().split("\n")[:-1]]
    same([one[0] for one in lines], [who for who, _, _ in ROWS])
    for (_, _, text), one in zip(ROWS, lines):
        same(len(one), 2)
        same(json.loads(one[1])["name"], text)


@test("webhook: a body is a line, and a failure repeats it as it was escaped")
def _(case):
    need("curl")
    bodies = []

    def talk(connection, peer):
        _, body = peer.read_request(connection)
        bodies.append(body.decode())
        bad = len(bodies) % 3 == 0
        connection.sendall(answer(400 if bad else 200, b""))

    server = case.keep(Peer(talk))
    pour(case, f"gcpresence --gaps | webhook {server.url}")
    same(bodies, made_lines().splitlines())


if __name__ == "__main__":
    _passed, failed = run_all(TESTS)
    finish(failed)
