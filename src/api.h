/*
 * api: calls of the service's REST interface, with a token, in good order.
 *
 * A call waits for a token, for a place under the sliding window of requests,
 * and for as long as a 429 asked all of them to.  A 401 makes the token be
 * renewed, once, and the call repeated, once.  All other answers go to the
 * caller.  A token that would idle out for want of calls is kept alive.
 */
#ifndef GCP_API_H
#define GCP_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct api;
struct api_call;
struct audit;
struct fail;
struct http;
struct http_answer;
struct loop;
struct stats;
struct token;

struct api_options {
	const char *url; /* without a path, copied */
	size_t requests_per_minute;
	/* 429s in a row for one call; 0: no end. */
	unsigned int max_retries;
};

struct api_request {
	const char *method;
	const char *path;     /* with the query, copied */
	struct span body;     /* JSON, copied; no value: none */
	const char *what;     /* for messages, "create a channel"; borrowed */
	const char *endpoint; /* for statistics, "channels"; borrowed */
	/* Goes before others that wait: what the stream itself hangs on. */
	bool urgent;
};

/*
 * why is NULL where the answer is a success.  answer is NULL where the call
 * never got one that is of interest (no token).
 */
typedef void api_answer_fn(
    void *arg, const struct http_answer *answer, const struct fail *why);

/* Borrows everything but the URL. */
struct api *api_new(struct loop *loop, struct http *http, struct token *token,
    struct audit *audit, struct stats *stats,
    const struct api_options *options);
/* The calls must have been cancelled or answered. */
void api_free(struct api *api);

/* Calls back once, never from within; the call is over then. */
struct api_call *api_start(struct api *api, const struct api_request *request,
    api_answer_fn *fn, void *arg);
/* Whether it is under way; else it waits. */
bool api_is_sent(const struct api_call *call);
/* Only before the answer came. */
void api_cancel(struct api_call *call);

#endif
