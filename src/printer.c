#include "config.h"

#include "printer.h"

#include <stdlib.h>

#include "audit.h"
#include "backlog.h"
#include "buf.h"
#include "emit.h"
#include "log.h"
#include "output.h"
#include "presence.h"
#include "stats.h"
#include "xalloc.h"

/* Lines of one turn that are handed over before the turn is over; bytes. */
#define BATCH_BYTES 131072
/* And lines that are worth a look at what else is ready; bytes. */
#define WORTH_BYTES 2048
/* Lines of no user that wait for a slow reader; bytes. */
#define NOTES_BYTES (1u << 20)

struct printer {
	struct output *output;
	struct audit *audit;
	struct stats *stats;
	struct buf batch; /* whole lines */
	struct buf notes; /* lines of no user, that wait for room */
	struct backlog *backlog;
	struct printer_options options;
	size_t seen;  /* bytes of the batch at the end of the last turn */
	bool blocked; /* the output had no room for the batch */
};

struct printer *
printer_new(struct output *output, struct audit *audit, struct stats *stats,
    const struct printer_options *options)
{
	struct printer *printer;

	printer = xcalloc(1, sizeof(*printer));
	printer->output = output;
	printer->audit = audit;
	printer->stats = stats;
	printer->options = *options;
	printer->backlog = backlog_new();
	buf_init(&printer->batch, SIZE_MAX);
	buf_init(&printer->notes, NOTES_BYTES);
	if (options->tsv)
		emit_tsv_header(&printer->batch);
	return printer;
}

void
printer_free(struct printer *printer)
{
	if (printer == NULL)
		return;
	backlog_free(printer->backlog);
	buf_done(&printer->batch);
	buf_done(&printer->notes);
	free(printer);
}

bool
printer_limit_met(const struct printer *printer)
{
	return printer->options.limit > 0 &&
	    printer->stats->printed >= printer->options.limit;
}

bool
printer_limit_near(const struct printer *printer)
{
	return printer->options.limit > 0 &&
	    printer->stats->printed + backlog_count(printer->backlog) >=
	    printer->options.limit;
}

/* Hands the batch over; it stays where there is no room. */
static void
hand_over(struct printer *printer)
{
	bool was_blocked = printer->blocked;

	if (printer->batch.len == 0)
		return;
	printer->blocked = !output_add(
	    printer->output, printer->batch.bytes, printer->batch.len);
	if (!printer->blocked) {
		buf_reset(&printer->batch);
		printer->seen = 0;
	}
	if (printer->blocked && !was_blocked)
		log_warning(NULL,
		    "the reader of standard output is too slow: changes are "
		    "coalesced until it has caught up");
}

static void
write_line(struct printer *printer, const struct change *change)
{
	if (printer->options.tsv)
		emit_tsv(&printer->batch, change);
	else
		emit_ndjson(&printer->batch, change);
	printer->stats->printed++;
	if (printer->batch.len >= BATCH_BYTES)
		hand_over(printer);
}

static void
keep(struct printer *printer, const struct change *change)
{
	if (!backlog_add(printer->backlog, change))
		return;
	printer->stats->coalesced++;
	audit_start(printer->audit, "OUTPUT_COALESCED");
	audit_text(printer->audit, "userId", change->user_id);
	audit_text(printer->audit, "state", change->state);
	audit_finish(printer->audit);
}

void
printer_add(struct printer *printer, const struct change *change)
{
	if (printer_limit_met(printer))
		return;
	if (printer->blocked || backlog_count(printer->backlog) > 0)
		keep(printer, change);
	else
		write_line(printer, change);
}

void
printer_add_line(struct printer *printer, struct span line)
{
	if (!printer->blocked && backlog_count(printer->backlog) == 0)
		buf_add(&printer->batch, line.at, line.len);
	else
		buf_add(&printer->notes, line.at, line.len);
}

static void
write_notes(struct printer *printer)
{
	buf_add(&printer->batch, printer->notes.bytes, printer->notes.len);
	buf_reset(&printer->notes);
	hand_over(printer);
}

void
printer_flush(struct printer *printer)
{
	struct change change;

	hand_over(printer);
	if (!printer->blocked)
		write_notes(printer);
	while (!printer->blocked && !printer_limit_met(printer) &&
	    backlog_first(printer->backlog, &change)) {
		write_line(printer, &change);
		backlog_drop(printer->backlog);
	}
	if (!printer->blocked)
		hand_over(printer);
}

bool
printer_has_grown(struct printer *printer)
{
	bool grown = !printer->blocked &&
	    printer->batch.len >= printer->seen + WORTH_BYTES;

	printer->seen = printer->batch.len;
	return grown;
}

bool
printer_is_empty(const struct printer *printer)
{
	return printer->batch.len == 0 && printer->notes.len == 0 &&
	    (backlog_count(printer->backlog) == 0 ||
		printer_limit_met(printer));
}

bool
printer_is_blocked(const struct printer *printer)
{
	return printer->blocked;
}

size_t
printer_backlog(const struct printer *printer)
{
	return backlog_count(printer->backlog);
}
