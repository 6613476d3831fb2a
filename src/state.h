/*
 * state: the delta cache on disk, across runs.
 *
 * What is in the file is statefile's.  It is replaced atomically (write, fsync,
 * rename, fsync of the folder) by a thread of its own, and locked against a
 * second process by a file beside it, FILE.lock.  That file also tells, by not
 * being empty, that a run was killed before it had saved all.
 */
#ifndef GCP_STATE_H
#define GCP_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "statefile.h"

struct buf;
struct fail;
struct loop;
struct state;

/* The thread has written, or failed to. */
typedef void state_done_fn(void *arg);

/*
 * Locks and reads the file; one that is not there is an empty one.  NULL with
 * FAIL_LOCKED where another process has it; FAIL_DATA where it is damaged or
 * of another version, and then it is left as it is; FAIL_FILE where it cannot
 * be read; FAIL_OUTPUT where its folder cannot be written to.
 */
struct state *state_open(struct loop *loop, const char *file,
    statefile_change_fn *on_change, state_done_fn *on_done, void *arg,
    struct fail *why);
/* Whether the run before this one was killed before it had saved all. */
bool state_is_doubtful(const struct state *state);
/* There is something to save from now on, until it is complete. */
void state_begin(struct state *state);
void state_complete(struct state *state);
/* Waits for a write that is under way. */
void state_free(struct state *state);

/*
 * Begins to replace the content: whole lines, swapped out of the buffer, which
 * gets another one.  Only while it is not busy.
 */
void state_save(struct state *state, struct buf *lines, size_t count);
bool state_is_busy(struct state *state);

/* Whether the last save failed; FAIL_OUTPUT. */
bool state_failed(struct state *state, struct fail *why);

#endif
