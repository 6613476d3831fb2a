#include "config.h"

#include "topiclist.h"

#include <stdlib.h>
#include <string.h>

#include "listener.h"
#include "text.h"
#include "xalloc.h"

struct topic {
	char *name;
	struct user *user; /* NULL: nothing is ever sent on it */
};

struct topiclist {
	struct listener *listener;
	struct topic *topics;
	size_t count;
};

struct topiclist *
topiclist_new(struct listener *listener)
{
	struct topiclist *list;

	list = xcalloc(1, sizeof(*list));
	list->listener = listener;
	return list;
}

void
topiclist_free(struct topiclist *list)
{
	if (list == NULL)
		return;
	topiclist_clear(list);
	free(list->topics);
	free(list);
}

size_t
topiclist_count(const struct topiclist *list)
{
	return list->count;
}

struct span
topiclist_name(const struct topiclist *list, size_t i)
{
	return span_of(list->topics[i].name);
}

/* The place of a topic, or the number of topics. */
static size_t
place_of(const struct topiclist *list, struct span name)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (text_same(name, span_of(list->topics[i].name)))
			break;
	return i;
}

bool
topiclist_has(const struct topiclist *list, struct span name)
{
	return place_of(list, name) < list->count;
}

void
topiclist_add(struct topiclist *list, struct span name, struct user *user)
{
	struct topic *topic;

	if (topiclist_has(list, name))
		return;
	list->topics =
	    xreallocarray(list->topics, list->count + 1, sizeof(*list->topics));
	topic = &list->topics[list->count++];
	topic->name = xstrndup(name.at, name.len);
	topic->user = user;
	if (user != NULL)
		listener_add(list->listener, user);
}

void
topiclist_remove(struct topiclist *list, struct span name)
{
	size_t place = place_of(list, name), i;

	if (place == list->count)
		return;
	free(list->topics[place].name);
	list->count--;
	memmove(&list->topics[place], &list->topics[place + 1],
	    (list->count - place) * sizeof(*list->topics));
	/* Two topics may be of one user, so the rest is listened to anew. */
	listener_clear(list->listener);
	for (i = 0; i < list->count; i++)
		if (list->topics[i].user != NULL)
			listener_add(list->listener, list->topics[i].user);
}

void
topiclist_clear(struct topiclist *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->topics[i].name);
	list->count = 0;
	listener_clear(list->listener);
}
