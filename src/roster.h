/*
 * roster: from IDs as people give them to users that are watched.
 *
 * Checks each ID, tells of bad ones by where they stand, and adds the good
 * ones to the plan and the delta cache.  Until the wire protocol is known (it
 * rules what an ID may look like) the IDs wait here.
 */
#ifndef GCP_ROSTER_H
#define GCP_ROSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

struct delta;
struct fail;
struct plan;
struct roster;
struct shard;

/*
 * strict: a bad ID is a failure.  shard: whose users are ours; others' are
 * passed over.  Borrows everything.
 */
struct roster *roster_new(struct plan *plan, struct delta *delta, bool strict,
    const struct shard *shard);
void roster_free(struct roster *roster);

/*
 * One user; where: "team.yaml:12:5", for messages.  0, or -1 with FAIL_DATA
 * where the ID is bad and that matters.
 */
int roster_add(struct roster *roster, struct span id, struct span name,
    const char *where, struct fail *why);

/* With --strict: -1 as roster_add() where the ID is bad; adds nobody. */
int roster_check(const struct roster *roster, struct span id, const char *where,
    struct fail *why);

/* The user is not to be watched any more; false who is not. */
bool roster_drop(struct roster *roster, struct span id);

/* A line that holds no ID at all counts as a bad one. */
int roster_refuse(struct roster *roster, const char *where,
    const struct fail *bad, struct fail *why);

/*
 * The protocol is known: only UUIDs, or any IDs.  Those that waited are added;
 * -1 as roster_add().
 */
int roster_decide(struct roster *roster, bool only_uuids, struct fail *why);

/* From now on users beyond so many are bad ones. */
void roster_limit(struct roster *roster, size_t capacity);

/* Users that are good or wait, bad lines, and users of other shards. */
size_t roster_count(const struct roster *roster);
size_t roster_bad(const struct roster *roster);
size_t roster_elsewhere(const struct roster *roster);

#endif
