#include "config.h"

#include "directory.h"
#include "jput.h"
#include "page.h"
#include "rest.h"
#include "sim.h"
#include "world.h"

/* The service's own limit. */
#define MAX_PAGE 100

/* Whether a query's key has this value; also where there is no such key. */
static bool
asks_for(const struct call *call, const char *key, const char *wanted)
{
	struct buf value;
	size_t cursor = 0;
	bool asks = true;

	buf_init(&value, 64);
	if (request_next_value(call->request->query, key, &cursor, &value))
		asks = text_same(span_of(buf_string(&value)), span_of(wanted));
	buf_done(&value);
	return asks;
}

static bool
has_key(const struct call *call, const char *key)
{
	struct buf value;
	size_t cursor = 0;
	bool has;

	buf_init(&value, 64);
	has = request_next_value(call->request->query, key, &cursor, &value);
	buf_done(&value);
	return has;
}

/* All are members by themselves, none by a group. */
static bool
is_wanted(
    const struct call *call, enum directory_kind kind, const struct member *one)
{
	if (one->user->forgotten)
		return false;
	if (kind != DIRECTORY_QUEUE)
		return true;
	return asks_for(call, "memberBy", "user") &&
	    asks_for(call, "joined", one->joined ? "true" : "false");
}

/* A member of a queue has its own frame, one of a team hardly anything. */
static void
put_member(
    struct call *call, enum directory_kind kind, const struct member *one)
{
	struct buf *body = &call->reply->body;
	const struct user *user = one->user;

	if (kind == DIRECTORY_GROUP) {
		rest_put_user(body, user);
		return;
	}
	buf_printf(body, "{\"id\":\"%s\"", user->id);
	if (kind == DIRECTORY_QUEUE ||
	    (has_key(call, "expand") && asks_for(call, "expand", "entities"))) {
		buf_text(body, ",\"name\":");
		jput_string(body, span_of(user->name));
	}
	if (kind == DIRECTORY_QUEUE) {
		buf_text(body, ",\"user\":");
		rest_put_user(body, user);
		buf_printf(body,
		    ",\"ringNumber\":1,\"joined\":%s,\"memberBy\":\"user\"",
		    one->joined ? "true" : "false");
	}
	buf_printf(body, ",\"selfUri\":\"/api/v2/users/%s\"}", user->id);
}

/* Adds the members of the page; how many there are in all. */
static size_t
put_members(struct call *call, enum directory_kind kind,
    const struct unit *unit, const struct page *page)
{
	struct buf *body = &call->reply->body;
	size_t i, total = 0;

	buf_text(body, "{\"entities\":[");
	for (i = 0; i < unit->member_count; i++) {
		if (!is_wanted(call, kind, &unit->members[i]))
			continue;
		if (page_takes(page, total++, body))
			put_member(call, kind, &unit->members[i]);
	}
	buf_char(body, ']');
	return total;
}

void
rest_queue_members(struct call *call)
{
	const struct unit *unit = rest_unit(call, DIRECTORY_QUEUE);
	struct page page;

	if (unit == NULL || !page_read(call, MAX_PAGE, &page))
		return;
	page_put_uncounted(
	    call, &page, put_members(call, DIRECTORY_QUEUE, unit, &page));
	buf_char(&call->reply->body, '}');
}

void
rest_group_members(struct call *call)
{
	const struct unit *unit = rest_unit(call, DIRECTORY_GROUP);
	struct page page;

	if (unit == NULL || !page_read(call, MAX_PAGE, &page))
		return;
	page_put(call, &page, put_members(call, DIRECTORY_GROUP, unit, &page));
	buf_char(&call->reply->body, '}');
}

void
rest_team_members(struct call *call)
{
	const struct unit *unit = rest_unit(call, DIRECTORY_TEAM);
	struct page page;

	if (unit == NULL || !page_read_cursor(call, MAX_PAGE, &page))
		return;
	page_put_cursor(
	    call, &page, put_members(call, DIRECTORY_TEAM, unit, &page));
	buf_char(&call->reply->body, '}');
}
