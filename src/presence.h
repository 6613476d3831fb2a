/*
 * presence: the values that flow through the program.
 *
 * A presence is what a message said of one user; a change is what is printed.
 * Both only point at their texts: they live as long as the message.
 */
#ifndef GCP_PRESENCE_H
#define GCP_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "caps.h"
#include "now.h"
#include "span.h"

enum presence_source {
	PRESENCE_STREAM,
	PRESENCE_SNAPSHOT, /* found by asking: states in between may be missing
			    */
	PRESENCE_REPLAY,
};

struct presence {
	struct span user_id;    /* as the service spells it */
	struct span state;      /* normalised */
	struct span definition; /* presence definition's ID; may be empty */
	int64_t changed_ms;     /* wall time, by the service; or NOW_NONE */
	int64_t received_ms;    /* wall time */
	enum presence_source source;
};

struct change {
	struct span user_id;
	struct span name; /* empty where the user has none */
	struct span state;
	struct span previous_state; /* empty where none was known */
	struct span definition;
	int64_t changed_ms; /* or NOW_NONE */
	int64_t received_ms;
	int64_t previous_for_ms; /* or NOW_NONE */
	enum presence_source source;
	uint64_t coalesced; /* unprinted changes that this one replaces */
	bool is_first;      /* nothing was known of the user */
};

/* "stream", "snapshot" or "replay". */
const char *presence_source_name(enum presence_source source);

/*
 * The socket's spelling of a state: "On Queue", "OnQueue" and "ON_QUEUE" are
 * all ON_QUEUE.  A value that nobody knows passes through by the same rule:
 * upper case, "_" for a space.  The span points into room; it has no value
 * where the state is empty or longer than room.
 */
struct span presence_state(struct span raw, char room[CAP_STATE]);

#endif
