#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "fail.h"
#include "jget.h"
#include "jput.h"
#include "oauth.h"
#include "rest.h"
#include "sim.h"
#include "simopt.h"
#include "topiclist.h"
#include "xalloc.h"

/*
 * Where a channel's socket is: the host by which the client came, so that it
 * also works through a forwarded port.
 */
static void
put_connect_uri(const struct call *call, const struct channel *channel)
{
	struct buf *body = &call->reply->body;
	const char *scheme = call->sim->opt->tls_cert == NULL ? "ws" : "wss";
	struct span host = request_header(call->request, "Host");
	struct buf uri;

	buf_init(&uri, SIZE_MAX);
	buf_printf(&uri, "%s://", scheme);
	if (host.len > 0)
		buf_add(&uri, host.at, host.len);
	else
		buf_text(&uri, strstr(call->sim->url, "://") + 3);
	buf_printf(&uri, "/channels/%s", channel_id(channel));
	buf_text(body, ",\"connectUri\":");
	jput_string(body, (struct span){ uri.bytes, uri.len });
	buf_done(&uri);
}

/* ID and connectUri only for those who may know them. */
static void
put_channel(
    const struct call *call, const struct channel *channel, bool is_shown)
{
	struct buf *body = &call->reply->body;

	buf_char(body, '{');
	if (is_shown) {
		buf_printf(body, "\"id\":\"%s\"", channel_id(channel));
		put_connect_uri(call, channel);
		buf_char(body, ',');
	}
	buf_text(body, "\"expires\":");
	jput_time(body, channel_expires_wall_ms(channel));
	buf_char(body, '}');
}

void
rest_channel_create(struct call *call)
{
	put_channel(
	    call, channels_open(call->sim->channels, call->token), true);
}

void
rest_channel_list(struct call *call)
{
	const struct channels *channels = call->sim->channels;
	const struct channel *channel;
	struct buf *body = &call->reply->body, value;
	size_t cursor = 0, i, shown = 0;
	bool all, own;

	buf_init(&value, 64);
	all = request_next_value(
		  call->request->query, "includechannels", &cursor, &value) &&
	    text_same(span_of(buf_string(&value)), span_of("oauthclient"));
	buf_done(&value);
	buf_text(body, "{\"entities\":[");
	for (i = 0; i < channels_count(channels); i++) {
		channel = channels_get(channels, i);
		own = channel_token(channel) == token_number(call->token);
		if (!own && !all)
			continue;
		if (shown++ > 0)
			buf_char(body, ',');
		/* Of the client's other tokens one only sees that they are. */
		put_channel(call, channel, own);
	}
	buf_text(body, "]}");
}

/* The channel of the path, or NULL with the call answered. */
static struct channel *
channel_of(struct call *call)
{
	struct channel *channel;

	channel = channels_find(call->sim->channels, call->id);
	if (channel == NULL)
		call_refuse(call, 404, "not.found",
		    "The channel does not exist or has expired.");
	else
		channel_touch(channel);
	return channel;
}

void
rest_channel_exists(struct call *call)
{
	struct channel *channel = channel_of(call);

	if (channel != NULL)
		put_channel(call, channel, true);
}

static void
put_topic(struct buf *body, size_t i, struct span name)
{
	buf_text(body, i == 0 ? "{\"id\":" : ",{\"id\":");
	jput_string(body, name);
	buf_text(body, ",\"state\":");
}

/* The answer to a subscription: each topic that was asked for. */
static void
put_verdicts(struct call *call, const struct json_object *topics,
    const struct topic_verdict *verdicts)
{
	struct buf *body = &call->reply->body;
	size_t i;

	buf_text(body, "{\"entities\":[");
	for (i = 0; i < jget_count(topics); i++) {
		put_topic(body, i, jget_text(jget_item(topics, i), "id"));
		if (verdicts[i].reason == NULL) {
			buf_text(body, "\"Permitted\"}");
			continue;
		}
		buf_text(body, "\"Rejected\",\"rejectionReason\":");
		jput_string(body, span_of(verdicts[i].reason));
		if (verdicts[i].missing_permission != NULL) {
			buf_text(body, ",\"missingPermissions\":[");
			jput_string(
			    body, span_of(verdicts[i].missing_permission));
			buf_char(body, ']');
		}
		buf_char(body, '}');
	}
	buf_text(body, "]}");
}

void
rest_topics_get(struct call *call)
{
	struct channel *channel = channel_of(call);
	struct buf *body = &call->reply->body;
	size_t i;

	if (channel == NULL)
		return;
	buf_text(body, "{\"entities\":[");
	for (i = 0; i < topiclist_count(channel_topics(channel)); i++) {
		put_topic(body, i, topiclist_name(channel_topics(channel), i));
		buf_text(body, "\"Permitted\"}");
	}
	buf_text(body, "]}");
}

static bool
ignores_errors(const struct call *call)
{
	struct buf value;
	size_t cursor = 0;
	bool ignores;

	buf_init(&value, 16);
	ignores = request_next_value(
		      call->request->query, "ignoreErrors", &cursor, &value) &&
	    text_same(span_of(buf_string(&value)), span_of("true"));
	buf_done(&value);
	return ignores;
}

