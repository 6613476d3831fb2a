#!/usr/bin/env python3
"""The fake itself: it speaks the standards, and no deviation passes.

Speaks TAP.  The client's side is the websockets package and bare sockets.
"""

import asyncio
import os
import sys
import tempfile
import traceback

import websockets

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fake as fakes        # noqa: E402: it is not in a package

TESTS = []


def test(function):
    TESTS.append(function)
    return function


async def against(script, client, wrong=None):
    """Plays the script against client(fake); wrong: what the fake must say."""
    fake = fakes.Fake("script", script)
    fake.limit = 2.0
    await fake.start()
    said = None
    task = asyncio.ensure_future(client(fake))
    try:
        await fake.play()
        await asyncio.wait_for(task, 5)
        fake.check_end()
    except fakes.Deviation as why:
        said = str(why)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await fake.stop()
    if wrong is None:
        assert said is None, said
    else:
        assert said is not None and wrong in said, "it said %s, not %s" % (said, wrong)


async def request(fake, text):
    """One request on a connection of its own; returns all that is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", fake.port)
    writer.write(text.replace("\n", "\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    body = await reader.readexactly(length)
    writer.close()
    return head.decode(), body.decode()


def connect(fake, path="/s", **arguments):
    return websockets.connect(fake.socket_url + path, compression=None, **arguments)


@test
async def answers_have_status_headers_and_body():
    async def client(fake):
        head, body = await request(fake, "POST /a/b HTTP/1.1\nHost: x\nContent-Length: 2\n\nhi")
        assert head.startswith("HTTP/1.1 429 Too Many Requests\r\n") and "\r\nRetry-After: 1\r\n" in head, head
        assert body == '{"url":"%s"}' % fake.url, body
    await against('expect POST /a contains hi\nanswer 429 header "Retry-After: 1" {"url":"${URL}"}', client)


@test
async def sockets_carry_text_both_ways():
    async def client(fake):
        async with connect(fake) as socket:
            assert await socket.recv() == "hello"
            await socket.send("to you")
            assert await socket.recv() == "fragments" * 10
            assert await socket.recv() == b"\x00\xff"
            await (await socket.ping())
            await socket.wait_closed()
            assert (socket.close_code, socket.close_reason) == (1001, "bye now")
    await against("expect GET /s\nupgrade\nframe hello\nreceive to you\nfragment 7 ${FILL 10 fragments}\n"
                  "ponged 1\nbinary 00ff\npinged 1\nclose 1001 bye now", client)


@test
async def the_clients_close_is_answered():
    async def client(fake):
        async with connect(fake) as socket:
            await socket.close(1000)
            assert socket.close_code == 1000
    await against("expect GET /s\nupgrade\nclosed 1000", client)


@test
async def a_drop_has_no_close_frame():
    async def client(fake):
        async with connect(fake) as socket:
            await socket.wait_closed()
            assert socket.close_code == 1006
    await against("expect GET /s\nupgrade\ndrop", client)


@test
async def a_wrong_accept_is_noticed_by_a_good_client():
    async def client(fake):
        try:
            await connect(fake)
        except websockets.InvalidHandshake:
            return
        raise AssertionError("it was taken")
    await against("expect GET /s\nupgrade bad-accept", client)


@test
async def no_pong_leaves_pings_unanswered():
    async def client(fake):
        async with connect(fake, ping_interval=None) as socket:
            await socket.recv()
            pong = await socket.ping()
            await asyncio.sleep(0.1)
            assert not pong.done()
            pong.cancel()
            await socket.send("done")
            await socket.wait_closed()
    await against("expect GET /s\nupgrade\nno-pong\nframe go\npinged 1\nreceive done\ndrop", client)


@test
async def sockets_have_numbers():
    async def client(fake):
        async with connect(fake, "/one") as one, connect(fake, "/two") as two:
            assert await one.recv() == "first"
            assert await two.recv() == "second"
    await against("expect GET /one\nupgrade\nexpect GET /two\nupgrade\n@1 frame first\n@2 frame second\n"
                  "@1 closed\n@2 closed", client)


@test
async def branches_take_requests_in_any_order():
    async def client(fake):
        for path in ("/c", "/a", "/b"):
            head, body = await request(fake, "GET %s HTTP/1.1\nHost: x\n\n" % path)
            assert body == path[1:]
    await against("parallel\nexpect GET /a\nanswer 200 a\nand\nexpect GET /b\nanswer 200 b\nand\nexpect GET /c\n"
                  "answer 200 c\nend", client)


@test
async def the_port_refuses_and_opens_again():
    async def client(fake):
        await request(fake, "GET /a HTTP/1.1\nHost: x\n\n")
        await fake.until(lambda: fake.variables.get("closed"), "the end")
        try:
            await asyncio.open_connection("127.0.0.1", fake.port)
            raise AssertionError("it was open")
        except ConnectionRefusedError:
            fake.variables["seen"] = True
        fake.poke()

    async def tell(fake, rest):
        fake.variables["closed"] = True
        fake.poke()
        await fake.until(lambda: fake.variables.get("seen"), "the refusal")
    script = "expect GET /a\nanswer 200\nunlisten\ntell\nlisten"
    fake = fakes.Fake("script", script, {"tell": tell})
    await fake.start()
    task = asyncio.ensure_future(client(fake))
    await fake.play()
    await task
    await asyncio.open_connection("127.0.0.1", fake.port)
    await fake.stop()


@test
async def a_tunnel_is_marked():
    async def client(fake):
        reader, writer = await asyncio.open_connection("127.0.0.1", fake.port)
        writer.write(b"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
    await against("expect CONNECT x:1\ntunnel\nexpect GET /a tunnelled\nanswer 200", client)


def deviates(name, script, text, wrong):
    """A test that this request is one deviation."""
    async def run():
        async def client(fake):
            try:
                await request(fake, text)
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
        await against(script, client, wrong)
    run.__name__ = name
    TESTS.append(run)


GET = "GET /a HTTP/1.1\nHost: x\n\n"
deviates("another_path_is_a_deviation", "expect GET /b\nanswer 200", GET, "script:1: expected GET /b")
deviates("another_method_is_a_deviation", "expect PUT /a\nanswer 200", GET, "script:1: expected PUT /a")
deviates("a_missing_text_is_a_deviation", "expect GET /a contains secret\nanswer 200", GET, "'secret'")
deviates("an_unwanted_text_is_a_deviation", "expect GET /a lacks Host\nanswer 200", GET, "contains 'Host'")
deviates("a_request_too_early_is_a_deviation", "expect GET /a after 1\nanswer 200", GET, "already")
deviates("a_request_that_never_comes_is_a_deviation", "expect GET /a\nanswer 200\nexpect GET /b", GET, "in vain")
deviates("a_request_too_many_is_a_deviation", "quiet 0.3", GET, "not quiet")
deviates("a_stranger_among_branches_is_a_deviation", "parallel\nexpect GET /b\nand\nexpect GET /c\nend", GET,
         "GET /b: it is another one or GET /c")
deviates("what_does_not_come_through_the_proxy_is_a_deviation", "expect GET /a tunnelled\nanswer 200", GET, "proxy")
deviates("a_request_without_host_is_a_deviation", "expect GET /a\nanswer 200", "GET /a HTTP/1.1\n\n", "Host")
deviates("what_is_no_request_is_a_deviation", "expect GET /a\nanswer 200", "hello\n\n", "not a request line")
deviates("an_upgrade_without_a_key_is_a_deviation", "expect GET /a\nupgrade",
         "GET /a HTTP/1.1\nHost: x\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\n\n", "Key")
deviates("no_upgrade_at_all_is_a_deviation", "expect GET /a\nupgrade", GET, "not a WebSocket handshake")
deviates("an_unknown_directive_is_a_deviation", "dance", GET, "unknown directive 'dance'")
deviates("an_unknown_substitution_is_a_deviation", "expect GET /${NOBODY}", GET, "unknown substitution")


def socket_deviates(name, script, act, wrong):
    async def run():
        async def client(fake):
            try:
                async with connect(fake) as socket:
                    await act(socket)
            except websockets.ConnectionClosed:
                pass
        await against("expect GET /s\nupgrade\n" + script, client, wrong)
    run.__name__ = name
    TESTS.append(run)


socket_deviates("another_message_is_a_deviation", "receive hello", lambda s: s.send("hullo"), "expected the message hello")
socket_deviates("a_message_too_many_is_a_deviation", "closed 1000", lambda s: s.send("hullo"), "hullo")
socket_deviates("another_close_code_is_a_deviation", "closed 1000", lambda s: s.close(1001), "1001")
socket_deviates("an_early_end_is_a_deviation", "receive hello", lambda s: s.close(), "is closed")
socket_deviates("binary_is_a_deviation", "receive hello", lambda s: s.send(b"hello"), "opcode 2")


@test
async def a_frame_without_a_mask_is_a_deviation():
    async def client(fake):
        async with connect(fake) as socket:
            socket.transport.write(b"\x81\x02hi")
            await socket.wait_closed()
    await against("expect GET /s\nupgrade\nreceive hi", client, "not masked")


@test
async def as_a_program_it_prints_its_url_and_exits_with_1():

    with tempfile.NamedTemporaryFile("w", suffix=".service") as file:
        file.write("limit 0.3\nexpect GET /a\n")
        file.flush()
        process = await asyncio.create_subprocess_exec(
            sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "fake.py"), file.name,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        out, said = await process.communicate()
    assert out.startswith(b'{"url":"http://127.0.0.1:') and out.endswith(b'"}\n'), out
    assert process.returncode == 1 and b"in vain" in said and said.count(b"\n") == 1, said


def main():
    print("1..%d" % len(TESTS))
    failed = 0
    for number, function in enumerate(TESTS, 1):
        trouble = None
        try:
            asyncio.run(function())
        except Exception:
            trouble = traceback.format_exc()
            failed += 1
        print("%sok %d - %s" % ("not " if trouble else "", number, function.__name__))
        for line in (trouble or "").splitlines():
            print("#   " + line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
