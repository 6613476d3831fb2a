#include "config.h"

#include "token.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "audit.h"
#include "backoff.h"
#include "buf.h"
#include "caps.h"
#include "fail.h"
#include "file.h"
#include "http.h"
#include "log.h"
#include "loop.h"
#include "now.h"
#include "redact.h"
#include "stats.h"
#include "tokenanswer.h"
#include "xalloc.h"

/* A token is renewed this long before its end. */
#define MARGIN_MS (60LL * 1000)
/* A renewal that fails is tried again after this; milliseconds. */
#define RENEW_MIN_MS 2000
#define RENEW_MAX_MS 20000

struct token_wait {
	struct token *token;
	struct token_wait *next;
	token_fn *fn;
	void *arg;
};

struct token {
	struct http *http;
	struct audit *audit;
	struct stats *stats;
	struct loop_timer *soon; /* answers from the cache */
	char *url;
	char *client_id;
	char *client_secret;
	char *file;

	char *value;        /* or NULL */
	int64_t ends_at_ms; /* monotonic; INT64_MAX for a ready token */
	struct loop_timer *renewal;
	struct backoff backoff; /* of renewals that fail */
	bool was_used;          /* a token was given out */
	token_renewed_fn *on_renewed;
	void *on_renewed_arg;
	struct http_call *call; /* the request under way, or NULL */
	struct token_wait *waits;
	struct token_wait *answered; /* those that are being called */
};

/* It may still be valid, and turn up in what a server says. */
static void
forget_value(struct token *token)
{
	redact_retire(token->value);
	xwipe(token->value);
	token->value = NULL;
}

/* life_ms: INT64_MAX for a ready token, whose end nobody knows. */
static void
take_value(struct token *token, char *value, int64_t life_ms)
{
	int64_t now = now_ms();

	forget_value(token);
	redact_add(value);
	token->value = value;
	token->ends_at_ms = INT64_MAX;
	if (life_ms == INT64_MAX)
		return;
	token->ends_at_ms = now + life_ms;
	/* A life too short for the margin is used for half of it. */
	loop_timer_set(token->renewal,
	    life_ms > 2 * MARGIN_MS ? life_ms - MARGIN_MS : life_ms / 2);
}

static bool
is_valid(const struct token *token)
{
	return token->value != NULL && now_ms() < token->ends_at_ms;
}

/* Another token took the place of one that was in use. */
static void
tell_renewed(struct token *token, int64_t life_ms)
{
	if (token->was_used && token->on_renewed != NULL)
		token->on_renewed(token->on_renewed_arg, life_ms);
}

static bool
is_ready_made(const struct token *token)
{
	return token->client_id == NULL;
}

/* Answers all who wait now; who asks again in the call waits anew. */
static void
answer_waits(struct token *token, const char *value, const struct fail *why)
{
	struct token_wait wait, *first;

	token->answered = token->waits;
	token->waits = NULL;
	if (value != NULL && token->answered != NULL)
		token->was_used = true;
	while ((first = token->answered) != NULL) {
		wait = *first;
		token->answered = first->next;
		free(first);
		wait.fn(wait.arg, value, why);
	}
}

static int
take_answer(
    struct token *token, const struct http_answer *answer, struct fail *why)
{
	struct tokenanswer read;
	int64_t old_ms = 0;

	if (tokenanswer_read(answer->body, &read, why) == -1)
		return -1;
	if (read.doubt != NULL)
		log_warning("token", "%s", read.doubt);
	if (is_valid(token))
		old_ms = token->ends_at_ms - now_ms();
	take_value(token, read.token, read.life_s * 1000);
	backoff_reset(&token->backoff);
	token->stats->tokens++;
	audit_start(token->audit, "TOKEN_ISSUED");
	audit_number(token->audit, "expiresIn", read.life_s);
	audit_finish(token->audit);
	log_info("token", "got a token for %lld s", (long long)read.life_s);
	tell_renewed(token, old_ms);
	return 0;
}

/* The renewal failed, but the present token still works: try again. */
static void
renew_later(struct token *token, const struct fail *why)
{
	int64_t delay_ms;

	delay_ms = backoff_next_ms(&token->backoff,
	    why->retry_after_ms > RENEW_MIN_MS ? why->retry_after_ms
					       : RENEW_MIN_MS);
	loop_timer_set(token->renewal, delay_ms);
	log_warning(NULL, "cannot renew the token, which ends in %lld s: %s",
	    (long long)(token->ends_at_ms - now_ms()) / 1000, why->text);
}

static void
on_answer(void *arg, const struct http_answer *answer)
{
	struct token *token = arg;
	struct fail why;
	int rc;

	token->call = NULL;
	stats_request(token->stats, "token", answer->status);
	rc = answer_check(answer, "get a token", &why);
	if (rc == -1)
		tokenanswer_refine(answer->status, answer->body, &why);
	else
		rc = take_answer(token, answer, &why);
	if (rc == -1 && is_valid(token))
		renew_later(token, &why);
	if (is_valid(token))
		answer_waits(token, token->value, NULL);
	else
		answer_waits(token, NULL, &why);
}

static void
fetch(struct token *token)
{
	struct http_request request = { .method = "POST" };

	request.url = token->url;
	request.user = token->client_id;
	request.password = token->client_secret;
	request.content_type = "application/x-www-form-urlencoded";
	request.body = span_of("grant_type=client_credentials");
	token->call = http_start(token->http, &request, on_answer, token);
}

static void
on_renewal(void *arg)
{
	struct token *token = arg;

	if (token->call == NULL)
		fetch(token);
}

