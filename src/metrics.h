/*
 * metrics: the figures in Prometheus text format, in a file.
 *
 * The file is replaced atomically, so that a collector never reads half of it.
 * There is never a label for each user.
 */
#ifndef GCP_METRICS_H
#define GCP_METRICS_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct fail;
struct stats;

/* What is not in the statistics. */
struct metrics_gauges {
	size_t users;
	size_t connections;    /* that there are */
	size_t streaming;      /* that stream */
	size_t channels;       /* of the Notifications API */
	size_t queue_bytes;    /* output that waits */
	size_t backlog;        /* changes that found no room there */
	int64_t token_ends_ms; /* wall time, or NOW_NONE */
	uint64_t log_dropped;  /* lines */
	uint64_t audit_dropped;
};

void metrics_put(struct buf *buf, const struct stats *stats,
    const struct metrics_gauges *gauges);

/* -1 with FAIL_OUTPUT. */
int metrics_write(const char *file, const struct stats *stats,
    const struct metrics_gauges *gauges, struct fail *why);

#endif
