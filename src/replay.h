/*
 * replay: recorded messages in place of a connection.
 *
 * One message a line, in either wire shape, or in the envelope of Amazon
 * EventBridge.  Reading waits for a slow output: nothing is coalesced.
 */
#ifndef GCP_REPLAY_H
#define GCP_REPLAY_H

#include <stdbool.h>

struct fail;
struct loop;
struct replay;
struct sink;

struct replay_handler {
	/* After each presence: whether to go on. */
	bool (*goes_on)(void *arg);
	/* why: NULL at the end of the file. */
	void (*on_done)(void *arg, const struct fail *why);
};

/*
 * file: "-" is standard input.  strict: a line that is no message is a
 * failure, else it is told and skipped.  Borrows everything.  NULL with
 * FAIL_FILE where it cannot be opened.
 */
struct replay *replay_new(struct loop *loop, const char *file, bool strict,
    struct sink *sink, const struct replay_handler *handler, void *arg,
    struct fail *why);
void replay_free(struct replay *replay);

/* There may be room in the output again. */
void replay_resume(struct replay *replay);

#endif
