#include "config.h"

#include "presence.h"
#include "test.h"

static void
presence_state_is_the_sockets_spelling(void **state)
{
	static const struct {
		const char *raw, *wanted;
	} rows[] = {
		/* The ten system presences, as socket and REST spell them. */
		{ "AVAILABLE", "AVAILABLE" },
		{ "Available", "AVAILABLE" },
		{ "AWAY", "AWAY" },
		{ "Away", "AWAY" },
		{ "BREAK", "BREAK" },
		{ "Break", "BREAK" },
		{ "BUSY", "BUSY" },
		{ "Busy", "BUSY" },
		{ "IDLE", "IDLE" },
		{ "Idle", "IDLE" },
		{ "MEAL", "MEAL" },
		{ "Meal", "MEAL" },
		{ "MEETING", "MEETING" },
		{ "Meeting", "MEETING" },
		{ "OFFLINE", "OFFLINE" },
		{ "Offline", "OFFLINE" },
		{ "ON_QUEUE", "ON_QUEUE" },
		{ "On Queue", "ON_QUEUE" },
		{ "OnQueue", "ON_QUEUE" },
		{ "on queue", "ON_QUEUE" },
		{ "onqueue", "ON_QUEUE" },
		{ "TRAINING", "TRAINING" },
		{ "Training", "TRAINING" },
		/* What nobody knows passes by the same rule. */
		{ "Out of Office", "OUT_OF_OFFICE" },
		{ "OnQueueToo", "ONQUEUETOO" },
		{ "x", "X" },
		{ "Zo\xc3\xab", "ZO\xc3\xab" },
		{ "A\x1b[31m", "A\x1b[31M" },
	};
	char room[CAP_STATE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_span(
		    presence_state(span_of(rows[i].raw), room), rows[i].wanted);
}

static void
presence_state_has_no_value_where_it_is_empty_or_too_long(void **state)
{
	char room[CAP_STATE], raw[CAP_STATE + 1];
	struct span span = { raw, CAP_STATE };

	(void)state;
	memset(raw, 'a', sizeof(raw));
	assert_int_equal(presence_state(span, room).len, CAP_STATE);
	span.len++;
	assert_span(presence_state(span, room), NULL);
	assert_span(presence_state(SPAN(""), room), NULL);
	assert_span(presence_state(NO_SPAN, room), NULL);
}

static void
presence_source_has_the_contracts_names(void **state)
{
	(void)state;
	assert_string_equal(presence_source_name(PRESENCE_STREAM), "stream");
	assert_string_equal(
	    presence_source_name(PRESENCE_SNAPSHOT), "snapshot");
	assert_string_equal(presence_source_name(PRESENCE_REPLAY), "replay");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(presence_state_is_the_sockets_spelling),
		cmocka_unit_test(
		    presence_state_has_no_value_where_it_is_empty_or_too_long),
		cmocka_unit_test(presence_source_has_the_contracts_names),
	};

	return TEST_RUN(tests);
}
