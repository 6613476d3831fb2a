#include "config.h"

#include "people.h"

#include <stdlib.h>

#include "buf.h"
#include "clean.h"
#include "fail.h"
#include "map.h"
#include "redact.h"
#include "userid.h"
#include "xalloc.h"

/* The table grows by this many. */
#define BLOCK 1024

struct people {
	struct map *known; /* numbers of rows, by ID */
	struct person *rows;
	size_t count;
};

struct people *
people_new(void)
{
	struct people *people;

	people = xcalloc(1, sizeof(*people));
	people->known = map_new(sizeof(size_t));
	return people;
}

void
people_free(struct people *people)
{
	size_t i;

	if (people == NULL)
		return;
	for (i = 0; i < people->count; i++) {
		free(people->rows[i].id);
		free(people->rows[i].name);
	}
	free(people->rows);
	map_free(people->known);
	free(people);
}

static void
set_name(struct person *person, struct span name)
{
	struct buf clean;

	buf_init(&clean, SIZE_MAX);
	clean_name(&clean, name);
	free(person->name);
	redact_text(clean.bytes, clean.len);
	person->name = xstrdup(buf_string(&clean));
	buf_done(&clean);
}

int
people_add(
    struct people *people, struct span id, struct span name, struct fail *why)
{
	char room[CAP_USER_ID];
	struct person *person;
	size_t *row;
	bool added;

	row = map_put(people->known, userid_key(id, room), &added);
	if (!added) {
		person = &people->rows[*row];
		if (*person->name == '\0')
			set_name(person, name);
		return 0;
	}
	if (people->count == PEOPLE_MAX)
		return fail_set(why, FAIL_DATA,
		    "the service has listed more than %d users", PEOPLE_MAX);
	*row = people->count;
	if (people->count % BLOCK == 0)
		people->rows = xreallocarray(
		    people->rows, people->count + BLOCK, sizeof(*people->rows));
	person = &people->rows[people->count++];
	person->id = xstrndup(id.at, id.len);
	person->name = NULL;
	set_name(person, name);
	return 0;
}

size_t
people_count(const struct people *people)
{
	return people->count;
}

const struct person *
people_at(const struct people *people, size_t i)
{
	return &people->rows[i];
}
