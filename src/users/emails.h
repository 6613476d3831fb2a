/*
 * emails: e-mail addresses from standard input -> users.
 *
 * POST /api/v2/users/search with one criterion, type EXACT, field "email" and
 * at most 25 values (SDK: UserSearchRequest, UserSearchCriteria; that "values"
 * works with EXACT is what Genesys' Terraform provider does).  The answer has
 * users in "results"; they are matched to the addresses by their member
 * "email", without case.  100 results hold four users of each address, so the
 * first page is all that is asked for.
 *
 * Input is live: addresses that come together are one question, and the next
 * lines are read when it has been answered.
 */
#ifndef GCP_USERS_EMAILS_H
#define GCP_USERS_EMAILS_H

#include <stddef.h>

#include "span.h"

struct ask;
struct emails;
struct fail;
struct loop;

struct emails_counts {
	size_t addresses; /* different ones, bad ones included */
	size_t found;
};

struct emails_handler {
	/* The spans are valid until it returns.  -1 ends it with why. */
	int (*on_user)(
	    void *arg, struct span id, struct span name, struct fail *why);
	/*
	 * The users of some lines were told.  No more are read before
	 * emails_go_on().
	 */
	void (*on_lines)(void *arg);
	/* The end; why: NULL, or what is wrong. */
	void (*on_end)(void *arg, const struct emails_counts *counts,
	    const struct fail *why);
};

/*
 * Starts to read.  Borrows the rest.  NULL with FAIL_INTERNAL where no thread
 * can be made.
 */
struct emails *emails_new(struct loop *loop, struct ask *ask,
    const struct emails_handler *handler, void *arg, struct fail *why);
void emails_free(struct emails *emails);

void emails_go_on(struct emails *emails);

#endif
