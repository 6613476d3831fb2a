#!/usr/bin/env python3
"""Runs the cases: each directory below cases/ is one, and its name is a claim.

    run.py [NAME...]        all cases, or those whose names contain one of NAME

A case is files.  The program runs in a copy of the directory that is private
to the case, with a fake service (tests/fake/fake.py) that plays "service".

  args        the program's arguments, in one or more lines, quoted as in a shell
  env         NAME=VALUE lines, added to the environment; "-NAME" takes one out
  stdin       standard input; /dev/null where there is none.  A directive
              "stdin" in the service's script keeps it open
  stdin.tty   standard input is a terminal
  run         a shell script that runs in place of the program: "$GCPRESENCE" "$@",
              or "$GCPRESENCE_USERS"
  service     the script of the fake; none: nobody may connect
  signal      a signal that the program gets when the script is through
  want.out    standard output, as jq -c 'del(.receivedAt, .latencyMs)' has it
  want.any    the same, with the lines in any order
  want.jq     a jq program that says true of all lines, which it gets as an array
  want.text   lines that standard output has, in this order; it is not JSON
  want.bytes  texts that standard output has before any JSON is read
  want.err    lines of standard error, in this order; each is part of a line
  all.err     all of standard error; "*" stands for anything
  not.err     texts that standard error does not have
  want.audit  lines of the audit log, in this order: ACTION and, if need be, a
              JSON object that the payload holds
  not.audit   actions that the audit log does not have
  todo        why the case fails until something is built that is still to come
  want.rc     the exit status, 128 + N for a signal, as a shell has it; 0

Substitutions as in the service's script (${URL}, ${U1}, ...) work in all files.
The script has these directives besides those of the fake:

  stdin TEXT | stdin-end      a line for the program; the end of its input
  signal [all] NAME           TERM, INT, HUP, USR1; all: as the terminal sends it
  printed N | said TEXT | audited TEXT
                              wait for N lines of output; for TEXT in standard
                              error; for TEXT in the audit log
  reader stop | go | close    whoever reads standard output
  file NAME TEXT              writes a file of the case anew
  memory N                    the program has never used more than N MiB
  exited [within S]           wait for the program's end
  running                     it has not ended

Whatever a case is about, these hold for it: nothing comes that its script does
not expect; every line of output fits the schema, is in order, is safe for a
terminal and has true figures; standard output's flags are as before; no secret
(they all contain "canary") is in output, standard error, process list,
environment, or any file that the program writes; the audit log is in order; sanitizers are silent.
"""

import asyncio
import base64
import datetime
import difflib
import fcntl
import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "fake"))
import fake as fakes        # noqa: E402: it is not in a package

CASES = os.path.join(HERE, "cases")
SCHEMA = os.path.join(HERE, "..", "..", "share", "change.schema.json")
PROGRAM = os.path.abspath(os.environ.get("GCPRESENCE", "gcpresence"))
USERS = os.path.join(os.path.dirname(PROGRAM), "gcpresence-users")
# Cases at once.  Most of them wait most of the time.
PARALLEL = 4
# How long a program may take to end after its script.
END_S = 20.0
# How long a script may go on after the program.
GRACE_S = 1.0
# A sanitizer's shadow memory counts as the program's.
MEMORY_FACTOR = 8

CLIENT = "the-client"
SECRET = "canary-secret"
KEYS = ["userId", "name", "state", "previousState", "presenceId", "timestamp", "receivedAt",
        "latencyMs", "previousForMs", "source", "coalesced"]
ACTIONS = {"SUBSCRIPTION_SENT", "PRESENCE_DELTA_TRIGGERED", "PRESENCE_STATE_UNCHANGED", "TOKEN_ISSUED",
           "CHANNEL_OPENED", "CHANNEL_CLOSED", "SUBSCRIPTION_ACCEPTED", "SUBSCRIPTION_REJECTED",
           "SEND_DEFERRED", "MESSAGE_SKIPPED", "MESSAGE_STALE", "STREAM_GAP", "SNAPSHOT_TAKEN",
           "OUTPUT_COALESCED"}
