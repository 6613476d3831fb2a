/*
 * zone: which wall clock is on the wall.
 *
 * Times are shown, and hours begin, in one zone: the process's own ($TZ or the
 * system's) or UTC.  The zone is the C library's, and so the process's.
 */
#ifndef GCP_REPORT_ZONE_H
#define GCP_REPORT_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct fail;

enum zone_style {
	ZONE_FULL,    /* 2026-01-01 09:00:00 */
	ZONE_MINUTE,  /* 2026-01-01 09:00 */
	ZONE_CLOCK,   /* 09:00 */
	ZONE_SECONDS, /* 09:00:00 */
	ZONE_DAY,     /* Thu 1 Jan */
	ZONE_DATE,    /* Thursday 1 January 2026 */
	ZONE_WHEN,    /* Thu 1 Jan 2026 09:00 */
};

/* Before anything else is asked. */
void zone_set(bool utc);

void zone_put(struct buf *buf, int64_t wall_ms, enum zone_style style);
/* " (CET, UTC+01:00)", or those of two times where they are not the same. */
void zone_put_names(struct buf *buf, int64_t from_ms, int64_t to_ms);
/* "CET". */
void zone_put_short_name(struct buf *buf, int64_t wall_ms);

/* Whether the clocks are changed between two times. */
bool zone_changes(int64_t from_ms, int64_t to_ms);
bool zone_same_day(int64_t one_ms, int64_t other_ms);

/* The hour on the wall that a time is in, cut where the clocks are changed. */
void zone_hour(int64_t wall_ms, int64_t *ret_from_ms, int64_t *ret_to_ms);

/* The next time, later than this one, that is a multiple of step on the wall;
 * weeks begin on Mondays. */
int64_t zone_next(int64_t wall_ms, int64_t step_ms);

/*
 * A time as people type it: RFC 3339; a date, with a time of day or without,
 * in the zone; or a time of day of the day that now_ms is in.  -1 with
 * FAIL_CONFIG where it is none.
 */
int zone_parse(
    const char *text, int64_t now_ms, int64_t *ret_wall_ms, struct fail *why);

#endif
