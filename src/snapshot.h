/*
 * snapshot: the present presence of users, by asking.
 *
 * GET /api/v2/users/presences/purecloud/bulk, at most 50 users a call, a few
 * calls at once.  A call that fails for now is repeated, and the others go on
 * meanwhile.
 *
 * What the stream says of a user while the call for that user is under way is
 * held until the answer has been taken in, so that it comes out in order: what
 * is older than the answer before it, what is newer behind it.
 */
#ifndef GCP_SNAPSHOT_H
#define GCP_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "backoff.h"
#include "span.h"

struct api;
struct audit;
struct decode;
struct decoded;
struct fail;
struct loop;
struct presence;
struct snapshot;

struct snapshot_handler {
	/* One row, or what was held: received_ms and source are set. */
	void (*on_presence)(void *arg, const struct presence *presence);
	/*
	 * The service said nothing of this user; why: NULL, or what it has
	 * against the call, which is logged.
	 */
	void (*on_missing)(void *arg, struct span id, const struct fail *why);
	void (*on_skipped)(void *arg, const struct decoded *decoded);
	/* All that was asked for has been answered. */
	void (*on_done)(void *arg);
	/* The token is refused for good, or the retries are used up. */
	void (*on_refused)(void *arg, const struct fail *why);
};

/*
 * Borrows everything; backoff is copied.  max_retries: how often in a row
 * one call may fail; 0: no end.
 */
struct snapshot *snapshot_new(struct loop *loop, struct api *api,
    struct decode *decode, struct audit *audit, const struct backoff *backoff,
    unsigned int max_retries, const struct snapshot_handler *handler,
    void *arg);
void snapshot_free(struct snapshot *snapshot);

/* Asks for users; the IDs are copied. */
void snapshot_ask(
    struct snapshot *snapshot, const struct span *ids, size_t count);

/*
 * Takes a presence of the stream; true where it is held, and comes out of
 * on_presence later.
 */
bool snapshot_hold(struct snapshot *snapshot, const struct presence *presence);

/* Forgets all that was asked and not answered yet; what is held comes out. */
void snapshot_cancel(struct snapshot *snapshot);

#endif
