#include "config.h"

#include "backoff.h"
#include "test.h"

/* The longest that the n-th delay may be, from 0. */
static int64_t
limit_of(int64_t base_ms, int64_t max_ms, unsigned int n)
{
	while (n-- > 0 && base_ms < max_ms)
		base_ms *= 2;
	return base_ms < max_ms ? base_ms : max_ms;
}

static void
backoff_doubles_its_limit_up_to_the_maximum(void **state)
{
	struct backoff backoff;
	int64_t delay_ms;
	uint64_t seed;
	unsigned int n;

	(void)state;
	for (seed = 0; seed < 500; seed++) {
		backoff_init(&backoff, 2000, 60000, seed);
		for (n = 0; n < 12; n++) {
			delay_ms = backoff_next_ms(&backoff, 0);
			assert_true(delay_ms >= 0);
			assert_true(delay_ms <= limit_of(2000, 60000, n));
		}
	}
}

static void
backoff_jitter_covers_the_whole_range(void **state)
{
	struct backoff backoff;
	int seen[9][9] = { { 0 } };
	int64_t delay_ms;
	uint64_t seed;
	unsigned int n;

	(void)state;
	/* The limits are 2, 4, 8, 8. */
	for (seed = 0; seed < 2000; seed++) {
		backoff_init(&backoff, 2, 8, seed);
		for (n = 0; n < 4; n++) {
			delay_ms = backoff_next_ms(&backoff, 0);
			assert_in_range(delay_ms, 0, 8);
			seen[n][delay_ms]++;
		}
	}
	for (n = 0; n < 4; n++)
		for (delay_ms = 0; delay_ms <= 8; delay_ms++)
			assert_int_equal(seen[n][delay_ms] > 0,
			    delay_ms <= limit_of(2, 8, n));
}

static void
backoff_spreads_clients_that_lost_one_server(void **state)
{
	struct backoff backoff;
	int tenths[10] = { 0 };
	int64_t delay_ms;
	uint64_t seed;
	size_t i;

	(void)state;
	for (seed = 0; seed < 10000; seed++) {
		backoff_init(&backoff, 9999, 60000, seed);
		delay_ms = backoff_next_ms(&backoff, 0);
		assert_in_range(delay_ms, 0, 9999);
		tenths[delay_ms / 1000]++;
	}
	for (i = 0; i < COUNT(tenths); i++)
		assert_in_range(tenths[i], 820, 1180);
}

static void
backoff_repeats_itself_for_the_same_seed_only(void **state)
{
	struct backoff one, same, other;
	int64_t delay_ms;
	int n, different = 0;

	(void)state;
	backoff_init(&one, 2000, 60000, 11);
	backoff_init(&same, 2000, 60000, 11);
	backoff_init(&other, 2000, 60000, 12);
	for (n = 0; n < 20; n++) {
		delay_ms = backoff_next_ms(&one, 0);
		assert_int_equal(delay_ms, backoff_next_ms(&same, 0));
		different += delay_ms != backoff_next_ms(&other, 0);
	}
	assert_true(different > 10);
}

static void
backoff_never_goes_below_the_floor(void **state)
{
	struct backoff backoff;
	int n;

	(void)state;
	backoff_init(&backoff, 2000, 60000, 1);
	for (n = 0; n < 100; n++)
		assert_true(backoff_next_ms(&backoff, 30000) >= 30000);
	/* What the service asks for goes before our own maximum. */
	for (n = 0; n < 100; n++)
		assert_int_equal(backoff_next_ms(&backoff, 3600000), 3600000);
}

static void
backoff_floor_leaves_longer_delays_as_they_are(void **state)
{
	struct backoff plain, floored;
	int64_t delay_ms;
	int n;

	(void)state;
	backoff_init(&plain, 2000, 60000, 5);
	backoff_init(&floored, 2000, 60000, 5);
	for (n = 0; n < 100; n++) {
		delay_ms = backoff_next_ms(&plain, 0);
		assert_int_equal(backoff_next_ms(&floored, 700),
		    delay_ms < 700 ? 700 : delay_ms);
	}
}

static void
backoff_starts_over_after_a_reset(void **state)
{
	struct backoff backoff;
	int n, round, beyond = 0;

	(void)state;
	backoff_init(&backoff, 10, 60000, 3);
	for (round = 0; round < 200; round++) {
		for (n = 0; n < 10; n++)
			beyond += backoff_next_ms(&backoff, 0) > 10;
		backoff_reset(&backoff);
		assert_in_range(backoff_next_ms(&backoff, 0), 0, 10);
		backoff_reset(&backoff);
	}
	assert_true(beyond > 1000);
}

static void
backoff_stays_in_range_for_ever(void **state)
{
	struct backoff backoff;
	int64_t delay_ms;
	int n;

	(void)state;
	backoff_init(&backoff, 3600000, 86400000, 9);
	for (n = 0; n < 10000; n++) {
		delay_ms = backoff_next_ms(&backoff, 0);
		assert_true(delay_ms >= 0 && delay_ms <= 86400000);
	}
}

static void
backoff_maximum_below_the_base_wins(void **state)
{
	struct backoff backoff;
	int n;

	(void)state;
	backoff_init(&backoff, 5000, 100, 9);
	for (n = 0; n < 1000; n++)
		assert_in_range(backoff_next_ms(&backoff, 0), 0, 100);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(backoff_doubles_its_limit_up_to_the_maximum),
		cmocka_unit_test(backoff_jitter_covers_the_whole_range),
		cmocka_unit_test(backoff_spreads_clients_that_lost_one_server),
		cmocka_unit_test(backoff_repeats_itself_for_the_same_seed_only),
		cmocka_unit_test(backoff_never_goes_below_the_floor),
		cmocka_unit_test(
		    backoff_floor_leaves_longer_delays_as_they_are),
		cmocka_unit_test(backoff_starts_over_after_a_reset),
		cmocka_unit_test(backoff_stays_in_range_for_ever),
		cmocka_unit_test(backoff_maximum_below_the_base_wins),
	};

	return TEST_RUN(tests);
}
