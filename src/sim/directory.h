/*
 * directory: the queues, groups and teams of the organisation.
 *
 * Made of names and a seed.  Each user of the option --users is in about half
 * of the queues, in a third of the groups, and in one team; those who were
 * adopted later are in none, so that what is found does not depend on them.
 * Borrows the world.
 */
#ifndef GCP_SIM_DIRECTORY_H
#define GCP_SIM_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"
#include "text.h"

struct directory;
struct user;
struct world;

enum directory_kind {
	DIRECTORY_QUEUE,
	DIRECTORY_GROUP,
	DIRECTORY_TEAM,
	DIRECTORY_KINDS, /* how many there are */
};

struct member {
	const struct user *user;
	bool joined; /* takes calls of the queue */
};

/* A queue, a group or a team. */
struct unit {
	char id[TEXT_UUID];
	char *name;
	struct member *members; /* in the world's order */
	size_t member_count;
	size_t joined_count;
};

struct directory_options {
	/* With commas between; a name may come twice. */
	const char *names[DIRECTORY_KINDS];
	uint64_t seed;
};

struct directory *directory_new(
    const struct world *world, const struct directory_options *options);
void directory_free(struct directory *directory);

size_t directory_count(
    const struct directory *directory, enum directory_kind kind);
const struct unit *directory_unit(
    const struct directory *directory, enum directory_kind kind, size_t i);

/* By ID; NULL where there is none. */
const struct unit *directory_find(const struct directory *directory,
    enum directory_kind kind, struct span id);

#endif
