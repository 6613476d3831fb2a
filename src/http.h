/*
 * http: one request and its answer, over libcurl, in the loop.
 *
 * Certificates and host names are always verified, TLS is at least 1.2,
 * redirects are never followed, bodies are capped at CAP_HTTP_BODY, and each
 * request ends within half a minute.  It knows nothing of Genesys Cloud.
 */
#ifndef GCP_HTTP_H
#define GCP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "span.h"

struct buf;
struct http;
struct http_call;
struct loop;
struct proxies;

struct http_request {
	const char *method; /* "GET", "POST", "PUT", "DELETE", "HEAD" */
	const char *url;
	/* Basic authentication; NULL: none. */
	const char *user;
	const char *password;
	/* For "Authorization: Bearer"; NULL: none. */
	const char *bearer;
	const char *content_type; /* NULL: no body */
	struct span body;
};

struct http_answer {
	/* 0: there is no answer, and why says so. */
	int status;
	struct span body;
	/*
	 * Milliseconds of Retry-After, in either form, 0 to
	 * CAP_RETRY_AFTER_MS; -1 where there is none that makes sense.  A date
	 * counts from the answer's own Date, not from our clock.
	 */
	int64_t retry_after_ms;
	/* Wall time of the answer's Date, or NOW_NONE. */
	int64_t date_ms;
	/* inin-ratelimit-*: requests counted, allowed, seconds left; or -1. */
	int64_t rate_count, rate_allowed, rate_reset_s;
	/*
	 * Where status is 0: FAIL_UNREACHABLE; or, for a host that has not
	 * answered before, FAIL_CONFIG where its name does not resolve and
	 * FAIL_UNTRUSTED where its certificate is no good.
	 */
	struct fail why;
};

typedef void http_answer_fn(void *arg, const struct http_answer *answer);

/* ca_file: the trusted CAs, borrowed for good.  Borrows the proxies. */
struct http *http_new(struct loop *loop, const char *ca_file,
    const struct proxies *proxies, struct fail *why);
/* Cancels what is under way. */
void http_free(struct http *http);

/*
 * Starts a request; its texts are copied.  fn is called once, later, and the
 * call is over then.
 */
struct http_call *http_start(struct http *http,
    const struct http_request *request, http_answer_fn *fn, void *arg);
/* Only before the answer came. */
void http_cancel(struct http_call *call);

/* The file of trusted CAs that libcurl was built for, or NULL. */
const char *http_default_ca_file(void);

#endif
