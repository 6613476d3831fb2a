#!/usr/bin/env python3
"""The options that need a service, against the simulator: --once, --state,
--shard, --until, --check, --plan, --metrics, --gaps, the log, HUP and USR1.
Speaks TAP."""

import hashlib
import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "sim"))
from program import LIMIT_S, Live, all_tests, main, read, run, test, wait, write     # noqa: E402
import harness              # noqa: E402
import program              # noqa: E402

harness.PROGRAM = os.path.abspath(harness.PROGRAM)
FAST = ("--retry-base", "0.01", "--retry-max", "0.1")


class Sim(harness.Sim):
    """The simulator with six users who change on demand only."""

    def __init__(self, *options, users=6, **more):
        self.env_of_users = ("--users", str(users), "--seed", "4")
        super().__init__(*self.env_of_users, "--hold", *options, **more)
        self.users = harness.ids(*self.env_of_users)

    def settings(self, **more):
        return dict({"GENESYSCLOUD_API_URL": self.ready["url"], "GENESYSCLOUD_OAUTHCLIENT_ID": "sim-client",
                     "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sim-secret"}, **more)

    def run(self, folder, *arguments, text="", **env):
        return run(folder, *FAST, *arguments, text=text, env=self.settings(**env))

    def live(self, folder, *arguments, stderr=None, env=None):
        """Runs while all its users stream: the snapshot of each is printed."""
        return Live(folder, *FAST, *arguments, env=self.settings(**(env or {})), stderr=stderr)

    def change(self, number, state):
        self.do("change %s %s" % (self.users[number], state))

    def asked(self):
        """The requests that it has had, but for those of the tests."""
        return sum(count for name, count in self.status()["requests"].items() if name != "other")


# --once and the state.

@test
def once_prints_the_present_state_of_each_user_and_ends(folder):
    with Sim() as sim:
        sim.change(1, "BUSY")
        done = sim.run(folder, "--once", *sim.users).is_(0)
        want = {(user, "BUSY" if user == sim.users[1] else "OFFLINE") for user in sim.users}
        assert set(done.states()) == want and len(done.changes()) == 6, done.out
        assert {change["source"] for change in done.changes()} == {"snapshot"}
        # Without a state everything differs again, and nothing streams.
        assert len(sim.run(folder, "--once", *sim.users).changes()) == 6
        assert os.listdir(folder) == [] and not sim.status()["connections"]


@test
def once_tries_each_call_for_itself(folder):
    """Seven calls that fail in one moment are one try of each, not seven."""
    with Sim(users=350) as sim:
        sim.do("answer bulk 503 times 7")
        done = sim.run(folder, "--once", "--max-retries", "3", "--retry-max", "0.2", *sim.users).is_(0)
        assert len(done.changes()) == 350


@test
def once_with_a_state_prints_what_differs_from_it(folder):
    with Sim() as sim:
        text = "".join("%s Name %d\n" % (user, n) for n, user in enumerate(sim.users))
        assert len(sim.run(folder, "--once", "-s", "state", text=text).is_(0).changes()) == 6
        assert sim.run(folder, "--once", "-s", "state", text=text).is_(0).out == ""
        sim.change(2, "MEAL")
        changes = sim.run(folder, "--once", "-s", "state", text=text).is_(0).changes()
        assert [(c["userId"], c["name"], c["previousState"], c["state"]) for c in changes] == \
            [(sim.users[2], "Name 2", "OFFLINE", "MEAL")]


@test
def once_with_filters_prints_less_but_keeps_all_in_the_state(folder):
    with Sim() as sim:
        sim.change(0, "BUSY")
        sim.change(1, "AWAY")
        done = sim.run(folder, "--once", "-s", "state", "--ignore", "OFFLINE,AWAY", *sim.users).is_(0)
        assert done.states() == [(sim.users[0], "BUSY")]
        assert len(rows_of(folder)) == 6
        sim.change(1, "MEAL")
        assert sim.run(folder, "--once", "-s", "state", *sim.users).states() == [(sim.users[1], "MEAL")]


@test
def once_with_count_leaves_the_rest_for_the_next_time(folder):
    with Sim() as sim:
        first = sim.run(folder, "--once", "-s", "state", "-n", "4", *sim.users).is_(0)
        second = sim.run(folder, "--once", "-s", "state", *sim.users).is_(0)
        assert len(first.changes()) == 4 and len(second.changes()) == 2
        assert sorted(u for u, _ in first.states() + second.states()) == sorted(sim.users)


@test
def once_with_no_initial_is_silent_the_first_time(folder):
    with Sim() as sim:
        assert sim.run(folder, "--once", "-s", "state", "--no-initial", *sim.users).is_(0).out == ""
        sim.change(3, "AWAY")
        done = sim.run(folder, "--once", "-s", "state", "--no-initial", *sim.users).is_(0)
        assert done.states() == [(sim.users[3], "AWAY")]


@test
def once_with_until_says_whether_all_are_there(folder):
    with Sim() as sim:
        sim.run(folder, "--once", "--until", "offline", *sim.users).is_(0)
        sim.change(0, "BUSY")
        done = sim.run(folder, "--once", "--until", "OFFLINE", *sim.users).is_(1)
        assert "1 of 6 users are not OFFLINE" in done.err, done.err
        sim.run(folder, "--once", "--until", "OFFLINE,BUSY", *sim.users).is_(0)


