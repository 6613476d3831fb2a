#!/usr/bin/env python3
"""The main paths, against a service that is made of other parts (tests/plain).

Speaks TAP.  Each test is a function; its name is the claim.
"""

import asyncio
import json
import os
import queue
import random
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "plain"))
import service as plain     # noqa: E402: it is not in a package

PROGRAM = os.path.abspath(os.environ.get("GCPRESENCE", "gcpresence"))
SCHEMA = os.path.join(HERE, "..", "..", "share", "change.schema.json")
STATES = {"AVAILABLE": "6a3af858-942f-489d-9700-5f9bcdcdae9b", "AWAY": "5e5c5c66-ea97-4e7f-ac41-6424784829f2",
          "BUSY": "31fe3bac-dea6-44b7-bed7-47f91660a1a0", "MEETING": "bbdff279-7ae1-48ea-bade-7831d7234c64",
          "ON_QUEUE": "e08eaf1b-ee47-4fa9-a231-1200e284798f"}
LIMIT_S = 30


class Program:
    """gcpresence with the service's credentials; lines come by a thread."""

    def __init__(self, *arguments, users="", env=None):
        self.process = subprocess.Popen(
            [PROGRAM, "--retry-base", "0.01", "--retry-max", "0.1", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, GENESYSCLOUD_OAUTHCLIENT_ID=plain.CLIENT[0],
                     GENESYSCLOUD_OAUTHCLIENT_SECRET=plain.CLIENT[1], no_proxy="*", **(env or {})))
        self.lines = []
        self.queue = queue.Queue()
        self.said = []
        self.threads = [threading.Thread(target=self.read_lines, daemon=True),
                        threading.Thread(target=self.read_errors, daemon=True)]
        for thread in self.threads:
            thread.start()
        self.process.stdin.write(users)
        self.process.stdin.close()

    def read_lines(self):
        for line in self.process.stdout:
            self.queue.put(line)

    def read_errors(self):
        for line in self.process.stderr:
            self.said.append(line)

    def expect(self, count):
        """Waits until so many lines have come in all, and checks each."""
        deadline = time.monotonic() + LIMIT_S
        while len(self.lines) < count:
            try:
                line = self.queue.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError("%d lines, not %d; it said: %s" % (len(self.lines), count, "".join(self.said)))
            change = json.loads(line)
            VALIDATOR.validate(change)
            self.lines.append(change)
        return self.lines

    def end(self, status=0, by=signal.SIGTERM):
        if by is not None:
            self.process.send_signal(by)
        got = self.process.wait(LIMIT_S)
        for thread in self.threads:
            thread.join(LIMIT_S)
        said = "".join(self.said)
        assert self.queue.empty(), "a line that nobody expected: %s" % self.queue.get()
        assert "Sanitizer" not in said, said
        assert got == status, "status %d, not %d; it said: %s" % (got, status, said)
        return said

    def kill(self):
        self.process.kill()
        self.process.wait()


def uuid(number):
    return "00000000-0000-4000-8000-%012d" % number


