#include "config.h"

#include "delta.h"
#include "shard.h"
#include "states.h"
#include "test.h"

#define ADA   "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"
#define GRACE "1b2c3d4e-0000-4000-8000-00000000000a"

/* 2026-01-01T09:00:00Z */
#define NINE 1767258000000

#define MINUTE 60000

/* A cache that watches Ada and Grace. */
static struct delta *
two_users(void)
{
	struct delta *delta;

	delta = delta_new();
	assert_true(delta_add(delta, SPAN(ADA), SPAN("Ada Lovelace")));
	assert_true(delta_add(delta, SPAN(GRACE), SPAN("")));
	return delta;
}

/* A presence that came 40 ms after it happened; or without a time. */
static struct presence
presence_of(const char *user, const char *state, int64_t changed_ms)
{
	struct presence presence = { .changed_ms = changed_ms,
		.received_ms =
		    changed_ms == NOW_NONE ? NINE : changed_ms + 40 };

	presence.user_id = span_of(user);
	presence.state = span_of(state);
	return presence;
}

static enum delta_verdict
apply(struct delta *delta, const char *user, const char *state,
    int64_t changed_ms, struct change *ret_change)
{
	struct presence presence = presence_of(user, state, changed_ms);
	struct change ignored;

	return delta_apply(
	    delta, &presence, ret_change == NULL ? &ignored : ret_change);
}

static void
delta_first_state_is_a_change_from_nothing(void **state)
{
	struct delta *delta = two_users();
	struct presence presence = presence_of(ADA, "AVAILABLE", NINE);
	struct change change;

	(void)state;
	presence.definition = SPAN("6a3af858-942f-489d-9700-5f9bcdcdae9b");
	presence.source = PRESENCE_SNAPSHOT;
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	assert_span(change.user_id, ADA);
	assert_span(change.name, "Ada Lovelace");
	assert_span(change.state, "AVAILABLE");
	assert_int_equal(change.previous_state.len, 0);
	assert_span(change.definition, "6a3af858-942f-489d-9700-5f9bcdcdae9b");
	assert_int_equal(change.changed_ms, NINE);
	assert_int_equal(change.received_ms, NINE + 40);
	assert_true(change.previous_for_ms == NOW_NONE);
	assert_int_equal(change.source, PRESENCE_SNAPSHOT);
	assert_int_equal(change.coalesced, 0);
	delta_free(delta);
}

static void
delta_change_knows_what_was_before_and_for_how_long(void **state)
{
	struct delta *delta = two_users();
	struct change change;

	(void)state;
	assert_int_equal(
	    apply(delta, ADA, "AVAILABLE", NINE, NULL), DELTA_CHANGE);
	assert_int_equal(
	    apply(delta, ADA, "BUSY", NINE + 61000, &change), DELTA_CHANGE);
	assert_span(change.state, "BUSY");
	assert_span(change.previous_state, "AVAILABLE");
	assert_int_equal(change.previous_for_ms, 61000);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NINE + 61001, &change), DELTA_CHANGE);
	assert_span(change.previous_state, "BUSY");
	assert_int_equal(change.previous_for_ms, 1);
	delta_free(delta);
}

static void
delta_is_silent_when_nothing_changed(void **state)
{
	struct delta *delta = two_users();
	struct change change = { .coalesced = 77 };

	(void)state;
	assert_int_equal(
	    apply(delta, ADA, "AVAILABLE", NINE, NULL), DELTA_CHANGE);
	assert_int_equal(
	    apply(delta, ADA, "AVAILABLE", NINE + 1, &change), DELTA_UNCHANGED);
	assert_int_equal(apply(delta, ADA, "AVAILABLE", NINE + MINUTE, &change),
	    DELTA_UNCHANGED);
	assert_int_equal(change.coalesced, 77);
	delta_free(delta);
}

static void
delta_counts_the_time_of_a_state_from_its_first_message(void **state)
{
	struct delta *delta = two_users();
	struct change change;

	(void)state;
	(void)apply(delta, ADA, "AVAILABLE", NINE, NULL);
	(void)apply(delta, ADA, "AVAILABLE", NINE + MINUTE, NULL);
	assert_int_equal(apply(delta, ADA, "AWAY", NINE + 2 * MINUTE, &change),
	    DELTA_CHANGE);
	assert_int_equal(change.previous_for_ms, 2 * MINUTE);
	delta_free(delta);
}

