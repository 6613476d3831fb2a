/*
 * lines: blocks of bytes -> lines.
 *
 * What is longer than CAP_LINE is thrown away up to its newline, so that
 * memory is bounded whatever comes.  A struct lines is embedded; zero is empty.
 */
#ifndef GCP_TOP_LINES_H
#define GCP_TOP_LINES_H

#include <stddef.h>

#include "buf.h"
#include "span.h"

struct lines {
	/* The start of one that goes on in the next block; full: too long. */
	struct buf part;
	size_t number;
};

/*
 * One line without its newline; number counts from 1.  A line that is too long
 * comes as a span without value.
 */
typedef void lines_fn(void *arg, struct span line, size_t number);

void lines_init(struct lines *lines);
void lines_done(struct lines *lines);

void lines_add(struct lines *lines, struct span block, lines_fn *fn, void *arg);

/* The end: a last line may have no newline. */
void lines_end(struct lines *lines, lines_fn *fn, void *arg);

#endif
