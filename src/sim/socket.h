/*
 * socket: one WebSocket connection.
 *
 * Takes a connection over after the upgrade: frames, pings, the closing
 * handshake, and the faults that only concern one connection.  What the
 * messages mean is its user's affair.  A socket belongs to stream; its user is
 * told once that it is closed, and must not touch it after that.
 */
#ifndef GCP_SIM_SOCKET_H
#define GCP_SIM_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "span.h"

struct conn;
struct loop;
struct socket;

enum protocol {
	PROTOCOL_NOTIFICATIONS,
	PROTOCOL_EVENTS,
};
#define PROTOCOLS 2

struct socket_user {
	void (*on_text)(void *arg, struct span text);
	void (*on_closed)(void *arg);
};

/* How a message is sent; all zero: in one frame. */
struct socket_shape {
	enum frame_opcode opcode; /* 0: text */
	size_t fragment;          /* bytes of one frame's payload; 0: any */
};

/*
 * Serves a connection that was upgraded; bytes already came in behind the
 * request.  on_gone is for the owner, after the user's on_closed.
 */
struct socket *socket_new(struct loop *loop, struct conn *conn,
    enum protocol protocol, unsigned int number,
    void (*on_gone)(void *arg, struct socket *socket), void *arg);
void socket_free(struct socket *socket);
void socket_serve(
    struct socket *socket, const struct socket_user *user, void *arg);

/* Reads what had come in with the upgrade; the socket may be gone after. */
void socket_start(struct socket *socket, struct span early);

unsigned int socket_number(const struct socket *socket);
enum protocol socket_protocol(const struct socket *socket);
size_t socket_waiting(const struct socket *socket);

/* Whether messages still go anywhere: not closing and not frozen. */
bool socket_is_live(const struct socket *socket);
bool socket_is_frozen(const struct socket *socket);

void socket_send(
    struct socket *socket, struct span text, const struct socket_shape *shape);
/* Sends a message behind the next one that is sent this way. */
void socket_send_swapped(
    struct socket *socket, struct span text, const struct socket_shape *shape);
void socket_send_raw(struct socket *socket, struct span bytes);

/* Sends a close frame with any code, and ends when it was answered. */
void socket_close(struct socket *socket, uint16_t code, const char *reason);

void socket_hold(struct socket *socket, bool held);
void socket_freeze(struct socket *socket);
void socket_sever(struct socket *socket);
void socket_reset(struct socket *socket);

/* Whether protocol pings are answered. */
void socket_answer_pings(struct socket *socket, bool answer);

#endif
