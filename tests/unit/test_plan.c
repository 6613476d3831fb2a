#include "config.h"

#include "plan.h"
#include "test.h"

/* Adds users "user 0", "user 1", ... */
static void
add_users(struct plan *plan, size_t from, size_t to)
{
	char text[32];

	for (; from < to; from++) {
		(void)snprintf(text, sizeof(text), "user-%zu", from);
		assert_true(plan_add(plan, span_of(text)));
	}
}

static void
plan_starts_empty(void **state)
{
	struct plan *plan;

	(void)state;
	plan = plan_new();
	assert_int_equal(plan_count(plan), 0);
	assert_int_equal(plan_shards(plan), 0);
	plan_cut(plan, 10);
	assert_int_equal(plan_shards(plan), 0);
	assert_int_equal(plan_shard_count(plan, 0), 0);
	plan_free(plan);
	plan_free(NULL);
}

static void
plan_keeps_each_user_once(void **state)
{
	struct plan *plan;

	(void)state;
	plan = plan_new();
	assert_true(plan_add(plan, SPAN("one")));
	assert_false(plan_add(plan, SPAN("one")));
	assert_true(plan_add(plan, SPAN("ONE")));
	assert_int_equal(plan_count(plan), 2);
	plan_free(plan);
}

static void
plan_takes_uuids_in_any_case_for_the_same(void **state)
{
	struct plan *plan;

	(void)state;
	plan = plan_new();
	assert_true(
	    plan_add(plan, SPAN("9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F")));
	assert_false(
	    plan_add(plan, SPAN("9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f")));
	plan_cut(plan, 10);
	assert_int_equal(plan_shard_count(plan, 0), 1);
	assert_int_equal(plan_user(plan, 0, 0).len, 36);
	plan_free(plan);
}

static void
plan_is_one_shard_before_the_cut(void **state)
{
	struct plan *plan;
	size_t i;

	(void)state;
	plan = plan_new();
	add_users(plan, 0, 25);
	assert_int_equal(plan_shards(plan), 1);
	assert_int_equal(plan_shard_count(plan, 0), 25);
	plan_cut(plan, 10);
	assert_int_equal(plan_count(plan), 25);
	assert_int_equal(plan_shards(plan), 3);
	assert_int_equal(plan_shard_count(plan, 0), 10);
	assert_int_equal(plan_shard_count(plan, 1), 10);
	assert_int_equal(plan_shard_count(plan, 2), 5);
	for (i = 0; i < 25; i++)
		assert_true(
		    plan_has(plan, i / 10, plan_user(plan, i / 10, i % 10)));
	plan_free(plan);
}

static void
plan_opens_a_shard_when_one_is_full(void **state)
{
	struct plan *plan;

	(void)state;
	plan = plan_new();
	plan_cut(plan, 10);
	add_users(plan, 0, 9);
	assert_int_equal(plan_shards(plan), 1);
	add_users(plan, 9, 10);
	assert_int_equal(plan_shards(plan), 1);
	assert_int_equal(plan_shard_count(plan, 0), 10);
	add_users(plan, 10, 11);
	assert_int_equal(plan_shards(plan), 2);
	assert_int_equal(plan_shard_count(plan, 0), 10);
	assert_int_equal(plan_shard_count(plan, 1), 1);
	assert_int_equal(plan_shard_count(plan, 2), 0);
	plan_free(plan);
}

static void
plan_puts_one_user_in_each_shard_where_that_is_the_limit(void **state)
{
	struct plan *plan;

	(void)state;
	plan = plan_new();
	plan_cut(plan, 1);
	add_users(plan, 0, 3);
	assert_int_equal(plan_shards(plan), 3);
	assert_int_equal(plan_shard_count(plan, 2), 1);
	assert_span(plan_user(plan, 2, 0), "user-2");
	plan_free(plan);
}

static void
plan_keeps_the_order_of_arrival_and_never_moves_a_user(void **state)
{
	struct plan *plan;
	char wanted[32];
	size_t i;

	(void)state;
	plan = plan_new();
	add_users(plan, 0, 700);
	plan_cut(plan, 100);
	assert_span(plan_user(plan, 6, 99), "user-699");
	add_users(plan, 700, 2500);
	assert_false(plan_add(plan, SPAN("user-0")));
	assert_int_equal(plan_shards(plan), 25);
	for (i = 0; i < 2500; i++) {
		(void)snprintf(wanted, sizeof(wanted), "user-%zu", i);
		assert_span(plan_user(plan, i / 100, i % 100), wanted);
	}
	plan_free(plan);
}

