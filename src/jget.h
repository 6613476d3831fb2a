/*
 * jget: typed reads from a JSON text.
 *
 * A reader parses one text at a time and owns its tree: nodes and spans are
 * valid until the next jget_parse() or jget_free().  Whatever is absent, or of
 * another type than asked for, reads as "no value", never as an error.  json-c
 * reads more than JSON (single quotes, NaN): never echo what it gives, write
 * it anew with jput.
 */
#ifndef GCP_JGET_H
#define GCP_JGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct fail;
struct jget;
struct json_object;

struct jget *jget_new(void);
void jget_free(struct jget *jget);

/*
 * The root of the tree: an object or an array.  NULL with why filled
 * (FAIL_DATA, "where and what" only) where the text is not one JSON value, is
 * nested too deeply or is not UTF-8.
 */
struct json_object *jget_parse(
    struct jget *jget, struct span text, struct fail *why);

/* Members of an object; NULL or a NULL span where there is none. */
struct json_object *jget_object(
    const struct json_object *node, const char *key);
struct json_object *jget_array(const struct json_object *node, const char *key);
/* A text with a NUL byte inside counts as no text. */
struct span jget_text(const struct json_object *node, const char *key);
/* Numbers beyond the range give its end; false where there is none. */
bool jget_number(
    const struct json_object *node, const char *key, int64_t *ret_number);
bool jget_bool(const struct json_object *node, const char *key, bool fallback);
/* Whether there is no such member, or it is null. */
bool jget_is_null(const struct json_object *node, const char *key);

/* An array's items; a root that is no array has no items. */
size_t jget_count(const struct json_object *array);
struct json_object *jget_item(const struct json_object *array, size_t i);
struct span jget_item_text(const struct json_object *array, size_t i);

bool jget_is_object(const struct json_object *node);
bool jget_is_array(const struct json_object *node);

#endif
