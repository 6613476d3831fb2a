/*
 * sink: everything between a presence and what is written of it.
 *
 * Owns the delta cache, the pipeline, the printer, standard output, the audit
 * log and the state's keeper, and knows when all of them are done.
 */
#ifndef GCP_SINK_H
#define GCP_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct audit;
struct decoded;
struct delta;
struct fail;
struct loop;
struct metrics_gauges;
struct presence;
struct printer;
struct setup;
struct sink;
struct stats;

/*
 * Borrows everything.  on_trouble is called, from the loop, when something
 * cannot be written any more: see sink_failed().
 */
struct sink *sink_new(struct loop *loop, const struct setup *setup,
    struct stats *stats, void (*on_trouble)(void *arg), void *arg,
    struct fail *why);
void sink_free(struct sink *sink);

/* Reads the state file, and keeps it from now on. */
int sink_keep_state(
    struct sink *sink, struct loop *loop, const char *file, struct fail *why);

void sink_presence(struct sink *sink, const struct presence *presence);
/* See delta_expect(). */
void sink_expect(struct sink *sink, struct span user_id);
/* Messages that gave no presence: see pipeline.h. */
void sink_skipped(struct sink *sink, const struct decoded *decoded);
void sink_too_large(struct sink *sink, const char *why);
/* A line for a blind interval, where --gaps asks for it. */
void sink_gap(struct sink *sink, int64_t from_ms, int64_t to_ms, size_t users,
    const char *cause);

/*
 * The turn of the loop is over: writes what came.  False where it is kept,
 * since what is ready besides may go out with it: loop_hasten().
 */
bool sink_flush(struct sink *sink);

/* Whether --count is reached; no more is printed then. */
bool sink_limit_met(const struct sink *sink);

/* Whether something could not be written, and what. */
bool sink_failed(struct sink *sink, struct fail *why);

/* Whether standard output is what could not be written. */
bool sink_output_failed(struct sink *sink);

/* Whether all lines are written; those of an audit log that failed are not. */
bool sink_is_drained(struct sink *sink);
/* Bytes of output that are not. */
size_t sink_waiting(const struct sink *sink);

/*
 * For the end, when all lines are written: saves the state.  True when that is
 * over; why is filled where it failed.
 */
bool sink_is_saved(struct sink *sink, struct fail *why);

void sink_fill_gauges(const struct sink *sink, struct metrics_gauges *gauges);

/* What others work with; borrowed.  The audit log may be NULL. */
struct audit *sink_audit(const struct sink *sink);
struct delta *sink_delta(const struct sink *sink);
struct printer *sink_printer(const struct sink *sink);

#endif
