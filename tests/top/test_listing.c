#include "config.h"

#include <locale.h>

#include "../unit/test.h"
#include "buf.h"
#include "now.h"
#include "states.h"
#include "top/board.h"
#include "top/listing.h"
#include "top/record.h"

static struct board *board;
static const struct states all;

static void
add(const char *id, const char *name, const char *word, int64_t since_ms)
{
	struct record record = { .kind = RECORD_CHANGE };
	struct fail why;

	record.user_id = span_of(id);
	record.name = span_of(name);
	record.state = span_of(word);
	record.source = span_of("stream");
	record.since_ms = since_ms;
	record.latency_ms = NOW_NONE;
	record.previous_for_ms = NOW_NONE;
	assert_int_equal(board_apply(board, &record, 1, &why), 0);
}

static int
make_board(void **state)
{
	(void)state;
	board = board_new();
	add("id-1", "Zoe", "BUSY", 500);
	add("id-2", "ann", "ON_QUEUE", 300);
	add("id-4", NULL, "BUSY", 400);
	add("id-3", "Bob", "ZEN", 200);
	add("id-5", "Bob", "AVAILABLE", 200);
	return 0;
}

static int
free_board(void **state)
{
	(void)state;
	board_free(board);
	return 0;
}

/* want: IDs, each with a space behind it. */
static void
assert_listed(enum listing_sort sort, const wchar_t *filter,
    const struct states *only, const char *want)
{
	struct listing_wish wish = { sort, filter, only };
	struct listing listing = { 0 };
	struct buf got;
	size_t i;

	buf_init(&got, SIZE_MAX);
	listing_make(&listing, board, &wish);
	for (i = 0; i < listing.count; i++)
		buf_printf(&got, "%.*s ", (int)listing.rows[i]->id.len,
		    listing.rows[i]->id.at);
	assert_string_equal(buf_string(&got), want);
	buf_done(&got);
	listing_done(&listing);
}

static void
listing_by_name_ignores_case_and_has_the_nameless_last(void **state)
{
	(void)state;
	assert_listed(LISTING_BY_NAME, L"", &all, "id-2 id-3 id-5 id-1 id-4 ");
}

static void
listing_by_state_has_the_known_ones_first(void **state)
{
	(void)state;
	assert_listed(LISTING_BY_STATE, L"", &all, "id-5 id-2 id-1 id-4 id-3 ");
}

static void
listing_by_age_has_the_longest_first(void **state)
{
	(void)state;
	assert_listed(LISTING_BY_AGE, L"", &all, "id-3 id-5 id-2 id-4 id-1 ");
}

static void
listing_by_newest_has_the_last_line_first(void **state)
{
	(void)state;
	assert_listed(
	    LISTING_BY_NEWEST, L"", &all, "id-5 id-3 id-4 id-2 id-1 ");
}

static void
listing_filters_by_name_id_or_state(void **state)
{
	(void)state;
	assert_listed(LISTING_BY_NAME, L"ob", &all, "id-3 id-5 ");
	assert_listed(LISTING_BY_NAME, L"d-4", &all, "id-4 ");
	assert_listed(LISTING_BY_NAME, L"on queue", &all, "id-2 ");
	assert_listed(LISTING_BY_NAME, L"nobody", &all, "");
	/* Longer than all that there is. */
	assert_listed(LISTING_BY_NAME, L"id-1id-1id-1", &all, "");
}

static void
listing_shows_only_the_states_that_are_wanted(void **state)
{
	struct states only;
	struct fail why;

	(void)state;
	assert_int_equal(states_parse(&only, "busy,On Queue", &why), 0);
	assert_listed(LISTING_BY_NAME, L"", &only, "id-2 id-1 id-4 ");
	assert_listed(LISTING_BY_NAME, L"zoe", &only, "id-1 ");
	assert_listed(LISTING_BY_NAME, L"bob", &only, "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    listing_by_name_ignores_case_and_has_the_nameless_last),
		cmocka_unit_test(listing_by_state_has_the_known_ones_first),
		cmocka_unit_test(listing_by_age_has_the_longest_first),
		cmocka_unit_test(listing_by_newest_has_the_last_line_first),
		cmocka_unit_test(listing_filters_by_name_id_or_state),
		cmocka_unit_test(listing_shows_only_the_states_that_are_wanted),
	};

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 77;
	(void)alarm(TEST_LIMIT);
	return cmocka_run_group_tests(tests, make_board, free_board);
}
