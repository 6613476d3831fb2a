/*
 * find: which queue, group or team has a name.
 *
 * The one that is spelled so; else the one that is, but for the case of its
 * letters (A to Z).  None or several are a failure, and then the ones that it
 * could have been are known.
 */
#ifndef GCP_USERS_FIND_H
#define GCP_USERS_FIND_H

#include <stddef.h>

struct ask;
struct fail;
struct find;
struct place;

/* That are remembered of each kind. */
#define FIND_HITS 10

struct find_hit {
	char *id;
	char *name;
};

/*
 * id: valid until the callback returns; NULL where why says what is wrong:
 * FAIL_DATA where no one, or not one alone, has the name.
 */
typedef void find_fn(void *arg, const char *id, const struct fail *why);

/* Borrows ask. */
struct find *find_new(struct ask *ask);
void find_free(struct find *find);

/* One name at a time; the name is borrowed until the callback. */
void find_start(struct find *find, const struct place *place, const char *name,
    find_fn *fn, void *arg);

/*
 * Within a callback with FAIL_DATA: those who share the name, or whose names
 * are near.
 */
size_t find_hit_count(const struct find *find);
const struct find_hit *find_hit(const struct find *find, size_t i);

#endif