static void
delta_change_of_definition_within_a_state_is_a_change(void **state)
{
	struct delta *delta = two_users();
	struct presence presence = presence_of(ADA, "BREAK", NINE);
	struct change change;

	(void)state;
	presence.definition = SPAN("coffee");
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	presence = presence_of(ADA, "BREAK", NINE + 1000);
	presence.definition = SPAN("tea");
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	assert_span(change.state, "BREAK");
	assert_span(change.previous_state, "BREAK");
	assert_span(change.definition, "tea");
	presence.changed_ms = NINE + 2000;
	assert_int_equal(
	    delta_apply(delta, &presence, &change), DELTA_UNCHANGED);
	presence.definition = NO_SPAN;
	presence.changed_ms = NINE + 3000;
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	assert_int_equal(change.definition.len, 0);
	delta_free(delta);
}

static void
delta_does_not_mix_up_state_and_definition(void **state)
{
	struct delta *delta = two_users();
	struct presence presence = presence_of(ADA, "AB", NINE);
	struct change change;

	(void)state;
	presence.definition = SPAN("C");
	(void)delta_apply(delta, &presence, &change);
	presence = presence_of(ADA, "A", NINE + 1);
	presence.definition = SPAN("BC");
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	assert_span(change.previous_state, "AB");
	/* Whatever a service may put into them. */
	presence = presence_of(ADA, "A\nB", NINE + 2);
	presence.definition = SPAN("C");
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	presence = presence_of(ADA, "A", NINE + 3);
	presence.definition = SPAN("B\nC");
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	assert_span(change.state, "A");
	assert_span(change.definition, "B\nC");
	assert_span(change.previous_state, "A\nB");
	delta_free(delta);
}

static void
delta_drops_what_is_older_than_what_it_knows(void **state)
{
	struct delta *delta = two_users();
	struct change change;

	(void)state;
	(void)apply(delta, ADA, "BUSY", NINE, NULL);
	assert_int_equal(
	    apply(delta, ADA, "AVAILABLE", NINE - 1, NULL), DELTA_STALE);
	assert_int_equal(
	    apply(delta, ADA, "BUSY", NINE - MINUTE, NULL), DELTA_STALE);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NINE + 1, &change), DELTA_CHANGE);
	assert_span(change.previous_state, "BUSY");
	assert_int_equal(change.previous_for_ms, 1);
	delta_free(delta);
}

static void
delta_time_goes_forward_by_unchanged_messages_too(void **state)
{
	struct delta *delta = two_users();

	(void)state;
	(void)apply(delta, ADA, "BUSY", NINE, NULL);
	(void)apply(delta, ADA, "BUSY", NINE + MINUTE, NULL);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NINE + 1000, NULL), DELTA_STALE);
	delta_free(delta);
}

static void
delta_drops_what_it_has_seen_before(void **state)
{
	struct delta *delta = two_users();
	int i;

	(void)state;
	assert_int_equal(apply(delta, ADA, "BUSY", NINE, NULL), DELTA_CHANGE);
	for (i = 0; i < 1000; i++)
		assert_int_equal(
		    apply(delta, ADA, "BUSY", NINE, NULL), DELTA_REPEAT);
	delta_free(delta);
}

static void
delta_repeats_are_those_of_one_time(void **state)
{
	struct delta *delta = delta_new();

	(void)state;
	/* Without a name: less is kept of such a user. */
	assert_true(delta_add(delta, SPAN(ADA), SPAN("")));
	(void)apply(delta, ADA, "BUSY", NINE, NULL);
	(void)apply(delta, ADA, "MEAL", NINE + 1, NULL);
	assert_int_equal(
	    apply(delta, ADA, "BUSY", NINE + 1, NULL), DELTA_CHANGE);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NINE + 1, NULL), DELTA_REPEAT);
	delta_free(delta);
}

static void
delta_snapshot_that_lags_behind_the_stream_loses(void **state)
{
	struct delta *delta = two_users();
	struct presence row = presence_of(ADA, "AVAILABLE", NINE - 1000);
	struct change change;

	(void)state;
	row.source = PRESENCE_SNAPSHOT;
	row.received_ms = NINE + 500;
	(void)apply(delta, ADA, "BUSY", NINE, NULL);
	assert_int_equal(delta_apply(delta, &row, &change), DELTA_STALE);
	row = presence_of(ADA, "BUSY", NINE);
	row.source = PRESENCE_SNAPSHOT;
	assert_int_equal(delta_apply(delta, &row, &change), DELTA_REPEAT);
	delta_free(delta);
}

static void
delta_snapshot_tells_which_of_several_states_of_one_time_is_the_last(
    void **state)
{
	struct delta *delta = two_users();
	struct presence row = presence_of(ADA, "BUSY", NINE);
	struct change change;

	(void)state;
	row.source = PRESENCE_SNAPSHOT;
	(void)apply(delta, ADA, "BUSY", NINE, NULL);
	(void)apply(delta, ADA, "MEAL", NINE, NULL);
	assert_int_equal(delta_apply(delta, &row, &change), DELTA_CHANGE);
	assert_span(change.state, "BUSY");
	assert_span(change.previous_state, "MEAL");
	assert_int_equal(delta_apply(delta, &row, &change), DELTA_REPEAT);
	delta_free(delta);
}

