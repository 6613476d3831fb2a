#include "config.h"

#include "row.h"

#include <string.h>
#include <strings.h>

#include "jget.h"
#include "userid.h"

/* Bytes of a cursor. */
#define CURSOR_MAX 1024

static bool
is_active(struct span state)
{
	static const char active[] = "active";

	return state.len == 0 ||
	    (state.len == sizeof(active) - 1 &&
		strncasecmp(state.at, active, state.len) == 0);
}

bool
row_read(const struct json_object *item, struct row *ret_row)
{
	/* A member of a queue holds the user as a whole. */
	const struct json_object *user = jget_object(item, "user");

	ret_row->id = jget_text(user, "id");
	if (ret_row->id.at == NULL)
		ret_row->id = jget_text(item, "id");
	ret_row->name = jget_text(item, "name");
	if (ret_row->name.len == 0)
		ret_row->name = jget_text(user, "name");
	ret_row->email = jget_text(item, "email");
	ret_row->active = is_active(jget_text(item, "state")) &&
	    is_active(jget_text(user, "state"));
	return userid_is_uuid(ret_row->id);
}

static bool
may_stand_in_query(struct span text)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	    "-._~%!$'()*+,;:@/?=";
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.at[i] == '\0' || strchr(allowed, text.at[i]) == NULL)
			return false;
	return text.len > 0 && text.len <= CURSOR_MAX;
}

struct span
row_cursor(struct span next_uri)
{
	static const char key[] = "after=";
	const char *end, *at = NULL;
	struct span none = { NULL, 0 }, cursor;

	if (next_uri.len > 0)
		at = memchr(next_uri.at, '?', next_uri.len);
	while (at != NULL) {
		/* Behind "?" or "&". */
		next_uri.len -= (size_t)(at + 1 - next_uri.at);
		next_uri.at = at + 1;
		end = memchr(next_uri.at, '&', next_uri.len);
		cursor.at = next_uri.at;
		cursor.len =
		    end == NULL ? next_uri.len : (size_t)(end - next_uri.at);
		if (cursor.len >= sizeof(key) - 1 &&
		    memcmp(cursor.at, key, sizeof(key) - 1) == 0) {
			cursor.at += sizeof(key) - 1;
			cursor.len -= sizeof(key) - 1;
			return may_stand_in_query(cursor) ? cursor : none;
		}
		at = end;
	}
	return none;
}
