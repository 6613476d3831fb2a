#!/usr/bin/python3
"""What hostile names, states and recordings become: lines of gcpresence, its
logs and files, and what gcpresence-report makes of lines.  Prints TAP."""

import fcntl
import json
import os
import pty
import re
import select
import socket
import struct
import termios
import time
import xml.etree.ElementTree

import payloads
from canary import (
    LIMIT,
    PROGRAM,
    TESTS,
    check,
    clean as clean_up,
    finish,
    run_all,
    same,
    test,
    until,
    write,
)
from bench import environment
from payloads import BYTES, ESCAPES, TEXTS, clean, user
from texts import ALL, REPORT, SHORT, TOP, UTF8, event, go, lines, named_yaml, recording

# gcpresence


def carried(text):
    """A name as it is to come out: white space at the ends is not a part of it,
    and what is too long is cut at a character."""
    data = text.strip(" \t\r\v\f").encode()[:256]
    return data.decode(errors="ignore")


def normal(state):
    """A state in the socket's spelling."""
    small = "abcdefghijklmnopqrstuvwxyz"
    return state.translate(str.maketrans(small + " ", small.upper() + "_"))


# YAML can hold no NUL.
ALL, SHORT = ([row for row in rows if row[1] != "nul"] for rows in (ALL, SHORT))


def replayed(case, *args, rows=ALL, env=None):
    """Names by YAML, states by a recording."""
    write(case.path("team.yaml"), named_yaml(rows))
    return go(
        case,
        PROGRAM,
        *("-f", "team.yaml", "--replay", recording(case, rows)),
        *args,
        env=env,
    )


@test("lines: names and states come back as they were, from JSON that steers nothing")
def _(case):
    got = payloads.json_lines(replayed(case).stdout)
    second = [row for row in SHORT if 0 < len(row[2].encode()) <= 64]
    same(len(got), len(ALL) + len(second))
    names = {who: carried(text) for who, _, text in ALL}
    states = {who: normal(text) for who, _, text in second}
    for row in got:
        same(row.get("name", ""), names[row["userId"]], row["userId"])
        check(row["state"] in ("BUSY", states.get(row["userId"])), row)
    same(sum(row["state"] != "BUSY" for row in got), len(second))


@test("lines: with --format tsv all eleven columns come back as they were")
def _(case):
    got = payloads.tsv_rows(replayed(case, "-o", "tsv").stdout)
    names = {who: carried(text) for who, _, text in ALL}
    states = {who: normal(text) for who, _, text in SHORT}
    for row in got:
        same(len(row), 11)
        same(row["name"], names[row["userId"]])
        check(row["state"] in ("BUSY", states.get(row["userId"])), row)


@test("lines: a name that forges an ID, a comment or a line of input stays a name")
def _(case):
    given, names = b"", {}
    for who, _, text in ALL:
        # What ends a line there cannot be in a name.
        text = text.replace("\n", " ").replace("\x00", " ")[:1000]
        given += who.encode() + b"\t" + text.encode() + b"\n"
        names[who] = carried(text)
    for at, data in enumerate(BYTES.values(), 1000):
        given += user(at).encode() + b" " + data + b"\n"
        names[user(at)] = None
    write(case.path("recording"), b"".join(event(who, "BUSY") for who in names))
    done = go(case, PROGRAM, "--replay", "recording", "-", stdin=given)
    got = payloads.json_lines(done.stdout)
    same([row["userId"] for row in got], list(names))
    for row in got:
        if names[row["userId"]] is not None:
            same(row.get("name", ""), names[row["userId"]])
        else:
            check("\ufffd" in row["name"], row)
    same(done.stderr, b"")


