#include "config.h"

#include "socket.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "loop.h"
#include "net.h"
#include "xalloc.h"

/* Who does not read this many bytes is dropped. */
#define MAX_WAITING (64u << 20)
/* Bytes of a client's message, over all its frames. */
#define MAX_MESSAGE (4u << 20)
/* How long the answer to a close frame may take. */
#define CLOSE_MS 2000
/* How long a message waits for the one that is to overtake it. */
#define SWAP_MS 1000

struct socket {
	struct conn *conn;
	enum protocol protocol;
	unsigned int number;
	const struct socket_user *user;
	void *arg;
	void (*on_gone)(void *arg, struct socket *socket);
	void *gone_arg;
	struct buf in;      /* bytes that are no whole frame yet */
	struct buf message; /* the frames of a message so far */
	enum frame_opcode message_opcode; /* 0: none is under way */
	bool closing;                     /* we sent a close frame */
	bool ended;                       /* nothing goes out any more */
	bool frozen;
	bool mute; /* pings are not answered */
	struct loop_timer *close_timer;
	struct buf overtaken; /* waits for the next message */
	struct socket_shape overtaken_shape;
	bool has_overtaken;
	struct loop_timer *swap_timer;
};

static const struct socket_shape one_frame = { 0, 0 };

static void
end_now(struct socket *socket)
{
	socket->ended = true;
	conn_sever(socket->conn);
}

static void
on_close_time(void *arg)
{
	end_now(arg);
}

/* Adds a message as one frame or in parts, with a ping behind the first. */
static void
put_message(struct buf *out, struct span text, const struct socket_shape *shape)
{
	enum frame_opcode opcode =
	    shape->opcode == 0 ? FRAME_TEXT : shape->opcode;
	struct span part = text;
	bool first = true;

	while (shape->fragment > 0 && text.len > shape->fragment) {
		part.at = text.at;
		part.len = shape->fragment;
		frame_put(out, opcode, false, part);
		text.at += part.len;
		text.len -= part.len;
		if (first)
			frame_put(out, FRAME_PING, true, span_of("between"));
		first = false;
		opcode = FRAME_CONTINUATION;
	}
	frame_put(out, opcode, true, text);
}

static void
flush_out(struct socket *socket)
{
	if (conn_waiting(socket->conn) > MAX_WAITING) {
		log_warning("stream",
		    "connection %u does not read: dropped with %zu bytes "
		    "waiting",
		    socket->number, conn_waiting(socket->conn));
		end_now(socket);
		return;
	}
	conn_flush(socket->conn);
}

static void
send_overtaken(struct socket *socket)
{
	struct span text = { socket->overtaken.bytes, socket->overtaken.len };

	if (!socket->has_overtaken)
		return;
	socket->has_overtaken = false;
	loop_timer_stop(socket->swap_timer);
	put_message(conn_out(socket->conn), text, &socket->overtaken_shape);
}

static void
on_swap_time(void *arg)
{
	struct socket *socket = arg;

	send_overtaken(socket);
	flush_out(socket);
}

bool
socket_is_live(const struct socket *socket)
{
	return !socket->ended && !socket->closing && !socket->frozen;
}

void
socket_send(
    struct socket *socket, struct span text, const struct socket_shape *shape)
{
	if (!socket_is_live(socket))
		return;
	put_message(
	    conn_out(socket->conn), text, shape == NULL ? &one_frame : shape);
	if (socket->has_overtaken)
		send_overtaken(socket);
	flush_out(socket);
}

void
socket_send_swapped(
    struct socket *socket, struct span text, const struct socket_shape *shape)
{
	if (!socket_is_live(socket))
		return;
	if (socket->has_overtaken) {
		socket_send(socket, text, shape);
		return;
	}
	buf_reset(&socket->overtaken);
	buf_add(&socket->overtaken, text.at, text.len);
	socket->overtaken_shape = *shape;
	socket->has_overtaken = true;
	loop_timer_set(socket->swap_timer, SWAP_MS);
}

void
socket_send_raw(struct socket *socket, struct span bytes)
{
	if (!socket_is_live(socket))
		return;
	buf_add(conn_out(socket->conn), bytes.at, bytes.len);
	flush_out(socket);
}

void
socket_close(struct socket *socket, uint16_t code, const char *reason)
{
	if (!socket_is_live(socket))
		return;
	send_overtaken(socket);
	frame_put_close(conn_out(socket->conn), code, span_of(reason));
	conn_flush(socket->conn);
	socket->closing = true;
	loop_timer_set(socket->close_timer, CLOSE_MS);
}

/* The client's close frame: answered with its own code, and that is all. */
static void
on_close_frame(struct socket *socket, struct span payload)
{
	if (!socket->closing)
		frame_put(conn_out(socket->conn), FRAME_CLOSE, true, payload);
	socket->closing = true;
	socket->ended = true;
	loop_timer_stop(socket->close_timer);
	conn_finish(socket->conn);
}

