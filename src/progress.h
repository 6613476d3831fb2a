/*
 * progress: how far --until has come, also for who watches a terminal.
 */
#ifndef GCP_PROGRESS_H
#define GCP_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delta;
struct fail;
struct loop;
struct loop_timer;

struct progress {
	const struct delta *delta;
	const char *states; /* as they were given */
	bool shows;         /* on standard error, where that is a terminal */
	size_t there;
	size_t all;
	int64_t shown_ms;         /* monotonic; 0: never */
	struct loop_timer *again; /* another turn, to show what was left out */
};

/* delta counts who is in one of the states; borrowed, as they are. */
void progress_init(struct progress *progress, struct loop *loop,
    const struct delta *delta, const char *states, bool shows);
void progress_done(struct progress *progress);

/* Whether all users that are watched are; shows it where it has changed. */
bool progress_is_met(struct progress *progress);

/* That they are not; -1. */
int progress_fail(const struct progress *progress, struct fail *why);

/* Leaves the line. */
void progress_end(struct progress *progress);

#endif
