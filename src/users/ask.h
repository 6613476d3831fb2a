/*
 * ask: one question to the service at a time, asked again while that may help.
 *
 * A call that fails for now, or whose answer cannot be read, is repeated with
 * backoff.  Tokens, limits and 429 are api's matter.
 */
#ifndef GCP_USERS_ASK_H
#define GCP_USERS_ASK_H

#include "span.h"

struct api;
struct ask;
struct backoff;
struct fail;
struct json_object;
struct loop;

struct question {
	const char *method;
	const char *path;     /* with the query, copied */
	struct span body;     /* JSON, copied; no value: none */
	const char *what;     /* "list the users", copied */
	const char *endpoint; /* for statistics, borrowed for good */
	/* That the service documents as needed, or NULL; borrowed for good. */
	const char *permission;
};

/*
 * root: of the answer, valid until the callback returns, and never to be
 * trusted; NULL where why says what is wrong, for good.
 */
typedef void ask_fn(
    void *arg, const struct json_object *root, const struct fail *why);

/*
 * Borrows loop and api; backoff is copied.  max_retries: failures in a row;
 * 0: no end.
 */
struct ask *ask_new(struct loop *loop, struct api *api,
    const struct backoff *backoff, unsigned int max_retries);
void ask_free(struct ask *ask);

/* Only when the last question has been answered; fn may start the next one. */
void ask_start(
    struct ask *ask, const struct question *question, ask_fn *fn, void *arg);

#endif
