/*
 * looks: how a state is shown: its place among the others, its words, its
 * colours and what tells it apart where colours do not.
 *
 * The colours of the light theme are Paul Tol's "muted" scheme, made to be
 * told apart with any kind of colour vision, with a stronger blue; the dark
 * theme has the same hues with the three darkest made lighter.  A pattern and
 * the height of the bar tell them apart too, or else lightness does: work is as
 * high as the row, a pause is lower, and who is offline has but a line.
 */
#ifndef GCP_REPORT_LOOKS_H
#define GCP_REPORT_LOOKS_H

#include <stddef.h>

#include "caps.h"
#include "span.h"

enum looks_pattern {
	LOOKS_PLAIN,
	LOOKS_RISING, /* stripes */
	LOOKS_FALLING,
	LOOKS_UPRIGHT,
	LOOKS_DOTS,
	LOOKS_GRID,
};

enum looks_height {
	LOOKS_HIGH,
	LOOKS_LOW,
	LOOKS_LINE,
};

struct look {
	const char *state; /* as recordings spell it */
	const char *light; /* colours */
	const char *dark;
	enum looks_pattern pattern;
	enum looks_height height;
};

/* The looks of the states that are known come first, in order of display. */
#define LOOKS_COUNT 15
#define LOOKS_KNOWN 10

const struct look *looks_at(size_t i);

/* Which look a state has; nth: which of the unknown ones it is. */
size_t looks_of(struct span state, size_t nth);

/* "ON_QUEUE" as "On queue", in room. */
struct span looks_label(struct span state, char room[CAP_STATE]);

#endif
