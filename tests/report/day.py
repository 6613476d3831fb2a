#!/usr/bin/env python3
"""Makes a recording of a day in a contact centre, as gcpresence prints it.

    gcpresence-sim --ids --users 12 | day.py [--seed S] [--minutes N] > day.ndjson

Standard input has the users, as gcpresence takes them.  The same users and seed
make the same day.  It starts at 07:55 UTC; the stream is blind for seven
minutes after 11:00.
"""

import argparse
import datetime
import json
import random
import sys

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
MINUTE = 60_000
# Minutes after 08:00 UTC.
START = -5
BLIND = (183.4, 190.2)


class Agent:
    """One user's day: a list of (time in ms after eight, state)."""

    def __init__(self, number, draw):
        self.number = number
        self.draw = draw
        self.day = []
        self.now = 0.0
        self.arrives = draw.choice([0, 0, 0, 30, 30, 60, 90]) + draw.gauss(-2, 3)
        self.leaves = min(self.arrives + 8 * 60, draw.gauss(474, 5))
        if number % 5 == 3:  # half a day
            self.leaves = self.arrives + draw.uniform(235, 260)
        self.leads = number % 12 == 7
        self.plans = sorted(self.plan())

    def plan(self):
        """What this agent has in the diary: start, length, state."""
        draw = self.draw
        yield (self.arrives + draw.uniform(95, 130), draw.gauss(13, 2), "BREAK")
        yield (215 + 22 * (self.number % 4) + draw.gauss(0, 4), draw.gauss(36, 5), "MEAL")
        yield (375 + draw.uniform(0, 45), draw.gauss(12, 2), "BREAK")
        if self.number % 3 == 0:
            yield (120 + draw.gauss(0.5, 0.4), draw.gauss(29, 1), "MEETING")
        if self.number % 6 == 1:
            yield (330 + draw.gauss(0.5, 0.5), draw.gauss(58, 2), "TRAINING")
        if self.leads:
            yield (45 + draw.gauss(0.5, 0.4), draw.gauss(40, 3), "MEETING")
            yield (345 + draw.gauss(0.5, 0.4), draw.gauss(55, 3), "MEETING")

    def turn(self, state, minutes):
        """Takes a state for some minutes."""
        if not self.day or self.day[-1][1] != state:
            self.day.append((int(self.now * MINUTE), state))
        self.now += max(minutes, 0.1)

    def next_state(self):
        """What comes between what is planned."""
        draw = self.draw
        last = self.day[-1][1]
        if self.leads:
            return draw.choices(
                [("BUSY", 18), ("AVAILABLE", 14), ("ON_QUEUE", 16), ("AWAY", 6)],
                [5, 4, 3, 1],
            )[0]
        if last == "ON_QUEUE":
            return draw.choices(
                [("BUSY", 5), ("AVAILABLE", 2.5), ("AWAY", 4), ("IDLE", 5)],
                [9, 3, 1.2, 0.5],
            )[0]
        return ("ON_QUEUE", 24)

    def live(self):
        """Fills the day."""
        draw = self.draw
        self.now = -14 * 60 - draw.uniform(0, 60)
        self.turn("OFFLINE", self.arrives - self.now)
        self.turn("AVAILABLE", draw.uniform(1, 6))
        while self.now < self.leaves:
            if self.plans and self.now >= self.plans[0][0] - 3:
                _, minutes, state = self.plans.pop(0)
                self.turn(state, minutes)
                continue
            state, mean = self.next_state()
            minutes = draw.gammavariate(2.2, mean / 2.2)
            limit = (self.plans[0][0] if self.plans else self.leaves) - self.now
            self.turn(state, min(minutes, max(limit, 0.5)))
        self.now = self.leaves
        self.turn("OFFLINE", 1)
        return self.day


class Recorder:
    """gcpresence, watching agents."""

    def __init__(self, end, draw):
        self.eight = datetime.datetime(2026, 3, 12, 8)
        self.end = end
        self.draw = draw
        self.lines = []

    def text(self, ms):
        """A time as it is printed."""
        time = self.eight + datetime.timedelta(milliseconds=ms)
        return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"

    def tell(self, user, change, last, received, source):
        """One line; the times are in ms after eight."""
        at, state = change
        self.lines.append(
            (
                received,
                {
                    "userId": user[0],
                    "name": user[1],
                    "state": state,
                    "previousState": last[1] if last else None,
                    "presenceId": DEFINITIONS[state],
                    "timestamp": self.text(at),
                    "receivedAt": self.text(received),
                    "latencyMs": received - at,
                    "previousForMs": at - last[0] if last else None,
                    "source": source,
                },
            )
        )

    def watch(self, user, day):
        """Tells one user's day: what is seen, and what a snapshot finds."""
        draw = self.draw
        start, end = START * MINUTE, self.end * MINUTE
        blind, seeing = (int(minutes * MINUTE) for minutes in BLIND)
        told = [change for change in day if change[0] <= start][-1]
        self.tell(user, told, None, start + draw.randrange(200, 900), "snapshot")
        found = None
        for change in day:
            if not start < change[0] < end:
                continue
            if blind <= change[0] < seeing:
                found = change
                continue
            if found and found[1] != told[1]:
                asked = seeing + draw.randrange(300, 2000)
                self.tell(user, found, told, asked, "snapshot")
                told = found
            found = None
            if change[1] == told[1]:
                continue
            latency = int(draw.gammavariate(3, 14)) + 8
            self.tell(user, change, told, change[0] + latency, "stream")
            told = change

    def print(self, users):
        """All lines, in the order in which they came."""
        blind, seeing = (int(minutes * MINUTE) for minutes in BLIND)
        gap = {
            "from": self.text(blind),
            "to": self.text(seeing),
            "users": users,
            "cause": "connection 1: the connection got lost",
        }
        self.lines.append((seeing, {"gap": gap}))
        self.lines.sort(key=lambda line: line[0])
        for _, line in self.lines:
            print(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description="Makes a recording of a day.")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--minutes", type=int, default=490)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    users = [line.rstrip("\n").split("\t") for line in sys.stdin]
    recorder = Recorder(START + options.minutes, draw)
    for number, user in enumerate(users):
        recorder.watch(user, Agent(number, draw).live())
    recorder.print(len(users))


if __name__ == "__main__":
    main()
