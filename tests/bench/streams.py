"""streams: CPU time for an event of a stream, latency, idling, the start."""

import os
import subprocess
import time

import load
import measure

USERS = 1000
SHAPES = ("events", "notifications")
# As many events as make a run of about a second.
FAST, NODE, TUTORIAL = 300000, 100000, 50000


class Streams:
    def __init__(self, bench, shape, tls):
        self.bench = bench
        self.shape = shape
        self.tls = tls
        self.wanted = {}
        self.figures = {}  # microseconds of CPU for an event, by program
        self.start_cpu = {}

    def programs(self):
        names = ["recv", "libwebsockets", "gcpresence"]
        if self.bench.node_ws:
            names += ["node", "node, batched"]
        if self.shape == "events":
            names.append("gcpresence, audit")
            if self.bench.websockets:
                names += ["tutorial", "tutorial, audit"]
        return names

    def count_of(self, name):
        return NODE if "node" in name else TUTORIAL if "tutorial" in name else FAST

    def expected(self, count):
        if count not in self.wanted:
            arguments = ["-s", self.shape, "-u", str(USERS), "-n", str(count)]
            self.wanted[count] = measure.expected(self.bench.blast, arguments)
        return self.wanted[count]

    def command(self, name, service, count):
        bench, ca = self.bench, service.ca()
        if name in ("recv", "libwebsockets"):
            kind = "recv" if name == "recv" else "lws"
            return [bench.receive, kind, str(service.port), ca, "/channel?go", str(count)]
        if name.startswith("node"):
            how = "batched" if "batched" in name else "each"
            url = service.url("/channel?go")
            return ["node", bench.rival("stream.js"), url, ca, str(count), how]
        if name.startswith("tutorial"):
            audit = "audit" if "audit" in name else "no-audit"
            url = service.url("/api/v2/analytics/events?token=t")
            return [bench.python, bench.rival("tutorial.py"), url, ca, str(count), bench.ids, audit]
        changes = len(self.expected(count))
        # A snapshot of all users comes first.
        changes += USERS if self.shape == "notifications" else 0
        options = ["--count", str(changes)]
        if "audit" in name:
            options += ["--audit", bench.path("audit")]
        return load.gcpresence(bench, service, self.shape, *options)

    def once(self, name, count):
        """One run; the CPU time in seconds."""
        bench = self.bench
        with load.Service(bench, self.shape, self.tls, USERS, count) as service:
            result = measure.run(
                self.command(name, service, count),
                bench.path("out"),
                stdin=bench.ids,
                env=bench.env,
                cpu=bench.cpu,
            )
        if name not in ("recv", "libwebsockets"):
            pattern = measure.TRACKER if name.startswith("tutorial") else measure.NDJSON
            measure.check(bench.path("out"), self.expected(count), name, pattern)
        if os.path.exists(bench.path("audit")):
            os.unlink(bench.path("audit"))
        return result.cpu

    def round(self):
        for name in self.programs():
            if name not in self.start_cpu:
                self.start_cpu[name] = self.once(name, 1)
            count = self.count_of(name)
            cpu = self.once(name, count) - self.start_cpu[name]
            self.figures.setdefault(name, []).append(cpu / count * 1e6)

    def median(self, name):
        found = self.figures.get(name)
        return measure.median(found) if found else None


def latency(bench, shape, tls, relay=False, seconds=2, rate=1000):
    """Median and 99th percentile in microseconds, of one run.  relay: of a
    program that does nothing but to write a line for each message."""
    count = seconds * rate
    reader, writer = os.pipe()
    with load.Service(
        bench, shape, tls, USERS, count, unchanged=0, rate=rate, stdin=reader
    ) as service:
        os.close(reader)
        command = load.gcpresence(bench, service, shape)
        if relay:
            command = [bench.receive, "relay", str(service.port), service.ca()]
            command += ["/channel?go", str(count)]
        with open(bench.ids, "rb") as ids, open(bench.path("err"), "wb") as err:
            child = subprocess.Popen(
                command,
                stdin=ids,
                stdout=writer,
                stderr=err,
                env=bench.env,
                preexec_fn=lambda: os.sched_setaffinity(0, {bench.cpu}),
            )
        os.close(writer)
        figures = [float(figure) for figure in service.line("latency").split()]
        child.terminate()
        child.wait()
    return figures


def switches(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("voluntary_ctxt_switches"):
                    total += int(line.split()[1])
    return total


def ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def idle(bench, seconds=10):
    """Wake-ups, and seconds of CPU, of so many seconds with quiet users."""
    with load.Service(bench, "notifications", True, USERS, 0) as service:
        with open(bench.ids, "rb") as ids, open(bench.path("out"), "wb") as out:
            child = subprocess.Popen(
                load.gcpresence(bench, service, "notifications"),
                stdin=ids,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env=bench.env,
            )
        while lines(bench.path("out")) < USERS:
            time.sleep(0.05)
        time.sleep(1)
        before = switches(child.pid), ticks(child.pid)
        time.sleep(seconds)
        after = switches(child.pid), ticks(child.pid)
        child.terminate()
        child.wait()
    hz = os.sysconf("SC_CLK_TCK")
    return after[0] - before[0], (after[1] - before[1]) / hz


def lines(path):
    with open(path, "rb") as output:
        return output.read().count(b"\n")


def start(bench, store):
    """Milliseconds from exec to the first request, and from the service's
    first event to the first line.  store: with the system's CA store, and
    without TLS, since the blaster's certificate is not in it."""
    reader, writer = os.pipe()
    with load.Service(bench, "events", not store, 1, 1) as service:
        command = load.gcpresence(bench, service, "events", "--count", "1")
        command.append(bench.first_id)
        if store:
            at = command.index("--cacert")
            del command[at : at + 2]
        begun = time.monotonic()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=subprocess.DEVNULL,
            env=bench.env,
            preexec_fn=lambda: os.sched_setaffinity(0, {bench.cpu}),
        )
        os.close(writer)
        os.read(reader, 1)
        there = time.monotonic()
        child.wait()
        os.close(reader)
        request = int(service.line("request")) / 1e9
        event = int(service.line("event")) / 1e9
    return (request - begun) * 1000, (there - event) * 1000
