#include "config.h"

#include "roster.h"

#include <stdlib.h>

#include "caps.h"
#include "delta.h"
#include "fail.h"
#include "log.h"
#include "map.h"
#include "plan.h"
#include "shard.h"
#include "userid.h"
#include "xalloc.h"

/* A user that waits for the protocol to be known. */
struct candidate {
	char *name;
	char *where;
};

struct roster {
	struct plan *plan;
	struct delta *delta;
	bool strict;
	const struct shard *shard;
	bool decided;
	bool only_uuids;
	size_t capacity;
	size_t bad;
	size_t elsewhere;       /* of other shards */
	struct map *candidates; /* by ID */
};

struct roster *
roster_new(struct plan *plan, struct delta *delta, bool strict,
    const struct shard *shard)
{
	struct roster *roster;

	roster = xcalloc(1, sizeof(*roster));
	roster->plan = plan;
	roster->delta = delta;
	roster->strict = strict;
	roster->shard = shard;
	roster->capacity = SIZE_MAX;
	roster->candidates = map_new(sizeof(struct candidate));
	return roster;
}

static void
drop_candidates(struct roster *roster)
{
	struct candidate *candidate;
	size_t cursor = 0;

	while (
	    (candidate = map_next(roster->candidates, &cursor, NULL)) != NULL) {
		free(candidate->name);
		free(candidate->where);
	}
	map_free(roster->candidates);
	roster->candidates = NULL;
}

void
roster_free(struct roster *roster)
{
	if (roster == NULL)
		return;
	if (roster->candidates != NULL)
		drop_candidates(roster);
	free(roster);
}

int
roster_refuse(struct roster *roster, const char *where, const struct fail *bad,
    struct fail *why)
{
	roster->bad++;
	if (roster->strict)
		return fail_set(why, FAIL_DATA, "%s: %s", where, bad->text);
	if (roster->bad <= CAP_BAD_LINES)
		log_warning(NULL, "%s: %s; skipped", where, bad->text);
	if (roster->bad == CAP_BAD_LINES)
		log_warning(NULL, "more bad user IDs are not shown");
	return 0;
}

/* Adds a user for good. */
static int
admit(struct roster *roster, struct span id, struct span name,
    const char *where, struct fail *why)
{
	struct fail bad;

	if (roster->only_uuids && userid_check_uuid(id, &bad) == -1)
		return roster_refuse(roster, where, &bad, why);
	if (!delta_add(roster->delta, id, name))
		return 0;
	if (plan_count(roster->plan) >= roster->capacity) {
		(void)delta_remove(roster->delta, id);
		(void)fail_set(&bad, FAIL_DATA,
		    "no room for user id '%.*s': all connections are full "
		    "(%zu users)",
		    (int)id.len, id.at, roster->capacity);
		return roster_refuse(roster, where, &bad, why);
	}
	(void)plan_add(roster->plan, id);
	return 0;
}

int
roster_add(struct roster *roster, struct span id, struct span name,
    const char *where, struct fail *why)
{
	char room[CAP_USER_ID];
	struct candidate *candidate;
	struct fail bad;
	bool added;

	if (userid_check(id, &bad) == -1)
		return roster_refuse(roster, where, &bad, why);
	if (!shard_has(roster->shard, id)) {
		roster->elsewhere++;
		return 0;
	}
	name = userid_name(name);
	if (roster->decided)
		return admit(roster, id, name, where, why);
	candidate = map_put(roster->candidates, userid_key(id, room), &added);
	if (added) {
		candidate->name =
		    xstrndup(name.len > 0 ? name.at : "", name.len);
		candidate->where = xstrdup(where);
	}
	return 0;
}

int
roster_check(const struct roster *roster, struct span id, const char *where,
    struct fail *why)
{
	struct fail bad;

	if (!roster->strict ||
	    (userid_check(id, &bad) == 0 &&
		(!roster->only_uuids || userid_check_uuid(id, &bad) == 0)))
		return 0;
	return fail_set(why, FAIL_DATA, "%s: %s", where, bad.text);
}

bool
roster_drop(struct roster *roster, struct span id)
{
	char room[CAP_USER_ID];
	struct candidate *candidate;
	size_t shard;

	if (roster->decided)
		return plan_remove(roster->plan, id, &shard) &&
		    delta_remove(roster->delta, id);
	id = userid_key(id, room);
	candidate = map_get(roster->candidates, id);
	if (candidate == NULL)
		return false;
	free(candidate->name);
	free(candidate->where);
	return map_remove(roster->candidates, id);
}

int
roster_decide(struct roster *roster, bool only_uuids, struct fail *why)
{
	struct candidate *candidate;
	struct span id;
	size_t cursor = 0;
	int rc = 0;

	roster->decided = true;
	roster->only_uuids = only_uuids;
	while (rc == 0 &&
	    (candidate = map_next(roster->candidates, &cursor, &id)) != NULL)
		rc = admit(roster, id, span_of(candidate->name),
		    candidate->where, why);
	drop_candidates(roster);
	return rc;
}

void
roster_limit(struct roster *roster, size_t capacity)
{
	roster->capacity = capacity;
}

size_t
roster_count(const struct roster *roster)
{
	return roster->decided ? plan_count(roster->plan)
			       : map_count(roster->candidates);
}

size_t
roster_bad(const struct roster *roster)
{
	return roster->bad;
}

size_t
roster_elsewhere(const struct roster *roster)
{
	return roster->elsewhere;
}
