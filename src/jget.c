#include "config.h"

#include "jget.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "caps.h"
#include "fail.h"
#include "utf8.h"
#include "xalloc.h"

struct jget {
	struct json_tokener *tokener;
	struct json_object *root;
};

struct jget *
jget_new(void)
{
	struct jget *jget;

	jget = xcalloc(1, sizeof(*jget));
	jget->tokener = xgiven(json_tokener_new_ex(CAP_DEPTH));
	json_tokener_set_flags(jget->tokener, JSON_TOKENER_STRICT);
	return jget;
}

void
jget_free(struct jget *jget)
{
	if (jget == NULL)
		return;
	json_object_put(jget->root);
	json_tokener_free(jget->tokener);
	free(jget);
}

static bool
only_space(struct span text, size_t from)
{
	for (; from < text.len; from++)
		if (text.at[from] == '\0' ||
		    strchr(" \t\r\n", text.at[from]) == NULL)
			return false;
	return true;
}

struct json_object *
jget_parse(struct jget *jget, struct span text, struct fail *why)
{
	enum json_tokener_error error;

	json_object_put(jget->root);
	jget->root = NULL;
	if (text.len == 0 || text.len > INT_MAX) {
		(void)fail_set(why, FAIL_DATA, "empty");
		return NULL;
	}
	/* json-c takes overlong forms and surrogates for UTF-8. */
	if (!utf8_is_valid(text)) {
		(void)fail_set(why, FAIL_DATA, "invalid utf-8");
		return NULL;
	}
	json_tokener_reset(jget->tokener);
	jget->root =
	    json_tokener_parse_ex(jget->tokener, text.at, (int)text.len);
	error = json_tokener_get_error(jget->tokener);
	if (error != json_tokener_success) {
		(void)fail_set(why, FAIL_DATA, "%s at byte %zu",
		    error == json_tokener_continue
			? "JSON ends too early"
			: json_tokener_error_desc(error),
		    json_tokener_get_parse_end(jget->tokener));
		return NULL;
	}
	if (!only_space(text, json_tokener_get_parse_end(jget->tokener))) {
		(void)fail_set(why, FAIL_DATA, "something behind the JSON");
		return NULL;
	}
	if (!jget_is_object(jget->root) && !jget_is_array(jget->root)) {
		(void)fail_set(
		    why, FAIL_DATA, "neither a JSON object nor an array");
		return NULL;
	}
	return jget->root;
}

/* A member of the wanted type, or NULL. */
static struct json_object *
member(const struct json_object *node, const char *key, enum json_type type)
{
	struct json_object *found;

	if (!jget_is_object(node) ||
	    !json_object_object_get_ex(node, key, &found) ||
	    !json_object_is_type(found, type))
		return NULL;
	return found;
}

struct json_object *
jget_object(const struct json_object *node, const char *key)
{
	return member(node, key, json_type_object);
}

struct json_object *
jget_array(const struct json_object *node, const char *key)
{
	return member(node, key, json_type_array);
}

static struct span
text_of(struct json_object *node)
{
	struct span text = { NULL, 0 };

	if (!json_object_is_type(node, json_type_string))
		return text;
	text.at = json_object_get_string(node);
	text.len = (size_t)json_object_get_string_len(node);
	if (memchr(text.at, '\0', text.len) != NULL) {
		text.at = NULL;
		text.len = 0;
	}
	return text;
}

struct span
jget_text(const struct json_object *node, const char *key)
{
	return text_of(member(node, key, json_type_string));
}

bool
jget_number(
    const struct json_object *node, const char *key, int64_t *ret_number)
{
	struct json_object *found;
	double real;

	found = member(node, key, json_type_int);
	if (found != NULL) {
		*ret_number = json_object_get_int64(found);
		return true;
	}
	found = member(node, key, json_type_double);
	if (found == NULL)
		return false;
	real = json_object_get_double(found);
	/* NaN compares false with everything. */
	if (!(real > -9e18))
		*ret_number = INT64_MIN;
	else if (real >= 9e18)
		*ret_number = INT64_MAX;
	else
		*ret_number = (int64_t)real;
	return true;
}

bool
jget_bool(const struct json_object *node, const char *key, bool fallback)
{
	struct json_object *found;

	found = member(node, key, json_type_boolean);
	return found == NULL ? fallback : json_object_get_boolean(found) != 0;
}

bool
jget_is_null(const struct json_object *node, const char *key)
{
	struct json_object *found;

	return !jget_is_object(node) ||
	    !json_object_object_get_ex(node, key, &found) || found == NULL;
}

size_t
jget_count(const struct json_object *array)
{
	return jget_is_array(array) ? json_object_array_length(array) : 0;
}

struct json_object *
jget_item(const struct json_object *array, size_t i)
{
	return i < jget_count(array) ? json_object_array_get_idx(array, i)
				     : NULL;
}

struct span
jget_item_text(const struct json_object *array, size_t i)
{
	return text_of(jget_item(array, i));
}

bool
jget_is_object(const struct json_object *node)
{
	return json_object_is_type(node, json_type_object) != 0;
}

bool
jget_is_array(const struct json_object *node)
{
	return json_object_is_type(node, json_type_array) != 0;
}
