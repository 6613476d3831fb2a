/*
 * journal: the truth, as lines of JSON in a file.
 *
 * What was sent to whom, so that a checker can compare it with what a client
 * printed.  Lines are collected and written in large pieces: at full load the
 * journal must not be what limits.  Without a file every call does nothing.
 */
#ifndef GCP_SIM_JOURNAL_H
#define GCP_SIM_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "span.h"

struct event;
struct fail;
struct journal;
struct loop;

/* path may be NULL; what is there is replaced. */
struct journal *journal_new(
    struct loop *loop, const char *path, struct fail *why);

/* Writes what waits; -1 where not all of it ever got into the file. */
int journal_close(struct journal *journal, struct fail *why);
void journal_free(struct journal *journal);

bool journal_is_on(const struct journal *journal);

/*
 * One event.  connections are the numbers of those that it was given to;
 * NULL: it was kept from all.
 */
void journal_change(struct journal *journal, const struct event *event,
    const unsigned int *connections, size_t count, int64_t wall_ms);

/*
 * Any other line: {"event":name,…,"at":…}.  Between start and end the caller
 * adds members, each with a comma in front.
 */
struct buf *journal_start(struct journal *journal, const char *name);
void journal_end(struct journal *journal, int64_t wall_ms);

#endif
