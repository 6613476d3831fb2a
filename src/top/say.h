/*
 * say: numbers and times as people read them, in a few columns.
 *
 * All is plain ASCII.  Times of day are in the local zone ($TZ).
 */
#ifndef GCP_TOP_SAY_H
#define GCP_TOP_SAY_H

#include <stdint.h>

/* Room for any of these, and a NUL. */
#define SAY_TEXT 32

/* 1204 -> 1,204 */
void say_count(char text[SAY_TEXT], uint64_t count);

/* 00:12:42, 12d 03:04 or 123d 03h; at most nine columns. */
void say_age(char text[SAY_TEXT], int64_t ms);

/* 12:42, 3h12 or 12d03; at most six columns in 10,000 days. */
void say_age_briefly(char text[SAY_TEXT], int64_t ms);

/* 42 ms, 1.2 s, 3 min, 5 h; negative where clocks differ. */
void say_latency(char text[SAY_TEXT], int64_t ms);

/* 09:12:42. */
void say_clock(char text[SAY_TEXT], int64_t wall_ms);

/* The same for today as of now, and a date for other days. */
void say_when(char text[SAY_TEXT], int64_t wall_ms, int64_t as_of_ms);

#endif
