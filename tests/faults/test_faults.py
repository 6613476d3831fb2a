#!/usr/bin/python3
"""The rows of the fault matrix that are quick, one or two for each promise.
Prints TAP.  suite.py has all of them, soak.py and mutants.py more."""

import re
import sys

try:
    import jsonschema  # noqa: F401 pylint: disable=unused-import
except ImportError:
    print("1..0 # SKIP there is no jsonschema module for this Python")
    sys.exit(0)

import servers
import suite
from bench import finish, run_all

QUICK = (
    # Token, channels, snapshots
    "A1: ",
    "A2: an unknown",
    "A13: a 401 with",
    "B1: a connectUri 'ws://(evil|169)",
    "B3: a run whose",
    "B5: where all",
    "B6: a channel",
    "B13|B14|B15",
    # Network and TLS
    "N1: a host",
    "N5: a port where",
    "N7",
    "N8: a connection",
    "T1: .* stranger, for REST",
    # The socket
    "W1: a handshake that is (refused with (404|503)|answered with 200|redirected .301)",
    "W4",
    "W[2378]: .* with (1001|1011|1012)",
    "W9: .*(repeats our|escapes)",
    "W10: socket_closing: ",
    "W11: .* that fails at first",
    "W16: (messages in frames of 1 |a message of 1048577)",
    "W18: changes whose own messages are bad .(truncated|bad-utf8)",
    "W18 W19",
    "W21: messages that come twice are",
    "W22: .*6 user",
    "W24|W25: a message",
    # Input and output
    "I1: ",
    "I2: ",
    "I5: ",
    "I10",
    "O1|O2|O3",
    "O4: a f",
    "O5",
    "O6: a slow|O6: a gap",
    # The process and its state
    "S1: TERM after (200|600) ms",
    "S1: a second",
    "S2",
    "S3: (killed while|a user)",
    "S12: a folder",
    "S13: .*(more behind|something else)",
    "S14|S17|S18",
    "S24: no PATH",
)


def is_quick(name):
    return any(re.match(pattern, name) for pattern in QUICK)


if __name__ == "__main__":
    rows = [test for test in suite.tests() if is_quick(test[0])]
    for pattern in QUICK:
        if not any(re.match(pattern, name) for name, _ in rows):
            print(f"Bail out! no row is named {pattern}")
            sys.exit(1)
    _, failed = run_all(rows)
    servers.clean()
    finish(failed)
