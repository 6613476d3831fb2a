/*
 * stats: what has been counted since the start.
 *
 * A plain value; every figure is kept incrementally, so that a year of
 * messages needs no more memory than one.
 */
#ifndef GCP_STATS_H
#define GCP_STATS_H

#include <stdint.h>

#include "presence.h"

/* Why a message or a presence in it went no further. */
enum stats_drop {
	STATS_MALFORMED, /* could not be read */
	STATS_OVERSIZED, /* larger than CAP_MESSAGE, or binary */
	STATS_OTHER,     /* of another kind than presence */
	STATS_SECONDARY, /* of a source that is not the primary one */
	STATS_STRANGER,  /* of a user that is not watched */
	STATS_STALE,     /* older than what is known */
	STATS_REPEAT,    /* seen before */
	STATS_UNCHANGED, /* the same state and definition */
	STATS_OVERFLOW,  /* more different presences than are remembered */
	STATS_DROPS,     /* how many there are */
};

/* Why a connection ended. */
enum stats_end {
	STATS_CLOSED,   /* by the service */
	STATS_LOST,     /* without a word */
	STATS_SILENT,   /* nothing came any more */
	STATS_REPLACED, /* by one that streamed already */
	STATS_ENDS,
};

/* Upper ends of the latency histogram; milliseconds. */
#define STATS_BUCKETS 12
extern const int64_t stats_bucket_ms[STATS_BUCKETS];

/* HTTP requests with one outcome. */
struct stats_requests {
	const char *endpoint; /* NULL: none yet */
	int code;             /* HTTP status; 0: there was no answer */
	uint64_t count;
};
#define STATS_REQUESTS 64

struct stats {
	uint64_t received[3]; /* presences, by source */
	uint64_t changes[3];  /* by source: see enum presence_source */
	uint64_t printed;
	uint64_t coalesced; /* changes that a newer one replaced unprinted */
	uint64_t dropped[STATS_DROPS];
	uint64_t latency_count;
	uint64_t latency_buckets[STATS_BUCKETS];
	int64_t latency_sum_ms;
	uint64_t ended[STATS_ENDS]; /* sockets, unasked or to be replaced */
	uint64_t gaps;              /* blind intervals */
	uint64_t gap_ms;            /* their length in all */
	uint64_t tokens;
	uint64_t throttled; /* requests or sends that a limit held back */
	struct stats_requests requests[STATS_REQUESTS];
};

const char *stats_drop_name(enum stats_drop drop);

const char *stats_end_name(enum stats_end end);

/* One HTTP request is over; endpoint is borrowed for good. */
void stats_request(struct stats *stats, const char *endpoint, int code);

/* Presences of all sources; connections that were lost. */
uint64_t stats_received(const struct stats *stats);
uint64_t stats_disconnections(const struct stats *stats);

/* One latency of a change; milliseconds. */
void stats_latency(struct stats *stats, int64_t latency_ms);

/* Mean of all latencies; 0 before the first. */
double stats_latency_average_ms(const struct stats *stats);

/* Changes over presences received; 0 before the first. */
double stats_accuracy(const struct stats *stats);

/* Dropped for any reason. */
uint64_t stats_dropped(const struct stats *stats);

/* Changes of all sources. */
uint64_t stats_changes(const struct stats *stats);

#endif
