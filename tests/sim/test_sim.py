#!/usr/bin/python3
"""The simulator, judged by clients that share no code with it.  Prints TAP.

    test_sim.py [WORDS OF A TEST'S SENTENCE]

$GCPRESENCE_SIM is the simulator; $TIMES set: how long each test took.
"""

import os
import sys

import harness
import on_directives  # noqa: F401 pylint: disable=unused-import
import on_directory  # noqa: F401 pylint: disable=unused-import
import on_http  # noqa: F401 pylint: disable=unused-import
import on_program  # noqa: F401 pylint: disable=unused-import
import on_sockets  # noqa: F401 pylint: disable=unused-import

if __name__ == "__main__":
    failures = harness.run_all(" ".join(sys.argv[1:]))
    sys.stdout.flush()
    os._exit(1 if failures else 0)
