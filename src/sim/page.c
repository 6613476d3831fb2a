#include "config.h"

#include "page.h"

#include <stdio.h>

#include "call.h"
#include "jput.h"

/* What a cursor says, before it is made opaque. */
#define CURSOR "from:"
/* Numbers beyond this are no pages. */
#define NUMBER_MAX 10000000

/* A number of the query, from 1 to max; false where it is another thing. */
static bool
read_number(
    const struct call *call, const char *key, size_t max, size_t *ret_number)
{
	struct buf value;
	size_t cursor = 0;
	int64_t number;
	bool good = true;

	buf_init(&value, 32);
	if (request_next_value(call->request->query, key, &cursor, &value)) {
		good = text_number(span_of(buf_string(&value)), &number) == 0 &&
		    number >= 1 && number <= (int64_t)max;
		if (good)
			*ret_number = (size_t)number;
	}
	buf_done(&value);
	return good;
}

static bool
read_size(struct call *call, size_t max_size, struct page *page)
{
	char message[64];

	page->size = PAGE_SIZE;
	page->number = 1;
	page->first = 0;
	if (read_number(call, "pageSize", max_size, &page->size))
		return true;
	(void)snprintf(message, sizeof(message),
	    "The pageSize must be from 1 to %zu.", max_size);
	call_refuse(call, 400, "bad.request", message);
	return false;
}

bool
page_read(struct call *call, size_t max_size, struct page *ret_page)
{
	if (!read_size(call, max_size, ret_page))
		return false;
	if (!read_number(call, "pageNumber", NUMBER_MAX, &ret_page->number)) {
		call_refuse(call, 400, "bad.request",
		    "The pageNumber must be a number from 1 on.");
		return false;
	}
	ret_page->first = (ret_page->number - 1) * ret_page->size;
	return true;
}

/* Where a cursor points to; false where we never gave it. */
static bool
read_cursor(struct span text, size_t *ret_first)
{
	struct buf decoded;
	struct span rest;
	int64_t first;
	bool good;

	buf_init(&decoded, 64);
	good = text_from_base64(text, &decoded) == 0;
	rest.at = buf_string(&decoded);
	rest.len = decoded.len;
	good = good && text_starts(rest, CURSOR);
	if (good) {
		rest.at += sizeof(CURSOR) - 1;
		rest.len -= sizeof(CURSOR) - 1;
		good = text_number(rest, &first) == 0;
	}
	if (good)
		*ret_first = (size_t)first;
	buf_done(&decoded);
	return good;
}

bool
page_read_cursor(struct call *call, size_t max_size, struct page *ret_page)
{
	struct buf value;
	size_t cursor = 0;
	bool good = true;

	if (!read_size(call, max_size, ret_page))
		return false;
	buf_init(&value, 128);
	if (request_next_value(call->request->query, "after", &cursor, &value))
		good =
		    read_cursor(span_of(buf_string(&value)), &ret_page->first);
	buf_done(&value);
	if (!good)
		call_refuse(call, 400, "bad.request",
		    "The cursor is not one that was given out.");
	return good;
}

bool
page_takes(const struct page *page, size_t row, struct buf *body)
{
	if (row < page->first || row >= page->first + page->size)
		return false;
	if (row > page->first)
		buf_char(body, ',');
	return true;
}

/* Whether there is a page behind this one, in a list of so many rows. */
static bool
has_next(const struct page *page, size_t total)
{
	return page->first + page->size < total;
}

/* Adds the parts of the query that have nothing to do with pages. */
static void
put_rest_of_query(const struct call *call, struct buf *uri)
{
	static const char *const own[] = { "pageSize", "pageNumber", "after" };
	struct span query = call->request->query, pair, name;
	size_t i;

	while (query.len > 0) {
		pair = text_cut(&query, '&');
		name = pair;
		name = text_cut(&name, '=');
		for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
			if (span_is(name, own[i]))
				break;
		if (i < sizeof(own) / sizeof(own[0]))
			continue;
		buf_char(uri, '&');
		buf_add(uri, pair.at, pair.len);
	}
}

/* The start of a URI of this list, up to the size of its pages. */
static void
start_uri(const struct call *call, const struct page *page, struct buf *uri)
{
	struct span path = call->request->path;

	buf_init(uri, SIZE_MAX);
	buf_add(uri, path.at, path.len);
	buf_printf(uri, "?pageSize=%zu", page->size);
}

static void
end_uri(struct call *call, const char *key, struct buf *uri)
{
	struct buf *body = &call->reply->body;

	put_rest_of_query(call, uri);
	buf_printf(body, ",\"%s\":", key);
	jput_string(body, span_of(buf_string(uri)));
	buf_done(uri);
}

static void
put_numbered(
    struct call *call, const struct page *page, const char *key, size_t number)
{
	struct buf uri;

	start_uri(call, page, &uri);
	buf_printf(&uri, "&pageNumber=%zu", number);
	end_uri(call, key, &uri);
}

/* What both lists by number have. */
static void
put_neighbours(struct call *call, const struct page *page, size_t total)
{
	buf_printf(&call->reply->body, ",\"pageSize\":%zu,\"pageNumber\":%zu",
	    page->size, page->number);
	put_numbered(call, page, "firstUri", 1);
	if (has_next(page, total))
		put_numbered(call, page, "nextUri", page->number + 1);
	if (page->number > 1)
		put_numbered(call, page, "previousUri", page->number - 1);
	put_numbered(call, page, "selfUri", page->number);
}

void
page_put(struct call *call, const struct page *page, size_t total)
{
	size_t count = (total + page->size - 1) / page->size;

	put_neighbours(call, page, total);
	put_numbered(call, page, "lastUri", count == 0 ? 1 : count);
	buf_printf(&call->reply->body, ",\"total\":%zu,\"pageCount\":%zu",
	    total, count);
}

void
page_put_uncounted(struct call *call, const struct page *page, size_t total)
{
	put_neighbours(call, page, total);
}

void
page_put_cursor(struct call *call, const struct page *page, size_t total)
{
	char place[32];
	struct buf uri, cursor;

	if (has_next(page, total)) {
		(void)snprintf(place, sizeof(place), CURSOR "%zu",
		    page->first + page->size);
		buf_init(&cursor, SIZE_MAX);
		text_to_base64(span_of(place), &cursor);
		start_uri(call, page, &uri);
		buf_text(&uri, "&after=");
		text_to_percent(span_of(buf_string(&cursor)), &uri);
		end_uri(call, "nextUri", &uri);
		buf_done(&cursor);
	}
	start_uri(call, page, &uri);
	end_uri(call, "selfUri", &uri);
}
