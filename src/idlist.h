/*
 * idlist: a growing list of user IDs, as copies.
 */
#ifndef GCP_IDLIST_H
#define GCP_IDLIST_H

#include <stddef.h>

#include "span.h"

struct idlist {
	struct span *ids; /* the bytes are the list's */
	size_t count;
	size_t room;
};

void idlist_add(struct idlist *list, struct span id);
void idlist_add_all(struct idlist *list, const struct span *ids, size_t count);
/* Empties it; also the end of one that is embedded. */
void idlist_done(struct idlist *list);

#endif
