#!/usr/bin/python3
"""gcpresence-top, as one sees it: in a terminal, by its keys."""

import http.client
import itertools
import json
import os
import re
import signal
import subprocess
import threading

from pane import (
    FILTER,
    LIMIT,
    PROGRAM,
    SIMULATOR,
    Feed,
    Pane,
    change,
    check,
    gap,
    main,
    same,
    test,
    until,
)


def team():
    """Four users, as of now."""
    return [
        change("id-1", "BUSY", "Ada", ago=600),
        change("id-2", "AVAILABLE", "Grace", ago=1200),
        change("id-3", "BUSY", "Edsger", ago=60),
        change("id-4", "OFFLINE", ago=86400 * 3),
    ]


# For marks, since what the last one left may still be on the screen.
COUNT = itertools.count(1)


@test("the lines of gcpresence itself are understood, blind intervals too")
def _():
    words = [SIMULATOR, "--rate", "20", "--users", "15"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as simulator:
        ready = json.loads(simulator.stdout.readline())
        env = {
            "GENESYSCLOUD_API_URL": ready["url"],
            "GENESYSCLOUD_OAUTHCLIENT_ID": ready["clientId"],
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": ready["clientSecret"],
        }
        try:
            with Pane(width=100, env=env) as pane:
                pane.command(
                    f"{SIMULATOR} --ids --users 15 |"
                    f" {FILTER} --gaps --retry-base 0.01 2>{pane.path('said')} | {PROGRAM}"
                )
                pane.see("^15 users  [1-9]")
                same(len(names(pane)), 15)
                service = http.client.HTTPConnection(ready["url"][7:], timeout=LIMIT)
                service.request("POST", "/sim/do", "drop")
                same(service.getresponse().status, 200)
                service.close()
                pane.see(r"^blind \d\d:.*, 15 users")
                check("bad line" not in pane.screen(), pane.screen())
                pane.press("q")
                pane.see_not("^15 users")
        finally:
            simulator.terminate()


def names(pane):
    """The first word of each row of the table."""
    found = []
    for row in pane.rows():
        match = re.match(r"[* ] (\S+) .*(?:\d\d:\d\d:\d\d|\dd \d\d:\d\d)", row)
        if match:
            found.append(match.group(1))
    return found


@test("users are shown with state and age")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team())
        pane.see(r"^  Ada +BUSY +00:10:\d\d ")
        pane.see(r"^  Grace +AVAILABLE +00:20:\d\d ")
        pane.see(r"^  id-4 +OFFLINE +3d 00:00 ")
        same(names(pane), ["Ada", "Edsger", "Grace", "id-4"])


@test("a header counts users and the users of each state")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team())
        pane.see(r"^4 users ")
        pane.see(r"^AVAILABLE 1  BUSY 2  OFFLINE 1$")
        pane.feed.write(change("id-3", "MEAL", "Edsger", before="BUSY"))
        pane.see(r"^AVAILABLE 1  BUSY 1  MEAL 1  OFFLINE 1$")
        pane.see(r"1 change/min  latency 42 ms")


@test("a state that nobody knows has its place too")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(change("id-1", "ZEN", "Ada"), *team()[1:])
        pane.see(r"^AVAILABLE 1  BUSY 1  OFFLINE 1  ZEN 1$")
        pane.see(r"^  Ada +ZEN ")


@test("ages tick")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(change("id-1", "BUSY", "Ada", ago=5))

        def age():
            hours, minutes, seconds = map(
                int, pane.see(r"Ada +BUSY +(\d\d):(\d\d):(\d\d)").groups()
            )
            return hours * 3600 + minutes * 60 + seconds

        first = age()
        check(first >= 5, first)
        until(lambda: age() >= first + 2, "two seconds more")


@test("a change is marked for some seconds, a first state is not")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team())
        pane.see(r"^  Ada +BUSY")
        pane.feed.write(change("id-1", "MEETING", "Ada", before="BUSY"))
        pane.see(r"^\* Ada +MEETING +00:00:0\d \S+ +BUSY")
        bold = r"\x1b\[(0;)?1m(\x1b\[[34]9m)*"
        pane.see(rf"{bold}\*.*{bold}Ada", "bold", escapes=True)
        pane.see(r"^  Grace")
        pane.see(r"^  Ada +MEETING")


