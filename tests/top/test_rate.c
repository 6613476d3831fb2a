#include "config.h"

#include "../unit/test.h"
#include "top/rate.h"

static void
rate_counts_what_came_in_the_last_minute(void **state)
{
	struct rate rate = { .second = 0 };

	(void)state;
	rate_count(&rate, 100000);
	rate_count(&rate, 100500);
	rate_count(&rate, 130000);
	assert_int_equal(rate_of(&rate, 130000), 3);
	assert_int_equal(rate_of(&rate, 159999), 3);
	assert_int_equal(rate_of(&rate, 160000), 1);
	assert_int_equal(rate_of(&rate, 189999), 1);
	assert_int_equal(rate_of(&rate, 190000), 0);
}

static void
rate_of_nothing_is_zero(void **state)
{
	struct rate rate = { .second = 0 };

	(void)state;
	assert_int_equal(rate_of(&rate, 0), 0);
	assert_int_equal(rate_of(&rate, 500), 0);
	assert_int_equal(rate_of(&rate, INT64_C(1) << 40), 0);
}

static void
rate_forgets_all_after_a_long_silence(void **state)
{
	struct rate rate = { .second = 0 };
	int i;

	(void)state;
	for (i = 0; i < 60; i++)
		rate_count(&rate, 1000 * i);
	assert_int_equal(rate_of(&rate, 59999), 60);
	rate_count(&rate, 10000000);
	assert_int_equal(rate_of(&rate, 10000000), 1);
}

static void
rate_is_that_of_a_count_by_hand(void **state)
{
	struct rate rate = { .second = 0 };
	int64_t times[2000], now = 1;
	uint64_t expected;
	size_t i, at;

	(void)state;
	for (i = 0; i < COUNT(times); i++) {
		/* Mostly close together, now and then a minute or two. */
		now += i % 97 == 0 ? 1000 * (int64_t)(i % 131) : 37;
		times[i] = now;
		rate_count(&rate, now);
		expected = 0;
		for (at = 0; at <= i; at++)
			expected += now / 1000 - times[at] / 1000 < 60;
		assert_int_equal(rate_of(&rate, now), expected);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rate_counts_what_came_in_the_last_minute),
		cmocka_unit_test(rate_of_nothing_is_zero),
		cmocka_unit_test(rate_forgets_all_after_a_long_silence),
		cmocka_unit_test(rate_is_that_of_a_count_by_hand),
	};

	return TEST_RUN(tests);
}
