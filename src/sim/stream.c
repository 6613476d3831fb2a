#include "config.h"

#include "stream.h"

#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "listener.h"
#include "log.h"
#include "loop.h"
#include "pace.h"
#include "script.h"
#include "sim.h"
#include "world.h"
#include "xalloc.h"

/* With --rate max, bytes that may wait on one connection. */
#define ROOM_BYTES 262144

struct stream {
	struct sim *sim;
	struct audience *audience;
	struct socket **sockets;
	size_t socket_count;
	unsigned int last_number;
	struct stream_faults faults;
	bool armed; /* some of the faults may not be zero */
	bool mute;
	struct loop_timer *stall_timer;
	uint64_t changes;
	uint64_t events;
	/* For stream_publish(): messages per protocol, recipients. */
	struct buf good[PROTOCOLS];
	struct buf broken;
	unsigned int *numbers;
	size_t numbers_room;
};

/* What one event suffers. */
struct treatment {
	bool lost;
	bool mangled;
	bool malformed;
	bool doubled;
	bool swapped;
	bool timeless;
	struct socket_shape shape;
};

static void
hold_all(struct stream *stream, bool held)
{
	size_t i;

	for (i = 0; i < stream->socket_count; i++)
		socket_hold(stream->sockets[i], held);
}

static void
on_stall_over(void *arg)
{
	hold_all(arg, false);
}

static void
on_audience(void *arg)
{
	struct stream *stream = arg;

	pace_wake(stream->sim->pace);
}

struct stream *
stream_new(struct sim *sim)
{
	struct stream *stream;
	size_t i;

	stream = xcalloc(1, sizeof(*stream));
	stream->sim = sim;
	for (i = 0; i < PROTOCOLS; i++)
		buf_init(&stream->good[i], SIZE_MAX);
	buf_init(&stream->broken, SIZE_MAX);
	stream->numbers_room = 8;
	stream->numbers =
	    xcalloc(stream->numbers_room, sizeof(*stream->numbers));
	stream->audience = audience_new(on_audience, stream);
	stream->stall_timer = loop_timer_new(sim->loop, on_stall_over, stream);
	return stream;
}

void
stream_free(struct stream *stream)
{
	size_t i;

	if (stream == NULL)
		return;
	for (i = 0; i < PROTOCOLS; i++)
		buf_done(&stream->good[i]);
	buf_done(&stream->broken);
	audience_free(stream->audience);
	loop_timer_free(stream->stall_timer);
	free(stream->sockets);
	free(stream->numbers);
	free(stream);
}

static const char *
protocol_name(enum protocol protocol)
{
	return protocol == PROTOCOL_EVENTS ? "events" : "notifications";
}

static void
journal_socket(
    struct stream *stream, const struct socket *socket, const char *name)
{
	buf_printf(journal_start(stream->sim->journal, name),
	    ",\"connection\":%u,\"protocol\":\"%s\"", socket_number(socket),
	    protocol_name(socket_protocol(socket)));
	journal_end(stream->sim->journal, sim_wall_ms(stream->sim));
	log_info("stream", "connection %u (%s) %s", socket_number(socket),
	    protocol_name(socket_protocol(socket)), name);
}

static void
on_socket_gone(void *arg, struct socket *socket)
{
	struct stream *stream = arg;
	size_t i = 0;

	while (stream->sockets[i] != socket)
		i++;
	stream->socket_count--;
	memmove(&stream->sockets[i], &stream->sockets[i + 1],
	    (stream->socket_count - i) * sizeof(struct socket *));
	journal_socket(stream, socket, "disconnected");
	socket_free(socket);
	pace_wake(stream->sim->pace);
}

struct socket *
stream_open(struct stream *stream, struct conn *conn, enum protocol protocol)
{
	struct socket *socket;

	socket = socket_new(stream->sim->loop, conn, protocol,
	    ++stream->last_number, on_socket_gone, stream);
	stream->sockets = xreallocarray(
	    stream->sockets, stream->socket_count + 1, sizeof(struct socket *));
	stream->sockets[stream->socket_count++] = socket;
	socket_answer_pings(socket, !stream->mute);
	socket_hold(socket, loop_timer_is_set(stream->stall_timer));
	journal_socket(stream, socket, "connected");
	script_begin(stream->sim->script);
	return socket;
}

size_t
stream_count(const struct stream *stream)
{
	return stream->socket_count;
}

struct socket *
stream_socket(const struct stream *stream, size_t i)
{
	return stream->sockets[i];
}

size_t
stream_users_of(const struct stream *stream, const struct socket *socket)
{
	const struct listener *each = NULL;

	while ((each = audience_next(stream->audience, each)) != NULL)
		if (listener_socket(each) == socket)
			return listener_count(each);
	return 0;
}

struct audience *
stream_audience(const struct stream *stream)
{
	return stream->audience;
}

