/*
 * events: the tutorial's socket as a protocol of links.
 *
 * wss://{api host}/api/v2/analytics/events?token=..., one JSON message for
 * each subscription, nothing in answer.  No official document of Genesys names
 * it: gateways and the simulator speak it.
 */
#ifndef GCP_EVENTS_H
#define GCP_EVENTS_H

#include <stdbool.h>

#include "span.h"

struct buf;
struct fail;

extern const struct protocol events_protocol;

/*
 * Adds a subscription: {"type":"subscribe","eventTypes":["presence"],
 * "filters":{"userId":[...]}}.
 */
void events_put_subscription(
    struct buf *buf, const struct span *ids, size_t count);

/*
 * Whether a text is a subscription by the tutorial's schema: type, eventTypes
 * of "presence" only, and users, at least one, each a string.  -1 with
 * FAIL_INTERNAL where not.
 */
int events_check_subscription(struct span text, struct fail *why);

#endif
