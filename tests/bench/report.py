"""report: what was measured, as the text of BENCHMARKS.md."""

import os
import platform

HEAD = """# Benchmarks

    make -C build bench

measures the program beside what else could do its work, and writes this file
anew.  Everything is measured in one run on one machine: trust the ratios, not
the figures.  Each run's output is compared with the changes that are expected
before its time counts; the figures are medians of {runs} runs; CPU time is what
the system accounts to the process (all threads, user and kernel), less that of
a run of one event, so that no one's start counts.

The load is `tests/bench/blast`: {users} users on one connection, half of the
events unchanged; {replayed:,} users in recordings.  "libwebsockets" is a client
that only receives, "recv" one that only reads and counts frames: what this
program could reach at best with its libraries, and on this machine.  The rivals
are in `tests/bench/rivals`.
"""


def per_event(figure):
    return "not there" if figure is None else f"{figure:.2f}"


def times(one, other):
    return None if one is None or other is None else one / other


class Goals:
    """The rows of the first table."""

    def __init__(self):
        self.rows = []
        self.missed = []

    def add(self, what, goal, reached, met):
        if met is None:
            verdict = "not measured"
        else:
            verdict = "yes" if met else "**no**"
        self.rows.append((what, goal, reached, verdict))

    def ratio(self, what, figure, limit, at_most=False):
        word = "at most" if at_most else "at least"
        if figure is None:
            self.add(what, f"{word} {limit} ×", "not there", None)
            return
        met = figure <= limit if at_most else figure >= limit
        self.add(what, f"{word} {limit} ×", f"{figure:.2f} ×", met)


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "| " + " | ".join("---" for _ in header) + " |"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def name_of(shape, tls):
    return f"{shape}, {'wss' if tls else 'ws'}"


def stream_goals(goals, modes):
    for (shape, tls), mode in modes.items():
        ours = mode.median("gcpresence")
        what = f"stream, {name_of(shape, tls)}: CPU of an event"
        goals.ratio(f"{what}, to libwebsockets alone", times(ours, mode.median("libwebsockets")), 1.5, True)
        goals.ratio(f"{what}, Node to ours", times(mode.median("node"), ours), 3)
        if shape == "events":
            audited = mode.median("gcpresence, audit")
            goals.ratio(
                f"{what}, the tutorial to ours, audit log in both",
                times(mode.median("tutorial, audit"), audited),
                40,
            )


def stream_table(modes):
    names = ["recv", "libwebsockets", "gcpresence", "node", "node, batched"]
    names += ["gcpresence, audit", "tutorial", "tutorial, audit"]
    rows = [
        [name_of(shape, tls)]
        + [per_event(mode.median(name)) if name in mode.figures else "–" for name in names]
        for (shape, tls), mode in modes.items()
    ]
    return (
        "## Streams\n\nMicroseconds of CPU for an event.\n\n"
        + table(["stream"] + names, rows)
        + "\n\nThe tutorial's program adds up all latencies so far for each line of its audit\n"
        "log, so its cost grows as it runs: its figures are those of the first 50,000\nevents.\n"
    )


def replay_goals(goals, found):
    ours = found.median("gcpresence")
    goals.add(
        "`--replay`, 5 million events",
        "at least 2 million a second of CPU",
        f"{ours / 1e6:.2f} million",
        ours >= 2e6,
    )
    goals.ratio("`--replay`, to mawk", times(ours, found.median("mawk")), 3)
    goals.ratio("`--replay`, to jq", times(ours, found.median("jq")), 30)


def replay_table(found):
    rows = []
    for name in ("gcpresence", "mawk", "node", "python", "jq"):
        rate = found.median(name)
        rows.append([name, "not there" if rate is None else f"{rate:,.0f}"])
    return "## Recordings\n\nEvents of a recording for a second of CPU.\n\n" + table(
        ["program", "events a second"], rows
    )


def memory_goals(goals, found):
    for users, peak in found["peak"].items():
        own = (peak - found["base"]) * 1024
        limit = (4 << 20) + 120 * users
        goals.add(
            f"memory of {users:,} users beyond that of one",
            f"at most {limit / 1e6:.1f} MB",
            f"{own / 1e6:.1f} MB",
            own <= limit,
        )
    more = found["longer"] - found["peak"][20000]
    # The output's buffers breathe by as much as they may keep.
    goals.add(
        "memory after five times as many events", "the same to 2 MiB", f"{more:+d} KiB", more <= 2048
    )
    slow = found["growth"][1000000] / found["growth"][1000]
    goals.add(
        "events a second with 1,000,000 users, to that with 1,000",
        "at least 70 %",
        f"{100 * slow:.0f} %",
        slow >= 0.7,
    )
    goals.add("taking in 1,000,000 IDs (`--plan`)", "under 2 s", f"{found['ids']:.2f} s", found["ids"] < 2)


def latency_goals(goals, found):
    floor = found["relay"][0]
    for shape in ("events", "notifications"):
        middle, late, _ = found[shape]
        goals.add(
            f"latency at 1,000 events a second, {shape}, wss: median",
            "at most 50 µs",
            f"{middle:.0f} µs; a bare relay: {floor:.0f} µs",
            middle <= 50,
        )
        goals.add("the same: 99th percentile", "at most 500 µs", f"{late:.0f} µs", late <= 500)


def start_goals(goals, found):
    request, line = found["start"]
    goals.add("exec to the first request (wss, `--cacert`)", "at most 15 ms", f"{request:.1f} ms", request <= 15)
    goals.add(
        "the same with the system's CA store",
        "(what reading it costs)",
        f"{found['store']:.1f} ms",
        found["store"] <= 15,
    )
    goals.add("the service's event to the first line", "at most 50 ms", f"{line:.1f} ms", line <= 50)
    wakes, cpu = found["idle"]
    goals.add(
        "1,000 quiet users, ten seconds",
        "only timers wake it, 0 % CPU",
        f"{wakes} wake-ups, {cpu:.2f} s of CPU",
        wakes <= 20 and cpu <= 0.01,
    )


GOALS = {
    "streams": stream_goals,
    "replays": replay_goals,
    "memory": memory_goals,
    "latency": latency_goals,
    "start": start_goals,
}


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.release()}"


def versions(bench):
    names = {
        "gcpresence": "gcpresence",
        "node": "Node",
        "ws": "its ws",
        "python": "Python",
        "websockets": "its websockets",
        "jq": "jq",
        "mawk": "mawk",
    }
    return ", ".join(f"{name} {bench.versions[key] or '(not there)'}" for key, name in names.items())


def text(bench, found, runs, seconds):
    goals = Goals()
    for name, add in GOALS.items():
        if name in found:
            add(goals, found[name])
    parts = [
        HEAD.format(runs=runs, users=1000, replayed=20000),
        f"This run: {machine()}; load average {os.getloadavg()[2]:.1f}; {seconds:.0f} s.\n"
        f"{versions(bench)}.\n",
        "## Goals\n",
        table(["what", "goal", "reached", "met"], goals.rows) + "\n",
    ]
    if "streams" in found:
        parts.append(stream_table(found["streams"]))
    if "replays" in found:
        parts.append(replay_table(found["replays"]) + "\n")
    notes = os.path.join(os.path.dirname(os.path.abspath(__file__)), "notes.md")
    with open(notes, encoding="utf-8") as file:
        parts.append(file.read())
    return "\n".join(parts)
