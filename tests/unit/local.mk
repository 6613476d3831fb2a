# Unit tests: one program for each module.  Without cmocka none is built.

EXTRA_DIST += \
	tests/unit/data/bulk.json \
	tests/unit/data/event-error.json \
	tests/unit/data/event.json \
	tests/unit/data/eventbridge.json \
	tests/unit/data/heartbeat.json \
	tests/unit/data/no-longer-subscribed.json \
	tests/unit/data/pong.json \
	tests/unit/data/presence-future.json \
	tests/unit/data/presence-old.json \
	tests/unit/data/presence-secondary.json \
	tests/unit/data/presence-upper.json \
	tests/unit/data/presence.json \
	tests/unit/data/routing-status.json \
	tests/unit/data/socket-closing.json \
	tests/unit/data/subscribe-refused.json \
	tests/unit/data/subscribed.json \
	tests/unit/data/token-revoked.json

unit_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
unit_ldadd = $(LDADD) $(CMOCKA_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test_answer \
	tests/unit/test_audit \
	tests/unit/test_backlog \
	tests/unit/test_backoff \
	tests/unit/test_buf \
	tests/unit/test_channelanswer \
	tests/unit/test_conf \
	tests/unit/test_decode \
	tests/unit/test_delta \
	tests/unit/test_emit \
	tests/unit/test_endpoints \
	tests/unit/test_events \
	tests/unit/test_fail \
	tests/unit/test_file \
	tests/unit/test_harden \
	tests/unit/test_header \
	tests/unit/test_http \
	tests/unit/test_idlist \
	tests/unit/test_input \
	tests/unit/test_jget \
	tests/unit/test_jput \
	tests/unit/test_log \
	tests/unit/test_loop \
	tests/unit/test_map \
	tests/unit/test_message \
	tests/unit/test_metrics \
	tests/unit/test_notifications \
	tests/unit/test_now \
	tests/unit/test_options \
	tests/unit/test_output \
	tests/unit/test_pipeline \
	tests/unit/test_plain \
	tests/unit/test_plan \
	tests/unit/test_presence \
	tests/unit/test_printer \
	tests/unit/test_proxy \
	tests/unit/test_redact \
	tests/unit/test_region \
	tests/unit/test_resolve \
	tests/unit/test_retry \
	tests/unit/test_rng \
	tests/unit/test_roster \
	tests/unit/test_setting \
	tests/unit/test_settings \
	tests/unit/test_shard \
	tests/unit/test_span \
	tests/unit/test_statefile \
	tests/unit/test_states \
	tests/unit/test_stats \
	tests/unit/test_tokenanswer \
	tests/unit/test_topicanswer \
	tests/unit/test_url \
	tests/unit/test_userid \
	tests/unit/test_window \
	tests/unit/test_worker

tests_unit_test_answer_SOURCES = tests/unit/test_answer.c tests/unit/test.h
tests_unit_test_answer_CFLAGS = $(unit_cflags)
tests_unit_test_answer_LDADD = $(unit_ldadd)

tests_unit_test_audit_SOURCES = \
	tests/unit/test_audit.c tests/unit/test.h tests/unit/until.h
tests_unit_test_audit_CFLAGS = $(unit_cflags)
tests_unit_test_audit_LDADD = $(unit_ldadd)

tests_unit_test_backlog_SOURCES = tests/unit/test_backlog.c tests/unit/test.h
tests_unit_test_backlog_CFLAGS = $(unit_cflags)
tests_unit_test_backlog_LDADD = $(unit_ldadd)

tests_unit_test_backoff_SOURCES = tests/unit/test_backoff.c tests/unit/test.h
tests_unit_test_backoff_CFLAGS = $(unit_cflags)
tests_unit_test_backoff_LDADD = $(unit_ldadd)

tests_unit_test_buf_SOURCES = tests/unit/test_buf.c tests/unit/test.h
tests_unit_test_buf_CFLAGS = $(unit_cflags)
tests_unit_test_buf_LDADD = $(unit_ldadd)

tests_unit_test_channelanswer_SOURCES = \
	tests/unit/test_channelanswer.c tests/unit/test.h
tests_unit_test_channelanswer_CFLAGS = $(unit_cflags)
tests_unit_test_channelanswer_LDADD = $(unit_ldadd)

tests_unit_test_conf_SOURCES = tests/unit/test_conf.c tests/unit/test.h
tests_unit_test_conf_CFLAGS = $(unit_cflags)
tests_unit_test_conf_LDADD = $(unit_ldadd)

tests_unit_test_decode_SOURCES = tests/unit/test_decode.c tests/unit/test.h
tests_unit_test_decode_CFLAGS = $(unit_cflags)
tests_unit_test_decode_LDADD = $(unit_ldadd)

tests_unit_test_delta_SOURCES = tests/unit/test_delta.c tests/unit/test.h
tests_unit_test_delta_CFLAGS = $(unit_cflags)
tests_unit_test_delta_LDADD = $(unit_ldadd)

tests_unit_test_emit_SOURCES = tests/unit/test_emit.c tests/unit/test.h
tests_unit_test_emit_CFLAGS = $(unit_cflags)
tests_unit_test_emit_LDADD = $(unit_ldadd)

tests_unit_test_endpoints_SOURCES = \
	tests/unit/test_endpoints.c tests/unit/test.h
tests_unit_test_endpoints_CFLAGS = $(unit_cflags)
tests_unit_test_endpoints_LDADD = $(unit_ldadd)

tests_unit_test_events_SOURCES = tests/unit/test_events.c tests/unit/test.h
tests_unit_test_events_CFLAGS = $(unit_cflags)
tests_unit_test_events_LDADD = $(unit_ldadd)

tests_unit_test_fail_SOURCES = tests/unit/test_fail.c tests/unit/test.h
tests_unit_test_fail_CFLAGS = $(unit_cflags)
tests_unit_test_fail_LDADD = $(unit_ldadd)

tests_unit_test_file_SOURCES = tests/unit/test_file.c tests/unit/test.h
tests_unit_test_file_CFLAGS = $(unit_cflags)
tests_unit_test_file_LDADD = $(unit_ldadd)

tests_unit_test_harden_SOURCES = tests/unit/test_harden.c tests/unit/test.h
tests_unit_test_harden_CFLAGS = $(unit_cflags)
tests_unit_test_harden_LDADD = $(unit_ldadd)

tests_unit_test_header_SOURCES = tests/unit/test_header.c tests/unit/test.h
tests_unit_test_header_CFLAGS = $(unit_cflags)
tests_unit_test_header_LDADD = $(unit_ldadd)

tests_unit_test_http_SOURCES = \
	tests/unit/test_http.c tests/unit/test.h tests/unit/until.h
tests_unit_test_http_CFLAGS = $(unit_cflags)
tests_unit_test_http_LDADD = $(unit_ldadd)

tests_unit_test_idlist_SOURCES = tests/unit/test_idlist.c tests/unit/test.h
tests_unit_test_idlist_CFLAGS = $(unit_cflags)
tests_unit_test_idlist_LDADD = $(unit_ldadd)

tests_unit_test_input_SOURCES = \
	tests/unit/test_input.c tests/unit/test.h tests/unit/until.h
tests_unit_test_input_CFLAGS = $(unit_cflags)
tests_unit_test_input_LDADD = $(unit_ldadd)

tests_unit_test_jget_SOURCES = tests/unit/test_jget.c tests/unit/test.h
tests_unit_test_jget_CFLAGS = $(unit_cflags)
tests_unit_test_jget_LDADD = $(unit_ldadd)

tests_unit_test_jput_SOURCES = tests/unit/test_jput.c tests/unit/test.h
tests_unit_test_jput_CFLAGS = $(unit_cflags)
tests_unit_test_jput_LDADD = $(unit_ldadd)

tests_unit_test_log_SOURCES = tests/unit/test_log.c tests/unit/test.h
tests_unit_test_log_CFLAGS = $(unit_cflags)
tests_unit_test_log_LDADD = $(unit_ldadd)

tests_unit_test_loop_SOURCES = \
	tests/unit/test_loop.c tests/unit/test.h tests/unit/until.h
tests_unit_test_loop_CFLAGS = $(unit_cflags)
tests_unit_test_loop_LDADD = $(unit_ldadd)

tests_unit_test_map_SOURCES = tests/unit/test_map.c tests/unit/test.h
tests_unit_test_map_CFLAGS = $(unit_cflags)
tests_unit_test_map_LDADD = $(unit_ldadd)

tests_unit_test_message_SOURCES = tests/unit/test_message.c tests/unit/test.h
tests_unit_test_message_CFLAGS = $(unit_cflags)
tests_unit_test_message_LDADD = $(unit_ldadd)

tests_unit_test_metrics_SOURCES = tests/unit/test_metrics.c tests/unit/test.h
tests_unit_test_metrics_CFLAGS = $(unit_cflags)
tests_unit_test_metrics_LDADD = $(unit_ldadd)

tests_unit_test_notifications_SOURCES = \
	tests/unit/test_notifications.c tests/unit/test.h
tests_unit_test_notifications_CFLAGS = $(unit_cflags)
tests_unit_test_notifications_LDADD = $(unit_ldadd)

tests_unit_test_now_SOURCES = tests/unit/test_now.c tests/unit/test.h
tests_unit_test_now_CFLAGS = $(unit_cflags)
tests_unit_test_now_LDADD = $(unit_ldadd)

tests_unit_test_options_SOURCES = tests/unit/test_options.c tests/unit/test.h
tests_unit_test_options_CFLAGS = $(unit_cflags)
tests_unit_test_options_LDADD = $(unit_ldadd)

tests_unit_test_output_SOURCES = \
	tests/unit/test_output.c tests/unit/test.h tests/unit/until.h
tests_unit_test_output_CFLAGS = $(unit_cflags)
tests_unit_test_output_LDADD = $(unit_ldadd)

tests_unit_test_pipeline_SOURCES = \
	tests/unit/test_pipeline.c tests/unit/test.h tests/unit/until.h
tests_unit_test_pipeline_CFLAGS = $(unit_cflags)
tests_unit_test_pipeline_LDADD = $(unit_ldadd)

tests_unit_test_plain_SOURCES = tests/unit/test_plain.c tests/unit/test.h
tests_unit_test_plain_CFLAGS = $(unit_cflags)
tests_unit_test_plain_LDADD = $(unit_ldadd)

tests_unit_test_plan_SOURCES = tests/unit/test_plan.c tests/unit/test.h
tests_unit_test_plan_CFLAGS = $(unit_cflags)
tests_unit_test_plan_LDADD = $(unit_ldadd)

tests_unit_test_presence_SOURCES = tests/unit/test_presence.c tests/unit/test.h
tests_unit_test_presence_CFLAGS = $(unit_cflags)
tests_unit_test_presence_LDADD = $(unit_ldadd)

tests_unit_test_printer_SOURCES = \
	tests/unit/test_printer.c tests/unit/test.h tests/unit/until.h
tests_unit_test_printer_CFLAGS = $(unit_cflags)
tests_unit_test_printer_LDADD = $(unit_ldadd)

tests_unit_test_proxy_SOURCES = tests/unit/test_proxy.c tests/unit/test.h
tests_unit_test_proxy_CFLAGS = $(unit_cflags)
tests_unit_test_proxy_LDADD = $(unit_ldadd)

tests_unit_test_redact_SOURCES = tests/unit/test_redact.c tests/unit/test.h
tests_unit_test_redact_CFLAGS = $(unit_cflags)
tests_unit_test_redact_LDADD = $(unit_ldadd)

tests_unit_test_region_SOURCES = tests/unit/test_region.c tests/unit/test.h
tests_unit_test_region_CFLAGS = $(unit_cflags)
tests_unit_test_region_LDADD = $(unit_ldadd)

tests_unit_test_resolve_SOURCES = \
	tests/unit/test_resolve.c tests/unit/test.h tests/unit/until.h
tests_unit_test_resolve_CFLAGS = $(unit_cflags)
tests_unit_test_resolve_LDADD = $(unit_ldadd)

tests_unit_test_retry_SOURCES = tests/unit/test_retry.c tests/unit/test.h
tests_unit_test_retry_CFLAGS = $(unit_cflags)
tests_unit_test_retry_LDADD = $(unit_ldadd)

tests_unit_test_rng_SOURCES = tests/unit/test_rng.c tests/unit/test.h
tests_unit_test_rng_CFLAGS = $(unit_cflags)
tests_unit_test_rng_LDADD = $(unit_ldadd)

tests_unit_test_roster_SOURCES = tests/unit/test_roster.c tests/unit/test.h
tests_unit_test_roster_CFLAGS = $(unit_cflags)
tests_unit_test_roster_LDADD = $(unit_ldadd)

tests_unit_test_setting_SOURCES = tests/unit/test_setting.c tests/unit/test.h
tests_unit_test_setting_CFLAGS = $(unit_cflags)
tests_unit_test_setting_LDADD = $(unit_ldadd)

tests_unit_test_settings_SOURCES = tests/unit/test_settings.c tests/unit/test.h
tests_unit_test_settings_CFLAGS = $(unit_cflags)
tests_unit_test_settings_LDADD = $(unit_ldadd)

tests_unit_test_shard_SOURCES = tests/unit/test_shard.c tests/unit/test.h
tests_unit_test_shard_CFLAGS = $(unit_cflags)
tests_unit_test_shard_LDADD = $(unit_ldadd)

tests_unit_test_span_SOURCES = tests/unit/test_span.c tests/unit/test.h
tests_unit_test_span_CFLAGS = $(unit_cflags)
tests_unit_test_span_LDADD = $(unit_ldadd)

tests_unit_test_statefile_SOURCES = \
	tests/unit/test_statefile.c tests/unit/test.h
tests_unit_test_statefile_CFLAGS = $(unit_cflags)
tests_unit_test_statefile_LDADD = $(unit_ldadd)

tests_unit_test_states_SOURCES = tests/unit/test_states.c tests/unit/test.h
tests_unit_test_states_CFLAGS = $(unit_cflags)
tests_unit_test_states_LDADD = $(unit_ldadd)

tests_unit_test_stats_SOURCES = tests/unit/test_stats.c tests/unit/test.h
tests_unit_test_stats_CFLAGS = $(unit_cflags)
tests_unit_test_stats_LDADD = $(unit_ldadd)

tests_unit_test_tokenanswer_SOURCES = \
	tests/unit/test_tokenanswer.c tests/unit/test.h
tests_unit_test_tokenanswer_CFLAGS = $(unit_cflags)
tests_unit_test_tokenanswer_LDADD = $(unit_ldadd)

tests_unit_test_topicanswer_SOURCES = \
	tests/unit/test_topicanswer.c tests/unit/test.h
tests_unit_test_topicanswer_CFLAGS = $(unit_cflags)
tests_unit_test_topicanswer_LDADD = $(unit_ldadd)

tests_unit_test_url_SOURCES = tests/unit/test_url.c tests/unit/test.h
tests_unit_test_url_CFLAGS = $(unit_cflags)
tests_unit_test_url_LDADD = $(unit_ldadd)

tests_unit_test_userid_SOURCES = tests/unit/test_userid.c tests/unit/test.h
tests_unit_test_userid_CFLAGS = $(unit_cflags)
tests_unit_test_userid_LDADD = $(unit_ldadd)

tests_unit_test_window_SOURCES = tests/unit/test_window.c tests/unit/test.h
tests_unit_test_window_CFLAGS = $(unit_cflags)
tests_unit_test_window_LDADD = $(unit_ldadd)

tests_unit_test_worker_SOURCES = tests/unit/test_worker.c tests/unit/test.h
tests_unit_test_worker_CFLAGS = $(unit_cflags)
tests_unit_test_worker_LDADD = $(unit_ldadd)
endif
