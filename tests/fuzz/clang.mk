# The targets with clang's libFuzzer and sanitizers, below tests/fuzz/clang in
# the build folder.  GNU make; "make fuzz-build" passes what configure found.
out = tests/fuzz/clang
sanitize = -fsanitize=address,undefined -fno-sanitize-recover=all
compile = $(FUZZ_CC) $(flags) -g -O1 -fno-omit-frame-pointer $(sanitize) \
	-fsanitize=fuzzer-no-link

objects = $(patsubst %.c,$(out)/%.o,$(filter %.c,$(1)))
programs = $(patsubst %,$(out)/fuzz_%,$(names))

all: $(programs)

# Without it nothing else needs to be tried.
$(out)/has-libfuzzer:
	@mkdir -p $(out)
	@echo 'int LLVMFuzzerTestOneInput(const char *a, unsigned long b);' \
		'int LLVMFuzzerTestOneInput(const char *a, unsigned long b)' \
		'{ return a == 0 && b > 0; }' | \
	$(FUZZ_CC) -x c -fsanitize=fuzzer $(sanitize) -o $@ - || { \
		echo "fuzz: '$(FUZZ_CC)' cannot link -fsanitize=fuzzer:" \
			"install clang with its libFuzzer" \
			"(scripts/bootstrap --ci), or name one in FUZZ_CC" >&2; \
		exit 1; \
	}

$(out)/%.o: $(top_srcdir)/%.c $(out)/has-libfuzzer
	@mkdir -p $(@D)
	@$(compile) -MMD -MP -c -o $@ $<

# The library, and those of the companions, which some targets need too.
$(out)/core.a: $(call objects,$(core))
$(out)/report.a: $(call objects,$(report))
$(out)/sim.a: $(call objects,$(sim))
$(out)/top.a: $(call objects,$(top))
$(out)/users.a: $(call objects,$(users))
$(out)/%.a:
	@rm -f $@
	@$(AR) cr $@ $^
of_report = $(out)/report.a
of_request = $(out)/sim.a
of_script = $(out)/sim.a
of_setting = $(out)/sim.a
of_top = $(out)/top.a
of_users = $(out)/users.a

.SECONDEXPANSION:
$(programs): $(out)/fuzz_%: $(out)/tests/fuzz/fuzz_%.o \
		$(call objects,$(shared)) $$(of_$$*) $(out)/core.a
	@echo "  FUZZ     $@"
	@$(FUZZ_CC) -fsanitize=fuzzer $(sanitize) -o $@ $^ $(libs)

.PHONY: all
.SECONDARY:
-include $(patsubst %.o,%.d,$(call objects,$(core) $(report) $(sim) $(top) $(users) \
	$(shared)))
-include $(patsubst %,$(out)/tests/fuzz/fuzz_%.d,$(names))
