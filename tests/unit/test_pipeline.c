#include "config.h"

#include "audit.h"
#include "buf.h"
#include "decode.h"
#include "delta.h"
#include "log.h"
#include "output.h"
#include "pipeline.h"
#include "printer.h"
#include "states.h"
#include "stats.h"
#include "test.h"
#include "until.h"

/* 2026-01-01T09:00:00Z */
#define NINE 1767258000000

#define X8   "xxxxxxxx"
#define X128 X8 X8 X8 X8 X8 X8 X8 X8 X8 X8 X8 X8 X8 X8 X8 X8

/* The whole way from a presence to two files: the output and the audit log. */
static struct {
	struct loop *loop;
	struct output *output;
	struct audit *audit;
	struct printer *printer;
	struct delta *delta;
	struct pipeline *pipeline;
	struct pipeline_filter filter;
	struct stats stats;
	int file;
} scene;

static void
on_event(void *arg)
{
	(void)arg;
}

static int
make_scene(void **state)
{
	const struct printer_options options = { 0 };
	struct fail why;

	(void)state;
	log_setup("test", LOG_AT_ERROR, false);
	memset(&scene, 0, sizeof(scene));
	(void)unlink(test_path("audit"));
	scene.loop = new_loop();
	scene.file = open(
	    test_path("output"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	scene.output = output_new(
	    scene.loop, scene.file, "output", 1 << 20, on_event, NULL, &why);
	scene.audit = audit_new(
	    scene.loop, test_path("audit"), &scene.stats, on_event, NULL, &why);
	scene.printer =
	    printer_new(scene.output, scene.audit, &scene.stats, &options);
	scene.delta = delta_new();
	assert_true(delta_add(scene.delta, SPAN("ada"), SPAN("Ada")));
	return 0;
}

static int
free_scene(void **state)
{
	(void)state;
	pipeline_free(scene.pipeline);
	printer_free(scene.printer);
	delta_free(scene.delta);
	audit_free(scene.audit);
	output_free(scene.output);
	loop_free(scene.loop);
	(void)close(scene.file);
	return 0;
}

static void
open_pipeline(void)
{
	scene.pipeline = pipeline_new(scene.delta, scene.printer, scene.audit,
	    &scene.stats, &scene.filter);
}

static bool
see(const char *user, const char *state, int64_t changed_ms,
    enum presence_source source)
{
	struct presence presence = { .changed_ms = changed_ms,
		.received_ms = NINE + 100,
		.source = source };

	presence.user_id = span_of(user);
	presence.state = span_of(state);
	return pipeline_presence(scene.pipeline, &presence);
}

static bool
all_is_written(void *arg)
{
	(void)arg;
	printer_flush(scene.printer);
	return output_is_idle(scene.output) && audit_is_idle(scene.audit);
}

/* The words behind each key in a file, with a space behind each. */
static void
assert_words(int file, const char *key, const char *wanted)
{
	const char *at = test_content(file);
	struct buf words;

	buf_init(&words, SIZE_MAX);
	while ((at = strstr(at, key)) != NULL) {
		at += strlen(key);
		buf_add(&words, at, strcspn(at, "\""));
		buf_char(&words, ' ');
	}
	assert_string_equal(buf_string(&words), wanted);
	buf_done(&words);
}

/* The states that were printed, and the actions that were audited. */
static void
assert_written(const char *states, const char *actions)
{
	int audit;

	run_until(scene.loop, all_is_written, NULL);
	assert_words(scene.file, "\"state\":\"", states);
	audit = open(test_path("audit"), O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(audit, -1);
	assert_words(audit, "{\"action\":\"", actions);
	(void)close(audit);
}

static void
pipeline_prints_and_audits_a_change(void **state)
{
	(void)state;
	open_pipeline();
	assert_true(see("ada", "BUSY", NINE, PRESENCE_STREAM));
	assert_true(see("ada", "MEAL", NINE + 40, PRESENCE_SNAPSHOT));
	assert_written(
	    "BUSY MEAL ", "PRESENCE_DELTA_TRIGGERED PRESENCE_DELTA_TRIGGERED ");
	assert_int_equal(scene.stats.received[PRESENCE_STREAM], 1);
	assert_int_equal(scene.stats.received[PRESENCE_SNAPSHOT], 1);
	assert_int_equal(stats_changes(&scene.stats), 2);
	assert_int_equal(scene.stats.printed, 2);
	/* The latency of what the stream brought, and only of that. */
	assert_int_equal(scene.stats.latency_count, 1);
	assert_int_equal(scene.stats.latency_sum_ms, 100);
}

static void
pipeline_counts_and_audits_what_is_no_change(void **state)
{
	(void)state;
	open_pipeline();
	assert_true(see("ada", "BUSY", NINE, PRESENCE_STREAM));
	assert_false(see("ada", "BUSY", NINE + 1, PRESENCE_STREAM));
	assert_false(see("ada", "BUSY", NINE + 1, PRESENCE_STREAM));
	assert_false(see("ada", "MEAL", NINE, PRESENCE_STREAM));
	assert_false(see("grace", "MEAL", NINE, PRESENCE_STREAM));
	/* A snapshot confirms what is known: that is no repeat. */
	assert_false(see("ada", "BUSY", NINE + 1, PRESENCE_SNAPSHOT));
	assert_written("BUSY ",
	    "PRESENCE_DELTA_TRIGGERED PRESENCE_STATE_UNCHANGED MESSAGE_STALE "
	    "MESSAGE_STALE MESSAGE_SKIPPED PRESENCE_STATE_UNCHANGED ");
	assert_int_equal(scene.stats.dropped[STATS_UNCHANGED], 2);
	assert_int_equal(scene.stats.dropped[STATS_REPEAT], 1);
	assert_int_equal(scene.stats.dropped[STATS_STALE], 1);
	assert_int_equal(scene.stats.dropped[STATS_STRANGER], 1);
	assert_int_equal(stats_received(&scene.stats), 6);
	assert_int_equal(stats_changes(&scene.stats), 1);
}

static void
pipeline_prints_only_what_is_asked_for_but_takes_all_in(void **state)
{
	static struct states only;
	struct fail why;

	(void)state;
	assert_int_equal(states_parse(&only, "MEAL,AWAY", &why), 0);
	scene.filter.only = &only;
	open_pipeline();
	assert_true(see("ada", "BUSY", NINE, PRESENCE_STREAM));
	assert_true(see("ada", "MEAL", NINE + 1, PRESENCE_STREAM));
	assert_true(see("ada", "BUSY", NINE + 2, PRESENCE_STREAM));
	assert_true(see("ada", "AWAY", NINE + 3, PRESENCE_STREAM));
	assert_written("MEAL AWAY ",
	    "PRESENCE_DELTA_TRIGGERED PRESENCE_DELTA_TRIGGERED "
	    "PRESENCE_DELTA_TRIGGERED PRESENCE_DELTA_TRIGGERED ");
	assert_int_equal(scene.stats.printed, 2);
	assert_int_equal(stats_changes(&scene.stats), 4);
	assert_non_null(strstr(test_content(scene.file),
	    "\"state\":\"AWAY\",\"previousState\":\"BUSY\""));
}

static void
pipeline_leaves_out_what_is_to_be_ignored(void **state)
{
	static struct states only, ignore;
	struct fail why;

	(void)state;
	assert_int_equal(states_parse(&only, "MEAL,AWAY", &why), 0);
	assert_int_equal(states_parse(&ignore, "AWAY,OFFLINE", &why), 0);
	scene.filter.only = &only;
	scene.filter.ignore = &ignore;
	open_pipeline();
	(void)see("ada", "BUSY", NINE, PRESENCE_STREAM);
	(void)see("ada", "MEAL", NINE + 1, PRESENCE_STREAM);
	(void)see("ada", "AWAY", NINE + 2, PRESENCE_STREAM);
	(void)see("ada", "OFFLINE", NINE + 3, PRESENCE_STREAM);
	run_until(scene.loop, all_is_written, NULL);
	assert_int_equal(scene.stats.printed, 1);
	assert_non_null(strstr(test_content(scene.file), "\"state\":\"MEAL\""));
}

static void
pipeline_may_leave_out_the_first_state_of_a_user(void **state)
{
	(void)state;
	scene.filter.no_initial = true;
	open_pipeline();
	assert_true(delta_add(scene.delta, SPAN("grace"), SPAN("")));
	(void)see("ada", "BUSY", NINE, PRESENCE_SNAPSHOT);
	(void)see("grace", "BUSY", NINE, PRESENCE_STREAM);
	(void)see("ada", "MEAL", NINE + 1, PRESENCE_STREAM);
	run_until(scene.loop, all_is_written, NULL);
	assert_int_equal(scene.stats.printed, 1);
	assert_non_null(strstr(test_content(scene.file),
	    "\"state\":\"MEAL\",\"previousState\":\"BUSY\""));
}

static void
pipeline_takes_nothing_in_once_the_limit_is_met(void **state)
{
	const struct printer_options options = { .limit = 1 };

	(void)state;
	printer_free(scene.printer);
	scene.printer =
	    printer_new(scene.output, scene.audit, &scene.stats, &options);
	open_pipeline();
	assert_true(see("ada", "BUSY", NINE, PRESENCE_STREAM));
	/* Else a state file would know of what was never printed. */
	assert_false(see("ada", "MEAL", NINE + 1, PRESENCE_STREAM));
	assert_written("BUSY ", "PRESENCE_DELTA_TRIGGERED ");
}

static void
pipeline_counts_and_audits_messages_without_a_presence(void **state)
{
	struct decoded decoded = { .kind = DECODE_MALFORMED };

	(void)state;
	open_pipeline();
	decoded.text = SPAN("empty");
	pipeline_skipped(scene.pipeline, &decoded);
	decoded.presence.user_id = SPAN("ada");
	pipeline_skipped(scene.pipeline, &decoded);
	decoded.kind = DECODE_SECONDARY;
	pipeline_skipped(scene.pipeline, &decoded);
	decoded.kind = DECODE_OTHER;
	pipeline_skipped(scene.pipeline, &decoded);
	pipeline_too_large(scene.pipeline, "binary");
	assert_written("",
	    "MESSAGE_SKIPPED MESSAGE_SKIPPED MESSAGE_SKIPPED MESSAGE_SKIPPED "
	    "MESSAGE_SKIPPED ");
	assert_int_equal(scene.stats.dropped[STATS_MALFORMED], 2);
	assert_int_equal(scene.stats.dropped[STATS_SECONDARY], 1);
	assert_int_equal(scene.stats.dropped[STATS_OTHER], 1);
	assert_int_equal(scene.stats.dropped[STATS_OVERSIZED], 1);
	assert_int_equal(stats_received(&scene.stats), 0);
}

static void
pipeline_survives_a_user_that_is_too_long_in_every_shape(void **state)
{
	struct decode *decode = decode_new();
	struct decoded decoded;
	struct fail why;
	size_t rows;

	(void)state;
	open_pipeline();
	decode_event(decode,
	    SPAN("{\"eventType\":\"presence\",\"userId\":\"" X128
		 "x\",\"state\":\"BUSY\"}"),
	    &decoded);
	assert_int_equal(decoded.kind, DECODE_MALFORMED);
	pipeline_skipped(scene.pipeline, &decoded);
	decode_notification(decode,
	    SPAN("{\"topicName\":\"v2.users." X128 "x.presence\"}"), &decoded);
	pipeline_skipped(scene.pipeline, &decoded);
	assert_int_equal(decode_bulk(decode,
			     SPAN("[{\"userId\":\"" X128 "x\"}]"), &rows, &why),
	    0);
	decode_bulk_row(decode, 0, &decoded);
	assert_int_equal(decoded.kind, DECODE_MALFORMED);
	pipeline_skipped(scene.pipeline, &decoded);
	decode_free(decode);
	assert_written("", "MESSAGE_SKIPPED MESSAGE_SKIPPED MESSAGE_SKIPPED ");
}

/* The output of a scene, with a limit, becomes a pipe that nobody reads. */
static void
print_to_a_full_pipe(uint64_t limit, int ends[2])
{
	const struct printer_options options = { .limit = limit };
	struct fail why;

	printer_free(scene.printer);
	output_free(scene.output);
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	while (write(ends[1], "x", 1) == 1)
		continue;
	assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
	scene.output =
	    output_new(scene.loop, ends[1], "output", 1, on_event, NULL, &why);
	assert_non_null(scene.output);
	scene.printer =
	    printer_new(scene.output, scene.audit, &scene.stats, &options);
}

static void
pipeline_takes_in_nothing_that_the_limit_keeps_from_being_printed(void **state)
{
	int ends[2];

	(void)state;
	print_to_a_full_pipe(3, ends);
	assert_true(delta_add(scene.delta, SPAN("bob"), NO_SPAN));
	assert_true(delta_add(scene.delta, SPAN("eve"), NO_SPAN));
	open_pipeline();
	assert_true(see("ada", "BUSY", NINE, PRESENCE_STREAM));
	printer_flush(scene.printer);
	assert_true(see("bob", "BUSY", NINE, PRESENCE_STREAM));
	printer_flush(scene.printer);
	assert_true(printer_is_blocked(scene.printer));
	assert_true(see("eve", "BUSY", NINE, PRESENCE_STREAM));
	assert_false(printer_limit_met(scene.printer));
	assert_false(see("ada", "AWAY", NINE + 1, PRESENCE_STREAM));
	/* Else the state file would hold it, and the next run not print it. */
	output_free(scene.output);
	scene.output = NULL;
	(void)close(ends[0]);
	(void)close(ends[1]);
}

#define pipeline_test(name) \
	cmocka_unit_test_setup_teardown(name, make_scene, free_scene)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		pipeline_test(pipeline_prints_and_audits_a_change),
		pipeline_test(pipeline_counts_and_audits_what_is_no_change),
		pipeline_test(
		    pipeline_prints_only_what_is_asked_for_but_takes_all_in),
		pipeline_test(pipeline_leaves_out_what_is_to_be_ignored),
		pipeline_test(pipeline_may_leave_out_the_first_state_of_a_user),
		pipeline_test(pipeline_takes_nothing_in_once_the_limit_is_met),
		pipeline_test(
		    pipeline_takes_in_nothing_that_the_limit_keeps_from_being_printed),
		pipeline_test(
		    pipeline_counts_and_audits_messages_without_a_presence),
		pipeline_test(
		    pipeline_survives_a_user_that_is_too_long_in_every_shape),
	};

	return TEST_RUN_WITH_FILES(tests);
}
