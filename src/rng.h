/*
 * rng: numbers that look random, the same for the same seed.
 *
 * For jitter and for simulated schedules, never for secrets.
 */
#ifndef GCP_RNG_H
#define GCP_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

void rng_seed(struct rng *rng, uint64_t seed);

/* Seeds from the system, so that no two processes draw the same numbers. */
void rng_seed_freely(struct rng *rng);

uint64_t rng_next(struct rng *rng);

/* A number from 0 to below limit, which is not 0. */
uint64_t rng_below(struct rng *rng, uint64_t limit);

#endif
