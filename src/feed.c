#include "config.h"

#include "feed.h"

#include <stdlib.h>

#include "decode.h"
#include "fail.h"
#include "link.h"
#include "log.h"
#include "loop.h"
#include "now.h"
#include "plan.h"
#include "presence.h"
#include "retry.h"
#include "rng.h"
#include "sight.h"
#include "stats.h"
#include "token.h"
#include "xalloc.h"

/* How long two links stream side by side before the old one is let go. */
#define OVERLAP_MS 1000
/* Between looks whether there is room for a second link; milliseconds. */
#define ROOM_MS 500
/* A link whose end is foreseen is replaced so long before, if it can be. */
#define AHEAD_MS (10LL * 60 * 1000)
/* What the service gives before it closes a socket, less a margin. */
#define CLOSING_MS  45000
#define CLOSING_WHY "the service closes its socket"

enum feed_state {
	FEED_CONNECTING,
	FEED_STREAMING,
	FEED_WAITING, /* for the next try */
	FEED_STOPPING,
	FEED_STOPPED,
};

/* One link and what is known of it; links come and go, strands stay. */
struct strand {
	struct feed *feed;
	struct link *link; /* or NULL */
	int64_t since_ms;  /* monotonic: live since; 0: it is not */
	bool unasked; /* users were subscribed without a snapshot of them */
	bool closing; /* which was announced while it was the next */
};

struct feed {
	struct link_env *env;
	const struct feed_handler *handler;
	void *arg;
	size_t shard;
	enum feed_state state;
	struct strand strands[3];
	struct strand *now;       /* the one that streams, or is to */
	struct strand *next;      /* its successor */
	struct strand *last;      /* its predecessor, which is being closed */
	struct channel *channel;  /* to go on with, or NULL */
	struct sight *sight;      /* what is seen of the users */
	struct loop_timer *timer; /* the next try */
	struct retry retry;

	struct loop_timer *handover; /* the steps of a replacement */
	struct loop_timer *expiry;   /* of the channel */
	int64_t replace_by_ms;       /* monotonic; 0: there is no need */
	const char *replace_why;
};

static const struct link_handler on_link;
static const struct sight_handler on_sight;
static void on_timer(void *arg);
static void on_handover(void *arg);
static void on_expiry(void *arg);

/* Makes a link on a free strand; there is one. */
static struct strand *
spin(struct feed *feed, struct channel *channel)
{
	struct strand *strand = feed->strands;

	while (strand->link != NULL)
		strand++;
	*strand = (struct strand){ .feed = feed };
	strand->link = link_new(feed->env, feed->shard,
	    (unsigned int)feed->shard + 1, channel, &on_link, strand);
	return strand;
}

static void
cut(struct strand *strand)
{
	if (strand == NULL)
		return;
	link_free(strand->link);
	strand->link = NULL;
}

static void
connect_anew(struct feed *feed)
{
	struct channel *channel = feed->channel;

	feed->state = FEED_CONNECTING;
	feed->channel = NULL;
	feed->now = spin(feed, channel);
}

struct feed *
feed_new(struct link_env *env, size_t shard, const struct feed_options *options,
    const struct feed_handler *handler, void *arg)
{
	struct feed *feed;

	feed = xcalloc(1, sizeof(*feed));
	feed->env = env;
	feed->handler = handler;
	feed->arg = arg;
	feed->shard = shard;
	retry_init(&feed->retry, options->max_retries);
	feed->timer = loop_timer_new(env->loop, on_timer, feed);
	feed->handover = loop_timer_new(env->loop, on_handover, feed);
	feed->expiry = loop_timer_new(env->loop, on_expiry, feed);
	backoff_init(&feed->retry.backoff, options->retry_base_ms,
	    options->retry_max_ms, options->seed + shard);
	feed->sight =
	    sight_new(env, shard, &feed->retry.backoff, &on_sight, feed);
	connect_anew(feed);
	return feed;
}

void
feed_free(struct feed *feed)
{
	size_t i;

	if (feed == NULL)
		return;
	for (i = 0; i < 3; i++)
		cut(&feed->strands[i]);
	channel_drop(feed->channel, feed->env);
	sight_free(feed->sight);
	loop_timer_free(feed->timer);
	loop_timer_free(feed->handover);
	loop_timer_free(feed->expiry);
	free(feed);
}

