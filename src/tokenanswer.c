#include "config.h"

#include "tokenanswer.h"

#include <string.h>

#include "buf.h"
#include "caps.h"
#include "fail.h"
#include "jget.h"
#include "redact.h"
#include "xalloc.h"

/*
 * What expires_in is taken for where it is missing, and where it makes no
 * sense; seconds.
 */
#define LIFE_DEFAULT_S   3600
#define LIFE_SENSELESS_S 60
/* Bytes of the service's own words. */
#define SHOWN 200

/* The expires_in of an answer, held to what makes sense. */
static void
read_life(const struct json_object *root, struct tokenanswer *ret)
{
	ret->doubt = NULL;
	if (!jget_number(root, "expires_in", &ret->life_s)) {
		ret->life_s = LIFE_DEFAULT_S;
		ret->doubt = "the token's answer has no expires_in: taking it "
			     "for an hour";
	} else if (ret->life_s <= 0) {
		ret->life_s = LIFE_SENSELESS_S;
		ret->doubt = "the token's life is said to be over: taking it "
			     "for a minute";
	} else if (ret->life_s > TOKENANSWER_LIFE_MAX_S) {
		ret->life_s = TOKENANSWER_LIFE_MAX_S;
	}
}

bool
tokenanswer_is_token(struct span text)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	    "-._~+/=";
	size_t i;

	if (text.len == 0 || text.len > CAP_TOKEN)
		return false;
	for (i = 0; i < text.len; i++)
		if (text.at[i] == '\0' || strchr(allowed, text.at[i]) == NULL)
			return false;
	return true;
}

/* Whether a list of words, parted by spaces, has one of these. */
static bool
has_word(struct span list, const char *const *words)
{
	struct span word;

	while (list.len > 0) {
		word.at = list.at;
		for (word.len = 0;
		     word.len < list.len && word.at[word.len] != ' ';)
			word.len++;
		for (const char *const *one = words; *one != NULL; one++)
			if (span_is(word, *one))
				return true;
		list.at += word.len;
		list.len -= word.len;
		if (list.len > 0) {
			list.at++;
			list.len--;
		}
	}
	return false;
}

/*
 * The tutorial's permission check.  The service's client-credentials grant
 * names no scopes (roles rule it); where an answer does, presence must be
 * among them.
 */
static int
check_scope(struct span scope, struct fail *why)
{
	static const char *const enough[] = { "presence:read",
		"presence:readonly", "presence", NULL };
	struct buf has;

	if (scope.len == 0 || has_word(scope, enough))
		return 0;
	buf_init(&has, SIZE_MAX);
	redact_put(&has, scope, SHOWN);
	(void)fail_set(why, FAIL_REFUSED,
	    "the token has no scope presence:read (it has: %s): give the "
	    "OAuth client that scope",
	    buf_string(&has));
	buf_done(&has);
	return -1;
}

int
tokenanswer_read(struct span body, struct tokenanswer *ret, struct fail *why)
{
	const struct json_object *root;
	struct jget *jget;
	struct span value;
	struct fail reason;
	int rc = -1;

	jget = jget_new();
	root = jget_parse(jget, body, &reason);
	value = jget_text(root, "access_token");
	if (!tokenanswer_is_token(value)) {
		(void)fail_set(why, FAIL_UNREACHABLE,
		    "cannot get a token: the answer holds no usable "
		    "access_token");
	} else {
		ret->token = xstrndup(value.at, value.len);
		/* The service may repeat it, even here. */
		redact_add(ret->token);
		rc = check_scope(jget_text(root, "scope"), why);
		if (rc == 0) {
			read_life(root, ret);
		} else {
			redact_retire(ret->token);
			xwipe(ret->token);
		}
	}
	jget_free(jget);
	return rc;
}

static bool
mentions(struct span text, const char *words)
{
	size_t len = strlen(words);

	for (; text.len >= len; text.at++, text.len--)
		if (strncasecmp(text.at, words, len) == 0)
			return true;
	return false;
}

/*
 * The token endpoint says "too many requests" with 400 (seen in the Terraform
 * provider), as it says "unknown client": the body tells them apart.  A 400
 * with neither may be a gateway's.
 */
void
tokenanswer_refine(int status, struct span body, struct fail *why)
{
	if (status == 404)
		why->kind = FAIL_CONFIG;
	if (status != 400)
		return;
	if (mentions(body, "rate limit exceeded"))
		why->kind = FAIL_BUSY;
	else if (!mentions(body, "invalid_") &&
	    !mentions(body, "unauthorized_client") &&
	    !mentions(body, "unsupported_grant"))
		why->kind = FAIL_UNREACHABLE;
}
