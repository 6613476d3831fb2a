"""N: the network.  T: TLS and proxies; servers that others wrote."""

import re
import socket
import subprocess
import time

from bench import (
    CHANNELS,
    PROGRAM,
    SLOW,
    Skip,
    check,
    population,
    read,
    same,
    until,
)
from rows_service import json_of
from servers import (
    Certs,
    Meddler,
    Names,
    Peer,
    Relay,
    Tunnel,
    forever,
    listen,
    nginx,
    reset,
    s_server,
    tinyproxy,
)
from table import (
    connections,
    cycle,
    for_each,
    gaps,
    known,
    lines,
    no_gap,
    no_lines,
    pause,
    row,
    said,
    some_gap,
    special,
    streaming,
)

FEW = population(3)


def url_of(port, host="127.0.0.1", tls=False):
    return {"GENESYSCLOUD_API_URL": f"{'https' if tls else 'http'}://{host}:{port}"}


def good():
    return Certs.get().pair("good")


def named(**names):
    """The simulator, or nobody, by the name sim.test; with TLS."""

    def server(case):
        case.names = Names(case, PROGRAM, **names)
        port = case.sims[-1].port if case.sims else 4
        return {
            "env": {**url_of(port, "sim.test", tls=True), **case.names.env},
            "args": ["--cacert", Certs.get().ca],
        }

    return server


def rename(**names):
    return lambda scene: scene.case.names.set(**names)


# N1 to N4: names

row(
    "N1",
    "a host that does not exist, at the start: 78, and not tried again",
    sim=None,
    stdin=FEW,
    server=named(sim_test="none"),
    status=78,
    err="sim.test",
    not_err="trying again",
    checks=no_lines,
)
row(
    "N1",
    "a name server that does not answer, at the start: tried again, then 69",
    sim=None,
    stdin=FEW,
    server=named(sim_test="again"),
    args=("--max-retries", "2"),
    status=(69, 78),
    ends=True,
    err="sim.test",
)
row(
    "N2",
    "a name that is gone later is tried again until it is back; the gap is told",
    tls=good,
    server=named(sim_test="127.0.0.1"),
    args=("--max-retries", "0"),
    steps=(
        streaming,
        lines(10),
        rename(sim_test="none"),
        "drop",
        said("resolve.*trying again", 3),
        rename(sim_test="again"),
        said("resolve.*trying again", 6),
        rename(sim_test="127.0.0.1"),
        gaps(1),
        lines(10),
    ),
    checks=some_gap,
)
row(
    "N2",
    "a name that stays away: 69, when the retries are used up",
    tls=good,
    server=named(sim_test="127.0.0.1"),
    args=("--max-retries", "3"),
    steps=(streaming, lines(5), rename(sim_test="none"), "drop"),
    status=69,
    err="resolve.*gave up after 4 tries",
)


def usr1_at_once(scene):
    """Soon, whatever hangs: a look-up hangs for 10 s and more."""
    import signal

    count = scene.run.said().count("statistics:")
    start = time.monotonic()
    scene.run.send(signal.SIGUSR1)
    scene.run.wait_said("statistics:", count + 1, limit=5 * SLOW)
    took = time.monotonic() - start
    check(took < 5 * SLOW, f"USR1 was answered after {took:.1f} s")


def term_at_once(scene):
    import signal

    start = time.monotonic()
    same(scene.run.end(signal.SIGTERM, limit=30), 0, scene.run.said())
    took = time.monotonic() - start
    check(took < 12 * SLOW, f"TERM took {took:.1f} s")


row(
    "N3",
    "a look-up that hangs at the start stalls nothing, and TERM ends it",
    sim=None,
    stdin=FEW,
    server=named(sim_test="hang"),
    steps=(pause(1), usr1_at_once, usr1_at_once, term_at_once),
)
row(
    "N3",
    "a look-up that hangs for longer than its time-out stalls nothing",
    sim=None,
    stdin=FEW,
    server=named(sim_test="hang"),
    args=("--max-retries", "0"),
    steps=(
        for_each(28, pause(0.5), usr1_at_once),
        said("trying again"),
        term_at_once,
    ),
)
row(
    "N3",
    "a look-up that hangs for the socket stalls nothing, and the gap is told",
    tls=good,
    server=named(sim_test="127.0.0.1"),
    args=("--max-retries", "0"),
    steps=(
        streaming,
        lines(10),
        rename(sim_test="hang"),
        "drop",
        for_each(24, pause(0.5), usr1_at_once),
        said("name look-up"),
        rename(sim_test="127.0.0.1"),
        gaps(1),
        lines(10),
    ),
    oracle={"heal_ms": 15000},
)


