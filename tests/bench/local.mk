# make bench: see tests/bench/bench.py.  Nothing of it is built before.
bench_programs = tests/bench/blast tests/bench/receive
EXTRA_PROGRAMS = $(bench_programs)

tests_bench_blast_SOURCES = \
	tests/bench/blast.c \
	tests/bench/events.c tests/bench/events.h \
	tests/bench/serve.c tests/bench/serve.h
tests_bench_blast_LDADD = $(SSL_LIBS) $(PTHREAD_LIBS)

tests_bench_receive_SOURCES = tests/bench/receive.c
tests_bench_receive_LDADD = $(LWS_LIBS) $(SSL_LIBS)

# Node's ws is a rival: fetched where there is npm, else left out.
tests/bench/node_modules:
	@$(MKDIR_P) $@
	-cd tests/bench && npm install --no-save --no-audit --no-fund ws@8

bench: $(bench_programs) gcpresence tests/bench/node_modules
	PYTHON='$(PYTHON)' PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 \
		$(top_srcdir)/tests/bench/bench.py \
		--write $(top_srcdir)/BENCHMARKS.md $(BENCH_FLAGS)

# Instructions in place of seconds, for CI.
instructions: tests/bench/blast gcpresence
	/usr/bin/python3 $(top_srcdir)/tests/bench/instructions.py

.PHONY: bench instructions
CLEANFILES += $(bench_programs)
EXTRA_DIST += \
	BENCHMARKS.md \
	tests/bench/bench.py \
	tests/bench/instructions.py \
	tests/bench/instructions.txt \
	tests/bench/load.py \
	tests/bench/measure.py \
	tests/bench/notes.md \
	tests/bench/replays.py \
	tests/bench/report.py \
	tests/bench/rivals/replay.awk \
	tests/bench/rivals/replay.jq \
	tests/bench/rivals/replay.js \
	tests/bench/rivals/replay.py \
	tests/bench/rivals/stream.js \
	tests/bench/rivals/tutorial.py \
	tests/bench/streams.py
