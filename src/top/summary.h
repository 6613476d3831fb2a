/*
 * summary: what is said above and below the table.
 *
 * Fills bars and lines of text from a board and a view; knows no screen.
 */
#ifndef GCP_TOP_SUMMARY_H
#define GCP_TOP_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bar;
struct board;
struct buf;
struct layout;
struct listing;
struct listing_wish;
struct view;

/* All that a picture shows. */
struct summary {
	const struct board *board; /* the paused one, where it is paused */
	const struct listing *listing;
	const struct listing_wish *wish;
	const struct view *view;
	int64_t clock_ms; /* wall time, now */
	int64_t as_of_ms; /* wall time up to which ages go */
	int64_t now_ms;   /* monotonic, for what fades */
	bool ended;
	int64_t ended_ms;       /* wall time */
	const char *broken;     /* why reading failed, or NULL */
	uint64_t lines_waiting; /* that came since it was paused */
};

/* layout: for what has no line of its own. */
void summary_title(struct bar *bar, const struct summary *summary,
    const struct layout *layout);
void summary_counts(struct bar *bar, const struct summary *summary);
void summary_status(
    struct bar *bar, const struct summary *summary, size_t first, size_t shown);

/* The last blind interval, the last bad line. */
void summary_gap(struct buf *text, const struct summary *summary);
void summary_bad(struct buf *text, const struct summary *summary);

/* What stands in a table without rows. */
const char *summary_empty(const struct summary *summary);

#endif
