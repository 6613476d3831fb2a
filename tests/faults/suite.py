#!/usr/bin/python3
"""The matrix of faults: each row is injected, and what must happen is seen.
Prints TAP.

    suite.py [--rows] [WORD ...]    rows whose names match all the patterns
                                    --rows: which ids there are

Four rows run at a time: most of them wait most of the time.  $GCPRESENCE_LONG=1
kills five times as often.  Tools that are used where they are there, and else
make a row skip: openssl, nginx, tinyproxy, faketime, strace, mount, a C
compiler.  See bench.py for the rest of the environment.
"""

import sys

import rows_crash  # noqa: F401 pylint: disable=unused-import
import rows_local  # noqa: F401 pylint: disable=unused-import
import rows_network  # noqa: F401 pylint: disable=unused-import
import rows_process  # noqa: F401 pylint: disable=unused-import
import rows_service  # noqa: F401 pylint: disable=unused-import
import rows_socket  # noqa: F401 pylint: disable=unused-import
import servers
from bench import finish, run_all
from table import ROWS, ids_of, tests


def print_ids():
    ids = sorted(
        {one for entry in ROWS for one in ids_of(entry)},
        key=lambda one: (one[0], int(one[1:])),
    )
    print(" ".join(ids))
    print(f"{len(ROWS)} rows, {len(ids)} ids")


if __name__ == "__main__":
    if sys.argv[1:] == ["--rows"]:
        print_ids()
        sys.exit(0)
    passed, failed = run_all(tests(), words=sys.argv[1:])
    servers.clean()
    print(f"{passed} passed, {failed} failed")
    finish(failed)
