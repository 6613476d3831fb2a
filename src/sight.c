#include "config.h"

#include "sight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "caps.h"
#include "fail.h"
#include "idlist.h"
#include "link.h"
#include "log.h"
#include "loop.h"
#include "map.h"
#include "now.h"
#include "plan.h"
#include "presence.h"
#include "redact.h"
#include "snapshot.h"
#include "stats.h"
#include "xalloc.h"

/* Messages that could not be read are made up for so much later, at first. */
#define SUSPECT_MIN_MS 200
#define SUSPECT_MAX_MS (60LL * 1000)
/* What came while nobody read is read first: behind an answer it is stale. */
#define BACKLOG_MS 1000

struct sight {
	struct link_env *env;
	size_t shard;
	const struct sight_handler *handler;
	void *arg;

	struct snapshot *snapshot; /* or NULL */
	struct map *rejected;      /* users that the service refuses */
	size_t missing;            /* users that a snapshot said nothing of */

	int64_t blind_ms;      /* wall time: not streaming since; NOW_NONE */
	char cause[FAIL_TEXT]; /* of the blindness */

	struct loop_timer *later; /* asks for all */
	struct loop_timer *suspicion;
	struct idlist suspects; /* users whose messages could not be read */
	bool suspect_all;
	int64_t suspect_ms;       /* how long to wait before asking */
	int64_t suspect_since_ms; /* wall time */
};

static const struct snapshot_handler on_snapshot;

static void on_later(void *arg);
static void on_suspicion(void *arg);

struct sight *
sight_new(struct link_env *env, size_t shard, const struct backoff *backoff,
    const struct sight_handler *handler, void *arg)
{
	struct sight *sight;

	sight = xcalloc(1, sizeof(*sight));
	sight->env = env;
	sight->shard = shard;
	sight->handler = handler;
	sight->arg = arg;
	sight->blind_ms = NOW_NONE;
	sight->suspect_ms = SUSPECT_MIN_MS;
	sight->rejected = map_new(0);
	sight->later = loop_timer_new(env->loop, on_later, sight);
	sight->suspicion = loop_timer_new(env->loop, on_suspicion, sight);
	if (env->protocol->has_snapshot)
		sight->snapshot = snapshot_new(env->loop, env->api, env->decode,
		    env->audit, backoff, 0, &on_snapshot, sight);
	return sight;
}

void
sight_free(struct sight *sight)
{
	if (sight == NULL)
		return;
	snapshot_free(sight->snapshot);
	map_free(sight->rejected);
	idlist_done(&sight->suspects);
	loop_timer_free(sight->later);
	loop_timer_free(sight->suspicion);
	free(sight);
}

void
sight_take(struct sight *sight, const struct presence *presence)
{
	if (sight->snapshot == NULL ||
	    !snapshot_hold(sight->snapshot, presence))
		sight->handler->on_presence(sight->arg, presence);
}

void
sight_ask(struct sight *sight, const struct span *ids, size_t count)
{
	size_t i;

	for (i = 0; i < count && map_count(sight->rejected) > 0; i++)
		(void)map_remove(sight->rejected, ids[i]);
	if (sight->snapshot != NULL)
		snapshot_ask(sight->snapshot, ids, count);
}

void
sight_reject(struct sight *sight, struct span id)
{
	(void)map_put(sight->rejected, id, NULL);
}

static size_t
users_of(const struct sight *sight)
{
	return plan_shard_count(sight->env->plan, sight->shard);
}

/* Asks for the presence of all users of the shard that are not refused. */
static void
ask_all(struct sight *sight)
{
	const struct plan *plan = sight->env->plan;
	struct idlist ids = { 0 };
	struct span id;
	size_t i;

	if (sight->snapshot == NULL)
		return;
	for (i = 0; i < users_of(sight); i++) {
		id = plan_user(plan, sight->shard, i);
		if (map_get(sight->rejected, id) == NULL)
			idlist_add(&ids, id);
	}
	snapshot_cancel(sight->snapshot);
	snapshot_ask(sight->snapshot, ids.ids, ids.count);
	idlist_done(&ids);
}

static void
tell_gap(struct sight *sight, int64_t from_ms, size_t users, const char *cause)
{
	struct sight_gap gap = { .from_ms = from_ms, .users = users };
	struct audit *audit = sight->env->audit;

	gap.to_ms = now_wall_ms();
	/* Unless the clock was set back meanwhile. */
	if (gap.from_ms > gap.to_ms)
		gap.from_ms = gap.to_ms;
	gap.cause = cause;
	audit_start(audit, "STREAM_GAP");
	audit_time(audit, "from", gap.from_ms);
	audit_time(audit, "to", gap.to_ms);
	audit_number(audit, "users", (int64_t)users);
	audit_words(audit, "cause", span_of(cause));
	audit_finish(audit);
	sight->env->stats->gaps++;
	sight->env->stats->gap_ms += (uint64_t)(gap.to_ms - gap.from_ms);
	sight->handler->on_gap(sight->arg, &gap);
}

