/*
 * input: a descriptor -> lines, while the loop runs.
 *
 * A thread does the read(), which may block for days; it changes no flag of
 * the descriptor, which other processes share, and owns no other state.  Lines
 * are cut on the loop's thread, and the reader waits while the loop is behind.
 */
#ifndef GCP_INPUT_H
#define GCP_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

struct fail;
struct input;
struct loop;

/*
 * One line without its newline; number counts from 1.  A line that is too long
 * is cut to one byte more than what is allowed.
 */
typedef void input_line_fn(void *arg, struct span line, size_t number);

/* The lines that have come so far were all told. */
typedef void input_block_fn(void *arg);

/* The end: why is NULL, or says why reading failed (FAIL_FILE). */
typedef void input_end_fn(void *arg, const struct fail *why);

struct input_handler {
	input_line_fn *on_line;
	input_block_fn *on_block;
	input_end_fn *on_end;
};

/*
 * Borrows fd.  name: what messages call it, borrowed.  max_line: bytes.  NULL
 * with FAIL_INTERNAL where no thread can be made.
 */
struct input *input_new(struct loop *loop, int fd, const char *name,
    size_t max_line, const struct input_handler *handler, void *arg,
    struct fail *why);
void input_free(struct input *input);

/*
 * What has been read and is not told: the next line, or a part of it, and what
 * follows.  Valid until on_block.
 */
struct span input_ahead(const struct input *input);

/*
 * Tells no more lines, from the next on, until it is told to go on.  May be
 * called from on_line.
 */
void input_pause(struct input *input, bool pause);

#endif
