/*
 * states: a set of presence states, as people list them.
 */
#ifndef GCP_STATES_H
#define GCP_STATES_H

#include <stdbool.h>
#include <stddef.h>

#include "caps.h"
#include "span.h"

struct fail;

/* There are ten; a few more may come. */
#define STATES_MAX 32

struct states {
	size_t count;
	struct span states[STATES_MAX]; /* normalised, in room */
	char room[STATES_MAX][CAP_STATE];
};

/*
 * Reads "BUSY, on queue,Offline": commas between, any case, normalised as
 * messages are.  -1 with FAIL_CONFIG where there is none, one is too long, or
 * there are too many.
 */
int states_parse(struct states *states, const char *text, struct fail *why);

/* The first of them that is not one of the ten that are documented, or "". */
struct span states_unknown(const struct states *states);

bool states_has(const struct states *states, struct span state);

#endif
