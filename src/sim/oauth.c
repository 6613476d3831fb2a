#include "config.h"

#include "oauth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eventsock.h"
#include "journal.h"
#include "jput.h"
#include "map.h"
#include "now.h"
#include "sim.h"
#include "simopt.h"
#include "xalloc.h"

/* Letters and digits of a token: 86, as real ones have. */
#define TOKEN_LEN 86
#define MINUTE_MS 60000
/* Reading a form: what a decoded value may take, in bytes. */
#define MAX_VALUE 1024

/* Requests in a minute that starts with the first of them. */
struct budget {
	int64_t since_ms;
	int64_t used;
	bool open;
};

struct token {
	uint64_t number;
	int64_t expires_ms;
	bool revoked;
	struct budget budget;
};

struct oauth {
	struct sim *sim;
	struct map *tokens;
	struct budget budget; /* of the token endpoint */
	uint64_t issued;
	char organization[TEXT_UUID];
};

struct oauth *
oauth_new(struct sim *sim)
{
	struct oauth *oauth;

	oauth = xcalloc(1, sizeof(*oauth));
	oauth->sim = sim;
	oauth->tokens = map_new(sizeof(struct token));
	text_uuid(&sim->ids, oauth->organization);
	return oauth;
}

void
oauth_free(struct oauth *oauth)
{
	if (oauth == NULL)
		return;
	map_free(oauth->tokens);
	free(oauth);
}

struct token *
oauth_find(const struct oauth *oauth, struct span text)
{
	return text.len == TOKEN_LEN ? map_get(oauth->tokens, text) : NULL;
}

const char *
token_fault(const struct token *token)
{
	if (token->revoked)
		return "bad.credentials";
	return token_left_ms(token) <= 0 ? "credentials.expired" : NULL;
}

int64_t
token_left_ms(const struct token *token)
{
	return token->expires_ms - now_ms();
}

uint64_t
token_number(const struct token *token)
{
	return token->number;
}

void
oauth_expire_all(struct oauth *oauth)
{
	struct token *token;
	size_t cursor = 0;
	int64_t now = now_ms();

	while ((token = map_next(oauth->tokens, &cursor, NULL)) != NULL)
		if (token->expires_ms > now)
			token->expires_ms = now;
	eventsock_check_tokens(oauth->sim->events);
}

uint64_t
oauth_issued(const struct oauth *oauth)
{
	return oauth->issued;
}

/* Counts one request; false where the limit (0: none) is passed. */
static bool
spend(struct budget *budget, int64_t limit)
{
	int64_t now = now_ms();

	if (!budget->open || now - budget->since_ms >= MINUTE_MS) {
		budget->open = true;
		budget->since_ms = now;
		budget->used = 0;
	}
	if (limit > 0 && budget->used >= limit)
		return false;
	budget->used++;
	return true;
}

/* Whole seconds until the budget's minute is over, at least 1. */
static int64_t
reset_in_s(const struct budget *budget)
{
	int64_t left = budget->since_ms + MINUTE_MS - now_ms();

	return left <= 0 ? 1 : (left + 999) / 1000;
}

static bool
spend_request(struct call *call)
{
	struct budget *budget = &call->token->budget;
	int64_t limit = call->sim->opt->max_requests;
	bool allowed;
	char message[128];

	if (limit == 0)
		return true;
	allowed = spend(budget, limit);
	reply_header_number(call->reply, "inin-ratelimit-count", budget->used);
	reply_header_number(call->reply, "inin-ratelimit-allowed", limit);
	reply_header_number(
	    call->reply, "inin-ratelimit-reset", reset_in_s(budget));
	if (allowed)
		return true;
	reply_header_number(call->reply, "Retry-After", reset_in_s(budget));
	(void)snprintf(message, sizeof(message),
	    "Rate limit exceeded the maximum. Retry the request in [%lld] "
	    "seconds",
	    (long long)reset_in_s(budget));
	call_refuse(call, 429, "too.many.requests.retry.after", message);
	return false;
}

bool
oauth_admit(struct oauth *oauth, struct call *call)
{
	struct span header, scheme;
	const char *fault;

	header = request_header(call->request, "Authorization");
	scheme = text_cut(&header, ' ');
	if (!text_same(scheme, span_of("Bearer"))) {
		call_refuse(call, 401, "authentication.required",
		    "No authentication bearer token specified in "
		    "authorization header.");
		return false;
	}
	call->token = oauth_find(oauth, text_trim(header));
	fault =
	    call->token == NULL ? "bad.credentials" : token_fault(call->token);
	if (fault != NULL) {
		call_refuse(call, 401, fault, "Invalid login credentials.");
		return false;
	}
	return spend_request(call);
}

