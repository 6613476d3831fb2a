#!/usr/bin/env python3
"""A scripted fake of the service: every byte that it sends is the script's.

Standard library only, with HTTP and WebSocket framing of its own, so that it
shares no reading of the standards with the program or with the simulator.

    fake.py SCRIPT      listens on a port of 127.0.0.1 that the kernel chooses,
                        prints {"url":...}, plays the script, and exits: 0 when
                        all came as it says, 1 with a line that says what did
                        not

A script has one directive a line; "#" starts a comment.  A test case can be
read from top to bottom: what the program must send, and what it gets.

Requests, WebSocket upgrades included
  expect METHOD PREFIX [contains TEXT] [lacks TEXT] [after S] [within S]
         [tunnelled]    the next request has this method, and a target that
                        begins so; head and body contain TEXT or lack it; it
                        comes so many seconds after this branch's last act
  answer STATUS [header "NAME: VALUE"]... [BODY]
  upgrade [N] [bad-accept | no-accept | no-upgrade | with TEXT]
                        101; the socket gets the number N, or the next one;
                        with: a text frame in the same write as the head
  tunnel                to a CONNECT: 200, and the next requests come inside it
                        a PREFIX that ends in "$" is the whole path
  always METHOD PREFIX [contains TEXT]... -> STATUS [header ...]... [BODY]
                        answers such requests by itself from now on, and first
                        of all; the newest rule wins
  forget                drops these rules

Sockets: the branch's newest one, or "@N" in front of the directive names one
  receive TEXT          the next text frame is TEXT
  receive contains TEXT [contains TEXT]... [lacks TEXT]...
  frame TEXT | binary HEX | ping [TEXT]
  fragment N TEXT       in frames of N bytes, a ping between the first two
  events USER FIRST LAST
                        an event for each second from FIRST to LAST after
                        09:00:00, AWAY and BUSY in turn
  pinged N              N pings have come on this socket, in all
  ponged N              the same for pongs
  ignore                whatever comes on it, and has come, is all right
  no-pong               pings are not answered any more
  close CODE [REASON]   the close handshake, begun by the fake
  close-payload HEX     a close frame with that payload, then the end
  closed [CODE]         the client begins the close handshake
  disconnected          the client has closed the connection
  silence               nothing is answered any more, not even a close frame

Connections: the branch's socket, or the request that is to be answered
  raw HEX | write "TEXT"    bytes; \\r, \\n and \\xHH are known in TEXT
  drop | reset          the end, without a close frame; reset: with a RST

All else
  listen | unlisten     the port opens again, or refuses
  quiet S               for so long nothing comes
  limit S               from now on a wait ends after S seconds (20)
  parallel ... and ... end      branches whose requests come in any order
  use NAME              the directives of the file NAME.service of ../e2e/parts
Whoever imports this module may add directives (hooks).

Substituted everywhere: ${NAME ARGUMENT...}, see the functions below @macro.
"""

import asyncio
import base64
import collections
import hashlib
import json
import os
import re
import shlex
import socket
import struct
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = os.path.join(HERE, "..", "e2e", "parts")
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
REASONS = {101: "Switching Protocols", 200: "OK", 301: "Moved Permanently", 302: "Found",
           400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           429: "Too Many Requests", 500: "Internal Server Error",
           502: "Bad Gateway", 503: "Service Unavailable"}


class Deviation(Exception):
    """What came is not what the script says."""


# Macros.

MACROS = {}

# The built-in presence definitions: the same in every org.
DEFINITIONS = {
    "AVAILABLE": "6a3af858-942f-489d-9700-5f9bcdcdae9b",
    "AWAY": "5e5c5c66-ea97-4e7f-ac41-6424784829f2",
    "BREAK": "227b37e2-f1d0-4dd0-8f50-badd7cf6d158",
    "BUSY": "31fe3bac-dea6-44b7-bed7-47f91660a1a0",
    "IDLE": "7ffa01cd-7866-4ad7-8faa-31e11b42f51f",
    "MEAL": "3fd96123-badb-4f69-bc03-1b1ccc6d8014",
    "MEETING": "bbdff279-7ae1-48ea-bade-7831d7234c64",
    "OFFLINE": "ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5",
    "ON_QUEUE": "e08eaf1b-ee47-4fa9-a231-1200e284798f",
    "TRAINING": "d2390a99-8546-bad9-8f0a-219548e8aeb0",
}


def macro(function):
    MACROS[function.__name__.upper()] = function
    return function


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def uuid(number):
    return "00000000-0000-4000-8000-%012d" % int(number)


def user(word):
    """A number stands for the UUID that ends in it."""
    return uuid(word) if word.isdigit() else word