static void
plan_knows_which_shard_a_user_is_in(void **state)
{
	struct plan *plan;

	(void)state;
	plan = plan_new();
	plan_cut(plan, 2);
	add_users(plan, 0, 3);
	assert_true(plan_has(plan, 0, SPAN("user-1")));
	assert_false(plan_has(plan, 1, SPAN("user-1")));
	assert_true(plan_has(plan, 1, SPAN("user-2")));
	assert_false(plan_has(plan, 0, SPAN("stranger")));
	assert_true(
	    plan_add(plan, SPAN("9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f")));
	assert_true(
	    plan_has(plan, 1, SPAN("9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F")));
	plan_free(plan);
}

static void
plan_forgets_a_user_that_is_removed(void **state)
{
	struct plan *plan;
	size_t shard = 77;

	(void)state;
	plan = plan_new();
	plan_cut(plan, 3);
	add_users(plan, 0, 7);
	assert_false(plan_remove(plan, SPAN("stranger"), &shard));
	assert_int_equal(shard, 77);
	assert_true(plan_remove(plan, SPAN("user-4"), &shard));
	assert_int_equal(shard, 1);
	assert_false(plan_remove(plan, SPAN("user-4"), &shard));
	assert_int_equal(plan_count(plan), 6);
	assert_int_equal(plan_shard_count(plan, 1), 2);
	assert_false(plan_has(plan, 1, SPAN("user-4")));
	/* The others stay where they are, in order. */
	assert_span(plan_user(plan, 1, 0), "user-3");
	assert_span(plan_user(plan, 1, 1), "user-5");
	assert_span(plan_user(plan, 2, 0), "user-6");
	plan_free(plan);
}

static void
plan_fills_the_first_shard_that_has_room_again(void **state)
{
	struct plan *plan;
	size_t shard;

	(void)state;
	plan = plan_new();
	plan_cut(plan, 2);
	add_users(plan, 0, 6);
	assert_true(plan_remove(plan, SPAN("user-2"), &shard));
	assert_true(plan_remove(plan, SPAN("user-5"), &shard));
	assert_true(plan_add(plan, SPAN("new")));
	assert_true(plan_has(plan, 1, SPAN("new")));
	assert_true(plan_add(plan, SPAN("user-2")));
	assert_true(plan_has(plan, 2, SPAN("user-2")));
	assert_int_equal(plan_shards(plan), 3);
	add_users(plan, 6, 7);
	assert_int_equal(plan_shards(plan), 4);
	plan_free(plan);
}

static void
plan_shard_may_be_emptied(void **state)
{
	struct plan *plan;
	size_t shard;

	(void)state;
	plan = plan_new();
	plan_cut(plan, 1);
	add_users(plan, 0, 2);
	assert_true(plan_remove(plan, SPAN("user-0"), &shard));
	assert_int_equal(plan_shard_count(plan, 0), 0);
	assert_int_equal(plan_shards(plan), 2);
	assert_span(plan_user(plan, 1, 0), "user-1");
	add_users(plan, 2, 3);
	assert_span(plan_user(plan, 0, 0), "user-2");
	plan_free(plan);
}

static void
plan_owns_copies_of_its_ids(void **state)
{
	struct plan *plan;
	char text[] = "user";

	(void)state;
	plan = plan_new();
	assert_true(plan_add(plan, span_of(text)));
	memset(text, 'x', 4);
	plan_cut(plan, 10);
	assert_span(plan_user(plan, 0, 0), "user");
	plan_free(plan);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plan_starts_empty),
		cmocka_unit_test(plan_keeps_each_user_once),
		cmocka_unit_test(plan_takes_uuids_in_any_case_for_the_same),
		cmocka_unit_test(plan_is_one_shard_before_the_cut),
		cmocka_unit_test(plan_opens_a_shard_when_one_is_full),
		cmocka_unit_test(
		    plan_puts_one_user_in_each_shard_where_that_is_the_limit),
		cmocka_unit_test(
		    plan_keeps_the_order_of_arrival_and_never_moves_a_user),
		cmocka_unit_test(plan_knows_which_shard_a_user_is_in),
		cmocka_unit_test(plan_forgets_a_user_that_is_removed),
		cmocka_unit_test(
		    plan_fills_the_first_shard_that_has_room_again),
		cmocka_unit_test(plan_shard_may_be_emptied),
		cmocka_unit_test(plan_owns_copies_of_its_ids),
	};

	return TEST_RUN(tests);
}