/* One refused topic refuses all; names the permission where it is one. */
static void
refuse_all(struct call *call, const struct topic_verdict *verdict)
{
	struct buf message;

	buf_init(&message, SIZE_MAX);
	if (verdict->missing_permission == NULL) {
		buf_text(&message, verdict->reason);
		call_refuse(call, 403, "not.authorized", buf_string(&message));
	} else {
		buf_printf(&message,
		    "Unable to perform the requested action. You are missing "
		    "the following permission(s): %s",
		    verdict->missing_permission);
		call_refuse(
		    call, 403, "missing.permissions", buf_string(&message));
	}
	buf_done(&message);
}

/*
 * Judges the topics.  False with the call answered where one is refused and
 * errors are not to be ignored, or where they would be too many.
 */
static bool
may_subscribe(struct call *call, const struct channel *channel,
    const struct json_object *topics, struct topic_verdict *verdicts,
    bool replaces)
{
	size_t i,
	    total = replaces ? 0 : topiclist_count(channel_topics(channel));
	struct span name;

	for (i = 0; i < jget_count(topics); i++) {
		name = jget_text(jget_item(topics, i), "id");
		verdicts[i] = channel_judge(channel, name);
		if (verdicts[i].reason == NULL &&
		    (replaces || !topiclist_has(channel_topics(channel), name)))
			total++;
		if (verdicts[i].reason != NULL && !ignores_errors(call)) {
			refuse_all(call, &verdicts[i]);
			return false;
		}
	}
	if (total <= (size_t)call->sim->opt->max_topics)
		return true;
	call_refuse(call, 400, "bad.request",
	    "The channel would have more topics than are allowed.");
	return false;
}

static void
subscribe(struct call *call, struct channel *channel,
    const struct json_object *topics, bool replaces)
{
	struct topic_verdict *verdicts;
	size_t i;

	verdicts = xcalloc(jget_count(topics) + 1, sizeof(*verdicts));
	if (may_subscribe(call, channel, topics, verdicts, replaces)) {
		if (replaces)
			topiclist_clear(channel_topics(channel));
		for (i = 0; i < jget_count(topics); i++)
			if (verdicts[i].reason == NULL)
				topiclist_add(channel_topics(channel),
				    jget_text(jget_item(topics, i), "id"),
				    verdicts[i].user);
		channel_subscribed(channel);
		put_verdicts(call, topics, verdicts);
	}
	free(verdicts);
}

/* Whether the body is what it should be: [{"id":"topic"},…]. */
static bool
are_topics(const struct json_object *topics)
{
	size_t i;

	if (!jget_is_array(topics))
		return false;
	for (i = 0; i < jget_count(topics); i++)
		if (jget_text(jget_item(topics, i), "id").at == NULL)
			return false;
	return true;
}

static void
read_topics(struct call *call, bool replaces)
{
	struct channel *channel = channel_of(call);
	const struct json_object *topics;
	struct jget *jget;

	if (channel == NULL)
		return;
	jget = jget_new();
	topics = jget_parse(jget, call->request->body, NULL);
	if (are_topics(topics))
		subscribe(call, channel, topics, replaces);
	else
		call_refuse(call, 400, "bad.request",
		    "The body is not an array of objects with an id.");
	jget_free(jget);
}

void
rest_topics_add(struct call *call)
{
	read_topics(call, false);
}

void
rest_topics_replace(struct call *call)
{
	read_topics(call, true);
}

void
rest_topics_remove(struct call *call)
{
	struct channel *channel = channel_of(call);

	if (channel == NULL)
		return;
	topiclist_clear(channel_topics(channel));
	channel_subscribed(channel);
	call->reply->status = 204;
}

/* What "expand" adds to a topic. */
static const struct {
	const char *name;
	const char *member;
} expansions[] = {
	{ "description", ",\"description\":\"Presence of a user\"" },
	{ "enforced", ",\"enforced\":true" },
	{ "permissionDetails", ",\"permissionDetails\":[]" },
	{ "requiresPermissions", ",\"requiresPermissions\":[]" },
	{ "transports",
	    ",\"transports\":[\"All\",\"Websocket\",\"EventBridge\"]" },
};

static void
put_expansions(struct buf *body, struct span names)
{
	struct span name;
	size_t i;

	while (names.len > 0) {
		name = text_cut(&names, ',');
		for (i = 0; i < sizeof(expansions) / sizeof(expansions[0]); i++)
			if (text_same(name, span_of(expansions[i].name)))
				buf_text(body, expansions[i].member);
	}
}

void
rest_available_topics(struct call *call)
{
	struct buf *body = &call->reply->body, value;
	size_t cursor = 0;

	buf_text(body, "{\"entities\":[{\"id\":\"v2.users.{id}.presence\"");
	buf_init(&value, 256);
	while (
	    request_next_value(call->request->query, "expand", &cursor, &value))
		put_expansions(body, span_of(buf_string(&value)));
	buf_done(&value);
	buf_text(body, "}]}");
}