@test
def once_in_tsv_has_its_header_even_where_nothing_differs(folder):
    with Sim() as sim:
        sim.run(folder, "--once", "-s", "state", *sim.users).is_(0)
        done = sim.run(folder, "--once", "-s", "state", "-o", "tsv", *sim.users).is_(0)
        assert done.out == "\t".join(program.KEYS) + "\n"


@test
def once_with_the_events_socket_is_78(folder):
    with Sim() as sim:
        assert "snapshot" in sim.run(folder, "--once", "--protocol", "events", *sim.users).is_(78).err


def rows_of(folder, name="state"):
    """The changes of a state file whose header is true."""
    with open(os.path.join(folder, name), "rb") as file:
        head, rest = file.read().split(b"\n", 1)
    header = json.loads(head)
    assert list(header) == ["gcpresence", "version", "users", "sha256"], header
    assert header["gcpresence"] == "state" and header["users"] == rest.count(b"\n")
    assert header["sha256"] == hashlib.sha256(rest).hexdigest()
    return [json.loads(line) for line in rest.splitlines()]


@test
def state_is_lines_of_the_output_behind_a_header(folder):
    with Sim() as sim:
        done = sim.run(folder, "--once", "-s", "state", *sim.users).is_(0)
        assert sorted(map(str, rows_of(folder))) == sorted(map(str, done.changes()))
        assert os.stat(os.path.join(folder, "state")).st_mode & 0o777 == 0o600
        assert sorted(os.listdir(folder)) == ["state", "state.lock"]


@test
def state_follows_the_stream_within_a_second_and_a_restart_prints_what_changed(folder):
    with Sim() as sim:
        live = sim.live(folder, "-s", "state", *sim.users).printed(6)
        sim.change(0, "BUSY")
        live.printed(7)
        wait(lambda: os.path.exists(os.path.join(folder, "state")) and "BUSY" in read(folder, "state"), "the change")
        live.signal(signal.SIGKILL).end()
        sim.change(1, "MEAL")
        live = sim.live(folder, "-s", "state", *sim.users).printed(1)
        sim.change(2, "AWAY")
        live.printed(2).signal(signal.SIGTERM)
        changes = live.end().is_(0).changes()
        assert [(c["userId"], c["previousState"], c["state"], c["source"]) for c in changes] == [
            (sim.users[1], "OFFLINE", "MEAL", "snapshot"), (sim.users[2], "OFFLINE", "AWAY", "stream")], changes
        assert {(row["userId"], row["state"]) for row in rows_of(folder)} >= {
            (sim.users[0], "BUSY"), (sim.users[1], "MEAL"), (sim.users[2], "AWAY")}


@test
def state_is_locked_against_a_second_process_with_75(folder):
    with Sim() as sim:
        live = sim.live(folder, "-s", "state", *sim.users).printed(6)
        before = sim.asked()
        done = sim.run(folder, "--once", "-s", "state", *sim.users).is_(75)
        assert "'state'" in done.err and done.out == "", done.err
        assert sim.asked() == before
        live.signal(signal.SIGTERM).end().is_(0)
        # A lock file alone, of a run that has ended, locks nobody out.
        sim.run(folder, "--once", "-s", "state", *sim.users).is_(0)


@test
def state_that_is_damaged_is_65_and_stays_untouched(folder):
    with Sim() as sim:
        sim.run(folder, "--once", "-s", "good", *sim.users).is_(0)
        good = open(os.path.join(folder, "good"), "rb").read()
        head, rest = good.split(b"\n", 1)
        version = re.sub(rb'"version":1', b'"version":2', head)
        broken = [b"", b"\n", b"x", b"{}\n", head, good[:-1], good[:-40], good + b"{}\n", rest,
                  good.replace(b"OFFLINE", b"offline", 1), good.replace(b"\n", b"\r\n"), version + b"\n" + rest,
                  head.replace(b'"users":6', b'"users":5') + b"\n" + rest, os.urandom(5000), b"\0" * 5000]
        for number, data in enumerate(broken):
            with open(os.path.join(folder, "bad"), "wb") as file:
                file.write(data)
            done = sim.run(folder, "--once", "-s", "bad", *sim.users)
            assert done.status == 65 and "'bad'" in done.err and done.out == "", (number, data[:99], done.err)
            assert open(os.path.join(folder, "bad"), "rb").read() == data, number


@test
def state_in_a_folder_that_is_not_there_is_74_before_any_request(folder):
    with Sim() as sim:
        assert "none/state" in sim.run(folder, "--once", "-s", "none/state", *sim.users).is_(74).err
        assert sim.asked() == 0


# --shard.

@test
def shards_part_the_list_and_keep_to_it(folder):
    with Sim(users=60) as sim:
        parts = [[user for user, _ in sim.run(folder, "--once", *sim.users, GCPRESENCE_SHARD="%d/4" % k).states()]
                 for k in range(4)]
        assert sorted(sum(parts, [])) == sorted(sim.users)
        assert all(parts), [len(part) for part in parts]
        for k in range(4):
            # In another order, of another case, by the option: the same users.
            again = sim.run(folder, "--once", "--shard", "%d/4" % k, *[user.upper() for user in reversed(sim.users)],
                            GCPRESENCE_SHARD="9/10").is_(0)
            assert sorted(user.lower() for user, _ in again.states()) == sorted(parts[k])
        # One process more takes users over, and none changes between the old ones.
        more = [[user for user, _ in sim.run(folder, "--once", "--shard", "%d/5" % k, *sim.users).states()]
                for k in range(5)]
        for k in range(4):
            assert set(more[k]) <= set(parts[k])
        assert more[4]


