#include "config.h"

#include "stream.h"

#include <stdlib.h>

#include "capacity.h"
#include "endpoints.h"
#include "events.h"
#include "fail.h"
#include "feed.h"
#include "fleet.h"
#include "intake.h"
#include "link.h"
#include "log.h"
#include "loop.h"
#include "map.h"
#include "notifications.h"
#include "plan.h"
#include "rng.h"
#include "settings.h"
#include "survey.h"
#include "xalloc.h"

enum stream_state {
	STREAM_GATHERING, /* no user yet, or --once and more may come */
	STREAM_PROBING,   /* auto: does the host have the Notifications API? */
	STREAM_RUNNING,
	STREAM_STOPPING,
};

struct stream {
	const struct settings *settings;
	const struct endpoints *endpoints;
	struct link_env *env;
	struct intake *intake;
	struct plan *plan;
	const struct stream_handler *handler;
	void *arg;
	enum stream_state state;
	struct loop_timer *later; /* what cannot be done within a callback */
	struct fleet *fleet;
	struct survey *survey; /* --once */
	struct map *rejected;  /* users that the service refuses */
	char *rejection;       /* why the last of them is */
	bool absent;           /* auto: there is no Notifications API */
};

static const struct feed_handler on_feed;
static const struct survey_handler on_survey;

static void step(void *arg);

struct stream *
stream_new(const struct settings *settings, const struct endpoints *endpoints,
    struct link_env *env, struct intake *intake, struct plan *plan,
    const struct stream_handler *handler, void *arg)
{
	struct feed_options options = { 0 };
	struct stream *stream;
	struct rng rng;

	stream = xcalloc(1, sizeof(*stream));
	stream->settings = settings;
	stream->endpoints = endpoints;
	stream->env = env;
	stream->intake = intake;
	stream->plan = plan;
	stream->handler = handler;
	stream->arg = arg;
	stream->rejected = map_new(0);
	stream->later = loop_timer_new(env->loop, step, stream);
	rng_seed_freely(&rng);
	options.retry_base_ms = settings->retry_base_ms;
	options.retry_max_ms = settings->retry_max_ms;
	options.max_retries = (unsigned int)settings->max_retries;
	options.seed = rng_next(&rng);
	stream->fleet = fleet_new(env, &options, &on_feed, stream);
	return stream;
}

void
stream_free(struct stream *stream)
{
	if (stream == NULL)
		return;
	survey_free(stream->survey);
	fleet_free(stream->fleet);
	map_free(stream->rejected);
	free(stream->rejection);
	loop_timer_free(stream->later);
	free(stream);
}

static void
end(struct stream *stream, const struct fail *why)
{
	if (stream->state != STREAM_STOPPING)
		stream->handler->on_end(stream->arg, why);
}

/* Some of those that were refused may have left since. */
static bool
are_all_refused(const struct stream *stream)
{
	const struct plan *plan = stream->plan;
	size_t shard, i;

	if (map_count(stream->rejected) < plan_count(plan))
		return false;
	for (shard = 0; shard < plan_shards(plan); shard++)
		for (i = 0; i < plan_shard_count(plan, shard); i++)
			if (map_get(stream->rejected,
				plan_user(plan, shard, i)) == NULL)
				return false;
	return plan_count(plan) > 0;
}

/* All refused is a failure; some refused never costs the others. */
static int
check_refusals(struct stream *stream, struct fail *why)
{
	size_t refused = plan_count(stream->plan);

	if (intake_is_open(stream->intake) || !are_all_refused(stream))
		return 0;
	return fail_set(why, FAIL_REFUSED,
	    refused == 1 ? "the only user is refused%s%s"
			 : "all users are refused, the last one%s%s",
	    stream->rejection == NULL ? "" : ": ",
	    stream->rejection == NULL ? "" : stream->rejection);
}

static void
speak(struct stream *stream, const struct protocol *protocol)
{
	stream->env->protocol = protocol;
	stream->env->links_max =
	    capacity_connections(stream->settings, protocol);
}

/* The protocol is known: what an ID may be is, too. */
static int
decide(struct stream *stream, const struct protocol *protocol, struct fail *why)
{
	speak(stream, protocol);
	return capacity_decide(
	    stream->settings, protocol, stream->intake, stream->plan, why);
}

int
stream_decide(struct stream *stream, struct fail *why)
{
	const struct settings *settings = stream->settings;

	if (settings->once > 0 || settings->protocol == SETTINGS_NOTIFICATIONS)
		return decide(stream, &notifications_protocol, why);
	if (settings->protocol == SETTINGS_EVENTS)
		return decide(stream, &events_protocol, why);
	return 0;
}

/* What is done with them. */

static void
take_survey(struct stream *stream)
{
	const struct settings *settings = stream->settings;
	struct survey_options options = { 0 };
	struct rng rng;

	rng_seed_freely(&rng);
	options.retry_base_ms = settings->retry_base_ms;
	options.retry_max_ms = settings->retry_max_ms;
	options.max_retries = (unsigned int)settings->max_retries;
	options.seed = rng_next(&rng);
	stream->survey = survey_new(stream->env, &options, &on_survey, stream);
}

static int
begin(struct stream *stream, struct fail *why)
{
	const struct settings *settings = stream->settings;
	const struct protocol *protocol = stream->env->protocol;

	if (capacity_check_anybody(stream->intake, why) == -1 ||
	    capacity_check(settings, protocol, stream->intake, why) == -1)
		return -1;
	intake_limit(stream->intake, capacity_in_all(settings, protocol));
	stream->state = STREAM_RUNNING;
	if (stream->settings->once > 0)
		take_survey(stream);
	else
		fleet_grow(stream->fleet, 0);
	return 0;
}

