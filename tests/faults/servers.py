"""Servers that misbehave, and servers that others wrote: for what the
simulator cannot do.

Peer       accepts, and a function of the test's does the rest
Meddler    an HTTP proxy before the simulator that can answer by itself, and
           change what the simulator answers; WebSockets pass through
Relay      a TCP relay that loses, slows and resets
Tunnel     a CONNECT proxy that can go wrong
Certs      certificates, good and bad
s_server, nginx, tinyproxy
"""

import http.client
import os
import re
import select
import socket
import socketserver
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler

from bench import LIMIT, Failed, Skip, check, environment, need, read, until, write


def reset(sock):
    """Closes with a TCP reset."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
    except OSError:
        pass


def shut(sock):
    """Ends it for all threads that use it."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    try:
        sock.close()
    except OSError:
        pass


def listen(host="127.0.0.1", port=0, backlog=64):
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(backlog)
    return sock


class Peer:
    """Calls talk(connection, peer) in a thread for each connection."""

    def __init__(self, talk, tls=None, host="127.0.0.1", port=0):
        self.talk = talk
        self.tls = tls  # an ssl.SSLContext
        self.socket = listen(host, port)
        self.host = host
        self.port = self.socket.getsockname()[1]
        self.accepted = 0
        self.received = b""  # of all connections
        self.ended = threading.Event()
        self.open = []
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def serve(self):
        while not self.ended.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.accepted += 1
            self.open.append(connection)
            threading.Thread(
                target=self.handle, args=(connection,), daemon=True
            ).start()

    def handle(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self.talk(connection, self)
        except OSError:
            pass
        shut(connection)

    def read_head(self, connection):
        """What comes up to an empty line."""
        data = b""
        while b"\r\n\r\n" not in data:
            got = connection.recv(65536)
            if not got:
                raise OSError("gone")
            data += got
            self.received += got
        return data

    def read_request(self, connection):
        """A request with its body: (first line, body)."""
        head, body = self.read_head(connection).split(b"\r\n\r\n", 1)
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        while length and len(body) < int(length.group(1)):
            got = connection.recv(65536)
            if not got:
                raise OSError("gone")
            body += got
            self.received += got
        return head.split(b"\r\n", 1)[0].decode(), body

    def close(self):
        self.ended.set()
        shut(self.socket)
        for connection in self.open:
            shut(connection)


def answer(status=200, body=b"", headers=(), close=True):
    """The bytes of an HTTP answer."""
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status} Whatever"]
    lines += [f"{name}: {value}" for name, value in headers]
    names = {name.lower() for name, _ in headers}
    if "content-length" not in names and "transfer-encoding" not in names:
        lines.append(f"Content-Length: {len(body)}")
    if close:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def forever(connection, peer):
    """Says nothing, until the other side or the test ends."""
    while not peer.ended.is_set():
        if select.select([connection], [], [], 0.2)[0] and not connection.recv(65536):
            return


# A proxy that meddles


class Meddler:
    """before(request) may answer: (status, headers, body); None passes it on.
    after(request, status, headers, body) may change the simulator's answer:
    the same three.  A request has method, path, headers, body, number."""

    def __init__(self, sim=None, before=None, after=None, tls=None, host="127.0.0.1"):
        self.sim = sim
        self.before = before
        self.after = after
        self.requests = []
        self.upgrades = 0
        self.sockets = []
        meddler = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # One write for an answer: no waiting for acknowledgements.
            wbufsize = -1

            def setup(self):
                meddler.sockets.append(self.request)
                if tls:
                    self.request = tls.wrap_socket(self.request, server_side=True)
                super().setup()

            def handle(self):
                try:
                    super().handle()
                except (OSError, ValueError):
                    self.close_connection = True

            def finish(self):
                try:
                    super().finish()
                except (OSError, ValueError):
                    pass

            def log_message(self, *args):  # pylint: disable=arguments-differ
                pass

            def do_any(self):
                meddler.serve(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_any

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 64

            def handle_error(self, request, client_address):
                pass

        self.server = Server((host, 0), Handler)
        self.port = self.server.server_address[1]
        self.host = host
        self.tls = tls
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True
        ).start()

    def serve(self, handler):
        handler.number = len(self.requests) + 1
        self.requests.append((handler.command, handler.path))
        length = int(handler.headers.get("Content-Length") or 0)
        handler.body = handler.rfile.read(length) if length else b""
        got = self.before(handler) if self.before else None
        if got is not None:
            self.reply(handler, *got)
            return
        if handler.headers.get("Upgrade"):
            self.pipe(handler)
            return
        connection = http.client.HTTPConnection(
            self.sim.host, self.sim.port, timeout=LIMIT
        )
        headers = {
            name: value
            for name, value in handler.headers.items()
            if name.lower() not in ("connection", "content-length")
        }
        connection.request(handler.command, handler.path, handler.body or None, headers)
        got = connection.getresponse()
        result = got.status, got.getheaders(), got.read()
        connection.close()
        if self.after:
            result = self.after(handler, *result) or result
        self.reply(handler, *result)

    @staticmethod
    def reply(handler, status, headers, body):
        if isinstance(body, str):
            body = body.encode()
        handler.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    def pipe(self, handler):
        """A WebSocket: from here on bytes go both ways."""
        self.upgrades += 1
        upstream = socket.create_connection((self.sim.host, self.sim.port))
        self.sockets.append(upstream)
        head = f"{handler.command} {handler.path} HTTP/1.1\r\n" + str(handler.headers)
        upstream.sendall(head.replace("\r\n", "\n").replace("\n", "\r\n").encode())
        other = threading.Thread(
            target=pump,
            args=(handler.rfile.read1, handler.request, upstream),
            daemon=True,
        )
        other.start()
        pump(upstream.recv, upstream, handler.request)
        other.join()
        handler.close_connection = True

    def count(self, pattern):
        return sum(
            re.search(pattern, f"{method} {path}") is not None
            for method, path in self.requests
        )

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        for sock in self.sockets:
            shut(sock)


