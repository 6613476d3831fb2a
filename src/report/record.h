/*
 * record: one line of a recording -> what it says.
 *
 * Knows the shape of gcpresence's output and nothing of what is made of it.
 */
#ifndef GCP_REPORT_RECORD_H
#define GCP_REPORT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "caps.h"
#include "now.h"
#include "span.h"

struct fail;
struct jget;

enum record_kind {
	RECORD_NOTHING, /* a blank line */
	RECORD_CHANGE,
	RECORD_GAP,
	RECORD_BAD,
};

/* The spans live as long as the line and the reader's tree. */
struct record {
	struct span user_id;
	struct span name;  /* no value where there is none */
	struct span state; /* normalised, in room */
	struct span before;
	int64_t at_ms;           /* since when the state is so */
	int64_t received_ms;     /* or NOW_NONE */
	int64_t before_since_ms; /* since when the state before was so, or
				    NOW_NONE */
	uint32_t missed;         /* changes just before that were not printed */
	bool asked;              /* found by a snapshot */
	int64_t from_ms;         /* of a gap */
	int64_t to_ms;
	char room[2][CAP_STATE];
};

/* RECORD_BAD fills why with what is wrong, "what" only. */
enum record_kind record_read(struct jget *jget, struct span line,
    struct record *ret_record, struct fail *why);

#endif
