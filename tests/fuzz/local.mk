# Each target is fed what is in its corpus by make check, whatever the compiler.
# make fuzz searches for more with clang's libFuzzer: see search.py.
fuzz_names = answer channel conf decode input line report request script \
	setting snapshot state subscription time token top url users
fuzz_targets = \
	tests/fuzz/fuzz_answer \
	tests/fuzz/fuzz_channel \
	tests/fuzz/fuzz_conf \
	tests/fuzz/fuzz_decode \
	tests/fuzz/fuzz_input \
	tests/fuzz/fuzz_line \
	tests/fuzz/fuzz_report \
	tests/fuzz/fuzz_request \
	tests/fuzz/fuzz_script \
	tests/fuzz/fuzz_setting \
	tests/fuzz/fuzz_snapshot \
	tests/fuzz/fuzz_state \
	tests/fuzz/fuzz_subscription \
	tests/fuzz/fuzz_time \
	tests/fuzz/fuzz_token \
	tests/fuzz/fuzz_top \
	tests/fuzz/fuzz_url \
	tests/fuzz/fuzz_users
check_PROGRAMS += $(fuzz_targets)
fuzz_shared = tests/fuzz/fuzz.c tests/fuzz/fuzz.h
fuzz_replay = $(fuzz_shared) tests/fuzz/replay.c
fuzz_sim = libgcpresence-sim.a $(LDADD)

tests_fuzz_fuzz_answer_SOURCES = tests/fuzz/fuzz_answer.c $(fuzz_replay)
tests_fuzz_fuzz_channel_SOURCES = tests/fuzz/fuzz_channel.c $(fuzz_replay)
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c $(fuzz_replay)
tests_fuzz_fuzz_decode_SOURCES = tests/fuzz/fuzz_decode.c $(fuzz_replay)
tests_fuzz_fuzz_input_SOURCES = tests/fuzz/fuzz_input.c $(fuzz_replay)
tests_fuzz_fuzz_line_SOURCES = tests/fuzz/fuzz_line.c $(fuzz_replay)
tests_fuzz_fuzz_report_SOURCES = tests/fuzz/fuzz_report.c $(fuzz_replay)
tests_fuzz_fuzz_report_LDADD = \
	libgcpresence-report.a $(LDADD) $(SMARTCOLS_LIBS)
tests_fuzz_fuzz_request_SOURCES = tests/fuzz/fuzz_request.c $(fuzz_replay)
tests_fuzz_fuzz_request_LDADD = $(fuzz_sim)
tests_fuzz_fuzz_script_SOURCES = tests/fuzz/fuzz_script.c $(fuzz_replay)
tests_fuzz_fuzz_script_LDADD = $(fuzz_sim)
tests_fuzz_fuzz_setting_SOURCES = tests/fuzz/fuzz_setting.c $(fuzz_replay)
tests_fuzz_fuzz_setting_LDADD = $(fuzz_sim)
tests_fuzz_fuzz_snapshot_SOURCES = tests/fuzz/fuzz_snapshot.c $(fuzz_replay)
tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz_state.c $(fuzz_replay)
tests_fuzz_fuzz_subscription_SOURCES = \
	tests/fuzz/fuzz_subscription.c $(fuzz_replay)
tests_fuzz_fuzz_time_SOURCES = tests/fuzz/fuzz_time.c $(fuzz_replay)
tests_fuzz_fuzz_token_SOURCES = tests/fuzz/fuzz_token.c $(fuzz_replay)
tests_fuzz_fuzz_top_SOURCES = tests/fuzz/fuzz_top.c $(fuzz_replay)
tests_fuzz_fuzz_top_LDADD = libgcpresence-top.a $(LDADD) $(CURSES_LIBS)
tests_fuzz_fuzz_url_SOURCES = tests/fuzz/fuzz_url.c $(fuzz_replay)
tests_fuzz_fuzz_users_SOURCES = tests/fuzz/fuzz_users.c $(fuzz_replay)
tests_fuzz_fuzz_users_LDADD = libgcpresence-users.a $(LDADD)

EXTRA_DIST += \
	tests/fuzz/clang.mk \
	tests/fuzz/corpus \
	tests/fuzz/dictionaries \
	tests/fuzz/search.py

# Of each target; seconds.
FUZZ_SECONDS = 60
FUZZ_CC = clang
FUZZ_FLAGS =

fuzz-build: config.h
	@$(MAKE) --no-print-directory -j"$$(getconf _NPROCESSORS_ONLN)" \
		-f $(top_srcdir)/tests/fuzz/clang.mk \
		top_srcdir='$(top_srcdir)' FUZZ_CC='$(FUZZ_CC)' \
		names='$(fuzz_names)' shared='$(fuzz_shared)' \
		core='$(libgcpresence_a_SOURCES)' \
		report='$(libgcpresence_report_a_SOURCES)' \
		sim='$(libgcpresence_sim_a_SOURCES)' \
		top='$(libgcpresence_top_a_SOURCES)' \
		users='$(libgcpresence_users_a_SOURCES)' \
		flags='$(DEFS) -I. $(AM_CPPFLAGS) $(PTHREAD_CFLAGS) \
			$(LWS_CFLAGS) $(CURL_CFLAGS) $(JSONC_CFLAGS) \
			$(YAML_CFLAGS) $(SSL_CFLAGS) $(SYSTEMD_CFLAGS) \
			$(SMARTCOLS_CFLAGS) $(CURSES_CFLAGS)' \
		libs='$(LWS_LIBS) $(CURL_LIBS) $(JSONC_LIBS) $(YAML_LIBS) \
			$(SSL_LIBS) $(SYSTEMD_LIBS) $(SMARTCOLS_LIBS) \
			$(CURSES_LIBS) $(PTHREAD_LIBS) -lm'

fuzz: fuzz-build
	@/usr/bin/python3 $(top_srcdir)/tests/fuzz/search.py \
		--seconds $(FUZZ_SECONDS) $(FUZZ_FLAGS)

clean-local: clean-fuzz
clean-fuzz:
	rm -rf tests/fuzz/clang

.PHONY: fuzz fuzz-build clean-fuzz
