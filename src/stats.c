#include "config.h"

#include "stats.h"

#include <string.h>

const char *
stats_drop_name(enum stats_drop drop)
{
	static const char *const names[] = {
		[STATS_MALFORMED] = "malformed",
		[STATS_OVERSIZED] = "oversized",
		[STATS_OTHER] = "other",
		[STATS_SECONDARY] = "secondary",
		[STATS_STRANGER] = "stranger",
		[STATS_STALE] = "stale",
		[STATS_REPEAT] = "repeat",
		[STATS_UNCHANGED] = "unchanged",
		[STATS_OVERFLOW] = "overflow",
	};

	return names[drop];
}

const int64_t stats_bucket_ms[STATS_BUCKETS] = { 5, 10, 25, 50, 100, 250, 500,
	1000, 2500, 5000, 10000, 60000 };

const char *
stats_end_name(enum stats_end end)
{
	static const char *const names[] = {
		[STATS_CLOSED] = "closed",
		[STATS_LOST] = "lost",
		[STATS_SILENT] = "silent",
		[STATS_REPLACED] = "replaced",
	};

	return names[end];
}

void
stats_request(struct stats *stats, const char *endpoint, int code)
{
	struct stats_requests *one = stats->requests;
	size_t i;

	/* The last one stands for all that there is no room for. */
	for (i = 0; i + 1 < STATS_REQUESTS && one->endpoint != NULL; i++) {
		if (one->code == code && strcmp(one->endpoint, endpoint) == 0)
			break;
		one++;
	}
	if (one->endpoint == NULL) {
		one->endpoint = endpoint;
		one->code = code;
	}
	one->count++;
}

uint64_t
stats_received(const struct stats *stats)
{
	return stats->received[PRESENCE_STREAM] +
	    stats->received[PRESENCE_SNAPSHOT] +
	    stats->received[PRESENCE_REPLAY];
}

uint64_t
stats_disconnections(const struct stats *stats)
{
	return stats->ended[STATS_CLOSED] + stats->ended[STATS_LOST] +
	    stats->ended[STATS_SILENT];
}

void
stats_latency(struct stats *stats, int64_t latency_ms)
{
	size_t i;

	for (i = 0; i < STATS_BUCKETS && latency_ms > stats_bucket_ms[i];)
		i++;
	if (i < STATS_BUCKETS)
		stats->latency_buckets[i]++;
	stats->latency_count++;
	stats->latency_sum_ms += latency_ms;
}

double
stats_latency_average_ms(const struct stats *stats)
{
	if (stats->latency_count == 0)
		return 0;
	return (double)stats->latency_sum_ms / (double)stats->latency_count;
}

uint64_t
stats_changes(const struct stats *stats)
{
	return stats->changes[PRESENCE_STREAM] +
	    stats->changes[PRESENCE_SNAPSHOT] + stats->changes[PRESENCE_REPLAY];
}

double
stats_accuracy(const struct stats *stats)
{
	if (stats_received(stats) == 0)
		return 0;
	return (double)stats_changes(stats) / (double)stats_received(stats);
}

uint64_t
stats_dropped(const struct stats *stats)
{
	uint64_t dropped = 0;
	size_t i;

	for (i = 0; i < STATS_DROPS; i++)
		dropped += stats->dropped[i];
	return dropped;
}