static void
on_data_frame(struct socket *socket, const struct frame *frame)
{
	struct span whole;

	if ((frame->opcode == FRAME_CONTINUATION) ==
	    (socket->message_opcode == 0)) {
		socket_close(socket, 1002, "a message is out of order");
		return;
	}
	if (frame->opcode != FRAME_CONTINUATION)
		socket->message_opcode = frame->opcode;
	buf_add(&socket->message, frame->payload.at, frame->payload.len);
	if (buf_is_full(&socket->message)) {
		socket_close(socket, 1009, "the message is too big");
		return;
	}
	if (!frame->last)
		return;
	whole.at = buf_string(&socket->message);
	whole.len = socket->message.len;
	if (socket->message_opcode != FRAME_TEXT)
		socket_close(socket, 1003, "only text is understood");
	else if (socket->user != NULL)
		socket->user->on_text(socket->arg, whole);
	socket->message_opcode = FRAME_CONTINUATION;
	buf_reset(&socket->message);
}

static void
on_frame(struct socket *socket, const struct frame *frame)
{
	if (frame->opcode == FRAME_CLOSE) {
		on_close_frame(socket, frame->payload);
	} else if (socket->closing) {
		/* Only the answer to our close frame counts now. */
	} else if (frame->opcode == FRAME_PING) {
		if (!socket->mute && !socket->frozen) {
			frame_put(conn_out(socket->conn), FRAME_PONG, true,
			    frame->payload);
			flush_out(socket);
		}
	} else if (frame->opcode != FRAME_PONG) {
		on_data_frame(socket, frame);
	}
}

static void
on_bytes(void *arg, struct span bytes)
{
	struct socket *socket = arg;
	struct frame frame;
	size_t at = 0;

	buf_add(&socket->in, bytes.at, bytes.len);
	while (!socket->ended) {
		switch (frame_read(
		    &frame, socket->in.bytes + at, socket->in.len - at)) {
		case FRAME_WHOLE:
			at += frame.len;
			on_frame(socket, &frame);
			continue;
		case FRAME_BAD:
			socket_close(
			    socket, (uint16_t)frame.code, frame.reason);
			/* What follows cannot be read as frames. */
			at = socket->in.len;
			break;
		case FRAME_MORE:
			break;
		}
		break;
	}
	buf_drop(&socket->in, at);
}

static void
on_closed(void *arg)
{
	struct socket *socket = arg;

	socket->ended = true;
	if (socket->user != NULL)
		socket->user->on_closed(socket->arg);
	socket->on_gone(socket->gone_arg, socket);
}

static const struct conn_user conn_user = { on_bytes, on_closed };

struct socket *
socket_new(struct loop *loop, struct conn *conn, enum protocol protocol,
    unsigned int number, void (*on_gone)(void *arg, struct socket *socket),
    void *arg)
{
	struct socket *socket;

	socket = xcalloc(1, sizeof(*socket));
	socket->conn = conn;
	socket->protocol = protocol;
	socket->number = number;
	socket->on_gone = on_gone;
	socket->gone_arg = arg;
	buf_init(&socket->in, SIZE_MAX);
	buf_init(&socket->message, MAX_MESSAGE);
	buf_init(&socket->overtaken, SIZE_MAX);
	socket->close_timer = loop_timer_new(loop, on_close_time, socket);
	socket->swap_timer = loop_timer_new(loop, on_swap_time, socket);
	conn_serve(conn, &conn_user, socket);
	return socket;
}

void
socket_free(struct socket *socket)
{
	if (socket == NULL)
		return;
	loop_timer_free(socket->close_timer);
	loop_timer_free(socket->swap_timer);
	buf_done(&socket->in);
	buf_done(&socket->message);
	buf_done(&socket->overtaken);
	free(socket);
}

void
socket_serve(struct socket *socket, const struct socket_user *user, void *arg)
{
	socket->user = user;
	socket->arg = arg;
}

void
socket_start(struct socket *socket, struct span early)
{
	if (early.len > 0)
		on_bytes(socket, early);
}

unsigned int
socket_number(const struct socket *socket)
{
	return socket->number;
}

enum protocol
socket_protocol(const struct socket *socket)
{
	return socket->protocol;
}

size_t
socket_waiting(const struct socket *socket)
{
	return conn_waiting(socket->conn);
}

bool
socket_is_frozen(const struct socket *socket)
{
	return socket->frozen;
}

void
socket_hold(struct socket *socket, bool held)
{
	conn_hold(socket->conn, held);
}

void
socket_freeze(struct socket *socket)
{
	socket->frozen = true;
	conn_freeze(socket->conn);
}

void
socket_sever(struct socket *socket)
{
	end_now(socket);
}

void
socket_reset(struct socket *socket)
{
	socket->ended = true;
	conn_reset(socket->conn);
}

void
socket_answer_pings(struct socket *socket, bool answer)
{
	socket->mute = !answer;
}
