/*
 * people: the users that were found, each once, in the order of finding.
 *
 * Owns copies of IDs and names.
 */
#ifndef GCP_USERS_PEOPLE_H
#define GCP_USERS_PEOPLE_H

#include <stddef.h>

#include "span.h"

struct fail;
struct people;

/* More than this is no organisation. */
#define PEOPLE_MAX 1000000

struct person {
	char *id;
	char *name; /* clean; "" where none is known */
};

struct people *people_new(void);
void people_free(struct people *people);

/*
 * Adds a user, or the name that one was lacking.  IDs are compared as
 * gcpresence compares them.  -1 with FAIL_DATA where there are too many.
 */
int people_add(
    struct people *people, struct span id, struct span name, struct fail *why);

size_t people_count(const struct people *people);
const struct person *people_at(const struct people *people, size_t i);

#endif