static void
delta_takes_another_state_of_the_same_time_for_a_change(void **state)
{
	struct delta *delta = two_users();
	struct change change;

	(void)state;
	assert_int_equal(apply(delta, ADA, "BUSY", NINE, NULL), DELTA_CHANGE);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NINE, &change), DELTA_CHANGE);
	assert_span(change.previous_state, "BUSY");
	assert_int_equal(change.previous_for_ms, 0);
	delta_free(delta);
}

static void
delta_sees_through_two_messages_of_one_time_told_twice(void **state)
{
	struct delta *delta = two_users();
	struct change change;

	(void)state;
	assert_int_equal(apply(delta, ADA, "BUSY", NINE, NULL), DELTA_CHANGE);
	assert_int_equal(apply(delta, ADA, "MEAL", NINE, NULL), DELTA_CHANGE);
	assert_int_equal(apply(delta, ADA, "BUSY", NINE, NULL), DELTA_REPEAT);
	assert_int_equal(apply(delta, ADA, "MEAL", NINE, NULL), DELTA_REPEAT);
	assert_int_equal(
	    apply(delta, ADA, "IDLE", NINE + 1, &change), DELTA_CHANGE);
	assert_span(change.previous_state, "MEAL");
	/* A later time knows nothing of what an earlier one saw. */
	assert_int_equal(
	    apply(delta, ADA, "BUSY", NINE + 1, &change), DELTA_CHANGE);
	delta_free(delta);
}

static void
delta_tells_many_presences_of_one_time_apart(void **state)
{
	enum {
		MANY = 100
	};
	struct delta *delta = two_users();
	struct presence presence;
	struct change change;
	char definition[32];
	int i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		presence = presence_of(ADA, "BREAK", NINE);
		(void)snprintf(definition, sizeof(definition), "break %d", i);
		presence.definition = span_of(definition);
		if (delta_apply(delta, &presence, &change) != DELTA_CHANGE)
			fail_msg("%s was taken for a repeat", definition);
	}
	delta_free(delta);
}

static void
delta_takes_a_message_without_a_time_as_just_happened(void **state)
{
	struct delta *delta = two_users();
	struct change change;

	(void)state;
	(void)apply(delta, ADA, "BUSY", NINE, NULL);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NOW_NONE, &change), DELTA_CHANGE);
	assert_true(change.changed_ms == NOW_NONE);
	assert_span(change.previous_state, "BUSY");
	/* Nobody said when it was. */
	assert_true(change.previous_for_ms == NOW_NONE);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NOW_NONE, NULL), DELTA_UNCHANGED);
	assert_int_equal(
	    apply(delta, ADA, "IDLE", NINE + MINUTE, &change), DELTA_CHANGE);
	assert_span(change.previous_state, "MEAL");
	assert_true(change.previous_for_ms == NOW_NONE);
	delta_free(delta);
}

static void
delta_works_without_any_times(void **state)
{
	static const char *const states[] = { "BUSY", "MEAL", "BUSY", "IDLE" };
	struct delta *delta = two_users();
	struct change change;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(states); i++) {
		assert_int_equal(
		    apply(delta, ADA, states[i], NOW_NONE, &change),
		    DELTA_CHANGE);
		assert_span(change.state, states[i]);
		if (i > 0)
			assert_span(change.previous_state, states[i - 1]);
		assert_int_equal(apply(delta, ADA, states[i], NOW_NONE, NULL),
		    DELTA_UNCHANGED);
	}
	delta_free(delta);
}

static void
delta_orders_messages_of_a_clock_that_runs_a_little_ahead(void **state)
{
	struct delta *delta = two_users();
	struct presence presence = presence_of(ADA, "BUSY", NINE + 4 * MINUTE);
	struct change change;

	(void)state;
	presence.received_ms = NINE;
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	assert_int_equal(change.changed_ms, NINE + 4 * MINUTE);
	presence = presence_of(ADA, "MEAL", NINE + 4 * MINUTE - 1);
	presence.received_ms = NINE + 1;
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_STALE);
	presence.changed_ms = NINE + 4 * MINUTE + 1;
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	assert_int_equal(change.previous_for_ms, 1);
	delta_free(delta);
}

