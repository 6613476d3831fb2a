/*
 * plan: which user goes on which connection.
 *
 * A plan is a set of user IDs cut into shards of at most "per_shard" users.
 * An ID is in it at most once, goes to the first shard that has room, and
 * stays there until it is removed.  The plan owns copies of its IDs; it knows
 * nothing of tokens, sockets or time.  Before plan_cut() all are in one shard,
 * since how many users fit on a connection depends on the wire protocol.
 */
#ifndef GCP_PLAN_H
#define GCP_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

struct plan;

struct plan *plan_new(void);
void plan_free(struct plan *plan);

/* False where the ID is there already. */
bool plan_add(struct plan *plan, struct span id);

/* False where it is not there; else the shard that it leaves. */
bool plan_remove(struct plan *plan, struct span id, size_t *ret_shard);

size_t plan_count(const struct plan *plan);

/* Once: shards of at most per_shard users, in order of arrival. */
void plan_cut(struct plan *plan, size_t per_shard);

/* How many shards there are; some may be empty after removals. */
size_t plan_shards(const struct plan *plan);

/* The users of a shard.  A span is valid until the user is removed. */
size_t plan_shard_count(const struct plan *plan, size_t shard);
struct span plan_user(const struct plan *plan, size_t shard, size_t i);

/* Whether the ID is in that shard. */
bool plan_has(const struct plan *plan, size_t shard, struct span id);

#endif
