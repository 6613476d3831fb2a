/*
 * window: a sliding-window limit.
 *
 * At most "limit" takes within any "span" of time.  It does not wait: it says
 * how long the caller must.
 */
#ifndef GCP_WINDOW_H
#define GCP_WINDOW_H

#include <stddef.h>
#include <stdint.h>

struct window {
	int64_t *times; /* of the last takes, a ring */
	size_t limit;
	size_t oldest;
	size_t used;
	int64_t span_ms;
};

/* limit is at least 1. */
void window_init(struct window *window, size_t limit, int64_t span_ms);
void window_done(struct window *window);

/* 0 where a take is allowed now, else the milliseconds until it is. */
int64_t window_wait_ms(struct window *window, int64_t now_ms);

/* Takes one; the caller has asked before. */
void window_take(struct window *window, int64_t now_ms);

#endif
