#include "config.h"

#include "listener.h"

#include <stdlib.h>
#include <string.h>

#include "socket.h"
#include "world.h"
#include "xalloc.h"

struct listener {
	struct audience *audience;
	struct listener *next;
	struct socket *socket;
	bool connected; /* the socket is there and not frozen */
	struct user **users;
	size_t count;
	size_t room;
};

struct audience {
	struct listener *first;
	size_t users;
	audience_change_fn *fn;
	void *arg;
};

struct audience *
audience_new(audience_change_fn *fn, void *arg)
{
	struct audience *audience;

	audience = xcalloc(1, sizeof(*audience));
	audience->fn = fn;
	audience->arg = arg;
	return audience;
}

void
audience_free(struct audience *audience)
{
	free(audience);
}

size_t
audience_users(const struct audience *audience)
{
	return audience->users;
}

struct listener *
audience_next(const struct audience *audience, const struct listener *listener)
{
	return listener == NULL ? audience->first : listener->next;
}

static void
tell_change(struct audience *audience)
{
	if (audience->fn != NULL)
		audience->fn(audience->arg);
}

struct listener *
listener_new(struct audience *audience)
{
	struct listener *listener;

	listener = xcalloc(1, sizeof(*listener));
	listener->audience = audience;
	listener->next = audience->first;
	audience->first = listener;
	return listener;
}

void
listener_free(struct listener *listener)
{
	struct listener **link;

	if (listener == NULL)
		return;
	listener_clear(listener);
	for (link = &listener->audience->first; *link != listener;)
		link = &(*link)->next;
	*link = listener->next;
	free(listener->users);
	free(listener);
}

static void
remember_listener(struct user *user, struct listener *listener)
{
	if (user->listener_count == user->listener_room) {
		user->listener_room = user->listener_room * 2 + 2;
		user->listeners = xreallocarray(user->listeners,
		    user->listener_room, sizeof(struct listener *));
	}
	user->listeners[user->listener_count++] = listener;
}

static void
forget_listener(struct user *user, const struct listener *listener)
{
	size_t i = 0;

	while (user->listeners[i] != listener)
		i++;
	user->listener_count--;
	memmove(&user->listeners[i], &user->listeners[i + 1],
	    (user->listener_count - i) * sizeof(struct listener *));
}

void
listener_add(struct listener *listener, struct user *user)
{
	size_t i;

	for (i = 0; i < user->listener_count; i++)
		if (user->listeners[i] == listener)
			return;
	remember_listener(user, listener);
	if (listener->count == listener->room) {
		listener->room = listener->room * 2 + 16;
		listener->users = xreallocarray(
		    listener->users, listener->room, sizeof(struct user *));
	}
	listener->users[listener->count++] = user;
	if (listener->connected && user->audience++ == 0)
		listener->audience->users++;
	tell_change(listener->audience);
}

void
listener_clear(struct listener *listener)
{
	struct user *user;

	while (listener->count > 0) {
		user = listener->users[--listener->count];
		forget_listener(user, listener);
		if (listener->connected && --user->audience == 0)
			listener->audience->users--;
	}
}

size_t
listener_count(const struct listener *listener)
{
	return listener->count;
}

const struct user *
listener_user(const struct listener *listener, size_t i)
{
	return listener->users[i];
}

/* Counts a listener's users in, or out, of the audience. */
static void
set_connected(struct listener *listener, bool connected)
{
	struct audience *audience = listener->audience;
	size_t i;

	if (listener->connected == connected)
		return;
	listener->connected = connected;
	for (i = 0; i < listener->count; i++) {
		if (connected && listener->users[i]->audience++ == 0)
			audience->users++;
		else if (!connected && --listener->users[i]->audience == 0)
			audience->users--;
	}
	tell_change(audience);
}

void
listener_connect(struct listener *listener, struct socket *socket)
{
	listener->socket = socket;
	set_connected(listener, socket != NULL);
}

struct socket *
listener_socket(const struct listener *listener)
{
	return listener->socket;
}

void
listener_deafen(struct listener *listener)
{
	set_connected(listener, false);
}

bool
listener_hears(const struct listener *listener)
{
	return listener->connected && socket_is_live(listener->socket);
}