def pump(receive, source, target):
    try:
        while True:
            data = receive(65536)
            if not data:
                break
            target.sendall(data)
    except (OSError, ValueError):
        pass
    shut(target)
    shut(source)


# A relay


class Relay:
    """up and down (from client to server, and back) are "pass", "drop" (read,
    and thrown away), "stop" (not read), or a number: bytes a second."""

    def __init__(self, target, host="127.0.0.1", port=0):
        self.target = target
        self.socket = listen(host, port)
        self.host = host
        self.port = self.socket.getsockname()[1]
        self.up = "pass"
        self.down = "pass"
        self.accepted = 0
        self.bytes_down = 0
        self.pairs = []
        self.ended = False
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
                self.accepted += 1
                server = socket.create_connection(self.target)
            except OSError:
                if self.ended:
                    return
                reset(client)
                continue
            for sock in (client, server):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pairs.append((client, server))
            for way in ((client, server, "up"), (server, client, "down")):
                threading.Thread(target=self.carry, args=way, daemon=True).start()

    def carry(self, source, target, way):
        try:
            while not self.ended:
                mode = getattr(self, way)
                if mode == "stop":
                    time.sleep(0.02)
                    continue
                if not select.select([source], [], [], 0.1)[0]:
                    continue
                slow = isinstance(mode, (int, float))
                data = source.recv(max(1, int(mode / 20)) if slow else 65536)
                if not data:
                    break
                if slow:
                    time.sleep(len(data) / mode)
                if getattr(self, way) == "drop":
                    continue
                if way == "down":
                    self.bytes_down += len(data)
                target.sendall(data)
        except (OSError, ValueError):
            pass
        shut(target)
        shut(source)

    def reset_all(self):
        """A TCP reset to both sides of all connections."""
        pairs, self.pairs = self.pairs, []
        for client, server in pairs:
            # The threads hold them: only the option makes it a reset.
            for sock in (client, server):
                try:
                    sock.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
                except OSError:
                    pass
            reset(client)
            reset(server)

    def close(self):
        self.ended = True
        shut(self.socket)
        for pair in self.pairs:
            for sock in pair:
                shut(sock)


class Tunnel(Peer):
    """A CONNECT proxy.  how: "good", "hang", "close" (behind its 200), or a
    status.  seen has what was asked for, and authorization."""

    def __init__(self, how="good"):
        self.how = how
        self.seen = []
        super().__init__(self.connect)

    def connect(self, connection, _):
        head = self.read_head(connection).split(b"\r\n\r\n", 1)[0].decode("latin-1")
        method, target, _ = head.split("\r\n")[0].split(" ", 2)
        self.seen.append((method, target, head))
        if self.how == "hang":
            forever(connection, self)
            return
        if self.how not in ("good", "close"):
            connection.sendall(answer(self.how, "<html>no</html>"))
            return
        host, port = target.rsplit(":", 1)
        upstream = socket.create_connection((host.strip("[]"), int(port)))
        self.open.append(upstream)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if self.how == "close":
            return
        other = threading.Thread(
            target=pump, args=(connection.recv, connection, upstream), daemon=True
        )
        other.start()
        pump(upstream.recv, upstream, connection)
        other.join()


# Certificates

