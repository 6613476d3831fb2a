"""What the fault tests share: the simulator, gcpresence, and TAP.

$GCPRESENCE and $GCPRESENCE_SIM are the programs, by default those of build/.
$GCPRESENCE_LONG=1 runs the long forms, $KEEP=1 keeps the folders of tests that
fail, $TIMES=1 says how long each took.  Where the programs are built with a sanitizer they are slow,
and limits are longer.  Nothing here waits for luck: until() waits for a
condition, with a limit.
"""

import concurrent.futures
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

from oracle import Oracle, Run, Truth


def built(name, variable):
    """Where a program is: as the environment says, or where it is built."""
    found = os.environ.get(variable) or name
    return os.path.abspath(found if os.path.exists(found) else f"build/{name}")


PROGRAM = built("gcpresence", "GCPRESENCE")
SIM = built("gcpresence-sim", "GCPRESENCE_SIM")
LONG = os.environ.get("GCPRESENCE_LONG", "") not in ("", "0")
SECRET = "canary-secret-0f1e2d3c4b5a"
CHANNELS = "/api/v2/notifications/channels"
BULK = "/api/v2/users/presences/purecloud/bulk"
PARALLEL = 4
# Short enough for a test; what a case is about it sets itself.
PATIENCE = ["--retry-base", "0.1", "--retry-max", "0.4"]


def is_sanitized(path):
    with open(path, "rb") as file:
        return b"__asan_init" in file.read()


SANITIZED = is_sanitized(PROGRAM)
SLOW = 4 if SANITIZED else 1
LIMIT = 20 * SLOW  # seconds that a condition may take


class Failed(AssertionError):
    """The test fails; the text says why."""


class Skip(Exception):
    """The test cannot be done here; the text says why."""


def check(condition, text="condition"):
    if not condition:
        raise Failed(text)


def same(got, want, what=""):
    if got != want:
        raise Failed(f"{what}: got {got!r}, wanted {want!r}")


def until(condition, what="condition", limit=None):
    """Waits for a condition to hold; returns what it gave."""
    end = time.monotonic() + (LIMIT if limit is None else limit)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"never came: {what() if callable(what) else what}")
        time.sleep(0.01)


def wall_ms():
    return int(time.time() * 1000)


def need(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            raise Skip(f"there is no {tool} here")


def read(path, default=""):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return default


def write(path, text, mode=0o644):
    data = text if isinstance(text, bytes) else text.encode()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(data)
    return path


def environment(more=None):
    """Nothing of ours but what a program needs."""
    env = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": "/nonexistent",
        "ASAN_OPTIONS": "exitcode=99:" + os.environ.get("ASAN_OPTIONS", ""),
        "UBSAN_OPTIONS": "exitcode=99:halt_on_error=1:print_stacktrace=1",
    }
    for name, value in (more or {}).items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = str(value)
    return env


def sanitizer_said(text):
    return "Sanitizer" in text or "runtime error:" in text


POPULATIONS = {}
POPULATIONS_LOCK = threading.Lock()


def population(users, seed=1):
    """The simulator's users, as lines of ID, tab and name."""
    with POPULATIONS_LOCK:
        if (users, seed) not in POPULATIONS:
            POPULATIONS[users, seed] = subprocess.run(
                [SIM, "--ids", "--users", str(users), "--seed", str(seed)],
                capture_output=True,
                text=True,
                check=True,
                env=environment(),
            ).stdout
        return POPULATIONS[users, seed]


