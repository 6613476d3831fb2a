#include "config.h"

#include "shard.h"

#include <stdint.h>
#include <stdio.h>

#include "fail.h"
#include "userid.h"

/* More processes than one client's channels could ever feed make no sense. */
#define MOST 10000

int
shard_parse(const char *text, struct shard *ret, struct fail *why)
{
	unsigned int mine, of;
	char rest;

	/* NOLINTNEXTLINE(cert-err34-c): five digits cannot overflow */
	if (sscanf(text, "%5u/%5u%c", &mine, &of, &rest) != 2 || of == 0 ||
	    of > MOST || mine >= of)
		return fail_set(why, FAIL_CONFIG,
		    "'%s' is not K/N with K from 0 to N-1", text);
	ret->mine = mine;
	ret->of = of;
	return 0;
}

/* FNV-1a, and a finish that spreads it; part of the contract between runs. */
static uint64_t
weight(struct span id, unsigned int process)
{
	uint64_t hash = 0xcbf29ce484222325u;
	size_t i;

	for (i = 0; i < id.len; i++)
		hash = (hash ^ (unsigned char)id.at[i]) * 0x100000001b3u;
	hash ^= process * 0x9e3779b97f4a7c15u;
	hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
	hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
	return hash ^ hash >> 31;
}

bool
shard_has(const struct shard *shard, struct span id)
{
	char room[CAP_USER_ID];
	struct span key = userid_key(id, room);
	unsigned int process, best = 0;
	uint64_t heaviest = 0, here;

	if (shard->of == 0)
		return true;
	for (process = 0; process < shard->of; process++) {
		here = weight(key, process);
		if (process == 0 || here > heaviest) {
			heaviest = here;
			best = process;
		}
	}
	return best == shard->mine;
}
