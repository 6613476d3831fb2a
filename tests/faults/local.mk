# The matrix of faults.  make check runs what is quick; .ci/run all of it.
TESTS += tests/faults/test_faults.py

EXTRA_DIST += \
	tests/faults/bench.py \
	tests/faults/failing.c \
	tests/faults/mutants \
	tests/faults/mutants.py \
	tests/faults/names.c \
	tests/faults/oracle.py \
	tests/faults/rows_crash.py \
	tests/faults/rows_local.py \
	tests/faults/rows_network.py \
	tests/faults/rows_process.py \
	tests/faults/rows_service.py \
	tests/faults/rows_socket.py \
	tests/faults/scenarios.py \
	tests/faults/servers.py \
	tests/faults/soak.py \
	tests/faults/states.py \
	tests/faults/suite.py \
	tests/faults/sweep.py \
	tests/faults/table.py \
	tests/faults/test_faults.py
