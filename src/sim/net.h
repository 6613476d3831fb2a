/*
 * net: connections as streams of bytes.
 *
 * It knows TCP and TLS, by libwebsockets' raw sockets, and nothing of what the
 * bytes mean: the layers above do HTTP and WebSocket by themselves, since a
 * simulator of faults must be able to do them wrong.  A connection belongs to
 * net.  Its user is told exactly once that it is closed, also when the user
 * wanted that, and must not touch it after that.
 */
#ifndef GCP_SIM_NET_H
#define GCP_SIM_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

struct buf;
struct conn;
struct door;
struct fail;
struct loop;
struct net;

typedef void net_accept_fn(void *arg, struct conn *conn);

struct conn_user {
	void (*on_bytes)(void *arg, struct span bytes);
	void (*on_closed)(void *arg);
};

struct net_options {
	const char *host;
	const char *port;
	const char *certificate; /* files; NULL: plain TCP */
	const char *key;
};

/* FAIL_UNREACHABLE where it cannot listen, FAIL_FILE, FAIL_CONFIG. */
struct net *net_new(struct loop *loop, const struct net_options *options,
    net_accept_fn *fn, void *arg, struct fail *why);

/* Ends all connections at once. */
void net_free(struct net *net);

/* The listening socket. */
struct door *net_door(const struct net *net);

/* Who is told from now on; user is borrowed for good. */
void conn_serve(struct conn *conn, const struct conn_user *user, void *arg);

/* Bytes to be sent: add to the buf, then flush. */
struct buf *conn_out(struct conn *conn);
void conn_flush(struct conn *conn);

/* Bytes that wait for the other side to read. */
size_t conn_waiting(const struct conn *conn);

/* Nothing is sent until it is let go again; reading goes on. */
void conn_hold(struct conn *conn, bool held);

/* Neither read nor written any more, but open. */
void conn_freeze(struct conn *conn);

/* Closes when all is sent; what still comes in is dropped. */
void conn_finish(struct conn *conn);

/* Closes now: quietly, or with a TCP reset. */
void conn_sever(struct conn *conn);
void conn_reset(struct conn *conn);

#endif
