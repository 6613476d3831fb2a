#include "config.h"

#include "ask.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "api.h"
#include "backoff.h"
#include "buf.h"
#include "fail.h"
#include "http.h"
#include "jget.h"
#include "log.h"
#include "loop.h"
#include "xalloc.h"

struct ask {
	struct api *api;
	struct loop_timer *timer; /* repeats */
	struct jget *jget;
	struct backoff backoff;
	unsigned int max_retries;
	unsigned int failures; /* in a row */

	struct api_call *call; /* under way, or NULL */
	const char *method;
	const char *endpoint;
	const char *permission;
	char *path; /* of the present question; NULL: there is none */
	char *what;
	char *body; /* or NULL */
	ask_fn *fn;
	void *arg;
};

static void send_question(void *arg);

struct ask *
ask_new(struct loop *loop, struct api *api, const struct backoff *backoff,
    unsigned int max_retries)
{
	struct ask *ask;

	ask = xcalloc(1, sizeof(*ask));
	ask->api = api;
	ask->backoff = *backoff;
	ask->max_retries = max_retries;
	ask->timer = loop_timer_new(loop, send_question, ask);
	ask->jget = jget_new();
	return ask;
}

static void
forget(struct ask *ask)
{
	free(ask->path);
	free(ask->what);
	free(ask->body);
	ask->path = NULL;
	ask->what = NULL;
	ask->body = NULL;
}

void
ask_free(struct ask *ask)
{
	if (ask == NULL)
		return;
	api_cancel(ask->call);
	loop_timer_free(ask->timer);
	jget_free(ask->jget);
	forget(ask);
	free(ask);
}

static void
tell(struct ask *ask, const struct json_object *root, const struct fail *why)
{
	/* The question is over first, so that fn may start another one. */
	forget(ask);
	ask->fn(ask->arg, root, why);
}

/*
 * Whether another try may help.  A 429 that comes up to here is one that api
 * has met as often in a row as it is allowed to.
 */
static bool
may_repeat(
    struct ask *ask, const struct http_answer *answer, const struct fail *why)
{
	if (!fail_may_pass(why) || (answer != NULL && answer->status == 429))
		return false;
	return ask->max_retries == 0 || ++ask->failures <= ask->max_retries;
}

static void
repeat_later(struct ask *ask, const struct fail *why)
{
	int64_t delay_ms;

	delay_ms = backoff_next_ms(&ask->backoff, why->retry_after_ms);
	log_notice(NULL, "%s; trying again in %.1f s", why->text,
	    (double)delay_ms / 1000);
	loop_timer_set(ask->timer, delay_ms);
}

/* Names the permission, where the service's own words do not. */
static void
name_permission(
    const struct ask *ask, const struct http_answer *answer, struct fail *why)
{
	struct fail told = *why;

	if (answer == NULL || answer->status != 403 ||
	    ask->permission == NULL ||
	    strstr(why->text, ask->permission) != NULL)
		return;
	(void)fail_set(why, told.kind,
	    "%.600s; give the OAuth client a role with the permission %s",
	    told.text, ask->permission);
}

static void
on_answer(void *arg, const struct http_answer *answer, const struct fail *why)
{
	struct ask *ask = arg;
	const struct json_object *root = NULL;
	struct fail reason, told;

	ask->call = NULL;
	if (why == NULL)
		root = jget_parse(ask->jget, answer->body, &reason);
	if (root != NULL) {
		ask->failures = 0;
		backoff_reset(&ask->backoff);
		tell(ask, root, NULL);
		return;
	}
	if (why == NULL)
		(void)fail_set(&told, FAIL_UNREACHABLE,
		    "cannot %s: the service's answer cannot be read: %s",
		    ask->what, reason.text);
	else
		told = *why;
	if (may_repeat(ask, answer, &told)) {
		repeat_later(ask, &told);
		return;
	}
	name_permission(ask, answer, &told);
	tell(ask, NULL, &told);
}

static void
send_question(void *arg)
{
	struct ask *ask = arg;
	struct api_request request = { .method = ask->method };

	request.path = ask->path;
	request.body = span_of(ask->body);
	request.what = ask->what;
	request.endpoint = ask->endpoint;
	ask->call = api_start(ask->api, &request, on_answer, ask);
}

void
ask_start(
    struct ask *ask, const struct question *question, ask_fn *fn, void *arg)
{
	assert(ask->path == NULL);
	ask->method = question->method;
	ask->endpoint = question->endpoint;
	ask->permission = question->permission;
	ask->path = xstrdup(question->path);
	ask->what = xstrdup(question->what);
	if (question->body.at != NULL)
		ask->body = xstrndup(question->body.at, question->body.len);
	ask->fn = fn;
	ask->arg = arg;
	send_question(ask);
}
