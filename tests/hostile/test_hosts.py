#!/usr/bin/python3
"""Who is told our secrets: certificates, versions of TLS, redirects, proxies,
what the environment and the service would lead us to.  Prints TAP."""

import os
import re
import subprocess

from canary import (
    CHANNELS,
    SECRET,
    TELLTALE,
    TESTS,
    Canary,
    Certs,
    Meddler,
    Skip,
    Tunnel,
    answer,
    ask,
    check,
    clean,
    connect_uri,
    context,
    finish,
    front,
    need,
    read,
    run_all,
    same,
    test,
    until,
    write,
)

# Certificates

BAD = (
    ("expired", "has expired"),
    ("early", "not yet valid"),
    ("elsewhere", "(?i)match"),
    ("self", "self-signed|self signed"),
    ("stranger", "unable to get (local )?issuer"),
    ("nameless", "(?i)match"),
)
WHAT_TO_DO = "check --cacert, and the clock"


def cacert():
    return ["--cacert", Certs.get().ca]


def url_of(bad):
    return f"https://{bad.name}:{bad.port}"


def token_host(case, bad):
    """The token is asked for there."""
    return {"GENESYSCLOUD_API_URL": url_of(bad)}, ()


def api_host(case, bad):
    """The token comes from a good host; REST is there."""
    login = front(case).url
    return {"GENESYSCLOUD_LOGIN_URL": login, "GENESYSCLOUD_API_URL": url_of(bad)}, (
        "--protocol",
        "notifications",
    )


def channel_host(case, bad):
    """REST is good; the channel's socket is there."""
    uri = f"wss://{bad.name}:{bad.port}/channels/canary-uri"
    return {"GENESYSCLOUD_API_URL": front(case, connect_uri(uri)).url}, (
        "--protocol",
        "notifications",
    )


def events_host(case, bad):
    """The token comes from a good host; the socket whose URL has it is there."""
    login = front(case).url
    return {"GENESYSCLOUD_LOGIN_URL": login, "GENESYSCLOUD_API_URL": url_of(bad)}, (
        "--protocol",
        "events",
    )


PLACES = (
    ("where the token is asked for", token_host, False),
    ("of the API", api_host, False),
    ("of a channel's socket", channel_host, False),
    ("of the events socket", events_host, False),
    ("where gcpresence-users asks for its token", token_host, True),
)


def refused(case, place, users, name, *options, env=None, host="127.0.0.1"):
    bad = case.keep(Canary(context(name)))
    bad.name = host
    there, args = place(case, bad)
    run = ask(
        case,
        *cacert(),
        *args,
        *options,
        env={**there, **(env or {})},
        users=users,
        status=69,
    )
    check(bad.accepted > 0, "nobody came")
    bad.told_nothing()
    said = run.said()
    check(
        re.search(rf"{re.escape(host)}(:| port ){bad.port}\b", said),
        f"which host is not said: {said}",
    )
    check("canary-uri" not in said and SECRET not in said, said)
    same(read(run.output), "", "standard output")
    return said


for where, host, is_users in PLACES:
    for certificate, reason in BAD:

        @test(
            f"a certificate that is {certificate}, {where}: 69 at once, what is wrong"
            " and what to do is said, nothing is told"
        )
        def _(case, host=host, is_users=is_users, name=certificate, why=reason):
            said = refused(case, host, is_users, name)
            check(re.search(why, said), said)
            check(WHAT_TO_DO in said, said)
            check("trying again" not in said, said)


for where, host, is_users in PLACES:
    for certificate, title in (
        ("nameless", "only a common name that fits"),
        ("address", "the address, and a common name that fits,"),
        ("elsewhere", "another name, and a common name that fits,"),
    ):

        @test(f"a certificate of {title} {where}: 69 at once, nothing is told")
        def _(case, host=host, is_users=is_users, name=certificate):
            said = refused(case, host, is_users, name, host="localhost")
            check(re.search("(?i)match", said), said)
            check(WHAT_TO_DO in said, said)
            check("trying again" not in said, said)


