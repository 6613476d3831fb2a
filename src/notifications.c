#include "config.h"

#include "notifications.h"

#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "buf.h"
#include "caps.h"
#include "census.h"
#include "channelanswer.h"
#include "decode.h"
#include "fail.h"
#include "http.h"
#include "idlist.h"
#include "link.h"
#include "log.h"
#include "loop.h"
#include "now.h"
#include "percent.h"
#include "plan.h"
#include "topics.h"
#include "url.h"
#include "xalloc.h"

/*
 * The service sends a heartbeat every 30 s.  A channel is dead when none came
 * for a sixth longer than a ping and its answer take: 35 s by default.
 */
#define SILENCE_NUMERATOR   7
#define SILENCE_DENOMINATOR 6

#define DATE_ERROR_MS 999

#define CHANNELS "/api/v2/notifications/channels"

struct notifications {
	struct link *link;
	struct census_wait *room;
	struct api_call *call; /* the one under way: calls go one by one */
	struct loop_timer *ping;
	struct channel *channel;
	struct idlist users; /* to be subscribed */
	size_t done;         /* of them */
	size_t batch;        /* how many of them go in one request */
};

static void subscribe_batch(struct notifications *state);

int
notifications_check_uri(
    const struct link_env *env, const char *uri, struct fail *why)
{
	struct url url;
	struct fail reason;
	int rc;

	rc = url_parse(uri, &url, &reason);
	/* That much of it is a secret. */
	explicit_bzero(url.path, sizeof(url.path));
	if (rc == -1)
		return fail_set(why, FAIL_CONFIG,
		    "the channel's connectUri is %s", reason.text);
	if (!url.websocket || (!url.tls && env->api_url->tls) ||
	    (!url.tls && env->domain != NULL))
		return fail_set(
		    why, FAIL_CONFIG, "the channel's connectUri is not wss");
	if (env->domain != NULL ? url_host_in_domain(&url, env->domain)
				: strcmp(url.host, env->api_url->host) == 0 ||
		    url_is_loopback(&url))
		return 0;
	return fail_set(why, FAIL_CONFIG,
	    "the channel's connectUri points to %s, which is not under %s",
	    url.host, env->domain != NULL ? env->domain : env->api_url->host);
}

/* One REST call of a channel; path is what follows its ID. */
static void
call_channel(struct notifications *state, const char *method, const char *path,
    struct span body, const char *what, api_answer_fn *fn)
{
	struct api_request request = { .method = method, .body = body };
	struct buf url;

	buf_init(&url, SIZE_MAX);
	buf_text(&url, CHANNELS "/");
	/* It is the service's word, and not to be more than an ID. */
	percent_put(&url, span_of(state->channel->id));
	buf_text(&url, path);
	request.path = buf_string(&url);
	request.what = what;
	request.endpoint = "subscriptions";
	request.urgent = true;
	state->call =
	    api_start(link_env(state->link)->api, &request, fn, state);
	buf_done(&url);
}

/* A second opinion besides protocol pings: the service answers "pong". */
static void
on_ping(void *arg)
{
	struct notifications *state = arg;

	if (!link_heard(state->link))
		link_send(state->link, span_of("{\"message\":\"ping\"}"));
	loop_timer_set(state->ping, link_env(state->link)->ping_interval_ms);
}

static void
connect_channel(struct notifications *state)
{
	const struct link_env *env = link_env(state->link);
	int64_t silence_ms;

	silence_ms = (env->ping_interval_ms + env->ping_timeout_ms) *
	    SILENCE_NUMERATOR / SILENCE_DENOMINATOR;
	loop_timer_set(state->ping, env->ping_interval_ms);
	link_set_expiry(state->link, state->channel->expires_ms);
	link_connect(state->link, state->channel->uri, silence_ms);
}

/* The present time by the service's clock: ours may differ. */
static int64_t
service_ms(const struct http_answer *answer)
{
	/* A Date header has whole seconds: it may be nearly one later. */
	return answer->date_ms == NOW_NONE ? now_wall_ms()
					   : answer->date_ms + DATE_ERROR_MS;
}

