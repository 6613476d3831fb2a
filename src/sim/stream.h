/*
 * stream: events on their way to the sockets.
 *
 * Owns the sockets and the audience.  The faults that concern events are
 * counted and played here.
 */
#ifndef GCP_SIM_STREAM_H
#define GCP_SIM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "socket.h"
#include "wire.h"

struct audience;
struct conn;
struct event;
struct sim;
struct stream;

/* What the next events suffer; each counts down. */
struct stream_faults {
	uint64_t lose;
	uint64_t duplicate;
	uint64_t reorder;
	uint64_t no_time;
	uint64_t fragment;
	size_t fragment_bytes;
	uint64_t malform; /* a bad message in front */
	enum wire_fault malform_kind;
	uint64_t mangle; /* the event itself is bad */
	enum wire_fault mangle_kind;
};

struct stream *stream_new(struct sim *sim);
void stream_free(struct stream *stream);

/* A connection that was upgraded becomes a socket. */
struct socket *stream_open(
    struct stream *stream, struct conn *conn, enum protocol protocol);

size_t stream_count(const struct stream *stream);
struct socket *stream_socket(const struct stream *stream, size_t i);

/* Users that a socket is subscribed to. */
size_t stream_users_of(
    const struct stream *stream, const struct socket *socket);

/* All who listen; new listeners join it. */
struct audience *stream_audience(const struct stream *stream);

/* Whether somebody listens and nobody is behind, for --rate max. */
bool stream_has_room(const struct stream *stream);

/* Sends an event to all who listen, and journals it. */
void stream_publish(struct stream *stream, const struct event *event);

/* Changes so far, and all events: also those of other sources. */
uint64_t stream_changes(const struct stream *stream);
uint64_t stream_events(const struct stream *stream);

struct stream_faults *stream_faults(struct stream *stream);

/* Nothing is sent on any socket for this long. */
void stream_stall(struct stream *stream, int64_t ms);

/* Nothing is sent or read on the present sockets for good. */
void stream_freeze(struct stream *stream);

void stream_answer_pings(struct stream *stream, bool answer);

#endif