static void
delta_time_far_ahead_does_not_lock_out_what_comes_after_it(void **state)
{
	static const int64_t ahead[] = { 6 * MINUTE, 365LL * 24 * 60 * MINUTE,
		INT64_MAX - NINE };
	struct presence presence;
	struct change change;
	struct delta *delta;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(ahead); i++) {
		delta = two_users();
		presence = presence_of(ADA, "BUSY", NINE);
		presence.changed_ms = NINE + ahead[i];
		presence.received_ms = NINE;
		assert_int_equal(
		    delta_apply(delta, &presence, &change), DELTA_CHANGE);
		assert_true(change.changed_ms == NINE + ahead[i]);
		assert_int_equal(
		    apply(delta, ADA, "MEAL", NINE + 6 * MINUTE, &change),
		    DELTA_CHANGE);
		assert_span(change.previous_state, "BUSY");
		/* It ended before it began: nobody knows how long it was. */
		if (ahead[i] > 6 * MINUTE)
			assert_true(change.previous_for_ms == NOW_NONE);
		delta_free(delta);
	}
}

static void
delta_knows_its_users_only(void **state)
{
	struct delta *delta = two_users();

	(void)state;
	assert_int_equal(delta_count(delta), 2);
	assert_int_equal(
	    apply(delta, "somebody", "BUSY", NINE, NULL), DELTA_STRANGER);
	assert_int_equal(apply(delta, "", "BUSY", NINE, NULL), DELTA_STRANGER);
	assert_int_equal(delta_count(delta), 2);
	delta_free(delta);
}

static void
delta_keeps_users_apart(void **state)
{
	struct delta *delta = two_users();
	struct change change;

	(void)state;
	(void)apply(delta, ADA, "BUSY", NINE, NULL);
	assert_int_equal(
	    apply(delta, GRACE, "BUSY", NINE - MINUTE, &change), DELTA_CHANGE);
	assert_span(change.user_id, GRACE);
	assert_int_equal(change.name.len, 0);
	assert_int_equal(change.previous_state.len, 0);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NINE + 1, &change), DELTA_CHANGE);
	assert_span(change.user_id, ADA);
	assert_int_equal(change.previous_for_ms, 1);
	delta_free(delta);
}

static void
delta_compares_uuids_in_any_case_and_repeats_the_services_spelling(void **state)
{
	struct delta *delta = two_users();
	struct change change;

	(void)state;
	assert_false(delta_add(
	    delta, SPAN("9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F"), SPAN("")));
	assert_int_equal(apply(delta, "9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F",
			     "BUSY", NINE, &change),
	    DELTA_CHANGE);
	assert_span(change.user_id, "9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F");
	assert_span(change.name, "Ada Lovelace");
	assert_int_equal(apply(delta, ADA, "BUSY", NINE, NULL), DELTA_REPEAT);
	delta_free(delta);
}

static void
delta_compares_other_ids_by_their_bytes(void **state)
{
	struct delta *delta;

	(void)state;
	delta = delta_new();
	assert_true(delta_add(delta, SPAN("User-1"), SPAN("")));
	assert_true(delta_add(delta, SPAN("user-1"), SPAN("")));
	assert_int_equal(
	    apply(delta, "USER-1", "BUSY", NINE, NULL), DELTA_STRANGER);
	delta_free(delta);
}

static void
delta_keeps_the_first_name_of_a_user(void **state)
{
	struct delta *delta = two_users();
	struct change change;

	(void)state;
	assert_false(delta_add(delta, SPAN(ADA), SPAN("Somebody Else")));
	assert_false(delta_add(delta, SPAN(GRACE), SPAN("Grace Hopper")));
	assert_int_equal(delta_count(delta), 2);
	(void)apply(delta, ADA, "BUSY", NINE, &change);
	assert_span(change.name, "Ada Lovelace");
	(void)apply(delta, GRACE, "BUSY", NINE, &change);
	assert_int_equal(change.name.len, 0);
	delta_free(delta);
}

static void
delta_owns_copies_of_its_texts(void **state)
{
	char user[] = "user", name[] = "name", text[] = "BUSY";
	struct delta *delta;
	struct change change;

	(void)state;
	delta = delta_new();
	assert_true(delta_add(delta, span_of(user), span_of(name)));
	(void)apply(delta, user, text, NINE, NULL);
	memset(user, 'x', 4);
	memset(name, 'x', 4);
	memset(text, 'x', 4);
	assert_int_equal(
	    apply(delta, "user", "MEAL", NINE + 1, &change), DELTA_CHANGE);
	assert_span(change.name, "name");
	assert_span(change.previous_state, "BUSY");
	delta_free(delta);
}

static void
delta_forgets_a_user_that_is_removed(void **state)
{
	struct delta *delta = two_users();

	(void)state;
	(void)apply(delta, ADA, "BUSY", NINE, NULL);
	assert_true(
	    delta_remove(delta, SPAN("9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F")));
	assert_false(delta_remove(delta, SPAN(ADA)));
	assert_int_equal(delta_count(delta), 1);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NINE + 1, NULL), DELTA_STRANGER);
	delta_free(delta);
}

