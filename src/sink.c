#include "config.h"

#include "sink.h"

#include <stdlib.h>
#include <unistd.h>

#include "audit.h"
#include "buf.h"
#include "caps.h"
#include "delta.h"
#include "emit.h"
#include "fail.h"
#include "keeper.h"
#include "metrics.h"
#include "output.h"
#include "pipeline.h"
#include "printer.h"
#include "settings.h"
#include "setup.h"
#include "xalloc.h"

struct sink {
	struct delta *delta;
	struct output *output;
	struct audit *audit;
	struct printer *printer;
	struct pipeline *pipeline;
	struct keeper *keeper;
	bool gaps;
};

static int
open_outputs(struct sink *sink, struct loop *loop, const struct setup *setup,
    struct stats *stats, void (*on_trouble)(void *arg), void *arg,
    struct fail *why)
{
	const struct settings *settings = setup->settings;

	sink->output = output_new(loop, STDOUT_FILENO, "standard output",
	    (size_t)settings->queue_size, on_trouble, arg, why);
	if (sink->output == NULL)
		return -1;
	if (settings->audit == NULL || setup->is_dry)
		return 0;
	sink->audit =
	    audit_new(loop, settings->audit, stats, on_trouble, arg, why);
	return sink->audit == NULL ? -1 : 0;
}

struct sink *
sink_new(struct loop *loop, const struct setup *setup, struct stats *stats,
    void (*on_trouble)(void *arg), void *arg, struct fail *why)
{
	const struct settings *settings = setup->settings;
	struct pipeline_filter filter = { 0 };
	struct printer_options options = { 0 };
	struct sink *sink;

	sink = xcalloc(1, sizeof(*sink));
	sink->delta = delta_new();
	sink->gaps = settings->gaps > 0;
	if (settings->until != NULL)
		delta_set_target(sink->delta, &setup->until);
	if (open_outputs(sink, loop, setup, stats, on_trouble, arg, why) ==
	    -1) {
		sink_free(sink);
		return NULL;
	}
	options.limit = (uint64_t)settings->count;
	options.tsv = settings->tsv > 0 && !setup->is_dry;
	sink->printer = printer_new(sink->output, sink->audit, stats, &options);
	filter.only = settings->only != NULL ? &setup->only : NULL;
	filter.ignore = settings->ignore != NULL ? &setup->ignore : NULL;
	filter.no_initial = settings->no_initial > 0;
	filter.told = settings->replay != NULL;
	sink->pipeline = pipeline_new(
	    sink->delta, sink->printer, sink->audit, stats, &filter);
	return sink;
}

void
sink_free(struct sink *sink)
{
	if (sink == NULL)
		return;
	pipeline_free(sink->pipeline);
	keeper_free(sink->keeper);
	printer_free(sink->printer);
	audit_free(sink->audit);
	output_free(sink->output);
	delta_free(sink->delta);
	free(sink);
}

int
sink_keep_state(
    struct sink *sink, struct loop *loop, const char *file, struct fail *why)
{
	sink->keeper = keeper_new(
	    loop, file, sink->delta, sink->printer, sink->output, why);
	return sink->keeper == NULL ? -1 : 0;
}

void
sink_presence(struct sink *sink, const struct presence *presence)
{
	if (pipeline_presence(sink->pipeline, presence))
		keeper_note(sink->keeper);
}

void
sink_expect(struct sink *sink, struct span user_id)
{
	pipeline_expect(sink->pipeline, user_id);
}

void
sink_skipped(struct sink *sink, const struct decoded *decoded)
{
	pipeline_skipped(sink->pipeline, decoded);
}

void
sink_too_large(struct sink *sink, const char *why)
{
	pipeline_too_large(sink->pipeline, why);
}

void
sink_gap(struct sink *sink, int64_t from_ms, int64_t to_ms, size_t users,
    const char *cause)
{
	struct buf line;
	struct span text;

	if (!sink->gaps)
		return;
	buf_init(&line, CAP_LINE);
	emit_gap(&line, from_ms, to_ms, users, cause);
	text.at = buf_string(&line);
	text.len = line.len;
	printer_add_line(sink->printer, text);
	buf_done(&line);
}

bool
sink_flush(struct sink *sink)
{
	if (printer_has_grown(sink->printer))
		return false;
	printer_flush(sink->printer);
	audit_flush(sink->audit);
	return true;
}

bool
sink_limit_met(const struct sink *sink)
{
	return printer_limit_met(sink->printer);
}

bool
sink_failed(struct sink *sink, struct fail *why)
{
	return output_failed(sink->output, why) ||
	    audit_failed(sink->audit, why);
}

bool
sink_output_failed(struct sink *sink)
{
	struct fail ignored;

	return output_failed(sink->output, &ignored);
}

bool
sink_is_drained(struct sink *sink)
{
	struct fail ignored;

	return printer_is_empty(sink->printer) &&
	    output_is_idle(sink->output) &&
	    (audit_is_idle(sink->audit) || audit_failed(sink->audit, &ignored));
}

size_t
sink_waiting(const struct sink *sink)
{
	return output_waiting(sink->output);
}

bool
sink_is_saved(struct sink *sink, struct fail *why)
{
	keeper_finish(sink->keeper);
	if (!keeper_is_done(sink->keeper))
		return false;
	(void)keeper_failed(sink->keeper, why);
	return true;
}

void
sink_fill_gauges(const struct sink *sink, struct metrics_gauges *gauges)
{
	gauges->users = delta_count(sink->delta);
	gauges->queue_bytes = output_waiting(sink->output);
	gauges->backlog = printer_backlog(sink->printer);
	gauges->audit_dropped = audit_dropped(sink->audit);
}

struct audit *
sink_audit(const struct sink *sink)
{
	return sink->audit;
}

struct delta *
sink_delta(const struct sink *sink)
{
	return sink->delta;
}

struct printer *
sink_printer(const struct sink *sink)
{
	return sink->printer;
}
