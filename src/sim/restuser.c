#include "config.h"

#include "jget.h"
#include "jput.h"
#include "page.h"
#include "query.h"
#include "rest.h"
#include "sim.h"
#include "userid.h"
#include "world.h"

/* The service's own limit. */
#define MAX_PAGE 500

static void
put_text(struct buf *body, const char *key, const char *text)
{
	buf_printf(body, ",\"%s\":", key);
	jput_string(body, span_of(text));
}

void
rest_put_user(struct buf *body, const struct user *user)
{
	buf_text(body, "{\"id\":");
	jput_string(body, span_of(user->id));
	put_text(body, "name", user->name);
	buf_text(body,
	    ",\"division\":{\"id\":\"" REST_DIVISION
	    "\",\"name\":\"Home\",\"selfUri\":\"/api/v2/"
	    "authorization/divisions/" REST_DIVISION "\"}");
	buf_printf(body, ",\"chat\":{\"jabberId\":\"%s@sim\"}", user->id);
	put_text(body, "email", user->email);
	buf_text(body, ",\"primaryContactInfo\":[{\"address\":");
	jput_string(body, span_of(user->email));
	buf_text(body,
	    ",\"mediaType\":\"EMAIL\",\"type\":\"PRIMARY\"}]"
	    ",\"addresses\":[],\"state\":\"active\"");
	put_text(body, "username", user->email);
	buf_printf(body,
	    ",\"version\":1,\"acdAutoAnswer\":false,"
	    "\"selfUri\":\"/api/v2/users/%s\"}",
	    user->id);
}

/* Users of the events protocol may have other IDs; REST does not know them. */
static bool
is_listed(const struct user *user)
{
	return !user->forgotten && userid_is_uuid(span_of(user->id));
}

/* Whether the listing is of users that are active, as all are. */
static bool
wants_active(const struct call *call)
{
	struct buf state;
	size_t cursor = 0;
	bool wants = true;

	buf_init(&state, 64);
	if (request_next_value(call->request->query, "state", &cursor, &state))
		wants =
		    text_same(span_of(buf_string(&state)), span_of("active")) ||
		    text_same(span_of(buf_string(&state)), span_of("any"));
	buf_done(&state);
	return wants;
}

void
rest_users(struct call *call)
{
	const struct world *world = call->sim->world;
	struct buf *body = &call->reply->body;
	const struct user *user;
	struct page page;
	size_t i, total = 0;

	if (!page_read(call, MAX_PAGE, &page))
		return;
	buf_text(body, "{\"entities\":[");
	for (i = 0; wants_active(call) && i < world_count(world); i++) {
		user = world_user(world, i);
		if (is_listed(user) && page_takes(&page, total++, body))
			rest_put_user(body, user);
	}
	buf_char(body, ']');
	page_put(call, &page, total);
	buf_char(body, '}');
}

void
rest_user(struct call *call)
{
	struct user *user;

	user = userid_is_uuid(call->id)
	    ? world_meet(call->sim->world, call->id, sim_wall_ms(call->sim))
	    : NULL;
	if (user == NULL || user->forgotten)
		call_refuse(call, 404, "not.found",
		    "Unable to find a user with that ID.");
	else
		rest_put_user(&call->reply->body, user);
}

static struct span
user_value(const void *thing, struct span field)
{
	const struct user *user = thing;
	struct span none = { NULL, 0 };

	if (span_is(field, "id"))
		return span_of(user->id);
	if (span_is(field, "name"))
		return span_of(user->name);
	if (span_is(field, "email") || span_is(field, "username"))
		return span_of(user->email);
	if (span_is(field, "state"))
		return span_of("active");
	return none;
}

static void
put_found(struct call *call, const struct query *query)
{
	const struct world *world = call->sim->world;
	struct buf *body = &call->reply->body;
	const struct user *user;
	size_t i, total = 0;

	query_start(call);
	for (i = 0; i < world_count(world); i++) {
		user = world_user(world, i);
		if (is_listed(user) && query_fits(query, user_value, user) &&
		    page_takes(&query->page, total++, body))
			rest_put_user(body, user);
	}
	query_end(call, query, "users", total);
}

void
rest_user_search(struct call *call)
{
	struct query query;
	struct jget *jget;

	jget = jget_new();
	if (query_read(call, jget, &query))
		put_found(call, &query);
	jget_free(jget);
}