for where, host, is_users in PLACES[1:]:

    @test(f"--cacert alone is trusted {where}: the environment adds nothing to it")
    def _(case, host=host, is_users=is_users):
        need("openssl")
        other = os.path.join(Certs.get().folder, "other.pem")
        done = subprocess.run(
            ["openssl", "x509", "-noout", "-hash", "-in", other],
            capture_output=True,
            text=True,
            check=True,
        )
        folder = case.path("trusted")
        os.mkdir(folder)
        os.symlink(other, os.path.join(folder, done.stdout.strip() + ".0"))
        refused(
            case,
            host,
            is_users,
            "stranger",
            env={
                "SSL_CERT_FILE": other,
                "SSL_CERT_DIR": folder,
                "CURL_CA_BUNDLE": other,
            },
        )


PERMISSIVE = """
openssl_conf = a
[a]
ssl_conf = b
[b]
system_default = c
[c]
MinProtocol = TLSv1.1
CipherString = ALL:@SECLEVEL=0
"""


def permissive(case):
    """An OPENSSL_CONF with which OpenSSL's own client speaks TLS 1.1."""
    need("openssl")
    config = write(case.path("openssl.cnf"), PERMISSIVE)
    bad = case.keep(Canary(context("old")))
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{bad.port}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENSSL_CONF": config},
    )
    if "TLSv1.1" not in done.stdout:
        raise Skip("this openssl has no TLS 1.1")
    return {"OPENSSL_CONF": config}


for where, host, is_users in PLACES:

    @test(
        f"a server of TLS 1.1, {where}: 69 though OPENSSL_CONF permits it, with the"
        " version that is needed"
    )
    def _(case, host=host, is_users=is_users):
        env = permissive(case)
        said = refused(case, host, is_users, "old", "--max-retries", "1", env=env)
        check("1.2" in said, said)


# Redirects

STATUSES = (301, 302, 303, 307, 308)


def redirected(case, stage, status, users=False, events=False):
    """What is asked for is elsewhere, says the service: three places."""
    spy = case.keep(Canary())
    for target in ("elsewhere", "here", "clear"):

        def before(request, target=target):
            if not re.search(stage, f"{request.command} {request.path}"):
                return None
            location = {
                "elsewhere": f"{spy.url}/stolen",
                "clear": f"http://127.0.0.1:{spy.port}{request.path}",
                "here": "/stolen",
            }[target]
            return status, [("Location", location)], b""

        made = []  # the front, once it is there
        change = lambda request, value: connect_uri(  # noqa: E731
            f"{made[0].url.replace('http', 'ws', 1)}/channels/x"
        )(request, value)
        server = front(case, change, before, tls=target == "clear")
        made.append(server)
        run = ask(
            case,
            *cacert(),
            *("--max-retries", "1"),
            *(("--protocol", "events") if events else ()),
            env={"GENESYSCLOUD_API_URL": server.url},
            users=users,
        )
        check(run.wait() not in (0, 70), f"status {run.wait()}: {run.said()}")
        check(server.count(stage) > 0, "it was not asked for")
        same(server.count("stolen"), 0, "requests of where it led")
        same(spy.accepted, 0, f"connections to {target}")
        check(str(status) in run.said(), run.said())


for what, request, more in (
    ("the token", "POST /oauth/token", {}),
    ("a channel", f"POST {CHANNELS}", {}),
    ("the channel's socket", "GET /channels/|GET .*streaming", {}),
    ("the events socket", "GET .*/analytics/events", {"events": True}),
    ("the token of gcpresence-users", "POST /oauth/token", {"users": True}),
    ("the list of gcpresence-users", "GET /api/v2/users", {"users": True}),
):

    @test(f"a redirect of {what} is not followed: to another host, here, to http")
    def _(case, request=request, more=more):
        numbers = STATUSES if "token" in request else (302, 308)
        case.sim(users=3)
        for number in numbers:
            redirected(case, request, number, **more)


# Proxies


def run_by_proxy(case, how, *args):
    case.sim(users=3, tls=Certs.get().pair("good"))
    tunnel = case.keep(Tunnel(how))
    run = case.run(
        *cacert(),
        *args,
        env={"https_proxy": f"http://somebody:canary-proxy@127.0.0.1:{tunnel.port}"},
    )
    return tunnel, run


