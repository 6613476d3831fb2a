#include "config.h"

#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "delta.h"
#include "fail.h"
#include "log.h"
#include "now.h"

/* Between two looks of a person; milliseconds. */
#define SHOW_MS 100

void
progress_init(struct progress *progress, const struct delta *delta,
    const char *states, bool shows)
{
	progress->delta = delta;
	progress->states = states;
	progress->shows = shows && isatty(STDERR_FILENO) == 1;
}

static void
show(struct progress *progress, size_t there, size_t all)
{
	int64_t now = now_ms();

	if ((progress->shown_ms != 0 && there == progress->there &&
		all == progress->all) ||
	    (now - progress->shown_ms < SHOW_MS && there != all))
		return;
	progress->there = there;
	progress->all = all;
	progress->shown_ms = now;
	(void)dprintf(STDERR_FILENO, "\rgcpresence: %zu of %zu users are %s ",
	    there, all, progress->states);
	log_left_open();
}

bool
progress_is_met(struct progress *progress)
{
	size_t there = delta_on_target(progress->delta);
	size_t all = delta_count(progress->delta);

	if (progress->shows)
		show(progress, there, all);
	return all > 0 && there == all;
}

int
progress_fail(const struct progress *progress, struct fail *why)
{
	size_t there = delta_on_target(progress->delta);
	size_t all = delta_count(progress->delta);

	return fail_set(why, FAIL_UNMET, "%zu of %zu users are not %s%s",
	    all - there, all, progress->states,
	    all == 0 ? ": nobody came" : "");
}

void
progress_end(struct progress *progress)
{
	if (progress->shown_ms != 0)
		log_end_open();
	progress->shown_ms = 0;
}