static void
delta_starts_anew_with_a_user_that_comes_back(void **state)
{
	struct delta *delta = two_users();
	struct change change;

	(void)state;
	(void)apply(delta, ADA, "BUSY", NINE, NULL);
	assert_true(delta_remove(delta, SPAN(ADA)));
	assert_true(delta_add(delta, SPAN(ADA), SPAN("Ada King")));
	assert_int_equal(delta_count(delta), 2);
	assert_int_equal(
	    apply(delta, ADA, "BUSY", NINE - MINUTE, &change), DELTA_CHANGE);
	assert_span(change.name, "Ada King");
	assert_int_equal(change.previous_state.len, 0);
	assert_true(change.previous_for_ms == NOW_NONE);
	delta_free(delta);
}

static void
delta_remembers_no_more_different_presences_than_its_cap(void **state)
{
	struct delta *delta = two_users();
	struct presence presence;
	struct change change;
	char definition[32];
	int i;

	(void)state;
	for (i = 0; i < CAP_PRESENCES; i++) {
		presence = presence_of(ADA, "BREAK", NINE + i);
		(void)snprintf(definition, sizeof(definition), "break %d", i);
		presence.definition = span_of(definition);
		assert_int_equal(
		    delta_apply(delta, &presence, &change), DELTA_CHANGE);
	}
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NINE + MINUTE, NULL), DELTA_TOO_MANY);
	/* What is known goes on working, and the user is as before. */
	presence = presence_of(ADA, "BREAK", NINE + MINUTE);
	presence.definition = SPAN("break 7");
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	assert_span(change.definition, "break 7");
	presence = presence_of(GRACE, "BREAK", NINE);
	presence.definition = SPAN("break 4095");
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	delta_free(delta);
}

static void
delta_strangers_take_no_room(void **state)
{
	struct delta *delta = two_users();
	struct presence presence;
	struct change change;
	char definition[32];
	int i;

	(void)state;
	for (i = 0; i < 2 * CAP_PRESENCES; i++) {
		presence = presence_of("stranger", "BREAK", NINE + i);
		(void)snprintf(definition, sizeof(definition), "break %d", i);
		presence.definition = span_of(definition);
		assert_int_equal(
		    delta_apply(delta, &presence, &change), DELTA_STRANGER);
	}
	assert_int_equal(apply(delta, ADA, "MEAL", NINE, NULL), DELTA_CHANGE);
	delta_free(delta);
}

static void
delta_takes_states_and_definitions_up_to_their_caps(void **state)
{
	char text[CAP_STATE], definition[CAP_DEFINITION];
	struct delta *delta = two_users();
	struct presence presence = presence_of(ADA, "", NINE);
	struct change change;

	(void)state;
	memset(text, 'S', sizeof(text));
	memset(definition, 'd', sizeof(definition));
	presence.state.at = text;
	presence.state.len = sizeof(text);
	presence.definition.at = definition;
	presence.definition.len = sizeof(definition);
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NINE + 1, &change), DELTA_CHANGE);
	assert_int_equal(change.previous_state.len, CAP_STATE);
	assert_memory_equal(change.previous_state.at, text, CAP_STATE);
	delta_free(delta);
}

/* A change of an earlier run, as the state file has it. */
static struct change
remembered(const char *user, const char *state)
{
	struct change change = { .changed_ms = NINE,
		.received_ms = NINE + 40,
		.previous_for_ms = 61000,
		.source = PRESENCE_SNAPSHOT };

	change.user_id = span_of(user);
	change.name = SPAN("Old Name");
	change.state = span_of(state);
	change.previous_state = SPAN("AVAILABLE");
	change.definition = SPAN("31fe3bac");
	return change;
}

static void
delta_restored_user_is_not_watched_for_that(void **state)
{
	struct change change = remembered(ADA, "BUSY");
	struct delta *delta;

	(void)state;
	delta = delta_new();
	delta_restore(delta, &change);
	assert_int_equal(delta_count(delta), 0);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NINE + 1, NULL), DELTA_STRANGER);
	assert_false(delta_remove(delta, SPAN(ADA)));
	assert_true(delta_add(delta, SPAN(ADA), SPAN("")));
	assert_int_equal(delta_count(delta), 1);
	delta_free(delta);
}

