# make fuzz: each target with many cases, the same each time.  FUZZ_CASES says
# how many; by hand, for longer: build/tests/fuzz/fuzz_decode -n 100000000 -s 7
# With clang's libFuzzer: make fuzz-libfuzzer CC=clang, in a build of its own
# that was configured with CC=clang and
# CFLAGS='-g -O1 -fsanitize=fuzzer-no-link,address,undefined'.
fuzz_targets = \
	tests/fuzz/fuzz_conf \
	tests/fuzz/fuzz_decode \
	tests/fuzz/fuzz_input
EXTRA_PROGRAMS += $(fuzz_targets)
CLEANFILES += $(fuzz_targets)
fuzz_shared = tests/fuzz/drive.c tests/fuzz/fail.c tests/fuzz/fuzz.h

tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c $(fuzz_shared)
tests_fuzz_fuzz_decode_SOURCES = tests/fuzz/fuzz_decode.c $(fuzz_shared)
tests_fuzz_fuzz_input_SOURCES = tests/fuzz/fuzz_input.c $(fuzz_shared)

FUZZ_CASES = 1000000
fuzz: $(fuzz_targets)
	tests/fuzz/fuzz_input -n $(FUZZ_CASES)
	tests/fuzz/fuzz_conf -n $$(($(FUZZ_CASES) / 20))
	tests/fuzz/fuzz_decode -n $(FUZZ_CASES)
	@echo "3 passed, 0 failed"

fuzz-libfuzzer: libgcpresence.a
	for target in conf decode input; do \
		$(CC) $(CPPFLAGS) $(AM_CPPFLAGS) -I. $(CFLAGS) \
			-fsanitize=fuzzer -o tests/fuzz/libfuzzer_$$target \
			$(top_srcdir)/tests/fuzz/fuzz_$$target.c \
			$(top_srcdir)/tests/fuzz/fail.c $(LDADD) && \
		tests/fuzz/libfuzzer_$$target -max_total_time=20 || exit 1; \
	done

.PHONY: fuzz fuzz-libfuzzer
