#!/usr/bin/python3
"""gcpresence-report, from recordings to figures and pictures.  Prints TAP.

    test_report.py [WORDS OF A TEST'S SENTENCE]

$GCPRESENCE_REPORT is the report; gcpresence and gcpresence-sim stand beside it.
"""

import sys

import on_figures  # noqa: F401 pylint: disable=unused-import
import on_files  # noqa: F401 pylint: disable=unused-import
import on_pictures  # noqa: F401 pylint: disable=unused-import
import on_programs  # noqa: F401 pylint: disable=unused-import
import recording

if __name__ == "__main__":
    sys.exit(1 if recording.run_all(" ".join(sys.argv[1:])) else 0)
