#include "config.h"

#include "rng.h"

#include <sys/random.h>
#include <unistd.h>

#include "now.h"

void
rng_seed(struct rng *rng, uint64_t seed)
{
	rng->state = seed;
}

void
rng_seed_freely(struct rng *rng)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint64_t)now_wall_ms() ^ (uint64_t)getpid() << 32;
	rng_seed(rng, seed);
}

/* SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Numbers). */
uint64_t
rng_next(struct rng *rng)
{
	uint64_t mixed;

	rng->state += 0x9e3779b97f4a7c15u;
	mixed = rng->state;
	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
	return mixed ^ mixed >> 31;
}

uint64_t
rng_below(struct rng *rng, uint64_t limit)
{
	/* The bias of the remainder is far below what jitter can show. */
	return rng_next(rng) % limit;
}
