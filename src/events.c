#include "config.h"

#include "events.h"

#include <stdlib.h>

#include "audit.h"
#include "buf.h"
#include "caps.h"
#include "decode.h"
#include "fail.h"
#include "http.h"
#include "idlist.h"
#include "jget.h"
#include "jput.h"
#include "link.h"
#include "log.h"
#include "loop.h"
#include "now.h"
#include "percent.h"
#include "stats.h"
#include "token.h"
#include "url.h"
#include "window.h"
#include "xalloc.h"

#define MINUTE_MS (60LL * 1000)

struct events {
	struct link *link;
	struct token_wait *token_wait;
	char *token;          /* that the connection was made with */
	struct window window; /* of subscription sends */
	struct loop_timer *timer;
	struct idlist users; /* to be subscribed */
	size_t sent;         /* of them */
};

void
events_put_subscription(struct buf *buf, const struct span *ids, size_t count)
{
	size_t i;

	buf_text(buf,
	    "{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"],"
	    "\"filters\":{\"userId\":[");
	for (i = 0; i < count; i++) {
		if (i > 0)
			buf_char(buf, ',');
		jput_string(buf, ids[i]);
	}
	buf_text(buf, "]}}");
}

int
events_check_subscription(struct span text, struct fail *why)
{
	const struct json_object *root, *types, *users;
	struct jget *jget;
	struct fail reason;
	bool good;
	size_t i;

	jget = jget_new();
	root = jget_parse(jget, text, &reason);
	types = jget_array(root, "eventTypes");
	users = jget_array(jget_object(root, "filters"), "userId");
	good = span_is(jget_text(root, "type"), "subscribe") &&
	    jget_count(types) > 0 && jget_count(users) > 0;
	for (i = 0; i < jget_count(types); i++)
		good = good && span_is(jget_item_text(types, i), "presence");
	for (i = 0; i < jget_count(users); i++)
		good = good && jget_item_text(users, i).len > 0;
	jget_free(jget);
	return good ? 0
		    : fail_set(why, FAIL_INTERNAL,
			  "a subscription does not match its schema");
}

/* The URL of the socket, with the token: never to be logged. */
static void
put_url(const struct url *api, const char *token, struct buf *buf)
{
	buf_printf(buf,
	    strchr(api->host, ':') == NULL ? "%s://%s:%d" : "%s://[%s]:%d",
	    api->tls ? "wss" : "ws", api->host, api->port);
	buf_text(buf, "/api/v2/analytics/events?token=");
	percent_put(buf, span_of(token));
}

static void
on_token(void *arg, const char *value, const struct fail *why)
{
	struct events *events = arg;
	const struct link_env *env = link_env(events->link);
	struct buf url;

	events->token_wait = NULL;
	if (value == NULL) {
		link_fail(events->link, why);
		return;
	}
	events->token = xstrdup(value);
	buf_init_secret(&url, SIZE_MAX);
	put_url(env->api_url, value, &url);
	/* The socket has no heartbeat: silence says nothing. */
	link_connect(events->link, buf_string(&url), 0);
	buf_done(&url);
}

static void send_users(void *arg);

static void
prepare(struct link *link, void *state, struct channel *channel)
{
	struct events *events = state;
	const struct link_env *env = link_env(link);

	(void)channel;
	events->link = link;
	window_init(&events->window, env->sends_per_minute, MINUTE_MS);
	events->timer = loop_timer_new(env->loop, send_users, events);
	events->token_wait = token_get(env->token, on_token, events);
}

static void
defer(struct events *events, int64_t wait_ms)
{
	const struct link_env *env = link_env(events->link);

	loop_timer_set(events->timer, wait_ms);
	env->stats->throttled++;
	log_notice("events",
	    "connection %u: the next subscription waits %g s for the limit of "
	    "%zu a minute",
	    link_number(events->link), (double)wait_ms / 1000,
	    env->sends_per_minute);
	audit_start(env->audit, "SEND_DEFERRED");
	audit_text(env->audit, "what", span_of("subscription"));
	audit_number(env->audit, "connection", link_number(events->link));
	audit_number(env->audit, "delayMs", wait_ms);
	audit_finish(env->audit);
}

/* One message for the users that wait; false where it would break the rules. */
static bool
send_subscription(struct events *events, const struct span *ids, size_t count)
{
	const struct link_env *env = link_env(events->link);
	struct span payload;
	struct buf buf;
	struct fail why;
	bool good;

	buf_init(&buf, SIZE_MAX);
	events_put_subscription(&buf, ids, count);
	payload.at = buf_string(&buf);
	payload.len = buf.len;
	good = events_check_subscription(payload, &why) == 0;
	if (good) {
		window_take(&events->window, now_ms());
		link_send(events->link, payload);
		audit_start(env->audit, "SUBSCRIPTION_SENT");
		audit_number(
		    env->audit, "connection", link_number(events->link));
		audit_members(env->audit, payload);
		audit_finish(env->audit);
	} else {
		link_fail(events->link, &why);
	}
	buf_done(&buf);
	return good;
}

/* Sends what waits, as far as the limit allows it now. */
static void
send_users(void *arg)
{
	struct events *events = arg;
	struct span *ids;
	size_t count;
	int64_t wait_ms;

	while (events->sent < events->users.count) {
		wait_ms = window_wait_ms(&events->window, now_ms());
		if (wait_ms > 0) {
			defer(events, wait_ms);
			return;
		}
		ids = events->users.ids + events->sent;
		count = events->users.count - events->sent;
		if (count > CAP_SEND_USERS)
			count = CAP_SEND_USERS;
		if (!send_subscription(events, ids, count))
			return;
		events->sent += count;
		link_accepted(events->link, ids, count);
	}
	idlist_done(&events->users);
	link_subscribed(events->link);
}

static void
subscribe(struct link *link, void *state, const struct span *ids, size_t count)
{
	struct events *events = state;

	(void)link;
	idlist_add_all(&events->users, ids, count);
	events->sent = 0;
	send_users(events);
}

static void
refused(struct link *link, void *state, int http_status, struct fail *why)
{
	struct events *events = state;

	if (http_status == 401 && events->token != NULL) {
		token_refused(link_env(link)->token, events->token);
		why->kind = FAIL_STALE_TOKEN;
	} else if (http_status == 403) {
		(void)fail_set(why, FAIL_REFUSED,
		    "the events socket refuses us (403): the OAuth client has "
		    "no permission to read presence (scope presence:read)");
	} else if (http_status == 404) {
		(void)fail_set(why, FAIL_ABSENT,
		    "%s has no events socket (404): try --protocol "
		    "notifications",
		    link_env(link)->api_url->host);
	}
}

static void
done(void *state)
{
	struct events *events = state;

	token_cancel(events->token_wait);
	loop_timer_free(events->timer);
	window_done(&events->window);
	idlist_done(&events->users);
	xwipe(events->token);
}

const struct protocol events_protocol = {
	.name = "events",
	.has_snapshot = false,
	.users_max = CAP_EVENTS_USERS,
	.state_size = sizeof(struct events),
	.prepare = prepare,
	.subscribe = subscribe,
	.decode = decode_event,
	.refused = refused,
	.done = done,
};
