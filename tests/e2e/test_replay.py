#!/usr/bin/env python3
"""--replay, and what can be judged by it without a service: -o tsv, --only,
--ignore, --no-initial, --until, --count, --shard, --state.  Speaks TAP."""

import json
import os
import random
import re
import resource
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import (KEYS, Live, all_tests, envelope, event, main, moment, notification,      # noqa: E402
                     read, run, test, uuid, write)
import program              # noqa: E402

ADA, BOB, CAT = uuid(1), uuid(2), uuid(3)
DAY = [event(ADA, "AVAILABLE", 0), event(BOB, "AWAY", 1), event(ADA, "BUSY", 2), event(BOB, "BUSY", 3),
       event(ADA, "ON_QUEUE", 4), event(BOB, "MEAL", 5)]


def replay(folder, lines, *arguments, **more):
    write(folder, "rec", *lines)
    return run(folder, "--replay", "rec", *arguments, **more)


# Recordings.

@test
def replay_reads_both_wire_shapes_and_the_envelope_of_eventbridge(folder):
    done = replay(folder, [event(ADA, "Available", 0), notification(ADA, "On Queue", 1), envelope(ADA, "Busy", 2)]).is_(0)
    assert done.err == "", done.err
    want = [("AVAILABLE", None, None), ("ON_QUEUE", "AVAILABLE", uuid(777)), ("BUSY", "ON_QUEUE", uuid(777))]
    assert [(c["state"], c["previousState"], c["presenceId"]) for c in done.changes()] == want
    assert [c["timestamp"] for c in done.changes()] == [moment(0), moment(1), moment(2)]
    assert [c["previousForMs"] for c in done.changes()] == [None, 1000, 1000]
    assert {c["source"] for c in done.changes()} == {"replay"}


@test
def replay_needs_no_client_and_asks_nobody(folder):
    """The API's host would be on a port that refuses, and the client is missing."""
    replay(folder, DAY, "--api-url", "http://127.0.0.1:1").is_(0)


@test
def replay_passes_over_heartbeats_answers_and_other_topics_in_silence(folder):
    others = ['{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}',
              '{"result":"200","message":"pong"}',
              '{"topicName":"v2.users.%s.routingStatus","eventBody":{"routingStatus":{"status":"IDLE"}}}' % ADA,
              '{"eventType":"conversation","userId":"x"}']
    done = replay(folder, others + [event(ADA, "BUSY", 1)], "--strict").is_(0)
    assert done.err == "" and len(done.changes()) == 1, done.err


@test
def replay_names_each_bad_line_once_and_goes_on(folder):
    done = replay(folder, [DAY[0], "no JSON", "", DAY[1], '{"eventType":"presence","userId":"x"}', DAY[2]]).is_(0)
    assert len(done.changes()) == 3
    said = done.err.splitlines()
    assert len(said) == 2, done.err
    assert said[0].startswith("gcpresence: warning: rec:2: ") and said[0].endswith("; skipped"), done.err
    assert said[1].startswith("gcpresence: warning: rec:5: state is missing"), done.err


@test
def replay_of_nothing_but_bad_lines_does_not_flood_the_log(folder):
    done = replay(folder, ["bad"] * 20000).is_(0)
    assert 0 < done.err.count("\n") < 1500, done.err[-300:]


@test
def replay_with_strict_stops_at_the_bad_line_with_65(folder):
    done = replay(folder, DAY[:2] + ["no JSON"] + DAY[2:], "--strict").is_(65)
    assert len(done.changes()) == 2
    assert re.fullmatch(r"gcpresence: rec:3: [^\n]+\n", done.err), done.err


@test
def replay_with_strict_of_standard_input_names_it_and_the_line(folder):
    done = run(folder, "--replay", "-", "--strict", text="\n" + DAY[0] + "\n[1]\n").is_(65)
    assert done.err == "gcpresence: standard input:3: not a JSON object\n", done.err


@test
def replay_knows_crlf_bom_blank_lines_and_a_last_line_without_its_end(folder):
    text = "\ufeff" + DAY[0] + "\r\n\r\n \t\r\n" + DAY[1] + "\n\n" + DAY[2]
    done = run(folder, "--replay", "-", "--strict", text=text).is_(0)
    assert len(done.changes()) == 3 and done.err == "", done.err


@test
def replay_skips_a_line_of_more_than_1_mib_and_names_it(folder):
    done = replay(folder, [DAY[0], '{"x":"' + "x" * (1 << 20) + '"}', DAY[1]]).is_(0)
    assert len(done.changes()) == 2
    assert done.err == "gcpresence: warning: rec:2: larger than 1 MiB; skipped\n", done.err


