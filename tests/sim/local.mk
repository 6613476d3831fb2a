# The simulator, judged from outside.
TESTS += tests/sim/test_sim.py
EXTRA_DIST += \
	tests/sim/flood.py \
	tests/sim/harness.py \
	tests/sim/on_directives.py \
	tests/sim/on_directory.py \
	tests/sim/on_http.py \
	tests/sim/on_program.py \
	tests/sim/on_sockets.py \
	tests/sim/test_sim.py