bool
stream_has_room(const struct stream *stream)
{
	const struct listener *each = NULL;
	bool heard = false;

	while ((each = audience_next(stream->audience, each)) != NULL) {
		if (!listener_hears(each))
			continue;
		if (socket_waiting(listener_socket(each)) >= ROOM_BYTES)
			return false;
		heard = heard || listener_count(each) > 0;
	}
	return heard;
}

static bool
count_down(uint64_t *left)
{
	if (*left == 0)
		return false;
	(*left)--;
	return true;
}

static struct treatment
next_treatment(struct stream *stream)
{
	struct stream_faults *faults = &stream->faults;
	struct treatment treatment = { 0 };

	treatment.lost = count_down(&faults->lose);
	treatment.mangled = count_down(&faults->mangle);
	treatment.malformed = count_down(&faults->malform);
	treatment.doubled = count_down(&faults->duplicate);
	treatment.swapped = count_down(&faults->reorder);
	treatment.timeless = count_down(&faults->no_time);
	if (count_down(&faults->fragment))
		treatment.shape.fragment = faults->fragment_bytes;
	stream->armed = faults->lose > 0 || faults->mangle > 0 ||
	    faults->malform > 0 || faults->duplicate > 0 ||
	    faults->reorder > 0 || faults->no_time > 0 || faults->fragment > 0;
	return treatment;
}

static bool
hears(const struct listener *listener, const struct event *event)
{
	/* The events protocol has no word for a source that is not primary. */
	return listener_hears(listener) &&
	    (event->primary ||
		socket_protocol(listener_socket(listener)) ==
		    PROTOCOL_NOTIFICATIONS);
}

static void
send_broken(struct stream *stream, struct socket *socket,
    const struct event *event, struct span good, enum wire_fault fault,
    struct socket_shape shape)
{
	struct span text;

	buf_reset(&stream->broken);
	wire_put_broken(&stream->broken, socket_protocol(socket), event, good,
	    fault, &shape);
	text.at = buf_string(&stream->broken);
	text.len = stream->broken.len;
	socket_send(socket, text, &shape);
}

static void
deliver(struct stream *stream, struct socket *socket, const struct event *event,
    const struct treatment *treatment)
{
	enum protocol protocol = socket_protocol(socket);
	struct buf *good = &stream->good[protocol];
	struct span text;

	if (good->len == 0)
		wire_put(good, protocol, event, !treatment->timeless,
		    stream->events);
	text.at = good->bytes;
	text.len = good->len;
	if (treatment->malformed)
		send_broken(stream, socket, event, text,
		    stream->faults.malform_kind, treatment->shape);
	if (treatment->lost)
		return;
	if (treatment->mangled)
		send_broken(stream, socket, event, text,
		    stream->faults.mangle_kind, treatment->shape);
	else if (treatment->swapped)
		socket_send_swapped(socket, text, &treatment->shape);
	else
		socket_send(socket, text, &treatment->shape);
	if (treatment->doubled && !treatment->mangled)
		socket_send(socket, text, &treatment->shape);
}

void
stream_publish(struct stream *stream, const struct event *event)
{
	const struct user *user = event->user;
	struct treatment treatment = { 0 };
	struct socket *socket;
	size_t i, count = 0;
	bool kept;

	stream->events++;
	if (event->primary)
		stream->changes++;
	for (i = 0; i < PROTOCOLS; i++)
		buf_reset(&stream->good[i]);
	if (user->listener_count > stream->numbers_room) {
		stream->numbers_room = user->listener_count * 2;
		stream->numbers = xreallocarray(stream->numbers,
		    stream->numbers_room, sizeof(*stream->numbers));
	}
	for (i = 0; i < user->listener_count; i++) {
		if (!hears(user->listeners[i], event))
			continue;
		socket = listener_socket(user->listeners[i]);
		/* An event that nobody hears uses up no fault. */
		if (count == 0 && stream->armed)
			treatment = next_treatment(stream);
		deliver(stream, socket, event, &treatment);
		stream->numbers[count++] = socket_number(socket);
	}
	kept = treatment.lost || treatment.mangled;
	journal_change(stream->sim->journal, event,
	    kept ? NULL : stream->numbers, count, sim_wall_ms(stream->sim));
}

uint64_t
stream_changes(const struct stream *stream)
{
	return stream->changes;
}

uint64_t
stream_events(const struct stream *stream)
{
	return stream->events;
}

struct stream_faults *
stream_faults(struct stream *stream)
{
	stream->armed = true;
	return &stream->faults;
}

void
stream_stall(struct stream *stream, int64_t ms)
{
	loop_timer_set(stream->stall_timer, ms);
	hold_all(stream, true);
}

void
stream_freeze(struct stream *stream)
{
	struct listener *each = NULL;
	size_t i;

	for (i = 0; i < stream->socket_count; i++)
		socket_freeze(stream->sockets[i]);
	while ((each = audience_next(stream->audience, each)) != NULL)
		listener_deafen(each);
}

void
stream_answer_pings(struct stream *stream, bool answer)
{
	size_t i;

	stream->mute = !answer;
	for (i = 0; i < stream->socket_count; i++)
		socket_answer_pings(stream->sockets[i], answer);
}
