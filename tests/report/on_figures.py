"""The figures, against sums that are worked out here or by jq."""

import collections
import json
import random
import subprocess

from recording import (
    HOUR,
    LIMIT,
    MINUTE,
    NINE,
    change,
    check,
    day,
    gap,
    ms_of,
    report,
    same,
    test,
    text_of,
)


def read(text):
    """A recording's changes by user, its gaps, and its window."""
    lines = [json.loads(line) for line in text.splitlines()]
    gaps = [(ms_of(g["gap"]["from"]), ms_of(g["gap"]["to"])) for g in lines if "gap" in g]
    changes = [line for line in lines if "gap" not in line]
    users = collections.defaultdict(list)
    for line in sorted(changes, key=lambda line: ms_of(line["timestamp"])):
        users[line["userId"]].append(line)
    heard = [ms_of(line["receivedAt"]) for line in changes]
    told = [ms_of(line["timestamp"]) for line in changes]
    return users, gaps, (min(heard), max(heard + told + [end for _, end in gaps]))


def intervals(lines, gaps, window):
    """One user's (state or None, start, end), one after the other."""
    start, end = window
    at, state = start, None
    for line in lines:
        time = ms_of(line["timestamp"])
        if line["source"] == "snapshot" and state not in (None, line["state"]):
            blind = [one for one, _ in gaps if at <= one < time]
            if blind:
                yield state, at, blind[-1]
                at, state = blind[-1], None
        if time > at:
            yield state, at, min(time, end)
            at = min(time, end)
        state = line["state"]
    yield state, at, end


def sums(text, hours=False):
    """{(user, start of the hour or 0, state): ms}, without what is nothing."""
    users, gaps, window = read(text)
    total = collections.Counter()
    for user, lines in users.items():
        for state, start, end in intervals(lines, gaps, window):
            while start < end:
                hour = start // HOUR * HOUR if hours else 0
                stop = min(end, hour + HOUR) if hours else end
                total[user, hour, state] += stop - start
                start = stop
    return {key: ms for key, ms in total.items() if ms}


@test("the sums of a day are those that are worked out independently")
def sums_of_a_day():
    want = sums(day())
    check(len(want) > 150 and any(state is None for _, _, state in want))
    got = {
        (row["userId"], 0, row["state"] or None): int(row["ms"])
        for row in report("-o", "tsv", given=day()).rows()
        if row["ms"] != "0"
    }
    same(got, want)


