#include "config.h"

#include "channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "jput.h"
#include "listener.h"
#include "log.h"
#include "loop.h"
#include "notify.h"
#include "now.h"
#include "oauth.h"
#include "sim.h"
#include "simopt.h"
#include "socket.h"
#include "stream.h"
#include "topic.h"
#include "topiclist.h"
#include "world.h"
#include "xalloc.h"

#define CHANNEL_ID 48

struct channel {
	struct channels *channels;
	char id[CHANNEL_ID];
	uint64_t token;
	int64_t expires_ms; /* wall time, not skewed */
	uint64_t used;      /* when, on the channels' own clock */
	struct listener *listener;
	struct topiclist *topics;
	struct socket *socket;
	struct loop_timer *expiry;
	struct loop_timer *heartbeat;
	struct loop_timer *closing;
};

struct channels {
	struct sim *sim;
	struct channel **all;
	size_t count;
	uint64_t uses;
	bool heartbeat;
	bool pong;
};

static void on_expiry(void *arg);
static void on_heartbeat(void *arg);
static void on_closing(void *arg);

struct channels *
channels_new(struct sim *sim)
{
	struct channels *channels;

	channels = xcalloc(1, sizeof(*channels));
	channels->sim = sim;
	channels->heartbeat = true;
	channels->pong = true;
	return channels;
}

static void
journal_channel(const struct channel *channel, const char *what)
{
	struct sim *sim = channel->channels->sim;

	buf_printf(journal_start(sim->journal, "channel"),
	    ",\"channel\":\"%s\",\"is\":\"%s\"", channel->id, what);
	journal_end(sim->journal, sim_wall_ms(sim));
	log_info("channel", "%s %s", channel->id, what);
}

/*
 * Frees a channel.  Its socket, where it still has one, goes on to its end
 * without it.
 */
static void
drop_channel(struct channel *channel)
{
	struct channels *channels = channel->channels;
	size_t i = 0;

	while (channels->all[i] != channel)
		i++;
	channels->count--;
	memmove(&channels->all[i], &channels->all[i + 1],
	    (channels->count - i) * sizeof(struct channel *));
	if (channel->socket != NULL)
		socket_serve(channel->socket, NULL, NULL);
	listener_connect(channel->listener, NULL);
	topiclist_free(channel->topics);
	listener_free(channel->listener);
	loop_timer_free(channel->expiry);
	loop_timer_free(channel->heartbeat);
	loop_timer_free(channel->closing);
	free(channel);
}

void
channels_free(struct channels *channels)
{
	if (channels == NULL)
		return;
	while (channels->count > 0)
		drop_channel(channels->all[0]);
	free(channels->all);
	free(channels);
}

size_t
channels_count(const struct channels *channels)
{
	return channels->count;
}

struct channel *
channels_get(const struct channels *channels, size_t i)
{
	return channels->all[i];
}

struct channel *
channels_find(const struct channels *channels, struct span id)
{
	size_t i;

	for (i = 0; i < channels->count; i++)
		if (span_is(id, channels->all[i]->id))
			return channels->all[i];
	return NULL;
}

/* What a socket hears of a channel that is not its client's any more. */
static void
displace(struct channel *channel, const char *what)
{
	if (channel->socket != NULL) {
		notify_displaced(channel->socket, channel->id,
		    channel->channels->sim->opt->client_id);
		socket_close(
		    channel->socket, 1000, "another channel subscribed");
	}
	journal_channel(channel, what);
	drop_channel(channel);
}

/* The one to give way: unconnected before connected, then the idlest. */
static void
evict_one(struct channels *channels)
{
	struct channel *each, *worst = channels->all[0];
	size_t i;

	for (i = 1; i < channels->count; i++) {
		each = channels->all[i];
		if ((each->socket == NULL) != (worst->socket == NULL)) {
			if (each->socket == NULL)
				worst = each;
		} else if (each->used < worst->used) {
			worst = each;
		}
	}
	displace(worst, "evicted");
}

static void
extend(struct channel *channel)
{
	int64_t life = channel->channels->sim->opt->channel_life_ms;

	channel->expires_ms = now_wall_ms() + life;
	loop_timer_set(channel->expiry, life);
}

struct channel *
channels_open(struct channels *channels, const struct token *token)
{
	struct sim *sim = channels->sim;
	struct channel *channel;
	char text[25];

	if ((int64_t)channels->count >= sim->opt->max_channels)
		evict_one(channels);
	channel = xcalloc(1, sizeof(*channel));
	channel->channels = channels;
	channel->token = token_number(token);
	text_random(&sim->ids, text, sizeof(text) - 1);
	(void)snprintf(
	    channel->id, sizeof(channel->id), "streaming-4-%s", text);
	channel->listener = listener_new(stream_audience(sim->stream));
	channel->topics = topiclist_new(channel->listener);
	channel->expiry = loop_timer_new(sim->loop, on_expiry, channel);
	channel->heartbeat = loop_timer_new(sim->loop, on_heartbeat, channel);
	channel->closing = loop_timer_new(sim->loop, on_closing, channel);
	channels->all = xreallocarray(
	    channels->all, channels->count + 1, sizeof(struct channel *));
	channels->all[channels->count++] = channel;
	channel_touch(channel);
	extend(channel);
	journal_channel(channel, "opened");
	return channel;
}

