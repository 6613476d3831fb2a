#include "config.h"

#include "metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "file.h"
#include "now.h"
#include "stats.h"

/* The lines before the samples of one metric. */
static void
put_head(struct buf *buf, const char *name, const char *type, const char *help)
{
	buf_printf(buf, "# HELP gcpresence_%s %s\n# TYPE gcpresence_%s %s\n",
	    name, help, name, type);
}

static void
put_counter(struct buf *buf, const char *name, const char *help, uint64_t value)
{
	put_head(buf, name, "counter", help);
	buf_printf(
	    buf, "gcpresence_%s %llu\n", name, (unsigned long long)value);
}

static void
put_gauge(struct buf *buf, const char *name, const char *help, size_t value)
{
	put_head(buf, name, "gauge", help);
	buf_printf(buf, "gcpresence_%s %zu\n", name, value);
}

/* One sample for each source of presences. */
static void
put_by_source(
    struct buf *buf, const char *name, const char *help, const uint64_t *values)
{
	int source;

	put_head(buf, name, "counter", help);
	for (source = PRESENCE_STREAM; source <= PRESENCE_REPLAY; source++)
		buf_printf(buf, "gcpresence_%s{source=\"%s\"} %llu\n", name,
		    presence_source_name((enum presence_source)source),
		    (unsigned long long)values[source]);
}

static void
put_drops(struct buf *buf, const struct stats *stats)
{
	int drop;

	put_head(buf, "dropped_total", "counter",
	    "Messages and presences that gave no line, by reason.");
	for (drop = 0; drop < STATS_DROPS; drop++)
		buf_printf(buf,
		    "gcpresence_dropped_total{reason=\"%s\"} %llu\n",
		    stats_drop_name((enum stats_drop)drop),
		    (unsigned long long)stats->dropped[drop]);
}

static void
put_ends(struct buf *buf, const struct stats *stats)
{
	int end;

	put_head(buf, "reconnects_total", "counter",
	    "Connections that ended and were made anew, by cause.");
	for (end = 0; end < STATS_ENDS; end++)
		buf_printf(buf,
		    "gcpresence_reconnects_total{cause=\"%s\"} %llu\n",
		    stats_end_name((enum stats_end)end),
		    (unsigned long long)stats->ended[end]);
}

/* Code 0: there was no answer at all. */
static void
put_requests(struct buf *buf, const struct stats *stats)
{
	const struct stats_requests *one = stats->requests;
	size_t i;

	put_head(buf, "http_requests_total", "counter",
	    "HTTP requests, by endpoint and status; 0 is no answer.");
	for (i = 0; i < STATS_REQUESTS && one->endpoint != NULL; i++, one++)
		buf_printf(buf,
		    "gcpresence_http_requests_total{endpoint=\"%s\","
		    "code=\"%d\"} %llu\n",
		    one->endpoint, one->code, (unsigned long long)one->count);
}

static void
put_latency(struct buf *buf, const struct stats *stats)
{
	uint64_t below = 0;
	size_t i;

	put_head(buf, "latency_seconds", "histogram",
	    "From the service's time of a change to its arrival.");
	for (i = 0; i < STATS_BUCKETS; i++) {
		below += stats->latency_buckets[i];
		buf_printf(buf,
		    "gcpresence_latency_seconds_bucket{le=\"%g\"} %llu\n",
		    (double)stats_bucket_ms[i] / 1000,
		    (unsigned long long)below);
	}
	buf_printf(buf,
	    "gcpresence_latency_seconds_bucket{le=\"+Inf\"} %llu\n"
	    "gcpresence_latency_seconds_sum %.3f\n"
	    "gcpresence_latency_seconds_count %llu\n",
	    (unsigned long long)stats->latency_count,
	    (double)stats->latency_sum_ms / 1000,
	    (unsigned long long)stats->latency_count);
}

