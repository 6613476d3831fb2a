/*
 * retry: whether to connect again after an end, and when.
 *
 * Counts what failed in a row, and weighs it: a token or a channel that is gone
 * is replaced at once, the first time; what may pass is tried again after a
 * growing wait, a given number of times; the rest is final.  A struct retry is
 * embedded; it knows nothing of clocks and sockets.
 */
#ifndef GCP_RETRY_H
#define GCP_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "backoff.h"

struct fail;

struct retry {
	struct backoff backoff;
	unsigned int max;      /* tries in a row; 0: no end */
	unsigned int tries;    /* in a row that did not get to streaming */
	unsigned int refusals; /* of tokens, in a row */
	unsigned int stale;    /* channels that were gone, in a row */
	bool opened;           /* a connection got to its socket before */
};

/* The backoff is the caller's to start: backoff_init(). */
void retry_init(struct retry *retry, unsigned int max);

/* A connection got to its socket; true for the first one. */
bool retry_note_open(struct retry *retry);
/* A connection streams; and it ended after so long. */
void retry_note_live(struct retry *retry);
void retry_note_life(struct retry *retry, int64_t life_ms);

/*
 * What to do about an end: 0 and the milliseconds to wait, or -1 and why it is
 * final.  Logs that it is tried again.
 */
int retry_decide(struct retry *retry, const struct fail *end,
    int64_t *ret_delay_ms, struct fail *why);

#endif
