# End-to-end tests.  run.py runs each directory below cases/; the others say in
# their first lines what they do.
TESTS += \
	tests/fake/test_fake.py \
	tests/e2e/run.py \
	tests/e2e/shell.t \
	tests/e2e/test_plain.py \
	tests/e2e/test_replay.py \
	tests/e2e/test_options.py

EXTRA_DIST += \
	tests/e2e/canaries.py \
	tests/e2e/cases \
	tests/e2e/parts \
	tests/e2e/program.py \
	tests/e2e/run.py \
	tests/e2e/shell.t \
	tests/e2e/test_options.py \
	tests/e2e/test_plain.py \
	tests/e2e/test_replay.py \
	tests/fake/fake.py \
	tests/fake/test_fake.py \
	tests/lib.sh \
	tests/plain/service.py
