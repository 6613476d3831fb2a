/*
 * keeper: sees to it that the state on disk follows the delta cache.
 *
 * Within a second of a change, but never ahead of the output: a line is
 * written to standard output before the state says so.
 */
#ifndef GCP_KEEPER_H
#define GCP_KEEPER_H

#include <stdbool.h>

struct delta;
struct fail;
struct keeper;
struct loop;
struct output;
struct printer;

/*
 * Opens the file, see state_open(), and restores the cache from it.  Borrows
 * everything.
 */
struct keeper *keeper_new(struct loop *loop, const char *file,
    struct delta *delta, struct printer *printer, struct output *output,
    struct fail *why);
void keeper_free(struct keeper *keeper);

/* The cache has changed. */
void keeper_note(struct keeper *keeper);

/*
 * For the end, when all output is written: begins the last save.  Then
 * keeper_is_done() says whether it is over; the loop turns when it is.
 */
void keeper_finish(struct keeper *keeper);
bool keeper_is_done(struct keeper *keeper);

/* Whether the last save failed; FAIL_OUTPUT. */
bool keeper_failed(struct keeper *keeper, struct fail *why);

#endif
