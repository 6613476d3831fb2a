/*
 * door: the listening socket.
 *
 * Hands over the sockets of those who come.  It can be closed and opened again
 * on the same port.
 */
#ifndef GCP_SIM_DOOR_H
#define GCP_SIM_DOOR_H

#include <stdint.h>

struct door;
struct fail;
struct loop;

/* Takes over the descriptor. */
typedef void door_take_fn(void *arg, int fd);

/* FAIL_UNREACHABLE where it cannot listen. */
struct door *door_new(struct loop *loop, const char *host, const char *port,
    door_take_fn *fn, void *arg, struct fail *why);
void door_free(struct door *door);

unsigned int door_port(const struct door *door);

/* Refuses whoever comes, for this long; 0: until door_open(). */
void door_shut(struct door *door, int64_t ms);
void door_open(struct door *door);

#endif
