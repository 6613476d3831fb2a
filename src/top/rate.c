#include "config.h"

#include "rate.h"

#include <string.h>

static uint32_t *
place(struct rate *rate, int64_t second)
{
	return &rate->counts[second % RATE_SECONDS];
}

void
rate_count(struct rate *rate, int64_t now_ms)
{
	int64_t second = now_ms / 1000;

	if (second - rate->second >= RATE_SECONDS) {
		memset(rate->counts, 0, sizeof(rate->counts));
		rate->second = second;
	}
	while (rate->second < second)
		*place(rate, ++rate->second) = 0;
	(*place(rate, rate->second))++;
}

uint64_t
rate_of(const struct rate *rate, int64_t now_ms)
{
	int64_t second = now_ms / 1000, from = second - RATE_SECONDS + 1;
	uint64_t sum = 0;

	/* What is older than the newest minute has lost its place. */
	if (from <= rate->second - RATE_SECONDS)
		from = rate->second - RATE_SECONDS + 1;
	for (; from <= rate->second; from++)
		if (from >= 0)
			sum += rate->counts[from % RATE_SECONDS];
	return sum;
}
