/*
 * sight: what is seen of the users of one shard, and what is missed.
 *
 * It hands on what the stream says, knows from when to when nothing was seen,
 * tells of each such gap (log, audit, statistics, on_gap), and fills it by a
 * snapshot, where the protocol has one.  It knows nothing of connections: a
 * feed tells it when the stream is lost and regained.
 */
#ifndef GCP_SIGHT_H
#define GCP_SIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct backoff;
struct decoded;
struct fail;
struct link_env;
struct presence;
struct sight;

/* An interval in which nothing was seen of some users; wall times. */
struct sight_gap {
	int64_t from_ms;
	int64_t to_ms;
	size_t users;
	const char *cause;
};

struct sight_handler {
	/* In order for each user; of the stream, or of a snapshot. */
	void (*on_presence)(void *arg, const struct presence *presence);
	/* A row of a snapshot that gives no presence. */
	void (*on_skipped)(void *arg, const struct decoded *decoded);
	/* A gap is over; it is logged and audited. */
	void (*on_gap)(void *arg, const struct sight_gap *gap);
	/* The token is refused for good, as a snapshot found. */
	void (*on_refused)(void *arg, const struct fail *why);
};

/* Borrows env and handler for good; the backoff of snapshots is copied. */
struct sight *sight_new(struct link_env *env, size_t shard,
    const struct backoff *backoff, const struct sight_handler *handler,
    void *arg);
void sight_free(struct sight *sight);

/* The stream says. */
void sight_take(struct sight *sight, const struct presence *presence);

/* Asks for these users; the service refuses that one. */
void sight_ask(struct sight *sight, const struct span *ids, size_t count);
void sight_reject(struct sight *sight, struct span id);

/*
 * Nothing was seen since heard_ms (wall time; NOW_NONE: since now), until
 * sight_regain().  all: users were subscribed without being asked for.
 */
void sight_lose(struct sight *sight, int64_t heard_ms, const char *why);
void sight_regain(struct sight *sight, bool all);

/*
 * The link that was heard last at heard_ms got lost when another one streamed
 * already, since since_ms (monotonic): makes up for what lies between.
 */
void sight_bridge(
    struct sight *sight, int64_t heard_ms, int64_t since_ms, const char *why);

/* Nothing was seen from then until now. */
void sight_miss(struct sight *sight, int64_t from_ms, const char *cause);

/*
 * A message of this user could not be read; an id without a value: of any
 * user.  Makes up for it soon.
 */
void sight_suspect(struct sight *sight, struct span id);

/* Asks for nobody any more; what was held of the stream comes out. */
void sight_cancel(struct sight *sight);
/* The same for good, before the end; gaps that last until then are told. */
void sight_stop(struct sight *sight);

#endif
