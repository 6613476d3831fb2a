#include "config.h"

#include "door.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fail.h"
#include "log.h"
#include "loop.h"
#include "xalloc.h"

/* When to try again what the system cannot do now. */
#define AGAIN_MS 200

struct door {
	struct loop *loop;
	door_take_fn *fn;
	void *arg;
	int fd; /* -1: shut */
	struct loop_fd *watched;
	struct sockaddr_storage address;
	socklen_t address_len;
	struct loop_timer *timer;
};

/* Who came is let in; -1 where the system has no descriptor for him. */
static int
take_all(struct door *door)
{
	int fd;

	while (door->fd != -1) {
		fd =
		    accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd != -1)
			door->fn(door->arg, fd);
		else if (errno == EMFILE || errno == ENFILE)
			return -1;
		else if (errno != EINTR && errno != ECONNABORTED)
			break;
	}
	return 0;
}

static void
on_ready(void *arg, bool readable, bool writable)
{
	struct door *door = arg;

	(void)readable;
	(void)writable;
	if (take_all(door) == 0)
		return;
	/* Who waits outside would wake us all the time. */
	log_warning("net", "too many connections: %s", strerror(errno));
	loop_fd_want(door->watched, false, false);
	loop_timer_set(door->timer, AGAIN_MS);
}

/* Tries one address; the file descriptor, or -1 with errno. */
static int
listen_at(const struct sockaddr *address, socklen_t len)
{
	int fd, on = 1, saved;

	fd = socket(
	    address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, address, len) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

static int
open_first(
    struct door *door, const char *host, const char *port, struct fail *why)
{
	struct addrinfo hints = { 0 }, *found, *each;
	int error;

	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
	error = getaddrinfo(host, port, &hints, &found);
	if (error != 0)
		return fail_set(why, FAIL_UNREACHABLE,
		    "cannot listen on '%s': %s", host, gai_strerror(error));
	for (each = found; each != NULL && door->fd == -1; each = each->ai_next)
		door->fd = listen_at(each->ai_addr, each->ai_addrlen);
	error = errno;
	freeaddrinfo(found);
	if (door->fd == -1)
		return fail_set(why, FAIL_UNREACHABLE,
		    "cannot listen on '%s' port %s: %s", host, port,
		    strerror(error));
	/* The port that the system chose, for opening it again. */
	door->address_len = sizeof(door->address);
	(void)getsockname(
	    door->fd, (struct sockaddr *)&door->address, &door->address_len);
	return 0;
}

static int
watch(struct door *door, struct fail *why)
{
	door->watched = loop_fd_new(door->loop, door->fd, on_ready, door);
	if (door->watched == NULL)
		return fail_set(
		    why, FAIL_UNREACHABLE, "cannot listen: too many files");
	loop_fd_want(door->watched, true, false);
	return 0;
}

static void
on_timer(void *arg)
{
	struct door *door = arg;

	if (door->fd == -1)
		door_open(door);
	else
		loop_fd_want(door->watched, true, false);
}

struct door *
door_new(struct loop *loop, const char *host, const char *port,
    door_take_fn *fn, void *arg, struct fail *why)
{
	struct door *door;

	door = xcalloc(1, sizeof(*door));
	door->loop = loop;
	door->fn = fn;
	door->arg = arg;
	door->fd = -1;
	door->timer = loop_timer_new(loop, on_timer, door);
	if (open_first(door, host, port, why) == -1 || watch(door, why) == -1) {
		door_free(door);
		return NULL;
	}
	return door;
}

void
door_free(struct door *door)
{
	if (door == NULL)
		return;
	door_shut(door, 0);
	loop_timer_free(door->timer);
	free(door);
}

unsigned int
door_port(const struct door *door)
{
	if (door->address.ss_family == AF_INET6)
		return ntohs(
		    ((const struct sockaddr_in6 *)&door->address)->sin6_port);
	return ntohs(((const struct sockaddr_in *)&door->address)->sin_port);
}

void
door_shut(struct door *door, int64_t ms)
{
	if (ms > 0)
		loop_timer_set(door->timer, ms);
	else
		loop_timer_stop(door->timer);
	if (door->fd == -1)
		return;
	/* The loop's copy of the descriptor stays open for a moment. */
	(void)shutdown(door->fd, SHUT_RDWR);
	loop_fd_free(door->watched);
	door->watched = NULL;
	(void)close(door->fd);
	door->fd = -1;
}

void
door_open(struct door *door)
{
	struct fail why;

	loop_timer_stop(door->timer);
	if (door->fd != -1)
		return;
	door->fd = listen_at(
	    (const struct sockaddr *)&door->address, door->address_len);
	if (door->fd != -1 && watch(door, &why) == 0)
		return;
	log_warning("net", "cannot listen on port %u again: %s",
	    door_port(door), strerror(errno));
	door_shut(door, AGAIN_MS);
}
