"""replays: events a second of a recording; memory; many users."""

import os

import measure

USERS = 20000
# As many events as each rival does in a second or two.
COUNTS = {
    "gcpresence": 5000000,
    "mawk": 1000000,
    "node": 500000,
    "python": 300000,
    "jq": 60000,
}


class Replays:
    def __init__(self, bench):
        self.bench = bench
        self.figures = {}
        self.start_cpu = {}
        self.wanted = {}

    def programs(self):
        there = {
            "gcpresence": True,
            "mawk": self.bench.versions["mawk"],
            "node": self.bench.versions["node"],
            "python": True,
            "jq": self.bench.versions["jq"],
        }
        return [name for name in COUNTS if there[name]]

    def command(self, name, recording):
        rival = self.bench.rival
        return {
            "gcpresence": [self.bench.gcpresence, "--replay", recording],
            "mawk": ["mawk", "-F", '"', "-f", rival("replay.awk"), recording],
            "node": ["node", rival("replay.js"), recording],
            "python": [self.bench.python, rival("replay.py"), recording],
            "jq": ["jq", "-nc", "-f", rival("replay.jq"), recording],
        }[name]

    def once(self, name, count, check=True):
        bench = self.bench
        recording = bench.recording(USERS, count)
        result = measure.run(
            self.command(name, recording), bench.path("out"), env=bench.env, cpu=bench.cpu
        )
        if check:
            if count not in self.wanted:
                self.wanted[count] = measure.expected(bench.blast, bench.recorded(USERS, count))
            measure.check(bench.path("out"), self.wanted[count], f"{name} --replay")
        os.unlink(bench.path("out"))
        return result.cpu

    def round(self):
        for name in self.programs():
            if name not in self.start_cpu:
                self.start_cpu[name] = self.once(name, 1)
            count = COUNTS[name]
            cpu = self.once(name, count) - self.start_cpu[name]
            self.figures.setdefault(name, []).append(count / cpu)

    def median(self, name):
        found = self.figures.get(name)
        return measure.median(found) if found else None


def memory(bench, users, events):
    """KiB at most, of a replay that touches all users first."""
    recording = bench.recording(users, events, in_turn=True)
    return measure.peak_kib(
        bench.python, [bench.gcpresence, "--replay", recording], bench.env
    )


def growth(bench, users, events=1000000):
    """Events a second once all users are known; median of three."""
    first = bench.recording(users, users, in_turn=True)
    both = bench.recording(users, users + events, in_turn=True)
    figures = []
    for _ in range(3):
        cpu = [
            measure.run(
                [bench.gcpresence, "--replay", recording], os.devnull, env=bench.env, cpu=bench.cpu
            ).cpu
            for recording in (first, both)
        ]
        figures.append(events / (cpu[1] - cpu[0]))
    return measure.median(figures)


def many_ids(bench, users=1000000):
    """Seconds to take in so many IDs from standard input, and to plan them;
    78: they are more than one client may watch."""
    ids = bench.path("many")
    with open(ids, "wb") as output:
        bench.blast_into(output, ["-u", str(users)], "ids")
    result = measure.run(
        [bench.gcpresence, "--plan", "--protocol", "notifications"],
        os.devnull,
        stdin=ids,
        env=bench.env,
        cpu=bench.cpu,
        status=78,
    )
    os.unlink(ids)
    return result.wall