static void
delta_goes_on_from_what_was_restored(void **state)
{
	struct change change = remembered(ADA, "BUSY");
	struct delta *delta;
	struct presence presence;
	int after;

	(void)state;
	/* Whether the user is watched already or will be later. */
	for (after = 0; after < 2; after++) {
		delta = delta_new();
		if (after == 0)
			assert_true(delta_add(delta, SPAN(ADA), SPAN("Ada")));
		change = remembered(ADA, "BUSY");
		delta_restore(delta, &change);
		if (after == 1)
			assert_true(delta_add(delta, SPAN(ADA), SPAN("Ada")));
		presence = presence_of(ADA, "BUSY", NINE);
		presence.definition = SPAN("31fe3bac");
		assert_int_equal(
		    delta_apply(delta, &presence, &change), DELTA_UNCHANGED);
		assert_int_equal(
		    apply(delta, ADA, "MEAL", NINE + 5000, &change),
		    DELTA_CHANGE);
		assert_span(change.name, "Ada");
		assert_span(change.previous_state, "BUSY");
		assert_int_equal(change.previous_for_ms, 5000);
		delta_free(delta);
	}
}

static void
delta_in_doubt_prints_a_state_that_was_left_and_come_back_to(void **state)
{
	struct change change = remembered(ADA, "BUSY");
	struct presence presence;
	struct delta *delta;

	(void)state;
	delta = delta_new();
	assert_true(delta_add(delta, SPAN(ADA), SPAN("")));
	delta_restore(delta, &change);
	delta_doubt(delta);
	presence = presence_of(ADA, "BUSY", NINE + 5000);
	presence.definition = SPAN("31fe3bac");
	assert_true(delta_is_in_doubt(delta));
	assert_int_equal(delta_apply(delta, &presence, &change), DELTA_CHANGE);
	assert_false(delta_is_in_doubt(delta));
	assert_span(change.state, "BUSY");
	assert_int_equal(change.previous_state.len, 0);
	assert_false(change.is_first);
	assert_int_equal(change.previous_for_ms, NOW_NONE);
	presence.changed_ms++;
	assert_int_equal(
	    delta_apply(delta, &presence, &change), DELTA_UNCHANGED);
	delta_free(delta);
}

static void
delta_in_doubt_prints_nothing_again_that_did_not_change(void **state)
{
	struct change change = remembered(ADA, "BUSY");
	struct presence presence;
	struct delta *delta;

	(void)state;
	delta = delta_new();
	assert_true(delta_add(delta, SPAN(ADA), SPAN("")));
	delta_restore(delta, &change);
	delta_doubt(delta);
	presence = presence_of(ADA, "BUSY", change.changed_ms);
	presence.definition = SPAN("31fe3bac");
	assert_int_equal(
	    delta_apply(delta, &presence, &change), DELTA_UNCHANGED);
	presence.changed_ms += 5000;
	assert_int_equal(
	    delta_apply(delta, &presence, &change), DELTA_UNCHANGED);
	delta_free(delta);
}

static void
delta_takes_the_first_word_after_a_restore_however_old_it_is(void **state)
{
	struct change change = remembered(ADA, "BUSY");
	struct delta *delta = two_users();

	(void)state;
	delta_restore(delta, &change);
	assert_int_equal(
	    apply(delta, ADA, "MEAL", NINE - MINUTE, &change), DELTA_CHANGE);
	assert_span(change.previous_state, "BUSY");
	assert_true(change.previous_for_ms == NOW_NONE);
	assert_int_equal(
	    apply(delta, ADA, "IDLE", NINE - MINUTE - 1, NULL), DELTA_STALE);
	delta_free(delta);
}

static void
delta_gives_back_what_was_restored(void **state)
{
	struct change change = remembered(ADA, "BUSY");
	struct delta *delta;
	size_t cursor = 0;
	bool watched = true;

	(void)state;
	delta = delta_new();
	delta_restore(delta, &change);
	memset(&change, 0x5a, sizeof(change));
	assert_true(delta_next(delta, &cursor, &change, &watched));
	assert_false(watched);
	assert_span(change.user_id, ADA);
	assert_span(change.name, "Old Name");
	assert_span(change.state, "BUSY");
	assert_span(change.previous_state, "AVAILABLE");
	assert_span(change.definition, "31fe3bac");
	assert_int_equal(change.changed_ms, NINE);
	assert_int_equal(change.received_ms, NINE + 40);
	assert_int_equal(change.previous_for_ms, 61000);
	assert_int_equal(change.source, PRESENCE_SNAPSHOT);
	assert_int_equal(change.coalesced, 0);
	assert_false(delta_next(delta, &cursor, &change, &watched));
	delta_free(delta);
}

