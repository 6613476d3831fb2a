/*
 * view: what the person at the keyboard has asked for.
 *
 * Keys in, wishes out: the order, the filter, how far down, whether the
 * picture stands still.  Knows neither users nor the screen.
 */
#ifndef GCP_TOP_VIEW_H
#define GCP_TOP_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#include "listing.h"

struct press;

/* Characters of a filter. */
#define VIEW_FILTER_MAX 64

enum view_mode {
	VIEW_TABLE,
	VIEW_FILTER, /* one is being typed */
	VIEW_HELP,
};

struct view {
	enum view_mode mode;
	enum listing_sort sort;
	wchar_t filter[VIEW_FILTER_MAX + 1]; /* as it was typed */
	size_t filter_len;
	size_t offset; /* rows above the first one shown */
	size_t help_offset;
	bool paused;
	bool redraw; /* everything anew; whoever does it resets it */
	bool quit;
};

void view_press(struct view *view, const struct press *press, size_t page);

/* Holds the offset so that the last page is full. */
void view_hold(size_t *offset, size_t rows, size_t page);

/* The keys of the table and what they do; NULL behind the last. */
struct view_key {
	const char *keys;
	const char *help;
};

const struct view_key *view_key(size_t i);

#endif