@special("N4", "an address that changes is used by the next connection")
def other_address(case):
    sim = case.sim(tls=good())
    # The same port on two addresses: the kernel chooses it on the first.
    one = case.keep(Relay((sim.host, sim.port)))
    two = case.keep(Relay((sim.host, sim.port), "127.0.0.2", one.port))
    names = Names(case, PROGRAM, sim_test="127.0.0.1")
    run = case.run(
        *("--cacert", Certs.get().ca),
        env={**url_of(one.port, "sim.test", tls=True), **names.env},
    )
    run.wait_streaming()
    run.wait_lines(10)
    same(two.accepted, 0, "connections to the second address")
    names.set(sim_test="127.0.0.2")
    sim.do("drop")
    run.wait_gaps(1)
    run.more_lines(10)
    check(two.accepted >= 1, "the second address was not used")
    final = case.settle(run)
    same(run.end(), 0, run.said())
    case.judge(final)


# N5: connecting


def free_port():
    sock = listen()
    port = sock.getsockname()[1]
    sock.close()
    return port


row(
    "N5",
    "a port where nobody listens: tried again, then 69",
    sim=None,
    stdin=FEW,
    server=lambda case: {"env": url_of(free_port())},
    args=("--max-retries", "3"),
    status=69,
    err="gave up after 4 tries",
)


def slam(connection, peer):
    reset(connection)


def slam_later(connection, peer):
    """Resets when the request has come."""
    peer.read_head(connection)
    reset(connection)


