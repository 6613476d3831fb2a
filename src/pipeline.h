/*
 * pipeline: what becomes of a presence, and of a message that holds none.
 *
 * presence -> delta cache -> change -> line, with every step counted and
 * audited.  This is the sentence that the program can be explained with.
 */
#ifndef GCP_PIPELINE_H
#define GCP_PIPELINE_H

#include <stdbool.h>

#include "span.h"

struct audit;
struct decoded;
struct delta;
struct pipeline;
struct presence;
struct printer;
struct states;
struct stats;

/* Which changes are printed; all are taken in. */
struct pipeline_filter {
	const struct states *only;   /* into one of these, or NULL: any */
	const struct states *ignore; /* not into these, or NULL */
	bool no_initial;             /* not the first that is seen of a user */
	bool told; /* bad messages are, by whoever reads them */
};

/* Borrows everything; copies the filter. */
struct pipeline *pipeline_new(struct delta *delta, struct printer *printer,
    struct audit *audit, struct stats *stats,
    const struct pipeline_filter *filter);
void pipeline_free(struct pipeline *pipeline);

/* See delta_expect(). */
void pipeline_expect(struct pipeline *pipeline, struct span user_id);

/* True where it was a change.  Nothing is once the printer's limit is met. */
bool pipeline_presence(
    struct pipeline *pipeline, const struct presence *presence);

/* A message that gave no presence, and what it was instead. */
void pipeline_skipped(struct pipeline *pipeline, const struct decoded *decoded);

/* A message that was not even read: "binary", "larger than 1 MiB". */
void pipeline_too_large(struct pipeline *pipeline, const char *why);

#endif
