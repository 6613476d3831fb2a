#include "config.h"

#include "backoff.h"

/* 2^20 times any base is beyond any maximum that makes sense. */
#define MAX_STEP 20

void
backoff_init(
    struct backoff *backoff, int64_t base_ms, int64_t max_ms, uint64_t seed)
{
	backoff->base_ms = base_ms;
	backoff->max_ms = max_ms;
	backoff->step = 0;
	rng_seed(&backoff->rng, seed);
}

int64_t
backoff_next_ms(struct backoff *backoff, int64_t floor_ms)
{
	int64_t limit_ms, delay_ms;

	limit_ms = backoff->base_ms << backoff->step;
	if (limit_ms > backoff->max_ms)
		limit_ms = backoff->max_ms;
	if (backoff->step < MAX_STEP)
		backoff->step++;
	delay_ms = (int64_t)rng_below(&backoff->rng, (uint64_t)limit_ms + 1);
	return delay_ms < floor_ms ? floor_ms : delay_ms;
}

void
backoff_reset(struct backoff *backoff)
{
	backoff->step = 0;
}