def half_an_answer(connection, peer):
    peer.read_head(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def garbage(connection, peer):
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" + bytes(range(256)) * 20)
    peer.read_head(connection)


for name, talk in (
    ("resets at once", slam),
    ("resets behind the request", slam_later),
    ("ends in the midst of an answer", half_an_answer),
    ("speaks something else", garbage),
):
    row(
        "N5",
        f"a server that {name}: tried again, then 69",
        sim=None,
        stdin=FEW,
        server=lambda case, talk=talk: {"env": url_of(case.keep(Peer(talk)).port)},
        args=("--max-retries", "3"),
        status=69,
        err="gave up after 4 tries",
    )


def full_backlog(case, host="127.0.0.1", port=0):
    """A port that answers no SYN any more."""
    sock = listen(host, port, backlog=0)
    address = sock.getsockname()
    case.keep(sock)
    for _ in range(3):
        filler = socket.socket(sock.family)
        filler.setblocking(False)
        filler.connect_ex(address[:2])
        case.keep(filler)
    time.sleep(0.05)
    return address[1]


row(
    "N5",
    "a port that answers nothing at all has an end: 69",
    sim=None,
    stdin=FEW,
    server=lambda case: {"env": url_of(full_backlog(case))},
    args=("--max-retries", "1"),
    status=69,
    within=60,
    err="(?i)time.*gave up after 2 tries",
)


def silent(case):
    case.silent = case.keep(Peer(forever))
    return {"env": url_of(case.silent.port)}


row(
    "N5",
    "a server that accepts and says nothing: asked again, and TERM ends it",
    sim=None,
    stdin=FEW,
    server=silent,
    steps=(said("trying again", limit=60), usr1_at_once, term_at_once),
)
row(
    "N5",
    "a port that is closed for a while in mid-stream: it comes back, with a gap",
    args=("--max-retries", "0"),
    steps=(
        streaming,
        lines(10),
        "refuse 2",
        "drop",
        said("trying again", 3),
        gaps(1),
        lines(10),
    ),
    err="cannot connect",
)


def silent_socket(talk):
    """REST is as ever; the channel's socket is elsewhere."""

    def server(case):
        peer = case.keep(Peer(talk))
        case.silent = peer

        def change_it(request, value):
            if request.command == "POST" and request.path == CHANNELS:
                value["connectUri"] = f"ws://127.0.0.1:{peer.port}/channels/canary-uri"
            return value

        meddler = case.keep(Meddler(case.sims[-1], after=json_of(change_it)))
        return {"env": {"GENESYSCLOUD_API_URL": meddler.url}}

    return server


row(
    "N5",
    "a socket that accepts and says nothing has an end, and is tried again",
    server=silent_socket(forever),
    steps=(said("no answer to the WebSocket handshake.*trying again", limit=40),),
    settle=False,
    oracle=False,
    not_err="canary-uri",
)
for name, talk in (
    ("resets at once", slam),
    ("resets behind the request", slam_later),
    ("ends in the midst of an answer", half_an_answer),
    ("speaks something else", garbage),
):
    row(
        "N5",
        f"a socket that {name}: tried again, then 69",
        server=silent_socket(talk),
        args=("--max-retries", "3"),
        status=69,
        err="gave up after 4 tries",
        not_err="canary-uri",
        oracle=False,
    )


@special("N6", "an address that is a black hole costs a second, not the connection")
def black_hole(case):
    sim = case.sim(tls=good())
    try:
        full_backlog(case, "::1", sim.port)
    except OSError as error:
        raise Skip(f"no IPv6 here: {error}") from None
    names = Names(case, PROGRAM, sim_test="::1 127.0.0.1")
    start = time.monotonic()
    run = case.run(
        *("--cacert", Certs.get().ca),
        env={**url_of(sim.port, "sim.test", tls=True), **names.env},
    )
    run.wait_streaming()
    took = time.monotonic() - start
    check(took < 12 * SLOW, f"{took:.1f} s until it streamed")
    final = case.settle(run)
    same(run.end(), 0, run.said())
    case.judge(final)


# N7 to N12: what goes wrong later

row(
    "N7",
    "a TCP reset in mid-stream: it comes back, with a gap",
    steps=(streaming, lines(10), cycle(4, "reset 1"), lines(10)),
    checks=some_gap,
)
QUICK = ("--ping-interval", "1", "--ping-timeout", "1")
row(
    "N8",
    "a connection that is half open is found dead, and the gap begins in time",
    args=QUICK,
    steps=(streaming, lines(10), cycle(2, "half-open"), lines(10)),
    err="streams again",
)
row(
    "N8",
    "with the default times a half-open connection is dead within 36 s",
    steps=(
        streaming,
        lines(10),
        "half-open",
        lambda scene: scene.run.wait_gaps(1, 36 + 4 * SLOW),
        lines(10),
    ),
    oracle={"heal_ms": 5000},
)


def relayed(case):
    sim = case.sims[-1]
    case.relay = case.keep(Relay((sim.host, sim.port)))
    return {"env": url_of(case.relay.port)}


def way(**modes):
    """What happens to the bytes from now on."""

    def step(scene):
        for name, mode in modes.items():
            setattr(scene.case.relay, name, mode)

    return step


row(
    "N9",
    "we send and nothing comes back: found dead, with a gap",
    server=relayed,
    args=QUICK,
    steps=(
        streaming,
        lines(10),
        way(down="drop"),
        said("nothing came|no message"),
        way(down="pass"),
        gaps(1),
        lines(10),
    ),
)
row(
    "N9",
    "nothing of ours arrives, and nothing happens there: found dead, with a gap",
    rate=0.001,
    server=relayed,
    args=QUICK,
    steps=(
        streaming,
        known(),
        way(up="drop"),
        said("nothing came|no message"),
        way(up="pass"),
        gaps(1),
    ),
)
row(
    "N10",
    "a line of 2500 bytes a second: slow, but not dead, and nothing is lost",
    rate=3,
    server=relayed,
    args=("--ping-interval", "2", "--ping-timeout", "3"),
    steps=(way(down=2500), streaming, lines(30)),
    checks=no_gap,
    oracle={"heal_ms": 20000, "no_gaps": True},
)


def pieces(scene):
    """A connection that is lost again and again costs few requests."""
    run, sim = scene.run, scene.sim
    fds = run.fds()
    for _ in range(40):
        sim.do("drop")
        time.sleep(0.1)
    run.wait_streaming()
    check(run.fds() <= fds + 4, f"{run.fds()} descriptors, {fds} before")
    drops = len(run.tail.read().gaps)
    got = sim.status()["requests"]
    check(got["channels"] <= 3, f"requests: {got}")
    check(got["subscriptions"] <= 45, f"requests: {got}")
    check(got["upgrade"] <= 45 and got["bulk"] <= 45, f"requests: {got}")
    check(drops <= 40, f"{drops} gaps")


row(
    "N11",
    "drops in quick succession cost few requests, and no descriptors",
    args=("--max-requests-per-minute", "1000"),
    sim=("--max-requests-per-minute", "0"),
    steps=(streaming, lines(10), pieces, lines(10)),
)


@special("N12", "runs that lose their connections at once do not come back at once")
def thundering(case):
    sim = case.sim(users=6)
    runs = [
        case.run(
            *("--protocol", "events", "--retry-base", "3", "--retry-max", "60"),
            patience=False,
        )
        for _ in range(8)
    ]
    for run in runs:
        run.wait_streaming()
    until(lambda: len(sim.events("connected")) == 8, "8 connections")
    sim.do("drop")
    until(lambda: len(sim.events("connected")) == 16, "8 more", 10 * SLOW)
    from oracle import to_ms

    times = sorted(to_ms(row["at"]) for row in sim.events("connected")[8:])
    spread = times[-1] - times[0]
    check(spread > 600, f"all within {spread} ms")
    for run in runs:
        same(run.end(), 0, run.said())


# T: certificates

BAD = (
    ("expired", "expired"),
    ("early", "not yet valid"),
    ("elsewhere", "[Ss]ubject|match|host"),
    ("self", "self-signed|self signed"),
    ("stranger", "unable to get|issuer"),
)


def untrusted(name):
    def server(case):
        _, port = s_server(case, name)
        return {
            "env": url_of(port, tls=True),
            "args": ["--cacert", Certs.get().ca],
        }

    return server


for name, why in BAD:
    row(
        "T1",
        f"s_server with a certificate that is {name}, for REST: 69 at once, and why",
        sim=None,
        stdin=FEW,
        needs="openssl",
        server=untrusted(name),
        status=69,
        err=why,
        not_err="trying again",
        checks=no_lines,
    )


def untrusted_socket(name, *options):
    """REST with a good certificate; the socket has another one."""

    def server(case):
        _, port = s_server(case, name, *options)

        def change_it(request, value):
            if request.command == "POST" and request.path == CHANNELS:
                value["connectUri"] = f"wss://127.0.0.1:{port}/channels/canary-uri"
            return value

        meddler = case.keep(
            Meddler(
                case.sims[-1],
                after=json_of(change_it),
                tls=Certs.get().context("good"),
            )
        )
        return {
            "env": {"GENESYSCLOUD_API_URL": meddler.url},
            "args": ["--cacert", Certs.get().ca],
        }

    return server


for name, why in BAD:
    row(
        "T1",
        f"s_server with a certificate that is {name}, for the socket: 69, and why",
        needs="openssl",
        server=untrusted_socket(name),
        status=69,
        err=f"TLS.*({why})",
        not_err=("trying again", "canary-uri"),
        oracle=False,
        checks=no_lines,
    )
row(
    "T1",
    "s_server with a certificate of nothing but a common name is not trusted: 69",
    sim=None,
    stdin=FEW,
    needs="openssl",
    server=untrusted("nameless"),
    status=69,
    err="(?i)subject|match|host",
    not_err="trying again",
)


def front(certificate, lines=""):
    """nginx before the simulator."""

    def server(case):
        _, port = nginx(case, case.sims[-1].url, certificate, lines)
        return {
            "env": url_of(port, tls=True),
            "args": ["--cacert", Certs.get().ca],
        }

    return server


row(
    "T1",
    "behind nginx with a good certificate all is as ever",
    tls=good,
    needs="nginx",
    server=front("good"),
    steps=(streaming, lines(20), cycle(2), "closing 3", lines(20)),
)
for name, why in BAD[:3]:
    row(
        "T1",
        f"nginx with a certificate that is {name}: 69 at once, and why",
        tls=good,
        needs="nginx",
        server=front(name),
        status=69,
        err=why,
        not_err="trying again",
    )


def switchable(case):
    """A relay to the simulator, which can be led elsewhere."""
    sim = case.sims[-1]
    case.relay = case.keep(Relay((sim.host, sim.port)))
    return {
        "env": url_of(case.relay.port, tls=True),
        "args": ["--cacert", Certs.get().ca],
    }


def lead_to(name):
    def step(scene):
        if name is None:
            scene.case.relay.target = scene.sim.host, scene.sim.port
        else:
            scene.case.relay.target = "127.0.0.1", s_server(scene.case, name)[1]

    return step


row(
    "T1",
    "a certificate that expires in mid-stream is tried again: it may be renewed",
    tls=good,
    needs="openssl",
    server=switchable,
    args=("--max-retries", "0"),
    steps=(
        streaming,
        lines(10),
        lead_to("expired"),
        "drop",
        said("expired.*trying again", 2),
        lead_to(None),
        gaps(1),
        lines(10),
    ),
)

OLD = ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")


def speaks_tls_1_1(port):
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *OLD],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return "TLSv1.1" in done.stdout


