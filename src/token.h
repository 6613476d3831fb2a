/*
 * token: the OAuth access token, got once and shared.
 *
 * By the client-credentials grant (RFC 6749, 4.4; at the service:
 * POST {login}/oauth/token, Basic authentication, "grant_type" alone in the
 * body), or given ready.  It is renewed 60 s before its end.  However many ask
 * at once, one request is under way.  Owns the secret and wipes it.
 */
#ifndef GCP_TOKEN_H
#define GCP_TOKEN_H

#include <stdint.h>

struct audit;
struct fail;
struct http;
struct loop;
struct stats;
struct token;
struct token_wait;

struct token_options {
	const char *login_url; /* without a path */
	const char *client_id;
	const char *client_secret;
	/* Instead of a client: the token itself, or a file that holds it. */
	const char *access_token;
	const char *access_token_file;
};

/*
 * A token, or NULL and why: FAIL_REFUSED for bad credentials, FAIL_BUSY and
 * FAIL_UNREACHABLE where trying again may help.  It is valid until the
 * callback returns.
 */
typedef void token_fn(void *arg, const char *value, const struct fail *why);

/*
 * Copies the options, borrows the rest.  NULL with FAIL_FILE or FAIL_REFUSED
 * where the token's file is no good.
 */
struct token *token_new(struct loop *loop, struct http *http,
    struct audit *audit, struct stats *stats,
    const struct token_options *options, struct fail *why);
void token_free(struct token *token);

/* When the present token ends, by the wall clock; NOW_NONE: nobody knows. */
int64_t token_ends_ms(const struct token *token);

/* Calls back later, never from within.  The wait is over with the call. */
struct token_wait *token_get(struct token *token, token_fn *fn, void *arg);
void token_cancel(struct token_wait *wait);

/*
 * Calls fn whenever a new token took the place of an older one that was in use
 * (what hangs on the old one is to be renewed too), and how long the old one
 * lives on: milliseconds, 0 where it was refused.
 */
typedef void token_renewed_fn(void *arg, int64_t life_ms);
void token_on_renewed(struct token *token, token_renewed_fn *fn, void *arg);

/* The present token is known to be no good, or soon: get another one now. */
void token_renew(struct token *token);

/*
 * The secret, or the token's file, may have changed: reads it again.  secret
 * may be NULL.  What was made with another secret is renewed at once.
 */
void token_set_secret(struct token *token, const char *secret);

/*
 * The service refused this value with 401.  If it is still the present one it
 * is dropped, and the next token_get() fetches another.
 */
void token_refused(struct token *token, const char *value);

#endif