static void
delta_restores_what_knows_nothing_else(void **state)
{
	struct change change = { .changed_ms = NOW_NONE,
		.received_ms = NINE,
		.previous_for_ms = NOW_NONE,
		.source = PRESENCE_STREAM };
	struct delta *delta = two_users();
	size_t cursor = 0;
	bool watched;

	(void)state;
	change.user_id = SPAN(ADA);
	change.state = SPAN("BUSY");
	delta_restore(delta, &change);
	assert_true(delta_next(delta, &cursor, &change, &watched));
	assert_true(watched);
	assert_int_equal(change.previous_state.len, 0);
	assert_int_equal(change.definition.len, 0);
	assert_true(change.changed_ms == NOW_NONE);
	assert_true(change.previous_for_ms == NOW_NONE);
	assert_int_equal(
	    apply(delta, ADA, "BUSY", NINE, NULL), DELTA_UNCHANGED);
	delta_free(delta);
}

static void
delta_visits_the_last_change_of_each_user_that_has_one(void **state)
{
	struct delta *delta = two_users();
	struct change change = remembered("old", "BUSY");
	size_t cursor = 0;
	bool watched;

	(void)state;
	assert_true(delta_add(delta, SPAN("silent"), SPAN("")));
	assert_false(delta_next(delta, &cursor, &change, &watched));
	change = remembered("old", "BUSY");
	delta_restore(delta, &change);
	(void)apply(delta, ADA, "BUSY", NINE, NULL);
	(void)apply(delta, ADA, "MEAL", NINE + 1000, NULL);
	(void)apply(delta, ADA, "MEAL", NINE + 2000, NULL);
	cursor = 0;
	assert_true(delta_next(delta, &cursor, &change, &watched));
	assert_true(watched);
	assert_span(change.user_id, ADA);
	assert_span(change.name, "Ada Lovelace");
	assert_span(change.state, "MEAL");
	assert_span(change.previous_state, "BUSY");
	assert_int_equal(change.changed_ms, NINE + 1000);
	assert_int_equal(change.received_ms, NINE + 1040);
	assert_int_equal(change.previous_for_ms, 1000);
	assert_int_equal(change.source, PRESENCE_STREAM);
	assert_true(delta_next(delta, &cursor, &change, &watched));
	assert_span(change.user_id, "old");
	assert_false(watched);
	assert_false(delta_next(delta, &cursor, &change, &watched));
	delta_free(delta);
}

static void
delta_that_watches_all_knows_no_stranger(void **state)
{
	const struct shard everybody = { 0 };
	struct delta *delta = two_users();
	struct change change;

	(void)state;
	delta_watch_all(delta, &everybody);
	assert_int_equal(
	    apply(delta, "mary", "BUSY", NINE, &change), DELTA_CHANGE);
	assert_span(change.user_id, "mary");
	assert_int_equal(change.name.len, 0);
	assert_int_equal(delta_count(delta), 3);
	assert_int_equal(
	    apply(delta, "mary", "BUSY", NINE, NULL), DELTA_REPEAT);
	assert_int_equal(
	    apply(delta, "mary", "MEAL", NINE + 1, &change), DELTA_CHANGE);
	assert_span(change.previous_state, "BUSY");
	assert_int_equal(delta_count(delta), 3);
	(void)apply(delta, ADA, "BUSY", NINE, &change);
	assert_span(change.name, "Ada Lovelace");
	delta_free(delta);
}

static void
delta_counts_the_users_that_are_on_target(void **state)
{
	static struct states target;
	struct delta *delta = two_users();
	struct presence presence;
	struct change change;
	struct fail why;

	(void)state;
	assert_int_equal(states_parse(&target, "MEAL,BREAK", &why), 0);
	delta_set_target(delta, &target);
	assert_int_equal(delta_on_target(delta), 0);
	(void)apply(delta, ADA, "BUSY", NINE, NULL);
	assert_int_equal(delta_on_target(delta), 0);
	(void)apply(delta, ADA, "MEAL", NINE + 1, NULL);
	assert_int_equal(delta_on_target(delta), 1);
	/* From one target to another. */
	presence = presence_of(ADA, "BREAK", NINE + 2);
	presence.definition = SPAN("coffee");
	(void)delta_apply(delta, &presence, &change);
	assert_int_equal(delta_on_target(delta), 1);
	(void)apply(delta, GRACE, "BREAK", NINE, NULL);
	assert_int_equal(delta_on_target(delta), 2);
	/* What is not taken in changes nothing. */
	(void)apply(delta, ADA, "BUSY", NINE - 1, NULL);
	(void)apply(delta, GRACE, "BREAK", NINE, NULL);
	(void)apply(delta, "stranger", "BREAK", NINE, NULL);
	assert_int_equal(delta_on_target(delta), 2);
	(void)apply(delta, ADA, "BUSY", NINE + 3, NULL);
	assert_int_equal(delta_on_target(delta), 1);
	assert_true(delta_remove(delta, SPAN(ADA)));
	assert_int_equal(delta_on_target(delta), 1);
	assert_true(delta_remove(delta, SPAN(GRACE)));
	assert_int_equal(delta_on_target(delta), 0);
	delta_free(delta);
}