def moment(clock):
    """09:00:01 or 09:00:01.250 of the day on which all scripts play."""
    return "2026-01-01T%s%sZ" % (clock, "" if "." in clock else ".000")


def definition(state):
    return DEFINITIONS.get(state.upper().replace(" ", "_"), uuid(0))


@macro
def u(fake, number):
    """The UUID that ends in this number."""
    return uuid(number)


@macro
def each(fake, first, last, form):
    """FORM for each number from FIRST to LAST, with commas between."""
    return ",".join(form % i for i in range(int(first), int(last) + 1))


@macro
def lines(fake, first, last, form):
    """FORM for each number from FIRST to LAST, on a line of its own."""
    return "".join(form % i + "\n" for i in range(int(first), int(last) + 1))


@macro
def fill(fake, count, text):
    """TEXT so many times."""
    return text * int(count)


@macro
def token(fake, name):
    """An answer of the token endpoint."""
    return compact({"access_token": "canary-" + name, "token_type": "bearer", "expires_in": 86399})


@macro
def channel(fake, name):
    """The answer to the creation of a channel."""
    return compact({"id": "canary-" + name, "connectUri": "%s/channels/canary-%s" % (fake.socket_url, name),
                    "expires": "2099-01-01T00:00:00.000Z"})


@macro
def subscribe(fake, *users):
    """The subscription message of the events socket."""
    return compact({"type": "subscribe", "eventTypes": ["presence"], "filters": {"userId": list(users)}})


@macro
def event(fake, who, state, clock):
    """An event of the events socket."""
    return compact({"eventType": "presence", "userId": who, "state": state, "timestamp": moment(clock)})


@macro
def presence(fake, who, state, clock, meaning=None):
    """An event of the Notifications API."""
    return compact({
        "topicName": "v2.users.%s.presence" % user(who), "version": "2",
        "eventBody": {"source": "PURECLOUD",
                      "presenceDefinition": {"id": user(meaning) if meaning else definition(state),
                                             "systemPresence": state},
                      "primary": True, "message": "", "modifiedDate": moment(clock)},
        "metadata": {"CorrelationId": uuid(99)}})


@macro
def topics(fake, *users):
    """The body of a subscription request; FIRST-LAST is a range."""
    every = []
    for word in users:
        first, _, last = word.partition("-") if re.fullmatch(r"\d+-\d+", word) else (word, "", "")
        every += [uuid(i) for i in range(int(first), int(last) + 1)] if last else [user(word)]
    return compact([{"id": "v2.users.%s.presence" % one} for one in every])


def row(who, state, clock, meaning=None):
    return {"id": "", "userId": user(who), "source": "PURECLOUD",
            "presenceDefinition": {"id": user(meaning) if meaning else definition(state),
                                   "systemPresence": state},
            "message": "", "modifiedDate": moment(clock)}


@macro
def rows(fake, *words):
    """A bulk answer: USER=STATE=CLOCK[=DEFINITION] for each row, "_" is a blank."""
    return compact([row(*word.replace("_", " ").split("=")) for word in words])


@macro
def permitted(fake):
    """The answer to the subscription request at hand: all of it is permitted."""
    return compact({"entities": [{"id": one["id"], "state": "Permitted"}
                                 for one in json.loads(fake.at_hand.body)]})


@macro
def asked(fake, state, clock):
    """A bulk answer with one row for each user of the request at hand."""
    query = urllib.parse.urlparse(fake.at_hand.target).query
    ids = urllib.parse.parse_qs(query).get("id", [])
    return compact([row(one, state, clock) for one in reversed(ids)])


def unescape(text):
    r"""\r, \n, \t, \\ and \xHH; the rest is UTF-8."""
    known = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"\\": b"\\"}
    return re.sub(rb"\\(x[0-9a-fA-F]{2}|[rnt\\])",
                  lambda m: bytes([int(m[1][1:], 16)]) if m[1][:1] == b"x" else known[m[1]],
                  text.encode("utf-8", "surrogateescape"))


def words_of(text):
    """Words as a shell has them, with where the rest begins after each."""
    while True:
        text = text.lstrip()
        if not text:
            return
        match = re.match(r"""'[^']*'|"(?:[^"\\]|\\.)*"|\S+""", text)
        rest = text[match.end():]
        yield shlex.split(match[0])[0] if match[0][0] in "'\"" else match[0], rest
        text = rest


# The connection.

