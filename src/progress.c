#include "config.h"

#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "now.h"

/* Between two looks of a person; milliseconds. */
#define SHOW_MS 100

void
progress_show(struct progress *progress, size_t there, size_t all)
{
	int64_t now = now_ms();

	if (progress->states == NULL ||
	    (progress->shown_ms != 0 && there == progress->there &&
		all == progress->all) ||
	    (now - progress->shown_ms < SHOW_MS && there != all) ||
	    isatty(STDERR_FILENO) == 0)
		return;
	progress->there = there;
	progress->all = all;
	progress->shown_ms = now;
	(void)dprintf(STDERR_FILENO, "\rgcpresence: %zu of %zu users are %s ",
	    there, all, progress->states);
}

void
progress_end(struct progress *progress)
{
	if (progress->shown_ms != 0)
		(void)dprintf(STDERR_FILENO, "\n");
	progress->shown_ms = 0;
}
