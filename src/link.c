#include "config.h"

#include "link.h"

#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "decode.h"
#include "fail.h"
#include "log.h"
#include "loop.h"
#include "map.h"
#include "now.h"
#include "plan.h"
#include "presence.h"
#include "redact.h"
#include "stats.h"
#include "wsock.h"
#include "xalloc.h"

/* Fewer bytes of a connectUri are a word of its path. */
#define KEY_MIN 16
/* How long a polite end may take. */
#define CLOSE_TIMEOUT_MS 2500

enum link_state {
	LINK_PREPARING,
	LINK_CONNECTING,
	LINK_OPEN,
	LINK_CLOSING,
	LINK_ENDED,
};

struct link {
	struct link_env *env;
	const struct protocol *protocol;
	const struct link_handler *handler;
	void *arg;
	size_t shard;
	unsigned int number;
	enum link_state state;
	struct wsock *wsock;
	struct loop_timer *timer; /* starts, and ends a polite end */
	struct map *asked;        /* users of the shard that were asked for */
	bool asking;
	bool left; /* users did, which the service is not told of yet */
	bool live; /* on_live was called for all that were there */
	bool heard;
	bool holds; /* the protocol has something to give back */
	int64_t expires_ms;
	int64_t heard_ms; /* wall time */
	enum stats_end cause;
	struct channel *channel; /* to begin with; the protocol takes it */
	void *state_of_protocol;
};

static void
end(struct link *link, const struct fail *why)
{
	if (link->state == LINK_ENDED)
		return;
	link->state = LINK_ENDED;
	link->handler->on_end(link->arg, why);
}

/* The polite end is complete when the socket is closed and all given back. */
static void
end_if_closed(struct link *link)
{
	static const struct fail nothing = { .kind = FAIL_NONE };

	if (link->state == LINK_CLOSING && link->wsock == NULL && !link->holds)
		end(link, &nothing);
}

static void
on_timer(void *arg)
{
	struct link *link = arg;

	struct channel *channel = link->channel;

	if (link->state == LINK_PREPARING) {
		link->channel = NULL;
		link->protocol->prepare(link, link->state_of_protocol, channel);
		return;
	}
	wsock_free(link->wsock);
	link->wsock = NULL;
	link->holds = false;
	end_if_closed(link);
}

struct link *
link_new(struct link_env *env, size_t shard, unsigned int number,
    struct channel *channel, const struct link_handler *handler, void *arg)
{
	struct link *link;

	link = xcalloc(1, sizeof(*link));
	link->env = env;
	link->protocol = env->protocol;
	link->handler = handler;
	link->arg = arg;
	link->shard = shard;
	link->number = number;
	link->channel = channel;
	link->asked = map_new(0);
	link->expires_ms = INT64_MAX;
	link->heard_ms = NOW_NONE;
	link->cause = STATS_LOST;
	link->state_of_protocol = xcalloc(1, env->protocol->state_size);
	link->timer = loop_timer_new(env->loop, on_timer, link);
	loop_timer_set(link->timer, 0);
	env->links++;
	return link;
}

/*
 * Calls fn with each part of the path and query that is long enough to be what
 * opens the channel; the host is no secret.
 */
static void
for_each_key(const char *uri, void (*fn)(const char *key))
{
	static const char borders[] = "/?&=#";
	const char *at = strstr(uri, "://");
	size_t len;
	char *key;

	at = at == NULL ? uri : at + 3;
	for (at += strcspn(at, borders); *at != '\0'; at += len) {
		at += strspn(at, borders);
		len = strcspn(at, borders);
		if (len < KEY_MIN)
			continue;
		key = xstrndup(at, len);
		fn(key);
		xwipe(key);
	}
}

struct channel *
channel_take(char *id, char *uri)
{
	struct channel *channel;

	channel = xcalloc(1, sizeof(*channel));
	channel->id = id;
	channel->uri = uri;
	redact_add(id);
	for_each_key(uri, redact_add);
	return channel;
}

void
channel_drop(struct channel *channel, struct link_env *env)
{
	size_t i, oldest = 0;

	if (channel == NULL)
		return;
	for (i = 1; i < CAP_GIVEN_BACK; i++)
		if (env->given_back[i] < env->given_back[oldest])
			oldest = i;
	env->given_back[oldest] = channel->expires_ms;
	env->channels--;
	redact_retire(channel->id);
	for_each_key(channel->uri, redact_retire);
	xwipe(channel->uri);
	xwipe(channel->id);
	free(channel);
}

