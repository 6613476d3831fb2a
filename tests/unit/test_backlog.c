#include "config.h"

#include "backlog.h"
#include "presence.h"
#include "test.h"

static bool
add(struct backlog *backlog, const char *user, const char *state)
{
	struct change change = { .changed_ms = 1000,
		.received_ms = 1040,
		.previous_for_ms = NOW_NONE,
		.source = PRESENCE_SNAPSHOT };

	change.user_id = span_of(user);
	change.state = span_of(state);
	return backlog_add(backlog, &change);
}

static void
assert_first(struct backlog *backlog, const char *user, const char *state,
    uint64_t coalesced)
{
	struct change change;

	assert_true(backlog_first(backlog, &change));
	assert_span(change.user_id, user);
	assert_span(change.state, state);
	assert_int_equal(change.coalesced, coalesced);
}

static void
backlog_starts_empty(void **state)
{
	struct backlog *backlog;
	struct change change = { .coalesced = 77 };

	(void)state;
	backlog = backlog_new();
	assert_int_equal(backlog_count(backlog), 0);
	assert_false(backlog_first(backlog, &change));
	assert_int_equal(change.coalesced, 77);
	backlog_free(backlog);
	backlog_free(NULL);
}

static void
backlog_gives_copies_of_changes_back_whole(void **state)
{
	char texts[] = "ada|Ada Lovelace|BUSY|AWAY|31fe3bac";
	struct backlog *backlog;
	struct change change = { .changed_ms = 1000,
		.received_ms = 1040,
		.previous_for_ms = 61000,
		.source = PRESENCE_REPLAY };

	(void)state;
	change.user_id = (struct span){ texts, 3 };
	change.name = (struct span){ texts + 4, 12 };
	change.state = (struct span){ texts + 17, 4 };
	change.previous_state = (struct span){ texts + 22, 4 };
	change.definition = (struct span){ texts + 27, 8 };
	backlog = backlog_new();
	assert_false(backlog_add(backlog, &change));
	/* What it was made of is gone. */
	memset(texts, 'x', sizeof(texts));
	memset(&change, 0x5a, sizeof(change));
	assert_true(backlog_first(backlog, &change));
	assert_span(change.user_id, "ada");
	assert_span(change.name, "Ada Lovelace");
	assert_span(change.state, "BUSY");
	assert_span(change.previous_state, "AWAY");
	assert_span(change.definition, "31fe3bac");
	assert_int_equal(change.changed_ms, 1000);
	assert_int_equal(change.received_ms, 1040);
	assert_int_equal(change.previous_for_ms, 61000);
	assert_int_equal(change.source, PRESENCE_REPLAY);
	assert_int_equal(change.coalesced, 0);
	backlog_free(backlog);
}

static void
backlog_keeps_the_newest_of_each_user_and_counts_the_others(void **state)
{
	struct backlog *backlog;

	(void)state;
	backlog = backlog_new();
	assert_false(add(backlog, "ada", "BUSY"));
	assert_true(add(backlog, "ada", "MEAL"));
	assert_true(add(backlog, "ada", "AWAY"));
	assert_int_equal(backlog_count(backlog), 1);
	assert_first(backlog, "ada", "AWAY", 2);
	backlog_free(backlog);
}

static void
backlog_is_in_order_of_the_users_first_waiting_change(void **state)
{
	struct backlog *backlog;

	(void)state;
	backlog = backlog_new();
	(void)add(backlog, "ada", "BUSY");
	(void)add(backlog, "grace", "BUSY");
	(void)add(backlog, "mary", "BUSY");
	(void)add(backlog, "ada", "MEAL");
	(void)add(backlog, "grace", "MEAL");
	assert_int_equal(backlog_count(backlog), 3);
	assert_first(backlog, "ada", "MEAL", 1);
	backlog_drop(backlog);
	assert_first(backlog, "grace", "MEAL", 1);
	backlog_drop(backlog);
	assert_first(backlog, "mary", "BUSY", 0);
	backlog_drop(backlog);
	assert_int_equal(backlog_count(backlog), 0);
	backlog_free(backlog);
}

static void
backlog_takes_uuids_in_any_case_for_the_same_user(void **state)
{
	struct backlog *backlog;

	(void)state;
	backlog = backlog_new();
	(void)add(backlog, "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f", "BUSY");
	assert_true(
	    add(backlog, "9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F", "MEAL"));
	assert_first(
	    backlog, "9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F", "MEAL", 1);
	backlog_drop(backlog);
	assert_int_equal(backlog_count(backlog), 0);
	backlog_free(backlog);
}

static void
backlog_starts_to_count_anew_after_a_drop(void **state)
{
	struct backlog *backlog;

	(void)state;
	backlog = backlog_new();
	(void)add(backlog, "ada", "BUSY");
	(void)add(backlog, "ada", "MEAL");
	backlog_drop(backlog);
	assert_false(add(backlog, "ada", "IDLE"));
	assert_false(add(backlog, "grace", "IDLE"));
	assert_first(backlog, "ada", "IDLE", 0);
	backlog_drop(backlog);
	/* Behind the others, since the first one has gone out. */
	assert_false(add(backlog, "ada", "AWAY"));
	assert_first(backlog, "grace", "IDLE", 0);
	backlog_drop(backlog);
	assert_first(backlog, "ada", "AWAY", 0);
	backlog_free(backlog);
}

static void
backlog_of_many_users_and_changes_is_bounded_by_the_users(void **state)
{
	enum {
		USERS = 1000,
		ROUNDS = 20
	};
	struct backlog *backlog;
	char user[32], text[32];
	int i, round;

	(void)state;
	backlog = backlog_new();
	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < USERS; i++) {
			(void)snprintf(user, sizeof(user), "user-%d", i);
			(void)snprintf(text, sizeof(text), "STATE_%d", round);
			(void)add(backlog, user, text);
		}
	assert_int_equal(backlog_count(backlog), USERS);
	for (i = 0; i < USERS; i++) {
		(void)snprintf(user, sizeof(user), "user-%d", i);
		assert_first(backlog, user, "STATE_19", ROUNDS - 1);
		backlog_drop(backlog);
	}
	backlog_free(backlog);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(backlog_starts_empty),
		cmocka_unit_test(backlog_gives_copies_of_changes_back_whole),
		cmocka_unit_test(
		    backlog_keeps_the_newest_of_each_user_and_counts_the_others),
		cmocka_unit_test(
		    backlog_is_in_order_of_the_users_first_waiting_change),
		cmocka_unit_test(
		    backlog_takes_uuids_in_any_case_for_the_same_user),
		cmocka_unit_test(backlog_starts_to_count_anew_after_a_drop),
		cmocka_unit_test(
		    backlog_of_many_users_and_changes_is_bounded_by_the_users),
	};

	return TEST_RUN(tests);
}