@test("lines: what is no UTF-8 or holds a NUL gives no line, half a pair U+FFFD")
def _(case):
    texts = [*BYTES.values(), *([text] for text in ESCAPES.values())]
    write(
        case.path("recording"),
        b"".join(event(user(at), text) for at, text in enumerate(texts, 1)),
    )
    for form in ("ndjson", "tsv"):
        done = go(case, PROGRAM, "--replay", "recording", "-o", form)
        clean(done.stderr, "the log")
        if form == "tsv":
            rows = payloads.tsv_rows(done.stdout)
        else:
            rows = payloads.json_lines(done.stdout)
        states = {row["userId"]: row["state"] for row in rows}
        for at in range(1, len(BYTES) + 1):
            check(user(at) not in states, states)
        # What is a character comes through, and nothing else.
        same(
            [states.get(user(at)) for at in range(len(BYTES) + 1, len(texts) + 1)],
            ["A\ufffdB", "\ufffd", "\ufffd\ufffd", None, "\x1b[2J", "\x9b2J", None],
        )


@test("lines: an ID of hostile bytes is refused on one line of a clean log")
def _(case):
    for options in ((), ("--log-format", "json"), ("-v", "-v")):
        given = b""
        for text in [*(one.encode() for one in TEXTS.values()), *BYTES.values()]:
            given += text.replace(b"\n", b"\x1b") + b"\n"
        done = go(case, PROGRAM, *options, "--plan", "-", stdin=given, status=None)
        clean(done.stdout, "--plan")
        if "json" in options:
            payloads.json_lines(done.stderr, "the log")
            continue
        for line in clean(done.stderr, "the log").splitlines():
            check(line.startswith("gcpresence: "), line)


@test(
    "lines: hostile words in YAML, options and variables are clean when complained of"
)
def _(case):
    for who, _, text in SHORT:
        write(case.path("bad.yaml"), json.dumps({text: "x"}))
        write(case.path("worse.yaml"), text)
        write(case.path("value.yaml"), json.dumps({"region": text, "users": [who]}))
        for args, env in (
            (("-f", "bad.yaml"), {}),
            (("-f", "worse.yaml"), {}),
            (("-f", "value.yaml"), {}),
            (("-f", text + "/none.yaml"), {}),
            (("--region", text, who), {}),
            (("--until", text, "--replay", "none", who), {}),
            (("--api-url", "https://" + text, who), {}),
            (("--" + text,), {}),
            ((who,), {"GENESYSCLOUD_REGION": text}),
        ):
            # A word that asks for something else than a complaint.
            if text == "--help":
                continue
            done = go(case, PROGRAM, "--plan", *args, env=env, status=None)
            clean(done.stderr, f"the log of {args}")
            clean(done.stdout, f"the output of {args}")


@test("lines: the audit log and the metrics of a hostile recording are clean")
def _(case):
    texts = [*BYTES.values(), *([text] for text in ESCAPES.values())]
    write(case.path("team.yaml"), named_yaml(ALL))
    recording(case, ALL)
    with open(case.path("recording"), "ab") as file:
        for who, _, text in ALL:
            # Too long, of a stranger, of no kind.
            file.write(event(who, text, 90))
            file.write(
                event(text, "BUSY", 90)
                if text.isascii()
                and text.isprintable()
                and '"' not in text
                and "\\" not in text
                else b"\n"
            )
        for text in texts:
            file.write(event(user(1), text, 95))
    go(
        case,
        PROGRAM,
        *("-f", "team.yaml", "--replay", "recording"),
        *("--audit", "audit", "--metrics", "metrics"),
    )
    with open(case.path("audit"), "rb") as file:
        rows = payloads.json_lines(file.read(), "the audit log")
    check(any(row["action"] == "MESSAGE_SKIPPED" for row in rows), "nothing skipped")
    with open(case.path("metrics"), "rb") as file:
        samples = payloads.metrics(file.read())
    same(samples["gcpresence_users"], len(ALL))
    check(not any(user(1)[:8] in name for name in samples), samples)


@test("lines: the state file holds hostile names as data, and is read again")
def _(case):
    for _ in range(2):
        done = replayed(case, "--state", "state", rows=ALL)
        with open(case.path("state"), "rb") as file:
            rows = payloads.json_lines(file.read(), "the state file")
        same(rows[0].get("gcpresence"), "state", "its header")
        same(rows[0]["users"], len(ALL))
        same(len(rows), len(ALL) + 1)
        check(not any("gcpresence" in row for row in rows[1:]), "a second header")
        payloads.json_lines(done.stdout)


# To systemd, to the journal, to a terminal


