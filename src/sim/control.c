#include "config.h"

#include "control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "directive.h"
#include "fail.h"
#include "fault.h"
#include "jput.h"
#include "listener.h"
#include "now.h"
#include "oauth.h"
#include "pace.h"
#include "sim.h"
#include "simopt.h"
#include "stream.h"
#include "topiclist.h"
#include "web.h"
#include "word.h"
#include "world.h"
#include "xalloc.h"

/* Directives of one request, read before any is done. */
struct batch {
	struct directive **directives;
	size_t count;
};

static void
batch_done(struct batch *batch)
{
	size_t i;

	for (i = 0; i < batch->count; i++)
		directive_free(batch->directives[i]);
	free(batch->directives);
}

static int
batch_read(struct batch *batch, const struct sim *sim, struct span text,
    struct fail *why)
{
	struct directive *directive;
	struct fail reason;
	struct span line;
	size_t number = 0;

	while (text.len > 0) {
		line = text_cut(&text, '\n');
		number++;
		if (word_is_end(line))
			continue;
		directive = directive_read(sim, line, &reason);
		if (directive == NULL)
			return fail_set(why, FAIL_DATA, "line %zu: %s", number,
			    reason.text);
		batch->directives = xreallocarray(batch->directives,
		    batch->count + 1, sizeof(struct directive *));
		batch->directives[batch->count++] = directive;
	}
	return 0;
}

void
control_do(struct call *call)
{
	struct buf *body = &call->reply->body;
	struct batch batch = { NULL, 0 };
	struct fail why;
	size_t i;

	if (batch_read(&batch, call->sim, call->request->body, &why) == -1) {
		call->reply->status = 400;
		buf_text(body, "{\"error\":");
		jput_string(body, span_of(why.text));
		buf_char(body, '}');
	} else {
		for (i = 0; i < batch.count; i++)
			directive_do(batch.directives[i], call->sim);
		buf_printf(body, "{\"done\":%zu}", batch.count);
	}
	batch_done(&batch);
}

static void
put_connections(const struct sim *sim, struct buf *body)
{
	const struct socket *socket;
	size_t i;

	buf_text(body, ",\"connections\":[");
	for (i = 0; i < stream_count(sim->stream); i++) {
		socket = stream_socket(sim->stream, i);
		buf_printf(body,
		    "%s{\"connection\":%u,\"protocol\":\"%s\",\"users\":%zu,"
		    "\"waitingBytes\":%zu,\"halfOpen\":%s}",
		    i == 0 ? "" : ",", socket_number(socket),
		    socket_protocol(socket) == PROTOCOL_EVENTS
			? "events"
			: "notifications",
		    stream_users_of(sim->stream, socket),
		    socket_waiting(socket),
		    socket_is_frozen(socket) ? "true" : "false");
	}
	buf_printf(body, "],\"subscribedUsers\":%zu",
	    audience_users(stream_audience(sim->stream)));
}

static void
put_channels(const struct sim *sim, struct buf *body)
{
	const struct channel *channel;
	size_t i;

	buf_text(body, ",\"channels\":[");
	for (i = 0; i < channels_count(sim->channels); i++) {
		channel = channels_get(sim->channels, i);
		buf_printf(body,
		    "%s{\"id\":\"%s\",\"topics\":%zu,\"connected\":%s,"
		    "\"expires\":",
		    i == 0 ? "" : ",", channel_id(channel),
		    topiclist_count(channel_topics(channel)),
		    channel_is_connected(channel) ? "true" : "false");
		jput_time(body, channel_expires_wall_ms(channel));
		buf_char(body, '}');
	}
	buf_char(body, ']');
}

static void
put_requests(const struct sim *sim, struct buf *body)
{
	int i;

	buf_printf(body, ",\"tokensIssued\":%llu,\"requests\":{",
	    (unsigned long long)oauth_issued(sim->oauth));
	for (i = 0; i < ENDPOINTS; i++)
		buf_printf(body, "%s\"%s\":%llu", i == 0 ? "" : ",",
		    endpoint_name((enum endpoint)i),
		    (unsigned long long)web_requests(
			sim->web, (enum endpoint)i));
	buf_char(body, '}');
}

static void
put_pending(struct buf *body, const char *name, uint64_t left, size_t *count)
{
	if (left == 0)
		return;
	buf_printf(body, "%s{\"fault\":\"%s\",\"left\":%llu}",
	    (*count)++ == 0 ? "" : ",", name, (unsigned long long)left);
}

static void
put_faults(const struct sim *sim, struct buf *body)
{
	static const char *const kinds[] = {
		[FAULT_ANSWER] = "answer",
		[FAULT_HANG] = "hang",
		[FAULT_DELAY] = "delay",
	};
	const struct stream_faults *events = stream_faults(sim->stream);
	const struct fault *fault;
	size_t cursor = 0, count = 0;

	buf_text(body, ",\"faults\":[");
	while ((fault = faults_visit(sim->faults, &cursor)) != NULL) {
		buf_printf(body,
		    "%s{\"fault\":\"%s\",\"endpoint\":\"%s\",\"left\":",
		    count++ == 0 ? "" : ",", kinds[fault->kind],
		    endpoint_name(fault->endpoint));
		if (fault->times == 0)
			buf_text(body, "null}");
		else
			buf_printf(
			    body, "%llu}", (unsigned long long)fault->times);
	}
	put_pending(body, "lose", events->lose, &count);
	put_pending(body, "duplicate", events->duplicate, &count);
	put_pending(body, "reorder", events->reorder, &count);
	put_pending(body, "no-time", events->no_time, &count);
	put_pending(body, "fragment", events->fragment, &count);
	put_pending(body, "malform", events->malform, &count);
	put_pending(body, "mangle", events->mangle, &count);
	buf_char(body, ']');
}

void
control_status(struct call *call)
{
	const struct sim *sim = call->sim;
	struct buf *body = &call->reply->body;

	buf_printf(body,
	    "{\"users\":%zu,\"changes\":%llu,\"events\":%llu,\"held\":%s,"
	    "\"rate\":",
	    world_count(sim->world),
	    (unsigned long long)stream_changes(sim->stream),
	    (unsigned long long)stream_events(sim->stream),
	    pace_is_held(sim->pace) ? "true" : "false");
	if (pace_rate(sim->pace) == SIMOPT_MAX_RATE)
		buf_text(body, "\"max\"");
	else
		buf_printf(body, "%.10g", pace_rate(sim->pace));
	put_connections(sim, body);
	put_channels(sim, body);
	put_requests(sim, body);
	put_faults(sim, body);
	buf_char(body, '}');
}

void
control_states(struct call *call)
{
	const struct world *world = call->sim->world;
	struct buf *body = &call->reply->body;
	const struct user *user;
	size_t i;

	buf_char(body, '[');
	for (i = 0; i < world_count(world); i++) {
		user = world_user(world, i);
		buf_text(body, i == 0 ? "{\"userId\":" : ",{\"userId\":");
		jput_string(body, span_of(user->id));
		buf_text(body, ",\"state\":");
		jput_string(body, span_of(user->definition->state));
		buf_text(body, ",\"presenceId\":");
		jput_string(body, span_of(user->definition->id));
		buf_text(body, ",\"modifiedDate\":");
		jput_time(body, user->modified_ms);
		buf_char(body, '}');
	}
	buf_char(body, ']');
}
