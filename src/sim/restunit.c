#include "config.h"

#include "directory.h"
#include "jget.h"
#include "jput.h"
#include "page.h"
#include "query.h"
#include "rest.h"
#include "sim.h"

/* The service's own limits. */
#define MAX_PAGE       100
#define MAX_QUEUE_PAGE 500

/* What a kind is called, in paths and in messages. */
static const struct {
	const char *path;
	const char *unknown;
} kinds[DIRECTORY_KINDS] = {
	[DIRECTORY_QUEUE] = { "routing/queues",
	    "Unable to find a queue with that ID." },
	[DIRECTORY_GROUP] = { "groups",
	    "Unable to find a group with that ID." },
	[DIRECTORY_TEAM] = { "teams", "Unable to find a team with that ID." },
};

static void
put_unit(struct call *call, enum directory_kind kind, const struct unit *unit)
{
	struct buf *body = &call->reply->body;

	buf_printf(body, "{\"id\":\"%s\",\"name\":", unit->id);
	jput_string(body, span_of(unit->name));
	buf_text(body,
	    ",\"division\":{\"id\":\"" REST_DIVISION "\",\"name\":\"Home\"}");
	buf_printf(body, ",\"memberCount\":%zu", unit->member_count);
	if (kind == DIRECTORY_QUEUE)
		buf_printf(
		    body, ",\"joinedMemberCount\":%zu", unit->joined_count);
	if (kind == DIRECTORY_GROUP)
		buf_text(body,
		    ",\"state\":\"active\",\"version\":1,"
		    "\"type\":\"official\",\"visibility\":\"public\"");
	buf_printf(body, ",\"selfUri\":\"/api/v2/%s/%s\"}", kinds[kind].path,
	    unit->id);
}

const struct unit *
rest_unit(struct call *call, enum directory_kind kind)
{
	const struct unit *unit;

	unit = directory_find(call->sim->directory, kind, call->id);
	if (unit == NULL)
		call_refuse(call, 404, "not.found", kinds[kind].unknown);
	return unit;
}

static void
describe(struct call *call, enum directory_kind kind)
{
	const struct unit *unit = rest_unit(call, kind);

	if (unit != NULL)
		put_unit(call, kind, unit);
}

void
rest_queue(struct call *call)
{
	describe(call, DIRECTORY_QUEUE);
}

void
rest_group(struct call *call)
{
	describe(call, DIRECTORY_GROUP);
}

void
rest_team(struct call *call)
{
	describe(call, DIRECTORY_TEAM);
}

/* Lists of units. */

/* A queue's name, with "*" in front, behind or both for anything. */
static bool
queue_fits(struct span name, struct span wanted)
{
	bool any_start, any_end;

	any_start = wanted.len > 0 && wanted.at[0] == '*';
	if (any_start) {
		wanted.at++;
		wanted.len--;
	}
	any_end = wanted.len > 0 && wanted.at[wanted.len - 1] == '*';
	if (any_end)
		wanted.len--;
	for (; name.len >= wanted.len; name.at++, name.len--) {
		struct span head = { name.at, wanted.len };

		if ((any_end || name.len == wanted.len) &&
		    text_same(head, wanted))
			return true;
		if (!any_start)
			break;
	}
	return false;
}

/* A team's name, by its start. */
static bool
team_fits(struct span name, struct span wanted)
{
	name.len = name.len < wanted.len ? name.len : wanted.len;
	return text_same(name, wanted);
}

/* Adds the units of the page; how many there are in all. */
static size_t
put_units(struct call *call, enum directory_kind kind, const struct page *page,
    bool (*fits)(struct span name, struct span wanted))
{
	const struct directory *directory = call->sim->directory;
	const struct unit *unit;
	struct buf *body = &call->reply->body, wanted;
	size_t i, cursor = 0, total = 0;
	bool by_name;

	buf_init(&wanted, 4096);
	by_name =
	    request_next_value(call->request->query, "name", &cursor, &wanted);
	buf_text(body, "{\"entities\":[");
	for (i = 0; i < directory_count(directory, kind); i++) {
		unit = directory_unit(directory, kind, i);
		if (by_name &&
		    !fits(span_of(unit->name), span_of(buf_string(&wanted))))
			continue;
		if (page_takes(page, total++, body))
			put_unit(call, kind, unit);
	}
	buf_char(body, ']');
	buf_done(&wanted);
	return total;
}

void
rest_queues(struct call *call)
{
	struct page page;

	if (!page_read(call, MAX_QUEUE_PAGE, &page))
		return;
	page_put(
	    call, &page, put_units(call, DIRECTORY_QUEUE, &page, queue_fits));
	buf_char(&call->reply->body, '}');
}

void
rest_teams(struct call *call)
{
	struct page page;

	if (!page_read_cursor(call, MAX_PAGE, &page))
		return;
	page_put_cursor(
	    call, &page, put_units(call, DIRECTORY_TEAM, &page, team_fits));
	buf_char(&call->reply->body, '}');
}

static struct span
group_value(const void *thing, struct span field)
{
	const struct unit *unit = thing;
	struct span none = { NULL, 0 };

	if (span_is(field, "id"))
		return span_of(unit->id);
	if (span_is(field, "name"))
		return span_of(unit->name);
	if (span_is(field, "state"))
		return span_of("active");
	return none;
}

static void
put_groups(struct call *call, const struct query *query)
{
	const struct directory *directory = call->sim->directory;
	const struct page *page = &query->page;
	const struct unit *unit;
	size_t i, total = 0;

	query_start(call);
	for (i = 0; i < directory_count(directory, DIRECTORY_GROUP); i++) {
		unit = directory_unit(directory, DIRECTORY_GROUP, i);
		if (!query_fits(query, group_value, unit))
			continue;
		if (page_takes(page, total++, &call->reply->body))
			put_unit(call, DIRECTORY_GROUP, unit);
	}
	query_end(call, query, "groups", total);
}

void
rest_group_search(struct call *call)
{
	struct query query;
	struct jget *jget;

	jget = jget_new();
	if (query_read(call, jget, &query))
		put_groups(call, &query);
	jget_free(jget);
}