CONFIG = """
[ca]
default_ca = a
[a]
dir = .
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = p
unique_subject = no
[p]
commonName = supplied
[req]
distinguished_name = d
[d]
[ca_ext]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[plain]
basicConstraints = CA:FALSE
[good]
basicConstraints = CA:FALSE
subjectAltName = IP:127.0.0.1,DNS:localhost,DNS:sim.test
[address]
basicConstraints = CA:FALSE
subjectAltName = IP:127.0.0.1
[elsewhere]
basicConstraints = CA:FALSE
subjectAltName = DNS:elsewhere.test
"""


class Certs:
    """Made once.  pair(name): (certificate, key) for good, expired, early,
    elsewhere, nameless (only a CN), address (no name but a CN), self, stranger
    (of another CA)."""

    one = None
    lock = threading.Lock()

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gcp-certs-")
        self.write("config", CONFIG)
        self.write("index", "")
        self.write("serial", "1000")
        self.ca = os.path.join(self.folder, "ca.pem")
        self.make_ca("ca", "Good CA")
        self.make_ca("other", "Other CA")
        self.sign("good", "good")
        self.sign("expired", "good", "20200101000000Z", "20200201000000Z")
        self.sign("early", "good", "20900101000000Z", "20910101000000Z")
        self.sign("elsewhere", "elsewhere")
        self.sign("nameless", "plain")
        self.sign("address", "address")
        self.sign("stranger", "good", ca="other")
        self.openssl(
            *"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split(),
            *"-days 30 -subj /CN=localhost -keyout self.key -out self.pem".split(),
            *"-config config -addext subjectAltName=IP:127.0.0.1".split(),
        )

    @classmethod
    def get(cls):
        need("openssl")
        with cls.lock:
            if cls.one is None:
                cls.one = cls()
            return cls.one

    def write(self, name, text):
        write(os.path.join(self.folder, name), text)

    def openssl(self, *words):
        done = subprocess.run(
            ["openssl", *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        check(done.returncode == 0, f"openssl {words}: {done.stderr}")

    def key_and_request(self, name, subject):
        self.openssl(
            *"req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split(),
            *f"-keyout {name}.key -out {name}.csr -config config -subj".split(),
            subject,
        )

    def make_ca(self, name, subject):
        self.key_and_request(name, f"/CN={subject}")
        self.openssl(
            *"ca -batch -selfsign -config config -extensions ca_ext -days 3650".split(),
            *f"-in {name}.csr -keyfile {name}.key -out {name}.pem -notext".split(),
        )

    def sign(self, name, extensions, begin=None, end=None, ca="ca"):
        self.key_and_request(name, "/CN=localhost")
        dates = ["-startdate", begin, "-enddate", end] if begin else ["-days", "30"]
        self.openssl(
            *f"ca -batch -config config -extensions {extensions}".split(),
            *f"-cert {ca}.pem -keyfile {ca}.key -in {name}.csr -notext".split(),
            *f"-out {name}.pem".split(),
            *dates,
        )

    def pair(self, name):
        return tuple(
            os.path.join(self.folder, f"{name}.{ending}") for ending in ("pem", "key")
        )

    def context(self, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.pair(name))
        return context

    @classmethod
    def clean(cls):
        if cls.one is not None:
            subprocess.run(["rm", "-rf", cls.one.folder], check=False)


# Servers that others wrote


class Daemon:
    """A process of ours that serves."""

    def __init__(self, words, log, env=None, **more):
        self.log = log
        with open(log, "wb") as file:
            self.process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment(env),
                **more,
            )

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def s_server(case, name, *options):
    """openssl s_server with one of the certificates: (daemon, port)."""
    certificate, key = Certs.get().pair(name)
    daemon = case.keep(
        Daemon(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate]
            + ["-key", key, "-www", *options],
            case.path(f"s_server-{name}"),
        )
    )
    found = until(
        lambda: re.search(r"^ACCEPT .*:(\d+)$", read(daemon.log), re.M)
        or daemon.process.poll(),
        "openssl s_server",
    )
    check(not isinstance(found, int), read(daemon.log))
    return daemon, int(found.group(1))


NGINX = """
daemon off;
worker_processes 1;
{user}
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
	access_log off;
	client_body_temp_path {folder}/body;
	proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
	server {{
		listen 127.0.0.1:{port}{tls};
		{lines}
		location / {{
			proxy_pass {target};
			proxy_http_version 1.1;
			proxy_set_header Host $http_host;
			proxy_set_header Upgrade $http_upgrade;
			proxy_set_header Connection $connection_upgrade;
			proxy_read_timeout 3600s;
			proxy_buffering off;
		}}
	}}
}}
"""


