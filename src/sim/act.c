#include "config.h"

#include "act.h"

#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "door.h"
#include "net.h"
#include "oauth.h"
#include "pace.h"
#include "sim.h"
#include "simopt.h"
#include "socket.h"
#include "stream.h"
#include "world.h"
#include "xalloc.h"

/* How long before the end a maintenance is announced, by the service. */
#define CLOSING_MS 60000
/* What a rejected topic lacks where the directive does not say. */
#define PERMISSION "presence:userPresence:view"

void
act_fault(struct sim *sim, struct act *act)
{
	faults_take(sim->faults, act->fault);
	act->fault = NULL;
}

/* Forgets what is pending; what a directive switched stays. */
void
act_clear(struct sim *sim, struct act *act)
{
	(void)act;
	faults_clear(sim->faults);
	memset(stream_faults(sim->stream), 0, sizeof(struct stream_faults));
	world_freeze_time(sim->world, 0);
}

void
act_go(struct sim *sim, struct act *act)
{
	(void)act;
	pace_hold(sim->pace, false);
}

void
act_hold(struct sim *sim, struct act *act)
{
	(void)act;
	pace_hold(sim->pace, true);
}

void
act_rate(struct sim *sim, struct act *act)
{
	pace_set_rate(sim->pace, act->rate);
}

/* In a strict world the user was looked for when the directive was read. */
static struct user *
user_of(struct sim *sim, const struct act *act)
{
	return world_meet(sim->world, span_of(act->user), sim_wall_ms(sim));
}

void
act_change(struct sim *sim, struct act *act)
{
	struct event event;

	world_change(sim->world, user_of(sim, act), span_of(act->state),
	    span_of(act->definition), sim_wall_ms(sim), &event);
	stream_publish(sim->stream, &event);
}

void
act_message(struct sim *sim, struct act *act)
{
	struct event event;

	world_repeat(sim->world, user_of(sim, act), sim_wall_ms(sim), &event);
	stream_publish(sim->stream, &event);
}

/* How many sockets a directive means: the oldest ones, or all. */
static size_t
socket_count(const struct sim *sim, const struct act *act)
{
	size_t count = stream_count(sim->stream);

	return act->given > 0 && act->count < count ? (size_t)act->count
						    : count;
}

void
act_drop(struct sim *sim, struct act *act)
{
	size_t i;

	for (i = 0; i < socket_count(sim, act); i++)
		socket_sever(stream_socket(sim->stream, i));
}

void
act_reset(struct sim *sim, struct act *act)
{
	size_t i;

	for (i = 0; i < socket_count(sim, act); i++)
		socket_reset(stream_socket(sim->stream, i));
}

void
act_close(struct sim *sim, struct act *act)
{
	size_t i;

	for (i = 0; i < stream_count(sim->stream); i++)
		socket_close(stream_socket(sim->stream, i), act->code,
		    act->text == NULL ? "" : act->text);
}

void
act_half_open(struct sim *sim, struct act *act)
{
	(void)act;
	stream_freeze(sim->stream);
}

void
act_stall(struct sim *sim, struct act *act)
{
	stream_stall(sim->stream, act->ms);
}

void
act_refuse(struct sim *sim, struct act *act)
{
	door_shut(net_door(sim->net), act->ms);
}

void
act_accept(struct sim *sim, struct act *act)
{
	(void)act;
	door_open(net_door(sim->net));
}

void
act_expire_tokens(struct sim *sim, struct act *act)
{
	(void)act;
	oauth_expire_all(sim->oauth);
}

void
act_expire_channels(struct sim *sim, struct act *act)
{
	(void)act;
	channels_expire_all(sim->channels);
}

void
act_closing(struct sim *sim, struct act *act)
{
	channels_announce_closing(
	    sim->channels, act->given > 0 ? act->ms : CLOSING_MS);
}

void
act_displace(struct sim *sim, struct act *act)
{
	(void)act;
	channels_displace_all(sim->channels);
}

void
act_reject(struct sim *sim, struct act *act)
{
	struct user *user = user_of(sim, act);

	free(user->missing_permission);
	user->missing_permission =
	    xstrdup(act->text == NULL ? PERMISSION : act->text);
}

void
act_forget(struct sim *sim, struct act *act)
{
	user_of(sim, act)->forgotten = true;
}

void
act_duplicate(struct sim *sim, struct act *act)
{
	stream_faults(sim->stream)->duplicate = act->count;
}

void
act_reorder(struct sim *sim, struct act *act)
{
	stream_faults(sim->stream)->reorder = act->count;
}

void
act_lose(struct sim *sim, struct act *act)
{
	stream_faults(sim->stream)->lose = act->count;
}

void
act_malform(struct sim *sim, struct act *act)
{
	stream_faults(sim->stream)->malform = act->count;
	stream_faults(sim->stream)->malform_kind = act->kind;
}

void
act_mangle(struct sim *sim, struct act *act)
{
	stream_faults(sim->stream)->mangle = act->count;
	stream_faults(sim->stream)->mangle_kind = act->kind;
}

void
act_fragment(struct sim *sim, struct act *act)
{
	/* Frames without payload would never end. */
	stream_faults(sim->stream)->fragment_bytes =
	    act->size == 0 ? 1 : (size_t)act->size;
	stream_faults(sim->stream)->fragment = act->count;
}

void
act_no_time(struct sim *sim, struct act *act)
{
	stream_faults(sim->stream)->no_time = act->count;
}

void
act_same_time(struct sim *sim, struct act *act)
{
	world_freeze_time(sim->world, act->count);
}

/* One text message of just that size, if it can be so small. */
static void
send_oversize(struct socket *socket, size_t size)
{
	static const char end[] = "\"}}";
	struct buf message;
	struct span text;

	buf_init(&message, SIZE_MAX);
	if (socket_protocol(socket) == PROTOCOL_NOTIFICATIONS)
		buf_text(&message,
		    "{\"topicName\":\"v2.system.filler\",\"eventBody\":"
		    "{\"filler\":\"");
	else
		buf_text(&message,
		    "{\"eventType\":\"filler\",\"body\":{\"filler\":\"");
	while (message.len + sizeof(end) - 1 < size)
		buf_char(&message, 'x');
	buf_text(&message, end);
	text.at = message.bytes;
	text.len = message.len;
	socket_send(socket, text, NULL);
	buf_done(&message);
}

void
act_oversize(struct sim *sim, struct act *act)
{
	size_t i;

	for (i = 0; i < stream_count(sim->stream); i++)
		send_oversize(stream_socket(sim->stream, i), (size_t)act->size);
}

void
act_raw(struct sim *sim, struct act *act)
{
	struct span bytes = { act->bytes.bytes, act->bytes.len };
	size_t i;

	for (i = 0; i < stream_count(sim->stream); i++)
		socket_send_raw(stream_socket(sim->stream, i), bytes);
}

void
act_heartbeat(struct sim *sim, struct act *act)
{
	channels_set_heartbeat(sim->channels, act->on);
}

void
act_pong(struct sim *sim, struct act *act)
{
	channels_set_pong(sim->channels, act->on);
}

void
act_protocol_pong(struct sim *sim, struct act *act)
{
	stream_answer_pings(sim->stream, act->on);
}

void
act_skew(struct sim *sim, struct act *act)
{
	sim->skew_ms = act->ms;
}
