"""A small stand-in for Genesys Cloud, made of other parts than the program.

The REST half is Python's http.server, the sockets are the websockets package,
TLS is Python's ssl: none shares a line with libwebsockets or the simulator, so
that program and simulator cannot agree on a misunderstanding.  It holds the
program to the service's limits: 1000 topics a channel, 20 channels a client,
one socket a channel, 50 IDs a bulk call, 100 users of an events socket.

What is sent by whom, in which order and how often, is for the tests to judge:
they find it in requests, received and channels.
"""

import asyncio
import base64
import http
import http.server
import json
import ssl
import threading
import urllib.parse

import websockets

CLIENT = ("plain-client", "plain-secret")
TOPICS_MAX = 1000
CHANNELS_MAX = 20
BULK_MAX = 50
EVENTS_USERS_MAX = 100


def server_context(certificate):
    """certificate: (file of the chain, file of the key)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


class Service:
    """Both halves, each on a port of its own, on 127.0.0.1."""

    def __init__(self, notifications=True, expires_in=86399, scope=None,
                 rest_tls=None, socket_tls=None, name="127.0.0.1"):
        self.notifications = notifications
        self.expires_in = expires_in
        self.scope = scope
        self.rest_tls = rest_tls        # an ssl.SSLContext, or None
        self.socket_tls = socket_tls
        self.name = name                # that URLs have for the host
        self.lock = threading.Condition()
        self.requests = []      # (method, path) of REST
        self.tokens = []
        self.channels = {}      # id -> set of topics
        self.received = []      # (path, text) from sockets
        self.sockets = []       # (path, websocket), open ones
        self.users = {}         # path and websocket -> users of an events socket
        self.closed = []        # (path, code) of sockets that have ended
        self.presences = {}     # user -> bulk row
        self.rejected = {}      # user -> missing permission
        self.answers = []       # (path prefix, status, headers, body) to give once
        self.complaints = []    # what the program did that the service forbids
        self.loop = asyncio.new_event_loop()

    def start(self):
        handler = type("Handler", (Rest,), {"service": self})
        self.rest = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler, bind_and_activate=False)
        self.rest.request_queue_size = 64
        self.rest.daemon_threads = True
        self.rest.handle_error = lambda *arguments: None
        self.rest.server_bind()
        self.rest.server_activate()
        if self.rest_tls is not None:
            self.rest.socket = self.rest_tls.wrap_socket(self.rest.socket, server_side=True,
                                                         do_handshake_on_connect=False)
        threading.Thread(target=self.rest.serve_forever, args=(0.05,), daemon=True).start()
        ready = threading.Event()
        threading.Thread(target=self._run_sockets, args=(ready,), daemon=True).start()
        ready.wait(10)
        self.rest_url = "%s://%s:%d" % ("http" if self.rest_tls is None else "https", self.name,
                                        self.rest.server_address[1])
        self.socket_url = "%s://%s:%d" % ("http" if self.socket_tls is None else "https", self.name,
                                          self.socket_port)
        return self

    # Sockets.

    def _run_sockets(self, ready):
        asyncio.set_event_loop(self.loop)
        # A client that breaks off a TLS handshake is what some tests want.
        self.loop.set_exception_handler(lambda loop, context: None)
        self.loop.run_until_complete(self._listen(0))
        ready.set()
        self.loop.run_forever()

    async def _listen(self, port):
        self.server = await websockets.serve(
            self._socket, "127.0.0.1", port, compression=None, process_request=self._refuse,
            ssl=self.socket_tls, max_size=1 << 20, ping_interval=None)
        self.socket_port = self.server.sockets[0].getsockname()[1]

    async def _refuse(self, path, headers):
        for i, (prefix, status, extra, body) in enumerate(self.answers):
            if path.startswith(prefix):
                del self.answers[i]
                return http.HTTPStatus(status), extra, body.encode()
        if path.startswith("/api/v2/analytics/events"):
            query = urllib.parse.parse_qs(urllib.parse.urlparse(path).query)
            if query.get("token", [""])[0] not in self.tokens:
                return http.HTTPStatus.UNAUTHORIZED, [], b""
        elif "Authorization" in headers:
            self.complain("the socket at the connectUri needs no Authorization")
        elif path.split("/")[-1] not in self.channels:
            return http.HTTPStatus.NOT_FOUND, [], b""
        return None

    async def _socket(self, socket, path):
        with self.lock:
            if path.startswith("/channels/") and any(other == path for other, _ in self.sockets):
                self.complain("a second socket for one channel")
            self.sockets.append((path, socket))
            self.lock.notify_all()
        try:
            async for text in socket:
                self.take(path, socket, text)
                if text == '{"message":"ping"}':
                    await socket.send('{"topicName":"channel.metadata","eventBody":{"message":"pong"}}')
        except websockets.ConnectionClosed:
            pass
        finally:
            with self.lock:
                self.sockets.remove((path, socket))
                self.users.pop(socket, None)
                self.closed.append((path, socket.close_code))
                self.lock.notify_all()

    def take(self, path, socket, text):
        with self.lock:
            self.received.append((path, text))
            if path.startswith("/api/v2/analytics/events"):
                self.subscribe(socket, text)
            self.lock.notify_all()

    def subscribe(self, socket, text):
        """The tutorial's message, by its schema."""
        message = json.loads(text)
        if set(message) != {"type", "eventTypes", "filters"} or message["type"] != "subscribe" or \
                message["eventTypes"] != ["presence"] or set(message["filters"]) != {"userId"} or \
                not message["filters"]["userId"] or \
                not all(isinstance(one, str) for one in message["filters"]["userId"]):
            self.complain("not a subscription: %s" % text)
            return
        users = self.users.setdefault(socket, set())
        users.update(message["filters"]["userId"])
        if len(users) > EVENTS_USERS_MAX:
            self.complain("%d users on one events socket" % len(users))

    def complain(self, text):
        self.complaints.append(text)

    def wait(self, condition, seconds=20):
        """Waits until condition() holds; the sockets' thread says when to look."""
        with self.lock:
            if not self.lock.wait_for(condition, seconds):
                raise AssertionError("waited for %d s in vain: %d requests, the last ones %r; received %.500r" % (
                    seconds, len(self.requests), self.requests[-5:], self.received[-5:]))

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def send(self, text, index=0):
        self.do(self.sockets[index][1].send(text))

    def send_all(self, texts, index=0):
        for text in texts:
            self.send(text, index)

    def publish(self, messages):
        """(user, text) each, to the socket that has subscribed the user."""
        async def publish():
            owners = {}
            for path, socket in self.sockets:
                for one in self.users.get(socket, ()):
                    owners[one] = socket
                for topic in self.channels.get(path.split("/")[-1], ()):
                    owners[topic.split(".")[2]] = socket
            for user, text in messages:
                await owners[user].send(text)
        self.do(publish())

    def close(self, code, reason="", index=0):
        self.do(self.sockets[index][1].close(code, reason))

    def drop_sockets(self):
        """As when a cable is cut: no close frame."""
        async def drop():
            for _, socket in list(self.sockets):
                socket.transport.abort()
        self.do(drop())

    def restart_sockets(self):
        """The end of all sockets, and of the listening one, until begin is called."""
        async def stop():
            self.server.close()
            await self.server.wait_closed()
        self.do(stop())
        return lambda: self.do(self._listen(self.socket_port))

    def stop(self):
        self.rest.shutdown()
        self.rest.server_close()

        async def stop():
            self.server.close()
            await self.server.wait_closed()
            asyncio.get_running_loop().call_soon(self.loop.stop)
        asyncio.run_coroutine_threadsafe(stop(), self.loop)


