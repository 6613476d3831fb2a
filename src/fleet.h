/*
 * fleet: the feeds of all shards.
 *
 * Starts a feed for each shard of the plan as it grows, and stops them all.
 */
#ifndef GCP_FLEET_H
#define GCP_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed_handler;
struct feed_options;
struct fleet;
struct link_env;

/* Borrows env and handler; copies options. */
struct fleet *fleet_new(struct link_env *env,
    const struct feed_options *options, const struct feed_handler *handler,
    void *arg);
void fleet_free(struct fleet *fleet);

/*
 * Makes feeds for the shards that have none, at least "least" of them, and
 * tells the others of new users.
 */
void fleet_grow(struct fleet *fleet, size_t least);

/* Drops all feeds at once. */
void fleet_clear(struct fleet *fleet);

/* Each feed's link will be of no use in life_ms: see feed_replace(). */
void fleet_replace(struct fleet *fleet, int64_t life_ms, const char *why);

/* The process was suspended from then on; wall time. */
void fleet_resume(struct fleet *fleet, int64_t suspended_ms);

/* Within 3 s fleet_has_stopped(). */
void fleet_stop(struct fleet *fleet);

/* Feeds that stream now. */
size_t fleet_streaming(const struct fleet *fleet);

bool fleet_has_stopped(const struct fleet *fleet);

#endif