/* 0, or -1 with FAIL_UNREACHABLE for an answer that makes no sense. */
static int
take_channel(struct notifications *state, const struct http_answer *answer,
    struct fail *why)
{
	struct channelanswer made;
	struct channel *channel;

	if (channelanswer_read(answer->body, service_ms(answer), &made, why) ==
	    -1)
		return -1;
	channel = channel_take(made.id, made.uri);
	channel->expires_ms = now_ms() + made.life_ms;
	state->channel = channel;
	link_env(state->link)->channels++;
	return notifications_check_uri(
	    link_env(state->link), channel->uri, why);
}

static void
on_created(void *arg, const struct http_answer *answer, const struct fail *why)
{
	struct notifications *state = arg;
	struct fail reason;

	state->call = NULL;
	if (why != NULL)
		link_fail(state->link, why);
	else if (take_channel(state, answer, &reason) == -1)
		link_fail(state->link, &reason);
	else
		connect_channel(state);
}

static void
create_channel(struct notifications *state)
{
	struct api_request request = { .method = "POST", .path = CHANNELS };

	request.body = span_of("");
	request.what = "create a channel";
	request.endpoint = "channels";
	request.urgent = true;
	state->call =
	    api_start(link_env(state->link)->api, &request, on_created, state);
}

static void
on_room(void *arg, const struct fail *why)
{
	struct notifications *state = arg;

	state->room = NULL;
	if (why != NULL)
		link_fail(state->link, why);
	else
		create_channel(state);
}

static void
prepare(struct link *link, void *arg, struct channel *channel)
{
	struct notifications *state = arg;

	state->link = link;
	state->batch = CAP_CHANNEL_TOPICS;
	state->ping = loop_timer_new(link_env(link)->loop, on_ping, state);
	state->channel = channel;
	if (channel != NULL)
		connect_channel(state);
	else
		state->room =
		    census_ask(link_env(link)->census, on_room, state);
}

static size_t
batch_count(const struct notifications *state)
{
	size_t left = state->users.count - state->done;

	return left < state->batch ? left : state->batch;
}

/* Whether a smaller request, or one without a certain user, may do better. */
static bool
blames_content(const struct http_answer *answer)
{
	return answer != NULL &&
	    (answer->status == 400 || answer->status == 403 ||
		answer->status == 413);
}

/* The channel may be gone; whatever it is, the link is of no use any more. */
static void
give_up(struct notifications *state, const struct http_answer *answer,
    const struct fail *why)
{
	struct fail reason = *why;

	if (answer != NULL && answer->status == 404)
		(void)fail_set(&reason, FAIL_STALE_CHANNEL,
		    "connection %u: the channel is gone (404)",
		    link_number(state->link));
	link_fail(state->link, &reason);
}

static void
on_subscribed(
    void *arg, const struct http_answer *answer, const struct fail *why)
{
	struct notifications *state = arg;
	const struct span *ids = state->users.ids + state->done;
	size_t count = batch_count(state);

	state->call = NULL;
	if (why == NULL) {
		topics_read_answer(state->link, answer->body, ids, count);
	} else if (!blames_content(answer)) {
		give_up(state, answer, why);
		return;
	} else if (count > 1) {
		/* Halve it, down to the one that is to blame. */
		state->batch = (count + 1) / 2;
		log_info("notifications", "%s: trying %zu users at once",
		    why->text, state->batch);
		subscribe_batch(state);
		return;
	} else {
		topics_reject(state->link, ids[0], why->text);
	}
	state->done += count;
	if (state->batch < CAP_CHANNEL_TOPICS)
		state->batch *= 2;
	if (state->done < state->users.count) {
		subscribe_batch(state);
		return;
	}
	idlist_done(&state->users);
	link_subscribed(state->link);
}

