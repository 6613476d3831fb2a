#include "config.h"

#include "directory.h"

#include <stdlib.h>

#include "rng.h"
#include "world.h"
#include "xalloc.h"

/* One in so many users is in a queue, in a group. */
#define QUEUE_SHARE 2
#define GROUP_SHARE 3
/* And one in so many members of a queue has not joined it. */
#define AWAY_SHARE 4

struct list {
	struct unit *units;
	size_t count;
};

struct directory {
	struct list lists[DIRECTORY_KINDS];
};

static void
add_unit(struct list *list, struct rng *rng, struct span name)
{
	struct unit *unit;

	list->units =
	    xreallocarray(list->units, list->count + 1, sizeof(*list->units));
	unit = &list->units[list->count++];
	memset(unit, 0, sizeof(*unit));
	text_uuid(rng, unit->id);
	unit->name = xstrndup(name.at, name.len);
}

static void
add_member(struct unit *unit, const struct user *user, bool joined)
{
	struct member *member;

	/* The table doubles: its room is the next power of two. */
	if ((unit->member_count & (unit->member_count - 1)) == 0)
		unit->members = xreallocarray(unit->members,
		    unit->member_count == 0 ? 1 : 2 * unit->member_count,
		    sizeof(*unit->members));
	member = &unit->members[unit->member_count++];
	member->user = user;
	member->joined = joined;
	if (joined)
		unit->joined_count++;
}

/* Every user draws the same number of times, whatever comes of it. */
static void
place_user(
    struct directory *directory, struct rng *rng, const struct user *user)
{
	struct list *queues = &directory->lists[DIRECTORY_QUEUE];
	struct list *groups = &directory->lists[DIRECTORY_GROUP];
	struct list *teams = &directory->lists[DIRECTORY_TEAM];
	bool is_member, joined;
	size_t i;

	for (i = 0; i < queues->count; i++) {
		is_member = rng_below(rng, QUEUE_SHARE) == 0;
		joined = rng_below(rng, AWAY_SHARE) != 0;
		if (is_member)
			add_member(&queues->units[i], user, joined);
	}
	for (i = 0; i < groups->count; i++)
		if (rng_below(rng, GROUP_SHARE) == 0)
			add_member(&groups->units[i], user, false);
	if (teams->count > 0)
		add_member(
		    &teams->units[rng_below(rng, teams->count)], user, false);
}

struct directory *
directory_new(
    const struct world *world, const struct directory_options *options)
{
	struct directory *directory;
	struct span names, name;
	struct rng rng;
	size_t i;

	directory = xcalloc(1, sizeof(*directory));
	rng_seed(&rng, options->seed ^ UINT64_C(0xd14ec704));
	for (i = 0; i < DIRECTORY_KINDS; i++) {
		names = span_of(options->names[i]);
		while (names.len > 0) {
			name = text_trim(text_cut(&names, ','));
			if (name.len > 0)
				add_unit(&directory->lists[i], &rng, name);
		}
	}
	for (i = 0; i < world_count(world); i++)
		place_user(directory, &rng, world_user(world, i));
	return directory;
}

void
directory_free(struct directory *directory)
{
	struct list *list;
	size_t i, at;

	if (directory == NULL)
		return;
	for (i = 0; i < DIRECTORY_KINDS; i++) {
		list = &directory->lists[i];
		for (at = 0; at < list->count; at++) {
			free(list->units[at].name);
			free(list->units[at].members);
		}
		free(list->units);
	}
	free(directory);
}

size_t
directory_count(const struct directory *directory, enum directory_kind kind)
{
	return directory->lists[kind].count;
}

const struct unit *
directory_unit(
    const struct directory *directory, enum directory_kind kind, size_t i)
{
	return &directory->lists[kind].units[i];
}

const struct unit *
directory_find(
    const struct directory *directory, enum directory_kind kind, struct span id)
{
	const struct list *list = &directory->lists[kind];
	size_t i;

	for (i = 0; i < list->count; i++)
		if (text_same(id, span_of(list->units[i].id)))
			return &list->units[i];
	return NULL;
}