@test
def shard_without_any_user_is_65_and_says_so(folder):
    with Sim() as sim:
        done = [sim.run(folder, "--once", "--shard", "%d/2" % k, sim.users[0]) for k in range(2)]
        assert sorted(one.status for one in done) == [0, 65]
        assert "--shard" in (done[0].err + done[1].err)


@test
def shards_that_make_no_sense_are_78(folder):
    for bad in ("2/2", "0/0", "-1/2", "1", "a/b", "1/2/3", "0/99999", "1/", "/2", "1.0/2"):
        run(folder, "--shard", bad, "a").is_(78)
        run(folder, "a", env={"GCPRESENCE_SHARD": bad}).is_(78)


# --until.

@test
def until_ends_with_0_when_the_last_user_is_there(folder):
    with Sim() as sim:
        live = sim.live(folder, "--until", "busy,meal", *sim.users[:2]).printed(2)
        sim.change(0, "BUSY")
        live.printed(3)
        sim.change(0, "AWAY")
        sim.change(1, "MEAL")
        live.printed(5)
        assert live.process.poll() is None
        sim.change(0, "MEAL")
        assert live.end().is_(0).states()[-1] == (sim.users[0], "MEAL")


@test
def until_that_is_met_at_once_ends_at_once(folder):
    with Sim() as sim:
        assert len(sim.run(folder, "--until", "OFFLINE", *sim.users).is_(0).changes()) == 6


@test
def until_with_for_is_1_when_the_time_is_up(folder):
    with Sim() as sim:
        sim.change(0, "BUSY")
        done = sim.run(folder, "--until", "BUSY", "--for", "2", "--protocol", "notifications", *sim.users).is_(1)
        assert re.search(r"[56] of 6 users are not BUSY\n", done.err), done.err


@test
def until_waits_for_users_that_standard_input_may_still_bring(folder):
    with Sim() as sim:
        live = Live(folder, *FAST, "--until", "OFFLINE", text=sim.users[0] + "\n", env=sim.settings()).printed(1)
        live.process.stdin.write((sim.users[1] + "\n").encode())
        live.process.stdin.flush()
        live.printed(2)
        assert live.process.poll() is None
        live.process.stdin.close()
        live.end().is_(0)


class Terminal:
    """A terminal for standard error, and what is written to it."""

    def __init__(self):
        self.mine, self.theirs = pty.openpty()
        os.set_blocking(self.mine, False)
        self.text = ""

    def look(self):
        try:
            self.text += os.read(self.mine, 1 << 16).decode()
        except OSError:
            pass
        return self.text

    def close(self):
        self.look()
        os.close(self.theirs)
        os.close(self.mine)
        return self.text


@test
def until_shows_how_far_it_is_on_a_terminal(folder):
    terminal = Terminal()
    with Sim() as sim:
        live = sim.live(folder, "--until", "BUSY", *sim.users[:2], stderr=terminal.theirs)
        wait(lambda: "\rgcpresence: 0 of 2 users are BUSY " in terminal.look(), "0 of 2")
        sim.change(0, "BUSY")
        wait(lambda: "\rgcpresence: 1 of 2 users are BUSY " in terminal.look(), "1 of 2")
        # A line of the log does not stand in the same line.
        live.signal(signal.SIGUSR1)
        wait(lambda: re.search(r"BUSY \r\ngcpresence: statistics: [^\n]*\r\n", terminal.look()), "statistics")
        sim.change(1, "BUSY")
        live.end().is_(0)
        wait(lambda: terminal.look().endswith("\rgcpresence: 2 of 2 users are BUSY \r\n"), "the last line")
        terminal.close()


@test
def until_shows_nothing_on_a_pipe_or_with_quiet(folder):
    terminal = Terminal()
    with Sim() as sim:
        assert sim.run(folder, "--until", "OFFLINE", *sim.users).is_(0).err == ""
        sim.live(folder, "-q", "--until", "OFFLINE", *sim.users, stderr=terminal.theirs).end().is_(0)
        assert terminal.close() == ""


# --check.

def verdicts(done):
    """The lines as [(verdict, subject, text)]."""
    found = [re.fullmatch(r"(ok  |warn|FAIL)  ([^:]+): (.+)", line) for line in done.out.splitlines()]
    assert all(found), done.out
    assert "sim-secret" not in done.out + done.err
    return [(one[1].strip(), one[2], one[3]) for one in found]


@test
def check_tells_of_each_step_and_gives_its_channel_back(folder):
    with Sim() as sim:
        done = sim.run(folder, "--check").is_(0)
        lines = verdicts(done)
        assert {verdict for verdict, _, _ in lines} == {"ok"} and done.err == "", done.out + done.err
        assert [subject for _, subject, _ in lines] == [
            "login and api", "clock", "token", "client", "topic v2.users.{id}.presence", "channels", "socket"]
        assert "0 of 20 are in use" in done.out
        wait(lambda: not sim.status()["connections"], "the end of the connection")
        for channel in sim.api("GET", harness.CHANNELS + "?includechannels=oauthclient").json()["entities"]:
            assert channel.get("id", "?") not in done.out


