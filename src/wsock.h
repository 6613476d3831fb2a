/*
 * wsock: one WebSocket client connection, over libwebsockets.
 *
 * A connection resolves its host, connects, shakes hands, hands over whole
 * text messages, keeps itself alive, and ends exactly once, however it ends.
 * It never reconnects and follows no redirect; certificates and host names are
 * always verified.  It knows nothing of what the messages say.
 */
#ifndef GCP_WSOCK_H
#define GCP_WSOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "fail.h"
#include "span.h"

struct loop;
struct proxies;
struct resolver;
struct wsock;
struct wsocks;

struct wsock_options {
	const char *ca_file; /* the trusted CAs, borrowed for good */
	int64_t ping_interval_ms;
	/* How long after a ping nothing at all may come. */
	int64_t ping_timeout_ms;
};

enum wsock_end {
	WSOCK_UNREACHABLE, /* no connection, or no TLS; or it got lost */
	WSOCK_REFUSED,     /* an HTTP status other than 101 */
	WSOCK_CLOSED,      /* by the peer, with a code */
	WSOCK_SILENT,      /* no answer to a ping, or no message for too long */
};

struct wsock_report {
	enum wsock_end end;
	int http_status;        /* of WSOCK_REFUSED */
	int64_t retry_after_ms; /* of WSOCK_REFUSED, or -1 */
	/*
	 * Of WSOCK_CLOSED: RFC 6455, 7.4.1.  libwebsockets shows 1012, 1013
	 * and 1014 as 1002.
	 */
	int close_code;
	/*
	 * Of WSOCK_UNREACHABLE, while no connection has ever opened: the name
	 * does not exist, or the certificate is no good.
	 */
	bool bad_name;
	bool bad_certificate;
	bool was_open;
	int64_t heard_ms; /* wall time: the last that came, or NOW_NONE */
	char text[256];   /* what happened, without the URL */
};

struct wsock_handler {
	void (*on_open)(void *arg);
	/* The bytes are the caller's to read until it returns. */
	void (*on_text)(void *arg, struct span text);
	/* A message that is not handed over: binary, or too long. */
	void (*on_skip)(void *arg, const char *why);
	/* The end.  The connection may be freed here. */
	void (*on_end)(void *arg, const struct wsock_report *report);
};

/* What all connections share; borrows everything. */
struct wsocks *wsocks_new(struct loop *loop, struct resolver *resolver,
    const struct proxies *proxies, const struct wsock_options *options);
void wsocks_free(struct wsocks *wsocks);

/*
 * Starts to connect to a ws or wss URL.  silence_ms: the connection is dead
 * when no text message comes for that long; 0: no such limit.  The handler is
 * borrowed for good.  NULL with FAIL_CONFIG for a URL that cannot be used.
 */
struct wsock *wsock_open(struct wsocks *wsocks, const char *url,
    int64_t silence_ms, const struct wsock_handler *handler, void *arg,
    struct fail *why);
/* At once, and without on_end; for a polite end see wsock_close(). */
void wsock_free(struct wsock *wsock);

/* Queues one text message on an open connection. */
void wsock_send(struct wsock *wsock, struct span text);

/* Sends a ping now; the answer is awaited as always. */
void wsock_ping(struct wsock *wsock);

/* When a message or a pong came last on an open connection; monotonic. */
int64_t wsock_heard_ms(const struct wsock *wsock);

/* Sends what is queued and a close frame; on_end comes within 2 s. */
void wsock_close(struct wsock *wsock);

#endif
