#include "config.h"

#include "statefile.h"

#include <stdbool.h>
#include <stdio.h>

#include <openssl/evp.h>

#include "buf.h"
#include "fail.h"
#include "jget.h"
#include "presence.h"

#define STATE_VERSION 1

/* SHA-256 as hexadecimal digits, and a NUL. */
#define DIGEST_TEXT 65

static void
digest(struct span lines, char text[DIGEST_TEXT])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	size_t i;

	(void)EVP_Digest(lines.at, lines.len, bytes, &len, EVP_sha256(), NULL);
	for (i = 0; i < len && 2 * i + 2 < DIGEST_TEXT; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static int
damaged(const char *name, struct fail *why, const char *what)
{
	return fail_set(why, FAIL_DATA,
	    "the state file '%s' is damaged: %s; move it away to start anew",
	    name, what);
}

/* Takes the next line off the front; false at the end. */
static bool
take_line(struct span *rest, struct span *ret_line)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, '\n', rest->len);
	ret_line->at = rest->at;
	ret_line->len = end == NULL ? rest->len : (size_t)(end - rest->at);
	rest->len -= ret_line->len + (end != NULL);
	rest->at += ret_line->len + (end != NULL);
	return true;
}

/* lines: what follows the header. */
static int
read_header(const char *name, struct jget *jget, struct span header,
    struct span lines, int64_t *ret_users, struct fail *why)
{
	const struct json_object *root;
	struct fail reason;
	char text[DIGEST_TEXT] = "";
	int64_t version;

	root = jget_parse(jget, header, &reason);
	if (!span_is(jget_text(root, "gcpresence"), "state") ||
	    !jget_number(root, "version", &version))
		return damaged(name, why, "it has no header");
	if (version != STATE_VERSION)
		return fail_set(why, FAIL_DATA,
		    "the state file '%s' is of version %lld, and this program "
		    "knows %d; move it away to start anew",
		    name, (long long)version, STATE_VERSION);
	/* No newline stands between them. */
	if (lines.at == header.at + header.len)
		return damaged(name, why, "it ends in its header");
	digest(lines, text);
	if (!span_is(jget_text(root, "sha256"), text) ||
	    !jget_number(root, "users", ret_users))
		return damaged(name, why, "its checksum does not match");
	return 0;
}

/* A wall time; false where there is one that is none. */
static bool
read_time(const struct json_object *root, const char *key, int64_t *ret_ms)
{
	struct span text = jget_text(root, key);

	*ret_ms = NOW_NONE;
	return text.at == NULL ? jget_is_null(root, key)
			       : now_parse(text, ret_ms) == 0;
}

static bool
read_change(const struct json_object *root, struct change *change)
{
	struct span source = jget_text(root, "source");

	memset(change, 0, sizeof(*change));
	change->user_id = jget_text(root, "userId");
	change->name = jget_text(root, "name");
	change->state = jget_text(root, "state");
	change->previous_state = jget_text(root, "previousState");
	change->definition = jget_text(root, "presenceId");
	change->previous_for_ms = NOW_NONE;
	(void)jget_number(root, "previousForMs", &change->previous_for_ms);
	change->source = span_is(source, "stream") ? PRESENCE_STREAM
	    : span_is(source, "replay")            ? PRESENCE_REPLAY
						   : PRESENCE_SNAPSHOT;
	return change->user_id.len > 0 && change->user_id.len <= CAP_USER_ID &&
	    change->state.len > 0 && change->state.len <= CAP_STATE &&
	    change->previous_state.len <= CAP_STATE &&
	    change->definition.len <= CAP_DEFINITION &&
	    change->name.len <= CAP_NAME &&
	    read_time(root, "timestamp", &change->changed_ms) &&
	    read_time(root, "receivedAt", &change->received_ms) &&
	    change->received_ms != NOW_NONE;
}

int
statefile_read(const char *name, struct span content,
    statefile_change_fn *on_change, void *arg, struct fail *why)
{
	struct span rest = content, line;
	struct change change;
	struct fail reason;
	struct jget *jget;
	int64_t users = 0, count = 0;
	int rc = -1;

	jget = jget_new();
	if (!take_line(&rest, &line)) {
		(void)damaged(name, why, "it is empty");
		goto out;
	}
	if (read_header(name, jget, line, rest, &users, why) == -1)
		goto out;
	for (; take_line(&rest, &line); count++) {
		if (!read_change(jget_parse(jget, line, &reason), &change)) {
			(void)damaged(name, why, "a line makes no sense");
			goto out;
		}
		on_change(arg, &change);
	}
	rc = count == users ? 0 : damaged(name, why, "lines are missing");
out:
	jget_free(jget);
	return rc;
}

void
statefile_put_header(struct buf *buf, struct span lines, size_t count)
{
	char text[DIGEST_TEXT] = "";

	digest(lines, text);
	buf_printf(buf,
	    "{\"gcpresence\":\"state\",\"version\":%d,\"users\":%zu,"
	    "\"sha256\":\"%s\"}\n",
	    STATE_VERSION, count, text);
}