@test
def check_tries_the_users_that_are_given_with_each_protocol(folder):
    with Sim() as sim:
        for more in ([], ["--protocol", "notifications"]):
            assert ("ok", "users", "6 subscribed") in verdicts(sim.run(folder, "--check", *more, *sim.users).is_(0))
        assert ("ok", "users", "6 subscribed") in verdicts(
            sim.run(folder, "--check", "-", text="\n".join(sim.users)).is_(0))
        events = verdicts(sim.run(folder, "--check", "--protocol", "events", *sim.users).is_(0))
        assert ("ok", "users", "6 subscribed (the events socket confirms nothing)") in events
        sim.do("reject %s presence:view" % sim.users[3])
        done = sim.run(folder, "--check", *sim.users).is_(77)
        assert "FAIL  user %s is refused" % sim.users[3] in done.out and "presence:view" in done.out, done.out
        assert "users: 5 subscribed" in done.out, done.out


@test
def check_finds_the_events_socket_where_there_are_no_notifications(folder):
    with Sim("--no-notifications") as sim:
        done = sim.run(folder, "--check", "no-uuid", "another").is_(0)
        assert "socket: open" in done.out and "(events)" in done.out and "users: 2 subscribed" in done.out, done.out


@test
def check_tries_one_connection_and_says_what_it_leaves_out(folder):
    with Sim() as sim:
        done = sim.run(folder, "--check", "--max-subscriptions", "2", *sim.users).is_(0)
        assert "users: 2 subscribed" in done.out and "2 more connections" in done.out, done.out
        done = sim.run(folder, "--check", "--max-subscriptions", "2", "--max-channels", "2", *sim.users).is_(78)
        assert "FAIL  6 users are more than 2 connections" in done.out, done.out


@test
def check_writes_no_file_and_changes_none(folder):
    with Sim() as sim:
        for name in ("audit", "state", "metrics"):
            write(folder, name, "of a service that runs")
        before = {name: os.stat(os.path.join(folder, name)).st_mtime_ns for name in os.listdir(folder)}
        for mode in ("--check", "--plan"):
            sim.run(folder, mode, "--audit", "audit", "-s", "state", "--metrics", "metrics", *sim.users).is_(0)
            sim.run(folder, mode, "--audit", "a", "-s", "s", "--metrics", "m", *sim.users).is_(0)
        after = {name: os.stat(os.path.join(folder, name)).st_mtime_ns for name in os.listdir(folder)}
        assert after == before, after


@test
def check_finds_a_clock_that_is_off(folder):
    with Sim() as sim:
        sim.do("skew 30")
        done = sim.run(folder, "--check").is_(0)
        found = [line for line in verdicts(done) if line[1] == "clock"]
        assert found[0][0] == "warn" and re.search(r"off by -(29|30|31)\.\d s.*NTP", found[0][2]), done.out
        sim.do("skew -3600")
        done = sim.run(folder, "--check").is_(78)
        assert re.search(r"FAIL  clock: this machine's is off by 3[56]\d\d s.*NTP", done.out), done.out


@test
def check_takes_no_channel_where_all_are_in_use(folder):
    with Sim() as sim:
        mine = [sim.channel() for _ in range(20)]
        done = sim.run(folder, "--check", *sim.users).is_(75)
        assert "warn  channels: 20 of 20 are in use" in done.out, done.out
        assert "FAIL  20 other channels" in done.out and "own client" in done.out, done.out
        for channel in mine:
            assert sim.api("HEAD", harness.CHANNELS + "/" + channel["id"]).status == 200


@test
def check_says_what_is_wrong_with_a_secret(folder):
    with Sim() as sim:
        done = sim.run(folder, "--check", GENESYSCLOUD_OAUTHCLIENT_SECRET="guessed-one").is_(77)
        assert re.search(r"FAIL  cannot get a token: .*401.*check --client-id and its secret", done.out), done.out
        assert "guessed-one" not in done.out + done.err
        assert done.err == "", done.err


@test
def check_says_that_a_host_cannot_be_reached(folder):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = "http://127.0.0.1:%d" % closed.getsockname()[1]
        env = {"GENESYSCLOUD_API_URL": url, "GENESYSCLOUD_OAUTHCLIENT_ID": "a", "GENESYSCLOUD_OAUTHCLIENT_SECRET": "b"}
        done = run(folder, "--check", env=env).is_(69)
    assert re.search(r"^FAIL  127\.0\.0\.1:\d+: .*connect.*check --region", done.out), done.out
    env["GENESYSCLOUD_API_URL"] = "https://api.nowhere.invalid"
    assert "FAIL  api.nowhere.invalid: " in run(folder, "--check", env=env).is_(78).out
    run(folder, "--check", env={"GENESYSCLOUD_API_URL": url}).is_(78)


def certificate(folder, name, names):
    paths = [os.path.join(folder, name + ending) for ending in (".pem", ".key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=" + names,
                    "-out", paths[0], "-keyout", paths[1]], check=True, stderr=subprocess.DEVNULL)
    return paths


