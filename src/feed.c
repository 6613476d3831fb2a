#include "config.h"

#include "feed.h"

#include <stdio.h>
#include <stdlib.h>

#include "audit.h"
#include "backoff.h"
#include "caps.h"
#include "decode.h"
#include "fail.h"
#include "idlist.h"
#include "link.h"
#include "log.h"
#include "loop.h"
#include "map.h"
#include "now.h"
#include "plan.h"
#include "presence.h"
#include "rng.h"
#include "snapshot.h"
#include "stats.h"
#include "token.h"
#include "xalloc.h"

/* A connection that lived for so long is stable: the backoff starts anew. */
#define STABLE_MS 10000
/* How long two links stream side by side before the old one is let go. */
#define OVERLAP_MS 1000
/* Between looks whether there is room for a second link; milliseconds. */
#define ROOM_MS 500
/* A link whose end is foreseen is replaced so long before, if it can be. */
#define AHEAD_MS (10 * 60 * 1000)
/* What the service gives before it closes a socket, less a margin. */
#define CLOSING_MS 45000
/* Messages that could not be read are made up for so much later, at first. */
#define SUSPECT_MIN_MS 200
#define SUSPECT_MAX_MS (60 * 1000)

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
};

struct feed {
	struct link_env *env;
	const struct feed_handler *handler;
	void *arg;
	size_t shard;
	enum feed_state state;
	struct strand strands[3];
	struct strand *now;      /* the one that streams, or is to */
	struct strand *next;     /* its successor */
	struct strand *last;     /* its predecessor, which is being closed */
	struct channel *channel; /* to go on with, or NULL */

	struct snapshot *snapshot; /* or NULL */
	struct map *rejected;      /* users that the service refuses */
	size_t missing;            /* users that a snapshot said nothing of */

	struct loop_timer *timer; /* the next try */
	struct backoff backoff;
	unsigned int max_retries;
	unsigned int tries;    /* in a row that did not get to streaming */
	unsigned int refusals; /* of tokens, in a row */
	unsigned int stale;    /* channels that were gone, in a row */
	bool opened;           /* a link got to its socket before */

	struct loop_timer *handover; /* the steps of a replacement */
	struct loop_timer *expiry;   /* of the channel */
	int64_t replace_by_ms;       /* monotonic; 0: there is no need */
	const char *replace_why;

	int64_t blind_ms;      /* wall time: not streaming since; NOW_NONE */
	char cause[FAIL_TEXT]; /* of the blindness */

	struct loop_timer *suspicion;
	struct idlist suspects; /* users whose messages could not be read */
	bool suspect_all;
	int64_t suspect_ms;       /* how long to wait before asking */
	int64_t suspect_since_ms; /* wall time */
};

static const struct link_handler on_link;
static const struct snapshot_handler on_snapshot;

static void on_timer(void *arg);
static void on_handover(void *arg);
static void on_expiry(void *arg);
static void on_suspicion(void *arg);

static struct strand *
free_strand(struct feed *feed)
{
	size_t i;

	for (i = 0; feed->strands[i].link != NULL;)
		i++;
	return &feed->strands[i];
}

