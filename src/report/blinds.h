/*
 * blinds: when the stream was blind, for whomever.
 *
 * A recording's gaps say how many users were not seen, not who, so that a gap
 * counts for everybody.  Those that touch or overlap are one.
 */
#ifndef GCP_REPORT_BLINDS_H
#define GCP_REPORT_BLINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blinds;

struct blind {
	int64_t from_ms;
	int64_t to_ms;
};

struct blinds *blinds_new(void);
void blinds_free(struct blinds *blinds);

void blinds_add(struct blinds *blinds, int64_t from_ms, int64_t to_ms);

/* The last one that began before a time. */
bool blinds_last(struct blinds *blinds, int64_t before_ms, int64_t *ret_from_ms,
    int64_t *ret_to_ms);

/* In order of time. */
size_t blinds_count(struct blinds *blinds);
struct blind blinds_at(struct blinds *blinds, size_t i);

/* How much of an interval is blind. */
int64_t blinds_within(struct blinds *blinds, int64_t from_ms, int64_t to_ms);

#endif
