#!/usr/bin/python3
"""The oracle: compares what gcpresence printed with what was true.

    oracle.py --journal FILE [--initial FILE] [--final FILE]
              --run OUTPUT STATUS [AUDIT [STOPPED]] [--run ...]
              [--users FILE] [--events] [--fresh] [--log FILE] [--secret TEXT]

The truth is the simulator's: its journal, what /sim/states said before the
first change (--initial) and says at the end (--final).  A simulator that was
started again has a second journal and a second --initial: give them in order.
Then come the runs of gcpresence, in order: output, exit status as a shell or
Python has it (0, 137 or -9), audit log, and the time at which the run was told
to stop or was killed (RFC 3339; otherwise the output's last change on disk).
Prints what is wrong, one line each; exit status 1 where anything is.

What is asserted:

  every change of a watched user is printed, or it lies in a blind interval (a
  gap of the audit log or of the output, the time before the user was
  subscribed, the time between two runs) and the state at the interval's end is
  shown, or it is counted in the "coalesced" of the user's next line;
  a gap excuses a change only where the connections that the change was given
  to have ended, or the change was kept back; a gap that a run was killed in is
  not told, so the last seconds of a run that was killed count as one;
  no line that is not in the journal: user, state, definition and time;
  per user and run: in order of time, previousState and previousForMs follow
  from the line before, nothing twice;
  the same line in two runs only where the earlier one was killed within a
  second after that line;
  the last line of each user is the final truth;
  the gaps of output and audit log are the same, and none ends before it began;
  every line is valid (share/change.schema.json), and read by jq;
  no secret is anywhere.
"""

import argparse
import bisect
import datetime
import json
import os
import re
import subprocess
import sys

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, "..", "..", "share", "change.schema.json")

# Between what the simulator notes and what gcpresence sees; milliseconds.
SLACK_MS = 300
# Until the snapshot behind a gap has shown what is true.
HEAL_MS = 3000
# The state file is this much behind at most.
COMMIT_MS = 1000
# What could not be read is told of, and asked for, within this time.
UNREAD_MS = 61000
# More lines than this are checked by a pattern, and only some by the schema.
SCHEMA_LINES = 3000
# Of one kind of mistake so many are told.
TOLD = 12

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
TEXT = r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}){1,256}"'
# A line as the program writes it; stricter than the schema.
LINE = re.compile(
    rf'\{{"userId":"[!#-\[\]-~]{{1,128}}"(?:,"name":{TEXT})?,"state":{TEXT},'
    rf'"previousState":(?:null|{TEXT}),"presenceId":(?:null|{TEXT}),'
    rf'"timestamp":(?:null|"{TIME}"),"receivedAt":"{TIME}",'
    r'"latencyMs":(?:null|-?\d+),"previousForMs":(?:null|\d+),'
    r'"source":"(?:stream|snapshot|replay)"(?:,"coalesced":[1-9]\d*)?\}'
)
# The simulator's tokens have 86 letters and digits; nothing else has so many.
TOKEN = re.compile(rb"[A-Za-z0-9]{80,}")
# What would steer a terminal: C0 but newline, DEL, C1 in UTF-8, bidi controls.
STEERING = re.compile(
    rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]"
    rb"|\xe2\x81[\xa6-\xa9]"
)


def to_ms(text):
    """RFC 3339 to milliseconds since 1970; None stays None."""
    if text is None:
        return None
    return round(datetime.datetime.fromisoformat(text).timestamp() * 1000)


def to_text(ms):
    if ms in (None, float("inf"), float("-inf")):
        return str(ms)
    moment = datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc)
    return moment.strftime("%H:%M:%S.") + f"{int(ms) % 1000:03d}"


class Point:
    """One thing that was true of a user from a time on."""

    __slots__ = ("state", "definition", "ms", "at", "sent", "changed")

    def __init__(self, state, definition, ms, at, sent, changed):
        self.state = state
        self.definition = definition
        self.ms = ms  # what the service says
        self.at = at  # when it was told
        self.sent = sent  # connections that got it; False: kept back
        self.changed = changed

    def pair(self):
        return self.state, self.definition

    def key(self):
        return self.state, self.definition, self.ms

    def __repr__(self):
        return f"{self.state}@{to_text(self.ms)} sent={self.sent}"


