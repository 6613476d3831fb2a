/*
 * kind: the presence states as the screen tells them apart.
 *
 * Each has a word, a letter for narrow screens, and a colour.  Colour never
 * stands alone.  A state that is none of the ten is of the last kind.
 */
#ifndef GCP_TOP_KIND_H
#define GCP_TOP_KIND_H

#include "span.h"

/* Kinds, the last one included; a kind's number is its rank in sorting. */
#define KIND_COUNT 11
#define KIND_OTHER (KIND_COUNT - 1)

struct kind {
	const char *word;
	char letter;
	/* Of the terminal's own eight colours; -1: as other text. */
	short plain;
	/* Of xterm's 256. */
	short rich;
};

const struct kind *kind_at(int number);

/* The number of a normalised state. */
int kind_of(struct span state);

#endif
