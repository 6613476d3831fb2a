#!/usr/bin/python3
"""bench: measures gcpresence beside what else could do its work.

    bench.py [--runs N] [--quick] [--only PART] [--write FILE]

Run it as "make bench".  Everything is measured in one run on one machine, so
that the figures are ratios; each run's output is checked before its time
counts.  What is not installed is left out, and the report says so.  PART is
streams, replays, memory, latency or start.  --quick: one run of each, to see
that the bench works.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

import measure
import replays
import report
import streams

HERE = os.path.dirname(os.path.abspath(__file__))


class Bench:
    """Where the programs and files are, and what is installed."""

    def __init__(self, folder, build):
        self.folder = folder
        self.gcpresence = os.path.join(build, "gcpresence")
        self.blast = os.path.join(build, "tests/bench/blast")
        self.receive = os.path.join(build, "tests/bench/receive")
        self.python = os.environ.get("PYTHON") or "/usr/bin/python3"
        self.certificate = self.path("cert.pem")
        self.key = self.path("key.pem")
        self.token = self.path("token")
        self.ids = self.path("ids")
        self.cpu, self.load_cpu = measure.cpus()
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "LC_ALL": "C.UTF-8",
            "NODE_PATH": os.path.join(build, "tests/bench/node_modules"),
        }
        self.versions = {
            "gcpresence": measure.version([self.gcpresence, "--version"]),
            "mawk": measure.version(["mawk", "-W", "version"], r"1\.[\d.]+(?: \d+)?"),
            "node": measure.version(["node", "--version"]),
            "jq": measure.version(["jq", "--version"], r"\d+\.\d+"),
            "python": measure.version([self.python, "--version"]),
            "websockets": measure.version(
                [
                    self.python,
                    "-c",
                    "import jsonschema, websockets.version; print(websockets.version.version)",
                ],
                r"[\d.]+",
            ),
        }
        self.versions["ws"] = self.version_of_ws()

    def version_of_ws(self):
        if self.versions["node"] is None:
            return None
        done = subprocess.run(
            ["node", "-p", 'require("ws/package.json").version'],
            env=self.env,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip() if done.returncode == 0 else None

    @property
    def node_ws(self):
        return self.versions["ws"] is not None

    @property
    def websockets(self):
        return self.versions["websockets"] is not None

    def path(self, name):
        return os.path.join(self.folder, name)

    def rival(self, name):
        return os.path.join(HERE, "rivals", name)

    def prepare(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
            + ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
            + ["-keyout", self.key, "-out", self.certificate, "-subj", "/CN=localhost"]
            + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True,
            capture_output=True,
        )
        with open(os.open(self.token, os.O_CREAT | os.O_WRONLY, 0o600), "w") as token:
            token.write("t\n")
        with open(self.ids, "wb") as ids:
            self.blast_into(ids, ["-u", str(streams.USERS)], "ids")
        with open(self.ids, encoding="ascii") as ids:
            self.first_id = ids.readline().strip()

    def blast_into(self, output, arguments, what):
        subprocess.run([self.blast, *arguments, what], stdout=output, check=True)

    @staticmethod
    def recorded(users, count, in_turn=False):
        arguments = ["-s", "notifications", "-u", str(users), "-n", str(count)]
        return arguments + (["-o"] if in_turn else [])

    def recording(self, users, count, in_turn=False):
        """The file of a recording, made the first time that it is asked for."""
        path = self.path(f"recording-{users}-{count}-{int(in_turn)}")
        if not os.path.exists(path):
            with open(path, "wb") as output:
                self.blast_into(output, self.recorded(users, count, in_turn), "record")
        return path

    def drop_recordings(self):
        for name in os.listdir(self.folder):
            if name.startswith("recording-"):
                os.unlink(self.path(name))


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def measure_streams(bench, runs):
    modes = {}
    for shape in streams.SHAPES:
        for tls in (False, True):
            modes[shape, tls] = streams.Streams(bench, shape, tls)
    for number in range(runs):
        for (shape, tls), mode in modes.items():
            say(f"streams: {shape}, {'wss' if tls else 'ws'}: run {number + 1}")
            mode.round()
    return modes


def measure_replays(bench, runs):
    found = replays.Replays(bench)
    for number in range(runs):
        say(f"replays: run {number + 1}")
        found.round()
    bench.drop_recordings()
    return found


def measure_memory(bench, runs):
    say("memory and growth")
    events = 200000
    found = {
        "base": replays.memory(bench, 1, events),
        "peak": {users: replays.memory(bench, users, events) for users in (1000, 20000)},
        "longer": replays.memory(bench, 20000, 5 * events),
    }
    found["peak"][1000000] = replays.memory(bench, 1000000, 1000000)
    found["growth"] = {users: replays.growth(bench, users) for users in (1000, 1000000)}
    bench.drop_recordings()
    found["ids"] = measure.median([replays.many_ids(bench) for _ in range(min(runs, 3))])
    return found


def measure_latency(bench, runs):
    with measure.urgency():
        return latencies(bench, runs)


def latencies(bench, runs):
    found = {}
    for shape in streams.SHAPES:
        say(f"latency: {shape}")
        figures = [streams.latency(bench, shape, True) for _ in range(runs)]
        found[shape] = [measure.median(column) for column in zip(*figures)]
    figures = [streams.latency(bench, "events", True, relay=True) for _ in range(runs)]
    found["relay"] = [measure.median(column) for column in zip(*figures)]
    return found


def measure_start(bench, runs):
    say("start and idling")
    with measure.urgency():
        figures = [streams.start(bench, False) for _ in range(2 * runs)]
        stored = [streams.start(bench, True)[0] for _ in range(2 * runs)]
    return {
        "start": [measure.median(column) for column in zip(*figures)],
        "store": measure.median(stored),
        "idle": streams.idle(bench),
    }


# Those first that want a small parent: later it holds what is expected.
PARTS = {
    "start": measure_start,
    "latency": measure_latency,
    "memory": measure_memory,
    "streams": measure_streams,
    "replays": measure_replays,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--write", metavar="FILE")
    options = parser.parse_args()
    measure.raise_limits()
    runs = 1 if options.quick else options.runs
    folder = tempfile.mkdtemp(prefix="gcpresence-bench-")
    begun = time.monotonic()
    try:
        bench = Bench(folder, os.getcwd())
        bench.prepare()
        found = {}
        troubled = False
        for name, part in PARTS.items():
            if options.only not in (None, name):
                continue
            try:
                found[name] = part(bench, runs)
            except measure.Trouble as trouble:
                troubled = True
                say(f"{name}: {trouble}")
    finally:
        shutil.rmtree(folder)
    text = report.text(bench, found, runs, time.monotonic() - begun)
    print(text)
    if options.write:
        with open(options.write, "w", encoding="utf-8") as output:
            output.write(text)
        say(f"written to {options.write}")
    return int(troubled)


if __name__ == "__main__":
    sys.exit(main())
