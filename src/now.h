/*
 * now: the two clocks, and times as text.
 *
 * Durations and deadlines use the monotonic clock, what people read uses the
 * wall clock.  All times are in milliseconds; wall times count from 1970 UTC.
 */
#ifndef GCP_NOW_H
#define GCP_NOW_H

#include <stddef.h>
#include <stdint.h>

#include "span.h"

/* "No time is known", for wall times. */
#define NOW_NONE INT64_MIN

/* What can be shown, and is read: the years 0000 to 9999 of UTC. */
#define NOW_MIN (-62167219200000)
#define NOW_MAX 253402300799999

/* Room for now_format(): 2026-01-01T09:00:00.000Z and a NUL. */
#define NOW_TEXT 25

int64_t now_ms(void);
/* A clock that goes on while the machine is suspended, where there is one. */
int64_t now_boot_ms(void);
int64_t now_wall_ms(void);

/*
 * Writes a wall time as RFC 3339 in UTC with three decimals.  Returns the
 * length, always NOW_TEXT - 1; a year beyond 0000 to 9999 is shown as the
 * nearest time that can be.
 */
size_t now_format(int64_t wall_ms, char text[NOW_TEXT]);

/*
 * Reads an RFC 3339 time, strictly: a date that is none is refused, and so is a
 * time that could not be shown.  Decimals may be missing; beyond the third they
 * are cut.  0, or -1 where it is no time.
 */
int now_parse(struct span text, int64_t *ret_wall_ms);

#endif