@test
def check_says_what_is_wrong_with_tls(folder):
    good = certificate(folder, "good", "DNS:localhost,IP:127.0.0.1")
    with Sim(tls=good) as sim:
        done = sim.run(folder, "--check", "--cacert", good[0], *sim.users).is_(0)
        assert "TLS verified" in done.out and "users: 6 subscribed" in done.out, done.out
        done = sim.run(folder, "--check").is_(69)
        assert re.search(r"FAIL  .*certificate.*check --cacert, and the clock", done.out), done.out
    with Sim(tls=certificate(folder, "other", "DNS:elsewhere.example")) as sim:
        done = sim.run(folder, "--check", "--cacert", os.path.join(folder, "other.pem")).is_(69)
        assert "FAIL" in done.out and "127.0.0.1" in done.out, done.out


@test
def check_to_a_full_disk_is_74(folder):
    with Sim() as sim, open("/dev/full", "wb") as full:
        done = subprocess.run([program.PROGRAM, "--check"], stdout=full, stderr=subprocess.PIPE, cwd=folder,
                              env=program.environment(sim.settings()), stdin=subprocess.DEVNULL, timeout=LIMIT_S)
        assert done.returncode == 74, done


# --plan.

def plan(folder, count, *arguments, status=0):
    text = "".join(program.uuid(n) + "\n" for n in range(count))
    done = run(folder, "--plan", *arguments, text=text, env={"GENESYSCLOUD_API_URL": "http://127.0.0.1:1"})
    return dict(line.split(None, 1) for line in done.is_(status).out.splitlines())


@test
def plan_counts_connections_requests_and_time(folder):
    one = plan(folder, 12)
    assert one["users"] == "12" and one["connections"] == "1 (users: 12)"
    assert one["topics"] == "12, v2.users.{id}.presence"
    # To count channels, make one, subscribe, and ask for 12 users.
    assert one["requests"] == "1 for a token, 4 more" and one["at"].startswith("least      0 s")
    large = plan(folder, 20000)
    assert large["connections"].startswith("20 (users: 1000, ") and large["requests"] == "1 for a token, 441 more"
    assert large["at"].startswith("least      60 s"), large
    slow = plan(folder, 20000, "--max-requests-per-minute", "100")
    assert slow["at"].startswith("least      240 s"), slow
    events = plan(folder, 250, "--protocol", "events")
    assert events["connections"] == "3 (users: 100, 100, 50)" and events["subscriptions"] == "3, one message each"
    assert "topics" not in events and events["requests"] == "1 for a token, 0 more"
    assert plan(folder, 120, "--once")["requests"] == "1 for a token, 3 more"


@test
def plan_keeps_to_the_settings(folder):
    for protocol in ("auto", "notifications", "events"):
        more = plan(folder, 12, "--max-subscriptions", "5", "--protocol", protocol)
        assert more["connections"] == "3 (users: 5, 5, 2)", more
    shards = [int(plan(folder, 100, "--shard", "%d/3" % k)["users"]) for k in range(3)]
    assert sum(shards) == 100 and all(shards), shards


@test
def plan_of_more_users_than_fit_is_78_as_a_run_is(folder):
    assert plan(folder, 20001, status=78)["connections"].startswith("21 ")
    plan(folder, 13, "--max-channels", "4", "--max-subscriptions", "3", status=78)
    plan(folder, 12, "--max-channels", "4", "--max-subscriptions", "3", status=0)
    plan(folder, 2001, "--protocol", "events", status=78)


@test
def plan_of_nobody_is_65_as_a_run_is(folder):
    plan(folder, 0, status=65)
    assert "not a UUID" in run(folder, "--plan", "ada").is_(65).err
    assert run(folder, "--plan", "ada", "--protocol", "events").is_(0).out.count("users") == 2


@test
def plan_connects_to_nothing_and_needs_no_client(folder):
    with Sim() as sim:
        done = run(folder, "--plan", "--api-url", sim.ready["url"], *sim.users).is_(0)
        assert sim.ready["url"] in done.out and sim.asked() == 0


# --metrics.

class Metrics:
    """A strict reading of the text format: metrics and their samples."""

    NAME = r"[a-z][a-z0-9_]*"
    SAMPLE = re.compile(r'(%s)(?:\{((?:[a-z]+="[^"\\\n]*",?)*)\})? (-?[0-9.]+)' % NAME)

    def __init__(self, text):
        assert text.endswith("\n")
        self.types, self.samples, current = {}, {}, None
        for line in text.splitlines():
            head = re.fullmatch(r"# (HELP|TYPE) (%s) (.+)" % self.NAME, line)
            if head and head[1] == "HELP":
                current = head[2]
                assert current not in self.types, "twice: %s" % current
                assert current.startswith("gcpresence_")
                self.types[current] = None
            elif head:
                assert head[2] == current and self.types[current] is None and \
                    head[3] in ("counter", "gauge", "histogram"), line
                self.types[current] = head[3]
            else:
                self.sample(line, current)
        for name, kind in self.types.items():
            assert (kind == "counter") == name.endswith("_total"), name

    def sample(self, line, current):
        found = self.SAMPLE.fullmatch(line)
        assert found, line
        name = found[1]
        if self.types[current] == "histogram":
            assert name in (current + "_bucket", current + "_sum", current + "_count"), line
        else:
            assert name == current, line
        key = (name[len("gcpresence_"):], found[2] or "")
        assert key not in self.samples, line
        self.samples[key] = float(found[3])

    def __getitem__(self, key):
        name, _, labels = key.partition("{")
        return self.samples[(name, labels.rstrip("}"))]

    def sum(self, name):
        return sum(value for (one, _), value in self.samples.items() if one == name)