class Request:
    def __init__(self, connection, method, target, headers, head, body):
        self.connection = connection
        self.method = method
        self.target = target
        self.headers = headers
        self.text = head.decode("latin-1") + body.decode("utf-8", "replace")
        self.body = body
        self.came = asyncio.get_running_loop().time()

    def __str__(self):
        body = self.body.decode("utf-8", "replace")
        return "%s %s%s" % (self.method, self.target[:200],
                            (" with " + body[:200] + ("..." if len(body) > 200 else "")) if body else "")


class Connection:
    """One TCP connection, as HTTP first and as a WebSocket after an upgrade."""

    def __init__(self, fake, reader, writer):
        self.fake = fake
        self.reader = reader
        self.writer = writer
        self.turn = asyncio.Event()     # the request has got its answer
        self.number = None              # of the socket
        self.tunnelled = False
        self.gone = False
        self.answers = True             # pings and close frames
        self.pongs = True
        self.ignored = False
        self.inbox = collections.deque()
        self.pings = 0
        self.ponged = 0
        self.upgraded = None            # the request that made it a WebSocket
        self.close_code = None          # what the client's close frame says
        self.closing = False            # the fake began the close handshake
        self.pieces = None              # of a fragmented message

    def write(self, data):
        if self.gone:
            raise Deviation("%s is closed: nothing can be sent on it" % self)
        self.writer.write(data)

    def __str__(self):
        return "the connection" if self.number is None else "socket %d" % self.number

    def send(self, opcode, payload, final=True):
        self.write(frame_bytes(opcode, payload, final))

    def end(self, reset=False):
        if reset:
            raw = self.writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.writer.transport.abort()
        else:
            self.writer.close()
        self.gone = True
        self.turn.set()
        self.fake.poke()

    async def run(self):
        try:
            while self.number is None and not self.gone:
                request = await self.read_request()
                if request is None:
                    break
                self.turn.clear()
                self.fake.take(request)
                await self.turn.wait()
            while self.number is not None and not self.gone:
                await self.read_frame()
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            pass
        except asyncio.CancelledError:
            pass
        except Deviation as why:
            self.fake.fail(why)
        except Exception as why:
            self.fake.fail(Deviation("%s: %r" % (self, why)))
        self.gone = True
        self.writer.close()
        self.fake.poke()

    async def read_request(self):
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        except asyncio.LimitOverrunError:
            raise Deviation("a request's head is larger than %d bytes" % LIMIT)
        lines = head.decode("latin-1").split("\r\n")
        match = re.fullmatch(r"([A-Z]+) (\S+) HTTP/1\.1", lines[0])
        if match is None:
            raise Deviation("not a request line: %r" % lines[0])
        headers = {}
        for line in lines[1:-2]:
            name, colon, value = line.partition(":")
            if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
                raise Deviation("not a header line: %r" % line)
            if name.lower() in headers and name.lower() in ("host", "content-length", "authorization"):
                raise Deviation("the header %s twice" % name)
            headers[name.lower()] = value.strip()
        if "host" not in headers:
            raise Deviation("a request without the header Host: %r" % lines[0])
        body = b""
        if "transfer-encoding" in headers:
            raise Deviation("a chunked request: Genesys Cloud's gateways may not take it")
        if "content-length" in headers:
            body = await self.reader.readexactly(int(headers["content-length"]))
        return Request(self, match[1], match[2], headers, head, body)

    async def read_frame(self):
        first, second = await self.reader.readexactly(2)
        final, opcode, masked, length = first & 0x80, first & 0x0f, second & 0x80, second & 0x7f
        if first & 0x70:
            raise Deviation("%s: a frame with RSV bits" % self)
        if not masked:
            raise Deviation("%s: the client's frame is not masked (RFC 6455, 5.1)" % self)
        if opcode >= 8 and (not final or length > 125):
            raise Deviation("%s: a control frame that is long or in fragments" % self)
        if length == 126:
            length, = struct.unpack(">H", await self.reader.readexactly(2))
        elif length == 127:
            length, = struct.unpack(">Q", await self.reader.readexactly(8))
        mask = await self.reader.readexactly(4)
        payload = unmask(await self.reader.readexactly(length), mask)
        if opcode >= 8:
            self.control(opcode, payload)
        else:
            self.data(opcode, payload, final)
        self.fake.poke()

    def data(self, opcode, payload, final):
        if (opcode == 0) != (self.pieces is not None):
            raise Deviation("%s: fragments out of order" % self)
        if opcode == BINARY or opcode > 2:
            raise Deviation("%s: a frame with opcode %d" % (self, opcode))
        self.pieces = (self.pieces or b"") + payload
        if final:
            try:
                text = self.pieces.decode()
                if not self.ignored:
                    self.inbox.append(text)
            except UnicodeDecodeError:
                raise Deviation("%s: text that is not UTF-8: %r" % (self, self.pieces))
            self.pieces = None

    def control(self, opcode, payload):
        if opcode == PING:
            self.pings += 1
            if self.pongs and self.answers and not self.gone:
                self.send(PONG, payload)
        elif opcode == PONG:
            self.ponged += 1
        elif opcode == CLOSE:
            self.close_code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
            if self.answers and not self.closing and not self.gone:
                self.send(CLOSE, payload)
                self.end()
        else:
            raise Deviation("%s: a frame with opcode %d" % (self, opcode))


