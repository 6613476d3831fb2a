/*
 * delta: the cache of every watched user's last presence.
 *
 * It alone decides what is a change.  It owns copies of IDs, names, states and
 * definitions; it knows nothing of clocks, sockets or formats.  The memory is
 * bounded by the users that were added and by CAP_PRESENCES different pairs of
 * state and definition.
 */
#ifndef GCP_DELTA_H
#define GCP_DELTA_H

#include <stdbool.h>
#include <stddef.h>

#include "presence.h"

enum delta_verdict {
	DELTA_CHANGE,
	DELTA_UNCHANGED, /* the same state and definition, told anew */
	DELTA_REPEAT,    /* a message that was seen before */
	DELTA_STALE,     /* older than what is known */
	DELTA_STRANGER,  /* a user that is not watched */
	DELTA_TOO_MANY,  /* more different presences than CAP_PRESENCES */
};

struct delta;
struct shard;
struct states;

struct delta *delta_new(void);
void delta_free(struct delta *delta);

/*
 * From now on whoever a presence is of is watched, if of this shard; borrowed
 * for good.
 */
void delta_watch_all(struct delta *delta, const struct shard *shard);

/*
 * Counts the watched users that are in one of these states, as far as the
 * service has said so in this run; borrowed for good.
 */
void delta_set_target(struct delta *delta, const struct states *target);
size_t delta_on_target(const struct delta *delta);

/*
 * Watches a user; name may be empty.  False where the user was watched
 * already: the first name stays.
 */
bool delta_add(struct delta *delta, struct span id, struct span name);
/* Forgets a user, and what was known. */
bool delta_remove(struct delta *delta, struct span id);
/* Users that are watched. */
size_t delta_count(const struct delta *delta);

/*
 * Remembers a user's last change from an earlier run, whether the user is
 * watched or will be later.  The first word that the service says of the user
 * then counts, however old it is.
 */
void delta_restore(struct delta *delta, const struct change *change);

/*
 * The run that remembered was killed, and its last word on any user may not be
 * the last that it printed.  A user that is in the remembered state, but since
 * another time, has been elsewhere: the first presence of this run is then a
 * change, of which no previous state is known.
 */
void delta_doubt(struct delta *delta);
/* Whether the service has said nothing yet of a user that is in doubt. */
bool delta_is_in_doubt(const struct delta *delta);

/*
 * The last change of each user that has one, of this run or remembered: start
 * with *cursor 0; false at the end.  Texts are valid until the delta changes.
 */
bool delta_next(const struct delta *delta, size_t *cursor,
    struct change *ret_change, bool *ret_watched);

/*
 * The presence behind the next one is likely to be this user's: what is known
 * of both is fetched meanwhile.  The ID stays where it is until that presence
 * is applied, or until nothing is expected (no ID, twice).
 */
void delta_expect(struct delta *delta, struct span id);

/*
 * Takes in one presence.  ret_change is filled where the verdict is
 * DELTA_CHANGE; its texts are valid until the next call.
 *
 * Per user, time only goes forward: what is older than the newest message is
 * stale, and what was seen at the same time is a repeat.  A message without a
 * time counts as just happened.  A time more than five minutes ahead of
 * received_ms does not lock out what comes after it.
 */
enum delta_verdict delta_apply(struct delta *delta,
    const struct presence *presence, struct change *ret_change);

#endif