static void
on_timer(void *arg)
{
	struct feed *feed = arg;

	if (feed->state == FEED_WAITING)
		connect_anew(feed);
}

void
feed_refresh(struct feed *feed)
{
	if (feed->now != NULL)
		link_refresh(feed->now->link);
	if (feed->next != NULL)
		link_refresh(feed->next->link);
}

bool
feed_is_streaming(const struct feed *feed)
{
	return feed->state == FEED_STREAMING;
}

bool
feed_has_stopped(const struct feed *feed)
{
	return feed->state == FEED_STOPPED;
}

/* There is no link any more: another one, now or later, or the end. */
static void
recover(struct feed *feed, const struct fail *end)
{
	struct fail why;
	int64_t delay_ms;

	if (end->kind == FAIL_STALE_CHANNEL) {
		channel_drop(feed->channel, feed->env);
		feed->channel = NULL;
	}
	if (retry_decide(&feed->retry, end, &delay_ms, &why) == -1) {
		feed->state = FEED_STOPPED;
		sight_stop(feed->sight);
		feed->handler->on_failed(feed->arg, &why);
		return;
	}
	feed->state = FEED_WAITING;
	loop_timer_set(feed->timer, delay_ms);
}

/* Replacements: the successor streams before its predecessor is let go. */

static void
stop_replacing(struct feed *feed)
{
	feed->replace_by_ms = 0;
	loop_timer_stop(feed->handover);
}

/* Long enough before its end, and not at the same time as all others. */
static void
foresee_end(struct feed *feed)
{
	int64_t life_ms, ahead_ms, at_ms = link_expires_ms(feed->now->link);

	/* Its socket's end was announced before it had its turn. */
	if (feed->now->closing)
		feed_replace(feed, CLOSING_MS, CLOSING_WHY);
	loop_timer_stop(feed->expiry);
	if (at_ms == INT64_MAX)
		return;
	life_ms = at_ms - now_ms();
	ahead_ms = life_ms / 10 < AHEAD_MS ? life_ms / 10 : AHEAD_MS;
	ahead_ms += (int64_t)rng_below(
	    /* cppcheck-suppress knownConditionTrueFalse; it is not */
	    &feed->retry.backoff.rng, (uint64_t)(ahead_ms > 0 ? ahead_ms : 1));
	loop_timer_set(feed->expiry, life_ms - ahead_ms);
}

static void
on_expiry(void *arg)
{
	struct feed *feed = arg;

	if (feed->now != NULL && feed->now->link != NULL)
		feed_replace(feed, link_expires_ms(feed->now->link) - now_ms(),
		    "its channel expires");
}

/* No second connection is possible: the old one goes first. */
static void
replace_in_place(struct feed *feed)
{
	log_info("feed", "connection %zu is replaced in place: %s",
	    feed->shard + 1, feed->replace_why);
	stop_replacing(feed);
	sight_lose(feed->sight, now_wall_ms(), feed->replace_why);
	feed->state = FEED_CONNECTING;
	link_close(feed->now->link);
}

/* The predecessor may have been dead for a while: it was asked for a sign. */
static void
promote(struct feed *feed)
{
	log_info("feed", "connection %zu was replaced: %s", feed->shard + 1,
	    feed->replace_why);
	stop_replacing(feed);
	cut(feed->last);
	feed->last = feed->now;
	feed->now = feed->next;
	feed->next = NULL;
	if (!link_heard_since(feed->last->link, feed->now->since_ms))
		sight_bridge(feed->sight, link_heard_ms(feed->last->link),
		    feed->now->since_ms,
		    "the old connection gave no sign of life");
	link_close(feed->last->link);
	foresee_end(feed);
}

static void
on_handover(void *arg)
{
	struct feed *feed = arg;
	bool can_wait = now_ms() + OVERLAP_MS < feed->replace_by_ms;

	if (feed->state != FEED_STREAMING || feed->replace_by_ms == 0)
		return;
	if (feed->next != NULL) {
		if (feed->next->since_ms != 0)
			promote(feed);
		return;
	}
	if (feed->env->links < feed->env->links_max)
		feed->next = spin(feed, NULL);
	else if (can_wait &&
	    plan_shards(feed->env->plan) < feed->env->links_max)
		loop_timer_set(feed->handover, ROOM_MS);
	else
		replace_in_place(feed);
}

