/*
 * until: runs a loop until something is so.
 *
 * It is asked every millisecond, and the loop wakes its wakers in between, so
 * that what other threads do is seen.
 */
#ifndef GCP_UNTIL_H
#define GCP_UNTIL_H

#include <stdbool.h>

#include "loop.h"
#include "test.h"

/* Descriptors that a loop of the tests may use. */
#define UNTIL_FDS 64

typedef bool until_fn(void *arg);

struct until {
	struct loop *loop;
	struct loop_timer *tick;
	until_fn *done;
	void *arg;
};

static inline void
until_tick(void *arg)
{
	struct until *until = arg;

	if (until->done(until->arg))
		loop_stop(until->loop);
	else
		loop_timer_set(until->tick, 1);
}

/* Once for a loop, since a loop that was stopped does not run again. */
static inline void
run_until(struct loop *loop, until_fn *done, void *arg)
{
	struct until until = { .loop = loop, .done = done, .arg = arg };
	struct fail why = { 0 };

	until.tick = loop_timer_new(loop, until_tick, &until);
	loop_timer_set(until.tick, 0);
	if (loop_run(loop, NULL, NULL, &why) == -1)
		fail_msg("%s", why.text);
	loop_timer_free(until.tick);
}

static inline struct loop *
new_loop(void)
{
	struct fail why = { 0 };
	struct loop *loop;

	loop = loop_new(UNTIL_FDS, &why);
	if (loop == NULL)
		fail_msg("%s", why.text);
	return loop;
}

#endif
