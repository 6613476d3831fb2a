#include "config.h"

#include "kind.h"

#include <assert.h>

/* The order of ECMA-48. */
enum {
	RED = 1,
	GREEN,
	YELLOW,
	BLUE,
	MAGENTA,
	CYAN
};

/*
 * The rich colours all have a relative luminance of about 0.18, which is a
 * contrast of 4 and more on black and on white, since nobody can ask a
 * terminal what its background is.
 */
static const struct kind kinds[KIND_COUNT] = {
	{ "AVAILABLE", 'A', GREEN, 28 },
	{ "ON_QUEUE", 'Q', CYAN, 31 },
	{ "BUSY", 'B', RED, 160 },
	{ "MEETING", 'M', MAGENTA, 133 },
	{ "TRAINING", 'T', MAGENTA, 98 },
	{ "BREAK", 'R', YELLOW, 130 },
	{ "MEAL", 'L', YELLOW, 131 },
	{ "AWAY", 'W', YELLOW, 100 },
	{ "IDLE", 'I', BLUE, 66 },
	{ "OFFLINE", 'O', -1, 243 },
	{ "other", '?', -1, -1 },
};

const struct kind *
kind_at(int number)
{
	assert(number >= 0 && number < KIND_COUNT);
	return &kinds[number];
}

int
kind_of(struct span state)
{
	int number;

	for (number = 0; number < KIND_OTHER; number++)
		if (span_is(state, kinds[number].word))
			break;
	return number;
}