class Sim:
    """A simulator.  It begins held, so that what was true first is known."""

    count = 0

    def __init__(self, case, *options, users=6, seed=1, rate=20, held=False, tls=None):
        self.case = case
        self.users = users
        self.seed = seed
        Sim.count += 1
        self.journal = os.path.join(case.folder, f"journal{len(case.sims)}")
        self.errors = os.path.join(case.folder, f"sim{len(case.sims)}.err")
        self.options = ["--users", users, "--seed", seed, "--rate", rate, "--hold"]
        self.options += ["--journal", self.journal, "--client-secret", SECRET]
        if tls:
            self.options += ["--tls-cert", tls[0], "--tls-key", tls[1]]
        self.tls = tls
        self.options += options
        self.connection = None
        self.lock = threading.Lock()
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [SIM, *map(str, self.options)],
                stdout=subprocess.PIPE,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                env=environment(),
            )
        line = self.process.stdout.readline()
        check(line, f"the simulator did not start: {read(self.errors)}")
        self.url = json.loads(line)["url"]
        self.port = urllib.parse.urlsplit(self.url).port
        self.host = urllib.parse.urlsplit(self.url).hostname
        self.initial = self.states()
        case.sims.append(self)
        if not held:
            self.do("go")

    @property
    def ids(self):
        return [line.split("\t")[0] for line in self.population.splitlines()]

    @property
    def population(self):
        return population(self.users, self.seed)

    def call(self, method, path, body=None, headers=None, fresh=False):
        """Over one connection that is kept: the port may be closed."""
        with self.lock:
            for last in (False, True):
                if self.connection is None or fresh:
                    kind = http.client.HTTPConnection
                    more = {}
                    if self.tls:
                        import ssl

                        kind = http.client.HTTPSConnection
                        more = {"context": ssl._create_unverified_context()}
                    self.connection = kind(self.host, self.port, timeout=LIMIT, **more)
                try:
                    self.connection.request(method, path, body, headers or {})
                    answer = self.connection.getresponse()
                    return answer.status, answer.read()
                except (http.client.HTTPException, OSError):
                    self.connection = None
                    if last:
                        raise
        return None

    def do(self, *directives):
        status, body = self.call("POST", "/sim/do", "\n".join(directives))
        same(status, 200, f"directives {directives}: {body!r}")

    def status(self):
        return json.loads(self.call("GET", "/sim/status")[1])

    def states(self):
        return json.loads(self.call("GET", "/sim/states")[1])

    def token(self):
        form = (
            f"grant_type=client_credentials&client_id=sim-client&client_secret={SECRET}"
        )
        status, body = self.call(
            "POST",
            "/oauth/token",
            form,
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        same(status, 200, body)
        return json.loads(body)["access_token"]

    def api(self, method, path, token, body=None):
        headers = {"Authorization": "Bearer " + token}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        status, data = self.call(method, path, body, headers)
        return status, json.loads(data) if data else None

    def events(self, name):
        """The journal's lines of one kind."""
        rows = []
        for line in read(self.journal).splitlines():
            if f'{{"event":"{name}"' in line:
                try:
                    rows.append(json.loads(line))
                except ValueError:
                    pass  # not written whole yet
        return rows

    def first(self, name):
        """The first of a kind: the journal is a moment behind."""
        return until(lambda: self.events(name), f"{name} in the journal")[0]

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed("the simulator does not end") from None
        self.process.stdout.close()
        if self.connection is not None:
            self.connection.close()
        check(not sanitizer_said(read(self.errors)), read(self.errors))


class Tail:
    """Reads an output file while it grows."""

    def __init__(self, path):
        self.path = path
        self.at = 0
        self.rest = b""
        self.changes = 0
        self.gaps = []
        self.last = {}  # user: (state, definition)
        self.bad = 0

    def read(self):
        try:
            with open(self.path, "rb") as file:
                file.seek(self.at)
                data = file.read()
        except FileNotFoundError:
            return self
        self.at += len(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                self.bad += 1
                continue
            if isinstance(row, dict) and "gap" in row:
                self.gaps.append(row["gap"])
            elif isinstance(row, dict) and "userId" in row:
                self.changes += 1
                self.last[row["userId"].lower()] = row["state"], row["presenceId"]
        return self


class Presence:
    """One run of gcpresence."""

    def __init__(
        self,
        case,
        *args,
        sim=None,
        stdin=None,
        stdout=None,
        env=None,
        gaps=True,
        audit=True,
        wrap=(),
        patience=True,
        output=None,
        close_fds=True,
        preexec=None,
        closed=(),
        program=None,
    ):
        self.case = case
        number = len(case.runs)
        self.output = output or os.path.join(case.folder, f"out{number}")
        self.errors = os.path.join(case.folder, f"err{number}")
        self.audit = os.path.join(case.folder, f"audit{number}") if audit else None
        self.with_gaps = gaps
        self.sim = sim
        self.stopped = None
        self.events = "events" in args
        self.blind = "--once" in args
        words = [*wrap, program or PROGRAM]
        if audit:
            words += ["--audit", self.audit]
        if gaps:
            words += ["--gaps"]
        if patience:
            words += PATIENCE
        self.words = [str(word) for word in [*words, *args]]
        variables = {
            "GENESYSCLOUD_OAUTHCLIENT_ID": "sim-client",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": SECRET,
        }
        if sim is not None:
            variables["GENESYSCLOUD_API_URL"] = sim.url
        variables.update(env or {})
        self.env = variables
        if stdin is None and sim is not None:
            stdin = sim.population
        if isinstance(stdin, str):
            stdin = open(
                write(os.path.join(case.folder, f"in{number}"), stdin), "rb"
            )  # closed below
            close = stdin
        else:
            close = None
        out = stdout
        if out is None:
            out = open(self.output, "ab")
        self.started = wall_ms()

        def prepare():
            for fd in closed:
                os.close(fd)
            if preexec:
                preexec()

        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                self.words,
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                stdout=out,
                stderr=errors,
                env=environment(variables),
                cwd=case.folder,
                close_fds=close_fds,
                preexec_fn=prepare if closed or preexec else None,
            )
        if stdout is None:
            out.close()
        if close:
            close.close()
        self.pid = self.process.pid
        self.tail = Tail(self.output)
        case.runs.append(self)

    def said(self):
        return read(self.errors)

    def wait_said(self, pattern, count=1, limit=None):
        compiled = re.compile(pattern)
        until(
            lambda: len(compiled.findall(self.said())) >= count
            or self.gone()
            and len(compiled.findall(self.said())) >= count,
            lambda: f"{pattern!r} in: {self.said()[-600:]}",
            limit,
        )

    def gone(self):
        return self.process.poll() is not None

    def alive(self, what=""):
        check(not self.gone(), f"it ended {what}: {self.process.poll()}, {self.said()}")

    def wait_lines(self, count, limit=None):
        def there():
            if self.tail.read().changes >= count:
                return True
            self.alive("before its lines")
            return False

        until(there, lambda: f"{count} lines, of {self.tail.changes}", limit)

    def more_lines(self, count, limit=None):
        self.wait_lines(self.tail.read().changes + count, limit)

    def wait_gaps(self, count, limit=None):
        until(
            lambda: len(self.tail.read().gaps) >= count,
            lambda: f"{count} gaps, of {self.tail.gaps}; {self.said()[-600:]}",
            limit,
        )

    def wait_streaming(self, users=None, limit=None):
        """Until the simulator knows of so many subscribed users."""
        users = self.sim.users if users is None else users

        def there():
            if self.sim.status()["subscribedUsers"] >= users:
                return True
            self.alive("before it streamed")
            return False

        until(there, lambda: f"{users} users subscribed; {self.said()[-600:]}", limit)

    def send(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM, limit=None):
        """Tells it to stop; the status."""
        if self.stopped is None:
            self.stopped = wall_ms()
        if not self.gone():
            self.send(number)
        return self.wait(limit)

    def wait(self, limit=None):
        try:
            status = self.process.wait(LIMIT if limit is None else limit)
        except subprocess.TimeoutExpired:
            raise Failed(f"it does not end: {self.said()[-800:]}") from None
        if self.stopped is None:
            self.stopped = wall_ms()
        return status

    def kill(self):
        self.stopped = wall_ms()
        self.process.kill()
        self.process.wait()

    def fds(self):
        return len(self.look(os.listdir, "fd"))

    def look(self, function, name):
        """What a function makes of a file in /proc of which the program lets
        only root know."""
        try:
            return function(f"/proc/{self.pid}/{name}")
        except PermissionError:
            raise Skip(
                "only root can look into it: configure --disable-hardening"
            ) from None

    def rss_kib(self):
        for line in read(f"/proc/{self.pid}/status").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    def audited(self, action):
        rows = []
        for line in read(self.audit).splitlines():
            if f'"action":"{action}"' in line:
                rows.append(json.loads(line))
        return rows

    def record(self):
        return Run(
            self.output,
            self.process.poll(),
            self.audit,
            [self.errors],
            self.started,
            self.stopped,
            self.with_gaps,
            self.blind,
        )


class Case:
    """What one test has: a folder, simulators, runs, servers."""

    def __init__(self, name):
        self.name = name
        self.folder = tempfile.mkdtemp(prefix="gcp-fault-")
        self.sims = []
        self.runs = []
        self.closing = []
        self.files = []  # that no secret may be in
        self.notes = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def sim(self, *options, **more):
        return Sim(self, *options, **more)

    def run(self, *args, **more):
        if "sim" not in more and self.sims:
            more["sim"] = self.sims[-1]
        return Presence(self, *args, **more)

    def keep(self, thing):
        """Something with close() that ends with the case."""
        self.closing.append(thing)
        return thing

    def note(self, text):
        self.notes.append(text)

    # What most tests end with

    def settle(self, run=None, limit=None, clear=True, users=None):
        """No change any more; waits for what is true to be printed."""
        run = run or self.runs[-1]
        sim = run.sim
        if clear:
            sim.do("clear")
        sim.do("hold")
        if run.events:
            self.shake(run, sim)
        want = {
            row["userId"].lower(): (
                row["state"],
                None if run.events else row["presenceId"],
            )
            for row in sim.states()
        }
        if users is not None:
            users = {user.lower() for user in users}
            want = {user: pair for user, pair in want.items() if user in users}
        # With a state file what earlier runs have shown still holds.
        runs = self.runs if "--state" in run.words else [run]

        def there():
            last = {}
            for each in runs:
                last.update(each.tail.read().last)
            return all(last.get(user) == pair for user, pair in want.items())

        try:
            until(there, "", 10 * SLOW if limit is None else limit)
        except Failed:
            pass  # the oracle has more to say of that
        return sim.states()

    @staticmethod
    def shake(run, sim):
        """The events socket tells nothing by itself: all change once more."""
        run.wait_streaming()
        for row in sim.states():
            state = "BUSY" if row["state"] != "BUSY" else "MEAL"
            sim.do(f"change {row['userId']} {state}")

    def judge(self, final=None, runs=None, sims=None, errors_ok=False, **more):
        """Stops the simulators and asks the oracle."""
        runs = runs if runs is not None else self.runs
        sims = sims if sims is not None else self.sims
        for sim in sims:
            sim.stop()
        truth = Truth(any(run.events for run in runs))
        for sim in sims:
            truth.add_initial(sim.initial)
            truth.add_journal(read(sim.journal).splitlines())
        more.setdefault("slack_ms", 300 * SLOW)
        more.setdefault("heal_ms", 6000 * SLOW)
        more.setdefault("fresh", not any("--state" in run.words for run in runs))
        secrets = [SECRET, *more.pop("secrets", [])]
        oracle = Oracle(
            truth,
            [run.record() for run in runs],
            final,
            secrets=secrets,
            files=[*self.files, *more.pop("files", [])],
            **more,
        )
        errors = oracle.judge()
        check(errors_ok or not errors, "\n".join(["the oracle says:"] + errors[:40]))
        return oracle

    def check_hygiene(self):
        """What holds for every test."""
        for run in self.runs:
            said = run.said()
            check(not sanitizer_said(said), said[-4000:])
            check(
                not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said),
                f"control characters on standard error: {said!r}"[:800],
            )
            check(SECRET not in said, "the secret is on standard error")
            for line in said.splitlines():
                check(len(line) < 2000, f"a very long line: {line[:200]}")

    def close(self, keep=False):
        for run in self.runs:
            if not run.gone():
                run.process.kill()
                run.process.wait()
        for thing in reversed(self.closing):
            try:
                thing.close()
            except OSError:
                pass
        for sim in self.sims:
            if sim.process.poll() is None:
                sim.process.kill()
                sim.process.wait()
        if keep:
            self.note(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


class Result:
    def __init__(self, name):
        self.name = name
        self.good = False
        self.skip = None
        self.lines = []
        self.seconds = 0.0


def run_one(name, function):
    result = Result(name)
    case = Case(name)
    start = time.monotonic()
    try:
        function(case)
        case.check_hygiene()
        result.good = True
    except Skip as skip:
        result.good = True
        result.skip = str(skip)
    except Failed as failed:
        result.lines += str(failed).splitlines()
    except Exception:  # pylint: disable=broad-except
        result.lines += traceback.format_exc().splitlines()
    if not result.good:
        for run in case.runs[-3:]:
            result.lines.append(f"{' '.join(run.words)}: {run.process.poll()}")
            result.lines += ["| " + line for line in run.said().splitlines()[-15:]]
    case.close(keep=not result.good and os.environ.get("KEEP"))
    result.lines += case.notes
    result.seconds = time.monotonic() - start
    return result


def run_all(tests, parallel=PARALLEL, words=()):
    """Runs (name, function) pairs whose names all the words (patterns) match,
    some at a time; prints TAP in their order.  The number of failures."""
    tests = [test for test in tests if all(re.search(w, test[0]) for w in words)]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        futures = [pool.submit(run_one, *test) for test in tests]
        for number, future in enumerate(futures, 1):
            result = future.result()
            failed += not result.good
            print(
                f"{'ok' if result.good else 'not ok'} {number} - {result.name}"
                + (f" # SKIP {result.skip}" if result.skip else "")
            )
            for line in result.lines:
                print(f"# {line}"[:2000])
            if os.environ.get("TIMES"):
                print(f"# {result.seconds:.1f} s")
            sys.stdout.flush()
    return len(tests) - failed, failed


def finish(failures):
    sys.stdout.flush()
    os._exit(1 if failures else 0)