# What no line may have as it is: C0, DEL, C1, line separators, bidi controls.
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# What jq says of a line that the contract does not allow.
LINE_JQ = r"""
def time: test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$");
def whole: type == "number" and . == floor;
select((
    type == "object"
    and (keys_unsorted - ["name", "coalesced"]) == ["userId", "state", "previousState",
        "presenceId", "timestamp", "receivedAt", "latencyMs", "previousForMs", "source"]
    and (keys_unsorted | (index("name") // 1) == 1 and (index("coalesced") // 10) >= 9)
    and (.userId | type == "string" and length > 0)
    and (if has("name") then .name | type == "string" and length > 0 else true end)
    and (.state | type == "string" and length > 0 and . == ascii_upcase and (contains(" ") | not))
    and (.previousState | . == null or (type == "string" and length > 0))
    and (.presenceId | . == null or (type == "string" and length > 0))
    and (.timestamp | . == null or time)
    and (.receivedAt | time)
    and (if .timestamp == null then .latencyMs == null else .latencyMs | whole end)
    and (.previousForMs | . == null or (whole and . >= 0))
    and (.source | IN("stream", "snapshot", "replay"))
    and (if has("coalesced") then .coalesced | whole and . >= 1 else true end)
) | not)
"""


class Wrong(Exception):
    """The case fails; the text says why."""


def read(directory, name, binary=False):
    """A file of the case, or None."""
    path = os.path.join(directory, name)
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        data = file.read()
    return data if binary else data.decode("utf-8", "surrogateescape")


