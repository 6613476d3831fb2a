#include "config.h"

#include "stats.h"
#include "test.h"

static void
stats_drops_have_names_of_their_own(void **state)
{
	int one, other;

	(void)state;
	for (one = 0; one < STATS_DROPS; one++) {
		assert_non_null(stats_drop_name((enum stats_drop)one));
		for (other = 0; other < one; other++)
			assert_string_not_equal(
			    stats_drop_name((enum stats_drop)one),
			    stats_drop_name((enum stats_drop)other));
	}
	assert_string_equal(stats_drop_name(STATS_MALFORMED), "malformed");
	assert_string_equal(stats_drop_name(STATS_STALE), "stale");
}

static void
stats_are_zero_before_the_first_message(void **state)
{
	const struct stats stats = { 0 };

	(void)state;
	assert_true(stats_latency_average_ms(&stats) == 0);
	assert_true(stats_accuracy(&stats) == 0);
	assert_int_equal(stats_changes(&stats), 0);
	assert_int_equal(stats_dropped(&stats), 0);
}

static void
stats_latency_is_the_mean_of_all(void **state)
{
	struct stats stats = { 0 };

	(void)state;
	stats_latency(&stats, 40);
	assert_true(stats_latency_average_ms(&stats) == 40);
	stats_latency(&stats, 45);
	assert_true(stats_latency_average_ms(&stats) == 42.5);
	/* The clocks may differ. */
	stats_latency(&stats, -100);
	assert_true(stats_latency_average_ms(&stats) == -5);
	assert_int_equal(stats.latency_count, 3);
}

static void
stats_accuracy_is_changes_over_presences_received(void **state)
{
	struct stats stats = { .received = { 1, 3, 4 } };

	(void)state;
	assert_int_equal(stats_received(&stats), 8);
	assert_true(stats_accuracy(&stats) == 0);
	stats.changes[PRESENCE_STREAM] = 1;
	stats.changes[PRESENCE_SNAPSHOT] = 2;
	stats.changes[PRESENCE_REPLAY] = 3;
	assert_int_equal(stats_changes(&stats), 6);
	assert_true(stats_accuracy(&stats) == 0.75);
}

static void
stats_dropped_is_the_sum_of_all_reasons(void **state)
{
	struct stats stats = { 0 };
	uint64_t wanted = 0;
	size_t i;

	(void)state;
	for (i = 0; i < STATS_DROPS; i++) {
		stats.dropped[i] = i + 1;
		wanted += i + 1;
	}
	assert_int_equal(stats_dropped(&stats), wanted);
}

static void
stats_latencies_are_sorted_into_buckets_by_their_upper_ends(void **state)
{
	struct stats stats = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < STATS_BUCKETS; i++) {
		if (i > 0)
			assert_true(
			    stats_bucket_ms[i] > stats_bucket_ms[i - 1]);
		stats_latency(&stats, stats_bucket_ms[i]);
		stats_latency(&stats, stats_bucket_ms[i] + 1);
	}
	stats_latency(&stats, -5);
	/* The first has its own end and what is less; the last misses one. */
	assert_int_equal(stats.latency_buckets[0], 2);
	for (i = 1; i < STATS_BUCKETS; i++)
		assert_int_equal(stats.latency_buckets[i], 2);
	assert_int_equal(stats.latency_count, 2 * STATS_BUCKETS + 1);
}

static void
stats_requests_are_counted_by_endpoint_and_code(void **state)
{
	struct stats stats = { 0 };

	(void)state;
	stats_request(&stats, "token", 200);
	stats_request(&stats, "channels", 200);
	stats_request(&stats, "channels", 429);
	stats_request(&stats, "channels", 200);
	stats_request(&stats, "token", 0);
	assert_string_equal(stats.requests[0].endpoint, "token");
	assert_int_equal(stats.requests[0].code, 200);
	assert_int_equal(stats.requests[0].count, 1);
	assert_string_equal(stats.requests[1].endpoint, "channels");
	assert_int_equal(stats.requests[1].count, 2);
	assert_int_equal(stats.requests[2].code, 429);
	assert_int_equal(stats.requests[3].code, 0);
	assert_null(stats.requests[4].endpoint);
}

static void
stats_requests_of_many_codes_are_all_counted(void **state)
{
	struct stats stats = { 0 };
	uint64_t sum = 0;
	int code;
	size_t i;

	(void)state;
	for (code = 0; code < 3 * STATS_REQUESTS; code++)
		stats_request(&stats, "token", code);
	/* One by one while there is room, then together. */
	for (code = 0; code < STATS_REQUESTS - 1; code++)
		assert_int_equal(stats.requests[code].count, 1);
	for (i = 0; i < STATS_REQUESTS; i++)
		sum += stats.requests[i].count;
	assert_int_equal(sum, 3 * STATS_REQUESTS);
}

static void
stats_disconnections_are_what_nobody_asked_for(void **state)
{
	struct stats stats = { 0 };

	(void)state;
	stats.ended[STATS_CLOSED] = 1;
	stats.ended[STATS_LOST] = 2;
	stats.ended[STATS_SILENT] = 4;
	stats.ended[STATS_REPLACED] = 8;
	assert_int_equal(stats_disconnections(&stats), 7);
	assert_string_equal(stats_end_name(STATS_CLOSED), "closed");
	assert_string_equal(stats_end_name(STATS_REPLACED), "replaced");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(stats_drops_have_names_of_their_own),
		cmocka_unit_test(stats_are_zero_before_the_first_message),
		cmocka_unit_test(stats_latency_is_the_mean_of_all),
		cmocka_unit_test(
		    stats_accuracy_is_changes_over_presences_received),
		cmocka_unit_test(stats_dropped_is_the_sum_of_all_reasons),
		cmocka_unit_test(
		    stats_latencies_are_sorted_into_buckets_by_their_upper_ends),
		cmocka_unit_test(
		    stats_requests_are_counted_by_endpoint_and_code),
		cmocka_unit_test(stats_requests_of_many_codes_are_all_counted),
		cmocka_unit_test(
		    stats_disconnections_are_what_nobody_asked_for),
	};

	return TEST_RUN(tests);
}