LIMIT = 1 << 20


def frame_bytes(opcode, payload, final=True):
    size = len(payload)
    head = bytes([(0x80 if final else 0) | opcode])
    if size < 126:
        head += bytes([size])
    elif size < 65536:
        head += struct.pack(">BH", 126, size)
    else:
        head += struct.pack(">BQ", 127, size)
    return head + payload


def unmask(payload, mask):
    if not payload:
        return payload
    repeated = (mask * (len(payload) // 4 + 1))[:len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(len(payload), "big")


# The script.

class Line:
    def __init__(self, where, text):
        self.where = where
        self.text = text
        match = re.match(r"(?:@(\d+)\s+)?(\S+)\s?(.*)", text, re.S)
        self.socket = int(match[1]) if match[1] else None
        self.word = match[2]
        self.rest = match[3]


class Group:
    """Branches that are played at once."""

    def __init__(self, where):
        self.where = where
        self.branches = [[]]


def parse(name, text, outer=None):
    lines = outer if outer is not None else [[]]
    for number, raw in enumerate(text.splitlines(), 1):
        stripped = raw.strip()
        if not stripped or stripped.startswith("#"):
            continue
        line = Line("%s:%d" % (name, number), stripped)
        if line.word == "use":
            path = os.path.join(PARTS, line.rest.strip() + ".service")
            with open(path) as file:
                parse(os.path.basename(path), file.read(), lines)
        elif line.word == "parallel":
            lines.append(Group(line.where))
            lines.append([])
        elif line.word == "and":
            lines[-2].branches.append(lines[-1])
            lines[-1] = []
        elif line.word == "end":
            last = lines.pop()
            group = lines.pop()
            group.branches.append(last)
            del group.branches[0]
            lines[-1].append(group)
        else:
            lines[-1].append(line)
    if outer is None and len(lines) > 1:
        raise Deviation("%s: 'parallel' without 'end'" % name)
    return lines[-1]


class Branch:
    """Where one strand of the script stands."""

    def __init__(self, parent=None):
        self.socket = parent.socket if parent else None
        self.request = None
        self.expecting = None       # while it waits for a request
        self.line = parent.line if parent else None
        self.acted = parent.acted if parent else 0.0


class Matcher:
    def __init__(self, method, prefix, conditions):
        self.method = method
        self.prefix = prefix
        self.conditions = conditions

    def trouble(self, request):
        """Why the request is another one, or None."""
        same = request.target.partition("?")[0] == self.prefix[:-1] if self.prefix.endswith("$") else \
            request.target.startswith(self.prefix)
        if request.method != self.method or not same:
            return "it is another one"
        for kind, text in self.conditions:
            if kind == "contains" and text not in request.text:
                return "it does not contain %r" % text
            if kind == "lacks" and text in request.text:
                return "it contains %r" % text
            if kind == "tunnelled" and not request.connection.tunnelled:
                return "it did not come through the proxy"
        return None

    def __str__(self):
        return "%s %s" % (self.method, self.prefix)


class Fake:
    """Plays one script; variables and hooks are the importer's."""

    def __init__(self, name, text, hooks=None, variables=None):
        self.lines = parse(name, text)
        self.hooks = hooks or {}
        self.variables = variables or {}
        self.limit = 20.0
        self.pending = collections.deque()  # requests that nobody has taken yet
        self.rules = []                     # (matcher, answer)
        self.at_hand = None                 # the request that is being answered
        self.connections = []
        self.sockets = {}
        self.branches = []
        self.failure = None
        self.waiters = []
        self.server = None
        self.contacts = 0                   # connections that were accepted
        # Errors repeat what they answer, as careless servers do: headers, the
        # reason phrase, the body, reasons of closing.
        self.repeats = False
        self.told = []                      # bodies and targets, as they went

    # From here on: waiting.

    def poke(self):
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def fail(self, why):
        if self.failure is None:
            self.failure = why
        self.poke()

    async def until(self, condition, what, seconds=None):
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (self.limit if seconds is None else seconds)
        while True:
            if self.failure is not None:
                raise self.failure
            value = condition()
            if value:
                return value
            waiter = loop.create_future()
            self.waiters.append(waiter)
            try:
                await asyncio.wait_for(waiter, max(0.0, deadline - loop.time()))
            except asyncio.TimeoutError:
                if not condition():
                    raise Deviation("waited in vain for %s%s" % (what, self.leftovers()))

    def leftovers(self):
        text = ""
        for request in self.pending:
            text += "; there is a request: %s" % request
        for number, sock in self.sockets.items():
            for one in sock.inbox:
                text += "; socket %d has a message: %s" % (number, one[:200])
        return text

    # Listening.

    async def start(self):
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", 0, limit=LIMIT)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        self.socket_url = "ws://127.0.0.1:%d" % self.port
        self.variables.update(URL=self.url, PORT=str(self.port), HOST="127.0.0.1:%d" % self.port,
                              WS=self.socket_url)

    async def accept(self, reader, writer):
        connection = Connection(self, reader, writer)
        self.contacts += 1
        self.connections.append(connection)
        await connection.run()

    async def stop(self):
        if self.server is not None:
            self.server.close()
        for connection in self.connections:
            connection.writer.transport.abort()
            connection.gone = True
            connection.turn.set()
        self.poke()
        await asyncio.sleep(0)

    def take(self, request):
        """A request has come."""
        for matcher, answer in reversed(self.rules):
            if matcher.trouble(request) is None:
                self.answer(request, answer)
                return
        self.pending.append(request)
        self.look_for_strangers()
        self.poke()

    def look_for_strangers(self):
        """With every branch waiting for a request, one that fits none is wrong."""
        if not self.branches or any(b.expecting is None for b in self.branches):
            return
        for request in self.pending:
            troubles = ["%s: %s" % (b.expecting, b.expecting.trouble(request)) for b in self.branches]
            if all(b.expecting.trouble(request) for b in self.branches):
                self.fail(Deviation("%s: expected %s; it got: %s" % (
                    self.branches[0].line.where, " or ".join(troubles), request)))
                return

    # Playing.

    def substitute(self, text):
        def value(match):
            words = [word for word, _ in words_of(match[1])]
            name, arguments = words[0], words[1:]
            if name in self.variables:
                return self.variables[name]
            if name not in MACROS and re.fullmatch(r"U\d+", name):
                return uuid(name[1:])
            if name not in MACROS:
                raise Deviation("unknown substitution ${%s}" % match[1])
            return MACROS[name](self, *arguments)
        return re.sub(r"\$\{([A-Z][^{}]*)\}", value, text)

    async def play(self):
        branch = Branch()
        branch.acted = asyncio.get_running_loop().time()
        self.branches = [branch]
        try:
            await self.play_lines(branch, self.lines)
        except Deviation as why:
            where = branch.line.where if branch.line else "?"
            text = str(why)
            raise Deviation(text if re.match(r"\S+:\d+: ", text) else "%s: %s" % (where, text))
        self.branches = []

    def check_end(self):
        """After the program's end: whatever came was expected."""
        if self.failure is not None:
            raise self.failure
        left = self.leftovers()
        if left:
            raise Deviation("nobody expected what came" + left)

    async def play_lines(self, branch, lines):
        for line in lines:
            branch.line = line
            if isinstance(line, Group):
                await self.play_group(branch, line)
            else:
                await self.play_line(branch, line)

    async def play_group(self, branch, group):
        branches = [Branch(branch) for _ in group.branches]
        at = self.branches.index(branch)
        self.branches[at:at + 1] = branches
        tasks = [asyncio.ensure_future(self.play_branch(one, lines))
                 for one, lines in zip(branches, group.branches)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self.branches = [b for b in self.branches if b not in branches] + [branch]
        branch.socket = next((one.socket for one in branches if one.socket is not branch.socket), branch.socket)
        branch.acted = asyncio.get_running_loop().time()

    async def play_branch(self, branch, lines):
        try:
            await self.play_lines(branch, lines)
        except Deviation as why:
            text = str(why)
            why = Deviation(text if re.match(r"\S+:\d+: ", text) else "%s: %s" % (branch.line.where, text))
            self.fail(why)
            raise why
        if branch in self.branches:
            self.branches.remove(branch)
        self.look_for_strangers()

    async def play_line(self, branch, line):
        method = getattr(self, "do_" + line.word.replace("-", "_"), None)
        if line.socket is not None:
            await self.until(lambda: line.socket in self.sockets, "socket %d" % line.socket)
            before, branch.socket = branch.socket, self.sockets[line.socket]
        if method is not None:
            await method(branch, line.rest)
        elif line.word in self.hooks:
            await self.hooks[line.word](self, self.substitute(line.rest))
        else:
            raise Deviation("unknown directive '%s'" % line.word)
        if line.socket is not None:
            branch.socket = before
        if line.word not in ("always", "forget", "limit"):
            branch.acted = asyncio.get_running_loop().time()

    # Requests.

    def read_matcher(self, text, stop=None):
        """METHOD PREFIX and conditions; returns what is behind stop, too."""
        words = words_of(text)
        method = next(words)[0]
        prefix = self.substitute(next(words)[0])
        conditions, rest = [], ""
        for word, rest in words:
            if word == stop:
                return Matcher(method, prefix, conditions), rest
            if word == "tunnelled":
                conditions.append((word, ""))
            elif word in ("contains", "lacks", "after", "within"):
                value = self.substitute(next(words)[0])
                conditions.append((word, value if word in ("contains", "lacks") else float(value)))
            else:
                raise Deviation("unknown condition '%s'" % word)
        if stop is not None:
            raise Deviation("'%s' is missing" % stop)
        return Matcher(method, prefix, conditions), ""

    async def do_expect(self, branch, rest):
        matcher, _ = self.read_matcher(rest)
        branch.expecting = matcher
        self.look_for_strangers()

        def find():
            if len(self.branches) == 1 and self.pending:
                trouble = matcher.trouble(self.pending[0])
                if trouble:
                    raise Deviation("expected %s: %s; it got: %s" % (matcher, trouble, self.pending[0]))
            for request in self.pending:
                if matcher.trouble(request) is None:
                    return request
            return None

        request = await self.until(find, "the request %s" % matcher)
        branch.expecting = None
        self.pending.remove(request)
        branch.request = request
        passed = request.came - branch.acted
        for kind, seconds in matcher.conditions:
            if kind == "after" and passed < seconds:
                raise Deviation("%s came after %.3f s already, not %g" % (matcher, passed, seconds))
            if kind == "within" and passed > seconds:
                raise Deviation("%s came after %.3f s only, not %g" % (matcher, passed, seconds))

    def at_request(self, branch):
        if branch.request is None:
            raise Deviation("there is no request to answer")
        return branch.request

    @staticmethod
    def repeated(request):
        """What a careless server would write about a request."""
        login = request.headers.get("authorization", "") + request.headers.get("proxy-authorization", "")
        if login.startswith("Basic "):
            login += " " + base64.b64decode(login[6:]).decode("latin-1")
        return "%s (%s %s) %s" % (login, request.method, request.target, request.body.decode("latin-1"))

    def repeat(self, request, headers, body):
        echo = self.repeated(request)[:6000].translate({10: " ", 13: " "})
        headers += ["X-Echo: " + echo, 'WWW-Authenticate: Bearer error_description="%s"' % echo]
        try:
            error = json.loads(body or b"{}")
        except ValueError:
            error = None
        if not isinstance(error, dict):
            return body + echo.encode()
        error["message"] = "%s %s" % (error.get("message", ""), echo)
        # Where whoever shows the start of it would cut a secret in half.
        error["description"] = error.get("description", "").ljust(290, ".") + echo
        return compact(error).encode()

    def answer(self, request, text):
        words = words_of(text)
        status, rest = next(words)
        headers, named = [], set()
        while rest.lstrip().startswith("header "):
            next(words)
            value, rest = next(words)
            value = self.substitute(value)
            headers.append(value)
            named.add(value.partition(":")[0].lower())
        self.at_hand = request
        body = self.substitute(rest.strip()).encode("utf-8", "surrogateescape")
        reason = REASONS.get(int(status), "Whatever")
        if self.repeats and int(status) >= 300 and not named & {"content-length", "transfer-encoding"}:
            body = self.repeat(request, headers, body)
            reason += " " + self.repeated(request)[:200].translate({10: " ", 13: " "})
        if "content-length" not in named and "transfer-encoding" not in named:
            headers.append("Content-Length: %d" % len(body))
        if "content-type" not in named:
            headers.append("Content-Type: application/json")
        head = "HTTP/1.1 %s %s\r\n%s\r\n\r\n" % (
            status, reason, "\r\n".join(headers))
        if request.method == "HEAD":
            body = b""
        self.told.append(body.decode("utf-8", "replace"))
        connection = request.connection
        connection.write(head.encode("utf-8", "surrogateescape") + body)
        connection.turn.set()

    async def do_answer(self, branch, rest):
        self.answer(self.at_request(branch), rest)
        branch.request = None

    async def do_always(self, branch, rest):
        matcher, answer = self.read_matcher(rest, "->")
        self.rules.append((matcher, answer))
        for request in list(self.pending):
            if matcher.trouble(request) is None:
                self.pending.remove(request)
                self.answer(request, answer)

    async def do_forget(self, branch, rest):
        self.rules.clear()

    async def do_upgrade(self, branch, rest):
        request = self.at_request(branch)
        number, variant, text = re.fullmatch(r"(\d+)?\s*(\S+)?\s*(.*)", rest.strip(), re.S).groups()
        number = int(number) if number else max(self.sockets, default=0) + 1
        self.check_upgrade(request)
        key = request.headers["sec-websocket-key"].encode()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Accept: " + accept]
        if variant == "bad-accept":
            lines[3] = "Sec-WebSocket-Accept: " + base64.b64encode(hashlib.sha1(b"another").digest()).decode()
        elif variant == "no-accept":
            del lines[3]
        elif variant == "no-upgrade":
            del lines[1]
        elif variant not in (None, "with"):
            raise Deviation("unknown variant '%s'" % variant)
        sock = request.connection
        data = ("\r\n".join(lines) + "\r\n\r\n").encode()
        if variant == "with":
            data += frame_bytes(TEXT, self.substitute(text).encode())
        sock.write(data)
        sock.number = number
        sock.upgraded = request
        self.sockets[number] = sock
        branch.socket = sock
        branch.request = None
        sock.turn.set()
        self.poke()

    @staticmethod
    def check_upgrade(request):
        """RFC 6455, 4.1: what a client's opening handshake must have."""
        headers = request.headers
        if request.method != "GET" or headers.get("upgrade", "").lower() != "websocket" or \
                "upgrade" not in headers.get("connection", "").lower() or \
                headers.get("sec-websocket-version") != "13":
            raise Deviation("not a WebSocket handshake: %s" % request)
        try:
            key = base64.b64decode(headers.get("sec-websocket-key", ""), validate=True)
        except ValueError:
            key = b""
        if len(key) != 16:
            raise Deviation("Sec-WebSocket-Key is not 16 bytes in base64")

    async def do_tunnel(self, branch, rest):
        request = self.at_request(branch)
        connection = request.connection
        connection.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        connection.tunnelled = True
        branch.request = None
        connection.turn.set()

    # Sockets.

    def at_socket(self, branch):
        if branch.socket is None:
            raise Deviation("there is no socket yet")
        return branch.socket

    async def do_receive(self, branch, rest):
        sock = self.at_socket(branch)
        text = self.substitute(rest)
        await self.until(lambda: sock.inbox or sock.gone, "a message on %s" % sock)
        if not sock.inbox:
            raise Deviation("%s is closed; expected the message %s" % (sock, text[:200]))
        got = sock.inbox.popleft()
        if text.startswith("contains "):
            words = words_of(rest)
            for word, _ in words:
                wanted = self.substitute(next(words)[0])
                if (wanted in got) != (word == "contains"):
                    raise Deviation("expected a message that %s %s; it got: %s" % (word, wanted, got))
        elif got != text:
            raise Deviation("expected the message %s; it got: %s" % (text, got))

    async def do_frame(self, branch, rest):
        self.at_socket(branch).send(TEXT, unescape(self.substitute(rest)) if rest.startswith("\\") else
                                    self.substitute(rest).encode("utf-8", "surrogateescape"))

    async def do_binary(self, branch, rest):
        self.at_socket(branch).send(BINARY, bytes.fromhex(rest))

    async def do_fragment(self, branch, rest):
        sock = self.at_socket(branch)
        size, text = rest.split(None, 1)
        payload, size = self.substitute(text).encode(), int(size)
        pieces = [payload[i:i + size] for i in range(0, len(payload), size)]
        for i, piece in enumerate(pieces):
            sock.send(TEXT if i == 0 else 0, piece, i == len(pieces) - 1)
            if i == 0:
                sock.send(PING, b"between")
            if i % 100 == 0:
                await sock.writer.drain()

    async def do_events(self, branch, rest):
        sock = self.at_socket(branch)
        who, first, last = rest.split()
        for i in range(int(first), int(last) + 1):
            sock.send(TEXT, event(self, who, ("BUSY", "AWAY")[i % 2],
                                  "%02d:%02d:%02d" % (9 + i // 3600, i // 60 % 60, i % 60)).encode())

    async def do_ping(self, branch, rest):
        self.at_socket(branch).send(PING, rest.encode())

    async def do_pinged(self, branch, rest):
        sock = self.at_socket(branch)
        await self.until(lambda: sock.pings >= int(rest) or sock.gone, "ping %s on %s" % (rest, sock))
        if sock.pings < int(rest):
            raise Deviation("%s is closed after %d pings" % (sock, sock.pings))

    async def do_ponged(self, branch, rest):
        sock = self.at_socket(branch)
        await self.until(lambda: sock.ponged >= int(rest) or sock.gone, "pong %s on %s" % (rest, sock))
        if sock.ponged < int(rest):
            raise Deviation("%s is closed after %d pongs" % (sock, sock.ponged))

    async def do_ignore(self, branch, rest):
        sock = self.at_socket(branch)
        sock.ignored = True
        sock.inbox.clear()

    async def do_no_pong(self, branch, rest):
        self.at_socket(branch).pongs = False

    async def do_silence(self, branch, rest):
        """A request that is to be answered is never answered, too."""
        if branch.request is not None:
            branch.request = None
        else:
            self.at_socket(branch).answers = False

    async def do_close(self, branch, rest):
        code, _, reason = rest.partition(" ")
        reason = self.substitute(reason)
        if self.repeats:
            reason = (reason + " " + self.repeated(self.at_socket(branch).upgraded))[:123]
        await self.close_with(branch, struct.pack(">H", int(code)) + reason.encode())

    async def do_close_payload(self, branch, rest):
        await self.close_with(branch, bytes.fromhex(rest))

    async def close_with(self, branch, payload):
        sock = self.at_socket(branch)
        sock.closing = True
        sock.send(CLOSE, payload)
        await self.until(lambda: sock.close_code is not None or sock.gone,
                         "the client's answer to the close frame")
        if not sock.gone:
            sock.end()

    async def do_closed(self, branch, rest):
        sock = self.at_socket(branch)
        await self.until(lambda: sock.close_code is not None or sock.gone, "a close frame on %s" % sock)
        if sock.close_code is None or (rest and sock.close_code != int(rest)):
            raise Deviation("%s was closed with the code %s" % (sock, sock.close_code))

    async def do_disconnected(self, branch, rest):
        """Of the request that is to be answered, or else of the socket."""
        connection = branch.request.connection if branch.request is not None else self.at_socket(branch)
        if branch.request is not None:
            # Nobody reads while an answer is due: see the end by reading.
            asyncio.ensure_future(self.watch(connection))
        await self.until(lambda: connection.gone, "the end of %s" % connection)
        branch.request = None

    async def watch(self, connection):
        try:
            while await connection.reader.read(4096):
                pass
        except OSError:
            pass
        connection.gone = True
        connection.turn.set()
        self.poke()

    # Connections.

    def at_connection(self, branch):
        return branch.request.connection if branch.request is not None else self.at_socket(branch)

    async def do_raw(self, branch, rest):
        connection = self.at_connection(branch)
        connection.write(bytes.fromhex(self.substitute(rest)))
        await connection.writer.drain()

    async def do_write(self, branch, rest):
        connection = self.at_connection(branch)
        connection.write(unescape(self.substitute(rest.strip()[1:-1])))
        await connection.writer.drain()

    async def do_drop(self, branch, rest):
        self.at_connection(branch).end()
        branch.request = None

    async def do_reset(self, branch, rest):
        self.at_connection(branch).end(reset=True)
        branch.request = None

    # All else.

    async def do_unlisten(self, branch, rest):
        self.server.close()

    async def do_listen(self, branch, rest):
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", self.port, limit=LIMIT)

    async def do_quiet(self, branch, rest):
        contacts, sockets = self.contacts, list(self.sockets.values())
        inboxes, gone = [len(s.inbox) for s in sockets], [s.gone for s in sockets]
        loop = asyncio.get_running_loop()
        end = loop.time() + float(rest)
        while loop.time() < end:
            if self.failure is not None:
                raise self.failure
            if self.pending or self.contacts != contacts or inboxes != [len(s.inbox) for s in sockets] or \
                    gone != [s.gone for s in sockets]:
                raise Deviation("it was not quiet%s" % (self.leftovers() or ": a connection came or went"))
            await asyncio.sleep(min(0.05, max(0.0, end - loop.time())))

    async def do_limit(self, branch, rest):
        self.limit = float(rest)


async def main(arguments):
    if len(arguments) != 2:
        print("usage: fake.py SCRIPT", file=sys.stderr)
        return 64
    with open(arguments[1], encoding="utf-8", errors="surrogateescape") as file:
        fake = Fake(os.path.basename(arguments[1]), file.read())
    await fake.start()
    print(compact({"url": fake.url}), flush=True)
    try:
        await fake.play()
        fake.check_end()
    except Deviation as why:
        print("fake: %s" % why, file=sys.stderr)
        return 1
    finally:
        await fake.stop()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv)))
