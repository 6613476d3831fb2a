/*
 * backoff: how long to wait before the next try.
 *
 * Exponential with full jitter: a random time from 0 to base × 2^n, at most
 * max, so that many clients that lost one server do not come back as one.
 */
#ifndef GCP_BACKOFF_H
#define GCP_BACKOFF_H

#include <stdint.h>

#include "rng.h"

struct backoff {
	int64_t base_ms;
	int64_t max_ms;
	unsigned int step;
	struct rng rng;
};

/* seed: any number; the same one gives the same delays. */
void backoff_init(
    struct backoff *backoff, int64_t base_ms, int64_t max_ms, uint64_t seed);

/* The next delay in milliseconds, at least floor_ms. */
int64_t backoff_next_ms(struct backoff *backoff, int64_t floor_ms);

/* Starts over from base. */
void backoff_reset(struct backoff *backoff);

#endif
