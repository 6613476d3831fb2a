/*
 * channel: the channels of the Notifications API and their sockets.
 *
 * Keeps the limits: so many channels, the least recently used gives way, an
 * unconnected one first; so many topics; one socket each; a life.
 */
#ifndef GCP_SIM_CHANNEL_H
#define GCP_SIM_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct buf;
struct channel;
struct channels;
struct conn;
struct sim;
struct socket;
struct token;
struct topiclist;
struct user;

/* What became of one topic of a request. */
struct topic_verdict {
	struct user *user;              /* NULL where none is concerned */
	const char *reason;             /* NULL: permitted */
	const char *missing_permission; /* or NULL */
};

struct channels *channels_new(struct sim *sim);
void channels_free(struct channels *channels);

size_t channels_count(const struct channels *channels);
struct channel *channels_get(const struct channels *channels, size_t i);

/* By ID; NULL where it does not exist (any more). */
struct channel *channels_find(const struct channels *channels, struct span id);

/* A new one for a token; evicts another where there are too many. */
struct channel *channels_open(
    struct channels *channels, const struct token *token);

const char *channel_id(const struct channel *channel);
uint64_t channel_token(const struct channel *channel);
int64_t channel_expires_wall_ms(const struct channel *channel);
bool channel_is_connected(const struct channel *channel);

/* Marks it as used, for the choice of whom to evict. */
void channel_touch(struct channel *channel);

/* Change it, and then say channel_subscribed(). */
struct topiclist *channel_topics(const struct channel *channel);
struct topic_verdict channel_judge(
    const struct channel *channel, struct span name);
/* Topics have changed: life starts anew, and it is journaled. */
void channel_subscribed(struct channel *channel);

/* A socket for the channel; one that it had is disconnected. */
struct socket *channel_connect(struct channel *channel, struct conn *conn);

/* Directives. */
void channels_expire_all(struct channels *channels);
void channels_displace_all(struct channels *channels);
void channels_announce_closing(struct channels *channels, int64_t after_ms);
void channels_set_heartbeat(struct channels *channels, bool on);
void channels_set_pong(struct channels *channels, bool on);

#endif