def metrics_of(folder, name="metrics"):
    text = read(folder, name)
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return Metrics(text)


@test
def metrics_count_what_happened(folder):
    with Sim(users=8) as sim:
        live = sim.live(folder, "--metrics", "metrics", *sim.users).printed(8)
        wait(lambda: len(sim.status()["connections"]) == 1, "the connection")
        for state in ("BUSY", "MEAL", "AWAY"):
            sim.change(0, state)
        live.printed(11)
        sim.do("duplicate 1", "change %s BUSY" % sim.users[1])
        live.printed(12)
        sim.do("malform 1 not-json", "change %s BUSY" % sim.users[2])
        live.printed(13)
        sim.do("message %s" % sim.users[2])
        sim.do("drop")
        wait(lambda: "again" in live.err.decode() or sim.status()["connections"], "the next connection")
        sim.change(3, "MEAL")
        live.printed(14)
        live.signal(signal.SIGTERM).end().is_(0)
        got = metrics_of(folder)
        want = {
            'changes_total{source="stream"}': None, "printed_total": 14, "users": 8,
            'reconnects_total{cause="lost"}': 1, 'reconnects_total{cause="silent"}': 0, "tokens_total": 1,
            'dropped_total{reason="malformed"}': 1, 'dropped_total{reason="repeat"}': 1,
            'http_requests_total{endpoint="token",code="200"}': 1, "coalesced_total": 0, "queue_bytes": 0,
            'events_total{source="replay"}': 0}
        for key, value in want.items():
            assert value is None or got[key] == value, (key, got[key], value)
        assert got.sum("changes_total") == 14
        assert got.sum("events_total") == 14 + got['dropped_total{reason="repeat"}'] + \
            got['dropped_total{reason="unchanged"}'] + got['dropped_total{reason="stale"}'], read(folder, "metrics")
        # The lost connection; and the message that could not be read, if there was the time for it.
        assert got["gaps_total"] in (1, 2)
        assert got["gap_seconds_total"] >= 0
        streamed = got['changes_total{source="stream"}']
        assert got["latency_seconds_count"] == streamed == got['latency_seconds_bucket{le="+Inf"}'] > 0


@test
def metrics_tell_why_connections_ended(folder):
    with Sim() as sim:
        def subscribed(users):
            return lambda: sum(row["users"] for row in sim.status()["connections"]) == users

        live = sim.live(folder, "--metrics", "events", "--protocol", "events", "--ping-interval", "0.5", "--ping-timeout",
                        "2", *sim.users)
        for number, directive in enumerate(("close 1001", "close 1011", "drop", "reset", "half-open"), 1):
            wait(subscribed(6), "the subscription")
            sim.do(directive)
            live.until(lambda: live.err.count(b"streams again") == number, "life after %s" % directive)
        live.signal(signal.SIGTERM).end().is_(0)
        got = metrics_of(folder, "events")
        assert [got['reconnects_total{cause="%s"}' % cause] for cause in ("closed", "lost", "silent", "replaced")] == \
            [2, 2, 1, 0], read(folder, "events")
        assert got["gaps_total"] == 5 and got["gap_seconds_total"] > 0

        live = sim.live(folder, "--metrics", "notifications", "--audit", "audit", *sim.users).printed(6)
        sim.do("closing 2")
        wait(lambda: read(folder, "audit").count("CHANNEL_CLOSED") == 1, "the end of the first channel")
        live.signal(signal.SIGTERM).end().is_(0)
        got = metrics_of(folder, "notifications")
        assert got['reconnects_total{cause="replaced"}'] == 1 and got["gaps_total"] == 0, read(folder, "notifications")


@test
def metrics_buckets_never_fall_and_end_in_inf(folder):
    with Sim() as sim:
        live = sim.live(folder, "--metrics", "metrics", "-n", "8", *sim.users).printed(6)
        sim.do("skew 2")
        sim.change(0, "BUSY")
        sim.do("skew -12")
        sim.change(1, "BUSY")
        live.end().is_(0)
        got = metrics_of(folder)
        buckets = [value for (name, _), value in got.samples.items() if name == "latency_seconds_bucket"]
        bounds = [float(labels[4:-1]) for (name, labels) in got.samples if name == "latency_seconds_bucket"]
        assert bounds == sorted(bounds) and bounds[-1] == float("inf"), bounds
        assert buckets == sorted(buckets) and buckets[-1] == 2, buckets
        # One came before it happened, the other one twelve seconds later.
        assert got['latency_seconds_bucket{le="0.005"}'] == got['latency_seconds_bucket{le="10"}'] == 1, buckets
        assert got['latency_seconds_bucket{le="60"}'] == 2 and 9 < got["latency_seconds_sum"] < 30, buckets


@test
def metrics_have_no_label_of_a_user_and_no_secret(folder):
    with Sim() as sim:
        sim.run(folder, "--once", "--metrics", "metrics", *sim.users).is_(0)
        text = read(folder, "metrics")
        labels = set(re.findall(r'([a-z]+)="', text))
        assert labels == {"version", "source", "reason", "cause", "endpoint", "code", "le"}, labels
        assert not any(user in text for user in sim.users) and "sim-" not in text and sim.ready["url"] not in text


