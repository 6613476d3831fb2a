/*
 * backlog: changes that found no room in the output queue.
 *
 * Keeps the newest change of each user and counts those that it replaced; in
 * order of the users' first waiting change.  Owns copies.  The memory is
 * bounded by the number of users.
 */
#ifndef GCP_BACKLOG_H
#define GCP_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>

struct backlog;
struct change;

struct backlog *backlog_new(void);
void backlog_free(struct backlog *backlog);

/* True where it replaced a change that was waiting. */
bool backlog_add(struct backlog *backlog, const struct change *change);

/*
 * The first change, with what it replaced in "coalesced"; false where there is
 * none.  Its texts are valid until the next call.
 */
bool backlog_first(struct backlog *backlog, struct change *ret_change);
/* Takes the first one off. */
void backlog_drop(struct backlog *backlog);

size_t backlog_count(const struct backlog *backlog);

#endif