@test("s sorts by name, state, age and newest in turn")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team())
        pane.see("id-4")
        pane.feed.write(change("id-2", "MEAL", "Grace", before="AVAILABLE"))
        pane.see(r"^\* Grace +MEAL")
        for key, want in (
            ("state", ["Ada", "Edsger", "Grace", "id-4"]),
            ("age", ["id-4", "Ada", "Edsger", "Grace"]),
            ("newest", ["Grace", "id-4", "Edsger", "Ada"]),
            ("name", ["Ada", "Edsger", "Grace", "id-4"]),
        ):
            pane.press("s")
            pane.see(f"sort: {key}")
            same(names(pane), want, key)


@test("--sort says how it starts")
def _():
    with Pane() as pane:
        pane.top("--sort", "age")
        pane.feed.write(*team())
        pane.see("4 users")
        pane.see("sort: age")
        until(lambda: names(pane) == ["id-4", "Grace", "Ada", "Edsger"])


@test("--states shows only users in these states, and counts only them")
def _():
    with Pane() as pane:
        pane.top("--states", "'busy,On Queue'")
        pane.feed.write(*team())
        pane.see("^BUSY 2$")
        same(names(pane), ["Ada", "Edsger"])
        pane.see("only 2 states")
        pane.feed.write(change("id-4", "ON_QUEUE", before="OFFLINE"))
        pane.see("^ON_QUEUE 1  BUSY 2$")
        pane.feed.write(change("id-1", "AWAY", "Ada", before="BUSY"))
        until(lambda: names(pane) == ["Edsger", "id-4"])


@test("/ filters by name, ID or state, whatever the case, and Esc ends it")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team(), change("id-5", "ON_QUEUE", "Żółć"))
        pane.see("5 users")
        for text, want in (
            ("gra", ["Grace"]),
            ("BUS", ["Ada", "Edsger"]),
            ("d-4", ["id-4"]),
            ("on queue", ["Żółć"]),
            ("ŻÓ", ["Żółć"]),
            ("nobody", []),
        ):
            pane.press("/")
            pane.type(text)
            pane.see(f"^/{text} ")
            until(lambda want=want: names(pane) == want, text)
            pane.press("Enter")
            pane.see(f"filter: {text} ")
            same(names(pane), want)
            pane.press("Escape")
            pane.see_not("filter:")
            same(len(names(pane)), 5)


@test("a filter can be corrected, and given up")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team())
        pane.see("4 users")
        pane.press("/")
        pane.type("adaq")
        pane.see("^/adaq ")
        pane.press("BSpace")
        pane.see("^/ada ")
        until(lambda: names(pane) == ["Ada"])
        pane.press("C-u")
        until(lambda: len(names(pane)) == 4)
        pane.type("gr")
        until(lambda: names(pane) == ["Grace"])
        pane.press("Escape")
        until(lambda: len(names(pane)) == 4)
        pane.see("q: quit")


@test("p holds the picture while lines are read, and p again shows them")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team())
        pane.see("4 users")
        pane.press("p")
        pane.see("PAUSED, 0 lines since")
        pane.feed.write(change("id-1", "MEAL", "Adele", before="BUSY"))
        pane.feed.write(change("id-5", "MEAL", "Barbara"))
        pane.see("PAUSED, 2 lines since")
        pane.see(r"^  Ada +BUSY")
        # A picture that stands still can be looked through.
        pane.press("s")
        pane.see("sort: state")
        same(names(pane), ["Grace", "Ada", "Edsger", "id-4"])
        pane.press("p")
        pane.see(r"^\* Adele +MEAL")
        pane.see("5 users")
        pane.see_not("PAUSED")


@test("arrows and page keys scroll, and the last page is full")
def _():
    with Pane(height=12) as pane:
        pane.top()
        pane.feed.write(
            *(change(f"u{i:03d}", "IDLE", f"user-{i:03d}") for i in range(100))
        )
        pane.see(r"^1-8 of 100 ")
        for key, first in (
            ("Down", 2),
            ("NPage", 9),
            ("Up", 8),
            ("PPage", 1),
            ("Up", 1),
            ("End", 93),
            ("NPage", 93),
            ("Home", 1),
        ):
            pane.press(key)
            pane.see(rf"^{first}-{first + 7} of 100 ", key)
            same(names(pane)[0], f"user-{first - 1:03d}", key)


