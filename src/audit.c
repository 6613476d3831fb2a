#include "config.h"

#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "jput.h"
#include "log.h"
#include "now.h"
#include "output.h"
#include "redact.h"
#include "stats.h"
#include "xalloc.h"

/* Lines that may wait for a slow disk; bytes. */
#define WAITING_BYTES (64u << 20)
/* Lines that are handed over before the turn is over; bytes. */
#define BATCH_BYTES 32768

struct audit {
	int fd;
	char *name;
	struct output *output;
	const struct stats *stats;
	struct buf batch; /* whole lines */
	struct buf line;
	bool first; /* the payload has no member yet */
	uint64_t dropped;
};

struct audit *
audit_new(struct loop *loop, const char *file, const struct stats *stats,
    void (*on_trouble)(void *arg), void *arg, struct fail *why)
{
	struct audit *audit;
	struct buf name;

	audit = xcalloc(1, sizeof(*audit));
	audit->stats = stats;
	buf_init(&audit->batch, SIZE_MAX);
	buf_init(&audit->line, SIZE_MAX);
	buf_init(&name, SIZE_MAX);
	buf_printf(&name, "audit log '%s'", file);
	audit->name = xstrdup(buf_string(&name));
	buf_done(&name);
	audit->fd = open(
	    file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (audit->fd == -1) {
		(void)fail_set(why, FAIL_OUTPUT, "cannot open %s: %s",
		    audit->name, strerror(errno));
		audit_free(audit);
		return NULL;
	}
	audit->output = output_new(
	    loop, audit->fd, audit->name, WAITING_BYTES, on_trouble, arg, why);
	if (audit->output == NULL) {
		audit_free(audit);
		return NULL;
	}
	return audit;
}

void
audit_free(struct audit *audit)
{
	if (audit == NULL)
		return;
	output_free(audit->output);
	if (audit->fd != -1)
		(void)close(audit->fd);
	buf_done(&audit->batch);
	buf_done(&audit->line);
	free(audit->name);
	free(audit);
}

void
audit_start(struct audit *audit, const char *action)
{
	if (audit == NULL)
		return;
	buf_reset(&audit->line);
	buf_text(&audit->line, "{\"action\":\"");
	buf_text(&audit->line, action);
	buf_text(&audit->line, "\",\"timestamp\":");
	jput_time(&audit->line, now_wall_ms());
	buf_text(&audit->line, ",\"payload\":{");
	audit->first = true;
}

static void
put_key(struct audit *audit, const char *key)
{
	if (!audit->first)
		buf_char(&audit->line, ',');
	audit->first = false;
	buf_char(&audit->line, '"');
	buf_text(&audit->line, key);
	buf_text(&audit->line, "\":");
}

void
audit_text(struct audit *audit, const char *key, struct span value)
{
	if (audit == NULL)
		return;
	put_key(audit, key);
	jput_string_or_null(&audit->line, value);
}

void
audit_words(struct audit *audit, const char *key, struct span value)
{
	char *copy;

	if (audit == NULL)
		return;
	if (redact_is_short(value.len)) {
		audit_text(audit, key, value);
		return;
	}
	copy = xstrndup(value.len > 0 ? value.at : "", value.len);
	redact_text(copy, value.len);
	value.at = copy;
	audit_text(audit, key, value);
	free(copy);
}

void
audit_number(struct audit *audit, const char *key, int64_t value)
{
	if (audit == NULL)
		return;
	put_key(audit, key);
	buf_number(&audit->line, value);
}

void
audit_time(struct audit *audit, const char *key, int64_t wall_ms)
{
	if (audit == NULL)
		return;
	put_key(audit, key);
	jput_time(&audit->line, wall_ms);
}

void
audit_json(struct audit *audit, const char *key, struct span value)
{
	if (audit == NULL)
		return;
	put_key(audit, key);
	buf_add(&audit->line, value.at, value.len);
}

void
audit_members(struct audit *audit, struct span object)
{
	if (audit == NULL)
		return;
	if (!audit->first)
		buf_char(&audit->line, ',');
	audit->first = false;
	buf_add(&audit->line, object.at + 1, object.len - 2);
}

/* A number with so many decimals; %f would take longer than all the rest. */
static void
put_decimals(struct buf *buf, double number, int decimals)
{
	int64_t scale = 1, scaled;
	int i;

	for (i = 0; i < decimals; i++)
		scale *= 10;
	scaled = llround(number * (double)scale);
	if (scaled < 0) {
		buf_char(buf, '-');
		scaled = -scaled;
	}
	buf_number(buf, scaled / scale);
	buf_char(buf, '.');
	while ((scale /= 10) > 0)
		buf_char(buf, (char)('0' + scaled / scale % 10));
}

/* Counts the lines that found no room. */
static void
drop_batch(struct audit *audit)
{
	const char *at = audit->batch.bytes, *end = at + audit->batch.len;

	if (audit->dropped == 0)
		log_error(NULL, "%s is too slow: lines are being dropped",
		    audit->name);
	for (; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
		audit->dropped++;
}

void
audit_flush(struct audit *audit)
{
	if (audit == NULL || audit->batch.len == 0)
		return;
	if (!output_add(audit->output, audit->batch.bytes, audit->batch.len))
		drop_batch(audit);
	buf_reset(&audit->batch);
}

void
audit_finish(struct audit *audit)
{
	if (audit == NULL)
		return;
	buf_literal(
	    &audit->line, "},\"metrics_snapshot\":{\"latency_avg_ms\":");
	put_decimals(&audit->line, stats_latency_average_ms(audit->stats), 3);
	buf_literal(&audit->line, ",\"accuracy_rate\":");
	put_decimals(&audit->line, stats_accuracy(audit->stats), 6);
	buf_literal(&audit->line, "}}\n");
	buf_add(&audit->batch, audit->line.bytes, audit->line.len);
	if (audit->batch.len >= BATCH_BYTES)
		audit_flush(audit);
}

bool
audit_is_idle(struct audit *audit)
{
	audit_flush(audit);
	return audit == NULL || output_is_idle(audit->output);
}

uint64_t
audit_dropped(const struct audit *audit)
{
	return audit == NULL ? 0 : audit->dropped;
}

bool
audit_failed(struct audit *audit, struct fail *why)
{
	if (audit == NULL || !output_failed(audit->output, why))
		return false;
	/* Whoever reads it: without its audit log the program does not run. */
	why->kind = FAIL_OUTPUT;
	return true;
}