class Truth:
    """All that the journals say."""

    def __init__(self, events=False):
        self.events = events
        self.points = {}  # user: [Point], in order
        self.disconnected = {}  # connection: ms
        self.connected = {}  # connection: ms
        self.subscribed = {}  # user: [ms]
        self.channels = set()
        self.faults = []  # (ms, directive)
        self.served = 0  # rows of snapshots
        self.journals = 0

    def definition(self, text):
        return None if self.events else text

    def add_initial(self, rows):
        """What was true when a simulator began; older than what is known is
        no news: the service's clock does not go back."""
        for row in rows:
            ms = to_ms(row["modifiedDate"])
            points = self.points.setdefault(row["userId"].lower(), [])
            if points and points[-1].ms >= ms:
                continue
            points.append(
                Point(
                    row["state"],
                    self.definition(row["presenceId"]),
                    ms,
                    ms,
                    [],
                    not points
                    or points[-1].pair() != (row["state"], row["presenceId"]),
                )
            )

    def add_journal(self, lines):
        number = self.journals
        self.journals += 1
        last = None
        for text in lines:
            try:
                row = json.loads(text)
            except ValueError:
                continue  # the last one, of a simulator that was killed
            last = to_ms(row["at"])
            if "n" in row:
                self.add_change(number, row, last)
            else:
                self.add_event(number, row, last)
        for connection in self.connected:
            if connection[0] == number:
                self.disconnected.setdefault(connection, last)

    def add_change(self, number, row, at):
        if not row["primary"]:
            return
        points = self.points.setdefault(row["userId"].lower(), [])
        sent = row["delivered"]
        if sent is not False:
            sent = [(number, connection) for connection in sent]
        definition = self.definition(row["presenceId"])
        changed = row["changed"]
        if self.events:
            changed = not points or points[-1].state != row["state"]
        points.append(
            Point(
                row["state"], definition, to_ms(row["modifiedDate"]), at, sent, changed
            )
        )

    def add_event(self, number, row, at):
        kind = row["event"]
        if kind == "connected":
            self.connected[number, row["connection"]] = at
        elif kind == "disconnected":
            self.disconnected[number, row["connection"]] = at
        elif kind == "subscribed":
            for user in row["userIds"]:
                self.subscribed.setdefault(user.lower(), []).append(at)
        elif kind == "channel":
            self.channels.add(row["channel"])
        elif kind == "fault":
            self.faults.append((at, row["directive"]))
        elif kind == "snapshot":
            self.served += len(row["users"])


class Line:
    __slots__ = ("user", "state", "definition", "ms", "row", "received", "run")

    def __init__(self, row, run, events):
        self.row = row
        self.run = run
        self.user = row["userId"].lower()
        self.state = row["state"]
        self.definition = None if events else row["presenceId"]
        self.ms = to_ms(row["timestamp"])
        self.received = to_ms(row["receivedAt"])

    def pair(self):
        return self.state, self.definition

    def key(self):
        return self.state, self.definition, self.ms

    def __repr__(self):
        return f"{self.state}@{to_text(self.ms)}"


class Run:
    """One run of gcpresence.  stopped: when it was told to stop, or was
    killed; wall time in milliseconds.  blind: it does not stream (--once)."""

    def __init__(
        self,
        output,
        status=0,
        audit=None,
        logs=(),
        started=None,
        stopped=None,
        gaps_printed=True,
        blind=False,
    ):
        self.output = output
        self.status = status
        self.audit = audit
        self.logs = list(logs)
        self.started = started
        self.stopped = stopped
        self.gaps_printed = gaps_printed
        self.blind = blind
        self.lines = []
        self.gaps = []  # (from, to, users, cause)
        self.printed_gaps = []

    @property
    def killed(self):
        return self.status in (-9, 137)


def read_bytes(path):
    if path is None or not os.path.exists(path):
        return b""
    with open(path, "rb") as file:
        return file.read()


