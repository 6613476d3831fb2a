#include "config.h"

#include "pipeline.h"

#include <stdlib.h>

#include "audit.h"
#include "decode.h"
#include "delta.h"
#include "log.h"
#include "presence.h"
#include "printer.h"
#include "states.h"
#include "stats.h"
#include "xalloc.h"

struct pipeline {
	struct delta *delta;
	struct printer *printer;
	struct audit *audit;
	struct stats *stats;
	struct pipeline_filter filter;
	uint64_t complaints; /* of the service */
};

struct pipeline *
pipeline_new(struct delta *delta, struct printer *printer, struct audit *audit,
    struct stats *stats, const struct pipeline_filter *filter)
{
	struct pipeline *pipeline;

	pipeline = xcalloc(1, sizeof(*pipeline));
	pipeline->delta = delta;
	pipeline->printer = printer;
	pipeline->audit = audit;
	pipeline->stats = stats;
	pipeline->filter = *filter;
	return pipeline;
}

void
pipeline_free(struct pipeline *pipeline)
{
	free(pipeline);
}

static bool
is_wanted(const struct pipeline_filter *filter, const struct change *change)
{
	if (filter->no_initial && change->is_first)
		return false;
	if (filter->only != NULL && !states_has(filter->only, change->state))
		return false;
	return filter->ignore == NULL ||
	    !states_has(filter->ignore, change->state);
}

static void
take_change(struct pipeline *pipeline, const struct change *change)
{
	struct stats *stats = pipeline->stats;

	stats->changes[change->source]++;
	if (change->source == PRESENCE_STREAM && change->changed_ms != NOW_NONE)
		stats_latency(stats, change->received_ms - change->changed_ms);
	audit_start(pipeline->audit, "PRESENCE_DELTA_TRIGGERED");
	audit_text(pipeline->audit, "userId", change->user_id);
	audit_text(pipeline->audit, "newState", change->state);
	audit_text(pipeline->audit, "previousState", change->previous_state);
	audit_time(pipeline->audit, "timestamp", change->changed_ms);
	audit_finish(pipeline->audit);
	if (is_wanted(&pipeline->filter, change))
		printer_add(pipeline->printer, change);
}

/* Counts and audits a presence that is no change. */
static void
drop(struct pipeline *pipeline, enum stats_drop drop, const char *action,
    const struct presence *presence)
{
	pipeline->stats->dropped[drop]++;
	audit_start(pipeline->audit, action);
	audit_words(pipeline->audit, "userId", presence->user_id);
	audit_words(pipeline->audit, "state", presence->state);
	audit_time(pipeline->audit, "timestamp", presence->changed_ms);
	if (drop != STATS_UNCHANGED)
		audit_text(
		    pipeline->audit, "why", span_of(stats_drop_name(drop)));
	audit_finish(pipeline->audit);
}

void
pipeline_expect(struct pipeline *pipeline, struct span user_id)
{
	delta_expect(pipeline->delta, user_id);
}

bool
pipeline_presence(struct pipeline *pipeline, const struct presence *presence)
{
	struct change change;

	/* What would not be printed must not be remembered as known. */
	if (printer_limit_near(pipeline->printer))
		return false;
	pipeline->stats->received[presence->source]++;
	switch (delta_apply(pipeline->delta, presence, &change)) {
	case DELTA_CHANGE:
		take_change(pipeline, &change);
		return true;
	case DELTA_UNCHANGED:
		drop(pipeline, STATS_UNCHANGED, "PRESENCE_STATE_UNCHANGED",
		    presence);
		break;
	case DELTA_REPEAT:
		/* A snapshot confirms what is known: no message came twice. */
		if (presence->source == PRESENCE_SNAPSHOT)
			drop(pipeline, STATS_UNCHANGED,
			    "PRESENCE_STATE_UNCHANGED", presence);
		else
			drop(pipeline, STATS_REPEAT, "MESSAGE_STALE", presence);
		break;
	case DELTA_STALE:
		drop(pipeline, STATS_STALE, "MESSAGE_STALE", presence);
		break;
	case DELTA_STRANGER:
		drop(pipeline, STATS_STRANGER, "MESSAGE_SKIPPED", presence);
		break;
	case DELTA_TOO_MANY:
		drop(pipeline, STATS_OVERFLOW, "MESSAGE_SKIPPED", presence);
		break;
	}
	return false;
}

/* 1, 2, 4, 8, ...: a flood of bad messages is no flood of log lines. */
static bool
is_worth_a_line(uint64_t count)
{
	return (count & (count - 1)) == 0;
}

static void
skip(struct pipeline *pipeline, enum stats_drop drop, struct span user_id,
    struct span why)
{
	uint64_t count = ++pipeline->stats->dropped[drop];

	audit_start(pipeline->audit, "MESSAGE_SKIPPED");
	audit_text(pipeline->audit, "kind", span_of(stats_drop_name(drop)));
	audit_words(pipeline->audit, "why", why);
	if (user_id.len > 0)
		audit_words(pipeline->audit, "userId", user_id);
	audit_finish(pipeline->audit);
	if ((drop == STATS_MALFORMED || drop == STATS_OVERSIZED) &&
	    !pipeline->filter.told && is_worth_a_line(count))
		log_warning(NULL, "message skipped: %s: %.*s (%llu so far)",
		    stats_drop_name(drop), (int)why.len, why.at,
		    (unsigned long long)count);
	else
		log_debug("pipeline", "message skipped: %s: %.*s",
		    stats_drop_name(drop), (int)why.len, why.at);
}

void
pipeline_skipped(struct pipeline *pipeline, const struct decoded *decoded)
{
	struct span nobody = { NULL, 0 };

	switch (decoded->kind) {
	case DECODE_MALFORMED:
		skip(pipeline, STATS_MALFORMED, decoded->presence.user_id,
		    decoded->text);
		break;
	case DECODE_SECONDARY:
		skip(pipeline, STATS_SECONDARY, decoded->presence.user_id,
		    decoded->text);
		break;
	case DECODE_COMPLAINT:
		if (is_worth_a_line(++pipeline->complaints))
			log_warning(NULL,
			    "the service complains: %.*s (%llu so far)",
			    (int)decoded->text.len, decoded->text.at,
			    (unsigned long long)pipeline->complaints);
		skip(pipeline, STATS_OTHER, nobody, decoded->text);
		break;
	default:
		skip(pipeline, STATS_OTHER, nobody, decoded->text);
		break;
	}
}

void
pipeline_too_large(struct pipeline *pipeline, const char *why)
{
	struct span nobody = { NULL, 0 };

	skip(pipeline, STATS_OVERSIZED, nobody, span_of(why));
}
