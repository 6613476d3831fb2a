#include "config.h"

#include "route.h"

#include "channel.h"
#include "control.h"
#include "eventsock.h"
#include "oauth.h"
#include "rest.h"
#include "sim.h"
#include "simopt.h"

#define API(path)           "/api/v2/" path
#define NOTIFICATIONS(path) API("notifications/" path)

static const struct route routes[] = {
	{ "POST", "/oauth/token", ENDPOINT_TOKEN, 0, oauth_issue },
	{ "GET", API("tokens/me"), ENDPOINT_ME, ROUTE_BEARER, oauth_describe },
	{ "DELETE", API("tokens/me"), ENDPOINT_ME, ROUTE_BEARER, oauth_revoke },
	{ "GET", API("date"), ENDPOINT_OTHER, ROUTE_BEARER, rest_date },
	{ "GET", API("users/presences/purecloud/bulk"), ENDPOINT_BULK,
	    ROUTE_BEARER, rest_bulk },
	{ "GET", API("users/*/presences/purecloud"), ENDPOINT_OTHER,
	    ROUTE_BEARER, rest_presence },
	{ "GET", API("users"), ENDPOINT_USERS, ROUTE_BEARER, rest_users },
	{ "POST", API("users/search"), ENDPOINT_USER_SEARCH, ROUTE_BEARER,
	    rest_user_search },
	{ "GET", API("users/*"), ENDPOINT_USERS, ROUTE_BEARER, rest_user },
	{ "GET", API("routing/queues"), ENDPOINT_QUEUES, ROUTE_BEARER,
	    rest_queues },
	{ "GET", API("routing/queues/*"), ENDPOINT_QUEUES, ROUTE_BEARER,
	    rest_queue },
	{ "GET", API("routing/queues/*/members"), ENDPOINT_QUEUE_MEMBERS,
	    ROUTE_BEARER, rest_queue_members },
	{ "POST", API("groups/search"), ENDPOINT_GROUPS, ROUTE_BEARER,
	    rest_group_search },
	{ "GET", API("groups/*"), ENDPOINT_GROUPS, ROUTE_BEARER, rest_group },
	{ "GET", API("groups/*/members"), ENDPOINT_GROUP_MEMBERS, ROUTE_BEARER,
	    rest_group_members },
	{ "GET", API("teams"), ENDPOINT_TEAMS, ROUTE_BEARER, rest_teams },
	{ "GET", API("teams/*"), ENDPOINT_TEAMS, ROUTE_BEARER, rest_team },
	{ "GET", API("teams/*/members"), ENDPOINT_TEAM_MEMBERS, ROUTE_BEARER,
	    rest_team_members },
	{ "GET", NOTIFICATIONS("availabletopics"), ENDPOINT_OTHER,
	    ROUTE_BEARER | ROUTE_NOTIFICATIONS, rest_available_topics },
	{ "GET", NOTIFICATIONS("channels"), ENDPOINT_CHANNEL_LIST,
	    ROUTE_BEARER | ROUTE_NOTIFICATIONS, rest_channel_list },
	{ "POST", NOTIFICATIONS("channels"), ENDPOINT_CHANNELS,
	    ROUTE_BEARER | ROUTE_NOTIFICATIONS, rest_channel_create },
	{ "HEAD", NOTIFICATIONS("channels/*"), ENDPOINT_CHANNEL_LIST,
	    ROUTE_BEARER | ROUTE_NOTIFICATIONS, rest_channel_exists },
	{ "GET", NOTIFICATIONS("channels/*/subscriptions"),
	    ENDPOINT_SUBSCRIPTIONS, ROUTE_BEARER | ROUTE_NOTIFICATIONS,
	    rest_topics_get },
	{ "POST", NOTIFICATIONS("channels/*/subscriptions"),
	    ENDPOINT_SUBSCRIPTIONS, ROUTE_BEARER | ROUTE_NOTIFICATIONS,
	    rest_topics_add },
	{ "PUT", NOTIFICATIONS("channels/*/subscriptions"),
	    ENDPOINT_SUBSCRIPTIONS, ROUTE_BEARER | ROUTE_NOTIFICATIONS,
	    rest_topics_replace },
	{ "DELETE", NOTIFICATIONS("channels/*/subscriptions"),
	    ENDPOINT_SUBSCRIPTIONS, ROUTE_BEARER | ROUTE_NOTIFICATIONS,
	    rest_topics_remove },
	{ "POST", "/sim/do", ENDPOINT_OTHER, ROUTE_CONTROL, control_do },
	{ "GET", "/sim/status", ENDPOINT_OTHER, ROUTE_CONTROL, control_status },
	{ "GET", "/sim/states", ENDPOINT_OTHER, ROUTE_CONTROL, control_states },
};
#define ROUTES (sizeof(routes) / sizeof(routes[0]))

static bool
admit_channel(struct call *call)
{
	if (channels_find(call->sim->channels, call->id) != NULL)
		return true;
	call_refuse(call, 404, "not.found",
	    "The channel does not exist or has expired.");
	return false;
}

static struct socket *
connect_channel(struct call *call, struct conn *conn)
{
	return channel_connect(
	    channels_find(call->sim->channels, call->id), conn);
}

static bool
admit_events(struct call *call)
{
	struct buf value;
	size_t cursor = 0;

	if (call->sim->opt->no_events > 0) {
		call_refuse(call, 404, "not.found", "There is no such socket.");
		return false;
	}
	buf_init(&value, 1024);
	if (request_next_value(call->request->query, "token", &cursor, &value))
		call->token =
		    oauth_find(call->sim->oauth, span_of(buf_string(&value)));
	buf_done(&value);
	if (call->token == NULL)
		call_refuse(
		    call, 401, "bad.credentials", "Invalid login credentials.");
	else if (token_fault(call->token) != NULL)
		call_refuse(call, 401, token_fault(call->token),
		    "Invalid login credentials.");
	else
		return true;
	return false;
}

static struct socket *
connect_events(struct call *call, struct conn *conn)
{
	return eventsock_connect(call->sim->events, conn, call->token);
}

static const struct upgrade upgrades[] = {
	{ "/channels/*", admit_channel, connect_channel },
	{ API("analytics/events"), admit_events, connect_events },
};
#define UPGRADES (sizeof(upgrades) / sizeof(upgrades[0]))

/* Whether a path fits a pattern; what stands for "*" goes to ret_id. */
static bool
path_fits(struct span path, const char *pattern, struct span *ret_id)
{
	struct span wanted = span_of(pattern), part, want;

	while (path.len > 0 && wanted.len > 0) {
		part = text_cut(&path, '/');
		want = text_cut(&wanted, '/');
		if (span_is(want, "*") && part.len > 0)
			*ret_id = part;
		else if (!span_equal(part, want))
			return false;
	}
	return path.len == 0 && wanted.len == 0;
}

const struct route *
route_find(struct call *call, bool *ret_path_known)
{
	const struct request *request = call->request;
	size_t i;

	*ret_path_known = false;
	for (i = 0; i < ROUTES; i++) {
		if (!path_fits(request->path, routes[i].path, &call->id))
			continue;
		if (span_is(request->method, routes[i].method) ||
		    (span_is(request->method, "HEAD") &&
			span_of(routes[i].method).len == 3 &&
			routes[i].method[0] == 'G'))
			return &routes[i];
		*ret_path_known = true;
	}
	return NULL;
}

const struct upgrade *
route_find_upgrade(struct call *call)
{
	size_t i;

	for (i = 0; i < UPGRADES; i++)
		if (path_fits(call->request->path, upgrades[i].path, &call->id))
			return &upgrades[i];
	return NULL;
}
