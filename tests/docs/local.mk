# What the documents say, against what the programs do.
TESTS += tests/docs/test_docs.py
EXTRA_DIST += tests/docs/test_docs.py
