/*
 * pages: all users of a place, page by page.
 *
 * Users that are not active, and rows without an ID that is one, are left out
 * and counted.  The list ends where the service says so; what it says is not
 * trusted to end.
 */
#ifndef GCP_USERS_PAGES_H
#define GCP_USERS_PAGES_H

#include <stddef.h>

#include "span.h"

struct ask;
struct fail;
struct pages;
struct place;

struct pages_counts {
	size_t users;
	size_t inactive;
	size_t bad;
};

struct pages_handler {
	/* The spans are valid until it returns.  -1 ends the list with why. */
	int (*on_user)(
	    void *arg, struct span id, struct span name, struct fail *why);
	/*
	 * why: NULL, or what is wrong; FAIL_DATA where the place does not
	 * exist.
	 */
	void (*on_end)(void *arg, const struct pages_counts *counts,
	    const struct fail *why);
};

/* Borrows ask and handler. */
struct pages *pages_new(
    struct ask *ask, const struct pages_handler *handler, void *arg);
void pages_free(struct pages *pages);

/*
 * One list at a time.  id: of the queue, group or team.  name: for messages,
 * copied.
 */
void pages_start(struct pages *pages, const struct place *place, const char *id,
    const char *name);

#endif
