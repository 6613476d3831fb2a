/*
 * events: the load of the bench, the same events for whoever is measured.
 *
 * Made from numbers alone: event i of so many users is the same in the
 * recording, on the wire and in the list of expected changes.
 */
#ifndef GCP_BENCH_EVENTS_H
#define GCP_BENCH_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One message, an ID, a state: with the NUL. */
#define EVENTS_TEXT 512
#define EVENTS_ID   37

enum events_shape {
	EVENTS_TUTORIAL,
	EVENTS_NOTIFICATIONS
};

struct events {
	enum events_shape shape;
	size_t users;
	int64_t first_ms;       /* time of the first event; one each ms */
	unsigned int unchanged; /* events of a hundred that repeat the state */
	bool in_turn;           /* each user's first event first */
	uint64_t state;         /* of the random numbers */
	uint8_t *states;        /* of the users; 0: none yet */
	size_t done;
};

struct event {
	size_t user;
	size_t state;
	bool changed;
	int64_t time_ms;
};

/* Begins anew; last: how many there will be, and the last one is a change. */
void events_start(struct events *events);
void events_next(struct events *events, bool last, struct event *ret);

void events_id(size_t user, char id[EVENTS_ID]);
/* The socket's spelling. */
const char *events_state(size_t state);
/* The message; returns its length. */
size_t events_text(const struct events *events, const struct event *event,
    char text[EVENTS_TEXT]);

#endif
