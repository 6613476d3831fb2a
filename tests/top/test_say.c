#include "config.h"

#include <time.h>

#include "../unit/test.h"
#include "top/say.h"

#define SECOND 1000LL
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

typedef void say_fn(char text[SAY_TEXT], int64_t ms);

static void
assert_says(say_fn *say, int64_t ms, const char *want)
{
	char text[SAY_TEXT];

	say(text, ms);
	assert_string_equal(text, want);
}

static void
say_count_groups_the_digits(void **state)
{
	static const struct {
		uint64_t count;
		const char *want;
	} cases[] = {
		{ 0, "0" },
		{ 999, "999" },
		{ 1000, "1,000" },
		{ 1234567, "1,234,567" },
		{ UINT64_MAX, "18,446,744,073,709,551,615" },
	};
	char text[SAY_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		say_count(text, cases[i].count);
		assert_string_equal(text, cases[i].want);
	}
}

static void
say_age_has_hours_of_a_day_then_days(void **state)
{
	(void)state;
	assert_says(say_age, 0, "00:00:00");
	assert_says(say_age, 999, "00:00:00");
	assert_says(say_age, 12 * MINUTE + 42 * SECOND, "00:12:42");
	assert_says(say_age, DAY - 1, "23:59:59");
	assert_says(say_age, DAY, "1d 00:00");
	assert_says(say_age, 12 * DAY + 3 * HOUR + 4 * MINUTE, "12d 03:04");
	assert_says(say_age, 123 * DAY + 3 * HOUR + 4 * MINUTE, "123d 03h");
	assert_says(say_age, 20000 * DAY, "20000d");
}

static void
say_age_of_the_future_is_zero(void **state)
{
	(void)state;
	assert_says(say_age, -1, "00:00:00");
	assert_says(say_age, INT64_MIN, "00:00:00");
	assert_says(say_age_briefly, -5 * DAY, "0:00");
}

static void
say_age_has_at_most_nine_columns_and_briefly_six(void **state)
{
	char text[SAY_TEXT];
	int64_t ms;

	(void)state;
	assert_says(say_age_briefly, 59 * MINUTE + 9 * SECOND, "59:09");
	assert_says(say_age_briefly, 3 * HOUR + 12 * MINUTE, "3h12");
	assert_says(say_age_briefly, 12 * DAY + 3 * HOUR, "12d03");
	assert_says(say_age_briefly, 5000 * DAY, "5000d");
	for (ms = 0; ms < 10000 * DAY; ms += ms / 7 + 1) {
		say_age_briefly(text, ms);
		assert_true(strlen(text) <= 6);
		say_age(text, ms);
		assert_true(strlen(text) <= 9);
	}
}

static void
say_latency_picks_a_unit_and_may_be_negative(void **state)
{
	(void)state;
	assert_says(say_latency, 42, "42 ms");
	assert_says(say_latency, -42, "-42 ms");
	assert_says(say_latency, 1200, "1.2 s");
	assert_says(say_latency, -1200, "-1.2 s");
	assert_says(say_latency, 3 * MINUTE, "3 min");
	assert_says(say_latency, 5 * HOUR, "5 h");
	assert_says(say_latency, INT64_MAX, "240000 h");
	assert_says(say_latency, INT64_MIN, "-240000 h");
}

static void
say_when_has_the_date_of_other_days(void **state)
{
	const int64_t noon = 1767268800 * SECOND; /* 2026-01-01T12:00:00Z */
	char text[SAY_TEXT];

	(void)state;
	say_clock(text, noon);
	assert_string_equal(text, "12:00:00");
	say_when(text, noon, noon + HOUR);
	assert_string_equal(text, "12:00:00");
	say_when(text, noon - 12 * HOUR - 1, noon);
	assert_string_equal(text, "2025-12-31");
	say_when(text, noon, noon + 365 * DAY);
	assert_string_equal(text, "2026-01-01");
}

static void
say_clock_of_a_time_that_nobody_has_does_no_harm(void **state)
{
	char text[SAY_TEXT];

	(void)state;
	say_clock(text, INT64_MAX);
	assert_true(strlen(text) > 0);
	say_when(text, INT64_MIN, INT64_MAX);
	assert_true(strlen(text) > 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(say_count_groups_the_digits),
		cmocka_unit_test(say_age_has_hours_of_a_day_then_days),
		cmocka_unit_test(say_age_of_the_future_is_zero),
		cmocka_unit_test(
		    say_age_has_at_most_nine_columns_and_briefly_six),
		cmocka_unit_test(say_latency_picks_a_unit_and_may_be_negative),
		cmocka_unit_test(say_when_has_the_date_of_other_days),
		cmocka_unit_test(
		    say_clock_of_a_time_that_nobody_has_does_no_harm),
	};

	(void)setenv("TZ", "UTC", 1);
	tzset();
	return TEST_RUN(tests);
}
