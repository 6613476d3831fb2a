/*
 * world: who exists in the simulated organisation, and in which presence.
 *
 * Owns the users and the presence definitions, and draws the changes.  From
 * one seed come the same users and, asked the same number of times, the same
 * changes; the clock only enters through the times that the caller gives.
 * It knows nothing of connections: the listeners of a user belong to stream.
 */
#ifndef GCP_SIM_WORLD_H
#define GCP_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct listener;
struct world;

/* A presence definition, and the system presence that it stands for. */
struct definition {
	char *id;
	char *state;      /* the socket's spelling: ON_QUEUE */
	char *rest_state; /* REST's: On Queue */
};

struct user {
	char *id;
	char *name;
	char *email;
	const struct definition *definition;
	int64_t modified_ms;
	uint64_t order;           /* where bulk answers put the user */
	char *missing_permission; /* topics are rejected where not NULL */
	bool forgotten;           /* REST does not know the user any more */
	/* Owned by stream. */
	struct listener **listeners;
	size_t listener_count;
	size_t listener_room;
	size_t audience; /* how many of them have an open connection */
};

/* What is told of a user: a change, or a message that changes nothing. */
struct event {
	const struct user *user;
	const struct definition *definition;
	int64_t modified_ms;
	bool changed;
	bool primary; /* false: of a source that is not the user's first */
};

struct world_options {
	size_t users;
	uint64_t seed;
	const char *initial; /* a state, or "random" */
	bool strict;         /* nobody is adopted */
	double unchanged;    /* share of messages that change nothing */
};

struct world *world_new(const struct world_options *options, int64_t wall_ms);
void world_free(struct world *world);

size_t world_count(const struct world *world);
struct user *world_user(const struct world *world, size_t i);

/*
 * A user by ID; UUIDs are compared without case.  world_meet() adopts an
 * unknown one, unless the world is strict or the ID could not be one.
 */
struct user *world_find(const struct world *world, struct span id);
struct user *world_meet(struct world *world, struct span id, int64_t wall_ms);

/* The next scheduled event, applied; false where nobody exists. */
bool world_step(struct world *world, int64_t wall_ms, struct event *ret_event);

/*
 * One change on demand, applied.  state is one that
 * presence_state() can read.  definition may have no value; then it is the
 * state's first one.  What is unknown is taken in.
 */
void world_change(struct world *world, struct user *user, struct span state,
    struct span definition, int64_t wall_ms, struct event *ret_event);

/* The same state told anew. */
void world_repeat(struct world *world, struct user *user, int64_t wall_ms,
    struct event *ret_event);

/* The next changes keep the time of the user's last one. */
void world_freeze_time(struct world *world, uint64_t changes);

/* Whether a text names one of the ten states, in any spelling. */
bool world_knows_state(struct span state);

#endif