static void
subscribe_batch(struct notifications *state)
{
	const struct span *ids = state->users.ids + state->done;
	size_t count = batch_count(state);
	struct buf body;

	buf_init(&body, SIZE_MAX);
	topics_put(&body, ids, count);
	call_channel(state, "POST", "/subscriptions?ignoreErrors=true",
	    span_of(buf_string(&body)), "subscribe users", on_subscribed);
	buf_done(&body);
	topics_audit(state->link, "SUBSCRIPTION_SENT", ids, count);
}

static void
subscribe(struct link *link, void *arg, const struct span *ids, size_t count)
{
	struct notifications *state = arg;

	(void)link;
	idlist_add_all(&state->users, ids, count);
	state->done = 0;
	subscribe_batch(state);
}

static void
on_replaced(void *arg, const struct http_answer *answer, const struct fail *why)
{
	struct notifications *state = arg;

	state->call = NULL;
	if (why != NULL && !blames_content(answer)) {
		give_up(state, answer, why);
		return;
	}
	/* One that it refuses costs no other: who left is a stranger now. */
	if (why != NULL)
		log_warning("notifications",
		    "%s; it goes on sending who has left", why->text);
	link_subscribed(state->link);
}

/* The service has no call for leaving a topic: the whole list is put anew. */
static void
unsubscribe(struct link *link, void *arg)
{
	struct notifications *state = arg;
	const struct plan *plan = link_env(link)->plan;
	struct idlist stay = { 0 };
	struct buf body;
	size_t i;

	for (i = 0; i < plan_shard_count(plan, link_shard(link)); i++)
		idlist_add(&stay, plan_user(plan, link_shard(link), i));
	buf_init(&body, SIZE_MAX);
	topics_put(&body, stay.ids, stay.count);
	call_channel(state, "PUT", "/subscriptions?ignoreErrors=true",
	    span_of(buf_string(&body)), "unsubscribe users", on_replaced);
	buf_done(&body);
	topics_audit(state->link, "SUBSCRIPTION_SENT", stay.ids, stay.count);
	idlist_done(&stay);
}

static void
on_released(void *arg, const struct http_answer *answer, const struct fail *why)
{
	struct notifications *state = arg;

	(void)answer;
	state->call = NULL;
	if (why != NULL)
		log_debug("notifications", "%s", why->text);
	link_released(state->link);
}

/* The service has no call that ends a channel; without topics it is idle. */
static void
release(struct link *link, void *arg)
{
	struct notifications *state = arg;
	struct span nothing = { NULL, 0 };

	census_cancel(state->room);
	state->room = NULL;
	api_cancel(state->call);
	state->call = NULL;
	if (state->channel == NULL) {
		link_released(link);
		return;
	}
	call_channel(state, "DELETE", "/subscriptions", nothing,
	    "give a channel back", on_released);
}

static struct channel *
keep(void *arg)
{
	struct notifications *state = arg;
	struct channel *channel = state->channel;

	state->channel = NULL;
	return channel;
}

/* A channel that is unknown, or not ours any more, is replaced. */
static void
refused(struct link *link, void *arg, int http_status, struct fail *why)
{
	(void)arg;
	if (http_status == 401 || http_status == 403 || http_status == 404 ||
	    http_status == 410)
		(void)fail_set(why, FAIL_STALE_CHANNEL,
		    "connection %u: the channel is gone (%d)",
		    link_number(link), http_status);
}

static void
done(void *arg)
{
	struct notifications *state = arg;

	census_cancel(state->room);
	api_cancel(state->call);
	loop_timer_free(state->ping);
	idlist_done(&state->users);
	if (state->channel != NULL)
		channel_drop(state->channel, link_env(state->link));
}

const struct protocol notifications_protocol = {
	.name = "notifications",
	.has_snapshot = true,
	.users_max = CAP_CHANNEL_TOPICS,
	.state_size = sizeof(struct notifications),
	.prepare = prepare,
	.subscribe = subscribe,
	.unsubscribe = unsubscribe,
	.decode = decode_notification,
	.release = release,
	.keep = keep,
	.refused = refused,
	.done = done,
};
