/*
 * oauth: tokens, who has one, and how many requests each may make.
 */
#ifndef GCP_SIM_OAUTH_H
#define GCP_SIM_OAUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call.h"
#include "span.h"

struct oauth;
struct sim;
struct token;

struct oauth *oauth_new(struct sim *sim);
void oauth_free(struct oauth *oauth);

/* The token of a text; NULL where there never was such a one. */
struct token *oauth_find(const struct oauth *oauth, struct span text);

/* NULL where the token is good, else the code of the 401. */
const char *token_fault(const struct token *token);

/* Milliseconds that it is still good for. */
int64_t token_left_ms(const struct token *token);

/* Of the order in which they were issued, from 1: tells tokens apart. */
uint64_t token_number(const struct token *token);

void oauth_expire_all(struct oauth *oauth);
uint64_t oauth_issued(const struct oauth *oauth);

/*
 * For requests to the API: finds the call's token and counts against its
 * budget.  False where the call is answered (401, 429).
 */
bool oauth_admit(struct oauth *oauth, struct call *call);

/* Routes: POST /oauth/token, and the token about itself. */
call_fn oauth_issue;
call_fn oauth_describe;
call_fn oauth_revoke;

#endif