for protocol in ("notifications", "events"):

    @test(f"a proxy sees its own credentials, and none of ours: {protocol}")
    def _(case, protocol=protocol):
        tunnel, run = run_by_proxy(case, "good", "--protocol", protocol)
        run.wait_streaming()
        same(run.end(), 0, run.said())
        check(len(tunnel.seen) >= 2, tunnel.seen)
        for method, target, head in tunnel.seen:
            same((method, target), ("CONNECT", f"127.0.0.1:{run.sim.port}"))
            rest = re.sub(r"(?i)\r\nproxy-authorization: basic [\w+/=]+", "", head)
            check(rest != head, head)
            check(not TELLTALE.search(rest.encode()), head)
        check("canary-proxy" not in run.said(), run.said())


@test("a proxy that answers CONNECT with a redirect leads nowhere")
def _(case):
    spy = case.keep(Canary())

    class Leads(Tunnel):
        def connect(self, connection, peer):
            self.read_head(connection)
            connection.sendall(answer(302, b"", [("Location", spy.url + "/stolen")]))

    case.sim(users=3, tls=Certs.get().pair("good"))
    tunnel = case.keep(Leads())
    ask(
        case,
        *cacert(),
        *("--max-retries", "1"),
        sim=case.sims[-1],
        env={"https_proxy": f"http://127.0.0.1:{tunnel.port}"},
        status=69,
    )
    check(tunnel.accepted > 0, "the proxy was not used")
    same(spy.accepted, 0, "connections to where it led")
    check(not TELLTALE.search(tunnel.received), tunnel.received)


# Where a channel's connectUri may lead

LONG = "x" * 300
URIS = (
    "wss://evil.example/canary-uri",
    "ws://127.0.0.1:{port}/canary-uri",
    "wss://127.0.0.1.evil.example/canary-uri",
    "wss://evil.example:{port}/127.0.0.1/canary-uri",
    "wss://somebody:hunter2@127.0.0.1:{port}/canary-uri",
    "wss://127.0.0.1:{port}@evil.example/canary-uri",
    "wss://evil.example\\@127.0.0.1:{port}/canary-uri",
    "wss://evil.example%2f@127.0.0.1:{port}/canary-uri",
    "wss://evil.example%00.127.0.0.1:{port}/canary-uri",
    "wss://127.0.0.1.:{port}/canary-uri",
    "wss://10.0.0.1:{port}/canary-uri",
    "wss://[fe80::1]:{port}/canary-uri",
    "wss://:{port}/canary-uri",
    "wss://127.0.0.1:{port}/canary-uri#evil",
    "wss://127.0.0.1:{port}/canary-uri\r\nAuthorization: x",
    "wss://127.0.0.1:99999/canary-uri",
    f"wss://{LONG}.127.0.0.1:{{port}}/canary-uri",
    "https://127.0.0.1:{port}/canary-uri",
    "file:///etc/passwd?canary-uri",
)


@test("a connectUri that leads elsewhere is 78, is not repeated, and nobody is told")
def _(case):
    spy = case.keep(Canary(context("good")))
    case.sim(users=3)
    for uri in URIS:
        server = front(case, connect_uri(uri.format(port=spy.port)))
        run = ask(case, *cacert(), env={"GENESYSCLOUD_API_URL": server.url})
        same(run.wait(), 78, (uri, run.said()))
        check("connectUri" in run.said(), run.said())
        for part in ("canary-uri", "hunter2", LONG):
            check(part not in run.said(), run.said())
        server.close()
    same(spy.accepted, 0, "connections")


@test("a path of a connectUri that is too long is 78, not cut")
def _(case):
    spy = case.keep(Canary(context("good")))
    case.sim(users=3)
    for length in (2040, 5000, 70000):
        uri = f"wss://127.0.0.1:{spy.port}/{'x' * length}"
        server = front(case, connect_uri(uri))
        ask(case, *cacert(), env={"GENESYSCLOUD_API_URL": server.url}, status=78)
    spy.told_nothing()