void
feed_replace(struct feed *feed, int64_t life_ms, const char *why)
{
	if (feed->state != FEED_STREAMING || feed->replace_by_ms != 0)
		return;
	feed->replace_by_ms = now_ms() + life_ms;
	feed->replace_why = why;
	loop_timer_set(feed->handover, 0);
}

/* The successor failed, while its predecessor still streams. */
static void
next_failed(struct feed *feed, const struct fail *why)
{
	int64_t delay_ms;

	feed->next = NULL;
	delay_ms = backoff_next_ms(&feed->retry.backoff, why->retry_after_ms);
	log_notice(NULL,
	    "cannot replace connection %zu yet: %s; trying again in %.1f s",
	    feed->shard + 1, why->text, (double)delay_ms / 1000);
	loop_timer_set(feed->handover, delay_ms);
}

/* The link that streamed, or was to, has ended. */
static void
now_failed(struct feed *feed, const struct strand *strand, int64_t heard_ms,
    enum stats_end cause, struct channel *channel, const struct fail *why)
{
	bool was_live = strand->since_ms != 0;

	feed->now = NULL;
	loop_timer_stop(feed->expiry);
	if (was_live) {
		feed->env->stats
		    ->ended[why->kind == FAIL_NONE ? STATS_REPLACED : cause]++;
		retry_note_life(&feed->retry, now_ms() - strand->since_ms);
	}
	if (feed->next != NULL) {
		/* The successor is there already, or nearly. */
		channel_drop(channel, feed->env);
		feed->now = feed->next;
		feed->next = NULL;
		stop_replacing(feed);
		if (feed->now->since_ms != 0) {
			foresee_end(feed);
			if (cause != STATS_CLOSED)
				sight_bridge(feed->sight, heard_ms,
				    feed->now->since_ms, why->text);
			return;
		}
		feed->state = FEED_CONNECTING;
		sight_lose(feed->sight, heard_ms, why->text);
		return;
	}
	stop_replacing(feed);
	sight_cancel(feed->sight);
	if (was_live)
		sight_lose(feed->sight, heard_ms, why->text);
	channel_drop(feed->channel, feed->env);
	feed->channel = channel;
	recover(feed, why);
}

static void
stop_if_all_ended(struct feed *feed)
{
	size_t i;

	for (i = 0; i < 3; i++)
		if (feed->strands[i].link != NULL)
			return;
	feed->state = FEED_STOPPED;
}

static void
on_end(void *arg, const struct fail *why)
{
	struct strand *strand = arg;
	struct feed *feed = strand->feed;
	struct fail reason = *why;
	struct channel *channel = NULL;
	int64_t heard_ms = link_heard_ms(strand->link);
	enum stats_end cause = link_end_cause(strand->link);

	/* A channel that we have not closed ourselves may be gone on with. */
	if (why->kind != FAIL_NONE && strand == feed->now)
		channel = link_keep_channel(strand->link);
	cut(strand);
	if (feed->state == FEED_STOPPING) {
		channel_drop(channel, feed->env);
		stop_if_all_ended(feed);
	} else if (strand == feed->now) {
		now_failed(feed, strand, heard_ms, cause, channel, &reason);
	} else if (strand == feed->next) {
		next_failed(feed, &reason);
	} else {
		feed->last = NULL;
		feed->env->stats->ended[STATS_REPLACED]++;
	}
}

void
feed_stop(struct feed *feed)
{
	size_t i;

	if (feed->state == FEED_STOPPING || feed->state == FEED_STOPPED)
		return;
	feed->state = FEED_STOPPING;
	stop_replacing(feed);
	loop_timer_stop(feed->timer);
	loop_timer_stop(feed->expiry);
	sight_stop(feed->sight);
	for (i = 0; i < 3; i++)
		if (feed->strands[i].link != NULL)
			link_close(feed->strands[i].link);
	stop_if_all_ended(feed);
}

void
feed_resume(struct feed *feed, int64_t suspended_ms)
{
	if (feed->state != FEED_STREAMING)
		return;
	link_probe(feed->now->link);
	sight_miss(feed->sight, suspended_ms, "the process was suspended");
}

/* What links say. */

static void
on_open(void *arg)
{
	struct strand *strand = arg;
	struct feed *feed = strand->feed;

	if (retry_note_open(&feed->retry))
		feed->handler->on_open(feed->arg);
}