def moment(ms):
    return "2026-01-01T%02d:%02d:%02d.%03dZ" % (9 + ms // 3600000, ms // 60000 % 60, ms // 1000 % 60, ms % 1000)


def event(user, state, ms):
    return json.dumps({"eventType": "presence", "userId": user, "state": state, "timestamp": moment(ms)})


def notification(user, state, ms):
    return json.dumps({
        "topicName": "v2.users.%s.presence" % user, "version": "2",
        "eventBody": {"source": "PURECLOUD", "primary": True, "message": "", "modifiedDate": moment(ms),
                      "presenceDefinition": {"id": STATES[state], "systemPresence": state}},
        "metadata": {"CorrelationId": uuid(ms)}})


def row(user, state, ms):
    return {"userId": user, "source": "PURECLOUD", "message": "", "modifiedDate": moment(ms),
            "presenceDefinition": {"id": STATES[state], "systemPresence": state.replace("_", " ").title()}}


def truth(users, count, seed, first_ms=1000, known=None):
    """count changes of these users: (user, state, ms), no state twice in a row."""
    dice, states, changes = random.Random(seed), dict(known or {}), []
    for i in range(count):
        user = dice.choice(users)
        state = dice.choice([one for one in sorted(STATES) if one != states.get(user)])
        states[user] = state
        changes.append((user, state, first_ms + i))
    return changes


def printed(lines):
    return [(line["userId"], line["state"], line["timestamp"]) for line in lines]


def journal(changes):
    return [(user, state, moment(ms)) for user, state, ms in changes]


def per_user(changes):
    lists = {}
    for change in changes:
        lists.setdefault(change[0], []).append(change)
    return lists


class Certificates:
    """A CA, another one, and servers' certificates of both, made by openssl."""

    def __init__(self, directory):
        self.directory = directory
        for name in ("ca", "other"):
            self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                         "-keyout", self.path(name + ".key"), "-out", self.path(name + ".pem"), "-days", "2",
                         "-subj", "/CN=gcpresence test " + name)
        self.good = self.make("good", "ca", "DNS:localhost,IP:127.0.0.1")
        self.foreign = self.make("foreign", "other", "DNS:localhost,IP:127.0.0.1")
        self.misnamed = self.make("misnamed", "ca", "DNS:elsewhere.example,IP:192.0.2.1")
        self.ca = self.path("ca.pem")

    def path(self, name):
        return os.path.join(self.directory, name)

    @staticmethod
    def openssl(*arguments):
        done = subprocess.run(["openssl", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise RuntimeError(done.stdout.decode())

    def make(self, name, ca, names):
        with open(self.path(name + ".ext"), "w") as file:
            file.write("subjectAltName=%s\n" % names)
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                     "-keyout", self.path(name + ".key"), "-out", self.path(name + ".csr"), "-subj", "/CN=localhost")
        self.openssl("x509", "-req", "-in", self.path(name + ".csr"), "-CA", self.path(ca + ".pem"),
                     "-CAkey", self.path(ca + ".key"), "-CAcreateserial", "-days", "2",
                     "-extfile", self.path(name + ".ext"), "-out", self.path(name + ".pem"))
        return plain.server_context((self.path(name + ".pem"), self.path(name + ".key")))


class Test:
    """What the tests share; everything that was started ends with the test."""

    def __init__(self, certificates):
        self.certificates = certificates
        self.services = []
        self.programs = []

    def service(self, **arguments):
        service = plain.Service(**arguments).start()
        self.services.append(service)
        return service

    def program(self, *arguments, **keywords):
        program = Program(*arguments, **keywords)
        self.programs.append(program)
        return program

    def events(self, service, *arguments, **keywords):
        return self.program("--protocol", "events", "--login-url", service.rest_url,
                            "--api-url", service.socket_url, *arguments, **keywords)

    def over(self):
        for program in self.programs:
            program.kill()
        for service in self.services:
            service.stop()
            assert not service.complaints, service.complaints


# The tests.

def events_of_two_users_are_printed_as_they_happened(test):
    service = test.service()
    program = test.events(service, users="user-id-1\nuser-id-2\n")
    service.wait(lambda: service.users)
    assert [text for _, text in service.received] == [
        '{"type":"subscribe","eventTypes":["presence"],"filters":{"userId":["user-id-1","user-id-2"]}}']
    changes = truth(["user-id-1", "user-id-2"], 500, seed=1)
    service.publish([(user, event(user, state, ms)) for user, state, ms in changes])
    assert printed(program.expect(500)) == journal(changes)
    program.end()
    service.wait(lambda: service.closed)
    assert service.closed[0][1] == 1000, service.closed


def events_of_250_users_come_over_three_connections(test):
    service = test.service()
    users = ["user-%d" % i for i in range(250)]
    program = test.events(service, users="\n".join(users))
    service.wait(lambda: sum(len(one) for one in service.users.values()) == 250)
    assert sorted(len(one) for one in service.users.values()) == [50, 100, 100]
    changes = truth(users, 1000, seed=2)
    service.publish([(user, event(user, state, ms)) for user, state, ms in changes])
    # One user's changes are in order; those of different connections may overtake.
    assert per_user(printed(program.expect(1000))) == per_user(journal(changes))
    program.end()


def events_go_on_after_the_service_was_killed_and_restarted(test):
    service = test.service()
    program = test.events(service, "--max-retries", "0", users="user-1\nuser-2\n")
    service.wait(lambda: service.users)
    service.publish([("user-1", event("user-1", "BUSY", 1000))])
    program.expect(1)
    begin = service.restart_sockets()
    service.wait(lambda: not service.sockets)
    deadline = time.monotonic() + LIMIT_S
    while not any("trying again" in line for line in program.said) and time.monotonic() < deadline:
        time.sleep(0.01)
    begin()
    service.wait(lambda: service.users)
    service.publish([("user-1", event("user-1", "BUSY", 1000)), ("user-2", event("user-2", "AWAY", 2000)),
                     ("user-1", event("user-1", "AWAY", 3000))])
    lines = program.expect(3)
    assert printed(lines) == journal([("user-1", "BUSY", 1000), ("user-2", "AWAY", 2000), ("user-1", "AWAY", 3000)])
    assert lines[2]["previousState"] == "BUSY" and lines[2]["previousForMs"] == 2000
    assert "streams again" in program.end()


def events_are_pinged_and_answer_pings(test):
    service = test.service()
    program = test.events(service, "--ping-interval", "0.1", "--ping-timeout", "0.1", users="user-1\n")
    service.wait(lambda: service.users)
    socket = service.sockets[0][1]

    async def ping():
        for _ in range(5):
            await (await socket.ping())
            await asyncio.sleep(0.1)
    service.do(ping())
    assert len(service.sockets) == 1 and not service.closed
    program.end()


def notifications_of_2500_users_come_over_three_channels(test):
    service = test.service()
    users = [uuid(i) for i in range(2500)]
    service.presences = {user: row(user, "AVAILABLE", 0) for user in users}
    program = test.program("--protocol", "notifications", "--api-url", service.rest_url,
                           users="".join("%s Name of %d\n" % (user, i) for i, user in enumerate(users)))
    lines = program.expect(2500)
    assert sorted(line["userId"] for line in lines) == users
    assert all(line["source"] == "snapshot" and line["state"] == "AVAILABLE" and
               line["name"] == "Name of %d" % int(line["userId"][-12:]) for line in lines)
    assert sorted(len(topics) for topics in service.channels.values()) == [500, 1000, 1000], service.channels.keys()
    assert len(service.sockets) == 3
    changes = truth(users, 5000, seed=3, known={user: "AVAILABLE" for user in users})
    service.publish([(user, notification(user, state, ms)) for user, state, ms in changes])
    lines = program.expect(7500)[2500:]
    assert per_user(printed(lines)) == per_user(journal(changes))
    assert all(line["source"] == "stream" and line["presenceId"] == STATES[line["state"]] for line in lines)
    # No call too many: a token, one count of channels, three channels and their topics, 50 pages of 50.
    assert len(service.requests) == 1 + 1 + 3 + 3 + 50, len(service.requests)
    program.end()
    service.wait(lambda: len(service.closed) == 3 and not any(service.channels.values()))
    assert [code for _, code in service.closed] == [1000] * 3


def notifications_fill_a_gap_by_a_snapshot(test):
    service = test.service()
    users = [uuid(i) for i in range(120)]
    service.presences = {user: row(user, "AVAILABLE", 0) for user in users}
    program = test.program("--protocol", "notifications", "--api-url", service.rest_url, users="\n".join(users))
    program.expect(120)
    missed = truth(users, 60, seed=4, known={user: "AVAILABLE" for user in users})
    latest = {user: (user, state, ms) for user, state, ms in missed}
    for user, state, ms in missed:
        service.presences[user] = row(user, state, ms)
    service.drop_sockets()
    lines = program.expect(120 + sum(change[1] != "AVAILABLE" for change in latest.values()))[120:]
    assert sorted(printed(lines)) == sorted(journal([c for c in latest.values() if c[1] != "AVAILABLE"]))
    assert all(line["source"] == "snapshot" for line in lines)
    assert "streams again" in program.end()


def notifications_name_who_is_refused_and_stream_the_rest(test):
    service = test.service()
    service.rejected = {uuid(2): "presence:userPresence:view"}
    service.presences = {uuid(i): row(uuid(i), "AWAY", 0) for i in range(5)}
    program = test.program("--protocol", "notifications", "--api-url", service.rest_url, *[uuid(i) for i in range(5)])
    assert sorted(line["userId"] for line in program.expect(4)) == [uuid(i) for i in (0, 1, 3, 4)]
    said = program.end()
    assert uuid(2) in said and "presence:userPresence:view" in said, said


def auto_takes_the_notifications_api(test):
    service = test.service()
    service.presences = {uuid(1): row(uuid(1), "AWAY", 0)}
    program = test.program("--api-url", service.rest_url, uuid(1))
    program.expect(1)
    program.end()
    assert len(service.closed) == 1 and service.closed[0][0].startswith("/channels/")


def tls_with_its_own_ca_for_rest_and_socket(test):
    certificates = test.certificates
    for name in ("localhost", "127.0.0.1"):
        service = test.service(rest_tls=certificates.good, socket_tls=certificates.good, name=name)
        service.presences = {uuid(1): row(uuid(1), "AVAILABLE", 0)}
        program = test.program("--cacert", certificates.ca, "--protocol", "notifications", "--api-url",
                               service.rest_url, uuid(1))
        program.expect(1)
        service.wait(lambda: any(service.channels.values()))
        service.publish([(uuid(1), notification(uuid(1), "BUSY", 1000))])
        program.expect(2)
        program.end()
        program = test.events(service, "--cacert", certificates.ca, "user-1")
        service.wait(lambda: service.users)
        service.publish([("user-1", event("user-1", "BUSY", 1000))])
        program.expect(1)
        program.end()


def refused(test, service, program, words):
    """It ends by itself, with 69, one line, and no try after the first one."""
    said = program.end(status=69, by=None)
    assert len(said.splitlines()) == 1 and any(word in said for word in words), said
    assert not service.sockets and not service.received, service.received


def tls_with_an_unknown_ca_is_refused_for_rest(test):
    service = test.service(rest_tls=test.certificates.foreign, socket_tls=test.certificates.good, name="localhost")
    refused(test, service, test.events(service, "--cacert", test.certificates.ca, "user-1"),
            ("certificate", "issuer"))
    assert not service.requests, service.requests


def tls_with_an_unknown_ca_is_refused_for_the_socket(test):
    service = test.service(rest_tls=test.certificates.good, socket_tls=test.certificates.foreign, name="localhost")
    refused(test, service, test.events(service, "--cacert", test.certificates.ca, "user-1"),
            ("certificate", "issuer"))
    assert len(service.requests) == 1, service.requests


def tls_with_an_unknown_ca_is_refused_for_the_channels_socket(test):
    service = test.service(rest_tls=test.certificates.good, socket_tls=test.certificates.foreign, name="localhost")
    refused(test, service, test.program("--cacert", test.certificates.ca, "--protocol", "notifications", "--api-url",
                                        service.rest_url, uuid(1)), ("certificate", "issuer"))


def tls_without_cacert_trusts_the_systems_cas_only(test):
    service = test.service(rest_tls=test.certificates.good, socket_tls=test.certificates.good, name="localhost")
    refused(test, service, test.events(service, "user-1"), ("certificate", "issuer"))
    assert not service.requests, service.requests


def tls_with_another_host_name_is_refused_for_rest(test):
    service = test.service(rest_tls=test.certificates.misnamed, socket_tls=test.certificates.good, name="localhost")
    refused(test, service, test.events(service, "--cacert", test.certificates.ca, "user-1"),
            ("localhost", "subject name", "mismatch"))
    assert not service.requests, service.requests


def tls_with_another_host_name_is_refused_for_the_socket(test):
    service = test.service(rest_tls=test.certificates.good, socket_tls=test.certificates.misnamed, name="localhost")
    refused(test, service, test.events(service, "--cacert", test.certificates.ca, "user-1"),
            ("mismatch", "name"))
    assert len(service.requests) == 1, service.requests


def tls_with_another_address_is_refused_for_rest_and_socket(test):
    service = test.service(rest_tls=test.certificates.misnamed, socket_tls=test.certificates.good)
    refused(test, service, test.events(service, "--cacert", test.certificates.ca, "user-1"), ("127.0.0.1",))
    service = test.service(rest_tls=test.certificates.good, socket_tls=test.certificates.misnamed)
    refused(test, service, test.events(service, "--cacert", test.certificates.ca, "user-1"), ("127.0.0.1",))


def check_that_old_clients_can(test, old):
    """Else the refusal would prove nothing."""
    service = test.service(rest_tls=old, name="localhost")
    done = subprocess.run(["openssl", "s_client", "-connect", service.rest_url[len("https://"):], "-tls1_1",
                           "-cipher", "ALL:@SECLEVEL=0", "-CAfile", test.certificates.ca, "-verify_return_error"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")


def tls_1_1_is_too_old_for_rest_and_socket(test):
    old = test.certificates.make("old", "ca", "DNS:localhost")
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    check_that_old_clients_can(test, old)
    for rest, socket in ((old, test.certificates.good), (test.certificates.good, old)):
        service = test.service(rest_tls=rest, socket_tls=socket, name="localhost")
        program = test.events(service, "--max-retries", "1", "--cacert", test.certificates.ca, "user-1")
        said = program.end(status=69, by=None)
        assert "gave up" in said, said
        assert not service.sockets and not service.received


def connect_uri_without_tls_is_refused_where_the_api_has_it(test):
    service = test.service(rest_tls=test.certificates.good, name="localhost")
    program = test.program("--cacert", test.certificates.ca, "--protocol", "notifications", "--api-url",
                           service.rest_url, uuid(1))
    said = program.end(status=78, by=None)
    assert "wss" in said and "streaming-0" not in said, said
    assert not service.closed and not service.sockets


TESTS = [
    events_of_two_users_are_printed_as_they_happened,
    events_of_250_users_come_over_three_connections,
    events_go_on_after_the_service_was_killed_and_restarted,
    events_are_pinged_and_answer_pings,
    notifications_of_2500_users_come_over_three_channels,
    notifications_fill_a_gap_by_a_snapshot,
    notifications_name_who_is_refused_and_stream_the_rest,
    auto_takes_the_notifications_api,
    tls_with_its_own_ca_for_rest_and_socket,
    tls_with_an_unknown_ca_is_refused_for_rest,
    tls_with_an_unknown_ca_is_refused_for_the_socket,
    tls_with_an_unknown_ca_is_refused_for_the_channels_socket,
    tls_without_cacert_trusts_the_systems_cas_only,
    tls_with_another_host_name_is_refused_for_rest,
    tls_with_another_host_name_is_refused_for_the_socket,
    tls_with_another_address_is_refused_for_rest_and_socket,
    tls_1_1_is_too_old_for_rest_and_socket,
    connect_uri_without_tls_is_refused_where_the_api_has_it,
]


def main(names):
    tests = [test for test in TESTS if not names or any(name in test.__name__ for name in names)]
    directory = tempfile.mkdtemp(prefix="gcp-plain-")
    failed = 0
    print("1..%d" % len(tests), flush=True)
    try:
        certificates = Certificates(directory)
        for number, function in enumerate(tests, 1):
            test = Test(certificates)
            trouble = None
            try:
                function(test)
            except Exception:
                trouble = traceback.format_exc()
            try:
                test.over()
            except AssertionError as why:
                trouble = (trouble or "") + "the service complains: %s" % why
            failed += trouble is not None
            print("%sok %d - %s" % ("not " if trouble else "", number, function.__name__))
            if trouble:
                print("".join("#   %s\n" % line for line in trouble.splitlines()), end="")
            sys.stdout.flush()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 1 if failed else 0


with open(SCHEMA) as schema_file:
    VALIDATOR = jsonschema.Draft7Validator(json.load(schema_file))

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
