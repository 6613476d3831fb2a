/*
 * listing: who of a board is shown, and in which order.
 *
 * Points at the board's persons: it is to be made anew when the board has
 * changed, and never outlives it.  A struct listing is embedded; zero is empty.
 */
#ifndef GCP_TOP_LISTING_H
#define GCP_TOP_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

struct board;
struct board_person;
struct board_state;
struct states;

/* As the choices of --sort. */
enum listing_sort {
	LISTING_BY_NAME,
	LISTING_BY_STATE,
	LISTING_BY_AGE,
	LISTING_BY_NEWEST,
	LISTING_SORTS,
};

struct listing_wish {
	enum listing_sort sort;
	/* A part of a name, an ID or a state, folded; empty: everybody. */
	const wchar_t *filter;
	const struct states *only; /* without any: all */
};

struct listing {
	const struct board_person **rows;
	size_t count;
	size_t room;
};

void listing_make(struct listing *listing, const struct board *board,
    const struct listing_wish *wish);
void listing_done(struct listing *listing);

/* Whether users in that state are to be shown. */
bool listing_shows(
    const struct listing_wish *wish, const struct board_state *state);

const char *listing_sort_name(enum listing_sort sort);

#endif
