/*
 * output: whole lines to a descriptor, while the loop runs.
 *
 * A thread does the write(), which may block for as long as the reader likes;
 * it changes no flag of the descriptor, which other processes share.  What is
 * not written yet waits in memory, up to a limit.  While there is nothing to
 * write the thread watches for the reader's end.
 */
#ifndef GCP_OUTPUT_H
#define GCP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fail;
struct loop;
struct output;

/*
 * Something that the owner waits for came: a failure, room again after
 * output_add() found none, or nothing left to write after output_is_idle()
 * said that there is.
 */
typedef void output_event_fn(void *arg);

/*
 * name: what error messages call it, borrowed.  max_bytes: what may wait.
 * Borrows fd.  NULL with FAIL_INTERNAL where no thread can be made.
 */
struct output *output_new(struct loop *loop, int fd, const char *name,
    size_t max_bytes, output_event_fn *on_event, void *arg, struct fail *why);

/* Drops what is not written: to keep it, wait for output_is_idle(). */
void output_free(struct output *output);

/*
 * Adds whole lines; false where there is no room for them now.  Where nothing
 * waits there always is.
 */
bool output_add(struct output *output, const char *bytes, size_t len);

/*
 * Whether all is written.  Where not, on_event comes when it is, or when
 * writing failed.
 */
bool output_is_idle(struct output *output);

/* Bytes that were ever added, and those of them that are written. */
uint64_t output_added(struct output *output);
uint64_t output_written(struct output *output);

/* Bytes that wait. */
size_t output_waiting(struct output *output);

/*
 * Whether writing has failed for good: FAIL_READER_GONE where nobody reads any
 * more, else FAIL_OUTPUT.
 */
bool output_failed(struct output *output, struct fail *why);

#endif