@test
def replay_reads_a_line_of_nearly_1_mib(folder):
    long = json.dumps(dict(json.loads(DAY[0]), extra="x" * 1000000))
    assert len(replay(folder, [long], "--strict").is_(0).changes()) == 1


@test
def replay_does_no_harm_with_bytes_that_are_no_text(folder):
    noise = random.Random(1).randbytes(300000)
    done = run(folder, "--replay", "-", text=noise + b"\n" + DAY[0].encode()).is_(0)
    assert len(done.changes()) == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.err)


@test
def replay_of_a_million_lines_prints_each_change_in_a_few_mebibytes(folder):
    roomy = program.is_instrumented()
    users, rounds = 500, 200 if roomy else 2000
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    process = subprocess.Popen([program.PROGRAM, "--replay", "-", "-o", "tsv"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, cwd=folder, env=program.environment(None))

    def feed():
        form = '{"eventType":"presence","userId":"user-%d","state":"%s","timestamp":%d}\n'
        for n in range(rounds):
            state = "BUSY" if n % 2 else "AWAY"
            process.stdin.write("".join(form % (u, state, 1700000000 + n) for u in range(users)).encode())
        process.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    lines = size = 0
    while True:
        piece = process.stdout.read(1 << 20)
        if not piece:
            break
        lines += piece.count(b"\n")
        size += len(piece)
    feeder.join()
    assert process.wait() == 0
    assert lines == 1 + users * rounds, lines
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert roomy or after <= max(before, 200 * 1024), "%d KiB" % after


@test
def replay_prints_the_same_in_whatever_pieces_the_lines_come(folder):
    dice = random.Random(11)
    users = [uuid(i) for i in range(300)]
    states, lines, wanted = {}, [], []
    for second in range(4000):
        user, state = dice.choice(users), dice.choice(["Busy", "Away", "Meal"])
        spelt = user.upper() if dice.random() < 0.1 else user
        shape = notification if user < uuid(150) else event
        lines.append(shape(spelt, state, second))
        if states.get(user) != state:
            wanted.append((user, state.upper()))
        states[user] = state
        if dice.random() < 0.1:
            lines.append(dice.choice(["", "  ", "{", "x" * dice.randrange(3000)]))
    text = "\n".join(lines).encode()
    whole = run(folder, "--replay", "-", "-q", text=text).is_(0)
    assert [(user.lower(), state) for user, state in whole.states()] == wanted

    live = Live(folder, "--replay", "-", "-q", text="")
    while text:
        size = dice.choice([1, 10, 1000, 5000, 70000])
        live.process.stdin.write(text[:size])
        live.process.stdin.flush()
        text = text[size:]
    live.process.stdin.close()
    assert live.end().is_(0).states() == whole.states()


@test
def replay_to_a_slow_reader_coalesces_nothing(folder):
    write(folder, "rec", *[event(ADA, "BUSY" if n % 2 else "AWAY", n) for n in range(3000)])
    process = subprocess.Popen([program.PROGRAM, "--replay", "rec", "--queue-size", "4096"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, cwd=folder, env=program.environment(None))
    lines = []
    while True:
        # One at a time: the pipe and the queue are full all the while.
        line = process.stdout.readline()
        if not line:
            break
        lines.append(json.loads(line))
    assert process.wait() == 0
    assert len(lines) == 3000 and not any("coalesced" in line for line in lines), len(lines)


@test
def replay_drops_and_audits_what_comes_twice_or_late(folder):
    done = replay(folder, [event(ADA, "BUSY", 5), event(ADA, "BUSY", 5), event(ADA, "MEAL", 3), event(ADA, "AWAY", 6),
                           event(ADA, "AWAY", 7)], "--audit", "audit").is_(0)
    assert done.states() == [(ADA, "BUSY"), (ADA, "AWAY")]
    audit = [json.loads(line) for line in read(folder, "audit").splitlines()]
    got = [(one["action"], one["payload"].get("why")) for one in audit]
    assert got == [("PRESENCE_DELTA_TRIGGERED", None), ("MESSAGE_STALE", "repeat"), ("MESSAGE_STALE", "stale"),
                   ("PRESENCE_DELTA_TRIGGERED", None), ("PRESENCE_STATE_UNCHANGED", None)], got


@test
def replay_watches_all_users_or_those_that_are_given(folder):
    write(folder, "team.yaml", "users:", " - {id: %s, name: Bob}" % BOB)
    assert {user for user, _ in replay(folder, DAY).states()} == {ADA, BOB}
    assert {user for user, _ in replay(folder, DAY, ADA).states()} == {ADA}
    assert {user for user, _ in replay(folder, DAY, "-", text=ADA + "\n").is_(0).states()} == {ADA}
    done = replay(folder, DAY, "-f", "team.yaml")
    assert {(c["userId"], c["name"]) for c in done.changes()} == {(BOB, "Bob")}
    # A list that is empty is no list that was not given.
    assert replay(folder, DAY, "-", text="").out == ""


@test
def replay_of_an_empty_recording_is_0(folder):
    assert replay(folder, []).is_(0).out == ""


@test
def replay_of_what_cannot_be_read_is_66(folder):
    assert "'none'" in run(folder, "--replay", "none").is_(66).err
    assert "directory" in run(folder, "--replay", ".").is_(66).err
    if os.geteuid() != 0:
        os.chmod(write(folder, "secret", DAY[0]), 0)
        run(folder, "--replay", "secret").is_(66)


@test
def replay_and_users_cannot_both_be_standard_input(folder):
    run(folder, "--replay", "-", "-", text=DAY[0]).is_(64)
    for other in ("--once", "--check", "--plan"):
        replay(folder, DAY, other, ADA).is_(64)


@test
def replay_goes_on_while_standard_input_is_open(folder):
    live = Live(folder, "--replay", "-", text=DAY[0] + "\n")
    live.printed(1)
    live.process.stdin.write((DAY[1] + "\n").encode())
    live.process.stdin.flush()
    live.printed(2)
    live.process.stdin.close()
    live.end().is_(0)


@test
def replay_ends_by_for_while_standard_input_is_open(folder):
    live = Live(folder, "--replay", "-", "--for", "0.2", text=DAY[0] + "\n")
    assert len(live.end().is_(0).changes()) == 1


@test
def replay_ends_by_count_while_standard_input_is_open(folder):
    live = Live(folder, "--replay", "-", "-n", "2", text="\n".join(DAY) + "\n")
    assert len(live.end().is_(0).changes()) == 2


@test
def replay_goes_on_from_the_state_of_the_one_before(folder):
    write(folder, "one", *DAY[:4])
    write(folder, "two", *DAY[4:])
    run(folder, "--replay", "one", "-s", "state").is_(0)
    done = run(folder, "--replay", "two", "-s", "state", "--no-initial").is_(0)
    assert [(c["previousState"], c["state"]) for c in done.changes()] == [("BUSY", "ON_QUEUE"), ("BUSY", "MEAL")]
    rows = [json.loads(line) for line in read(folder, "state").splitlines()[1:]]
    assert {(row["userId"], row["state"]) for row in rows} == {(ADA, "ON_QUEUE"), (BOB, "MEAL")}


@test
def replays_of_all_shards_make_up_the_whole(folder):
    lines = [event("user-%d" % n, "BUSY", n) for n in range(200)]
    parts = [replay(folder, lines, "--shard", "%d/3" % k).is_(0).states() for k in range(3)]
    assert sorted(sum(parts, [])) == sorted(("user-%d" % n, "BUSY") for n in range(200))
    assert all(len(part) > 30 for part in parts), [len(part) for part in parts]


# TSV.

def untabbed(text):
    known = {"t": "\t", "n": "\n", "\\": "\\"}
    return re.sub(r"\\(x[0-9A-Fa-f]{2}|[tn\\])", lambda m: known.get(m[1]) or chr(int(m[1][1:], 16)), text)


@test
def tsv_has_a_header_and_eleven_columns_and_empty_is_missing(folder):
    rows = [line.split("\t") for line in replay(folder, DAY[:3], "-o", "tsv").is_(0).out.splitlines()]
    assert rows[0] == KEYS and all(len(row) == 11 for row in rows), rows
    assert rows[1][:6] == [ADA, "", "AVAILABLE", "", "", moment(0)] and rows[1][8:] == ["", "replay", ""], rows[1]
    assert rows[3][2:4] == ["BUSY", "AVAILABLE"] and rows[3][8] == "2000", rows[3]


@test
def tsv_says_the_same_as_ndjson(folder):
    dice = random.Random(7)
    users = ["plain", "tab\there", "back\\slash", "quote\"d", "\u00e9\u4e2d\U0001f600", "nl\nin", "bell\x07", "c1\x85", "\u202eb"]
    lines = [dice.choice([event, notification])(dice.choice(users), dice.choice(["BUSY", "AWAY", "x\ty", "z\\n"]), n)
             for n in range(300)]
    objects = replay(folder, lines).is_(0).changes()
    rows = replay(folder, lines, "-o", "tsv").is_(0).out.split("\n")[1:-1]
    assert len(rows) == len(objects) > 150, (len(rows), len(objects))
    for row, change in zip(rows, objects):
        assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e]", row), repr(row)
        fields = dict(zip(KEYS, map(untabbed, row.split("\t"))))
        for key in ("userId", "state", "previousState", "presenceId", "timestamp", "previousForMs", "source"):
            want = "" if change[key] is None else str(change[key])
            if not re.search("[\u0080-\uffff]", want):
                assert fields[key] == want, (key, fields[key], want)


@test
def tsv_escapes_tab_newline_backslash_and_control_characters(folder):
    write(folder, "team.yaml", "users:", ' - {id: %s, name: "a\\tb\\\\c"}' % ADA)
    done = replay(folder, [event(ADA, "B\x01\tC\\\n", 1)], "-f", "team.yaml", "-o", "tsv").is_(0)
    assert done.out.split("\n")[1].split("\t")[2] == r"B\x01\tC\\\n", done.out
    assert done.out.count("\n") == 2


@test
def tsv_does_not_count_its_header(folder):
    assert replay(folder, DAY, "-o", "tsv", "-n", "2").is_(0).out.count("\n") == 3


@test
def tsv_with_gaps_is_64(folder):
    done = replay(folder, DAY, "-o", "tsv", "--gaps").is_(64)
    assert done.out == "" and "ndjson" in done.err, done.err


@test
def format_that_is_unknown_is_78(folder):
    replay(folder, DAY, "-o", "csv").is_(78)


# Which changes are printed.

@test
def only_prints_changes_into_these_states_in_any_case(folder):
    done = replay(folder, DAY + [event(ADA, "On Queue", 9)], "--only", "busy, On Queue").is_(0)
    assert done.states() == [(ADA, "BUSY"), (BOB, "BUSY"), (ADA, "ON_QUEUE")]
    assert replay(folder, DAY, "--only", "OnQueue").states() == [(ADA, "ON_QUEUE")]
    assert replay(folder, DAY, "--only", "LUNCH").is_(0).out == ""


@test
def only_keeps_what_it_does_not_print_in_mind(folder):
    changes = replay(folder, DAY, "--only", "ON_QUEUE,MEAL").is_(0).changes()
    assert [(c["previousState"], c["previousForMs"]) for c in changes] == [("BUSY", 2000), ("BUSY", 2000)]


@test
def ignore_leaves_changes_into_these_states_out(folder):
    done = replay(folder, DAY, "--ignore", "BUSY,away").is_(0)
    assert done.states() == [(ADA, "AVAILABLE"), (ADA, "ON_QUEUE"), (BOB, "MEAL")]


@test
def only_and_ignore_together_print_what_both_allow(folder):
    assert replay(folder, DAY, "--only", "BUSY,MEAL", "--ignore", "BUSY").is_(0).states() == [(BOB, "MEAL")]


@test
def only_with_count_counts_what_is_printed(folder):
    done = replay(folder, DAY, "--only", "BUSY", "-n", "2").is_(0)
    assert done.states() == [(ADA, "BUSY"), (BOB, "BUSY")]


@test
def no_initial_leaves_the_first_state_of_each_user_out(folder):
    done = replay(folder, DAY, "--no-initial").is_(0)
    assert done.states() == [(ADA, "BUSY"), (BOB, "BUSY"), (ADA, "ON_QUEUE"), (BOB, "MEAL")]
    assert done.changes()[0]["previousState"] == "AVAILABLE"


@test
def lists_of_states_that_are_none_are_78(folder):
    for option in ("--only", "--ignore", "--until"):
        for bad in ("", ",", "BUSY,", "BUSY,,MEAL", "x" * 100):
            assert option in replay(folder, DAY, option, bad).is_(78).err


# Until.

@test
def until_of_given_users_stops_right_when_it_is_met(folder):
    done = replay(folder, DAY, ADA, BOB, "--until", "busy").is_(0)
    assert done.states() == [(ADA, "AVAILABLE"), (BOB, "AWAY"), (ADA, "BUSY"), (BOB, "BUSY")]


@test
def until_of_all_users_looks_at_the_end_of_the_recording(folder):
    done = replay(folder, DAY, "--until", "ON_QUEUE,MEAL").is_(0)
    assert len(done.changes()) == 6
    assert "1 of 2 users are not ON_QUEUE" in replay(folder, DAY, "--until", "ON_QUEUE").is_(1).err


@test
def until_of_a_user_who_is_not_in_the_recording_is_1(folder):
    assert "1 of 2 users" in replay(folder, DAY, ADA, CAT, "--until", "ON_QUEUE").is_(1).err
    replay(folder, [], "--until", "ON_QUEUE").is_(1)


@test
def until_and_only_are_independent(folder):
    done = replay(folder, DAY, ADA, "--until", "BUSY", "--only", "AVAILABLE").is_(0)
    assert done.states() == [(ADA, "AVAILABLE")]


@test
def count_that_is_met_first_is_0_though_until_is_not(folder):
    replay(folder, DAY, "--until", "MEAL", "-n", "1").is_(0)


if __name__ == "__main__":
    sys.exit(main(all_tests(globals()), sys.argv[1:]))
