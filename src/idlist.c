#include "config.h"

#include "idlist.h"

#include <stdint.h>
#include <stdlib.h>

#include "xalloc.h"

void
idlist_add(struct idlist *list, struct span id)
{
	if (list->count == list->room) {
		list->room = list->room == 0 ? 8 : 2 * list->room;
		list->ids =
		    xreallocarray(list->ids, list->room, sizeof(*list->ids));
	}
	list->ids[list->count].at = xstrndup(id.at, id.len);
	list->ids[list->count].len = id.len;
	list->count++;
}

void
idlist_add_all(struct idlist *list, const struct span *ids, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		idlist_add(list, ids[i]);
}

void
idlist_done(struct idlist *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free((void *)(uintptr_t)list->ids[i].at);
	free(list->ids);
	memset(list, 0, sizeof(*list));
}