def old_tls(case):
    _, port = s_server(case, "good", *OLD)
    if not speaks_tls_1_1(port):
        raise Skip("this openssl has no TLS 1.1")
    return {"env": url_of(port, tls=True), "args": ["--cacert", Certs.get().ca]}


row(
    "T2",
    "s_server with nothing newer than TLS 1.1, for REST: refused",
    sim=None,
    stdin=FEW,
    needs="openssl",
    server=old_tls,
    args=("--max-retries", "1"),
    status=69,
    err="(?i)protocol version|unsupported protocol|tls",
)
row(
    "T2",
    "s_server with nothing newer than TLS 1.1, for the socket: refused",
    needs="openssl",
    server=untrusted_socket("good", *OLD),
    args=("--max-retries", "1"),
    status=69,
    err="TLS",
    oracle=False,
)
row(
    "T2",
    "s_server that speaks TLS but no WebSocket: tried again, then 69",
    needs="openssl",
    server=untrusted_socket("good"),
    args=("--max-retries", "2"),
    status=69,
    err="gave up after 3 tries",
    oracle=False,
)


def alert(connection, peer):
    """A fatal alert in place of a ServerHello: handshake_failure."""
    connection.recv(65536)
    connection.sendall(bytes.fromhex("15030300020228"))
    connection.recv(65536)


