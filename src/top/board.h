/*
 * board: what is known of all users, from the lines that have come.
 *
 * Owns all texts.  Persons and states stay where they are for as long as the
 * board lives; what comes from outside is bounded, and what goes beyond is
 * counted as bad.  Knows neither files nor the screen; time comes with each
 * record.
 */
#ifndef GCP_TOP_BOARD_H
#define GCP_TOP_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cells.h"
#include "fail.h"
#include "span.h"

struct board;
struct record;

/* Ten filters with 20,000 users each would fit. */
#define BOARD_MAX_PERSONS 262144
/* Different states, the ten known ones included; the rest shares the last. */
#define BOARD_MAX_STATES 64

struct board_state {
	char *text; /* as it came */
	struct cells word;
	wchar_t *folded;
	int kind;     /* see kind.h */
	size_t users; /* in it now */
};

struct board_person {
	struct span id;
	struct cells label; /* the name, or the ID where there is none */
	wchar_t *folded;    /* of the label */
	char *name;         /* as it came; NULL: none */
	size_t state;       /* number of the state */
	size_t previous;    /* or BOARD_MAX_STATES */
	int64_t since_ms;   /* in that state; wall time */
	int64_t told_ms;    /* of the last line; wall time */
	int64_t lasted_ms;  /* the previous state; or NOW_NONE */
	int64_t latency_ms; /* or NOW_NONE */
	int64_t changed_ms; /* monotonic; NOW_NONE: not while we looked */
	uint64_t turn;      /* of the last line; higher is newer */
	bool found_by_asking;
};

struct board_gap {
	int64_t from_ms; /* wall times */
	int64_t to_ms;
	int64_t users; /* or NOW_NONE */
	struct cells cause;
};

struct board_totals {
	uint64_t lines;
	uint64_t changes;   /* real ones, no first states */
	int64_t latency_ms; /* of the last change; or NOW_NONE */
	int label_width;    /* of the widest label that has been */
	uint64_t gaps;
	struct board_gap gap; /* the last one */
	uint64_t bad;
	struct cells bad_last; /* why the last bad line is one */
};

struct board *board_new(void);
void board_free(struct board *board);

/* A board of its own, as this one is now. */
struct board *board_copy(const struct board *board);

/* now_ms: monotonic.  -1 where there are too many users. */
int board_apply(struct board *board, const struct record *record,
    int64_t now_ms, struct fail *why);

void board_bad(struct board *board, size_t number, const char *reason);

/* Goes up with each line. */
uint64_t board_version(const struct board *board);

size_t board_persons(const struct board *board);
/* Visits, in the order in which they came; *cursor starts with 0. */
const struct board_person *board_next(
    const struct board *board, size_t *cursor);

size_t board_states(const struct board *board);
const struct board_state *board_state(const struct board *board, size_t i);

const struct board_totals *board_totals(const struct board *board);

/* Real changes in the last minute. */
uint64_t board_rate(const struct board *board, int64_t now_ms);

#endif