/* One feed finds out, by making a channel. */
static int
probe(struct stream *stream, struct fail *why)
{
	const struct settings *settings = stream->settings;
	const struct protocol *widest = &notifications_protocol;

	if (capacity_in_all(settings, widest) <
	    capacity_in_all(settings, &events_protocol))
		widest = &events_protocol;
	if (capacity_check(settings, widest, stream->intake, why) == -1)
		return -1;
	stream->state = STREAM_PROBING;
	speak(stream, &notifications_protocol);
	fleet_grow(stream->fleet, 1);
	return 0;
}

static int
start(struct stream *stream, struct fail *why)
{
	if (capacity_check_anybody(stream->intake, why) == -1)
		return -1;
	/* One look at all needs all; a stream can grow. */
	if (intake_count(stream->intake) == 0 ||
	    (stream->settings->once > 0 && intake_is_open(stream->intake)))
		return 0;
	if (stream->env->protocol == NULL)
		return probe(stream, why);
	return begin(stream, why);
}

/* There is no Notifications API: it is the other protocol. */
static int
change_protocol(struct stream *stream, struct fail *why)
{
	fleet_clear(stream->fleet);
	if (decide(stream, &events_protocol, why) == -1)
		return -1;
	return begin(stream, why);
}

static void
step(void *arg)
{
	struct stream *stream = arg;
	struct fail why;
	int rc = 0;

	switch (stream->state) {
	case STREAM_GATHERING:
		rc = start(stream, &why);
		break;
	case STREAM_PROBING:
		if (stream->absent)
			rc = change_protocol(stream, &why);
		break;
	case STREAM_RUNNING:
		if (stream->survey != NULL)
			break;
		fleet_grow(stream->fleet, 0);
		rc = check_refusals(stream, &why);
		break;
	case STREAM_STOPPING:
		break;
	}
	if (rc == -1)
		end(stream, &why);
}

void
stream_users(struct stream *stream)
{
	step(stream);
}

void
stream_replace(struct stream *stream, int64_t life_ms, const char *why)
{
	fleet_replace(stream->fleet, life_ms, why);
}

void
stream_resume(struct stream *stream, int64_t suspended_ms)
{
	fleet_resume(stream->fleet, suspended_ms);
}

void
stream_stop(struct stream *stream)
{
	stream->state = STREAM_STOPPING;
	fleet_stop(stream->fleet);
}

bool
stream_has_stopped(const struct stream *stream)
{
	return stream->state == STREAM_STOPPING &&
	    fleet_has_stopped(stream->fleet);
}

size_t
stream_streaming(const struct stream *stream)
{
	return fleet_streaming(stream->fleet);
}

/* What the feeds say. */

/* A feed got to its socket: there is a Notifications API. */
static void
on_open(void *arg)
{
	struct stream *stream = arg;
	struct fail why;

	if (stream->state != STREAM_PROBING)
		return;
	if (decide(stream, &notifications_protocol, &why) == -1 ||
	    begin(stream, &why) == -1)
		end(stream, &why);
}

static void
on_presence(void *arg, const struct presence *presence)
{
	struct stream *stream = arg;

	stream->handler->on_presence(stream->arg, presence);
}

static void
on_skipped(void *arg, const struct decoded *decoded)
{
	struct stream *stream = arg;

	stream->handler->on_skipped(stream->arg, decoded);
}

static void
on_too_large(void *arg, const char *why)
{
	struct stream *stream = arg;

	stream->handler->on_too_large(stream->arg, why);
}

static void
on_gap(void *arg, const struct sight_gap *gap)
{
	struct stream *stream = arg;

	stream->handler->on_gap(stream->arg, gap);
}

/* What was refused once may be allowed by now. */
static void
on_subscribed(void *arg, const struct span *ids, size_t count)
{
	struct stream *stream = arg;
	size_t i;

	for (i = 0; i < count && map_count(stream->rejected) > 0; i++)
		(void)map_remove(stream->rejected, ids[i]);
}

static void
on_rejected(void *arg, struct span id, const char *reason)
{
	struct stream *stream = arg;

	(void)map_put(stream->rejected, id, NULL);
	free(stream->rejection);
	stream->rejection = xstrdup(reason);
	/* When all is told: others of that answer may be permitted. */
	loop_timer_set(stream->later, 0);
}

static void
on_failed(void *arg, const struct fail *why)
{
	struct stream *stream = arg;
	struct fail reason = *why;

	if (stream->state == STREAM_PROBING && why->kind == FAIL_ABSENT) {
		log_info(NULL, "%s: using the events socket", why->text);
		stream->absent = true;
		loop_timer_set(stream->later, 0);
		return;
	}
	if (stream->absent && why->kind == FAIL_ABSENT)
		(void)fail_set(&reason, FAIL_CONFIG,
		    "%s has neither the Notifications API nor an events "
		    "socket (404): check --region or --api-url",
		    stream->endpoints->api.host);
	end(stream, &reason);
}

static const struct feed_handler on_feed = {
	.on_open = on_open,
	.on_presence = on_presence,
	.on_skipped = on_skipped,
	.on_too_large = on_too_large,
	.on_subscribed = on_subscribed,
	.on_rejected = on_rejected,
	.on_gap = on_gap,
	.on_failed = on_failed,
};

static void
on_surveyed(void *arg, const struct fail *why)
{
	end(arg, why);
}

static const struct survey_handler on_survey = {
	.on_presence = on_presence,
	.on_skipped = on_skipped,
	.on_done = on_surveyed,
};