class Rest(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service = None

    def log_message(self, *arguments):
        pass

    def reply(self, status, value=None, headers=()):
        body = b"" if value is None else value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        service = self.service
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        with service.lock:
            service.requests.append((self.command, self.path))
            planned = None
            for i, (prefix, status, headers, text) in enumerate(service.answers):
                if self.path.startswith(prefix):
                    planned = (status, text.encode(), headers)
                    del service.answers[i]
                    break
            service.lock.notify_all()
        if planned is not None:
            self.reply(planned[0], planned[1], planned[2])
            return
        url = urllib.parse.urlparse(self.path)
        if url.path == "/oauth/token":
            self.token(body)
        elif self.headers.get("Authorization", "")[7:] not in service.tokens:
            self.reply(401, {"code": "bad.credentials", "status": 401})
        elif url.path.startswith("/api/v2/notifications/channels") and service.notifications:
            self.channel(url, body)
        elif url.path == "/api/v2/users/presences/purecloud/bulk":
            self.bulk(urllib.parse.parse_qs(url.query).get("id", []))
        else:
            self.reply(404, {"code": "not.found", "status": 404})

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

    def token(self, body):
        service = self.service
        expected = "Basic " + base64.b64encode(":".join(CLIENT).encode()).decode()
        if self.headers.get("Authorization") != expected:
            self.reply(401, {"error": "invalid_client",
                             "description": "authentication failed: invalid_client"})
            return
        if body != b"grant_type=client_credentials":
            self.reply(400, {"error": "unsupported_grant_type"})
            return
        token = "token-%d" % (len(service.tokens) + 1)
        answer = {"access_token": token, "token_type": "bearer", "expires_in": service.expires_in}
        if service.scope is not None:
            answer["scope"] = service.scope
        with service.lock:
            service.tokens.append(token)
            service.lock.notify_all()
        self.reply(200, answer)

    def bulk(self, ids):
        if not 0 < len(ids) <= BULK_MAX:
            self.service.complain("a bulk call for %d users" % len(ids))
            self.reply(400, {"code": "bad.request", "status": 400})
            return
        # In another order than asked for, as nobody promises one.
        self.reply(200, [self.service.presences[i] for i in reversed(ids) if i in self.service.presences])

    def channel(self, url, body):
        service = self.service
        parts = url.path.split("/")[5:]
        if not parts and self.command == "POST":
            with service.lock:
                number = "streaming-0-%d" % (len(service.channels) + 1)
                service.channels[number] = set()
                if len(service.channels) > CHANNELS_MAX:
                    service.complain("%d channels" % len(service.channels))
            self.reply(200, {"id": number, "expires": "2099-01-01T00:00:00.000Z",
                             "connectUri": "%s/channels/%s" % (service.socket_url.replace("http", "ws", 1), number)})
            return
        if not parts:
            self.reply(200, {"entities": [{"id": i} for i in service.channels]})
            return
        if parts[0] not in service.channels:
            self.reply(404, {"code": "not.found", "status": 404})
            return
        if self.command == "DELETE":
            with service.lock:
                service.channels[parts[0]] = set()
                service.lock.notify_all()
            self.reply(200)
            return
        self.add_topics(service.channels[parts[0]], json.loads(body))

    def add_topics(self, channel, topics):
        service = self.service
        if len(channel) + len(topics) > TOPICS_MAX:
            service.complain("%d topics on one channel" % (len(channel) + len(topics)))
            self.reply(400, {"code": "bad.request", "status": 400})
            return
        entities = []
        with service.lock:
            for topic in topics:
                user = topic["id"].split(".")[2]
                if user in service.rejected:
                    entities.append({"id": topic["id"], "state": "Rejected",
                                     "missingPermissions": [service.rejected[user]]})
                else:
                    entities.append({"id": topic["id"], "state": "Permitted"})
                    channel.add(topic["id"])
            service.lock.notify_all()
        self.reply(200, {"entities": entities})
