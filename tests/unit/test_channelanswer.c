#include "config.h"

#include "channelanswer.h"
#include "test.h"

#define NINE 1767258000000 /* 2026-01-01T09:00:00Z */

#define BODY(expires)                                               \
	"{\"id\":\"streaming-4-h0g\",\"connectUri\":\"wss://x/c\"," \
	"\"expires\":" expires "}"

static void
channelanswer_gives_id_url_and_life(void **state)
{
	struct channelanswer made;
	struct fail why;

	(void)state;
	assert_int_equal(
	    channelanswer_read(
		span_of(BODY("\"2026-01-01T10:00:00Z\"")), NINE, &made, &why),
	    0);
	assert_string_equal(made.id, "streaming-4-h0g");
	assert_string_equal(made.uri, "wss://x/c");
	assert_int_equal(made.life_ms, 3600 * 1000);
	free(made.id);
	free(made.uri);
}

static void
channelanswer_holds_a_life_to_a_day_and_a_second(void **state)
{
	static const struct {
		const char *body;
		int64_t life_ms;
	} rows[] = {
		{ BODY("\"2001-01-01T00:00:00Z\""), CHANNELANSWER_LIFE_MIN_MS },
		{ BODY("\"9999-12-31T23:59:59Z\""), CHANNELANSWER_LIFE_MAX_MS },
		{ BODY("\"tomorrow\""), CHANNELANSWER_LIFE_MAX_MS },
		{ BODY("1767258000"), CHANNELANSWER_LIFE_MAX_MS },
		{ BODY("null"), CHANNELANSWER_LIFE_MAX_MS },
	};
	struct channelanswer made;
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(channelanswer_read(
				     span_of(rows[i].body), NINE, &made, &why),
		    0);
		if (made.life_ms != rows[i].life_ms)
			fail_msg("%s", rows[i].body);
		free(made.id);
		free(made.uri);
	}
}

static void
channelanswer_without_id_or_url_makes_no_sense(void **state)
{
	static const char *const rows[] = { "", "<html>", "{}", "[]",
		"{\"id\":\"a\"}", "{\"connectUri\":\"wss://x/\"}",
		"{\"id\":\"\",\"connectUri\":\"wss://x/\"}",
		"{\"id\":7,\"connectUri\":\"wss://x/\"}",
		"{\"id\":\"a\",\"connectUri\":\"\"}" };
	struct channelanswer made = { 0 };
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		if (channelanswer_read(span_of(rows[i]), NINE, &made, &why) !=
		    -1)
			fail_msg("%s", rows[i]);
		assert_fail(&why, FAIL_UNREACHABLE, "no id or no connectUri");
		assert_null(made.id);
		assert_null(made.uri);
	}
}

static void
channelanswer_counts_a_list_and_what_is_none_is_empty(void **state)
{
	(void)state;
	assert_int_equal(
	    channelanswer_count(span_of("{\"entities\":[{},{},{}]}")), 3);
	assert_int_equal(channelanswer_count(span_of("{\"entities\":{}}")), 0);
	assert_int_equal(channelanswer_count(span_of("<html>")), 0);
	assert_int_equal(channelanswer_count(NO_SPAN), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(channelanswer_gives_id_url_and_life),
		cmocka_unit_test(
		    channelanswer_holds_a_life_to_a_day_and_a_second),
		cmocka_unit_test(
		    channelanswer_without_id_or_url_makes_no_sense),
		cmocka_unit_test(
		    channelanswer_counts_a_list_and_what_is_none_is_empty),
	};

	return TEST_RUN(tests);
}
