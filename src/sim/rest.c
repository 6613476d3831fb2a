#include "config.h"

#include "rest.h"

#include <stdio.h>
#include <stdlib.h>

#include "caps.h"
#include "journal.h"
#include "jput.h"
#include "sim.h"
#include "simopt.h"
#include "userid.h"
#include "world.h"
#include "xalloc.h"

void
rest_date(struct call *call)
{
	struct buf *body = &call->reply->body;

	buf_text(body, "{\"currentDate\":");
	jput_time(body, sim_wall_ms(call->sim));
	buf_char(body, '}');
}

/* The part of a presence that bulk and single answers share. */
static void
put_presence(struct buf *body, const struct user *user)
{
	buf_text(body,
	    "\"source\":\"PURECLOUD\",\"presenceDefinition\":"
	    "{\"id\":");
	jput_string(body, span_of(user->definition->id));
	buf_text(body, ",\"systemPresence\":");
	jput_string(body, span_of(user->definition->rest_state));
	buf_text(body, "},\"message\":\"\",\"modifiedDate\":");
	jput_time(body, user->modified_ms);
	buf_char(body, '}');
}

void
rest_presence(struct call *call)
{
	struct buf *body = &call->reply->body;
	struct user *user;

	user = userid_is_uuid(call->id)
	    ? world_meet(call->sim->world, call->id, sim_wall_ms(call->sim))
	    : NULL;
	if (user == NULL || user->forgotten) {
		call_refuse(call, 404, "not.found",
		    "Unable to find a user with that ID.");
		return;
	}
	buf_char(body, '{');
	put_presence(body, user);
}

/* The users of a bulk request, each once. */
struct wanted {
	const struct user **users;
	size_t count;
	size_t asked;
};

/*
 * Users are put in an order that has nothing to do with the request's, so
 * that nobody relies on it; each keeps one place.
 */
static void
want_user(struct wanted *wanted, const struct user *user)
{
	size_t at = 0, i;

	while (at < wanted->count && wanted->users[at]->order < user->order)
		at++;
	if (at < wanted->count && wanted->users[at] == user)
		return;
	for (i = wanted->count++; i > at; i--)
		wanted->users[i] = wanted->users[i - 1];
	wanted->users[at] = user;
}

/* Counts all IDs; finds users for as many as are allowed. */
static void
want_ids(const struct call *call, struct wanted *wanted, struct span ids)
{
	struct sim *sim = call->sim;
	struct user *user;
	struct span id;

	while (ids.len > 0) {
		id = text_cut(&ids, ',');
		if (id.len == 0 || ++wanted->asked > (size_t)sim->opt->max_bulk)
			continue;
		user = userid_is_uuid(id)
		    ? world_meet(sim->world, id, sim_wall_ms(sim))
		    : world_find(sim->world, id);
		if (user != NULL && !user->forgotten)
			want_user(wanted, user);
	}
}

static void
journal_snapshot(struct sim *sim, const struct wanted *wanted)
{
	struct buf *line;
	size_t i;

	if (!journal_is_on(sim->journal))
		return;
	line = journal_start(sim->journal, "snapshot");
	buf_text(line, ",\"users\":[");
	for (i = 0; i < wanted->count; i++) {
		buf_text(line, i == 0 ? "{\"userId\":" : ",{\"userId\":");
		jput_string(line, span_of(wanted->users[i]->id));
		buf_text(line, ",\"modifiedDate\":");
		jput_time(line, wanted->users[i]->modified_ms);
		buf_char(line, '}');
	}
	buf_char(line, ']');
	journal_end(sim->journal, sim_wall_ms(sim));
}

static void
put_bulk(struct call *call, const struct wanted *wanted)
{
	struct buf *body = &call->reply->body;
	size_t i;

	buf_char(body, '[');
	for (i = 0; i < wanted->count; i++) {
		buf_text(body, i == 0 ? "{\"userId\":" : ",{\"userId\":");
		jput_string(body, span_of(wanted->users[i]->id));
		buf_char(body, ',');
		put_presence(body, wanted->users[i]);
	}
	buf_char(body, ']');
	journal_snapshot(call->sim, wanted);
}

void
rest_bulk(struct call *call)
{
	size_t limit = (size_t)call->sim->opt->max_bulk, cursor = 0;
	struct wanted wanted = { NULL, 0, 0 };
	struct span ids;
	struct buf value;
	char message[96];

	wanted.users = xcalloc(limit, sizeof(*wanted.users));
	buf_init(&value, limit * (CAP_USER_ID + 1));
	while (
	    request_next_value(call->request->query, "id", &cursor, &value)) {
		ids.at = buf_string(&value);
		ids.len = value.len;
		want_ids(call, &wanted, ids);
	}
	buf_done(&value);
	(void)snprintf(message, sizeof(message),
	    "At most %zu IDs can be asked for, and at least 1.", limit);
	if (wanted.asked == 0 || wanted.asked > limit)
		call_refuse(call, 400, "bad.request", message);
	else
		put_bulk(call, &wanted);
	free(wanted.users);
}