/* Makes a link on a free strand. */
static struct strand *
spin(struct feed *feed, struct channel *channel)
{
	struct strand *strand = free_strand(feed);

	strand->feed = feed;
	strand->since_ms = 0;
	strand->unasked = false;
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
	feed->max_retries = options->max_retries;
	feed->blind_ms = NOW_NONE;
	feed->suspect_ms = SUSPECT_MIN_MS;
	feed->rejected = map_new(0);
	feed->timer = loop_timer_new(env->loop, on_timer, feed);
	feed->handover = loop_timer_new(env->loop, on_handover, feed);
	feed->expiry = loop_timer_new(env->loop, on_expiry, feed);
	feed->suspicion = loop_timer_new(env->loop, on_suspicion, feed);
	backoff_init(&feed->backoff, options->retry_base_ms,
	    options->retry_max_ms, options->seed + shard);
	if (env->protocol->has_snapshot)
		feed->snapshot = snapshot_new(env->loop, env->api, env->decode,
		    env->audit, &feed->backoff, 0, &on_snapshot, feed);
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
	snapshot_free(feed->snapshot);
	map_free(feed->rejected);
	idlist_done(&feed->suspects);
	loop_timer_free(feed->timer);
	loop_timer_free(feed->handover);
	loop_timer_free(feed->expiry);
	loop_timer_free(feed->suspicion);
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

static void
give_up(struct feed *feed, const struct fail *why)
{
	feed->state = FEED_STOPPED;
	feed->handler->on_failed(feed->arg, why);
}

/* Blindness: from when to when nothing was seen, and what is done about it. */

static void
tell_gap(struct feed *feed, int64_t from_ms, size_t users, const char *cause)
{
	struct feed_gap gap = { .from_ms = from_ms, .users = users };

	gap.to_ms = now_wall_ms();
	gap.cause = cause;
	audit_start(feed->env->audit, "STREAM_GAP");
	audit_time(feed->env->audit, "from", gap.from_ms);
	audit_time(feed->env->audit, "to", gap.to_ms);
	audit_number(feed->env->audit, "users", (int64_t)users);
	audit_words(feed->env->audit, "cause", span_of(cause));
	audit_finish(feed->env->audit);
	feed->env->stats->gaps++;
	feed->env->stats->gap_ms += (uint64_t)(gap.to_ms - gap.from_ms);
	feed->handler->on_gap(feed->arg, &gap);
}

/* Asks for the presence of all users of the shard that are not refused. */
static void
ask_all(struct feed *feed)
{
	const struct plan *plan = feed->env->plan;
	struct idlist ids = { 0 };
	struct span id;
	size_t i;

	if (feed->snapshot == NULL)
		return;
	for (i = 0; i < plan_shard_count(plan, feed->shard); i++) {
		id = plan_user(plan, feed->shard, i);
		if (map_get(feed->rejected, id) == NULL)
			idlist_add(&ids, id);
	}
	snapshot_cancel(feed->snapshot);
	snapshot_ask(feed->snapshot, ids.ids, ids.count);
	idlist_done(&ids);
}

static void
begin_blindness(struct feed *feed, int64_t heard_ms, const char *why)
{
	if (feed->blind_ms != NOW_NONE)
		return;
	feed->blind_ms = heard_ms == NOW_NONE ? now_wall_ms() : heard_ms;
	(void)snprintf(feed->cause, sizeof(feed->cause), "%s", why);
}

static void
end_blindness(struct feed *feed)
{
	char from[NOW_TEXT], to[NOW_TEXT];

	if (feed->blind_ms == NOW_NONE)
		return;
	(void)now_format(feed->blind_ms, from);
	(void)now_format(now_wall_ms(), to);
	log_notice(NULL,
	    "connection %zu streams again; it was blind from %s to %s%s",
	    feed->shard + 1, from, to,
	    feed->snapshot != NULL ? ", which a snapshot fills"
				   : ": changes in between are lost");
	tell_gap(feed, feed->blind_ms,
	    plan_shard_count(feed->env->plan, feed->shard), feed->cause);
	feed->blind_ms = NOW_NONE;
}

/* Retries: what to do when a link has ended. */

static void
retry_at(struct feed *feed, int64_t delay_ms)
{
	feed->state = FEED_WAITING;
	loop_timer_set(feed->timer, delay_ms);
}

static void
try_again(struct feed *feed, const struct fail *why)
{
	int64_t delay_ms;
	struct fail reason = *why;

	feed->tries++;
	if (feed->max_retries > 0 && feed->tries > feed->max_retries) {
		(void)fail_set(&reason, why->kind,
		    "%s; gave up after %u tries in a row", why->text,
		    feed->tries);
		give_up(feed, &reason);
		return;
	}
	delay_ms = backoff_next_ms(&feed->backoff, why->retry_after_ms);
	log_notice(NULL, "%s; trying again in %.1f s", why->text,
	    (double)delay_ms / 1000);
	retry_at(feed, delay_ms);
}

/* A refused token is replaced once; the service may refuse the new one too. */
static void
replace_token(struct feed *feed, const struct fail *why)
{
	struct fail reason;

	if (feed->refusals++ == 0) {
		retry_at(feed, 0);
		return;
	}
	(void)fail_set(
	    &reason, FAIL_REFUSED, "%s, with a new token too", why->text);
	give_up(feed, &reason);
}

/* The channel is gone: a new one, but not as fast as they come and go. */
static void
replace_channel(struct feed *feed, const struct fail *why)
{
	struct fail reason = *why;

	channel_drop(feed->channel, feed->env);
	feed->channel = NULL;
	if (feed->stale++ == 0) {
		log_info("feed", "%s: making another", why->text);
		retry_at(feed, 0);
		return;
	}
	reason.kind = FAIL_UNREACHABLE;
	try_again(feed, &reason);
}

/* There is no link any more. */
static void
recover(struct feed *feed, const struct fail *why)
{
	struct fail reason = *why;

	/* What was there before may come back. */
	if (reason.kind == FAIL_ABSENT && feed->opened)
		reason.kind = FAIL_UNREACHABLE;
	if (reason.kind == FAIL_STALE_TOKEN)
		replace_token(feed, &reason);
	else if (reason.kind == FAIL_STALE_CHANNEL)
		replace_channel(feed, &reason);
	else if (reason.kind == FAIL_NONE)
		retry_at(feed, 0); /* closed to be replaced in place */
	else if (fail_may_pass(&reason))
		try_again(feed, &reason);
	else
		give_up(feed, &reason);
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
foresee_expiry(struct feed *feed)
{
	int64_t life_ms, ahead_ms, at_ms = link_expires_ms(feed->now->link);

	loop_timer_stop(feed->expiry);
	if (at_ms == INT64_MAX)
		return;
	life_ms = at_ms - now_ms();
	ahead_ms = life_ms / 10 < AHEAD_MS ? life_ms / 10 : AHEAD_MS;
	ahead_ms += (int64_t)rng_below(
	    &feed->backoff.rng, (uint64_t)(ahead_ms > 0 ? ahead_ms : 1));
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
	begin_blindness(feed, now_wall_ms(), feed->replace_why);
	feed->state = FEED_CONNECTING;
	link_close(feed->now->link);
}

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
	link_close(feed->last->link);
	foresee_expiry(feed);
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
	delay_ms = backoff_next_ms(&feed->backoff, why->retry_after_ms);
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
	if (was_live)
		feed->env->stats
		    ->ended[why->kind == FAIL_NONE ? STATS_REPLACED : cause]++;
	if (was_live && now_ms() - strand->since_ms >= STABLE_MS)
		backoff_reset(&feed->backoff);
	if (feed->next != NULL) {
		/* The successor is there already, or nearly. */
		channel_drop(channel, feed->env);
		feed->now = feed->next;
		feed->next = NULL;
		stop_replacing(feed);
		if (feed->now->since_ms != 0) {
			foresee_expiry(feed);
			return;
		}
		feed->state = FEED_CONNECTING;
		begin_blindness(feed, heard_ms, why->text);
		return;
	}
	stop_replacing(feed);
	if (feed->snapshot != NULL)
		snapshot_cancel(feed->snapshot);
	if (was_live)
		begin_blindness(feed, heard_ms, why->text);
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
	loop_timer_stop(feed->suspicion);
	if (feed->snapshot != NULL)
		snapshot_cancel(feed->snapshot);
	for (i = 0; i < 3; i++)
		if (feed->strands[i].link != NULL)
			link_close(feed->strands[i].link);
	stop_if_all_ended(feed);
}

/* Suspects: users of whom a message could not be read. */

static void
on_suspicion(void *arg)
{
	struct feed *feed = arg;
	size_t users = feed->suspect_all
	    ? plan_shard_count(feed->env->plan, feed->shard)
	    : feed->suspects.count;

	tell_gap(feed, feed->suspect_since_ms, users,
	    "a message that could not be read");
	if (feed->suspect_all)
		ask_all(feed);
	else if (feed->snapshot != NULL)
		snapshot_ask(
		    feed->snapshot, feed->suspects.ids, feed->suspects.count);
	feed->suspect_all = false;
	idlist_done(&feed->suspects);
}

/* id without a value: it may be any user of the shard. */
static void
suspect(struct feed *feed, struct span id)
{
	int64_t now = now_wall_ms();

	if (feed->state != FEED_STREAMING)
		return;
	if (id.len == 0 || feed->suspects.count >= CAP_BULK_IDS)
		feed->suspect_all = true;
	else if (plan_has(feed->env->plan, feed->shard, id))
		idlist_add(&feed->suspects, id);
	else
		return;
	if (loop_timer_is_set(feed->suspicion))
		return;
	/* A flood of them must not become a flood of questions. */
	if (now - feed->suspect_since_ms > 2 * SUSPECT_MAX_MS)
		feed->suspect_ms = SUSPECT_MIN_MS;
	feed->suspect_since_ms = now;
	loop_timer_set(feed->suspicion, feed->suspect_ms);
	if (feed->suspect_ms < SUSPECT_MAX_MS)
		feed->suspect_ms *= 2;
}

void
feed_resume(struct feed *feed, int64_t suspended_ms)
{
	if (feed->state != FEED_STREAMING)
		return;
	link_probe(feed->now->link);
	tell_gap(feed, suspended_ms,
	    plan_shard_count(feed->env->plan, feed->shard),
	    "the process was suspended");
	ask_all(feed);
}

/* What links say. */

static void
on_open(void *arg)
{
	struct strand *strand = arg;
	struct feed *feed = strand->feed;

	feed->refusals = 0;
	if (feed->opened)
		return;
	feed->opened = true;
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
	if (strand == feed->next)
		loop_timer_set(feed->handover, OVERLAP_MS);
	if (strand != feed->now)
		return;
	feed->state = FEED_STREAMING;
	feed->tries = 0;
	feed->stale = 0;
	foresee_expiry(feed);
	/* Users that were subscribed while the old link still streamed. */
	if (feed->blind_ms != NOW_NONE && strand->unasked)
		ask_all(feed);
	end_blindness(feed);
}

static void
on_subscribed(void *arg, const struct span *ids, size_t count)
{
	struct strand *strand = arg;
	struct feed *feed = strand->feed;

	if (strand != feed->now)
		strand->unasked = true;
	else if (feed->snapshot != NULL)
		snapshot_ask(feed->snapshot, ids, count);
}

static void
on_rejected(void *arg, struct span id, const char *why)
{
	struct strand *strand = arg;
	struct feed *feed = strand->feed;

	(void)map_put(feed->rejected, id, NULL);
	feed->handler->on_rejected(feed->arg, id, why);
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
	if (presence->changed_ms == NOW_NONE && strand != feed->now) {
		suspect(feed, presence->user_id);
		return;
	}
	if (feed->snapshot == NULL || !snapshot_hold(feed->snapshot, presence))
		feed->handler->on_presence(feed->arg, presence);
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
	if (strand != feed->now)
		return;
	if (kind == DECODE_CLOSING)
		feed_replace(feed, CLOSING_MS, "the service closes its socket");
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

/* What the snapshot says. */

static void
on_row(void *arg, const struct presence *presence)
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
on_missing(void *arg, struct span id)
{
	struct feed *feed = arg;

	feed->missing++;
	log_info("snapshot", "the service says nothing of user %.*s",
	    (int)id.len, id.at);
}

static void
on_done(void *arg)
{
	struct feed *feed = arg;

	if (feed->missing > 0)
		log_notice("snapshot",
		    "the service says nothing of %zu users: they are unknown "
		    "to it, or out of the OAuth client's reach (-v names them)",
		    feed->missing);
	feed->missing = 0;
}

static void
on_refused(void *arg, const struct fail *why)
{
	struct feed *feed = arg;

	if (feed->now != NULL)
		link_fail(feed->now->link, why);
}

static const struct snapshot_handler on_snapshot = {
	.on_presence = on_row,
	.on_missing = on_missing,
	.on_skipped = on_bad_row,
	.on_done = on_done,
	.on_refused = on_refused,
};