@test("so are the sums by the hour")
def sums_by_hour():
    got = {
        (row["userId"], ms_of(row["from"]) // HOUR * HOUR, row["state"] or None): int(row["ms"])
        for row in report("-o", "tsv", "--hours", given=day()).rows()
        if row["ms"] != "0"
    }
    same(got, sums(day(), hours=True))


@test("JSON has the figures of TSV, and total adds them up")
def json_agrees():
    rows = report("-o", "tsv", given=day()).rows()
    found = report("-o", "json", given=day()).json()
    same(list(found), ["from", "to", "lines", "skipped", "blind", "users", "total"])
    same((found["lines"], found["skipped"]), (day().count("\n"), 0))
    by_user = collections.defaultdict(dict)
    for row in rows:
        by_user[row["userId"]][row["state"]] = row
    same(len(found["users"]), len(by_user))
    for user in found["users"]:
        mine = by_user[user["userId"]]
        same(user["unknownMs"], int(mine.pop("", {"ms": 0})["ms"]))
        same(user["knownMs"], sum(int(row["ms"]) for row in mine.values()))
        same(user["changes"], sum(int(row["changes"]) for row in mine.values()))
        same(set(user["states"]), set(mine))
        for state, figures in user["states"].items():
            same(figures["ms"], int(mine[state]["ms"]))
            same(f"{figures['share']:.4f}", mine[state]["share"])
            check(abs(figures["share"] - figures["ms"] / user["knownMs"]) < 1e-4)
        same(user["knownMs"] + user["unknownMs"], ms_of(found["to"]) - ms_of(found["from"]))
    for key in ("knownMs", "unknownMs", "changes"):
        same(found["total"][key], sum(user[key] for user in found["users"]), key)
    hours = report("-o", "json", "--hours", given=day()).json()
    same(sum(hour["knownMs"] for hour in hours["total"]), found["total"]["knownMs"])
    same(sum(hour["changes"] for hour in hours["total"]), found["total"]["changes"])


@test("jq finds the same time in each state")
def jq_agrees():
    text = "".join(line for line in day().splitlines(True) if '"gap"' not in line)
    text = text.replace('"source":"snapshot"', '"source":"stream"')
    program = """
        def ms: (.[0:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber);
        (map(.receivedAt | ms) | min) as $start
        | (map(.timestamp, .receivedAt | ms) | max) as $stop
        | [group_by(.userId)[] | sort_by(.timestamp | ms)
           | [., .[1:] + [null]] | transpose[]
           | {state: .[0].state,
              ms: ((if .[1] then (.[1].timestamp | ms) else $stop end)
                   - ([(.[0].timestamp | ms), $start] | max))}]
        | group_by(.state) | map({key: .[0].state, value: (map(.ms) | add)}) | from_entries
    """
    done = subprocess.run(
        ["jq", "-s", program], input=text.encode(), capture_output=True, timeout=LIMIT, check=True
    )
    total = report("-o", "json", given=text).json()["total"]
    same({state: got["ms"] for state, got in total["states"].items()}, json.loads(done.stdout))


@test("intervals have no holes, and add up to the sums")
def intervals_add_up():
    found = report("-o", "json", "--intervals", given=day()).json()
    total = collections.Counter()
    last = {}
    for one in found["intervals"]:
        same(one["ms"], ms_of(one["to"]) - ms_of(one["from"]))
        same(one["from"], last.get(one["userId"], found["from"]))
        last[one["userId"]] = one["to"]
        total[one["userId"], 0, one["state"]] += one["ms"]
    same(set(last.values()), {found["to"]})
    same(dict(total), sums(day()))
    rows = report("-o", "tsv", "--intervals", given=day()).rows()
    same(
        [(row["userId"], row["from"], row["state"] or None, row["cut"] or None) for row in rows],
        [(one["userId"], one["from"], one["state"], one["cut"]) for one in found["intervals"]],
    )


@test("lines may come in any order, in several files, with CRLF or a BOM")
def any_order():
    want = report("-o", "json", given=day()).out
    lines = day().splitlines(True)
    draw = random.Random(1)
    for _ in range(3):
        draw.shuffle(lines)
        same(report("-o", "json", given="".join(lines)).out, want)
    same(report("-o", "json", given="\ufeff" + day().replace("\n", "\r\n")).out, want)
    same(report("-o", "json", given=day().rstrip("\n")).out, want)
    same(report("-o", "json", "-", given=day().replace("\n", "\n\n")).out, want)


def found(*parts, options=()):
    """The intervals of a recording, as (user, state, minute, minute)."""
    return [
        (
            row["userId"],
            row["state"],
            (ms_of(row["from"]) - NINE) / MINUTE,
            (ms_of(row["to"]) - NINE) / MINUTE,
        )
        for row in report("-o", "tsv", "--intervals", *options, given="".join(parts)).rows()
    ]


def at(minutes):
    return {"receivedAt": text_of(NINE + minutes * MINUTE)}


@test("what a snapshot finds after a gap is not known before its own time")
def gaps_hide():
    parts = [
        change("a", "BUSY", NINE, **at(0)),
        change("b", "BUSY", NINE, **at(0)),
        gap(NINE + 10 * MINUTE, NINE + 20 * MINUTE),
        change("a", "MEAL", NINE + 15 * MINUTE, "BUSY", "snapshot", **at(20)),
    ]
    same(
        found(*parts),
        [("a", "BUSY", 0, 10), ("a", "", 10, 15), ("a", "MEAL", 15, 20), ("b", "BUSY", 0, 20)],
    )
    blind = report("-o", "json", given="".join(parts)).json()["blind"]
    same(blind, [{"from": "2026-01-01T09:10:00.000Z", "to": "2026-01-01T09:20:00.000Z"}])


@test("the time between two runs in one recording is blind")
def runs():
    parts = [
        change("a", "BUSY", NINE, None, "snapshot", **at(0)),
        change("b", "MEAL", NINE, None, "snapshot", **at(0)),
        change("a", "AWAY", NINE + 5 * MINUTE, "BUSY", **at(5)),
        change("a", "AWAY", NINE + 30 * MINUTE, None, "snapshot", **at(40)),
        change("b", "MEAL", NINE, None, "snapshot", **at(40)),
    ]
    same(
        found(*parts),
        [
            ("a", "BUSY", 0, 5),
            ("a", "", 5, 30),
            ("a", "AWAY", 30, 40),
            ("b", "MEAL", 0, 40),
        ],
    )
    blind = report("-o", "json", given="".join(parts)).json()["blind"]
    same(blind, [{"from": "2026-01-01T09:05:00.000Z", "to": "2026-01-01T09:40:00.000Z"}])


@test("a line's previous state and its length are used where lines are missing")
def previous_state():
    first = change("a", "BUSY", NINE + 9 * MINUTE, "AWAY", previousForMs=4 * MINUTE, **at(9))
    begin = change("b", "MEAL", NINE, **at(0))
    same(found(begin, first)[:2], [("a", "", 0, 5), ("a", "AWAY", 5, 9)])
    coalesced = change(
        "b", "BUSY", NINE + 9 * MINUTE, "AWAY", previousForMs=MINUTE, coalesced=3, **at(9)
    )
    same(found(begin, coalesced), [("b", "", 0, 8), ("b", "AWAY", 8, 9)])
    row = report("-o", "json", given=begin + coalesced).json()["users"][0]
    same(row["changes"], 4)


@test("--from and --to cut the window, and --to now lets the last states go on")
def window():
    parts = [
        change("a", "BUSY", NINE, **at(0)),
        change("a", "MEAL", NINE + 30 * MINUTE, "BUSY", **at(30)),
    ]
    options = ["--from", "2026-01-01T09:10", "--to", "2026-01-01 10:00"]
    same(
        found(*parts, options=options),
        [("a", "BUSY", 10, 30), ("a", "", 30, 60)],
        "the last state ends with the recording",
    )
    same(found(*parts, options=["--from", "2026-01-01T10:05:00+01:00", "--to", "2026-01-01T09:06:00Z"]),
         [("a", "BUSY", 5, 6)])
    state, start, end = found(*parts, options=["--to", "now"])[-1][1:]
    same((state, start), ("MEAL", 30))
    check(end > 60 * 24)
    done = report("--from", "2027-01-01", given="".join(parts))
    check("nothing between --from and --to" in done.err, done.err)


@test("hours are those of the wall clock, also where it is changed")
def hours_of_the_zone():
    # In Lord Howe the clocks go back by half an hour, at 15:00Z on 4 April.
    midnight = ms_of("2026-04-04T13:00:00.000Z")
    parts = change("a", "BUSY", midnight) + change("b", "MEAL", midnight + 4 * HOUR)
    rows = report("--hours", "-o", "tsv", "-u", "a", given=parts, zone="Australia/Lord_Howe").rows()
    same(sum(int(row["ms"]) for row in rows if row["state"]), 4 * HOUR)
    check(len(rows) in (5, 6), rows)
    # In Berlin the 29th of March has 23 hours, and they are named.
    midnight = ms_of("2026-03-28T23:00:00.000Z")
    parts = change("a", "BUSY", midnight) + change("a", "MEAL", midnight + 25 * HOUR, "BUSY")
    done = report(
        "--hours", "--from", "2026-03-29", "--to", "2026-03-30", "-u", "a", given=parts, zone="Europe/Berlin"
    )
    lines = [line for line in done.out.splitlines() if line.startswith("a ")]
    same(len(lines), 23)
    check("01:00 CET" in lines[1] and "03:00 CEST" in lines[2], lines)


@test("--user chooses by ID or name, and says who is not there")
def chosen():
    parts = (
        change("9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f", "BUSY", NINE, name="Ann Arbor")
        + change("b", "MEAL", NINE, name="Bo")
        + change("c", "MEAL", NINE)
    )
    done = report(
        "-u", "9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F", "--user=bo", "-u", "nobody", "-o", "json", given=parts
    )
    same([user.get("name") for user in done.json()["users"]], ["Ann Arbor", "Bo"])
    same(done.err.count("\n"), 1)
    check("'nobody'" in done.err, done.err)