@test("a channel's ID that is made of a path, a query or a header stays an ID")
def _(case):
    for identity in (
        "x/../../../../../stolen",
        "../../users/me?stolen",
        "%2e%2e/stolen",
        "x?stolen=1",
        "x#stolen",
        "x HTTP/1.1\r\nX-Stolen: y",
        "x\x1b[2J\u009b\u202estolen",
        "\\stolen",
        "@stolen",
        "..",
        "x" * 300,
    ):

        def change(request, value, identity=identity):
            if request.command == "POST" and request.path == CHANNELS:
                value["id"] = identity
            return value

        # Each makes channels, and 20 are all.
        case.sim(users=3)
        server = front(case, change, tls=False)
        env = {"GENESYSCLOUD_API_URL": server.url}
        run = ask(case, "--max-retries", "1", env=env)
        check(run.wait() not in (0, 70), run.wait())
        for method, path in server.requests:
            check(
                re.fullmatch(
                    r"/oauth/token|/channels/.*"
                    rf"|{CHANNELS}(\?includechannels=oauthclient)?"
                    rf"|{CHANNELS}/(?!\.\.?/)[\w.~%-]+/subscriptions(\?ignoreErrors=true)?",
                    path,
                ),
                (identity, method, path),
            )
        check(server.count(f"POST {CHANNELS}$") > 0, "no channel was asked for")


# The environment


@test("SSLKEYLOGFILE makes neither REST nor socket write their keys")
def _(case):
    sim = case.sim(users=3, tls=Certs.get().pair("good"))
    keys = case.path("keys")
    run = case.run(*cacert(), env={"SSLKEYLOGFILE": keys})
    run.wait_streaming()
    same(run.end(), 0, run.said())
    check(not os.path.exists(keys), f"keys were written: {read(keys)[:80]}")
    env = {"SSLKEYLOGFILE": keys, "GENESYSCLOUD_API_URL": sim.url}
    ask(case, *cacert(), env=env, users=True, status=0)
    check(not os.path.exists(keys), f"keys were written: {read(keys)[:80]}")


@test("neither ~/.netrc nor ~/.curlrc is read")
def _(case):
    home = case.path("home")
    os.mkdir(home)
    write(
        os.path.join(home, ".netrc"),
        "machine 127.0.0.1 login canary password canary-netrc\n"
        "default login canary password canary-netrc\n",
        0o600,
    )
    write(os.path.join(home, ".curlrc"), "insecure\nlocation\nnetrc\n")
    env = {"HOME": home, "CURL_HOME": home, "CURL_SSL_BACKEND": "none"}
    seen = []
    case.sim(users=3)

    def before(request):
        seen.append(request.headers.get("Authorization") or "")

    server = case.keep(Meddler(case.sims[-1], before=before))
    run = case.run(env={**env, "GENESYSCLOUD_API_URL": server.url})
    run.wait_streaming()
    same(run.end(), 0, run.said())
    until(lambda: len(seen) > 3, "requests")
    check(not any("Y2FuYXJ5" in one for one in seen), seen)
    refused(case, token_host, False, "self", env=env)


@test("a cookie, or word of another service (Alt-Svc, HSTS), changes no request")
def _(case):
    spy = case.keep(Canary())
    cookies = []
    sim = case.sim(users=3)

    def before(request):
        cookies.append(request.headers.get("Cookie"))

    def after(_, status, headers, body):
        more = [
            ("Set-Cookie", "a=b; Path=/"),
            ("Alt-Svc", f'http/1.1="127.0.0.1:{spy.port}"; ma=3600'),
            ("Strict-Transport-Security", "max-age=3600"),
            ("Refresh", f"0; url={spy.url}"),
            ("Link", f"<{spy.url}>; rel=preload"),
        ]
        return status, headers + more, body

    server = case.keep(Meddler(sim, before=before, after=after))
    env = {"GENESYSCLOUD_API_URL": server.url}
    run = case.run(env=env)
    run.wait_streaming()
    same(run.end(), 0, run.said())
    ask(case, env=env, users=True, status=0)
    check(len(cookies) > 5, cookies)
    same(set(cookies), {None}, "cookies")
    same(spy.accepted, 0, "connections elsewhere")


if __name__ == "__main__":
    _passed, failed = run_all(TESTS)
    clean()
    finish(failed)
