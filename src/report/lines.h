/*
 * lines: a descriptor -> lines, as fast as it gives them.
 */
#ifndef GCP_REPORT_LINES_H
#define GCP_REPORT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

struct fail;

struct line {
	struct span text; /* without its newline */
	size_t number;    /* from 1 */
	bool too_long;    /* text is only its start */
	bool ended;       /* by a newline, not by the end of the file */
};

/* -1 with why filled ends the reading. */
typedef int lines_fn(void *arg, const struct line *line, struct fail *why);

/*
 * name: what messages call it.  -1 with FAIL_FILE where it cannot be read, or
 * with what fn said.
 */
int lines_read(
    int fd, const char *name, lines_fn *fn, void *arg, struct fail *why);

#endif