@test("systemd is told nothing but our own words")
def _(case):
    sim = case.sim(users=3)
    said = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    path = case.path("notify")
    said.bind(path)
    said.settimeout(LIMIT)
    names = "\n".join(f"{who}\tx MAINPID=1\u2028STATUS=pwned\x1b\r" for who in sim.ids)
    run = case.run(
        stdin=names + "\n", env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"}
    )
    run.wait_streaming()
    got = []
    until(lambda: got.append(said.recv(4096)) or b"READY=1" in got, "READY=1")
    until(
        lambda: got.append(said.recv(4096)) or any(b"STATUS=" in one for one in got),
        "STATUS=",
    )
    same(run.end(), 0)
    said.setblocking(False)
    try:
        while True:
            got.append(said.recv(4096))
    except BlockingIOError:
        pass
    said.close()
    for one in got:
        check(
            re.fullmatch(
                rb"(READY|STOPPING|WATCHDOG)=1"
                rb"|STATUS=\d+ users, \d+ connections stream, \d+ changes printed",
                one,
            ),
            one,
        )


def on_terminal(words, cwd, given=None, keys=b"q", wait=b"", size=(40, 200), env=None):
    """All that a program writes to its terminal.  given: standard input, else the
    terminal itself; keys are typed once wait has been seen."""
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        if given is not None:
            os.dup2(os.open(given, os.O_RDONLY), 0)
        os.execve(words[0], words, {**environment(env), "TERM": "xterm-256color"})
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    got, typed, end = b"", False, time.monotonic() + LIMIT
    while time.monotonic() < end:
        if select.select([master], [], [], 0.05)[0]:
            try:
                more = os.read(master, 65536)
            except OSError:
                break
            if not more:
                break
            got += more
        if not typed and wait in got:
            os.write(master, keys)
            typed = True
    os.close(master)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), got


@test("the line that --until shows on a terminal is clean")
def _(case):
    rows = [row for row in SHORT if "," not in row[2]]
    for who, _, text in rows:
        if not text.strip() or len(text.encode()) > 64:
            continue
        write(case.path("recording"), event(who, "BUSY"))
        _, got = on_terminal(
            [PROGRAM, "--until", text, "--replay", "recording", who], case.folder
        )
        text = got.replace(b"\r\n", b"\n").replace(b"\rgcpresence: ", b"")
        # What the terminal itself echoes of what was typed.
        clean(text.replace(b"q", b"") + b"\n", f"the terminal with {who}")


# gcpresence-report