static void
delta_restored_users_are_on_target_when_the_service_says_so(void **state)
{
	static struct states target;
	struct delta *delta = two_users();
	struct change change = remembered(ADA, "BUSY");
	struct presence presence = presence_of(ADA, "BUSY", NINE);
	struct fail why;

	(void)state;
	assert_int_equal(states_parse(&target, "BUSY", &why), 0);
	delta_set_target(delta, &target);
	delta_restore(delta, &change);
	assert_int_equal(delta_on_target(delta), 0);
	presence.definition = SPAN("31fe3bac");
	assert_int_equal(
	    delta_apply(delta, &presence, &change), DELTA_UNCHANGED);
	assert_int_equal(delta_on_target(delta), 1);
	delta_free(delta);
}

static void
delta_free_takes_null(void **state)
{
	(void)state;
	delta_free(NULL);
	delta_free(delta_new());
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(delta_first_state_is_a_change_from_nothing),
		cmocka_unit_test(
		    delta_change_knows_what_was_before_and_for_how_long),
		cmocka_unit_test(delta_is_silent_when_nothing_changed),
		cmocka_unit_test(
		    delta_counts_the_time_of_a_state_from_its_first_message),
		cmocka_unit_test(
		    delta_change_of_definition_within_a_state_is_a_change),
		cmocka_unit_test(delta_does_not_mix_up_state_and_definition),
		cmocka_unit_test(delta_drops_what_is_older_than_what_it_knows),
		cmocka_unit_test(
		    delta_time_goes_forward_by_unchanged_messages_too),
		cmocka_unit_test(delta_drops_what_it_has_seen_before),
		cmocka_unit_test(delta_repeats_are_those_of_one_time),
		cmocka_unit_test(
		    delta_snapshot_that_lags_behind_the_stream_loses),
		cmocka_unit_test(
		    delta_snapshot_tells_which_of_several_states_of_one_time_is_the_last),
		cmocka_unit_test(
		    delta_takes_another_state_of_the_same_time_for_a_change),
		cmocka_unit_test(
		    delta_sees_through_two_messages_of_one_time_told_twice),
		cmocka_unit_test(delta_tells_many_presences_of_one_time_apart),
		cmocka_unit_test(
		    delta_takes_a_message_without_a_time_as_just_happened),
		cmocka_unit_test(delta_works_without_any_times),
		cmocka_unit_test(
		    delta_orders_messages_of_a_clock_that_runs_a_little_ahead),
		cmocka_unit_test(
		    delta_time_far_ahead_does_not_lock_out_what_comes_after_it),
		cmocka_unit_test(delta_knows_its_users_only),
		cmocka_unit_test(delta_keeps_users_apart),
		cmocka_unit_test(
		    delta_compares_uuids_in_any_case_and_repeats_the_services_spelling),
		cmocka_unit_test(delta_compares_other_ids_by_their_bytes),
		cmocka_unit_test(delta_keeps_the_first_name_of_a_user),
		cmocka_unit_test(delta_owns_copies_of_its_texts),
		cmocka_unit_test(delta_forgets_a_user_that_is_removed),
		cmocka_unit_test(delta_starts_anew_with_a_user_that_comes_back),
		cmocka_unit_test(
		    delta_remembers_no_more_different_presences_than_its_cap),
		cmocka_unit_test(delta_strangers_take_no_room),
		cmocka_unit_test(
		    delta_takes_states_and_definitions_up_to_their_caps),
		cmocka_unit_test(delta_restored_user_is_not_watched_for_that),
		cmocka_unit_test(
		    delta_in_doubt_prints_a_state_that_was_left_and_come_back_to),
		cmocka_unit_test(
		    delta_in_doubt_prints_nothing_again_that_did_not_change),
		cmocka_unit_test(delta_goes_on_from_what_was_restored),
		cmocka_unit_test(
		    delta_takes_the_first_word_after_a_restore_however_old_it_is),
		cmocka_unit_test(delta_gives_back_what_was_restored),
		cmocka_unit_test(delta_restores_what_knows_nothing_else),
		cmocka_unit_test(
		    delta_visits_the_last_change_of_each_user_that_has_one),
		cmocka_unit_test(delta_that_watches_all_knows_no_stranger),
		cmocka_unit_test(delta_counts_the_users_that_are_on_target),
		cmocka_unit_test(
		    delta_restored_users_are_on_target_when_the_service_says_so),
		cmocka_unit_test(delta_free_takes_null),
	};

	return TEST_RUN(tests);
}