def moment_ms(text):
    time = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    return (time - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // \
        datetime.timedelta(milliseconds=1)


def is_instrumented():
    with open(PROGRAM, "rb") as file:
        return b"__asan_init" in file.read()


class Case:
    repeats = False     # the service's errors repeat what they answer

    def __init__(self, directory, schema):
        self.directory = directory
        self.name = os.path.basename(directory)
        self.schema = schema
        self.problems = []      # (title, text)
        self.stdout = b""
        self.stderr = b""
        self.process = None
        self.fake = None
        self.stdin = None
        self.reading = False
        self.played = False     # the script is through
        self.command_lines = b""
        self.process_environment = None     # not seen, or not to be seen by us
        self.copied = set()     # files that the program did not write

    # What the script can ask for.

    def hooks(self):
        return {word.replace("_", "-"): getattr(self, "do_" + word) for word in (
            "stdin", "stdin_end", "signal", "printed", "said", "audited", "reader", "file",
            "memory", "exited", "running")}

    async def do_stdin(self, fake, rest):
        os.write(self.stdin, fakes.unescape(rest) + b"\n")

    async def do_stdin_end(self, fake, rest):
        os.close(self.stdin)
        self.stdin = None

    async def do_signal(self, fake, rest):
        words = rest.split()
        number = getattr(signal, "SIG" + words[-1])
        if words[0] == "all":
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    async def do_printed(self, fake, rest):
        count = int(rest)
        await fake.until(lambda: self.stdout.count(b"\n") >= count or self.has_ended(),
                         "line %d of standard output" % count)
        if self.stdout.count(b"\n") != count:
            raise fakes.Deviation("%d lines of output, not %d" % (self.stdout.count(b"\n"), count))

    async def do_said(self, fake, rest):
        wanted = rest.encode()
        await fake.until(lambda: wanted in self.stderr or self.has_ended(),
                         "'%s' in standard error" % rest)
        if wanted not in self.stderr:
            raise fakes.Deviation("the program has ended without saying '%s'" % rest)

    async def do_audited(self, fake, rest):
        wanted = rest.encode()
        while wanted not in (self.audit_log() or b""):
            if self.has_ended():
                raise fakes.Deviation("the program has ended without auditing '%s'" % rest)
            await self.look_again("'%s' in the audit log" % rest)

    async def look_again(self, what):
        """Waits a little for what nobody tells of, within the script's limit."""
        loop = asyncio.get_running_loop()
        if getattr(self, "looking", (None,))[0] != what:
            self.looking = (what, loop.time() + self.fake.limit)
        if loop.time() > self.looking[1]:
            raise fakes.Deviation("waited in vain for %s" % what)
        if self.fake.failure is not None:
            raise self.fake.failure
        await asyncio.sleep(0.01)

    async def do_reader(self, fake, rest):
        loop = asyncio.get_running_loop()
        what = rest.strip()
        if self.reading:
            loop.remove_reader(self.output[0])
            self.reading = False
        if what == "go":
            loop.add_reader(self.output[0], self.on_output)
            self.reading = True
        elif what == "close":
            os.close(self.output[0])
            self.output[0] = None
        elif what != "stop":
            raise fakes.Deviation("unknown: reader %s" % rest)

    async def do_file(self, fake, rest):
        name, _, text = rest.partition(" ")
        path = os.path.join(self.work, name)
        with open(path + ".new", "wb") as file:
            file.write(fakes.unescape(text) + b"\n")
        os.chmod(path + ".new", 0o600)
        os.rename(path + ".new", path)
        self.copied.add(path)

    async def do_memory(self, fake, rest):
        with open("/proc/%d/status" % self.process.pid) as file:
            used = int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1]) // 1024
        if used > int(rest) * (MEMORY_FACTOR if is_instrumented() else 1):
            raise fakes.Deviation("the program has used %d MiB" % used)

    async def do_exited(self, fake, rest):
        seconds = float(rest.split()[1]) if rest.strip() else None
        await fake.until(self.has_ended, "the program's end", seconds)

    async def do_running(self, fake, rest):
        if self.has_ended():
            raise fakes.Deviation("the program has ended")

    # The program.

    def has_ended(self):
        return self.process is not None and self.process.returncode is not None

    def on_output(self):
        try:
            data = os.read(self.output[0], 1 << 16)
        except BlockingIOError:
            return
        self.stdout += data
        self.fake.poke()

    def on_error(self):
        try:
            data = os.read(self.errors[0], 1 << 16)
        except BlockingIOError:
            return
        self.stderr += data
        self.fake.poke()

    def audit_log(self):
        return read(self.work, "audit.log", binary=True)

    def environment(self):
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "HOME": self.work,
               "GCPRESENCE": PROGRAM, "GCPRESENCE_USERS": USERS, "PYTHON": sys.executable,
               "GENESYSCLOUD_OAUTHCLIENT_ID": CLIENT, "GENESYSCLOUD_OAUTHCLIENT_SECRET": SECRET,
               "GENESYSCLOUD_API_URL": self.fake.url}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH", "TMPDIR"):
            if name in os.environ:
                env[name] = os.environ[name]
        for line in (read(self.work, "env") or "").splitlines():
            name, equals, value = line.partition("=")
            if equals:
                env[name] = value
            elif line.startswith("-"):
                env.pop(line[1:], None)
        return env

    def copy(self):
        """The case's files with all substitutions, for the program to see."""
        for name in os.listdir(self.directory):
            data = read(self.directory, name)
            if name != "service":
                data = self.fake.substitute(data)
            path = os.path.join(self.work, name)
            with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
                file.write(data)
            os.chmod(path, 0o600)
            self.copied.add(path)

    def more_arguments(self):
        return []

    def open_input(self):
        """The descriptor for the program; self.stdin is the other end of it."""
        if os.path.exists(os.path.join(self.work, "stdin.tty")):
            self.stdin, slave = pty.openpty()
            return slave
        data = read(self.work, "stdin", binary=True)
        stays = re.search(r"^\s*stdin", read(self.directory, "service") or "", re.M)
        if data is None and not stays:
            return os.open("/dev/null", os.O_RDONLY)
        if not stays:
            # As large as it may be: nobody has to feed it.
            return os.open(os.path.join(self.work, "stdin"), os.O_RDONLY)
        theirs, self.stdin = os.pipe()
        os.write(self.stdin, data or b"")
        return theirs

    async def start(self):
        loop = asyncio.get_running_loop()
        args = shlex.split(read(self.work, "args") or "")
        if "--audit" not in args and read(self.work, "run") is None:
            args = ["--audit", "audit.log"] + args
        command = [PROGRAM] + self.more_arguments() + args
        if read(self.work, "run") is not None:
            command = ["/bin/sh", "run"] + args
        theirs = self.open_input()
        self.output = list(os.pipe())
        self.errors = list(os.pipe())
        for fd in (self.output[0], self.errors[0]):
            os.set_blocking(fd, False)
        fcntl.fcntl(self.output[1], fcntl.F_SETFL, fcntl.fcntl(self.output[1], fcntl.F_GETFL) | os.O_APPEND)
        self.flags = fcntl.fcntl(self.output[1], fcntl.F_GETFL)
        loop.add_reader(self.output[0], self.on_output)
        loop.add_reader(self.errors[0], self.on_error)
        self.reading = True
        self.process = await asyncio.create_subprocess_exec(
            *command, stdin=theirs, stdout=self.output[1], stderr=self.errors[1],
            cwd=self.work, env=self.environment(), start_new_session=True)
        os.close(theirs)
        self.ended = asyncio.ensure_future(self.see_end())

    async def see_end(self):
        """Once the program has ended, nothing that a script waits for comes any more."""
        await self.process.wait()
        self.fake.poke()
        await asyncio.sleep(GRACE_S)
        if not self.played:
            self.fake.fail(fakes.Deviation("the program has ended before that%s" % self.fake.leftovers()))

    def see_command_lines(self):
        """What the process list shows, of the program and what started it."""
        for pid in [self.process.pid]:
            try:
                with open("/proc/%d/cmdline" % pid, "rb") as file:
                    self.command_lines += file.read()
            except OSError:
                pass

    def see_environment(self):
        """What whoever may read the process's environment finds; not of a script."""
        # Once it has talked to someone it has read all that it will.
        if self.fake.contacts > 0 and read(self.work, "run") is None:
            try:
                with open("/proc/%d/environ" % self.process.pid, "rb") as file:
                    self.process_environment = file.read()
            except OSError:
                pass

    async def play(self):
        try:
            await self.fake.play()
            self.played = True
            self.see_command_lines()
            self.see_environment()
            by_file = read(self.work, "signal")
            if by_file and not self.has_ended():
                self.process.send_signal(getattr(signal, "SIG" + by_file.strip()))
            await asyncio.wait_for(self.process.wait(), END_S)
            await asyncio.sleep(0)
            self.fake.check_end()
        except fakes.Deviation as why:
            self.problems.append(("the service", str(why)))
        except asyncio.TimeoutError:
            self.problems.append(("the end", "the script is through, but the program is not: it was killed%s"
                                  % self.fake.leftovers()))

    async def finish(self):
        loop = asyncio.get_running_loop()
        self.see_command_lines()
        self.flags_now = fcntl.fcntl(self.output[1], fcntl.F_GETFL)
        if not self.has_ended():
            # Of a script the whole session.
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            await self.process.wait()
        self.ended.cancel()
        if self.reading:
            loop.remove_reader(self.output[0])
        loop.remove_reader(self.errors[0])
        if self.output[0] is not None:
            self.stdout += drain(self.output[0])
        self.stderr += drain(self.errors[0])
        for fd in self.output + self.errors + [self.stdin]:
            if fd is not None:
                os.close(fd)

    async def run(self):
        began = time.monotonic()
        self.work = tempfile.mkdtemp(prefix="gcp-e2e-")
        try:
            self.fake = fakes.Fake("service", read(self.directory, "service") or "", self.hooks(),
                                   {"DIR": self.work, "CLIENT": CLIENT, "SECRET": SECRET})
            self.fake.repeats = self.repeats
            await self.fake.start()
            self.copy()
            await self.start()
            await self.play()
            await self.finish()
            await self.fake.stop()
            self.check()
        except Exception:
            self.problems.append(("the test itself", traceback.format_exc()))
        finally:
            shutil.rmtree(self.work, ignore_errors=True)
        self.seconds = time.monotonic() - began
        return self

    # Judging.

    def lines(self, name):
        """The lines of a file that says what is wanted."""
        text = read(self.work, name)
        return None if text is None else text.splitlines()

    def check(self):
        for check in (self.check_status, self.check_output, self.check_lines, self.check_errors,
                      self.check_audit, self.check_secrets, self.check_flags):
            try:
                check()
            except Wrong as why:
                self.problems.append((check.__name__.replace("check_", "the "), str(why)))
        if self.problems:
            self.problems.append(("all of standard error",
                                  self.stderr.decode("utf-8", "replace")[-4000:].rstrip()))

    def check_status(self):
        wanted = int(read(self.work, "want.rc") or "0")
        got = self.process.returncode
        got = 128 - got if got < 0 else got
        if got != wanted:
            raise Wrong("exit status %d, not %d" % (got, wanted))

    def check_output(self):
        if read(self.work, "want.text") is not None:
            in_order(self.lines("want.text"), self.stdout.decode().splitlines())
        elif read(self.work, "want.jq") is not None:
            self.check_by_jq()
        else:
            name = "want.any" if self.lines("want.any") is not None else "want.out"
            wanted = self.lines(name) or []
            got = normalised(self.stdout)
            if name == "want.any":
                wanted, got = sorted(wanted), sorted(got)
            if got != wanted:
                raise Wrong(difference(wanted, got, name))
        for text in self.lines("want.bytes") or []:
            if text.encode() not in self.stdout:
                raise Wrong("not in it as bytes: %s" % text)

    def check_by_jq(self):
        done = subprocess.run(["jq", "-s", "-f", os.path.join(self.work, "want.jq")], input=self.stdout,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.stdout != b"true\n":
            raise Wrong("want.jq says %s of %d lines:\n%s" % (
                done.stdout.decode(), self.stdout.count(b"\n"), self.stdout.decode("utf-8", "replace")[:2000]))

    def check_lines(self):
        """All that the contract says of any line."""
        if read(self.work, "want.text") is not None:
            if STEERING.search(self.stdout.decode("utf-8", "replace").replace("\n", "")):
                raise Wrong("a control character as it is")
            return
        if self.stdout and not self.stdout.endswith(b"\n"):
            raise Wrong("the last line is torn: %r" % self.stdout.splitlines()[-1])
        for raw in self.stdout.split(b"\n")[:-1]:
            try:
                self.check_line(raw)
            except Wrong as why:
                raise Wrong("%s: %r" % (why, raw))

    def check_line(self, raw):
        if len(raw) + 1 > 4096:
            raise Wrong("%d bytes are more than 4096" % len(raw))
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise Wrong("not UTF-8")
        if STEERING.search(text):
            raise Wrong("a control character as it is")
        pairs = []
        try:
            line = json.loads(text, object_pairs_hook=lambda p: pairs.append(p) or dict(p))
        except ValueError as why:
            raise Wrong("not JSON: %s" % why)
        keys = [key for key, _ in pairs[-1]]
        if keys != [key for key in KEYS if key in keys]:
            raise Wrong("the keys are in another order")
        for error in self.schema.iter_errors(line):
            raise Wrong("not as the schema says: %s" % error.message)
        if line["timestamp"] is not None and \
                line["latencyMs"] != moment_ms(line["receivedAt"]) - moment_ms(line["timestamp"]):
            raise Wrong("latencyMs is not receivedAt - timestamp")

    def check_errors(self):
        text = self.stderr.decode("utf-8", "replace")
        if "Sanitizer" in text or "runtime error:" in text:
            raise Wrong("a sanitizer complains")
        if STEERING.search(text.replace("\n", "")):
            raise Wrong("a control character as it is")
        got = text.splitlines()
        if self.lines("want.err"):
            in_order(self.lines("want.err"), got)
        for unwanted in self.lines("not.err") or []:
            if unwanted in text:
                raise Wrong("it must not have: %s" % unwanted)
        wanted = self.lines("all.err")
        if wanted is not None:
            same = len(wanted) == len(got) and all(
                re.fullmatch(re.escape(one).replace(r"\*", ".*"), other) for one, other in zip(wanted, got))
            if not same:
                raise Wrong(difference(wanted, got, "all.err"))

    def check_audit(self):
        log = self.audit_log()
        entries = []
        if log and not log.endswith(b"\n"):
            raise Wrong("the last line is torn")
        for raw in (log or b"").splitlines():
            entry = json.loads(raw.decode())
            if list(entry) != ["action", "timestamp", "payload", "metrics_snapshot"]:
                raise Wrong("the keys are others: %r" % raw)
            if entry["action"] not in ACTIONS:
                raise Wrong("the contract has no such action: %r" % raw)
            moment_ms(entry["timestamp"])
            if list(entry["metrics_snapshot"]) != ["latency_avg_ms", "accuracy_rate"] or \
                    not 0 <= entry["metrics_snapshot"]["accuracy_rate"] <= 1:
                raise Wrong("metrics_snapshot is another: %r" % raw)
            entries.append(entry)
        for action in self.lines("not.audit") or []:
            if any(entry["action"] == action for entry in entries):
                raise Wrong("it must not have %s" % action)
        at = 0
        for wanted in self.lines("want.audit") or []:
            action, _, payload = wanted.partition(" ")
            payload = json.loads(payload) if payload else {}
            while at < len(entries) and not (
                    entries[at]["action"] == action and
                    all(item in entries[at]["payload"].items() for item in payload.items())):
                at += 1
            if at == len(entries):
                raise Wrong("there is no %s (in this order) in:\n%s" % (wanted, "\n".join(
                    "%s %s" % (entry["action"], json.dumps(entry["payload"], ensure_ascii=False))[:400]
                    for entry in entries)))
            at += 1

    def places(self):
        """All that the program wrote or shows: (title, bytes)."""
        yield "standard output", self.stdout
        yield "standard error", self.stderr
        yield "the process list", self.command_lines
        if self.process_environment is not None:
            yield "the environment", self.process_environment
        for folder, _, names in os.walk(self.work):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and path not in self.copied:
                    with open(path, "rb") as file:
                        yield "the file " + name, file.read()

    def check_secrets(self):
        basic = base64.b64encode(("%s:%s" % (CLIENT, SECRET)).encode())
        for title, data in self.places():
            # States are written in capitals.
            data = data.lower()
            for secret in (b"canary", basic[:-4].lower()):
                at = data.find(secret)
                if at != -1:
                    raise Wrong("a secret is in %s: %r" % (title, data[max(0, at - 60):at + 60]))

    def check_flags(self):
        if self.flags != self.flags_now:
            raise Wrong("standard output had the flags %#o and has %#o now" % (self.flags, self.flags_now))


def drain(fd):
    data = b""
    while True:
        try:
            piece = os.read(fd, 1 << 16)
        except BlockingIOError:
            return data
        if not piece:
            return data
        data += piece


def normalised(stdout):
    """The lines as jq has them, without what differs from run to run."""
    done = subprocess.run(["jq", "-c", "del(.receivedAt, .latencyMs)"], input=stdout,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise Wrong("jq cannot read it: %s%s" % (done.stderr.decode(), stdout.decode("utf-8", "replace")))
    return done.stdout.decode().splitlines()


def difference(wanted, got, name):
    lines = list(difflib.unified_diff(wanted, got, name, "got", lineterm=""))
    return "\n".join(lines[:60] + ["..."] * (len(lines) > 60))


def in_order(wanted, got):
    rest = iter(got)
    for one in wanted:
        if not any(one in line for line in rest):
            raise Wrong("no line (in this order) has: %s\nin:\n%s" % (one, "\n".join(got)))


def judge_by_jq(cases):
    """The second opinion on all lines of all cases."""
    lines = b"".join(case.stdout for case in cases if not os.path.exists(
        os.path.join(case.directory, "want.text")))
    done = subprocess.run(["jq", "-c", LINE_JQ], input=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return lines.count(b"\n"), (done.stdout + done.stderr).decode("utf-8", "replace")


def report(number, name, problems, todo=None):
    print("%sok %d - %s%s" % ("not " if problems else "", number, name,
                              " # TODO " + todo.strip() if todo else ""))
    for title, text in problems:
        print("# %s:" % title)
        for line in text.splitlines():
            print("#   " + line)
    sys.stdout.flush()


def is_slow(directory):
    return os.path.exists(os.path.join(directory, "slow"))


async def run_all(directories, schema):
    gate = asyncio.Semaphore(PARALLEL)

    async def run_one(directory):
        async with gate:
            return await Case(directory, schema).run()

    # The slow ones begin first; the report is in order of the names.
    tasks = {one: asyncio.ensure_future(run_one(one))
             for one in sorted(directories, key=lambda d: (not is_slow(d), d))}
    cases, failed = [], 0
    for number, directory in enumerate(directories, 1):
        case = await tasks[directory]
        cases.append(case)
        todo = read(directory, "todo")
        failed += bool(case.problems) and not todo
        report(number, case.name, case.problems, todo)
    count, complaints = judge_by_jq(cases)
    report(len(directories) + 1, "jq finds nothing wrong in %d lines of output" % count,
           [("jq", complaints)] if complaints else [])
    for case in sorted(cases, key=lambda one: -one.seconds)[:5]:
        print("# %.1f s: %s" % (case.seconds, case.name))
    return failed + bool(complaints)


def main(arguments):
    names = [name for name in sorted(os.listdir(CASES))
             if not arguments or any(one in name for one in arguments)]
    if shutil.which("jq") is None:
        print("Bail out! jq is missing: scripts/bootstrap --tests installs it")
        return 1
    with open(SCHEMA) as file:
        text = json.load(file)
    jsonschema.Draft7Validator.check_schema(text)
    print("1..%d" % (len(names) + 1), flush=True)
    os.umask(0o077)
    # A shell's background job ignores it, and so would what runs below it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    directories = [os.path.join(CASES, name) for name in names]
    return 1 if asyncio.run(run_all(directories, jsonschema.Draft7Validator(text))) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
