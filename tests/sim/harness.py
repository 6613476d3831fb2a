"""What the simulator's tests share: the simulator, an HTTP client, two
WebSocket clients (the websockets library, and a raw one), and TAP."""

import asyncio
import base64
import http.client
import json
import os
import select
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import traceback
import urllib.parse

import websockets

PROGRAM = os.environ.get("GCPRESENCE_SIM", "./gcpresence-sim")
LIMIT = 10  # seconds that a condition may take
CHANNELS = "/api/v2/notifications/channels"
BULK = "/api/v2/users/presences/purecloud/bulk"
PAIR = "client_id=sim-client&client_secret=sim-secret"
TESTS = []


def test(sentence):
    """Registers a function as the proof of a sentence."""

    def register(function):
        TESTS.append((sentence, function))
        return function

    return register


class Skip(Exception):
    """What judges is not there; the text says what that is."""


def run_all(only=None):
    """Runs the tests and prints TAP; the number of failures."""
    chosen = [t for t in TESTS if not only or only in t[0]]
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, (sentence, function) in enumerate(chosen, 1):
        start = time.monotonic()
        try:
            function()
            print(f"ok {number} - {sentence}", flush=True)
        except Skip as why:
            print(f"ok {number} - {sentence} # SKIP {why}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {sentence}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
        if os.environ.get("TIMES"):
            print(f"# {time.monotonic() - start:.2f} s", flush=True)
    return failed


def same(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what} got {got!r}, wanted {want!r}")


def check(condition, what="condition"):
    if not condition:
        raise AssertionError(what)


def until(condition, what="condition", limit=LIMIT):
    """Waits for a condition to hold; returns what it gave."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"never came: {what}")
        time.sleep(0.005)


def run(*options, limit=LIMIT):
    """Runs the simulator to its end: status, standard output, error."""
    done = subprocess.run(
        [PROGRAM, *options], capture_output=True, text=True, timeout=limit, check=False
    )
    return done.returncode, done.stdout, done.stderr


def ids(*options):
    return [line.split("\t")[0] for line in run("--ids", *options)[1].splitlines()]


def topic(user):
    return f"v2.users.{user}.presence"


class Answer:
    def __init__(self, answer):
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    def json(self):
        return json.loads(self.body)


class Sim:
    """A simulator that runs for the length of a "with"."""

    def __init__(self, *options, journal=False, script=None, tls=None, env=None):
        self.folder = tempfile.TemporaryDirectory()
        self.options = [str(option) for option in options]
        self.journal_path = os.path.join(self.folder.name, "journal")
        if journal:
            self.options += ["--journal", self.journal_path]
        if script is not None:
            path = os.path.join(self.folder.name, "script")
            with open(path, "w", encoding="utf-8") as file:
                file.write(script)
            self.options += ["--script", path]
        self.tls = tls
        if tls:
            self.options += ["--tls-cert", tls[0], "--tls-key", tls[1]]
        self.env = env
        self.closing = []
        self.status_of_end = None

    def __enter__(self):
        self.errors = open(
            os.path.join(self.folder.name, "errors"), "w+", encoding="utf-8"
        )
        self.process = subprocess.Popen(
            [PROGRAM, *self.options],
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=self.env,
        )
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            raise AssertionError(f"did not start: {self.errors.read()}")
        self.ready = json.loads(line)
        self.url = urllib.parse.urlsplit(self.ready["url"])
        self.address = (self.url.hostname, self.url.port)
        self.secret = None
        return self

    def __exit__(self, kind, value, trace):
        self.stop()
        self.errors.seek(0)
        errors = self.errors.read()
        self.errors.close()
        self.folder.cleanup()
        if kind is None:
            check("Sanitizer" not in errors, errors)
            check("runtime error" not in errors, errors)

    def stop(self):
        for each in self.closing:
            each.abandon()
        self.closing = []
        if self.status_of_end is not None:
            return self.status_of_end
        if self.process.poll() is None:
            self.process.terminate()
        self.rest = self.process.stdout.read()
        self.status_of_end = self.process.wait(LIMIT)
        self.process.stdout.close()
        return self.status_of_end

    # HTTP

    def connection(self, timeout=LIMIT):
        if self.tls:
            context = ssl.create_default_context(cafile=self.tls[0])
            return http.client.HTTPSConnection(
                *self.address, timeout=timeout, context=context
            )
        return http.client.HTTPConnection(*self.address, timeout=timeout)

    def call(self, method, path, body=None, headers=None, timeout=LIMIT):
        connection = self.connection(timeout)
        try:
            if isinstance(body, (list, dict)):
                body = json.dumps(body)
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def token_call(self, secret="sim-secret", name="sim-client", body=None, **more):
        login = base64.b64encode(f"{name}:{secret}".encode()).decode()
        return self.call(
            "POST",
            "/oauth/token",
            "grant_type=client_credentials" if body is None else body,
            {
                "Authorization": "Basic " + login,
                "Content-Type": "application/x-www-form-urlencoded",
            },
            **more,
        )

    def token(self):
        return self.token_call().json()["access_token"]

    def api(self, method, path, body=None, token=None, headers=None, timeout=LIMIT):
        if token is None:
            if self.secret is None:
                self.secret = self.token()
            token = self.secret
        headers = {"Authorization": "Bearer " + token, **(headers or {})}
        return self.call(method, path, body, headers, timeout)

    def do(self, *directives):
        answer = self.call("POST", "/sim/do", "\n".join(directives))
        same(answer.status, 200, answer.body)
        return answer.json()["done"]

    def status(self):
        return self.call("GET", "/sim/status").json()

    def states(self):
        rows = self.call("GET", "/sim/states").json()
        return {row["userId"]: row for row in rows}

    # Notifications

    def channel(self, token=None):
        answer = self.api("POST", CHANNELS, token=token)
        same(answer.status, 200, answer.body)
        return answer.json()

    def subscribe(self, channel, users, method="PUT"):
        answer = self.api(
            method,
            f"{CHANNELS}/{channel['id']}/subscriptions",
            [{"id": topic(user)} for user in users],
        )
        same(answer.status, 200, answer.body)
        return answer.json()

    def connect(self, uri, raw=False):
        client = Raw(self, uri) if raw else Library(self, uri)
        self.closing.append(client)
        return client

    def stream(self, users, raw=False):
        """A connected channel with these users."""
        channel = self.channel()
        client = self.connect(channel["connectUri"], raw)
        client.channel = channel
        self.subscribe(channel, users)
        return client

    def events_uri(self, token=None):
        scheme = "wss" if self.tls else "ws"
        return (
            f"{scheme}://{self.url.netloc}/api/v2/analytics/events"
            f"?token={token or self.token()}"
        )

    def events(self, users, raw=False):
        client = self.connect(self.events_uri(), raw)
        if users is not None:
            client.send(subscription(users))
            until(
                lambda: any(
                    row["users"] == len(set(users))
                    for row in self.status()["connections"]
                ),
                "the subscription",
            )
        return client

    # The journal

    def journal(self):
        with open(self.journal_path, encoding="utf-8") as file:
            # The last line may be half written.
            return [json.loads(line) for line in file.read().splitlines(True) if line.endswith("\n")]

    def changes(self):
        return [row for row in self.journal() if "n" in row]


def subscription(users, kinds=("presence",)):
    return json.dumps(
        {
            "type": "subscribe",
            "eventTypes": list(kinds),
            "filters": {"userId": list(users)},
        }
    )


class Closed(Exception):
    """The other side is gone."""

    def __init__(self, code, reason=""):
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class Refused(Exception):
    """The upgrade got another answer."""

    def __init__(self, status, headers):
        super().__init__(str(status))
        self.status = status
        self.headers = headers


class Loop:
    """An asyncio loop in a thread, for the library."""

    one = None

    @classmethod
    def run(cls, coroutine, limit=LIMIT):
        if cls.one is None:
            cls.one = asyncio.new_event_loop()
            threading.Thread(target=cls.one.run_forever, daemon=True).start()

        async def bounded():
            return await asyncio.wait_for(coroutine, limit)

        return asyncio.run_coroutine_threadsafe(bounded(), cls.one).result()


class Library:
    """The websockets library, called as if it were not asynchronous."""

    def __init__(self, sim, uri):
        context = None
        if sim.tls:
            context = ssl.create_default_context(cafile=sim.tls[0])

        async def connect():
            return await websockets.connect(
                uri,
                ping_interval=None,
                compression=None,
                ssl=context,
                max_size=64 << 20,
                max_queue=None,
                open_timeout=LIMIT,
                close_timeout=1,
            )

        try:
            self.peer = Loop.run(connect())
        except websockets.InvalidStatusCode as error:
            raise Refused(error.status_code, error.headers) from None

    def send(self, text):
        Loop.run(self.peer.send(text))

    def recv(self, limit=LIMIT):
        try:
            return Loop.run(self.peer.recv(), limit)
        except websockets.ConnectionClosed:
            raise Closed(self.peer.close_code, self.peer.close_reason) from None

    def json(self, limit=LIMIT):
        return json.loads(self.recv(limit))

    def silent(self, seconds=0.15):
        """Whether nothing comes for a while; what comes is lost."""
        try:
            Loop.run(self.peer.recv(), seconds)
            return False
        except asyncio.TimeoutError:
            return True

    def ping(self, limit=LIMIT):
        async def ping():
            await (await self.peer.ping())

        Loop.run(ping(), limit)

    def close(self, code=1000, reason=""):
        Loop.run(self.peer.close(code, reason))

    def ended(self, limit=LIMIT):
        """The code with which the connection ends, messages aside."""
        while True:
            try:
                self.recv(limit)
            except Closed as closed:
                return closed.code

    def abandon(self):
        async def abort():
            self.peer.transport.abort()
            await self.peer.wait_closed()

        Loop.run(abort())


class Raw:
    """Frames by hand, so that what is wrong with them is seen."""

    def __init__(self, sim, uri, extra=b"", buffer=None, wait=True):
        parts = urllib.parse.urlsplit(uri)
        self.bytes = b""
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(LIMIT)
        self.socket.connect((parts.hostname, parts.port))
        if sim.tls:
            context = ssl.create_default_context(cafile=sim.tls[0])
            self.socket = context.wrap_socket(
                self.socket, server_hostname=parts.hostname
            )
        path = parts.path + ("?" + parts.query if parts.query else "")
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode() + extra
        )
        if wait:
            self.handshake()

    def handshake(self):
        while b"\r\n\r\n" not in self.bytes:
            self.more()
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        check(head.startswith(b"HTTP/1.1 101 "), head)
        # The example of RFC 6455, section 1.3.
        check(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head, head)

    def more(self):
        got = self.socket.recv(1 << 16)
        if not got:
            raise Closed(1006)
        self.bytes += got

    def take(self, count):
        while len(self.bytes) < count:
            self.more()
        got, self.bytes = self.bytes[:count], self.bytes[count:]
        return got

    def frame(self, limit=LIMIT):
        """(last, opcode, payload)"""
        self.socket.settimeout(limit)
        first, second = self.take(2)
        check(not second & 0x80, "a server's frame is masked")
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", self.take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.take(8))[0]
        return bool(first & 0x80), first & 0x0F, self.take(size)

    def send_frame(self, opcode, payload=b"", last=True, mask=b"\1\2\3\4"):
        head = bytes([(0x80 if last else 0) | opcode])
        masked = 0x80 if mask else 0
        if len(payload) < 126:
            head += bytes([masked | len(payload)])
        elif len(payload) < 65536:
            head += bytes([masked | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([masked | 127]) + struct.pack(">Q", len(payload))
        if mask:
            payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
            head += mask
        self.socket.sendall(head + payload)

    def send(self, text):
        self.send_frame(1, text.encode())

    def recv(self, limit=LIMIT):
        """The next message's payload; pings between are skipped."""
        whole = b""
        while True:
            last, opcode, payload = self.frame(limit)
            if opcode == 8:
                code = struct.unpack(">H", payload[:2])[0] if payload else 1005
                raise Closed(code, payload[2:].decode())
            if opcode >= 8:
                continue
            whole += payload
            if last:
                return whole

    def json(self, limit=LIMIT):
        return json.loads(self.recv(limit))

    def silent(self, seconds=0.15):
        if self.bytes:
            return False
        return not select.select([self.socket], [], [], seconds)[0]

    def abandon(self):
        self.socket.close()


def http_raw(sim, text, limit=LIMIT):
    """Sends bytes and reads all that comes back until the other side ends."""
    stream = socket.create_connection(sim.address, timeout=limit)
    stream.sendall(text)
    got = b""
    while True:
        piece = stream.recv(65536)
        if not piece:
            stream.close()
            return got
        got += piece


def make_certificate(folder):
    """A certificate of its own for 127.0.0.1: (certificate, key)."""
    certificate = os.path.join(folder, "cert.pem")
    key = os.path.join(folder, "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
        + ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-addext"]
        + ["subjectAltName=IP:127.0.0.1,DNS:localhost"]
        + ["-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    return certificate, key