@test
def metrics_tell_when_the_token_expires_and_what_is_connected(folder):
    with Sim("--token-life", "5000", users=4) as sim:
        live = sim.live(folder, "--metrics", "metrics", "--max-subscriptions", "2", *sim.users).printed(4)
        wait(lambda: metrics_of(folder).samples.get(("connections_streaming", "")) == 2, "two that stream")
        got = metrics_of(folder)
        assert got["connections"] == 2 and got["channels"] == 2
        assert abs(got["token_expiry_timestamp_seconds"] - time.time() - 5000) < 60
        live.signal(signal.SIGTERM).end().is_(0)


@test
def metrics_are_there_from_the_start_and_replaced_whole_every_5_seconds(folder):
    with Sim("--initial", "random") as sim:
        path = os.path.join(folder, "metrics")
        began = time.monotonic()
        live = sim.live(folder, "--metrics", "metrics", *sim.users)
        wait(lambda: os.path.exists(path), "the first one", 4)
        seen = {}
        while len(seen) < 3 and time.monotonic() - began < LIMIT_S:
            # Whoever opens it gets one that is whole, whenever that is.
            with open(path, encoding="utf-8") as file:
                inode = os.fstat(file.fileno()).st_ino, os.fstat(file.fileno()).st_mtime_ns
                Metrics(file.read())
            seen.setdefault(inode, time.monotonic() - began)
            time.sleep(0.005)
        times = list(seen.values())
        assert len(times) == 3 and 4 < times[1] - times[0] and 4 < times[2] - times[1], times
        live.signal(signal.SIGTERM).end().is_(0)
        assert metrics_of(folder)["printed_total"] == 6
        assert sorted(os.listdir(folder)) == ["metrics"]


@test
def metrics_are_written_at_the_end_whatever_the_end_is(folder):
    with Sim() as sim:
        sim.run(folder, "--metrics", "of-count", "-n", "2", *sim.users).is_(0)
        assert metrics_of(folder, "of-count")["printed_total"] == 2
        done = sim.run(folder, "--metrics", "of-for", "--for", "1", *sim.users).is_(0)
        assert metrics_of(folder, "of-for")["printed_total"] == len(done.changes())
        sim.live(folder, "--metrics", "of-int", *sim.users).printed(6).signal(signal.SIGINT).end().is_(130)
        assert metrics_of(folder, "of-int")["printed_total"] == 6
        sim.do("answer token 401 times 0")
        sim.run(folder, "--metrics", "of-77", *sim.users).is_(77)
        assert metrics_of(folder, "of-77")['http_requests_total{endpoint="token",code="401"}'] == 1


@test
def metrics_that_cannot_be_written_are_told_at_once_and_cost_nothing_else(folder):
    with Sim() as sim:
        live = sim.live(folder, "--metrics", "none/metrics", *sim.users).said("none/metrics").printed(6)
        done = live.signal(signal.SIGTERM).end().is_(0)
        assert done.err.count("warning") == 1 and len(done.changes()) == 6, done.err


# --gaps.

@test
def gaps_are_lines_with_from_to_users_and_cause(folder):
    for protocol in ("notifications", "events"):
        with Sim() as sim:
            live = sim.live(folder, "--gaps", "--protocol", protocol, "--metrics", "m", "--audit", protocol, *sim.users)
            wait(lambda: sum(row["users"] for row in sim.status()["connections"]) == 6, "the subscription")
            sim.change(0, "BUSY")
            live.until(lambda: b"BUSY" in live.out, "BUSY")
            sim.do("drop")
            live.until(lambda: b'"gap"' in live.out, "the gap")
            gap = [line for line in live.lines() if "gap" in line][0]
            assert list(gap) == ["gap"] and list(gap["gap"]) == ["from", "to", "users", "cause"], gap
            gap = gap["gap"]
            for key in ("from", "to"):
                assert re.fullmatch(r"[0-9T:-]{19}\.[0-9]{3}Z", gap[key]), gap
            assert gap["from"] <= gap["to"] and gap["users"] == 6 and gap["cause"], gap
            # The events protocol does not say when the simulator has read it.
            wait(lambda: sum(row["users"] for row in sim.status()["connections"]) == 6, "the subscription, anew")
            sim.change(0, "MEAL")
            live.until(lambda: b"MEAL" in live.out, "MEAL")
            live.signal(signal.SIGTERM).end().is_(0)
            got = metrics_of(folder, "m")
            assert got["gaps_total"] == 1 and got["printed_total"] == len(live.lines()) - 1
            audited = [json.loads(line) for line in read(folder, protocol).splitlines()]
            assert [one["action"] for one in audited].count("STREAM_GAP") == 1


@test
def gaps_are_not_printed_unasked_and_count_counts_no_gap(folder):
    with Sim() as sim:
        for more, count in (([], 7), (["--gaps"], 7)):
            live = sim.live(folder, "-n", count, *more, *sim.users).printed(6)
            wait(lambda: sim.status()["connections"], "the connection")
            sim.do("drop")
            live.until(lambda: b"blind" in live.err or b"gap" in live.err or b'"gap"' in live.out, "the gap")
            sim.change(0, "BUSY" if more else "AWAY")
            lines = live.end().is_(0).changes()
            assert len([line for line in lines if "gap" not in line]) == 7, lines
            assert len([line for line in lines if "gap" in line]) == len(more), lines


