/*
 * keepalive: whether the other side of a WebSocket is still there.
 *
 * A ping goes out every interval; when nothing at all came for the timeout
 * after one, or no text message for the silence limit, the connection is dead.
 * A process that was itself stopped first reads what has come meanwhile.  It
 * sends nothing: its owner does.
 */
#ifndef GCP_KEEPALIVE_H
#define GCP_KEEPALIVE_H

#include <stdbool.h>
#include <stdint.h>

struct keepalive;
struct loop;

struct keepalive_options {
	int64_t interval_ms; /* between pings */
	int64_t timeout_ms;  /* for a sign of life after one */
	int64_t silence_ms;  /* between text messages; 0: no limit */
};

struct keepalive_handler {
	/* Send a ping, then call keepalive_pinged(). */
	void (*on_due)(void *arg);
	/* It is dead; why is borrowed for the call. */
	void (*on_dead)(void *arg, const char *why);
};

/* Copies options; borrows handler.  Does nothing before it is started. */
struct keepalive *keepalive_new(struct loop *loop,
    const struct keepalive_options *options,
    const struct keepalive_handler *handler, void *arg);
void keepalive_free(struct keepalive *keepalive);

/* The connection is open; it is no more. */
void keepalive_start(struct keepalive *keepalive);
void keepalive_stop(struct keepalive *keepalive);

/* Asks for a ping now, where none is awaited. */
void keepalive_probe(struct keepalive *keepalive);
void keepalive_pinged(struct keepalive *keepalive);

/* What came: a piece of a message, a whole one, a pong. */
void keepalive_piece(struct keepalive *keepalive);
void keepalive_message(struct keepalive *keepalive);
void keepalive_pong(struct keepalive *keepalive);

/* When a whole message or a pong came last; monotonic. */
int64_t keepalive_heard_ms(const struct keepalive *keepalive);

#endif
