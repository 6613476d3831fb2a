#include "config.h"

#include "plan.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "map.h"
#include "userid.h"
#include "xalloc.h"

struct shard {
	char **ids; /* as they are compared, in order of arrival */
	size_t count;
	size_t room;
};

struct plan {
	struct map *shard_of; /* uint32_t, by ID as it is compared */
	struct shard *shards;
	size_t count;
	size_t per_shard; /* SIZE_MAX before the cut */
};

struct plan *
plan_new(void)
{
	struct plan *plan;

	plan = xcalloc(1, sizeof(*plan));
	plan->shard_of = map_new(sizeof(uint32_t));
	plan->per_shard = SIZE_MAX;
	return plan;
}

void
plan_free(struct plan *plan)
{
	size_t i, at;

	if (plan == NULL)
		return;
	for (i = 0; i < plan->count; i++) {
		for (at = 0; at < plan->shards[i].count; at++)
			free(plan->shards[i].ids[at]);
		free(plan->shards[i].ids);
	}
	free(plan->shards);
	map_free(plan->shard_of);
	free(plan);
}

/* The first shard that has room. */
static size_t
place(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++)
		if (plan->shards[i].count < plan->per_shard)
			return i;
	plan->shards =
	    xreallocarray(plan->shards, plan->count + 1, sizeof(*plan->shards));
	memset(&plan->shards[plan->count], 0, sizeof(*plan->shards));
	return plan->count++;
}

/* Takes the ID over. */
static uint32_t
append(struct plan *plan, char *id)
{
	size_t number = place(plan);
	struct shard *shard = &plan->shards[number];

	if (shard->count == shard->room) {
		shard->room = shard->room == 0 ? 16 : 2 * shard->room;
		shard->ids =
		    xreallocarray(shard->ids, shard->room, sizeof(*shard->ids));
	}
	shard->ids[shard->count++] = id;
	return (uint32_t)number;
}

bool
plan_add(struct plan *plan, struct span id)
{
	char room[CAP_USER_ID];
	struct span key = userid_key(id, room);
	uint32_t *shard;
	bool added;

	shard = map_put(plan->shard_of, key, &added);
	if (added)
		*shard = append(plan, xstrndup(key.at, key.len));
	return added;
}

bool
plan_remove(struct plan *plan, struct span id, size_t *ret_shard)
{
	char room[CAP_USER_ID];
	struct span key = userid_key(id, room);
	uint32_t *number;
	struct shard *shard;
	size_t at = 0;

	number = map_get(plan->shard_of, key);
	if (number == NULL)
		return false;
	*ret_shard = *number;
	shard = &plan->shards[*number];
	while (!span_is(key, shard->ids[at]))
		at++;
	free(shard->ids[at]);
	shard->count--;
	memmove(&shard->ids[at], &shard->ids[at + 1],
	    (shard->count - at) * sizeof(*shard->ids));
	(void)map_remove(plan->shard_of, key);
	return true;
}

size_t
plan_count(const struct plan *plan)
{
	return map_count(plan->shard_of);
}

void
plan_cut(struct plan *plan, size_t per_shard)
{
	struct shard whole = { 0 };
	uint32_t *number;
	size_t i;

	assert(plan->per_shard == SIZE_MAX && per_shard > 0);
	plan->per_shard = per_shard;
	if (plan->count == 0)
		return;
	whole = plan->shards[0];
	plan->count = 0;
	for (i = 0; i < whole.count; i++) {
		number = map_get(plan->shard_of, span_of(whole.ids[i]));
		*number = append(plan, whole.ids[i]);
	}
	free(whole.ids);
}

size_t
plan_shards(const struct plan *plan)
{
	return plan->count;
}

size_t
plan_shard_count(const struct plan *plan, size_t shard)
{
	return shard < plan->count ? plan->shards[shard].count : 0;
}

struct span
plan_user(const struct plan *plan, size_t shard, size_t i)
{
	assert(i < plan_shard_count(plan, shard));
	return span_of(plan->shards[shard].ids[i]);
}

bool
plan_has(const struct plan *plan, size_t shard, struct span id)
{
	char room[CAP_USER_ID];
	const uint32_t *number;

	number = map_get(plan->shard_of, userid_key(id, room));
	return number != NULL && *number == shard;
}