@test("? shows the keys, and another key the table")
def _():
    with Pane(height=50) as pane:
        pane.top()
        pane.feed.write(*team())
        pane.see("4 users")
        pane.press("?")
        for words in (
            "^q +quit",
            "^s +sort",
            "^/ +filter",
            "^p +pause",
            "^Up Down +scroll",
            "^PgUp PgDn +scroll",
            "^r +redraw",
            r"^\? +this help",
            "^Q  ON_QUEUE$",
        ):
            pane.see(words)
        pane.press("x")
        pane.see("^  Ada")


@test("r paints everything anew, and what others wrote is gone after a while")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team())
        pane.see("4 users")
        tty = pane.ask("pane_tty")

        def is_torn():
            with open(tty, "w", encoding="ascii") as terminal:
                terminal.write("\x1b[12;1Hgcpresence: words of its log")
            return "words of" in pane.screen()

        # Each time it may be healed before one looks.
        until(is_torn)
        pane.press("r")
        pane.see_not("words of")
        until(is_torn)
        pane.see_not("words of")


@test("the last blind interval is shown, and how many there were")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team(), gap(12, 1000, "connection reset"))
        pane.see(
            r"^blind \d\d:\d\d:\d\d to \d\d:\d\d:\d\d \(12\.0 s\), "
            r"1,000 users: connection reset$"
        )
        pane.feed.write(gap(90, 1, "token expired"))
        pane.see(r"\(1 min\), 1 user, 2 in all: token expired$")


@test("bad lines are counted and shown, and end nothing")
def _():
    with Pane(width=100) as pane:
        pane.top()
        pane.feed.write(team()[0], "no json\n")
        pane.see("^1 bad line; the last: line 3: ")
        bad = [
            b"{}\n",
            b"[1,2]\n",
            b'{"userId":1,"state":"BUSY"}\n',
            b'{"userId":"x","state":""}\n',
            b'{"userId":"x","state":"BUSY","timestamp":"yesterday"}\n',
            b'{"gap":{}}\n',
            b"\x00\xff\xfe\x1b[2J\n",
            b"userId\tname\tstate\n",
            b'{"userId":"' + b"x" * 5000 + b'"}\n',
            b"[" * 2000 + b"\n",
        ]
        pane.feed.write(*bad)
        pane.see(f"^{len(bad) + 1} bad lines; the last: line {len(bad) + 3}: ")
        pane.feed.write(b"x" * 100000 + b"\n", team()[1].encode(), b"\n\r\n")
        pane.see(f"^{len(bad) + 3} bad lines; ")
        pane.see("^2 users")
        pane.see("^  Grace +AVAILABLE")


@test("the end of input is shown, and the table stays until q")
def _():
    with Pane() as pane:
        pane.top()
        # The last line has no newline.
        pane.feed.write("".join(team()).rstrip("\n"))
        pane.feed.close()
        pane.see(r"^END OF INPUT \d\d:\d\d:\d\d  4 users ")
        same(names(pane), ["Ada", "Edsger", "Grace", "id-4"])
        pane.press("s")
        pane.see("sort: state")
        pane.press("q")
        pane.end(0)


@test("what feeds it and fails at once is read, and not hidden by a picture")
def _():
    with Pane() as pane:
        raw = pane.record()
        words = "not one line came on standard input"
        outcome(pane, f"sh -c 'echo \"no\" secret >&2' | {PROGRAM}", 65, words)
        check("no secret" in pane.screen(), pane.screen())
        outcome(pane, f"{PROGRAM} </dev/null", 65, words)
        words = "cannot read standard input: Is a directory"
        outcome(pane, f"{PROGRAM} </", 66, words)
        with open(raw, "rb") as file:
            check(b"\x1b[?1049h" not in file.read(), "there was a picture")


def without_a_line(pane):
    pane.command(f"{PROGRAM} <{pane.fifo}")
    pane.feed = Feed(pane.fifo)
    return until(pane.pid)


@test("where no line comes there is a picture all the same, after a while")
def _():
    with Pane() as pane:
        without_a_line(pane)
        pane.see("^0 users ")
        pane.see("^no user yet$")
        pane.feed.close()
        pane.see("^END OF INPUT .* 0 users ")
        pane.see("^not one line came")
        pane.press("q")
        pane.end(0)


