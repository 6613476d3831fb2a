/*
 * progress: how far --until has come, for who watches a terminal.
 */
#ifndef GCP_PROGRESS_H
#define GCP_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress {
	const char *states; /* as they were given; NULL: shows nothing */
	size_t there;
	size_t all;
	int64_t shown_ms; /* monotonic; 0: never */
};

/* Shows it where standard error is a terminal and something has changed. */
void progress_show(struct progress *progress, size_t there, size_t all);

/* Leaves the line. */
void progress_end(struct progress *progress);

#endif
