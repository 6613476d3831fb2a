#include "config.h"

#include "pages.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "buf.h"
#include "fail.h"
#include "jget.h"
#include "log.h"
#include "people.h"
#include "place.h"
#include "row.h"
#include "xalloc.h"

/* More pages than a list of all users can have, and then some. */
#define PAGES_MAX (2 * PEOPLE_MAX / 500)

struct pages {
	struct ask *ask;
	const struct pages_handler *handler;
	void *arg;

	/* The present list. */
	const struct place *place;
	char *id;
	char *what;
	char *cursor;  /* of the page; NULL: the first one */
	char *first;   /* ID of the first row of the page before; or NULL */
	size_t number; /* of the page, from 1 */
	struct pages_counts counts;
};

static void ask_page(struct pages *pages);

struct pages *
pages_new(struct ask *ask, const struct pages_handler *handler, void *arg)
{
	struct pages *pages;

	pages = xcalloc(1, sizeof(*pages));
	pages->ask = ask;
	pages->handler = handler;
	pages->arg = arg;
	return pages;
}

static void
set_text(char **where, struct span text)
{
	free(*where);
	*where = text.at == NULL ? NULL : xstrndup(text.at, text.len);
}

static void
forget(struct pages *pages)
{
	struct span none = { NULL, 0 };

	set_text(&pages->id, none);
	set_text(&pages->what, none);
	set_text(&pages->cursor, none);
	set_text(&pages->first, none);
	pages->number = 1;
	memset(&pages->counts, 0, sizeof(pages->counts));
}

void
pages_free(struct pages *pages)
{
	if (pages == NULL)
		return;
	forget(pages);
	free(pages);
}

static void
end(struct pages *pages, const struct fail *why)
{
	pages->handler->on_end(pages->arg, &pages->counts, why);
}

/* Takes the page's rows; -1 where the list cannot go on. */
static int
take_rows(struct pages *pages, const struct json_object *rows, struct fail *why)
{
	struct row row;
	size_t i;

	for (i = 0; i < jget_count(rows); i++) {
		if (!row_read(jget_item(rows, i), &row)) {
			pages->counts.bad++;
			continue;
		}
		if (!row.active) {
			pages->counts.inactive++;
			continue;
		}
		pages->counts.users++;
		if (pages->handler->on_user(
			pages->arg, row.id, row.name, why) == -1)
			return -1;
	}
	return 0;
}

/*
 * A service that gives one page for ever must not make us ask for ever: a page
 * that starts with the same row as the one before is the same page.
 */
static bool
is_repeated(struct pages *pages, const struct json_object *rows)
{
	struct span first = jget_text(jget_item(rows, 0), "id");

	if (first.len > 0 && pages->first != NULL &&
	    span_is(first, pages->first))
		return true;
	set_text(&pages->first, first);
	return false;
}

/*
 * Whether a list by number goes on.  pageCount rules where it is said (0 says
 * nothing), then nextUri; with neither, a page that is full is taken not to be
 * the last.
 */
static bool
has_next_number(
    const struct pages *pages, const struct json_object *root, size_t rows)
{
	size_t full = pages->place->page_size;
	int64_t number;

	if (jget_number(root, "pageCount", &number) && number > 0)
		return number > (int64_t)pages->number;
	if (rows == 0)
		return false;
	if (jget_text(root, "nextUri").len > 0)
		return true;
	/* The service may have made the pages smaller than was asked for. */
	if (jget_number(root, "pageSize", &number) && number > 0 &&
	    number < (int64_t)full)
		full = (size_t)number;
	return rows >= full;
}

static bool
has_next_cursor(struct pages *pages, const struct json_object *root)
{
	struct span cursor = row_cursor(jget_text(root, "nextUri"));

	if (cursor.at != NULL)
		set_text(&pages->cursor, cursor);
	return cursor.at != NULL;
}

static void
on_page(void *arg, const struct json_object *root, const struct fail *why)
{
	struct pages *pages = arg;
	const struct json_object *rows;
	struct fail reason;
	bool more;

	if (why != NULL) {
		reason = *why;
		/* Of all users there is a list wherever there is the API. */
		if (reason.kind == FAIL_ABSENT && pages->place != &place_all)
			reason.kind = FAIL_DATA;
		end(pages, &reason);
		return;
	}
	rows = jget_array(root, "entities");
	log_info(NULL, "%s: page %zu has %zu", pages->what, pages->number,
	    jget_count(rows));
	if (is_repeated(pages, rows)) {
		(void)fail_set(&reason, FAIL_UNREACHABLE,
		    "cannot %s: the service gives page %zu again as page %zu",
		    pages->what, pages->number - 1, pages->number);
		end(pages, &reason);
		return;
	}
	if (take_rows(pages, rows, &reason) == -1) {
		end(pages, &reason);
		return;
	}
	more = pages->place->by_cursor
	    ? has_next_cursor(pages, root)
	    : has_next_number(pages, root, jget_count(rows));
	if (!more) {
		end(pages, NULL);
	} else if (pages->number++ == PAGES_MAX) {
		(void)fail_set(&reason, FAIL_UNREACHABLE,
		    "cannot %s: the service's list has more than %d pages",
		    pages->what, PAGES_MAX);
		end(pages, &reason);
	} else {
		ask_page(pages);
	}
}

static void
ask_page(struct pages *pages)
{
	const struct place *place = pages->place;
	struct question question = { .method = "GET" };
	struct buf path;

	buf_init(&path, SIZE_MAX);
	buf_text(&path, place->members_path);
	if (place->members_end != NULL)
		buf_printf(&path, "%s%s", pages->id, place->members_end);
	buf_printf(
	    &path, "?pageSize=%zu%s", place->page_size, place->members_query);
	if (!place->by_cursor)
		buf_printf(&path, "&pageNumber=%zu", pages->number);
	else if (pages->cursor != NULL)
		buf_printf(&path, "&after=%s", pages->cursor);
	question.path = buf_string(&path);
	question.what = pages->what;
	question.endpoint = place->members_endpoint;
	question.permission = place->permission;
	ask_start(pages->ask, &question, on_page, pages);
	buf_done(&path);
}

void
pages_start(struct pages *pages, const struct place *place, const char *id,
    const char *name)
{
	struct buf what;

	forget(pages);
	buf_init(&what, SIZE_MAX);
	if (place == &place_all)
		buf_text(&what, "list the users");
	else
		buf_printf(&what, "list the members of the %s '%.100s'",
		    place->noun, name);
	pages->place = place;
	pages->id = xstrdup(id);
	pages->what = xstrdup(buf_string(&what));
	buf_done(&what);
	ask_page(pages);
}