static void
put_gauges(struct buf *buf, const struct metrics_gauges *gauges)
{
	put_gauge(buf, "users", "Users that are watched.", gauges->users);
	put_gauge(
	    buf, "connections", "WebSocket connections.", gauges->connections);
	put_gauge(buf, "connections_streaming",
	    "Shards of the users that stream.", gauges->streaming);
	put_gauge(buf, "channels", "Channels of the Notifications API.",
	    gauges->channels);
	put_gauge(buf, "queue_bytes", "Output that waits for its reader.",
	    gauges->queue_bytes);
	put_gauge(buf, "backlog_changes",
	    "Changes that found no room in the queue.", gauges->backlog);
	if (gauges->token_ends_ms == NOW_NONE)
		return;
	put_head(buf, "token_expiry_timestamp_seconds", "gauge",
	    "When the access token expires.");
	buf_printf(buf, "gcpresence_token_expiry_timestamp_seconds %lld\n",
	    (long long)gauges->token_ends_ms / 1000);
}

void
metrics_put(struct buf *buf, const struct stats *stats,
    const struct metrics_gauges *gauges)
{
	put_head(buf, "info", "gauge", "The program's version.");
	buf_text(buf, "gcpresence_info{version=\"" PACKAGE_VERSION "\"} 1\n");
	put_by_source(buf, "events_total", "Presences that were received.",
	    stats->received);
	put_by_source(
	    buf, "changes_total", "Changes among them.", stats->changes);
	put_counter(buf, "printed_total", "Changes printed.", stats->printed);
	put_counter(buf, "coalesced_total",
	    "Changes that a newer one replaced unprinted.", stats->coalesced);
	put_drops(buf, stats);
	put_counter(buf, "gaps_total", "Blind intervals.", stats->gaps);
	put_head(buf, "gap_seconds_total", "counter",
	    "Length of the blind intervals in all.");
	buf_printf(buf, "gcpresence_gap_seconds_total %.3f\n",
	    (double)stats->gap_ms / 1000);
	put_ends(buf, stats);
	put_counter(
	    buf, "tokens_total", "Access tokens issued.", stats->tokens);
	put_counter(buf, "deferred_total",
	    "Times that a rate limit held sends back.", stats->throttled);
	put_requests(buf, stats);
	put_latency(buf, stats);
	put_gauges(buf, gauges);
	put_counter(buf, "log_dropped_total",
	    "Lines of the log that standard error did not take.",
	    gauges->log_dropped);
	put_counter(buf, "audit_dropped_total",
	    "Lines that the audit log did not take.", gauges->audit_dropped);
}

int
metrics_write(const char *file, const struct stats *stats,
    const struct metrics_gauges *gauges, struct fail *why)
{
	struct buf text, name;
	struct stat status;
	int fd, rc = 0;

	/* As root it would take the place of a device. */
	if (lstat(file, &status) == 0 && !S_ISREG(status.st_mode))
		return fail_set(
		    why, FAIL_OUTPUT, "'%s' is not a regular file", file);
	buf_init(&text, SIZE_MAX);
	metrics_put(&text, stats, gauges);
	buf_init(&name, SIZE_MAX);
	buf_printf(&name, "%s.tmp", file);
	/* What a run that was killed has left, or somebody has put there. */
	(void)unlink(buf_string(&name));
	fd = open(buf_string(&name),
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd == -1 || file_write(fd, text.bytes, text.len) == -1)
		rc = fail_set(why, FAIL_OUTPUT, "cannot write '%s': %s",
		    buf_string(&name), strerror(errno));
	if (fd != -1)
		(void)close(fd);
	if (rc == 0 && rename(buf_string(&name), file) == -1) {
		rc = fail_set(why, FAIL_OUTPUT, "cannot replace '%s': %s", file,
		    strerror(errno));
		(void)unlink(buf_string(&name));
	}
	buf_done(&name);
	buf_done(&text);
	return rc;
}