void
link_free(struct link *link)
{
	if (link == NULL)
		return;
	wsock_free(link->wsock);
	link->protocol->done(link->state_of_protocol);
	free(link->state_of_protocol);
	channel_drop(link->channel, link->env);
	loop_timer_free(link->timer);
	map_free(link->asked);
	link->env->links--;
	free(link);
}

/* Users of the shard that were not asked for yet; the array is the caller's. */
static struct span *
newcomers(struct link *link, size_t *ret_count)
{
	const struct plan *plan = link->env->plan;
	size_t users = plan_shard_count(plan, link->shard), i;
	struct span *ids = NULL, id;
	size_t count = 0;

	for (i = 0; i < users; i++) {
		id = plan_user(plan, link->shard, i);
		if (map_get(link->asked, id) != NULL)
			continue;
		if (ids == NULL)
			ids = xcalloc(users - i, sizeof(*ids));
		ids[count++] = id;
	}
	*ret_count = count;
	return ids;
}

/* Forgets users that have left the shard; true where there were any. */
static bool
forget_leavers(struct link *link)
{
	size_t cursor = 0;
	struct span id;
	bool any = false;

	while (map_next(link->asked, &cursor, &id) != NULL)
		if (!plan_has(link->env->plan, link->shard, id)) {
			(void)map_remove(link->asked, id);
			any = true;
		}
	return any;
}

static void
ask_more(struct link *link)
{
	struct span *ids;
	size_t count, i;

	if (link->state != LINK_OPEN)
		return;
	/* Also while a call is under way: who comes back is asked for anew. */
	if (forget_leavers(link))
		link->left = true;
	if (link->asking)
		return;
	if (link->left && link->protocol->unsubscribe != NULL) {
		link->left = false;
		link->asking = true;
		link->protocol->unsubscribe(link, link->state_of_protocol);
		return;
	}
	ids = newcomers(link, &count);
	if (count > 0) {
		link->asking = true;
		link->live = false;
		for (i = 0; i < count; i++)
			(void)map_put(link->asked, ids[i], NULL);
		link->protocol->subscribe(
		    link, link->state_of_protocol, ids, count);
	} else if (!link->live) {
		link->live = true;
		link->handler->on_live(link->arg);
	}
	free(ids);
}

void
link_refresh(struct link *link)
{
	ask_more(link);
}

void
link_close(struct link *link)
{
	if (link->state == LINK_CLOSING || link->state == LINK_ENDED)
		return;
	link->holds = link->protocol->release != NULL;
	link->state = LINK_CLOSING;
	loop_timer_set(link->timer, CLOSE_TIMEOUT_MS);
	if (link->wsock != NULL)
		wsock_close(link->wsock);
	/* The last thing: it may end the link. */
	if (link->holds)
		link->protocol->release(link, link->state_of_protocol);
	else if (link->wsock == NULL)
		loop_timer_set(link->timer, 0);
}

struct channel *
link_keep_channel(struct link *link)
{
	struct channel *channel = link->channel;

	link->channel = NULL;
	if (channel == NULL && link->protocol->keep != NULL)
		channel = link->protocol->keep(link->state_of_protocol);
	return channel;
}

int64_t
link_heard_ms(const struct link *link)
{
	if (link->state == LINK_OPEN)
		return now_wall_ms() - now_ms() + wsock_heard_ms(link->wsock);
	return link->heard_ms;
}

bool
link_heard_since(const struct link *link, int64_t since_ms)
{
	return link->state == LINK_OPEN &&
	    wsock_heard_ms(link->wsock) >= since_ms;
}

enum stats_end
link_end_cause(const struct link *link)
{
	return link->cause;
}

int64_t
link_expires_ms(const struct link *link)
{
	return link->expires_ms;
}

void
link_set_expiry(struct link *link, int64_t expires_ms)
{
	link->expires_ms = expires_ms;
}

void
link_probe(struct link *link)
{
	if (link->state == LINK_OPEN)
		wsock_ping(link->wsock);
}

struct link_env *
link_env(const struct link *link)
{
	return link->env;
}

size_t
link_shard(const struct link *link)
{
	return link->shard;
}

unsigned int
link_number(const struct link *link)
{
	return link->number;
}

void
link_fail(struct link *link, const struct fail *why)
{
	if (link->state != LINK_CLOSING)
		end(link, why);
}

