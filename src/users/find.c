#include "config.h"

#include "find.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ask.h"
#include "buf.h"
#include "fail.h"
#include "jget.h"
#include "jput.h"
#include "percent.h"
#include "place.h"
#include "row.h"
#include "xalloc.h"

/* Pages of names that start alike, at most. */
#define PAGES_MAX 1000

/* How near a name is to the one that is wanted. */
enum nearness {
	SAME,
	ALIKE, /* but for the case of letters */
	NEAR,
	NEARNESSES, /* how many there are */
};

struct hits {
	struct find_hit rows[FIND_HITS];
	size_t count; /* of the rows; there may be more */
};

struct find {
	struct ask *ask;
	const struct place *place;
	const char *name;
	struct hits hits[NEARNESSES];
	enum nearness shown;
	bool asks_near; /* for names that hold this one */
	size_t pages;
	char *cursor; /* or NULL */
	find_fn *fn;
	void *arg;
};

static void ask_names(struct find *find);

struct find *
find_new(struct ask *ask)
{
	struct find *find;

	find = xcalloc(1, sizeof(*find));
	find->ask = ask;
	return find;
}

static void
forget(struct find *find)
{
	struct hits *hits;
	size_t i, at;

	for (i = 0; i < NEARNESSES; i++) {
		hits = &find->hits[i];
		for (at = 0; at < hits->count; at++) {
			free(hits->rows[at].id);
			free(hits->rows[at].name);
		}
		hits->count = 0;
	}
	free(find->cursor);
	find->cursor = NULL;
	find->pages = 0;
	find->asks_near = false;
	find->shown = NEAR;
}

void
find_free(struct find *find)
{
	if (find == NULL)
		return;
	forget(find);
	free(find);
}

size_t
find_hit_count(const struct find *find)
{
	return find->hits[find->shown].count;
}

const struct find_hit *
find_hit(const struct find *find, size_t i)
{
	return &find->hits[find->shown].rows[i];
}

static enum nearness
compare(const struct find *find, struct span name)
{
	if (span_is(name, find->name))
		return SAME;
	if (name.len == strlen(find->name) &&
	    strncasecmp(name.at, find->name, name.len) == 0)
		return ALIKE;
	return NEAR;
}

static void
note_hit(struct find *find, const struct row *row)
{
	struct hits *hits = &find->hits[compare(find, row->name)];
	size_t i;

	if (hits->count == FIND_HITS)
		return;
	for (i = 0; i < hits->count; i++)
		if (span_is(row->id, hits->rows[i].id))
			return;
	hits->rows[hits->count].id = xstrndup(row->id.at, row->id.len);
	hits->rows[hits->count].name = xstrndup(row->name.at, row->name.len);
	hits->count++;
}

/* The name is one's alone: tells whose. */
static void
tell_found(struct find *find, enum nearness nearness)
{
	find->fn(find->arg, find->hits[nearness].rows[0].id, NULL);
}

static void
tell_unclear(struct find *find, enum nearness nearness)
{
	struct fail why;

	find->shown = nearness;
	(void)fail_set(&why, FAIL_DATA,
	    "%zu%s %ss are called '%s': give the ID of one, with --%s",
	    find->hits[nearness].count,
	    find->hits[nearness].count == FIND_HITS ? " or more" : "",
	    find->place->noun, find->name, find->place->noun);
	find->fn(find->arg, NULL, &why);
}

static void
tell_unknown(struct find *find)
{
	struct fail why;

	(void)fail_set(&why, FAIL_DATA, "no %s is called '%s'%s",
	    find->place->noun, find->name,
	    find->hits[NEAR].count > 0 ? "; there are" : "");
	find->fn(find->arg, NULL, &why);
}

static void
decide(struct find *find)
{
	enum nearness nearness = find->hits[SAME].count > 0 ? SAME : ALIKE;

	if (find->hits[nearness].count == 1)
		tell_found(find, nearness);
	else if (find->hits[nearness].count > 1)
		tell_unclear(find, nearness);
	else
		tell_unknown(find);
}

/* Whether the answer goes on, on another page. */
static bool
goes_on(struct find *find, const struct json_object *root)
{
	struct span cursor = row_cursor(jget_text(root, "nextUri"));

	if (find->place->names != PLACE_BY_START || cursor.at == NULL ||
	    ++find->pages == PAGES_MAX)
		return false;
	free(find->cursor);
	find->cursor = xstrndup(cursor.at, cursor.len);
	return true;
}

static void
on_names(void *arg, const struct json_object *root, const struct fail *why)
{
	struct find *find = arg;
	const struct json_object *items;
	struct row row;
	size_t i;

	if (why != NULL) {
		find->fn(find->arg, NULL, why);
		return;
	}
	items = jget_array(root,
	    find->place->names == PLACE_BY_SEARCH ? "results" : "entities");
	for (i = 0; i < jget_count(items); i++)
		if (row_read(jget_item(items, i), &row) && row.name.len > 0)
			note_hit(find, &row);
	if (goes_on(find, root)) {
		ask_names(find);
		return;
	}
	/* What starts with the name is known; what has it within is not. */
	if (find->hits[SAME].count == 0 && find->hits[ALIKE].count == 0 &&
	    !find->asks_near && find->place->names != PLACE_BY_START) {
		find->asks_near = true;
		ask_names(find);
		return;
	}
	decide(find);
}

static void
put_search(const struct find *find, struct buf *body)
{
	buf_printf(body,
	    "{\"pageSize\":100,\"pageNumber\":1,\"query\":[{\"type\":\"%s\","
	    "\"fields\":[\"name\"],\"value\":",
	    find->asks_near ? "CONTAINS" : "EXACT");
	jput_string(body, span_of(find->name));
	buf_text(body, "}]}");
}

static void
put_query(const struct find *find, struct buf *path)
{
	struct buf pattern;

	buf_init(&pattern, SIZE_MAX);
	buf_printf(&pattern, find->asks_near ? "*%s*" : "%s", find->name);
	percent_put(path, span_of(buf_string(&pattern)));
	buf_done(&pattern);
	if (find->cursor != NULL)
		buf_printf(path, "&after=%s", find->cursor);
}

static void
ask_names(struct find *find)
{
	const struct place *place = find->place;
	struct question question = { .method = "GET" };
	struct buf path, body, what;

	buf_init(&path, SIZE_MAX);
	buf_init(&body, SIZE_MAX);
	buf_init(&what, SIZE_MAX);
	buf_text(&path, place->names_path);
	if (place->names == PLACE_BY_SEARCH) {
		question.method = "POST";
		put_search(find, &body);
		question.body = span_of(buf_string(&body));
	} else {
		put_query(find, &path);
	}
	buf_printf(&what, "look up the %s '%.100s'", place->noun, find->name);
	question.path = buf_string(&path);
	question.what = buf_string(&what);
	question.endpoint = place->names_endpoint;
	question.permission = place->permission;
	ask_start(find->ask, &question, on_names, find);
	buf_done(&path);
	buf_done(&body);
	buf_done(&what);
}

void
find_start(struct find *find, const struct place *place, const char *name,
    find_fn *fn, void *arg)
{
	forget(find);
	find->place = place;
	find->name = name;
	find->fn = fn;
	find->arg = arg;
	ask_names(find);
}
