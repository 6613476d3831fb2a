#include "config.h"

#include "notify.h"

#include "buf.h"
#include "channel.h"
#include "fail.h"
#include "jget.h"
#include "jput.h"
#include "sim.h"
#include "simopt.h"
#include "socket.h"
#include "topiclist.h"

static void
send_buf(struct socket *socket, struct buf *buf)
{
	struct span text = { buf_string(buf), buf->len };

	socket_send(socket, text, NULL);
	buf_done(buf);
}

static void
send_metadata(struct socket *socket, const char *message)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	buf_text(&buf,
	    "{\"topicName\":\"channel.metadata\",\"eventBody\":"
	    "{\"message\":");
	jput_string(&buf, span_of(message));
	buf_text(&buf, "}}");
	send_buf(socket, &buf);
}

void
notify_heartbeat(struct socket *socket)
{
	send_metadata(socket, "WebSocket Heartbeat");
}

void
notify_closing(struct socket *socket, const char *channel_id)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	buf_printf(&buf,
	    "{\"topicName\":\"v2.system.socket_closing\",\"eventBody\":"
	    "{\"channelId\":\"%s\",\"systemTopicType\":\"SOCKET_CLOSING\","
	    "\"message\":\"The socket closes for maintenance.\"}}",
	    channel_id);
	send_buf(socket, &buf);
}

void
notify_displaced(
    struct socket *socket, const char *channel_id, const char *client_id)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	buf_printf(&buf,
	    "{\"topicName\":\"v2.system.no_longer_subscribed.%s\","
	    "\"eventBody\":{\"channelId\":\"%s\","
	    "\"systemTopicType\":\"NO_LONGER_SUBSCRIBED\",\"oauthClientId\":",
	    channel_id, channel_id);
	jput_string(&buf, span_of(client_id));
	buf_text(&buf, ",\"reason\":\"another_channel_subscribed\"}}");
	send_buf(socket, &buf);
}

/* {"result":"400","status":"failure","message":…} and the like. */
static void
answer(struct socket *socket, const struct json_object *request,
    const char *result, const char *status, const char *message)
{
	struct span correlation = jget_text(request, "correlationId");
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	buf_printf(
	    &buf, "{\"result\":\"%s\",\"status\":\"%s\"", result, status);
	if (message != NULL) {
		buf_text(&buf, ",\"message\":");
		jput_string(&buf, span_of(message));
	}
	if (correlation.at != NULL) {
		buf_text(&buf, ",\"correlationId\":");
		jput_string(&buf, correlation);
	}
	buf_char(&buf, '}');
	send_buf(socket, &buf);
}

static void
subscribe(struct sim *sim, struct channel *channel, struct socket *socket,
    const struct json_object *request, const struct json_object *topics)
{
	struct topic_verdict verdict;
	struct span name;
	size_t i, added = 0;

	for (i = 0; i < jget_count(topics); i++) {
		name = jget_item_text(topics, i);
		verdict = channel_judge(channel, name);
		if (verdict.reason != NULL) {
			answer(
			    socket, request, "400", "failure", verdict.reason);
			return;
		}
		if (!topiclist_has(channel_topics(channel), name))
			added++;
	}
	if (topiclist_count(channel_topics(channel)) + added >
	    (size_t)sim->opt->max_topics) {
		answer(socket, request, "400", "failure",
		    "The channel would have too many topics.");
		return;
	}
	for (i = 0; i < jget_count(topics); i++) {
		name = jget_item_text(topics, i);
		verdict = channel_judge(channel, name);
		topiclist_add(channel_topics(channel), name, verdict.user);
	}
	channel_subscribed(channel);
	answer(socket, request, "200", "subscribed", NULL);
}

static void
unsubscribe(struct channel *channel, struct socket *socket,
    const struct json_object *request, const struct json_object *topics)
{
	size_t i;

	for (i = 0; i < jget_count(topics); i++)
		topiclist_remove(
		    channel_topics(channel), jget_item_text(topics, i));
	channel_subscribed(channel);
	answer(socket, request, "200", "unsubscribed", NULL);
}

static void
act_on(struct sim *sim, struct channel *channel, struct socket *socket,
    const struct json_object *request, bool answers_ping)
{
	struct span message = jget_text(request, "message");
	const struct json_object *topics = jget_array(request, "topics");

	if (span_is(message, "ping")) {
		if (answers_ping)
			send_metadata(socket, "pong");
	} else if (span_is(message, "subscribe") && topics != NULL) {
		subscribe(sim, channel, socket, request, topics);
	} else if (span_is(message, "unsubscribe") && topics != NULL) {
		unsubscribe(channel, socket, request, topics);
	} else {
		answer(socket, request, "400", "error",
		    "The message is not understood.");
	}
}

void
notify_read(struct sim *sim, struct channel *channel, struct socket *socket,
    struct span text, bool answers_ping)
{
	const struct json_object *request;
	struct jget *jget;
	struct fail why;

	jget = jget_new();
	request = jget_parse(jget, text, &why);
	if (request == NULL)
		answer(socket, NULL, "400", "error", why.text);
	else
		act_on(sim, channel, socket, request, answers_ping);
	jget_free(jget);
}
