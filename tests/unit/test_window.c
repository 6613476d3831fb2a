#include "config.h"

#include "rng.h"
#include "test.h"
#include "window.h"

enum {
	SPAN_MS = 60000
};

static void
window_allows_its_limit_at_once(void **state)
{
	struct window window;
	int i;

	(void)state;
	window_init(&window, 30, SPAN_MS);
	for (i = 0; i < 30; i++) {
		assert_int_equal(window_wait_ms(&window, 1000), 0);
		window_take(&window, 1000);
	}
	assert_int_equal(window_wait_ms(&window, 1000), SPAN_MS);
	window_done(&window);
}

static void
window_makes_one_wait_until_the_oldest_take_has_left(void **state)
{
	struct window window;

	(void)state;
	window_init(&window, 2, SPAN_MS);
	window_take(&window, 1000);
	window_take(&window, 31000);
	assert_int_equal(window_wait_ms(&window, 31000), 30000);
	assert_int_equal(window_wait_ms(&window, 60999), 1);
	assert_int_equal(window_wait_ms(&window, 61000), 0);
	window_take(&window, 61000);
	assert_int_equal(window_wait_ms(&window, 61000), 30000);
	window_done(&window);
}

static void
window_asked_often_says_the_same(void **state)
{
	struct window window;
	int i;

	(void)state;
	window_init(&window, 1, SPAN_MS);
	for (i = 0; i < 10; i++)
		assert_int_equal(window_wait_ms(&window, 5), 0);
	window_take(&window, 5);
	for (i = 0; i < 10; i++)
		assert_int_equal(window_wait_ms(&window, 6), SPAN_MS - 1);
	window_done(&window);
}

static void
window_forgets_what_is_long_past(void **state)
{
	struct window window;
	int i;

	(void)state;
	window_init(&window, 3, SPAN_MS);
	for (i = 0; i < 3; i++)
		window_take(&window, 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(window_wait_ms(&window, 1LL << 40), 0);
		window_take(&window, 1LL << 40);
	}
	assert_int_equal(window_wait_ms(&window, 1LL << 40), SPAN_MS);
	window_done(&window);
}

/*
 * A caller that comes at random times and waits as long as it is told.  By
 * brute force: within any span never more takes than the limit, and no wait
 * that the limit did not ask for.
 */
static void
random_run(size_t limit, uint64_t seed)
{
	enum {
		TAKES = 2000
	};
	static int64_t takes[TAKES];
	struct window window;
	struct rng rng;
	int64_t now_ms = 0, wait_ms;
	size_t done, i, within;

	rng_seed(&rng, seed);
	window_init(&window, limit, SPAN_MS);
	for (done = 0; done < TAKES; done++) {
		/* At times in a burst, at times slower than the limit. */
		if (rng_below(&rng, 4) == 0)
			now_ms += (int64_t)rng_below(
			    &rng, 3 * SPAN_MS / (uint64_t)limit);
		wait_ms = window_wait_ms(&window, now_ms);
		within = 0;
		for (i = done; i > 0 && takes[i - 1] > now_ms - SPAN_MS; i--)
			within++;
		assert_int_equal(wait_ms > 0, within >= limit);
		if (wait_ms > 0) {
			assert_int_equal(
			    window_wait_ms(&window, now_ms + wait_ms - 1), 1);
			assert_int_equal(
			    window_wait_ms(&window, now_ms + wait_ms), 0);
		}
		now_ms += wait_ms;
		window_take(&window, now_ms);
		takes[done] = now_ms;
	}
	for (i = limit; i < TAKES; i++)
		assert_true(takes[i] - takes[i - limit] >= SPAN_MS);
	window_done(&window);
}

static void
window_never_allows_more_within_any_span_nor_waits_for_nothing(void **state)
{
	static const size_t limits[] = { 1, 2, 3, 7, 30, 300 };
	uint64_t seed;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(limits); i++)
		for (seed = 0; seed < 10; seed++)
			random_run(limits[i], seed);
}

static void
window_may_be_done_twice(void **state)
{
	struct window window;

	(void)state;
	window_init(&window, 1, SPAN_MS);
	window_done(&window);
	window_done(&window);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(window_allows_its_limit_at_once),
		cmocka_unit_test(
		    window_makes_one_wait_until_the_oldest_take_has_left),
		cmocka_unit_test(window_asked_often_says_the_same),
		cmocka_unit_test(window_forgets_what_is_long_past),
		cmocka_unit_test(
		    window_never_allows_more_within_any_span_nor_waits_for_nothing),
		cmocka_unit_test(window_may_be_done_twice),
	};

	return TEST_RUN(tests);
}