void
sight_lose(struct sight *sight, int64_t heard_ms, const char *why)
{
	if (sight->blind_ms != NOW_NONE)
		return;
	sight->blind_ms = heard_ms == NOW_NONE ? now_wall_ms() : heard_ms;
	(void)snprintf(sight->cause, sizeof(sight->cause), "%s", why);
	/* It is printed with --gaps. */
	redact_text(sight->cause, strlen(sight->cause));
}

/* how: "streams again". */
static void
end_blindness(struct sight *sight, const char *how, bool is_filled)
{
	char from[NOW_TEXT], to[NOW_TEXT];

	(void)now_format(sight->blind_ms, from);
	(void)now_format(now_wall_ms(), to);
	log_notice(NULL, "connection %zu %s; it was blind from %s to %s%s",
	    sight->shard + 1, how, from, to,
	    is_filled ? ", which a snapshot fills"
		      : ": changes in between are lost");
	tell_gap(sight, sight->blind_ms, users_of(sight), sight->cause);
	sight->blind_ms = NOW_NONE;
}

void
sight_regain(struct sight *sight, bool all)
{
	if (sight->blind_ms == NOW_NONE)
		return;
	/* Users that were subscribed while the old link still streamed. */
	if (all)
		ask_all(sight);
	end_blindness(sight, "streams again", sight->snapshot != NULL);
}

void
sight_bridge(
    struct sight *sight, int64_t heard_ms, int64_t since_ms, const char *why)
{
	if (heard_ms >= now_wall_ms() - (now_ms() - since_ms))
		return;
	sight_lose(sight, heard_ms, why);
	sight_regain(sight, true);
}

void
sight_miss(struct sight *sight, int64_t from_ms, const char *cause)
{
	tell_gap(sight, from_ms, users_of(sight), cause);
	loop_timer_set(sight->later, BACKLOG_MS);
}

static void
on_later(void *arg)
{
	ask_all(arg);
}

static void
tell_suspicion(struct sight *sight)
{
	tell_gap(sight, sight->suspect_since_ms,
	    sight->suspect_all ? users_of(sight) : sight->suspects.count,
	    "a message that could not be read");
}

static void
on_suspicion(void *arg)
{
	struct sight *sight = arg;

	tell_suspicion(sight);
	if (sight->suspect_all)
		ask_all(sight);
	else
		sight_ask(sight, sight->suspects.ids, sight->suspects.count);
	sight->suspect_all = false;
	idlist_done(&sight->suspects);
}

void
sight_suspect(struct sight *sight, struct span id)
{
	int64_t now = now_wall_ms();

	if (id.len == 0 || sight->suspects.count >= CAP_BULK_IDS)
		sight->suspect_all = true;
	else if (plan_has(sight->env->plan, sight->shard, id))
		idlist_add(&sight->suspects, id);
	else
		return;
	if (loop_timer_is_set(sight->suspicion))
		return;
	/* A flood of them must not become a flood of questions. */
	if (now - sight->suspect_since_ms > 2 * SUSPECT_MAX_MS)
		sight->suspect_ms = SUSPECT_MIN_MS;
	sight->suspect_since_ms = now;
	loop_timer_set(sight->suspicion, sight->suspect_ms);
	if (sight->suspect_ms < SUSPECT_MAX_MS)
		sight->suspect_ms *= 2;
}

void
sight_cancel(struct sight *sight)
{
	if (sight->snapshot != NULL)
		snapshot_cancel(sight->snapshot);
}

void
sight_stop(struct sight *sight)
{
	/* Nobody will make up for these: at least they are told. */
	if (sight->blind_ms != NOW_NONE)
		end_blindness(sight, "ends", false);
	if (loop_timer_is_set(sight->suspicion))
		tell_suspicion(sight);
	loop_timer_stop(sight->later);
	loop_timer_stop(sight->suspicion);
	sight_cancel(sight);
}

/* What the snapshot says. */

static void
on_row(void *arg, const struct presence *presence)
{
	struct sight *sight = arg;

	sight->handler->on_presence(sight->arg, presence);
}

static void
on_bad_row(void *arg, const struct decoded *decoded)
{
	struct sight *sight = arg;

	sight->handler->on_skipped(sight->arg, decoded);
}

static void
on_missing(void *arg, struct span id, const struct fail *why)
{
	struct sight *sight = arg;

	(void)why;
	sight->missing++;
	log_info("snapshot", "the service says nothing of user %.*s",
	    (int)id.len, id.at);
}

static void
on_done(void *arg)
{
	struct sight *sight = arg;

	if (sight->missing > 0)
		log_notice("snapshot",
		    "the service says nothing of %zu users: they are unknown "
		    "to it, or out of the OAuth client's reach (-v names them)",
		    sight->missing);
	sight->missing = 0;
}

static void
on_refused(void *arg, const struct fail *why)
{
	struct sight *sight = arg;

	sight->handler->on_refused(sight->arg, why);
}

static const struct snapshot_handler on_snapshot = {
	.on_presence = on_row,
	.on_missing = on_missing,
	.on_skipped = on_bad_row,
	.on_done = on_done,
	.on_refused = on_refused,
};