/* The first value of a form's key; whether there was one. */
static bool
form_value(const struct call *call, const char *key, struct buf *value)
{
	size_t cursor = 0;

	return request_next_value(call->request->body, key, &cursor, value);
}

/*
 * Client and secret: from the Authorization header, or as the tutorial sends
 * them, in the form.  False where neither is there.
 */
static bool
read_client(const struct call *call, struct buf *id, struct buf *secret)
{
	struct span header, scheme, rest;
	struct buf decoded;

	header = request_header(call->request, "Authorization");
	scheme = text_cut(&header, ' ');
	if (!text_same(scheme, span_of("Basic")))
		return form_value(call, "client_id", id) &&
		    form_value(call, "client_secret", secret);
	buf_init(&decoded, (size_t)4 * MAX_VALUE);
	if (text_from_base64(text_trim(header), &decoded) == 0) {
		rest = (struct span){ decoded.bytes, decoded.len };
		header = text_cut(&rest, ':');
		buf_add(id, header.at, header.len);
		buf_add(secret, rest.at, rest.len);
	}
	buf_done(&decoded);
	return true;
}

static void
put_token(struct oauth *oauth, struct call *call)
{
	const struct simopt *opt = oauth->sim->opt;
	struct buf *body = &call->reply->body;
	char text[TOKEN_LEN + 1];
	struct token *token;

	text_random(&oauth->sim->ids, text, TOKEN_LEN);
	token = map_put(oauth->tokens, span_of(text), NULL);
	token->number = ++oauth->issued;
	token->expires_ms = now_ms() + opt->token_life_ms;
	buf_printf(body,
	    "{\"access_token\":\"%s\",\"token_type\":\"bearer\","
	    "\"expires_in\":%lld",
	    text, (long long)((opt->token_life_ms - 1) / 1000));
	if (opt->scope != NULL) {
		buf_text(body, ",\"scope\":");
		jput_string(body, span_of(opt->scope));
	}
	buf_char(body, '}');
	buf_printf(journal_start(oauth->sim->journal, "token"),
	    ",\"token\":%llu,\"lifeMs\":%lld",
	    (unsigned long long)token->number, (long long)opt->token_life_ms);
	journal_end(oauth->sim->journal, sim_wall_ms(oauth->sim));
}

static void
issue_to(struct oauth *oauth, struct call *call, struct buf *id,
    struct buf *secret, struct buf *grant)
{
	const struct simopt *opt = oauth->sim->opt;

	if (!spend(&oauth->budget, opt->max_token_requests))
		reply_oauth_error(call->reply, 400, "rate limit exceeded",
		    "rate limit exceeded: too many requests for tokens");
	else if (!form_value(call, "grant_type", grant))
		reply_oauth_error(call->reply, 400, "invalid_request",
		    "grant_type is missing");
	else if (strcmp(buf_string(grant), "client_credentials") != 0)
		reply_oauth_error(call->reply, 400, "unsupported_grant_type",
		    "only client_credentials is known here");
	else if (!read_client(call, id, secret))
		reply_oauth_error(call->reply, 401, "invalid_client",
		    "authentication failed: no client credentials");
	else if (strcmp(buf_string(id), opt->client_id) != 0)
		reply_oauth_error(call->reply, 400, "invalid_client",
		    "client not found: invalid_client");
	else if (strcmp(buf_string(secret), opt->client_secret) != 0)
		reply_oauth_error(call->reply, 401, "invalid_client",
		    "authentication failed: invalid_client");
	else
		put_token(oauth, call);
}

void
oauth_issue(struct call *call)
{
	struct buf id, secret, grant;

	buf_init(&id, MAX_VALUE);
	buf_init(&secret, MAX_VALUE);
	buf_init(&grant, MAX_VALUE);
	issue_to(call->sim->oauth, call, &id, &secret, &grant);
	buf_done(&id);
	buf_done(&secret);
	buf_done(&grant);
}

void
oauth_describe(struct call *call)
{
	struct oauth *oauth = call->sim->oauth;
	struct buf *body = &call->reply->body;

	buf_text(body, "{\"organization\":{\"id\":");
	jput_string(body, span_of(oauth->organization));
	buf_text(body, ",\"name\":\"Simulated\"},\"OAuthClient\":{\"id\":");
	jput_string(body, span_of(call->sim->opt->client_id));
	buf_text(body,
	    ",\"name\":\"simulated client\","
	    "\"authorizedGrantType\":\"CLIENT-CREDENTIALS\","
	    "\"roleDivisions\":[],\"state\":\"active\"},"
	    "\"authorizedScope\":[]}");
}

void
oauth_revoke(struct call *call)
{
	call->token->revoked = true;
	eventsock_check_tokens(call->sim->events);
}
