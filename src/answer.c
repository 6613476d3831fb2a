#include "config.h"

#include "answer.h"

#include "buf.h"
#include "fail.h"
#include "http.h"
#include "jget.h"
#include "redact.h"

/* Of what the service says about an error; bytes. */
#define SHOWN 300

static void
add_member(struct buf *said, const struct json_object *root, const char *key)
{
	struct span text = jget_text(root, key);

	if (text.len == 0)
		return;
	if (said->len > 0)
		buf_text(said, ", ");
	redact_put(said, text, SHOWN);
}

/*
 * What the service says, in its own words: "code" and "message" of its API,
 * "error" and "description" of its token endpoint.
 */
static void
read_error(const struct http_answer *answer, struct buf *said)
{
	static const char *const keys[] = { "error", "description",
		"error_description", "code", "message" };
	const struct json_object *root;
	struct jget *jget;
	struct fail ignored;
	size_t i;

	jget = jget_new();
	root = jget_parse(jget, answer->body, &ignored);
	if (root != NULL)
		for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			add_member(said, root, keys[i]);
	jget_free(jget);
}

static enum fail_kind
kind_of(int status)
{
	if (status == 404)
		return FAIL_ABSENT;
	if (status == 408 || status == 409 || status == 425 || status == 429 ||
	    status >= 500)
		return FAIL_BUSY;
	if (status < 400)
		return FAIL_CONFIG;
	return FAIL_REFUSED;
}

int
answer_check(
    const struct http_answer *answer, const char *what, struct fail *why)
{
	struct buf said;

	if (answer->status >= 200 && answer->status <= 299)
		return 0;
	if (answer->status == 0)
		return fail_set(why, answer->why.kind, "cannot %s: %s", what,
		    answer->why.text);
	buf_init(&said, SIZE_MAX);
	read_error(answer, &said);
	(void)fail_set(why, kind_of(answer->status),
	    "cannot %s: the service answers %d%s%s%s", what, answer->status,
	    answer->status < 400
		? ", and redirects are not followed: check --api-url"
		: "",
	    said.len > 0 ? ": " : "", buf_string(&said));
	if (answer->retry_after_ms > 0)
		why->retry_after_ms = answer->retry_after_ms;
	buf_done(&said);
	return -1;
}
