/*
 * feed: keeps one shard streaming.
 *
 * A feed owns the link of its shard.  When it ends, the feed makes another
 * one, with exponential backoff and full jitter, until the tries in a row are
 * used up.  When its end can be foreseen (its token or its channel expires,
 * the service is about to close it), the feed has another one stream before it
 * lets go of the first.  What was missed is fetched by a snapshot, where the
 * protocol has one, and from when to when nothing was seen is said.
 */
#ifndef GCP_FEED_H
#define GCP_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct decoded;
struct fail;
struct feed;
struct link_env;
struct presence;
struct sight_gap;

struct feed_options {
	int64_t retry_base_ms;
	int64_t retry_max_ms;
	unsigned int max_retries; /* in a row; 0: no end */
	uint64_t seed;            /* of the jitter */
};

struct feed_handler {
	/* The feed's link got to its socket for the first time. */
	void (*on_open)(void *arg);
	void (*on_presence)(void *arg, const struct presence *presence);
	/* A message, or a row, that gives no presence. */
	void (*on_skipped)(void *arg, const struct decoded *decoded);
	void (*on_too_large)(void *arg, const char *why);
	void (*on_subscribed)(void *arg, const struct span *ids, size_t count);
	void (*on_rejected)(void *arg, struct span id, const char *why);
	/* A gap is over; it is logged and audited. */
	void (*on_gap)(void *arg, const struct sight_gap *gap);
	/* It cannot go on: the program ends. */
	void (*on_failed)(void *arg, const struct fail *why);
};

/* Borrows env and handler for good, copies options. */
struct feed *feed_new(struct link_env *env, size_t shard,
    const struct feed_options *options, const struct feed_handler *handler,
    void *arg);
void feed_free(struct feed *feed);

/* The shard has other users than before. */
void feed_refresh(struct feed *feed);

/*
 * The link will be of no use in life_ms: another one takes its place before.
 * why: "the token was renewed".
 */
void feed_replace(struct feed *feed, int64_t life_ms, const char *why);

/* The process was suspended from then on (wall time): look what was missed. */
void feed_resume(struct feed *feed, int64_t suspended_ms);

/* A polite end: within 3 s feed_has_stopped(). */
void feed_stop(struct feed *feed);

bool feed_is_streaming(const struct feed *feed);
/* It has stopped, or failed. */
bool feed_has_stopped(const struct feed *feed);

#endif
