#include "config.h"

#include "listing.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "cells.h"
#include "states.h"
#include "xalloc.h"

/* The order of IDs, so that equals have one order too. */
static int
compare_ids(const struct board_person *one, const struct board_person *other)
{
	size_t len = one->id.len < other->id.len ? one->id.len : other->id.len;
	int order = memcmp(one->id.at, other->id.at, len);

	if (order != 0)
		return order;
	return (one->id.len > other->id.len) - (one->id.len < other->id.len);
}

static int
compare_names(const struct board_person *one, const struct board_person *other)
{
	int order;

	/* Who has no name comes behind those who have. */
	order = (one->name == NULL) - (other->name == NULL);
	if (order == 0)
		order = wcscmp(one->folded, other->folded);
	return order != 0 ? order : compare_ids(one, other);
}

static int
by_name(const void *one, const void *other)
{
	return compare_names(*(const struct board_person *const *)one,
	    *(const struct board_person *const *)other);
}

static int
by_state(const void *one, const void *other)
{
	const struct board_person *a = *(const struct board_person *const *)one;
	const struct board_person *b =
	    *(const struct board_person *const *)other;

	if (a->state != b->state)
		return a->state < b->state ? -1 : 1;
	return compare_names(a, b);
}

static int
by_age(const void *one, const void *other)
{
	const struct board_person *a = *(const struct board_person *const *)one;
	const struct board_person *b =
	    *(const struct board_person *const *)other;

	if (a->since_ms != b->since_ms)
		return a->since_ms < b->since_ms ? -1 : 1;
	return compare_names(a, b);
}

static int
by_newest(const void *one, const void *other)
{
	const struct board_person *a = *(const struct board_person *const *)one;
	const struct board_person *b =
	    *(const struct board_person *const *)other;

	/* No two have the same. */
	return a->turn > b->turn ? -1 : 1;
}

static int (*const orders[LISTING_SORTS])(const void *, const void *) = {
	[LISTING_BY_NAME] = by_name,
	[LISTING_BY_STATE] = by_state,
	[LISTING_BY_AGE] = by_age,
	[LISTING_BY_NEWEST] = by_newest,
};

/* IDs are ASCII; what is not finds nothing. */
static bool
id_has(struct span id, const wchar_t *filter)
{
	size_t i, at;

	for (i = 0; i < id.len; i++) {
		for (at = 0; filter[at] != 0 && i + at < id.len; at++)
			if (cells_fold_sign((unsigned char)id.at[i + at]) !=
			    filter[at])
				break;
		if (filter[at] == 0)
			return true;
	}
	return false;
}

/* Which states are shown, and which are what the filter looks for. */
struct chosen {
	bool shown[BOARD_MAX_STATES];
	bool found[BOARD_MAX_STATES];
};

bool
listing_shows(const struct listing_wish *wish, const struct board_state *state)
{
	return wish->only->count == 0 ||
	    states_has(wish->only, span_of(state->text));
}

static void
choose_states(const struct board *board, const struct listing_wish *wish,
    struct chosen *chosen)
{
	const struct board_state *state;
	size_t i;

	for (i = 0; i < board_states(board); i++) {
		state = board_state(board, i);
		chosen->shown[i] = listing_shows(wish, state);
		chosen->found[i] = wcsstr(state->folded, wish->filter) != NULL;
	}
}

void
listing_make(struct listing *listing, const struct board *board,
    const struct listing_wish *wish)
{
	const struct board_person *person;
	struct chosen chosen;
	size_t cursor = 0;

	if (listing->room < board_persons(board)) {
		listing->room = 2 * board_persons(board);
		listing->rows = xreallocarray(
		    listing->rows, listing->room, sizeof(*listing->rows));
	}
	listing->count = 0;
	choose_states(board, wish, &chosen);
	while ((person = board_next(board, &cursor)) != NULL)
		if (chosen.shown[person->state] &&
		    (chosen.found[person->state] ||
			wcsstr(person->folded, wish->filter) != NULL ||
			id_has(person->id, wish->filter)))
			listing->rows[listing->count++] = person;
	assert(wish->sort < LISTING_SORTS);
	if (listing->count > 1)
		qsort(listing->rows, listing->count, sizeof(*listing->rows),
		    orders[wish->sort]);
}

void
listing_done(struct listing *listing)
{
	free(listing->rows);
	memset(listing, 0, sizeof(*listing));
}

const char *
listing_sort_name(enum listing_sort sort)
{
	static const char *const names[LISTING_SORTS] = {
		[LISTING_BY_NAME] = "name",
		[LISTING_BY_STATE] = "state",
		[LISTING_BY_AGE] = "age",
		[LISTING_BY_NEWEST] = "newest",
	};

	return names[sort];
}