def half_a_hello(connection, peer):
    connection.recv(65536)
    connection.sendall(bytes.fromhex("160303007a020000760303"))
    reset(connection)


def empty_records(connection, peer):
    """Zero-length records without an end, in place of a handshake."""
    connection.recv(65536)
    for _ in range(1000):
        connection.sendall(bytes.fromhex("1603030000") * 100)


for name, talk in (
    ("alerts in the handshake", alert),
    ("breaks off in the handshake", half_a_hello),
    ("sends empty records", empty_records),
    ("speaks no TLS", garbage),
):
    row(
        "T3",
        f"a server that {name}: tried again, then 69",
        sim=None,
        stdin=FEW,
        server=lambda case, talk=talk: {
            "env": url_of(case.keep(Peer(talk)).port, tls=True)
        },
        args=("--max-retries", "2"),
        status=69,
        err="gave up after 3 tries",
    )
row(
    "T3",
    "TLS that ends without a close_notify, in mid-stream: it comes back",
    tls=good,
    server=switchable,
    steps=(
        streaming,
        lines(10),
        for_each(
            3,
            lambda scene: scene.case.relay.reset_all(),
            lambda scene: connections(len(scene.sim.events("connected")) + 1)(scene),
            lines(10),
        ),
        gaps(3),
    ),
)


def years(count):
    """The program believes that so many years have gone by."""
    return {"wrap": ["faketime", "-f", f"{count:+d}y"]}


for count, why in ((20, "expired"), (-20, "not yet valid")):
    row(
        "T4",
        f"a clock that is wrong by {count} years: 69, and the certificate is why",
        needs="faketime",
        sanitized=False,
        tls=good,
        run=years(count),
        server=lambda case: {"args": ["--cacert", Certs.get().ca]},
        status=69,
        err=why,
        oracle=False,
    )

# T5: proxies


def by_proxy(how="good", **more):
    def server(case):
        case.tunnel = case.keep(Tunnel(how))
        return {
            "env": {
                "http_proxy": f"http://the-user:canary-proxy@127.0.0.1:{case.tunnel.port}"
            },
            **more,
        }

    return server


def all_by_proxy(scene):
    seen = scene.case.tunnel.seen
    check(len(seen) >= 2, f"by the proxy: {seen}")
    for method, target, head in seen:
        same(method, "CONNECT", target)
        same(target, f"127.0.0.1:{scene.sim.port}", "target")
        check(re.search("(?i)proxy-authorization: basic ", head), head)


