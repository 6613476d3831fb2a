#include "config.h"

#include "../unit/test.h"
#include "jget.h"
#include "top/record.h"

static const int64_t nine = 1767258000000; /* 2026-01-01T09:00:00Z */

static struct jget *jget;

static int
make_reader(void **state)
{
	(void)state;
	jget = jget_new();
	return 0;
}

static int
free_reader(void **state)
{
	(void)state;
	jget_free(jget);
	return 0;
}

static struct record
read_good(const char *line)
{
	struct record record;
	struct fail why;

	if (record_read(jget, span_of(line), &record, &why) == -1)
		fail_msg("%s: %s", line, why.text);
	return record;
}

static void
record_read_takes_a_change_as_gcpresence_prints_it(void **state)
{
	struct record record;

	(void)state;
	record = read_good(
	    "{\"userId\":\"id-1\",\"name\":\"Ann\",\"state\":\"BUSY\","
	    "\"previousState\":\"AVAILABLE\",\"presenceId\":\"p\","
	    "\"timestamp\":\"2026-01-01T09:00:00.000Z\","
	    "\"receivedAt\":\"2026-01-01T09:00:00.042Z\",\"latencyMs\":42,"
	    "\"previousForMs\":61000,\"source\":\"stream\"}");
	assert_int_equal(record.kind, RECORD_CHANGE);
	assert_span(record.user_id, "id-1");
	assert_span(record.name, "Ann");
	assert_span(record.state, "BUSY");
	assert_span(record.previous_state, "AVAILABLE");
	assert_span(record.source, "stream");
	assert_int_equal(record.since_ms, nine);
	assert_int_equal(record.latency_ms, 42);
	assert_int_equal(record.previous_for_ms, 61000);
}

static void
record_read_takes_a_duration_longer_than_all_time_for_none(void **state)
{
	struct record record;

	(void)state;
	record = read_good("{\"userId\":\"id-1\",\"state\":\"BUSY\","
			   "\"receivedAt\":\"2026-01-01T09:00:00.000Z\","
			   "\"latencyMs\":-9223372036854775807,"
			   "\"previousForMs\":1e300}");
	assert_int_equal(record.latency_ms, NOW_NONE);
	assert_int_equal(record.previous_for_ms, NOW_NONE);
}

static void
record_read_takes_null_for_what_is_not_known(void **state)
{
	struct record record;

	(void)state;
	record = read_good(
	    "{\"userId\":\"id-1\",\"state\":\"BUSY\",\"previousState\":null,"
	    "\"presenceId\":null,\"timestamp\":null,"
	    "\"receivedAt\":\"2026-01-01T09:00:00.000Z\",\"latencyMs\":null,"
	    "\"previousForMs\":null,\"source\":\"stream\"}");
	assert_int_equal(record.name.len, 0);
	assert_int_equal(record.previous_state.len, 0);
	/* The next best time. */
	assert_int_equal(record.since_ms, nine);
	assert_int_equal(record.latency_ms, NOW_NONE);
	assert_int_equal(record.previous_for_ms, NOW_NONE);
}

static void
record_read_takes_a_blind_interval(void **state)
{
	struct record record;

	(void)state;
	record = read_good("{\"gap\":{\"from\":\"2026-01-01T09:00:00.000Z\","
			   "\"to\":\"2026-01-01T09:00:12.000Z\",\"users\":3,"
			   "\"cause\":\"reset\"}}");
	assert_int_equal(record.kind, RECORD_GAP);
	assert_int_equal(record.from_ms, nine);
	assert_int_equal(record.to_ms, nine + 12000);
	assert_int_equal(record.users, 3);
	assert_span(record.cause, "reset");
}

static void
record_read_refuses_what_is_neither(void **state)
{
	static const char *const lines[] = {
		"",
		"userId\tname\tstate",
		"{}",
		"[]",
		"7",
		"{\"userId\":\"x\"",
		"{\"userId\":1,\"state\":\"BUSY\"}",
		"{\"userId\":\"\",\"state\":\"BUSY\","
		"\"receivedAt\":\"2026-01-01T09:00:00.000Z\"}",
		"{\"userId\":\"x\",\"state\":\"\","
		"\"receivedAt\":\"2026-01-01T09:00:00.000Z\"}",
		"{\"userId\":\"x\",\"state\":\"BUSY\"}",
		"{\"userId\":\"x\",\"state\":\"BUSY\","
		"\"timestamp\":\"yesterday\"}",
		"{\"gap\":{\"from\":\"2026-01-01T09:00:00.000Z\"}}",
		"{\"gap\":{\"to\":\"2026-01-01T09:00:00.000Z\"}}",
		"{\"gap\":7}",
	};
	struct record record;
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(lines); i++) {
		assert_int_equal(
		    record_read(jget, span_of(lines[i]), &record, &why), -1);
		assert_int_equal(why.kind, FAIL_DATA);
		assert_true(strlen(why.text) > 0);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    record_read_takes_a_change_as_gcpresence_prints_it),
		cmocka_unit_test(
		    record_read_takes_a_duration_longer_than_all_time_for_none),
		cmocka_unit_test(record_read_takes_null_for_what_is_not_known),
		cmocka_unit_test(record_read_takes_a_blind_interval),
		cmocka_unit_test(record_read_refuses_what_is_neither),
	};

	(void)alarm(TEST_LIMIT);
	return cmocka_run_group_tests(tests, make_reader, free_reader);
}