# The log.

@test
def log_in_json_is_json_whatever_is_said(folder):
    write(folder, "bad.yaml", "regoin: x")
    write(folder, "team.yaml", "log_format: json", "users: [no-uuid]")
    for status, arguments in ((64, ["--bogus"]), (78, ["--for", "x"]), (78, ["-f", "bad.yaml"]), (66, ["-f", "none"]),
                              (78, ["--only", ""]), (65, ["--plan", "no-uuid"]), (78, ["a"])):
        done = run(folder, "--log-format", "json", *arguments).is_(status)
        rows = [json.loads(line) for line in done.err.splitlines()]
        assert rows and all(list(row)[:3] == ["time", "level", "program"] for row in rows), done.err
        assert rows[-1]["level"] == "error" and rows[-1]["program"] == "gcpresence", done.err
    rows = [json.loads(line) for line in run(folder, "-f", "team.yaml", "--plan").err.splitlines()]
    assert rows, "the setting of the file counts"
    with Sim() as sim:
        live = sim.live(folder, "--log-format", "json", "-vv", *sim.users).printed(6)
        sim.do("drop")
        live.said("blind").signal(signal.SIGUSR1).said("statistics")
        done = live.signal(signal.SIGTERM).end().is_(0)
        rows = [json.loads(line) for line in done.err.splitlines()]
        assert [row["level"] for row in rows if "statistics" in row["message"]] == ["notice"], done.err
        levels = {row["level"] for row in rows}
        assert levels <= {"debug", "info", "notice", "warning", "error"} and "debug" in levels, levels


def to_journal(folder, arguments, connect=True, **env):
    """Standard error of a run to whom it is the journal's socket, or a file."""
    path = os.path.join(folder, "stderr")
    with open(path, "w+", encoding="utf-8") as file:
        status = os.fstat(file.fileno())
        name = "%d:%d" % (status.st_dev, status.st_ino if connect else status.st_ino + 1)
        subprocess.run([program.PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file,
                       env=program.environment(dict(env, JOURNAL_STREAM=name)), cwd=folder, timeout=LIMIT_S)
    return read(folder, "stderr").splitlines()


@test
def log_to_the_journal_has_priorities(folder):
    write(folder, "bad.yaml", "regoin: x")
    assert [line[:3] for line in to_journal(folder, ["--plan", "no-uuid"])] == ["<4>", "<3>"]
    assert to_journal(folder, ["--bogus"])[0].startswith("<3>gcpresence: ")
    assert to_journal(folder, ["-f", "bad.yaml"])[0].startswith("<3>gcpresence: bad.yaml:1:1: ")
    rows = to_journal(folder, ["--log-format", "json", "--plan", "no-uuid"])
    assert [line[:3] for line in rows] == ["<4>", "<3>"] and json.loads(rows[0][3:])["level"] == "warning"


@test
def log_to_something_else_has_no_priorities(folder):
    assert to_journal(folder, ["--bogus"], connect=False)[0].startswith("gcpresence: ")


# Signals.

@test
def usr1_prints_one_line_of_statistics_with_each_level(folder):
    with Sim() as sim:
        for more in ([], ["-q"], ["-v"]):
            live = sim.live(folder, *more, *sim.users).printed(6).signal(signal.SIGUSR1).said("queued")
            done = live.signal(signal.SIGTERM).end().is_(0)
            lines = [line for line in done.err.splitlines() if "statistics" in line]
            assert len(lines) == 1 and "6 users" in lines[0] and "6 changes printed" in lines[0], done.err


@test
def hup_leaves_the_settings_of_the_start_alone(folder):
    """What they say is used for as long as the program runs."""
    terminal = Terminal()
    with Sim() as sim:
        def team(states, metrics, users):
            write(folder, "team.yaml.new", "until: " + states, "metrics: " + metrics, "max_subscriptions: 3",
                  "users: [%s]" % ", ".join(users))
            os.rename(os.path.join(folder, "team.yaml.new"), os.path.join(folder, "team.yaml"))

        team("BUSY", "first", sim.users[:1])
        live = sim.live(folder, "-f", "team.yaml", stderr=terminal.theirs).printed(1)
        for round in range(3):
            team("MEAL,AWAY", "second", sim.users[:2 + round])
            live.signal(signal.SIGHUP).printed(2 + round)
        for user in range(4):
            sim.change(user, "BUSY")
        live.end().is_(0)
        wait(lambda: "4 of 4 users are BUSY" in terminal.look(), "the last line")
        assert "MEAL" not in terminal.close()
        assert sorted(os.listdir(folder)) == ["first", "team.yaml"], os.listdir(folder)
        assert metrics_of(folder, "first")["users"] == 4


@test
def hup_refuses_a_file_whose_settings_are_bad(folder):
    with Sim() as sim:
        write(folder, "team.yaml", "- " + sim.users[0])
        live = sim.live(folder, "-f", "team.yaml").printed(1)
        write(folder, "team.yaml", "max_retries: many", "users: [%s]" % ", ".join(sim.users))
        live.signal(signal.SIGHUP).said("going on as before")
        sim.change(0, "BUSY")
        assert len(live.printed(2).signal(signal.SIGTERM).end().is_(0).changes()) == 2


if __name__ == "__main__":
    sys.exit(main(all_tests(globals()), sys.argv[1:]))
