/*
 * outbox: text messages that wait to be sent on one WebSocket.
 */
#ifndef GCP_OUTBOX_H
#define GCP_OUTBOX_H

#include <stdbool.h>

#include "span.h"

struct lws;
struct outbox;

struct outbox *outbox_new(void);
void outbox_free(struct outbox *outbox);

/* Copies the text. */
void outbox_add(struct outbox *outbox, struct span text);
bool outbox_is_empty(const struct outbox *outbox);

/* Sends the first one, when the socket is writable.  -1: the socket is dead. */
int outbox_send(struct outbox *outbox, struct lws *wsi);

#endif