static void
on_live(void *arg)
{
	struct strand *strand = arg;
	struct feed *feed = strand->feed;

	/* More users were subscribed: nothing new. */
	if (strand->since_ms != 0)
		return;
	strand->since_ms = now_ms();
	if (strand == feed->next) {
		link_probe(feed->now->link);
		loop_timer_set(feed->handover, OVERLAP_MS);
	}
	if (strand != feed->now)
		return;
	feed->state = FEED_STREAMING;
	retry_note_live(&feed->retry);
	foresee_end(feed);
	sight_regain(feed->sight, strand->unasked);
}

static void
on_subscribed(void *arg, const struct span *ids, size_t count)
{
	struct strand *strand = arg;
	struct feed *feed = strand->feed;

	feed->handler->on_subscribed(feed->arg, ids, count);
	if (strand != feed->now)
		strand->unasked = true;
	else
		sight_ask(feed->sight, ids, count);
}

static void
on_rejected(void *arg, struct span id, const char *why)
{
	struct strand *strand = arg;
	struct feed *feed = strand->feed;

	sight_reject(feed->sight, id);
	feed->handler->on_rejected(feed->arg, id, why);
}

/* id without a value: it may be any user of the shard. */
static void
suspect(struct feed *feed, struct span id)
{
	if (feed->state == FEED_STREAMING)
		sight_suspect(feed->sight, id);
}

static void
on_presence(void *arg, const struct presence *presence)
{
	struct strand *strand = arg;
	struct feed *feed = strand->feed;

	/*
	 * While two links stream, what comes twice is known by its time.
	 * Without one only the first link counts, and is made sure of.
	 */
	if (presence->changed_ms == NOW_NONE && strand != feed->now)
		suspect(feed, presence->user_id);
	else
		sight_take(feed->sight, presence);
}

static void
displaced(struct feed *feed, struct strand *strand, struct span reason)
{
	struct fail why;

	if (reason.len > 0 && !span_is(reason, "another_channel_subscribed")) {
		feed_replace(feed, CLOSING_MS, "its channel was taken away");
		return;
	}
	(void)fail_set(&why, FAIL_DISPLACED,
	    "another program with the same OAuth client took our channel: "
	    "give each its own client");
	link_fail(strand->link, &why);
}

static void
on_skipped(void *arg, const struct decoded *decoded)
{
	struct strand *strand = arg;
	struct feed *feed = strand->feed;
	enum decode_kind kind = decoded->kind;

	if (kind == DECODE_MALFORMED)
		suspect(feed, decoded->presence.user_id);
	feed->handler->on_skipped(feed->arg, decoded);
	if (kind == DECODE_CLOSING && strand == feed->next)
		strand->closing = true;
	if (strand != feed->now)
		return;
	if (kind == DECODE_CLOSING)
		feed_replace(feed, CLOSING_MS, CLOSING_WHY);
	else if (kind == DECODE_TOKEN_REVOKED)
		token_renew(feed->env->token);
	else if (kind == DECODE_DISPLACED)
		displaced(feed, strand, decoded->text);
}

static void
on_too_large(void *arg, const char *why)
{
	struct strand *strand = arg;
	struct span anybody = { NULL, 0 };

	suspect(strand->feed, anybody);
	strand->feed->handler->on_too_large(strand->feed->arg, why);
}

static const struct link_handler on_link = {
	.on_open = on_open,
	.on_subscribed = on_subscribed,
	.on_rejected = on_rejected,
	.on_live = on_live,
	.on_presence = on_presence,
	.on_skipped = on_skipped,
	.on_too_large = on_too_large,
	.on_end = on_end,
};

/* What the sight says. */

static void
on_seen(void *arg, const struct presence *presence)
{
	struct feed *feed = arg;

	feed->handler->on_presence(feed->arg, presence);
}

static void
on_bad_row(void *arg, const struct decoded *decoded)
{
	struct feed *feed = arg;

	feed->handler->on_skipped(feed->arg, decoded);
}

static void
on_gap(void *arg, const struct sight_gap *gap)
{
	struct feed *feed = arg;

	feed->handler->on_gap(feed->arg, gap);
}

static void
on_refused(void *arg, const struct fail *why)
{
	struct feed *feed = arg;

	if (feed->now != NULL)
		link_fail(feed->now->link, why);
}

static const struct sight_handler on_sight = {
	.on_presence = on_seen,
	.on_skipped = on_bad_row,
	.on_gap = on_gap,
	.on_refused = on_refused,
};