class Oracle:
    """Judges; wrong() has what it found."""

    def __init__(
        self,
        truth,
        runs,
        final=None,
        users=None,
        fresh=False,
        secrets=(),
        files=(),
        timeless=False,
        lost_ok=False,
        same_time=False,
        filtered=False,
        healing=True,
        no_gaps=False,
        unknown=(),
        excused=(),
        slack_ms=SLACK_MS,
        heal_ms=HEAL_MS,
    ):
        self.truth = truth
        self.runs = runs
        self.final = final
        self.users = None if users is None else {user.lower() for user in users}
        self.fresh = fresh  # nothing is carried from run to run
        self.secrets = [s.encode() if isinstance(s, str) else s for s in secrets]
        self.files = list(files)
        self.timeless = timeless
        self.lost_ok = lost_ok
        self.same_time = same_time
        self.filtered = filtered
        self.healing = healing and not truth.events
        self.no_gaps = no_gaps
        self.unknown = {user.lower() for user in unknown}
        self.excused = list(excused)  # (from, to): blind, whatever the program says
        self.slack = slack_ms
        self.heal = heal_ms
        self.errors = []
        self.counts = {}

    def wrong(self, kind, text):
        count = self.counts[kind] = self.counts.get(kind, 0) + 1
        if count <= TOLD:
            self.errors.append(f"{kind}: {text}")

    # Reading

    def read(self):
        for number, run in enumerate(self.runs):
            self.read_output(number, run)
            self.read_audit(run)
            if run.stopped is None:
                run.stopped = self.last_moment(run)

    @staticmethod
    def last_moment(run):
        if os.path.exists(run.output):
            return int(os.path.getmtime(run.output) * 1000)
        return 0

    def read_output(self, number, run):
        data = read_bytes(run.output)
        if data and not data.endswith(b"\n"):
            # Nothing can be done about a line that a SIGKILL tears.
            cut = data.rfind(b"\n") + 1
            if not run.killed:
                self.wrong("torn line", repr(data[cut:][:80]))
            data = data[:cut]
        if STEERING.search(data):
            self.wrong("steering bytes in the output", run.output)
        self.check_lines(run, data)
        for text in data.decode("utf-8", "replace").splitlines():
            try:
                row = json.loads(text)
            except ValueError:
                self.wrong("not JSON", text[:120])
                continue
            if "gap" in row:
                gap = row["gap"]
                run.printed_gaps.append(
                    (to_ms(gap["from"]), to_ms(gap["to"]), gap["users"], gap["cause"])
                )
            elif "userId" in row:
                run.lines.append(Line(row, number, self.truth.events))
            else:
                self.wrong("neither change nor gap", text[:120])

    def check_lines(self, run, data):
        lines = [
            text
            for text in data.decode("utf-8", "replace").splitlines()
            if not text.startswith('{"gap":')
        ]
        with open(SCHEMA, encoding="utf-8") as file:
            validator = jsonschema.Draft7Validator(json.load(file))
        step = max(1, len(lines) // SCHEMA_LINES)
        for i, text in enumerate(lines):
            if len(text.encode()) >= 4096:
                self.wrong("line too long", text[:80])
            if LINE.fullmatch(text) is None:
                self.wrong("line of another form", text[:400])
            elif i % step != 0:
                continue
            try:
                error = next(validator.iter_errors(json.loads(text)), None)
            except ValueError:
                continue  # told above
            if error is not None:
                self.wrong("against the schema", f"{error.message}: {text[:300]}")
        if not data:
            return
        done = subprocess.run(
            ["jq", "-c", "length"], input=data, capture_output=True, check=False
        )
        if done.returncode != 0 or done.stdout.count(b"\n") != data.count(b"\n"):
            self.wrong("jq", f"{run.output}: {done.stderr.decode()[:200]}")

    def read_audit(self, run):
        for text in read_bytes(run.audit).decode("utf-8", "replace").splitlines():
            if '"STREAM_GAP"' not in text:
                continue
            try:
                gap = json.loads(text)["payload"]
            except ValueError:
                continue  # of a run that was killed
            run.gaps.append(
                (to_ms(gap["from"]), to_ms(gap["to"]), gap["users"], gap["cause"])
            )
        if run.audit is None:
            run.gaps = list(run.printed_gaps)

    # Judging

    def judge(self):
        self.read()
        self.check_gaps()
        self.check_secrets()
        by_user = {}
        for run in self.runs:
            for line in run.lines:
                by_user.setdefault(line.user, []).append(line)
        for user, lines in by_user.items():
            if self.users is not None and user not in self.users:
                self.wrong("a user that is not watched", user)
            if user in self.unknown:
                continue
            self.check_sources(user, lines)
            self.check_order(user, lines)
        watched = self.users if self.users is not None else set(self.truth.subscribed)
        for user in watched:
            if user not in self.unknown:
                self.check_complete(user, by_user.get(user, []))
        self.check_final(by_user, watched)
        for kind, count in self.counts.items():
            if count > TOLD:
                self.errors.append(f"{kind}: {count} in all")
        return self.errors

    def check_gaps(self):
        for run in self.runs:
            for gap in run.gaps:
                if gap[0] > gap[1]:
                    self.wrong("a gap that ends before it begins", str(gap))
                if self.no_gaps:
                    self.wrong("a gap", str(gap))
            printed, audited = sorted(run.printed_gaps), sorted(run.gaps)
            if run.killed or run.audit is None or not run.gaps_printed:
                continue
            if printed != audited:
                self.wrong(
                    "gaps of output and audit log differ", f"{printed} and {audited}"
                )

    def check_secrets(self):
        secrets = self.secrets + [channel.encode() for channel in self.truth.channels]
        files = list(self.files)
        for run in self.runs:
            files += [run.output, run.audit, *run.logs]
        for path in files:
            data = read_bytes(path)
            for secret in secrets:
                if secret in data:
                    self.wrong("a secret", f"{secret[:12]!r}... in {path}")
            found = TOKEN.search(data)
            if found:
                self.wrong("a token", f"{found.group()[:12]!r}... in {path}")

    def check_sources(self, user, lines):
        """No line that is not in the journal."""
        points = self.truth.points.get(user, [])
        keys = {point.key() for point in points}
        pairs = {point.pair() for point in points}
        for line in lines:
            if line.ms is None:
                if not self.timeless or line.pair() not in pairs:
                    self.wrong("a line without a time", f"{user} {line}")
            elif line.key() not in keys:
                self.wrong("a line that is not true", json.dumps(line.row))
            latency = line.row["latencyMs"]
            if line.ms is not None and latency != line.received - line.ms:
                self.wrong("latencyMs", json.dumps(line.row))

    def check_order(self, user, lines):
        """Order, chain and repeats."""
        before = {}  # key: the last line that had it
        last = None
        for line in lines:
            self.check_repeat(user, line, before.get(line.key()))
            before[line.key()] = line
            if last is not None and last.run == line.run:
                self.check_pair(user, last, line)
            else:
                self.check_first(user, line, lines)
            last = line

    def check_repeat(self, user, line, same):
        if same is None or line.ms is None or self.same_time:
            return
        run = self.runs[same.run]
        if same.run == line.run:
            self.wrong("printed twice", f"{user} {line}")
        elif self.fresh:
            return
        elif not run.killed:
            self.wrong("printed again by the next run", f"{user} {line}")
        elif same.received < run.stopped - COMMIT_MS - self.slack:
            self.wrong(
                "printed again, though long before the kill",
                f"{user} {line}, {run.stopped - same.received} ms",
            )

    def check_pair(self, user, last, line):
        row = line.row
        if None not in (last.ms, line.ms) and (
            line.ms < last.ms or (line.ms == last.ms and not self.same_time)
        ):
            self.wrong("not in order", f"{user}: {line} after {last}")
        if self.filtered or "coalesced" in row:
            return
        if row["previousState"] != last.state:
            self.wrong(
                "previousState",
                f"{user}: {row['previousState']} after {last}, in {line}",
            )
        if None not in (last.ms, line.ms) and row["previousForMs"] != line.ms - last.ms:
            self.wrong("previousForMs", f"{user}: {json.dumps(row)} after {last}")

    def check_first(self, user, line, lines):
        """The first line of a run: it goes on from what was kept."""
        if self.filtered or "coalesced" in line.row:
            return
        earlier = [each for each in lines if each.run < line.run]
        previous = line.row["previousState"]
        if self.fresh or not earlier:
            if previous is not None:
                self.wrong("previousState of nowhere", f"{user} {line.row}")
            return
        allowed = {earlier[-1].state}
        # Of runs that were killed the last second is not sure.
        for i, each in enumerate(reversed(earlier)):
            run = self.runs[each.run]
            if not (
                run.killed and each.received >= run.stopped - COMMIT_MS - self.slack
            ):
                break
            allowed.add(earlier[-i - 2].state if i + 1 < len(earlier) else None)
        # A run that was killed leaves a state in doubt: who has come back to
        # what it says has no previous state.
        if any(run.killed for run in self.runs[: line.run]):
            if line.state in {each.state for each in earlier}:
                allowed.add(None)
        if previous not in allowed:
            self.wrong(
                "previousState across runs", f"{user}: {previous}, not in {allowed}"
            )

    # Completeness

    def windows(self, user):
        """When this user was not watched: before the first subscription, and
        between runs."""
        times = sorted(self.truth.subscribed.get(user, []))
        windows = []
        begin = float("-inf")
        for run in self.runs:
            if run.blind:
                continue
            at = bisect.bisect_right(times, run.started) if run.started else 0
            first = times[at] if at < len(times) else float("inf")
            windows.append((begin, first))
            slack = COMMIT_MS if run.killed else self.slack
            begin = run.stopped - slack
        windows.append((begin, float("inf")))
        return windows

    def broken(self, connection, until):
        end = self.truth.disconnected.get(connection)
        return end is not None and end <= until

    def beyond(self, windows, end):
        """A gap until the end of a run lasts until the next one has begun."""
        for begin, first in windows:
            if begin - self.slack <= end <= first:
                return first
        return end

    def excuse(self, windows, point):
        """The end of the blind interval that the change was in, or None."""
        ends = [end for begin, end in windows if begin <= point.at <= end]
        ends += [end for begin, end in self.excused if begin <= point.at <= end]
        for run in self.runs:
            for begin, end, _, _ in run.gaps:
                if not begin - self.slack <= point.at <= end + self.slack:
                    continue
                if point.sent is False or all(
                    self.broken(connection, end + self.slack)
                    for connection in point.sent
                ):
                    ends.append(self.beyond(windows, end))
            if run.killed and self.killed_in_gap(run, point):
                ends.append(self.beyond(windows, run.stopped))
        if point.sent is False and self.lost_ok:
            ends.append(float("inf"))
        return max(ends, default=None)

    def killed_in_gap(self, run, point):
        """It was killed before it could tell of what it could not read, or of
        a gap that it was in: a gap is told when it ends."""
        if point.sent is False:
            longest = UNREAD_MS
        elif all(self.broken(each, run.stopped - self.slack) for each in point.sent):
            # Nothing was sent, or on its way when the connection ended.
            longest = self.heal
        else:
            return False
        return run.stopped - longest <= point.at <= run.stopped

    def check_complete(self, user, lines):
        """Each change is printed, or there is an excuse, and then the state at
        the end of it is shown."""
        printed = {}
        for line in lines:
            printed.setdefault(line.key(), line)
        timeless = {line.pair() for line in lines if line.ms is None}
        windows = self.windows(user)
        cache = None  # what a reader of the output believes
        missing = []  # changes since then
        counted = 0  # of them without an excuse
        back = 0  # changes that led back to what is believed
        healed_by = None  # when the blindness behind them ended
        before = None
        for point in self.truth.points.get(user, []):
            if healed_by is not None and point.at > healed_by + self.heal:
                self.check_healed(user, before, cache, healed_by, point)
                healed_by = None
            before = point
            line = printed.get(point.key())
            if line is not None:
                self.check_missing(user, missing, counted, back, line)
                cache, missing, counted, healed_by = point.pair(), [], 0, None
                back = 0
                continue
            if not point.changed or point.pair() == cache:
                back += point.changed
                continue
            if point.pair() in timeless:
                cache = point.pair()
                continue
            excuse = self.excuse(windows, point)
            missing.append(point)
            if excuse is None:
                counted += 1
            elif healed_by is None or excuse > healed_by:
                healed_by = excuse
        self.check_missing(user, missing, counted, back, None)

    def check_healed(self, user, before, cache, healed_by, point):
        if self.healing and before is not None and before.pair() != cache:
            self.wrong(
                "never shown after a blind interval",
                f"{user}: {before}, blind until {to_text(healed_by)}, "
                f"next change at {to_text(point.at)}",
            )

    def check_missing(self, user, missing, counted, back, line):
        told = 0 if line is None else line.row.get("coalesced", 0)
        if self.filtered:
            return
        if counted > told:
            without = [p for p in missing if self.excuse(self.windows(user), p) is None]
            self.wrong(
                "lost",
                f"{user}: {without[:4]} (at {to_text(without[0].at)}) before "
                f"{line}, which counts {told}",
            )
        elif told > len(missing) + back:
            self.wrong(
                "coalesced too many",
                f"{user}: {told} counted, but {len(missing)} missing before {line}",
            )

    def check_final(self, by_user, watched):
        if self.final is None:
            return
        for row in self.final:
            user = row["userId"].lower()
            if user not in watched or user in self.unknown:
                continue
            lines = by_user.get(user)
            if not lines:
                points = self.truth.points.get(user, [])
                heard = any(point.sent for point in points)
                if not self.filtered and (heard or not self.truth.events):
                    self.wrong("never printed", user)
                continue
            if self.filtered:
                continue
            want = row["state"], self.truth.definition(row["presenceId"])
            if lines[-1].pair() != want and (
                self.healing or self.heard_of(user, lines[-1])
            ):
                self.wrong("the end", f"{user} is {want[0]}, printed {lines[-1]}")

    def heard_of(self, user, line):
        """With the events protocol: whether anything was sent since."""
        return any(
            point.sent and point.changed and line.ms is not None and point.ms > line.ms
            for point in self.truth.points.get(user, [])
        )


def main():
    parser = argparse.ArgumentParser(
        description="compare gcpresence's output with the simulator's truth"
    )
    parser.add_argument("--journal", action="append", required=True)
    parser.add_argument("--initial", action="append", default=[])
    parser.add_argument("--final")
    parser.add_argument("--users")
    parser.add_argument("--events", action="store_true")
    parser.add_argument("--fresh", action="store_true", help="no --state was used")
    parser.add_argument("--lost-ok", action="store_true")
    parser.add_argument("--log", action="append", default=[])
    parser.add_argument("--secret", action="append", default=["sim-secret"])
    parser.add_argument(
        "--run", action="append", nargs="+", required=True, metavar="OUTPUT"
    )
    options = parser.parse_args()
    truth = Truth(options.events)
    for i, path in enumerate(options.journal):
        if i < len(options.initial):
            truth.add_initial(json.loads(read_bytes(options.initial[i])))
        truth.add_journal(read_bytes(path).decode().splitlines())
    runs = [
        Run(
            run[0],
            int(run[1]) if len(run) > 1 else 0,
            run[2] if len(run) > 2 else None,
            stopped=to_ms(run[3]) if len(run) > 3 else None,
        )
        for run in options.run
    ]
    users = None
    if options.users:
        lines = read_bytes(options.users).decode().splitlines()
        users = [line.split()[0] for line in lines if line.strip()]
    final = json.loads(read_bytes(options.final)) if options.final else None
    oracle = Oracle(
        truth,
        runs,
        final,
        users=users,
        fresh=options.fresh,
        lost_ok=options.lost_ok,
        secrets=options.secret,
        files=options.log,
    )
    errors = oracle.judge()
    for error in errors:
        print(error)
    points = sum(len(points) for points in truth.points.values())
    lines = sum(len(run.lines) for run in runs)
    gaps = sum(len(run.gaps) for run in runs)
    print(
        f"{points} points of truth, {lines} lines, {gaps} gaps: "
        f"{'wrong' if errors else 'good'}",
        file=sys.stderr,
    )
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
