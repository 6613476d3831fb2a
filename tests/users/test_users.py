#!/usr/bin/python3
"""gcpresence-users, against the simulator and another service.  Prints TAP.

    test_users.py [WORDS OF A TEST'S SENTENCE]

$GCPRESENCE_SIM is the simulator, $GCPRESENCE the filter.
"""

import os
import sys

import bench  # noqa: F401 pylint: disable=unused-import
import harness
import on_errors  # noqa: F401 pylint: disable=unused-import
import on_lists  # noqa: F401 pylint: disable=unused-import
import on_program  # noqa: F401 pylint: disable=unused-import

if __name__ == "__main__":
    failures = harness.run_all(" ".join(sys.argv[1:]))
    sys.stdout.flush()
    os._exit(1 if failures else 0)
