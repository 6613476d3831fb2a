#include "config.h"

#include <locale.h>

#include "../unit/test.h"
#include "now.h"
#include "top/board.h"
#include "top/record.h"

/* A change at that wall time; before: NULL where nothing was known. */
static struct record
change(const char *id, const char *before, const char *after, int64_t since_ms)
{
	struct record record = { .kind = RECORD_CHANGE };

	record.user_id = span_of(id);
	record.state = span_of(after);
	record.previous_state = span_of(before);
	record.source = span_of("stream");
	record.since_ms = since_ms;
	record.latency_ms = 42;
	record.previous_for_ms = before == NULL ? NOW_NONE : 1000;
	return record;
}

/* Applies it at a second of the clock that never goes back. */
static void
apply(struct board *board, struct record record, int64_t second)
{
	struct fail why;

	assert_int_equal(board_apply(board, &record, 1000 * second, &why), 0);
}

static size_t
users_in(const struct board *board, const char *text)
{
	size_t i;

	for (i = 0; i < board_states(board); i++)
		if (strcmp(board_state(board, i)->text, text) == 0)
			return board_state(board, i)->users;
	return 0;
}

static const struct board_person *
person(const struct board *board, const char *id)
{
	const struct board_person *one;
	size_t cursor = 0;

	while ((one = board_next(board, &cursor)) != NULL)
		if (span_is(one->id, id))
			return one;
	fail_msg("nobody is %s", id);
	return NULL;
}

static void
board_counts_the_users_of_each_state(void **state)
{
	struct board *board = board_new();

	(void)state;
	apply(board, change("a", NULL, "BUSY", 1), 100);
	apply(board, change("b", NULL, "BUSY", 2), 100);
	apply(board, change("a", "BUSY", "MEAL", 3), 101);
	apply(board, change("c", NULL, "ZEN", 4), 101);
	assert_int_equal(board_persons(board), 3);
	assert_int_equal(users_in(board, "BUSY"), 1);
	assert_int_equal(users_in(board, "MEAL"), 1);
	assert_int_equal(users_in(board, "ZEN"), 1);
	assert_int_equal(users_in(board, "AVAILABLE"), 0);
	board_free(board);
}

static void
board_takes_no_first_state_for_a_change(void **state)
{
	struct board *board = board_new();

	(void)state;
	apply(board, change("a", NULL, "BUSY", 1), 100);
	assert_int_equal(board_totals(board)->changes, 0);
	assert_int_equal(board_rate(board, 100000), 0);
	assert_int_equal(person(board, "a")->changed_ms, NOW_NONE);
	apply(board, change("a", "BUSY", "MEAL", 2), 101);
	assert_int_equal(board_totals(board)->changes, 1);
	assert_int_equal(board_rate(board, 101000), 1);
	assert_int_equal(person(board, "a")->changed_ms, 101000);
	board_free(board);
}

static void
board_takes_a_line_that_comes_twice_once(void **state)
{
	struct board *board = board_new();

	(void)state;
	apply(board, change("a", NULL, "BUSY", 1), 100);
	apply(board, change("a", "BUSY", "MEAL", 2), 101);
	apply(board, change("a", "BUSY", "MEAL", 2), 102);
	assert_int_equal(board_totals(board)->changes, 1);
	assert_int_equal(person(board, "a")->changed_ms, 101000);
	board_free(board);
}

static void
board_lets_a_state_go_on_where_only_its_definition_changes(void **state)
{
	struct board *board = board_new();

	(void)state;
	apply(board, change("a", NULL, "BUSY", 1000), 100);
	apply(board, change("a", "BUSY", "BUSY", 9000), 101);
	assert_int_equal(person(board, "a")->since_ms, 1000);
	assert_int_equal(board_totals(board)->changes, 1);
	board_free(board);
}

static void
board_has_no_state_begin_in_the_future_where_clocks_differ(void **state)
{
	struct board *board = board_new();
	struct record ahead = change("a", NULL, "BUSY", 500000);

	(void)state;
	ahead.latency_ms = -400000;
	apply(board, ahead, 100);
	assert_int_equal(person(board, "a")->since_ms, 100000);
	assert_int_equal(person(board, "a")->latency_ms, -400000);
	board_free(board);
}

static void
board_takes_the_age_of_what_was_found_for_no_latency(void **state)
{
	struct record found = change("a", NULL, "BUSY", 1);
	struct board *board = board_new();

	(void)state;
	found.source = span_of("snapshot");
	found.latency_ms = 3600000;
	apply(board, found, 100);
	assert_int_equal(board_totals(board)->latency_ms, NOW_NONE);
	assert_int_equal(person(board, "a")->latency_ms, NOW_NONE);
	assert_true(person(board, "a")->found_by_asking);
	apply(board, change("a", "BUSY", "MEAL", 2), 101);
	assert_int_equal(board_totals(board)->latency_ms, 42);
	assert_false(person(board, "a")->found_by_asking);
	board_free(board);
}