@test("signals end it as well before there is a picture")
def _():
    for stop, status in ((signal.SIGTERM, 0), (signal.SIGHUP, 129)):
        with Pane() as pane:
            pid = without_a_line(pane)
            until(lambda pid=pid: catches(pid, stop))
            os.kill(pid, stop)
            pane.end(status)


def catches(pid, number):
    """Whether the process has a handler for the signal."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        caught = int(re.search(r"^SigCgt:\s*(\w+)", file.read(), re.M).group(1), 16)
    return caught >> (number - 1) & 1


SIZES = {
    (20, 5): [r"^4u 0/min 42 ms \+1$", "^A1 B2 O1$", r"^ Ada +B +\d+:\d\d$"],
    (20, 8): [r"^ NAME +S +AGE$", r"^ id-4 +O +3d00$", "^1-4/4 name"],
    (39, 12): [r"^ Grace +A +20:\d\d$"],
    (40, 12): [r"^  Grace +AVAILABLE +00:20:\d\d$"],
    (80, 24): [r"^  NAME +STATE +AGE SINCE +BEFORE +LASTED +LATENCY"],
    (132, 50): [r"LATENCY SOURCE +USER ID$", r"^  Ada .* id-1$"],
    (500, 150): [r"USER ID$", r"^  Ada .* id-1$"],
    (80, 5): ["^4 users", "^1-2 of 4"],
    (20, 60): [r"^ Edsger +B +1:\d\d$"],
}


@test("any size from 20x5 on shows what fits, and says what does not")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team())
        pane.see("4 users")
        for (width, height), patterns in SIZES.items():
            pane.resize(width, height)
            for pattern in patterns:
                pane.see(pattern, f"{width}x{height}: {pattern}")
            check(max(len(row) for row in pane.rows()) <= width)


@test("smaller sizes say what is needed, down to 1x1")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team())
        pane.see("4 users")
        for width, height in ((19, 5), (20, 4), (80, 1)):
            pane.resize(width, height)
            pane.see(f"^{width}x{height}, needs 20x5$")
        pane.resize(1, 1)
        pane.see(f"^.$")
        pane.resize(80, 24)
        pane.see("^4 users")


@test("what a narrow screen leaves out is counted")
def _():
    with Pane(width=20, height=5) as pane:
        pane.top()
        states = "AVAILABLE AWAY BREAK BUSY IDLE MEAL MEETING OFFLINE".split()
        pane.feed.write(*(change(f"u{i}", s) for i, s in enumerate(states)))
        pane.see(r"^A1 B1 M1 R1 L1 W1 \+2$")


STOPS = [
    ("INT", 128 + signal.SIGINT),
    ("TERM", 0),
    ("HUP", 128 + signal.SIGHUP),
    ("QUIT", 128 + signal.SIGQUIT),
    ("USR1", 128 + signal.SIGUSR1),
    ("ALRM", 128 + signal.SIGALRM),
    ("ABRT", 128 + signal.SIGABRT),
    ("SEGV", 128 + signal.SIGSEGV),
    ("FPE", 128 + signal.SIGFPE),
]


def comes_back(pane, stop, status):
    """The terminal is as it was after the program is ended by stop()."""
    mark = f"here {next(COUNT)}$"
    pane.command(f"ulimit -c 0; stty -a >before; clear; echo {mark[:-1]}")
    pane.see("^" + mark)
    pane.top()
    pane.feed.write(*team())
    pane.see("4 users")
    stop()
    pane.end(status)
    pane.see("^" + mark)
    pane.command("stty -a >after; cmp before after && echo eq''ual")
    pane.see("equal$")
    pane.feed.close()


@test("q gives the terminal back as it was")
def _():
    with Pane() as pane:
        pane.command(f"cd {pane.folder}")
        comes_back(pane, lambda: pane.press("q"), 0)


def made(name, status):
    @test(f"SIG{name} gives the terminal back as it was")
    def _():
        # Where it is built with a sanitizer, that has handlers of its own.
        options = os.environ.get("ASAN_OPTIONS", "") + ":handle_segv=0:handle_sigfpe=0"
        with Pane(env={"ASAN_OPTIONS": options}) as pane:
            pane.command(f"cd {pane.folder}")
            number = getattr(signal, "SIG" + name)
            comes_back(pane, lambda: os.kill(pane.pid(), number), status)


for one in STOPS:
    made(*one)


@test("Ctrl-C and Ctrl-\\ give the terminal back, and end it as they should")
def _():
    with Pane() as pane:
        pane.command(f"cd {pane.folder}")
        comes_back(pane, lambda: pane.press("C-c"), 130)
        comes_back(pane, lambda: pane.press("C-\\"), 131)


@test("Ctrl-Z gives the terminal back, and fg brings the table again")
def _():
    with Pane() as pane:
        pane.command(f"cd {pane.folder}; stty -a >before; clear; echo here before")
        pane.see("^here before")
        pane.top()
        pane.feed.write(*team())
        pane.see("4 users")
        for size in ((80, 24), (60, 20)):
            pane.press("C-z")
            pane.see("^here before")
            same(pane.ask("alternate_on"), "0")
            same(pane.ask("cursor_flag"), "1")
            pane.command("stty -a >after")
            # The lines and columns may be others.
            pane.command("sed 1d before >b; sed 1d after >a; cmp a b && echo eq''ual")
            pane.see("equal$")
            pane.resize(*size)
            pane.feed.write(change("id-1", "BUSY", "Ada", ago=1, before="AWAY"))
            pane.command("clear; echo here before; fg")
            pane.see("^4 users")
            same(pane.ask("alternate_on"), "1")
            pane.see("^1-4 of 4 ")
        pane.press("q")
        pane.see_not("^4 users")
        same(pane.ask("alternate_on"), "0")


@test("a stop that cannot be caught leaves a table that is whole after it")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(*team())
        pane.see("4 users")
        pid = pane.pid()
        os.kill(pid, signal.SIGSTOP)
        # The modes are still ours: Enter is not what a shell wants.
        pane.see(r"\$$")
        for text in ("echo some words; clear", "fg"):
            pane.type(text)
            pane.press("C-j")
        pane.see("^4 users")
        pane.see(r"^  Ada +BUSY")
        pane.press("q")
        pane.see_not("^4 users")


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@test("a terminal that goes away ends it, even where SIGHUP is ignored")
def _():
    for before in ("", "trap '' HUP;"):
        with Pane() as pane:
            pane.top(env=before)
            pane.feed.write(*team())
            pane.see("4 users")
            pid = pane.pid()
            pane.tmux("kill-server")
            until(lambda pid=pid: is_gone(pid), "its end")


@test("words on standard error do not tear the picture, and are not lost")
def _():
    with Pane() as pane:
        pane.command("ulimit -c 0")
        # gdb is not needed: the pipe that holds words is the program's own.
        pane.top()
        pane.feed.write(*team())
        pane.see("4 users")
        pid = pane.pid()
        with open(f"/proc/{pid}/fd/2", "w", encoding="ascii") as words:
            words.write("top.c:1: an assertion failed\n")
        pane.press("s")
        pane.see("sort: state")
        check("assertion" not in pane.screen())
        os.kill(pid, signal.SIGABRT)
        pane.end(134)
        pane.see("top.c:1: an assertion failed$")


def outcome(pane, command, status, words):
    number = next(COUNT)
    pane.command(f"clear; {command}; echo {number} status=$?")
    pane.see(f"{number} status={status}$")
    text = "".join(pane.rows())
    check(words in text, f"{words!r} in {text!r}")
    same(pane.ask("alternate_on"), "0")


@test("standard output that is no terminal is 64, before anything is read")
def _():
    with Pane() as pane:
        pane.command(f"cd {pane.folder}")
        with open(pane.path("in"), "w", encoding="utf-8") as file:
            file.write("".join(team()))
        for reading in ("<in", ""):
            feed = "cat in | " if not reading else ""
            command = (
                f"{feed}sh -c '{PROGRAM} >out 2>err; echo status=$?; cat >rest'"
                f" {reading}"
            )
            pane.command(f"clear; rm -f rest out err; {command}; echo do''ne")
            pane.see("status=64$")
            pane.see("done$")
            pane.command("clear; cmp in rest && [ ! -s out ] && echo un''read")
            pane.see("unread$")
            pane.command("clear; cat err")
            pane.see("^gcpresence-top: standard output is not a terminal")


@test("standard input that is a terminal is 64")
def _():
    with Pane() as pane:
        outcome(pane, PROGRAM, 64, "standard input is a terminal; pipe lines")


@test("a type of terminal that is unknown, missing or too simple is 78")
def _():
    with Pane() as pane:
        run = f"{PROGRAM} </dev/null"
        outcome(pane, f"TERM=nonsense {run}", 78, "type 'nonsense' is not known")
        outcome(pane, f"TERM= {run}", 78, "$TERM is not set")
        outcome(pane, f"env -u TERM {run}", 78, "$TERM is not set")
        outcome(pane, f"TERM=dumb {run}", 78, "'dumb' cannot place the cursor")


@test("without a controlling terminal it says that there are no keys")
def _():
    with Pane() as pane:
        outcome(
            pane,
            f"setsid -w {PROGRAM} </dev/null",
            64,
            "not the terminal of this session",
        )


@test("wrong options and operands are told, with their status")
def _():
    with Pane() as pane:
        run = f"</dev/null {PROGRAM}"
        outcome(pane, f"{run} --nonsense", 64, "unknown option '--nonsense'")
        outcome(pane, f"{run} file", 64, "'file': there are no operands")
        outcome(pane, f"{run} --sort size", 78, "--sort: 'size' is none of")
        outcome(pane, f"{run} --states ,", 78, "--states: '' is not a state")


@test("--help and --version are on standard output, and 74 where it is full")
def _():
    def run(*words, out=subprocess.PIPE):
        done = subprocess.run(
            [PROGRAM, *words], stdout=out, stderr=subprocess.PIPE, check=False
        )
        return done.returncode, done.stdout, done.stderr

    for words in (["-h"], ["--help"]):
        status, text, errors = run(*words)
        same((status, errors), (0, b""))
        for option in (b"--sort", b"--states", b"--no-color", b"--version"):
            check(option in text, option)
    for words in (["-V"], ["--version"]):
        status, text, errors = run(*words)
        same((status, errors), (0, b""))
        check(re.fullmatch(rb"gcpresence-top \d+\.\d+\.\d+\n", text), text)
    with open("/dev/full", "wb") as full:
        for word in ("--help", "--version"):
            same(run(word, out=full)[0], 74, word)


COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")


@test("states have colours, but with --no-color or NO_COLOR there is none")
def _():
    for option, env, coloured in (
        ("", "", True),
        ("", "NO_COLOR=", True),
        ("", "NO_COLOR=1", False),
        ("", "NO_COLOR=no", False),
        ("--no-color", "", False),
    ):
        with Pane() as pane:
            raw = pane.record()
            pane.top(option, env=env)
            pane.feed.write(*team())
            pane.see("BUSY 2")
            text = pane.screen(escapes=True)
            same(bool(COLOUR.search(text)), coloured, option + env)
            pane.press("q")
            pane.end(0)
            if not coloured:
                with open(raw, encoding="utf-8", errors="replace") as file:
                    check(not COLOUR.search(file.read()), "colour was sent")


@test("each of the ten states has a colour of its own where there are 256")
def _():
    states = (
        "AVAILABLE ON_QUEUE BUSY MEETING TRAINING BREAK MEAL AWAY IDLE OFFLINE"
    ).split()
    with Pane(width=120) as pane:
        pane.top()
        pane.feed.write(*(change(f"u{i}", s) for i, s in enumerate(states)))
        pane.see("OFFLINE 1")
        text = pane.screen(escapes=True)
        colours = set()
        for state in states:
            colours.add(re.search(rf"38;5;(\d+)m(?:\x1b\[49m)?{state} 1", text).group(1))
        same(len(colours), 10)


@test("a terminal without colours, or with eight, is enough")
def _():
    for kind in ("vt100", "linux", "screen"):
        with Pane() as pane:
            pane.top(env=f"TERM={kind}")
            pane.feed.write(*team())
            pane.see(r"^  Ada +BUSY +00:1")
            pane.press("q")
            until(lambda pane=pane: pane.pid() is None, "its end")
            pane.command("echo status=$?")
            pane.see("status=0$")


def columns_of(text, word):
    """The column at which word starts, wide characters counting twice."""
    import unicodedata  # pylint: disable=import-outside-toplevel

    before, found, _ = text.partition(word)
    check(found, f"{word} in {text!r}")
    return sum(
        0
        if unicodedata.combining(sign)
        else 2
        if unicodedata.east_asian_width(sign) in "WF"
        else 1
        for sign in before
    )


NAMES = [
    "Ada Lovelace",
    "渡辺 美咲",
    "김민준",
    "Zoe\u0308 Bronte\u0308",
    "🦊 Fox",
    "x\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309",
    "👩\u200d👩\u200d👧 family",
    "❤\ufe0f heart",
    "שלום",
    "ไทย น้ำ",
    "\u0301mark first",
]


@test("names with wide characters, combining marks and emoji align")
def _():
    with Pane() as pane:
        pane.top("--sort", "newest")
        pane.feed.write(
            *(change(f"u{i}", "MEAL", name) for i, name in enumerate(NAMES))
        )
        pane.see(f"{len(NAMES)} users")
        rows = [row for row in pane.rows() if re.search(r" MEAL +00:00", row)]
        same(len(rows), len(NAMES))
        same({columns_of(row, " MEAL ") for row in rows}, {15}, rows)
        check("渡辺 美咲" in pane.screen())
        check("Zoe\u0308 Bronte\u0308" in pane.screen())


@test("a wide name is cut at a whole character")
def _():
    with Pane(width=20, height=8) as pane:
        pane.top()
        pane.feed.write(change("u1", "BUSY", "渡辺美咲渡辺美咲"))
        pane.feed.write(change("u2", "BUSY", "x渡辺美咲渡辺美咲"))
        pane.see("^ 渡辺美咲…  B ")
        pane.see("^ x渡辺美咲… B ")


HOSTILE = [
    "\x1b]0;owned\x07",
    "\x1b[2J\x1b[31mred",
    "a\nb\rc\td",
    "\u202eevil\u202c",
    "\u2066isolated\u2069",
    "\u200fmark",
    "\x9b31mC1",
    "\x7fdel",
    "null\x00byte",
    "\x0e\x0fshift",
    "\ud800lone",
    "\U000e0041tag",
    "zero\u200bwidth\u2060joiner",
]


@test("hostile names, states and causes are inert")
def _():
    with Pane(width=120) as pane:
        raw = pane.record()
        title = pane.ask("pane_title")
        pane.top()
        for i, name in enumerate(HOSTILE):
            pane.feed.write(change(f"u{i}", "BUSY", name))
            pane.feed.write(change(f"s{i}", name[:60], "state", before=name))
            pane.feed.write(change("\x1b]0;id\x07" + str(i), "BUSY"))
        pane.feed.write(gap(3, 5, "\x1b]0;cause\x07\u202e"))
        pane.feed.write('{"\x1b]0;bad\x07\u202e\n')
        pane.see("blind .*cause")
        pane.see("bad line")
        # What they were is spelled out.
        pane.see(r"\\x1b\]0;owned\\x07")
        pane.press("/")
        pane.type("evil")
        pane.see(r"\\u\{202e\}evil\\u\{202c\} +BUSY")
        pane.press("Enter", "End", "Home", "?", "x", "q")
        pane.end(0)
        same(pane.ask("pane_title"), title)
        with open(raw, "rb") as file:
            sent = file.read()
        for bad in (
            b"\x1b]",
            b"\x1b[31mred",
            b"\x9b31m",
            "\u009b".encode(),
            "\u202e".encode(),
            "\u202c".encode(),
            "\u2066".encode(),
            "\u2069".encode(),
            "\u200f".encode(),
            "\u200b".encode(),
            "\u2060".encode(),
            "\U000e0041".encode(),
            b"\x7f",
            b"\x00",
        ):
            check(bad not in sent, f"{bad!r} was sent to the terminal")
        sent.decode("utf-8")


@test("in a locale without these characters there are replacements")
def _():
    with Pane() as pane:
        pane.top(env="LC_ALL=C")
        pane.feed.write(change("u1", "BUSY", "渡辺 Zoë"), team()[0])
        pane.see(r"^  \?\? Zo\? +BUSY")
        pane.see(r"^  Ada +BUSY")


class Flood(threading.Thread):
    """Changes of 500 users, until it is told to end; but no fewer than least."""

    def __init__(self, feed, least):
        super().__init__(daemon=True)
        states = ("BUSY", "AVAILABLE")
        self.lines = [
            change(f"u{i}", state, before=before, ago=1000 if i % 2 else 500)
            for state, before in (states, states[::-1])
            for i in range(500)
        ]
        self.feed = feed
        self.least = least
        self.count = 0
        self.wanted = True
        self.start()

    def run(self):
        while self.wanted or self.count < self.least:
            self.feed.write(*self.lines)
            self.count += len(self.lines)

    def end(self):
        self.wanted = False
        self.join(60)
        check(not self.is_alive(), "the writer is stuck")


@test("a flood of lines is read to its end, and keys are heard meanwhile")
def _():
    with Pane() as pane:
        raw = pane.record()
        pane.top()
        flood = Flood(pane.feed, 100000)
        pane.see("^500 users")
        pane.press("s")
        pane.see("sort: state")
        flood.end()
        pane.feed.write(change("last", "MEAL", "The Last"))
        pane.see("MEAL 1")
        pane.press("q")
        pane.end(0)
        # Far fewer pictures than lines: each has a few hundred bytes or more.
        check(os.stat(raw).st_size < flood.count * 20, "each line was drawn")


@test("a terminal that is stopped stops neither the reading nor signals")
def _():
    for stop, status in ((signal.SIGTERM, 0), (signal.SIGINT, 130)):
        with Pane() as pane:
            pane.command("stty ixon")
            pane.top()
            pane.feed.write(*team())
            pane.see("4 users")
            pane.press("C-s")
            # Much more than a pipe and a terminal hold.
            Flood(pane.feed, 20000).end()
            pane.feed.write(change("last", "MEAL", "The Last"))
            if stop == signal.SIGTERM:
                pane.press("C-q")
                pane.see("MEAL 1")
                pane.press("C-s")
            os.kill(pane.pid(), stop)
            pane.end(status)


@test("20,000 users are shown, sorted and filtered")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(
            *(change(f"u{i:05d}", "IDLE", f"user-{i:05d}") for i in range(20000))
        )
        pane.see("^20,000 users")
        pane.see("^1-20 of 20,000")
        pane.press("End")
        pane.see("^19,981-20,000 of 20,000")
        same(names(pane)[-1], "user-19999")
        pane.press("s", "s", "s", "Home")
        pane.see("sort: newest")
        until(lambda: names(pane)[0] == "user-19999")
        pane.press("/")
        pane.type("12345")
        until(lambda: names(pane) == ["user-12345"])


@test("a user's name may come later and change")
def _():
    with Pane() as pane:
        pane.top()
        pane.feed.write(change("id-1", "BUSY"))
        pane.see("^  id-1 +BUSY")
        pane.feed.write(change("id-1", "MEAL", "Ada", before="BUSY"))
        pane.see(r"^\* Ada +MEAL")
        pane.feed.write(change("id-1", "IDLE", before="MEAL"))
        pane.see(r"^\* Ada +IDLE")
        pane.feed.write(change("id-1", "BUSY", "Lovelace", before="IDLE"))
        pane.see(r"^\* Lovelace +BUSY")
        pane.see("^1 user ")


@test("a snapshot is told as one, and is no latency")
def _():
    with Pane(width=132) as pane:
        pane.top()
        line = change("id-1", "BUSY", "Ada", ago=3600)
        pane.feed.write(line.replace('"stream"', '"snapshot"'))
        pane.see(r"^  Ada +BUSY +01:00:0\d .* snapshot +id-1$")
        check("latency" not in pane.screen())


@test("the manual has every option and every key, and no other")
def _():
    folder = os.environ.get("srcdir", ".")
    with open(os.path.join(folder, "man/gcpresence-top.1"), encoding="utf-8") as file:
        page = file.read()
    help_text = subprocess.run(
        [PROGRAM, "--help"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    options = set(re.findall(r"^ +(?:-., )?--([a-z-]+)", help_text, re.M))
    check(len(options) == 5, options)
    same(set(re.findall(r"Fl -([a-z-]+)", page)), options)
    keys = page.split(".Ss Keys\n")[1].split(".Ss ")[0]
    described = re.findall(r"^\.It Ic (?:\\&)?(.*)$", keys, re.M)
    with open(os.path.join(folder, "src/top/view.c"), encoding="utf-8") as file:
        table = file.read().split("keys[] = {")[1].split("};")[0]
    known = re.findall(r'^\t\{ "([^"]+)",', table, re.M)
    check(len(known) == 10, known)
    same(described, known)


@test("the manual has every exit status, and no other")
def _():
    folder = os.environ.get("srcdir", ".")
    with open(os.path.join(folder, "man/gcpresence-top.1"), encoding="utf-8") as file:
        page = file.read()
    same(re.findall(r"^\.It (\d+)$", page, re.M), "0 64 65 66 70 74 78".split())


if __name__ == "__main__":
    main()
