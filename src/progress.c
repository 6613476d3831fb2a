#include "config.h"

#include "progress.h"

#include <unistd.h>

#include "buf.h"
#include "delta.h"
#include "fail.h"
#include "jput.h"
#include "log.h"
#include "loop.h"
#include "now.h"

/* Between two looks of a person; milliseconds. */
#define SHOW_MS 100

/* The turn of the loop is all that it is for. */
static void
on_again(void *arg)
{
	(void)arg;
}

void
progress_init(struct progress *progress, struct loop *loop,
    const struct delta *delta, const char *states, bool shows)
{
	progress->again = loop_timer_new(loop, on_again, progress);
	progress->delta = delta;
	progress->states = states;
	progress->shows = shows && isatty(STDERR_FILENO) == 1;
}

void
progress_done(struct progress *progress)
{
	loop_timer_free(progress->again);
}

static void
show(struct progress *progress, size_t there, size_t all)
{
	int64_t now = now_ms();
	struct buf line;

	if (progress->shown_ms != 0 && there == progress->there &&
	    all == progress->all)
		return;
	if (now - progress->shown_ms < SHOW_MS && there != all) {
		loop_timer_set(progress->again, SHOW_MS);
		return;
	}
	progress->there = there;
	progress->all = all;
	progress->shown_ms = now;
	buf_init(&line, SIZE_MAX);
	buf_printf(&line, "\rgcpresence: %zu of %zu users are ", there, all);
	jput_plain(&line, span_of(progress->states));
	buf_char(&line, ' ');
	log_open(&line);
	buf_done(&line);
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

	if (all == 0)
		return fail_set(why, FAIL_UNMET, "no user is known to be %s",
		    progress->states);
	return fail_set(why, FAIL_UNMET, "%zu of %zu users are not %s",
	    all - there, all, progress->states);
}

void
progress_end(struct progress *progress)
{
	if (progress->shown_ms != 0)
		log_end_open();
	progress->shown_ms = 0;
}
