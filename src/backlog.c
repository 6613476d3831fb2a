#include "config.h"

#include "backlog.h"

#include <stdlib.h>

#include "map.h"
#include "presence.h"
#include "userid.h"
#include "xalloc.h"

struct waiting {
	struct waiting *next;
	struct change change; /* its texts point into "texts" */
	char *texts;
};

struct backlog {
	struct map *users; /* of pointers to struct waiting */
	struct waiting *first;
	struct waiting **last;
	size_t count;
};

struct backlog *
backlog_new(void)
{
	struct backlog *backlog;

	backlog = xcalloc(1, sizeof(*backlog));
	backlog->users = map_new(sizeof(struct waiting *));
	backlog->last = &backlog->first;
	return backlog;
}

void
backlog_free(struct backlog *backlog)
{
	if (backlog == NULL)
		return;
	while (backlog->first != NULL)
		backlog_drop(backlog);
	map_free(backlog->users);
	free(backlog);
}

static void
copy_change(struct waiting *waiting, const struct change *change)
{
	struct change *copy = &waiting->change;
	char *at;

	free(waiting->texts);
	*copy = *change;
	at = waiting->texts =
	    xcalloc(change->user_id.len + change->name.len + change->state.len +
		    change->previous_state.len + change->definition.len + 1,
		1);
	span_copy(&copy->user_id, &at);
	span_copy(&copy->name, &at);
	span_copy(&copy->state, &at);
	span_copy(&copy->previous_state, &at);
	span_copy(&copy->definition, &at);
}

bool
backlog_add(struct backlog *backlog, const struct change *change)
{
	char room[CAP_USER_ID];
	struct waiting **slot, *waiting;
	uint64_t replaced;
	bool added;

	slot =
	    map_put(backlog->users, userid_key(change->user_id, room), &added);
	if (!added) {
		waiting = *slot;
		replaced = waiting->change.coalesced + 1;
		copy_change(waiting, change);
		waiting->change.coalesced = replaced;
		return true;
	}
	waiting = xcalloc(1, sizeof(*waiting));
	copy_change(waiting, change);
	*slot = waiting;
	*backlog->last = waiting;
	backlog->last = &waiting->next;
	backlog->count++;
	return false;
}

bool
backlog_first(struct backlog *backlog, struct change *ret_change)
{
	if (backlog->first == NULL)
		return false;
	*ret_change = backlog->first->change;
	return true;
}

void
backlog_drop(struct backlog *backlog)
{
	char room[CAP_USER_ID];
	struct waiting *waiting = backlog->first;

	(void)map_remove(
	    backlog->users, userid_key(waiting->change.user_id, room));
	backlog->first = waiting->next;
	if (backlog->first == NULL)
		backlog->last = &backlog->first;
	backlog->count--;
	free(waiting->texts);
	free(waiting);
}

size_t
backlog_count(const struct backlog *backlog)
{
	return backlog->count;
}
