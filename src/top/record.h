/*
 * record: one line of gcpresence's output, read.
 *
 * A line is a change of one user or a blind interval.  The spans point into
 * the reader's tree: they live until its next line.  What they hold is
 * anybody's: bounded, but not clean.
 */
#ifndef GCP_TOP_RECORD_H
#define GCP_TOP_RECORD_H

#include <stdint.h>

#include "now.h"
#include "span.h"

struct fail;
struct jget;

enum record_kind {
	RECORD_CHANGE,
	RECORD_GAP,
};

struct record {
	enum record_kind kind;

	/* A change. */
	struct span user_id;
	struct span name; /* empty where the user has none */
	struct span state;
	struct span previous_state; /* empty where none was known */
	struct span source;
	int64_t since_ms;        /* wall time: timestamp, else receivedAt */
	int64_t latency_ms;      /* or NOW_NONE */
	int64_t previous_for_ms; /* or NOW_NONE */

	/* A blind interval. */
	int64_t from_ms; /* wall times */
	int64_t to_ms;
	int64_t users;
	struct span cause; /* may be empty */
};

/* -1 with FAIL_DATA where the line is neither. */
int record_read(struct jget *jget, struct span line, struct record *ret_record,
    struct fail *why);

#endif
