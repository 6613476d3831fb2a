#!/usr/bin/python3
"""flood: how many events a second the simulator sends to one connection.

    flood.py [--seconds S] [--events] [--users N] [SIMULATOR OPTION ...]

Starts $GCPRESENCE_SIM (or ./gcpresence-sim) with --rate max, subscribes all
users on one connection, reads as fast as it can and counts messages.  It
prints one line: events a second, bytes a second, the simulator's CPU time.
"""

import argparse
import base64
import http.client
import json
import os
import socket
import subprocess
import time
import urllib.parse


def call(address, method, path, body=None, **headers):
    connection = http.client.HTTPConnection(*address)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{method} {path}: {answer.status} {text!r}")
    return json.loads(text)


def upgrade(address, path):
    """A WebSocket, opened by hand; what follows the answer is left unread."""
    stream = socket.create_connection(address)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    key = base64.b64encode(os.urandom(16)).decode()
    stream.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = stream.recv(1)
        if not byte:
            raise SystemExit("the upgrade was refused")
        head += byte
    if b" 101 " not in head.split(b"\r\n")[0]:
        raise SystemExit(head.decode())
    return stream


def masked(text):
    """A client's text frame; the mask is zero, so the payload is plain."""
    payload = text.encode()
    if len(payload) < 126:
        head = bytes([0x81, 0x80 | len(payload)])
    elif len(payload) < 65536:
        head = bytes([0x81, 0xFE]) + len(payload).to_bytes(2, "big")
    else:
        head = bytes([0x81, 0xFF]) + len(payload).to_bytes(8, "big")
    return head + b"\0\0\0\0" + payload


def open_stream(address, login, users, events):
    token = call(
        address,
        "POST",
        "/oauth/token",
        "grant_type=client_credentials",
        Authorization="Basic " + base64.b64encode(login.encode()).decode(),
    )["access_token"]
    if events:
        stream = upgrade(address, f"/api/v2/analytics/events?token={token}")
        stream.sendall(
            masked(
                json.dumps(
                    {
                        "type": "subscribe",
                        "eventTypes": ["presence"],
                        "filters": {"userId": users},
                    }
                )
            )
        )
        return stream, b'"eventType"'
    bearer = "Bearer " + token
    channels = "/api/v2/notifications/channels"
    channel = call(address, "POST", channels, Authorization=bearer)
    path = urllib.parse.urlsplit(channel["connectUri"]).path
    stream = upgrade(address, path)
    call(
        address,
        "PUT",
        f"{channels}/{channel['id']}/subscriptions",
        json.dumps([{"id": f"v2.users.{user}.presence"} for user in users]),
        Authorization=bearer,
    )
    return stream, b'"topicName"'


def measure(stream, mark, seconds):
    piece = bytearray(1 << 20)
    view = memoryview(piece)
    count = size = 0
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        got = stream.recv_into(view)
        if got == 0:
            raise SystemExit("the simulator hung up")
        size += got
        # A mark that is torn between two pieces is lost: one in thousands.
        count += piece.count(mark, 0, got)
    return count, size, time.monotonic() - start


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--events", action="store_true")
    options, rest = parser.parse_known_args()
    program = os.environ.get("GCPRESENCE_SIM", "./gcpresence-sim")
    basic = [program, "--users", str(options.users)]
    ids = subprocess.run(
        basic + ["--ids"], stdout=subprocess.PIPE, check=True, text=True
    ).stdout
    users = [line.split("\t")[0] for line in ids.splitlines()]
    sim = subprocess.Popen(
        basic
        + ["--rate", "max", "--events-users", "1000000", "--max-topics", "1000000"]
        + rest,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        ready = json.loads(sim.stdout.readline())
        parts = urllib.parse.urlsplit(ready["url"])
        stream, mark = open_stream(
            (parts.hostname, parts.port),
            f"{ready['clientId']}:{ready['clientSecret']}",
            users,
            options.events,
        )
        used = cpu_seconds(sim)
        count, size, took = measure(stream, mark, options.seconds)
        used = cpu_seconds(sim) - used
        print(
            f"{count / took:.0f} events/s, {size / took / 1e6:.0f} MB/s, "
            f"{used / took:.2f} cores, {used / max(count, 1) * 1e6:.2f} us/event"
        )
    finally:
        sim.terminate()
        sim.wait()


if __name__ == "__main__":
    main()
