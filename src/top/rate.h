/*
 * rate: how many in the last minute.
 *
 * Counts in seconds, so the minute is one of 59 to 60 seconds.  Time comes
 * from outside, in milliseconds of one clock that never goes back.
 */
#ifndef GCP_TOP_RATE_H
#define GCP_TOP_RATE_H

#include <stdint.h>

#define RATE_SECONDS 60

struct rate {
	uint32_t counts[RATE_SECONDS];
	int64_t second; /* the newest that has a place; 0: none yet */
};

void rate_count(struct rate *rate, int64_t now_ms);
uint64_t rate_of(const struct rate *rate, int64_t now_ms);

#endif
