/*
 * story: a user's changes, in order -> which state from when to when.
 *
 * Pure.  This is where it is decided what a recording proves:
 *
 *   - A state goes on from the time of its line to that of the user's next.
 *   - A line also tells the state before it, and since when that was.  Before
 *     a user's first line, and where changes were not printed, that is used.
 *   - Where a line says that more than one change before it was not printed,
 *     what was between is not known.
 *   - Where a snapshot finds that a state changed in a blind interval, what
 *     was from the start of blindness to that change is not known.  Whoever
 *     has the same state before and behind it, since the same time as far as
 *     is told, is taken to have kept it.
 *   - The last state goes on until a time that the caller knows.
 *
 * Everything else is not known.
 */
#ifndef GCP_REPORT_STORY_H
#define GCP_REPORT_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names.h"
#include "now.h"

struct blinds;

/* One change of one user. */
struct moment {
	int64_t at_ms;
	int64_t before_since_ms; /* or NOW_NONE */
	uint16_t state;
	uint16_t before; /* or NAMES_NONE */
	uint32_t missed : 31;
	uint32_t asked : 1;
};

/* What all users' stories have in common. */
struct story {
	int64_t start_ms; /* of the recording */
	int64_t end_ms;   /* until when the last states go on */
	int64_t from_ms;  /* the window: nothing outside is told */
	int64_t to_ms;
	bool takes_end; /* a change at to_ms is still inside */
	struct blinds *blinds;
};

struct piece {
	int64_t from_ms;
	int64_t to_ms;
	uint16_t state;  /* NAMES_NONE: not known */
	bool cut_before; /* it began before, nobody knows when */
	bool cut_behind; /* it went on behind */
};

/* Pieces come in order, without holes; neighbours differ in their state. */
typedef void story_piece_fn(void *arg, const struct piece *piece);

/* count: the change itself, and those before it that were not printed. */
typedef void story_change_fn(
    void *arg, int64_t at_ms, uint16_t state, uint32_t count);

struct story_ear {
	story_piece_fn *on_piece;
	story_change_fn *on_change; /* or NULL */
	void *arg;
};

/* moments: one user's, in order of time; at least one. */
void story_tell(const struct story *story, const struct moment *moments,
    size_t count, const struct story_ear *ear);

#endif
