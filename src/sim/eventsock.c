#include "config.h"

#include "eventsock.h"

#include <stdlib.h>

#include "fail.h"
#include "jget.h"
#include "journal.h"
#include "jput.h"
#include "listener.h"
#include "loop.h"
#include "now.h"
#include "oauth.h"
#include "sim.h"
#include "simopt.h"
#include "socket.h"
#include "stream.h"
#include "window.h"
#include "world.h"
#include "xalloc.h"

#define MINUTE_MS 60000
/* A timer that is set for longer than this fires in between; harmless. */
#define MAX_TIMER_MS (24LL * 3600 * 1000)

struct session {
	struct eventsock *events;
	struct session *next;
	struct socket *socket;
	struct listener *listener;
	const struct token *token;
	struct loop_timer *expiry;
	struct window sends;
};

struct eventsock {
	struct sim *sim;
	struct session *sessions;
};

struct eventsock *
eventsock_new(struct sim *sim)
{
	struct eventsock *events;

	events = xcalloc(1, sizeof(*events));
	events->sim = sim;
	return events;
}

void
eventsock_free(struct eventsock *events)
{
	/* Every session has ended with its connection. */
	free(events);
}

/* An error message, and the end of the connection. */
static void
refuse(struct session *session, const char *message)
{
	struct buf buf;
	struct span text;

	buf_init(&buf, SIZE_MAX);
	buf_text(&buf, "{\"type\":\"error\",\"message\":");
	jput_string(&buf, span_of(message));
	buf_char(&buf, '}');
	text.at = buf_string(&buf);
	text.len = buf.len;
	socket_send(session->socket, text, NULL);
	buf_done(&buf);
	socket_close(session->socket, 1008, message);
}

/*
 * The tutorial's JSON Schema, by hand.  NULL where the message keeps to it,
 * else what is wrong.
 */
static const char *
judge(const struct json_object *message)
{
	const struct json_object *types, *filters, *users;
	size_t i;

	if (!jget_is_object(message))
		return "the message is not an object";
	if (!span_is(jget_text(message, "type"), "subscribe"))
		return "type is not \"subscribe\"";
	types = jget_array(message, "eventTypes");
	if (types == NULL)
		return "eventTypes is not an array";
	for (i = 0; i < jget_count(types); i++)
		if (!span_is(jget_item_text(types, i), "presence"))
			return "an event type is not \"presence\"";
	filters = jget_object(message, "filters");
	if (filters == NULL)
		return "filters is not an object";
	users = jget_array(filters, "userId");
	if (users == NULL)
		return "filters.userId is not an array";
	for (i = 0; i < jget_count(users); i++)
		if (jget_item_text(users, i).at == NULL)
			return "a user ID is not a string";
	return NULL;
}

static void
journal_subscribed(struct session *session)
{
	struct sim *sim = session->events->sim;
	struct buf *line;
	size_t i;

	if (!journal_is_on(sim->journal))
		return;
	line = journal_start(sim->journal, "subscribed");
	buf_printf(line, ",\"connection\":%u,\"userIds\":[",
	    socket_number(session->socket));
	for (i = 0; i < listener_count(session->listener); i++) {
		if (i > 0)
			buf_char(line, ',');
		jput_string(
		    line, span_of(listener_user(session->listener, i)->id));
	}
	buf_char(line, ']');
	journal_end(sim->journal, sim_wall_ms(sim));
}

/* Subscribes the users of a good message; false where they are too many. */
static bool
subscribe(struct session *session, const struct json_object *message)
{
	const struct json_object *users;
	struct sim *sim = session->events->sim;
	struct user *user;
	size_t i;

	users = jget_array(jget_object(message, "filters"), "userId");
	if (jget_count(jget_array(message, "eventTypes")) == 0)
		return true;
	for (i = 0; i < jget_count(users); i++) {
		user = world_meet(
		    sim->world, jget_item_text(users, i), sim_wall_ms(sim));
		/* Who is unknown or refused is never heard of. */
		if (user == NULL || user->missing_permission != NULL)
			continue;
		listener_add(session->listener, user);
		if ((int64_t)listener_count(session->listener) >
		    sim->opt->events_users)
			return false;
	}
	return true;
}

static void
on_text(void *arg, struct span text)
{
	struct session *session = arg;
	const struct json_object *message;
	const char *wrong;
	struct jget *jget;
	struct fail why;

	if (window_wait_ms(&session->sends, now_ms()) > 0) {
		refuse(session, "too many messages in a minute");
		return;
	}
	window_take(&session->sends, now_ms());
	jget = jget_new();
	message = jget_parse(jget, text, &why);
	wrong = message == NULL ? why.text : judge(message);
	if (wrong != NULL)
		refuse(session, wrong);
	else if (!subscribe(session, message))
		refuse(session, "too many users on one connection");
	else
		journal_subscribed(session);
	jget_free(jget);
}

static void
on_closed(void *arg)
{
	struct session *session = arg, **link;

	for (link = &session->events->sessions; *link != session;)
		link = &(*link)->next;
	*link = session->next;
	listener_connect(session->listener, NULL);
	listener_free(session->listener);
	loop_timer_free(session->expiry);
	window_done(&session->sends);
	free(session);
}

static const struct socket_user socket_user = { on_text, on_closed };

/* Ends the session with its token, or waits for that. */
static void
check_token(struct session *session)
{
	int64_t left = token_left_ms(session->token);

	if (token_fault(session->token) != NULL)
		socket_close(session->socket, 1008, "the token has expired");
	else
		loop_timer_set(
		    session->expiry, left < MAX_TIMER_MS ? left : MAX_TIMER_MS);
}

static void
on_expiry(void *arg)
{
	check_token(arg);
}

struct socket *
eventsock_connect(
    struct eventsock *events, struct conn *conn, const struct token *token)
{
	struct sim *sim = events->sim;
	struct session *session;

	session = xcalloc(1, sizeof(*session));
	session->events = events;
	session->token = token;
	session->next = events->sessions;
	events->sessions = session;
	window_init(&session->sends, (size_t)sim->opt->events_sends, MINUTE_MS);
	session->expiry = loop_timer_new(sim->loop, on_expiry, session);
	session->listener = listener_new(stream_audience(sim->stream));
	session->socket = stream_open(sim->stream, conn, PROTOCOL_EVENTS);
	socket_serve(session->socket, &socket_user, session);
	listener_connect(session->listener, session->socket);
	check_token(session);
	return session->socket;
}

void
eventsock_check_tokens(struct eventsock *events)
{
	struct session *each;

	if (events == NULL)
		return;
	for (each = events->sessions; each != NULL; each = each->next)
		check_token(each);
}