def nginx(case, target, certificate="good", lines=""):
    """nginx with TLS before a server: (daemon, port).  It inherits its socket,
    so that the port is the kernel's choice."""
    need("nginx")
    folder = case.path(f"nginx-{len(case.closing)}")
    os.mkdir(folder)
    sock = listen()
    port = sock.getsockname()[1]
    pem, key = Certs.get().pair(certificate)
    lines = f"ssl_certificate {pem}; ssl_certificate_key {key}; {lines}"
    config = os.path.join(folder, "nginx.conf")
    write(
        config,
        NGINX.format(
            folder=folder,
            port=port,
            tls=" ssl",
            lines=lines,
            target=target,
            user="user root;" if os.getuid() == 0 else "",
        ),
    )
    daemon = Daemon(
        ["nginx", "-p", folder, "-c", config, "-e", os.path.join(folder, "errors")],
        os.path.join(folder, "log"),
        env={"NGINX": f"{sock.fileno()};"},
        pass_fds=[sock.fileno()],
    )
    sock.close()
    case.keep(daemon)
    # The socket listens from the start: only an answer tells.
    until(
        lambda: answers(port) or daemon.process.poll() is not None,
        lambda: "nginx: " + read(daemon.log),
    )
    check(
        daemon.process.poll() is None,
        read(daemon.log) + read(os.path.join(folder, "errors")),
    )
    return daemon, port


def can_connect(port, host="127.0.0.1"):
    try:
        socket.create_connection((host, port), 1).close()
        return True
    except OSError:
        return False


def answers(port):
    """Whether TLS is spoken there."""
    context = ssl._create_unverified_context()
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as sock:
            context.wrap_socket(sock).close()
        return True
    except OSError:
        return False


def tinyproxy(case, *lines):
    """(daemon, port).  It takes no port of the kernel's choice: one that was
    free a moment ago is tried, and another one where that was taken."""
    need("tinyproxy")
    for _ in range(5):
        probe = listen()
        port = probe.getsockname()[1]
        probe.close()
        config = write(
            case.path("tinyproxy.conf"),
            f"Port {port}\nListen 127.0.0.1\nTimeout 600\nMaxClients 50\n"
            f"LogFile \"{case.path('tinyproxy.log')}\"\nLogLevel Connect\n"
            + "\n".join(lines)
            + "\n",
        )
        daemon = Daemon(["tinyproxy", "-d", "-c", config], case.path("tinyproxy.err"))
        try:
            until(
                lambda: can_connect(port) or daemon.process.poll() is not None,
                "tinyproxy",
            )
        except Failed:
            daemon.close()
            continue
        if daemon.process.poll() is None:
            case.keep(daemon)
            return daemon, port
    raise Skip("tinyproxy does not start here")


# Names


class Libraries:
    """Libraries for LD_PRELOAD, compiled once."""

    lock = threading.Lock()
    folder = None
    built = {}

    @classmethod
    def get(cls, name):
        compiler = os.environ.get("CC", "cc").split()
        need(compiler[0])
        with cls.lock:
            if cls.folder is None:
                cls.folder = tempfile.mkdtemp(prefix="gcp-libraries-")
            if name not in cls.built:
                cls.built[name] = cls.compile(compiler, name)
        return cls.built[name]

    @classmethod
    def compile(cls, compiler, name):
        library = os.path.join(cls.folder, name + ".so")
        here = os.path.dirname(os.path.abspath(__file__))
        source = os.path.join(here, name + ".c")
        done = subprocess.run(
            [*compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Skip(f"{name}.c cannot be compiled here: {done.stderr[:200]}")
        return library

    @classmethod
    def clean(cls):
        if cls.folder is not None:
            subprocess.run(["rm", "-rf", cls.folder], check=False)


class Names:
    """A library for LD_PRELOAD that answers getaddrinfo(): names.c."""

    def __init__(self, case, program, **names):
        self.path = case.path("names")
        self.names = {}
        self.set(**names)
        self.env = {"NAMES_FILE": self.path, "LD_PRELOAD": self.build(program)}

    def set(self, **names):
        """name="address address", "hang", "none" or "again"; _ is a dot."""
        self.names.update({name.replace("_", "."): to for name, to in names.items()})
        text = "".join(f"{name} {to}\n" for name, to in self.names.items())
        write(self.path + ".new", text)
        os.rename(self.path + ".new", self.path)

    @staticmethod
    def build(program):
        library = Libraries.get("names")
        # A sanitizer's library has to come first.
        done = subprocess.run(
            ["ldd", program], capture_output=True, text=True, check=False
        )
        found = re.search(r"=> (\S*libasan\S*)", done.stdout)
        return f"{found.group(1)} {library}" if found else library


def clean():
    Certs.clean()
    Libraries.clean()


def host_of(url):
    return urllib.parse.urlsplit(url).netloc