const char *
channel_id(const struct channel *channel)
{
	return channel->id;
}

uint64_t
channel_token(const struct channel *channel)
{
	return channel->token;
}

int64_t
channel_expires_wall_ms(const struct channel *channel)
{
	return channel->expires_ms + channel->channels->sim->skew_ms;
}

bool
channel_is_connected(const struct channel *channel)
{
	return channel->socket != NULL;
}

void
channel_touch(struct channel *channel)
{
	channel->used = ++channel->channels->uses;
}

struct topiclist *
channel_topics(const struct channel *channel)
{
	return channel->topics;
}

struct topic_verdict
channel_judge(const struct channel *channel, struct span name)
{
	struct sim *sim = channel->channels->sim;
	struct topic_verdict verdict = { NULL, NULL, NULL };
	enum topic_kind kind;
	struct user *user;
	struct span id;

	kind = topic_read(name, &id);
	if (kind == TOPIC_UNKNOWN) {
		verdict.reason = "The topic does not exist.";
		return verdict;
	}
	if (id.at == NULL)
		return verdict;
	user = world_meet(sim->world, id, sim_wall_ms(sim));
	if (user == NULL) {
		verdict.reason = "The user does not exist.";
	} else if (user->missing_permission != NULL) {
		verdict.reason = "A permission is missing.";
		verdict.missing_permission = user->missing_permission;
	} else if (kind == TOPIC_PRESENCE) {
		verdict.user = user;
	}
	return verdict;
}

void
channel_subscribed(struct channel *channel)
{
	struct sim *sim = channel->channels->sim;
	struct buf *line;
	size_t i;

	extend(channel);
	if (!journal_is_on(sim->journal))
		return;
	line = journal_start(sim->journal, "subscribed");
	buf_printf(line, ",\"channel\":\"%s\",\"connection\":", channel->id);
	if (channel->socket == NULL)
		buf_text(line, "null");
	else
		buf_number(line, socket_number(channel->socket));
	buf_text(line, ",\"userIds\":[");
	for (i = 0; i < listener_count(channel->listener); i++) {
		if (i > 0)
			buf_char(line, ',');
		jput_string(
		    line, span_of(listener_user(channel->listener, i)->id));
	}
	buf_char(line, ']');
	journal_end(sim->journal, sim_wall_ms(sim));
}

static void
set_heartbeat(struct channel *channel)
{
	int64_t every_ms = channel->channels->sim->opt->heartbeat_ms;

	if (every_ms > 0)
		loop_timer_set(channel->heartbeat, every_ms);
}

static void
on_heartbeat(void *arg)
{
	struct channel *channel = arg;

	if (channel->channels->heartbeat)
		notify_heartbeat(channel->socket);
	set_heartbeat(channel);
}

static void
on_text(void *arg, struct span text)
{
	struct channel *channel = arg;

	channel_touch(channel);
	notify_read(channel->channels->sim, channel, channel->socket, text,
	    channel->channels->pong);
}

static void
disconnect(struct channel *channel)
{
	channel->socket = NULL;
	listener_connect(channel->listener, NULL);
	loop_timer_stop(channel->heartbeat);
	loop_timer_stop(channel->closing);
}

static void
on_socket_closed(void *arg)
{
	disconnect(arg);
}

static const struct socket_user socket_user = { on_text, on_socket_closed };

struct socket *
channel_connect(struct channel *channel, struct conn *conn)
{
	struct socket *former = channel->socket;

	if (former != NULL) {
		socket_serve(former, NULL, NULL);
		disconnect(channel);
		if (socket_is_frozen(former))
			socket_sever(former);
		else
			socket_close(
			    former, 1001, "the channel is connected anew");
	}
	channel->socket = stream_open(
	    channel->channels->sim->stream, conn, PROTOCOL_NOTIFICATIONS);
	socket_serve(channel->socket, &socket_user, channel);
	listener_connect(channel->listener, channel->socket);
	channel_touch(channel);
	set_heartbeat(channel);
	return channel->socket;
}

static void
expire(struct channel *channel)
{
	if (channel->socket != NULL)
		socket_close(channel->socket, 1001, "the channel has expired");
	journal_channel(channel, "expired");
	drop_channel(channel);
}

static void
on_expiry(void *arg)
{
	expire(arg);
}

static void
on_closing(void *arg)
{
	struct channel *channel = arg;

	if (channel->socket != NULL)
		socket_close(channel->socket, 1001, "going away");
}

void
channels_expire_all(struct channels *channels)
{
	while (channels->count > 0)
		expire(channels->all[0]);
}

/* With each that goes the others move up, which the analyzer does not see. */
void
channels_displace_all(struct channels *channels)
{
	while (channels->count > 0)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		displace(channels->all[0], "displaced");
}

void
channels_announce_closing(struct channels *channels, int64_t after_ms)
{
	struct channel *channel;
	size_t i;

	for (i = 0; i < channels->count; i++) {
		channel = channels->all[i];
		if (channel->socket == NULL)
			continue;
		notify_closing(channel->socket, channel->id);
		loop_timer_set(channel->closing, after_ms);
	}
}

void
channels_set_heartbeat(struct channels *channels, bool on)
{
	channels->heartbeat = on;
}

void
channels_set_pong(struct channels *channels, bool on)
{
	channels->pong = on;
}
