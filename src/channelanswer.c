#include "config.h"

#include "channelanswer.h"

#include "caps.h"
#include "fail.h"
#include "jget.h"
#include "now.h"
#include "xalloc.h"

/* How long a channel lives; a day where nothing says how long. */
static int64_t
life_of(struct span expires, int64_t wall_ms)
{
	int64_t expires_ms, life_ms = CHANNELANSWER_LIFE_MAX_MS;

	if (now_parse(expires, &expires_ms) == 0)
		life_ms = expires_ms - wall_ms;
	if (life_ms < CHANNELANSWER_LIFE_MIN_MS)
		return CHANNELANSWER_LIFE_MIN_MS;
	return life_ms < CHANNELANSWER_LIFE_MAX_MS ? life_ms
						   : CHANNELANSWER_LIFE_MAX_MS;
}

int
channelanswer_read(struct span body, int64_t wall_ms, struct channelanswer *ret,
    struct fail *why)
{
	const struct json_object *root;
	struct jget *jget;
	struct fail reason;
	struct span id, uri;
	int rc = -1;

	jget = jget_new();
	root = jget_parse(jget, body, &reason);
	id = jget_text(root, "id");
	uri = jget_text(root, "connectUri");
	if (id.len == 0 || id.len > CAP_CHANNEL_ID || span_is(id, ".") ||
	    span_is(id, "..") || uri.len == 0) {
		(void)fail_set(why, FAIL_UNREACHABLE,
		    "cannot create a channel: the answer has no id or no "
		    "connectUri");
		goto out;
	}
	ret->id = xstrndup(id.at, id.len);
	ret->uri = xstrndup(uri.at, uri.len);
	ret->life_ms = life_of(jget_text(root, "expires"), wall_ms);
	rc = 0;
out:
	jget_free(jget);
	return rc;
}

size_t
channelanswer_count(struct span body)
{
	struct jget *jget;
	struct fail ignored;
	size_t count;

	jget = jget_new();
	count = jget_count(
	    jget_array(jget_parse(jget, body, &ignored), "entities"));
	jget_free(jget);
	return count;
}