def by_tinyproxy(case):
    _, port = tinyproxy(case)
    return {"env": {"http_proxy": f"http://127.0.0.1:{port}"}}


row(
    "T5",
    "through tinyproxy all is as ever",
    needs="tinyproxy",
    server=by_tinyproxy,
    steps=(streaming, lines(20), cycle(2), "closing 3", lines(20)),
    checks=lambda scene: check(
        len(re.findall("CONNECT 127", read(scene.case.path("tinyproxy.log")))) >= 2,
        "tinyproxy was not used for both",
    ),
)


def tinyproxy_refuses(case):
    _, port = tinyproxy(case, "ConnectPort 443")
    return {"env": {"http_proxy": f"http://127.0.0.1:{port}"}}


row(
    "T5",
    "tinyproxy that does not allow the port: tried again, then 69",
    needs="tinyproxy",
    server=tinyproxy_refuses,
    args=("--max-retries", "2"),
    status=69,
    err="403.*gave up after 3 tries",
)
row(
    "T5",
    "REST and socket take the same proxy, and its password is not told",
    server=by_proxy(),
    args=("-v", "-v"),
    steps=(streaming, lines(10), cycle(1), lines(5)),
    checks=all_by_proxy,
    not_err="canary-proxy",
    oracle={"secrets": ["canary-proxy"]},
)
for how in (407, 502):
    row(
        "T5",
        f"a proxy that answers {how}: tried again, then 69, and the reason is told",
        server=by_proxy(how),
        args=("--max-retries", "2"),
        status=69,
        err=f"{how}.*gave up after 3 tries",
        not_err="canary-proxy",
    )
row(
    "T5",
    "a proxy that hangs has an end: tried again, and TERM ends it",
    server=by_proxy("hang"),
    steps=(said("trying again", limit=60), usr1_at_once, term_at_once),
    settle=False,
    oracle=False,
)
row(
    "T5",
    "a proxy that closes behind its answer: tried again, then 69",
    server=by_proxy("close"),
    args=("--max-retries", "2"),
    status=69,
    err="gave up after 3 tries",
)


def no_proxy(value):
    def server(case):
        case.tunnel = case.keep(Tunnel(502))
        return {
            "env": {
                "http_proxy": f"http://127.0.0.1:{case.tunnel.port}",
                "no_proxy": value,
            }
        }

    return server


for value in ("127.0.0.1", "elsewhere.test, 127.0.0.1", "*"):
    row(
        "T5",
        f"no_proxy={value} holds for REST and socket alike",
        server=no_proxy(value),
        steps=(streaming, lines(10), cycle(1)),
        checks=lambda scene: same(scene.case.tunnel.accepted, 0, "by the proxy"),
    )


class Halfway(Tunnel):
    """Lets REST through, and not the socket."""

    def connect(self, connection, peer):
        if len(self.seen) >= self.allowed:
            self.how = 403
        super().connect(connection, peer)


def halfway(case):
    tunnel = case.keep(Halfway())
    tunnel.allowed = 1
    return {"env": {"http_proxy": f"http://127.0.0.1:{tunnel.port}"}}


row(
    "T5",
    "a proxy that lets REST through and not the socket: tried again, then 69",
    server=halfway,
    args=("--max-retries", "2"),
    status=69,
    err="connection 1: .*gave up after 3 tries",
)


# T6


def loopback_uri(case):
    """A simulator that is not where it says that it is, but here."""
    sim = case.sims[-1]
    relay = case.keep(Relay((sim.host, sim.port)))

    def change_it(request, value):
        if request.command == "POST" and request.path == CHANNELS:
            value["connectUri"] = value["connectUri"].replace(
                request.headers["Host"], f"localhost:{relay.port}"
            )
        return value

    case.relay = relay
    meddler = case.keep(Meddler(sim, after=json_of(change_it)))
    return {"env": {"GENESYSCLOUD_API_URL": meddler.url}}


row(
    "T6",
    "with --api-url a connectUri on loopback is used, wherever REST is",
    server=loopback_uri,
    steps=(streaming, lines(10)),
    checks=lambda scene: check(scene.case.relay.accepted > 0, "the relay"),
)