static void
on_open(void *arg)
{
	struct link *link = arg;

	link->state = LINK_OPEN;
	log_info("link", "connection %u is open (%s)", link->number,
	    link->protocol->name);
	audit_start(link->env->audit, "CHANNEL_OPENED");
	audit_number(link->env->audit, "connection", link->number);
	audit_text(link->env->audit, "protocol", span_of(link->protocol->name));
	audit_finish(link->env->audit);
	link->handler->on_open(link->arg);
	ask_more(link);
}

static void
on_text(void *arg, struct span text)
{
	struct link *link = arg;
	struct decoded decoded;

	link->heard = true;
	link->heard_ms = loop_wall_ms(link->env->loop);
	link->protocol->decode(link->env->decode, text, &decoded);
	if (decoded.kind == DECODE_PRESENCE) {
		decoded.presence.received_ms = link->heard_ms;
		decoded.presence.source = PRESENCE_STREAM;
		link->handler->on_presence(link->arg, &decoded.presence);
	} else if (decoded.kind != DECODE_HEARTBEAT) {
		link->handler->on_skipped(link->arg, &decoded);
	}
}

static void
on_skip(void *arg, const char *why)
{
	struct link *link = arg;

	link->heard = true;
	link->handler->on_too_large(link->arg, why);
}

static void
read_report(
    struct link *link, const struct wsock_report *report, struct fail *why)
{
	enum fail_kind kind = FAIL_UNREACHABLE;

	if (report->bad_name)
		kind = FAIL_CONFIG;
	else if (report->bad_certificate)
		kind = FAIL_UNTRUSTED;
	else if (report->end == WSOCK_REFUSED &&
	    (report->http_status == 429 || report->http_status >= 500))
		kind = FAIL_BUSY;
	(void)fail_set(
	    why, kind, "connection %u: %s", link->number, report->text);
	if (report->retry_after_ms > 0)
		why->retry_after_ms = report->retry_after_ms;
	if (report->end == WSOCK_REFUSED && link->protocol->refused != NULL)
		link->protocol->refused(
		    link, link->state_of_protocol, report->http_status, why);
}

static void
on_end(void *arg, const struct wsock_report *report)
{
	struct link *link = arg;
	struct fail why;

	wsock_free(link->wsock);
	link->wsock = NULL;
	if (report->heard_ms != NOW_NONE)
		link->heard_ms = report->heard_ms;
	if (report->end == WSOCK_CLOSED)
		link->cause = STATS_CLOSED;
	else if (report->end == WSOCK_SILENT)
		link->cause = STATS_SILENT;
	if (report->was_open) {
		audit_start(link->env->audit, "CHANNEL_CLOSED");
		audit_number(link->env->audit, "connection", link->number);
		if (report->end == WSOCK_CLOSED && report->close_code != 0)
			audit_number(
			    link->env->audit, "code", report->close_code);
		audit_words(link->env->audit, "why", span_of(report->text));
		audit_finish(link->env->audit);
	}
	if (link->state == LINK_CLOSING) {
		end_if_closed(link);
		return;
	}
	read_report(link, report, &why);
	end(link, &why);
}

static const struct wsock_handler on_socket = {
	.on_open = on_open,
	.on_text = on_text,
	.on_skip = on_skip,
	.on_end = on_end,
};

void
link_connect(struct link *link, const char *url, int64_t silence_ms)
{
	struct fail why;

	if (link->state != LINK_PREPARING)
		return;
	link->state = LINK_CONNECTING;
	link->wsock = wsock_open(
	    link->env->wsocks, url, silence_ms, &on_socket, link, &why);
	if (link->wsock == NULL)
		link_fail(link, &why);
}

void
link_send(struct link *link, struct span text)
{
	if (link->state == LINK_OPEN)
		wsock_send(link->wsock, text);
}

void
link_subscribed(struct link *link)
{
	link->asking = false;
	ask_more(link);
}

void
link_accepted(struct link *link, const struct span *ids, size_t count)
{
	if (count > 0)
		link->handler->on_subscribed(link->arg, ids, count);
}

void
link_rejected(struct link *link, struct span id, const char *why)
{
	link->handler->on_rejected(link->arg, id, why);
}

void
link_released(struct link *link)
{
	link->holds = false;
	end_if_closed(link);
}

bool
link_heard(struct link *link)
{
	bool heard = link->heard;

	link->heard = false;
	return heard;
}
