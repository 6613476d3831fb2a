/*
 * link: one connection of the stream, from nothing to live to its end.
 *
 * A link belongs to one shard of the plan.  It gets ready, connects,
 * subscribes the shard's users, hands on presences, and ends exactly once; it
 * never tries again, that is the feed's.  What differs between the wire
 * protocols sits behind struct protocol.
 */
#ifndef GCP_LINK_H
#define GCP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caps.h"
#include "span.h"
#include "stats.h"

struct api;
struct audit;
struct census;
struct decode;
struct decoded;
struct fail;
struct link;
struct loop;
struct plan;
struct presence;
struct protocol;
struct token;
struct url;
struct wsocks;

/* Something on the service that outlives a connection: a channel. */
struct channel {
	char *id;
	char *uri;          /* a secret: whoever has it can read the stream */
	int64_t expires_ms; /* monotonic */
};

/* What all links share; they borrow it. */
struct link_env {
	struct loop *loop;
	struct api *api;
	struct token *token;
	struct wsocks *wsocks;
	struct decode *decode;
	struct audit *audit;
	struct stats *stats;
	const struct plan *plan;
	const struct protocol *protocol;
	/* The api host; a socket's host is judged by it. */
	const struct url *api_url;
	/* The region's domain, or NULL where --api-url was given. */
	const char *domain;
	int64_t ping_interval_ms;
	int64_t ping_timeout_ms;
	size_t sends_per_minute;
	/* Connections that may be, and that there are now. */
	size_t links_max;
	size_t links;
	/* Looks at what follows before a channel is made. */
	struct census *census;
	/*
	 * Channels that we hold, and when those that we gave back expire
	 * (monotonic), since the service goes on counting them.
	 */
	size_t channels;
	int64_t given_back[CAP_GIVEN_BACK];
};

struct link_handler {
	/* Everything up to the socket works, but no user is subscribed yet. */
	void (*on_open)(void *arg);
	/* These users of the shard are streamed from now on. */
	void (*on_subscribed)(void *arg, const struct span *ids, size_t count);
	/* This user is refused, and why is said and audited. */
	void (*on_rejected)(void *arg, struct span id, const char *why);
	/* All users of the shard have been asked for. */
	void (*on_live)(void *arg);
	void (*on_presence)(void *arg, const struct presence *presence);
	/* A message that gives no presence: see enum decode_kind. */
	void (*on_skipped)(void *arg, const struct decoded *decoded);
	void (*on_too_large)(void *arg, const char *why);
	/*
	 * The end, once.  FAIL_NONE: we closed it.  The link may be freed
	 * here.
	 */
	void (*on_end)(void *arg, const struct fail *why);
};

/* What a wire protocol does in its own way; state is its own, zeroed. */
struct protocol {
	const char *name;
	bool has_snapshot; /* presence can be asked for */
	size_t users_max;  /* of a connection, by the service */
	size_t state_size;
	/*
	 * Leads to link_connect() or link_fail().  channel: one to go on
	 * with, the protocol's to keep, or NULL.
	 */
	void (*prepare)(
	    struct link *link, void *state, struct channel *channel);
	/* Leads to link_subscribed() or link_fail(); the IDs die with it. */
	void (*subscribe)(struct link *link, void *state,
	    const struct span *ids, size_t count);
	/*
	 * Users have left the shard; leads to link_subscribed() too.  NULL:
	 * what comes of them is dropped.
	 */
	void (*unsubscribe)(struct link *link, void *state);
	void (*decode)(
	    struct decode *decode, struct span text, struct decoded *ret);
	/* Gives back what was taken; leads to link_released().  NULL: nothing.
	 */
	void (*release)(struct link *link, void *state);
	/* The channel, to go on with another time, the caller's then. */
	struct channel *(*keep)(void *state);
	/* Drops the state; calls under way are cancelled. */
	void (*done)(void *state);
	/* What a refusal of the socket's handshake means; NULL: try again. */
	void (*refused)(
	    struct link *link, void *state, int http_status, struct fail *why);
};

/*
 * number: of the link, for logs.  channel: one to go on with, taken over, or
 * NULL.  handler is borrowed for good.
 */
struct link *link_new(struct link_env *env, size_t shard, unsigned int number,
    struct channel *channel, const struct link_handler *handler, void *arg);
/* At once and without on_end. */
void link_free(struct link *link);

/* The shard has other users than before. */
void link_refresh(struct link *link);

/* A polite end: on_end comes within 3 s. */
void link_close(struct link *link);

/* Takes the channel off the link, so that another can go on; or NULL. */
struct channel *link_keep_channel(struct link *link);
/* A channel of the service's, which owns both from now on; no log has them. */
struct channel *channel_take(char *id, char *uri);
/* A channel that nobody goes on with; NULL is allowed. */
void channel_drop(struct channel *channel, struct link_env *env);

/* The last that was heard of the service; wall time, or NOW_NONE. */
int64_t link_heard_ms(const struct link *link);
/* Whether something was heard of it at that time or later; monotonic. */
bool link_heard_since(const struct link *link, int64_t since_ms);

/* Why it ended; STATS_LOST where nobody said. */
enum stats_end link_end_cause(const struct link *link);

/* When its channel expires; monotonic, or INT64_MAX. */
int64_t link_expires_ms(const struct link *link);

/* Asks the other side for a sign of life now. */
void link_probe(struct link *link);

/* For the protocols. */
struct link_env *link_env(const struct link *link);
size_t link_shard(const struct link *link);
unsigned int link_number(const struct link *link);
void link_set_expiry(struct link *link, int64_t expires_ms);
/* silence_ms: see wsock_open(). */
void link_connect(struct link *link, const char *url, int64_t silence_ms);
void link_send(struct link *link, struct span text);
/* The service streams these users; the others it refuses one by one. */
void link_accepted(struct link *link, const struct span *ids, size_t count);
void link_rejected(struct link *link, struct span id, const char *why);
/* What subscribe() or unsubscribe() began is done. */
void link_subscribed(struct link *link);
void link_released(struct link *link);
void link_fail(struct link *link, const struct fail *why);
/* Whether a message came since this was asked last. */
bool link_heard(struct link *link);

#endif