EL = {
    *("html", "head", "meta", "title", "style", "body", "header", "h1", "p", "main"),
    *("div", "svg", "g", "rect", "path", "text", "line", "pattern", "defs", "desc"),
    *("details", "summary", "table", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("tspan", "use", "clippath", "circle"),
}


@test("report: table, TSV and JSON of hostile lines are clean, in each locale")
def _(case):
    write(case.path("lines"), lines(ALL))
    for env in (UTF8, {"LC_ALL": "C"}, {"LC_ALL": "C.UTF-8", "COLUMNS": "60"}):
        for options in ((), ("--intervals",), ("--hours",)):
            words = (*options, "--utc", "lines")
            done = go(case, REPORT, *words, env=env)
            clean(done.stdout, f"the table {env}")
            clean(done.stderr, "the log")
            payloads.tsv_rows(go(case, REPORT, "-o", "tsv", *words, env=env).stdout)
            got = go(case, REPORT, "-o", "json", *words, env=env).stdout
            json.loads(
                clean(got, "JSON"),
                parse_constant=payloads.no_constant,
                object_pairs_hook=payloads.no_twins,
            )


@test("report: names come back as they were from its TSV and its JSON")
def _(case):
    write(case.path("lines"), lines(SHORT))
    rows = payloads.tsv_rows(go(case, REPORT, "-o", "tsv", "lines").stdout)
    people = json.loads(go(case, REPORT, "-o", "json", "lines").stdout)["users"]
    # The last lines name the first user anew, and IDs come back as they were.
    for got in (rows, people):
        seen = {row["userId"]: row.get("name") for row in got}
        for who, _, text in SHORT[1:]:
            same(seen[who], text.strip(" \t\r\v\f"), who)
            if len(text.encode()) <= 128:
                check(text in seen, f"user {text!r}")


@test("report: page and picture have no element, attribute or address but its own")
def _(case):
    harmless = numbered_harmless()
    write(case.path("harmless"), lines(harmless))
    write(case.path("lines"), lines(ALL))
    for env in (UTF8, {"LC_ALL": "C"}):
        for option, own in (("--html", "page"), ("--svg", "picture")):
            for name, _, title in SHORT:
                if name not in (user(1), user(40), user(45)):
                    continue
                args = ("--utc", option, "-", "--title", title)
                page = payloads.markup(
                    go(case, REPORT, *args, "lines", env=env).stdout, own
                )
                plain = payloads.markup(
                    go(case, REPORT, *args[:-1], "x", "harmless", env=env).stdout, own
                )
                check(page.elements <= EL, page.elements - EL)
                same(page.elements - plain.elements, set(), "elements")
                same(page.attributes - plain.attributes, set(), "attributes")
                for name, value in page.values:
                    check(not name.startswith("on"), (name, value))
                    check(name not in ("href", "src", "action", "style"), (name, value))
                    check("evil" not in value and "alert" not in value, (name, value))
                styles = [one for one in page.texts if "evil" in one and "{" in one]
                check(all("}*{background" in one for one in styles), styles)


def numbered_harmless():
    return [(who, name, f"Somebody {who[-4:]}") for who, name, _ in ALL]


@test("report: its picture is well-formed XML, whatever the names")
def _(case):
    write(case.path("lines"), lines(ALL))
    for env in (UTF8, {"LC_ALL": "C"}):
        for who, _, title in SHORT:
            if int(who[-2:], 16) % 12:
                continue
            got = go(case, REPORT, "--svg", "-", "--title", title, "lines", env=env)
            tree = xml.etree.ElementTree.fromstring(got.stdout)
            check("script" not in {one.tag.split("}")[-1] for one in tree.iter()})


@test("report: the page's style ends where the report ends it")
def _(case):
    write(case.path("lines"), lines(ALL))
    done = go(
        case, REPORT, "--html", "-", "--title", TEXTS["script"], "lines", env=UTF8
    )
    text = done.stdout.decode()
    same(text.count("</style>"), text.count("<style>"))
    same(re.findall("(?i)<(?:script|img|a|iframe|link)[ >]", text), [])
    check("default-src 'none'" in text, "its policy")


@test("report: hostile file names and options are clean when complained of")
def _(case):
    for _, _, text in SHORT:
        for args in (
            (text + "/none",),
            ("--from", text, "-"),
            ("--user", text, "-"),
            ("-o", text, "-"),
            ("--html", text + "/none", "-"),
            ("--" + text,),
        ):
            if "--help" in "".join(args):
                continue
            done = go(
                case, REPORT, *args, stdin=lines(SHORT[:3]), env=UTF8, status=None
            )
            clean(done.stderr, f"the log of {args}")


# gcpresence-top


@test("top: nothing of a name, a state or a gap reaches the terminal as a command")
def _(case):
    foreign = re.compile(
        rb"\x1b\]|\x1bP|\x1b[ZX^_]|\x1b\[[0-9;]*n|\x1b\[c|\x07|\x1b\(0lqk|\x08\x08\x08"
    )
    for locale in ("C.UTF-8", "C"):
        for rows in (ALL, SHORT[:30], SHORT[30:]):
            given = write(case.path("lines"), lines(rows))
            for size in ((40, 200), (12, 40)):
                status, got = on_terminal(
                    [TOP],
                    case.folder,
                    given,
                    wait=b"\x1b[",
                    size=size,
                    env={"LC_ALL": locale},
                )
                same(status, 0, got[-300:])
                check(not foreign.search(got), foreign.search(got))
                text = got.decode("utf-8" if locale != "C" else "ascii")
                found = re.search(
                    "[\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]",
                    text,
                )
                check(not found, found)


if __name__ == "__main__":
    _passed, failed = run_all(TESTS)
    clean_up()
    finish(failed)
