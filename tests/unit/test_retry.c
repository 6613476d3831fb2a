#include "config.h"

#include "fail.h"
#include "retry.h"
#include "test.h"

static struct retry retry;

static int
make_retry(void **state)
{
	(void)state;
	retry_init(&retry, 3);
	backoff_init(&retry.backoff, 1000, 8000, 1);
	return 0;
}

/* The verdict on an end of that kind; the delay, or -1. */
static int64_t
decide(enum fail_kind kind, int64_t retry_after_ms, struct fail *why)
{
	struct fail end = { .retry_after_ms = retry_after_ms };
	int64_t delay_ms;

	(void)fail_set(&end, kind, "it broke");
	if (kind == FAIL_NONE)
		end.kind = FAIL_NONE;
	end.retry_after_ms = retry_after_ms;
	if (retry_decide(&retry, &end, &delay_ms, why) == -1)
		return -1;
	return delay_ms;
}

static void
retry_gives_up_after_so_many_tries_in_a_row(void **state)
{
	struct fail why = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_not_equal(decide(FAIL_UNREACHABLE, 0, &why), -1);
	assert_int_equal(decide(FAIL_UNREACHABLE, 0, &why), -1);
	assert_fail(
	    &why, FAIL_UNREACHABLE, "it broke; gave up after 4 tries in a row");
}

static void
retry_counts_anew_once_a_connection_streamed(void **state)
{
	struct fail why = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 30; i++) {
		assert_int_not_equal(decide(FAIL_UNREACHABLE, 0, &why), -1);
		retry_note_live(&retry);
	}
}

static void
retry_waits_from_the_base_again_after_a_long_life(void **state)
{
	struct fail why = { 0 };
	int i;

	(void)state;
	retry_init(&retry, 0);
	for (i = 0; i < 20; i++)
		(void)decide(FAIL_UNREACHABLE, 0, &why);
	assert_int_equal(retry.backoff.step > 3, true);
	retry_note_life(&retry, 9999);
	assert_int_equal(retry.backoff.step > 3, true);
	retry_note_life(&retry, 10000);
	assert_in_range(decide(FAIL_UNREACHABLE, 0, &why), 0, 1000);
}

static void
retry_of_zero_tries_never_gives_up(void **state)
{
	struct fail why = { 0 };
	int i;

	(void)state;
	retry_init(&retry, 0);
	for (i = 0; i < 1000; i++)
		assert_in_range(decide(FAIL_BUSY, 0, &why), 0, 8000);
}

static void
retry_waits_as_long_as_the_service_asks(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_in_range(decide(FAIL_BUSY, 60000, &why), 60000, 69000);
}

static void
retry_of_a_planned_end_is_at_once_and_no_try(void **state)
{
	struct fail why = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_int_equal(decide(FAIL_NONE, 0, &why), 0);
}

static void
retry_replaces_a_refused_token_once(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(decide(FAIL_STALE_TOKEN, 0, &why), 0);
	assert_int_equal(decide(FAIL_STALE_TOKEN, 0, &why), -1);
	assert_fail(&why, FAIL_REFUSED, "with a new token too");
	/* A token that worked meanwhile is another matter. */
	(void)retry_note_open(&retry);
	assert_int_equal(decide(FAIL_STALE_TOKEN, 0, &why), 0);
}

static void
retry_replaces_a_channel_at_once_only_the_first_time(void **state)
{
	struct fail why = { 0 };
	int i;

	(void)state;
	assert_int_equal(decide(FAIL_STALE_CHANNEL, 0, &why), 0);
	for (i = 0; i < 3; i++)
		assert_int_not_equal(decide(FAIL_STALE_CHANNEL, 0, &why), -1);
	assert_int_equal(decide(FAIL_STALE_CHANNEL, 0, &why), -1);
	assert_int_equal(why.kind, FAIL_UNREACHABLE);
	make_retry(NULL);
	for (i = 0; i < 10; i++) {
		assert_int_equal(decide(FAIL_STALE_CHANNEL, 0, &why), 0);
		retry_note_live(&retry);
	}
}

static void
retry_takes_absence_for_final_until_it_was_there(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(decide(FAIL_ABSENT, 0, &why), -1);
	assert_fail(&why, FAIL_ABSENT, "it broke");
	(void)retry_note_open(&retry);
	assert_int_not_equal(decide(FAIL_ABSENT, 0, &why), -1);
}

static void
retry_takes_refusals_for_final(void **state)
{
	static const enum fail_kind kinds[] = { FAIL_REFUSED, FAIL_CONFIG,
		FAIL_DISPLACED, FAIL_UNTRUSTED, FAIL_INTERNAL };
	struct fail why = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(kinds); i++) {
		assert_int_equal(decide(kinds[i], 0, &why), -1);
		assert_fail(&why, kinds[i], "it broke");
	}
}

#define retry_test(name) cmocka_unit_test_setup(name, make_retry)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		retry_test(retry_gives_up_after_so_many_tries_in_a_row),
		retry_test(retry_counts_anew_once_a_connection_streamed),
		retry_test(retry_waits_from_the_base_again_after_a_long_life),
		retry_test(retry_of_zero_tries_never_gives_up),
		retry_test(retry_waits_as_long_as_the_service_asks),
		retry_test(retry_of_a_planned_end_is_at_once_and_no_try),
		retry_test(retry_replaces_a_refused_token_once),
		retry_test(
		    retry_replaces_a_channel_at_once_only_the_first_time),
		retry_test(retry_takes_absence_for_final_until_it_was_there),
		retry_test(retry_takes_refusals_for_final),
	};

	return TEST_RUN(tests);
}
