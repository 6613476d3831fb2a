/*
 * wire: presence messages as the two protocols write them, whole and broken.
 */
#ifndef GCP_SIM_WIRE_H
#define GCP_SIM_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "socket.h"
#include "span.h"

struct event;

/* How a message is broken on purpose. */
enum wire_fault {
	WIRE_NOT_JSON,
	WIRE_TRUNCATED,
	WIRE_EMPTY,
	WIRE_ARRAY,
	WIRE_NESTED,
	WIRE_BAD_UTF8,
	WIRE_NUL,
	WIRE_BINARY,
	WIRE_NO_TOPIC,
	WIRE_WRONG_TYPES,
	WIRE_UNKNOWN_TOPIC,
};

/* -1 where there is no such fault; names gives all, for messages. */
int wire_fault_find(struct span name, enum wire_fault *ret_fault);
void wire_fault_names(struct buf *out);

/*
 * Adds the message of an event.  serial is different for each event; it only
 * goes into the correlation ID.
 */
void wire_put(struct buf *out, enum protocol protocol,
    const struct event *event, bool with_time, uint64_t serial);

/* Adds a broken version of a good message, and says how to send it. */
void wire_put_broken(struct buf *out, enum protocol protocol,
    const struct event *event, struct span good, enum wire_fault fault,
    struct socket_shape *shape);

#endif
