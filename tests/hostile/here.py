"""Leads to the modules of the fault tests, or skips it all where they lack one."""

import os
import sys

try:
    import jsonschema  # noqa: F401 pylint: disable=unused-import
except ImportError:
    print("1..0 # SKIP there is no jsonschema module for this Python")
    sys.exit(0)

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "faults"))