static void
board_shows_the_id_until_there_is_a_name(void **state)
{
	struct record named = change("id-1", "BUSY", "MEAL", 2);
	struct board *board = board_new();

	(void)state;
	apply(board, change("id-1", NULL, "BUSY", 1), 100);
	assert_true(wcscmp(person(board, "id-1")->label.at, L"id-1") == 0);
	named.name = span_of("Ann");
	apply(board, named, 101);
	assert_true(wcscmp(person(board, "id-1")->label.at, L"Ann") == 0);
	/* A line without one takes no name away. */
	apply(board, change("id-1", "MEAL", "BUSY", 3), 102);
	assert_true(wcscmp(person(board, "id-1")->label.at, L"Ann") == 0);
	board_free(board);
}

static void
board_tells_64_states_apart_and_holds_any_number(void **state)
{
	struct board *board = board_new();
	char id[16], word[16];
	size_t i, sum = 0;

	(void)state;
	for (i = 0; i < 1000; i++) {
		(void)snprintf(id, sizeof(id), "id-%zu", i);
		(void)snprintf(word, sizeof(word), "STATE_%zu", i);
		apply(board, change(id, NULL, word, 1), 100);
	}
	assert_int_equal(board_states(board), BOARD_MAX_STATES);
	for (i = 0; i < board_states(board); i++)
		sum += board_state(board, i)->users;
	assert_int_equal(sum, 1000);
	assert_int_equal(users_in(board, "STATE_1"), 1);
	/* Ten are known before, and one is for the rest. */
	assert_int_equal(users_in(board, "(OTHER)"), 1000 - 64 + 11);
	board_free(board);
}

static void
board_refuses_one_user_too_many(void **state)
{
	struct board *board = board_new();
	struct record record;
	struct fail why;
	char id[16];
	size_t i;

	(void)state;
	for (i = 0; i <= BOARD_MAX_PERSONS; i++) {
		(void)snprintf(id, sizeof(id), "%zu", i);
		record = change(id, NULL, "BUSY", 1);
		if (board_apply(board, &record, 1, &why) == -1)
			break;
	}
	assert_int_equal(i, BOARD_MAX_PERSONS);
	assert_fail(&why, FAIL_DATA, "one user more than");
	assert_int_equal(board_persons(board), BOARD_MAX_PERSONS);
	/* Whoever is known still changes. */
	apply(board, change("7", "BUSY", "MEAL", 2), 1);
	assert_int_equal(users_in(board, "MEAL"), 1);
	board_free(board);
}

static void
board_remembers_the_last_gap_and_the_last_bad_line(void **state)
{
	struct record gap = { .kind = RECORD_GAP,
		.from_ms = 1000,
		.to_ms = 2000,
		.users = 3,
		.cause = SPAN("reset") };
	struct board *board = board_new();
	const struct board_totals *totals = board_totals(board);

	(void)state;
	apply(board, gap, 100);
	gap.cause = SPAN("silence\n");
	apply(board, gap, 101);
	assert_int_equal(totals->gaps, 2);
	assert_true(wcscmp(totals->gap.cause.at, L"silence\\x0a") == 0);
	board_bad(board, 7, "no\x1b good");
	assert_int_equal(totals->bad, 1);
	assert_true(wcscmp(totals->bad_last.at, L"line 7: no\\x1b good") == 0);
	assert_int_equal(board_version(board), 3);
	board_free(board);
}

static void
board_copy_stays_as_it_was(void **state)
{
	struct board *board = board_new(), *copy;
	struct record named = change("a", NULL, "BUSY", 1);

	(void)state;
	named.name = span_of("Ann");
	apply(board, named, 100);
	apply(board, change("a", "BUSY", "ZEN", 2), 101);
	board_bad(board, 3, "bad");
	copy = board_copy(board);
	apply(board, change("a", "ZEN", "MEAL", 3), 102);
	apply(board, change("b", NULL, "MEAL", 3), 102);
	board_free(board);
	assert_int_equal(board_persons(copy), 1);
	assert_int_equal(users_in(copy, "ZEN"), 1);
	assert_int_equal(users_in(copy, "MEAL"), 0);
	assert_int_equal(board_version(copy), 3);
	assert_int_equal(board_rate(copy, 101000), 1);
	assert_true(wcscmp(person(copy, "a")->label.at, L"Ann") == 0);
	board_free(copy);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(board_counts_the_users_of_each_state),
		cmocka_unit_test(board_takes_no_first_state_for_a_change),
		cmocka_unit_test(board_takes_a_line_that_comes_twice_once),
		cmocka_unit_test(
		    board_lets_a_state_go_on_where_only_its_definition_changes),
		cmocka_unit_test(
		    board_has_no_state_begin_in_the_future_where_clocks_differ),
		cmocka_unit_test(
		    board_takes_the_age_of_what_was_found_for_no_latency),
		cmocka_unit_test(board_shows_the_id_until_there_is_a_name),
		cmocka_unit_test(
		    board_tells_64_states_apart_and_holds_any_number),
		cmocka_unit_test(board_refuses_one_user_too_many),
		cmocka_unit_test(
		    board_remembers_the_last_gap_and_the_last_bad_line),
		cmocka_unit_test(board_copy_stays_as_it_was),
	};

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 77;
	return TEST_RUN(tests);
}
