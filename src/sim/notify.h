/*
 * notify: what is said on a channel's socket besides events.
 */
#ifndef GCP_SIM_NOTIFY_H
#define GCP_SIM_NOTIFY_H

#include <stdbool.h>

#include "span.h"

struct channel;
struct sim;
struct socket;

void notify_heartbeat(struct socket *socket);

/* The socket will be closed soon. */
void notify_closing(struct socket *socket, const char *channel_id);

/* Another channel took this one's place. */
void notify_displaced(
    struct socket *socket, const char *channel_id, const char *client_id);

/*
 * Answers a message of the client: a ping (unless answers_ping is false), or
 * a change of the channel's topics.
 */
void notify_read(struct sim *sim, struct channel *channel,
    struct socket *socket, struct span text, bool answers_ping);

#endif