static void
on_soon(void *arg)
{
	struct token *token = arg;
	struct fail why;

	if (is_valid(token)) {
		answer_waits(token, token->value, NULL);
	} else if (is_ready_made(token)) {
		(void)fail_set(&why, FAIL_REFUSED,
		    "the service refuses the access token (401): it is wrong, "
		    "or has expired");
		answer_waits(token, NULL, &why);
	} else if (token->call == NULL) {
		fetch(token);
	}
}

/* Reads the ready token; 0 also where nothing changed. */
static int
read_file(struct token *token, struct fail *why)
{
	char *value;

	value = file_read_secret(token->file, why);
	if (value == NULL)
		return -1;
	if (!tokenanswer_is_token(span_of(value))) {
		xwipe(value);
		return fail_set(why, FAIL_REFUSED,
		    "'%s' does not hold an access token", token->file);
	}
	take_value(token, value, INT64_MAX);
	return 0;
}

int64_t
token_ends_ms(const struct token *token)
{
	if (token->value == NULL || token->ends_at_ms == INT64_MAX)
		return NOW_NONE;
	return now_wall_ms() + token->ends_at_ms - now_ms();
}

struct token *
token_new(struct loop *loop, struct http *http, struct audit *audit,
    struct stats *stats, const struct token_options *options, struct fail *why)
{
	struct token *token;
	struct buf url;

	token = xcalloc(1, sizeof(*token));
	token->http = http;
	token->audit = audit;
	token->stats = stats;
	token->soon = loop_timer_new(loop, on_soon, token);
	token->renewal = loop_timer_new(loop, on_renewal, token);
	backoff_init(&token->backoff, RENEW_MIN_MS, RENEW_MAX_MS, 0);
	if (options->access_token_file != NULL) {
		token->file = xstrdup(options->access_token_file);
		if (read_file(token, why) == -1)
			goto failed;
		return token;
	}
	if (options->access_token != NULL) {
		if (!tokenanswer_is_token(span_of(options->access_token))) {
			(void)fail_set(why, FAIL_REFUSED,
			    "$GENESYSCLOUD_ACCESS_TOKEN does not hold an "
			    "access token");
			goto failed;
		}
		take_value(token, xstrdup(options->access_token), INT64_MAX);
		return token;
	}
	buf_init(&url, SIZE_MAX);
	buf_printf(&url, "%s/oauth/token", options->login_url);
	token->url = xstrdup(buf_string(&url));
	buf_done(&url);
	token->client_id = xstrdup(options->client_id);
	token->client_secret = xstrdup(options->client_secret);
	redact_add_login(token->client_id, token->client_secret);
	return token;

failed:
	token_free(token);
	return NULL;
}

void
token_free(struct token *token)
{
	struct token_wait *wait;

	if (token == NULL)
		return;
	while ((wait = token->waits) != NULL) {
		token->waits = wait->next;
		free(wait);
	}
	http_cancel(token->call);
	loop_timer_free(token->soon);
	loop_timer_free(token->renewal);
	forget_value(token);
	redact_retire(token->client_secret);
	xwipe(token->client_secret);
	free(token->client_id);
	free(token->file);
	free(token->url);
	free(token);
}

struct token_wait *
token_get(struct token *token, token_fn *fn, void *arg)
{
	struct token_wait *wait, **link;

	wait = xcalloc(1, sizeof(*wait));
	wait->token = token;
	wait->fn = fn;
	wait->arg = arg;
	for (link = &token->waits; *link != NULL;)
		link = &(*link)->next;
	*link = wait;
	loop_timer_set(token->soon, 0);
	return wait;
}

static bool
unlink_wait(struct token_wait **link, struct token_wait *wait)
{
	for (; *link != NULL; link = &(*link)->next)
		if (*link == wait) {
			*link = wait->next;
			return true;
		}
	return false;
}

void
token_cancel(struct token_wait *wait)
{
	if (wait == NULL)
		return;
	if (!unlink_wait(&wait->token->waits, wait))
		(void)unlink_wait(&wait->token->answered, wait);
	free(wait);
}

void
token_on_renewed(struct token *token, token_renewed_fn *fn, void *arg)
{
	token->on_renewed = fn;
	token->on_renewed_arg = arg;
}

void
token_renew(struct token *token)
{
	if (!is_ready_made(token))
		loop_timer_set(token->renewal, 0);
}

/* Takes a newer token from the file; false where it holds none. */
static bool
read_file_again(struct token *token, const char *refused)
{
	struct fail why;

	if (read_file(token, &why) == -1) {
		log_warning("token", "%s", why.text);
		return false;
	}
	assert(token->value != NULL);
	if (refused != NULL && strcmp(token->value, refused) == 0) {
		forget_value(token);
		return false;
	}
	return true;
}

void
token_set_secret(struct token *token, const char *secret)
{
	char *old = NULL;

	if (token->file != NULL) {
		if (token->value != NULL)
			old = xstrdup(token->value);
		if (read_file_again(token, NULL) &&
		    (old == NULL || strcmp(old, token->value) != 0))
			tell_renewed(token, 0);
		xwipe(old);
		return;
	}
	if (is_ready_made(token) || secret == NULL ||
	    strcmp(token->client_secret, secret) == 0)
		return;
	redact_retire(token->client_secret);
	xwipe(token->client_secret);
	token->client_secret = xstrdup(secret);
	redact_add_login(token->client_id, secret);
	/* The new secret is tried at once, while the old token still works. */
	loop_timer_set(token->renewal, 0);
}

void
token_refused(struct token *token, const char *value)
{
	if (token->value == NULL || strcmp(token->value, value) != 0)
		return;
	log_info("token", "the service refuses the token: getting another");
	forget_value(token);
	loop_timer_stop(token->renewal);
	/* A file may hold a newer one by now; the old one is no use again. */
	if (token->file != NULL && read_file_again(token, value))
		tell_renewed(token, 0);
}
