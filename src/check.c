#include "config.h"

#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "buf.h"
#include "caps.h"
#include "channelanswer.h"
#include "decode.h"
#include "endpoints.h"
#include "events.h"
#include "fail.h"
#include "http.h"
#include "jget.h"
#include "jput.h"
#include "link.h"
#include "loop.h"
#include "notifications.h"
#include "now.h"
#include "plan.h"
#include "redact.h"
#include "settings.h"
#include "token.h"
#include "xalloc.h"

/* A clock that is off by more makes latencies wrong, and then tokens. */
#define SKEW_WARN_MS 2000
#define SKEW_FAIL_MS (5LL * 60 * 1000)

enum check_step {
	CHECK_LOGIN,
	CHECK_API,
	CHECK_TOKEN,
	CHECK_WHO,
	CHECK_TOPIC,
	CHECK_CHANNELS,
	CHECK_LINK,
	CHECK_DONE,
};

struct check {
	const struct settings *settings;
	const struct endpoints *endpoints;
	struct http *http;
	struct link_env *env;
	const struct check_handler *handler;
	void *arg;
	enum check_step step;
	struct loop_timer *next;
	struct http_call *http_call;
	struct api_call *api_call;
	struct token_wait *token_wait;
	struct link *link;
	struct buf lines;
	struct fail why;  /* the first failure */
	bool no_host;     /* one of them cannot be reached */
	bool no_channels; /* there is no Notifications API */
	size_t accepted;
	int64_t began_ms; /* monotonic: the present step */
};

static void take_step(void *arg);

struct check *
check_new(const struct settings *settings, const struct endpoints *endpoints,
    struct http *http, struct link_env *env,
    const struct check_handler *handler, void *arg)
{
	struct check *check;

	check = xcalloc(1, sizeof(*check));
	check->settings = settings;
	check->endpoints = endpoints;
	check->http = http;
	check->env = env;
	check->handler = handler;
	check->arg = arg;
	buf_init(&check->lines, SIZE_MAX);
	check->next = loop_timer_new(env->loop, take_step, check);
	loop_timer_set(check->next, 0);
	return check;
}

void
check_free(struct check *check)
{
	if (check == NULL)
		return;
	http_cancel(check->http_call);
	api_cancel(check->api_call);
	token_cancel(check->token_wait);
	link_free(check->link);
	loop_timer_free(check->next);
	buf_done(&check->lines);
	free(check);
}

static void put_line(struct check *check, const char *verdict,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

static void
put_line(struct check *check, const char *verdict, const char *format, ...)
{
	char text[FAIL_TEXT];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	redact_text(text, strlen(text));
	buf_printf(&check->lines, "%-4s  ", verdict);
	jput_plain(&check->lines, span_of(text));
	buf_char(&check->lines, '\n');
}

/* What failed, and what to do about it. */
static void
put_failure(struct check *check, const struct fail *why, const char *advice)
{
	put_line(check, "FAIL", "%s%s%s", why->text,
	    advice[0] != '\0' ? ": " : "", advice);
	if (check->why.kind == FAIL_NONE)
		check->why = *why;
}

static void
go_on(struct check *check, enum check_step step)
{
	check->step = step;
	check->handler->on_lines(check->arg, &check->lines);
	loop_timer_set(check->next, 0);
}

/* Hosts: any answer will do; its Date tells how the clocks differ. */

static void
check_clock(struct check *check, int64_t date_ms)
{
	int64_t skew_ms;
	struct fail why;

	if (date_ms == NOW_NONE)
		return;
	/* A Date has whole seconds: half of one is the best guess. */
	skew_ms = now_wall_ms() - date_ms - 500;
	if (llabs(skew_ms) > SKEW_FAIL_MS) {
		(void)fail_set(&why, FAIL_CONFIG,
		    "clock: this machine's is off by %lld s",
		    (long long)skew_ms / 1000);
		put_failure(check, &why, "set it, as with NTP");
	} else if (llabs(skew_ms) > SKEW_WARN_MS) {
		put_line(check, "warn",
		    "clock: this machine's is off by %.1f s, and latencies "
		    "with it: set it, as with NTP",
		    (double)skew_ms / 1000);
	} else {
		put_line(check, "ok", "clock: within 2 s of the service's");
	}
}

static void
on_host(void *arg, const struct http_answer *answer)
{
	struct check *check = arg;
	bool is_login = check->step == CHECK_LOGIN;
	const char *url =
	    is_login ? check->endpoints->login_url : check->endpoints->api_url;
	bool is_both = is_login && strcmp(url, check->endpoints->api_url) == 0;

	check->http_call = NULL;
	if (answer->status == 0) {
		put_failure(check, &answer->why,
		    answer->why.kind == FAIL_UNTRUSTED
			? ""
			: "check --region, the network and the proxy");
	} else {
		put_line(check, "ok", "%s: %s answers in %lld ms%s",
		    is_both        ? "login and api"
			: is_login ? "login"
				   : "api",
		    url, (long long)(now_ms() - check->began_ms),
		    strncmp(url, "https", 5) == 0 ? ", TLS verified" : "");
		if (is_login)
			check_clock(check, answer->date_ms);
	}
	/* A clock that is off costs nothing else its line. */
	if (answer->status == 0)
		check->no_host = true;
	if (is_login && !is_both)
		go_on(check, CHECK_API);
	else
		go_on(check, check->no_host ? CHECK_DONE : CHECK_TOKEN);
}

static void
check_host(struct check *check, const char *url)
{
	struct http_request request = { .method = "GET" };
	struct buf whole;

	buf_init(&whole, SIZE_MAX);
	buf_printf(&whole, "%s/", url);
	request.url = buf_string(&whole);
	check->http_call = http_start(check->http, &request, on_host, check);
	buf_done(&whole);
}

/* The token, and what it may do. */

static void
on_token(void *arg, const char *value, const struct fail *why)
{
	struct check *check = arg;
	int64_t ends_ms;

	check->token_wait = NULL;
	if (value == NULL) {
		put_failure(check, why,
		    why->kind == FAIL_REFUSED
			? "check --client-id and its secret"
			: "");
		go_on(check, CHECK_DONE);
		return;
	}
	ends_ms = token_ends_ms(check->env->token);
	if (ends_ms == NOW_NONE)
		put_line(check, "ok", "token: given ready");
	else
		put_line(check, "ok", "token: for %lld s",
		    (long long)(ends_ms - now_wall_ms() + 500) / 1000);
	go_on(check, CHECK_WHO);
}

static void
ask(struct check *check, const char *path, const char *what, api_answer_fn *fn)
{
	struct api_request request = { .method = "GET", .path = path };

	request.what = what;
	request.endpoint = "check";
	check->api_call = api_start(check->env->api, &request, fn, check);
}

static void
on_who(void *arg, const struct http_answer *answer, const struct fail *why)
{
	struct check *check = arg;
	const struct json_object *root;
	struct span organization, client;
	struct jget *jget;
	struct fail ignored;

	check->api_call = NULL;
	if (why != NULL &&
	    (answer == NULL || answer->status == 401 || answer->status == 0)) {
		put_failure(check, why, "");
		go_on(check, CHECK_DONE);
		return;
	}
	jget = jget_new();
	root = why == NULL ? jget_parse(jget, answer->body, &ignored) : NULL;
	organization = jget_text(jget_object(root, "organization"), "name");
	client = jget_text(jget_object(root, "OAuthClient"), "name");
	if (organization.len > 0 || client.len > 0)
		put_line(check, "ok", "client: '%.*s' of organization '%.*s'",
		    (int)client.len, client.at, (int)organization.len,
		    organization.at);
	jget_free(jget);
	go_on(check,
	    check->settings->protocol == SETTINGS_EVENTS ? CHECK_LINK
							 : CHECK_TOPIC);
}

static bool
is_presence_topic(struct span id)
{
	return span_is(id, "v2.users.{id}.presence");
}

/* One topic's entry: the permissions that it needs, and whether we have them.
 */
static void
read_topic(struct check *check, const struct json_object *topic)
{
	struct json_object *needs = jget_array(topic, "requiresPermissions");
	struct json_object *details = jget_array(topic, "permissionDetails");
	struct span permission = jget_item_text(needs, 0), lacking;
	struct fail why;
	size_t i;

	for (i = 0; i < jget_count(details); i++)
		if (!jget_bool(
			jget_item(details, i), "allowsCurrentUser", true) &&
		    jget_bool(jget_item(details, i), "enforced", true)) {
			lacking = jget_item_text(
			    jget_array(jget_item(details, i), "permissions"),
			    0);
			if (lacking.len == 0)
				lacking = permission;
			(void)fail_set(&why, FAIL_REFUSED,
			    "topic v2.users.{id}.presence: the client lacks "
			    "permission %.*s",
			    (int)lacking.len, lacking.at);
			put_failure(check, &why,
			    "give the OAuth client a role that has it");
			return;
		}
	if (permission.len > 0)
		put_line(check, "ok",
		    "topic v2.users.{id}.presence: needs permission %.*s",
		    (int)permission.len, permission.at);
	else
		put_line(check, "ok",
		    "topic v2.users.{id}.presence: needs no permission");
}

static void
on_topics(void *arg, const struct http_answer *answer, const struct fail *why)
{
	struct check *check = arg;
	struct json_object *entities, *topic;
	struct jget *jget;
	struct fail ignored;
	size_t i;

	check->api_call = NULL;
	if (why != NULL && (answer == NULL || answer->status != 404))
		put_line(check, "warn", "topics: %s", why->text);
	jget = jget_new();
	entities = why != NULL
	    ? NULL
	    : jget_array(jget_parse(jget, answer->body, &ignored), "entities");
	for (i = 0; i < jget_count(entities); i++) {
		topic = jget_item(entities, i);
		if (is_presence_topic(jget_text(topic, "id")))
			read_topic(check, topic);
	}
	jget_free(jget);
	go_on(check, CHECK_CHANNELS);
}

static void
on_channels(void *arg, const struct http_answer *answer, const struct fail *why)
{
	struct check *check = arg;
	size_t count;

	check->api_call = NULL;
	if (why != NULL) {
		check->no_channels = answer != NULL && answer->status == 404;
		put_line(check, "warn", "channels: %s", why->text);
		go_on(check, CHECK_LINK);
		return;
	}
	count = channelanswer_count(answer->body);
	if (count + 1 + plan_shards(check->env->plan) > CAP_CHANNELS)
		put_line(check, "warn",
		    "channels: %zu of %d are in use by this OAuth client, by "
		    "other programs, or for up to a day by runs that have "
		    "ended; give each program its own client",
		    count, CAP_CHANNELS);
	else
		put_line(check, "ok", "channels: %zu of %d are in use", count,
		    CAP_CHANNELS);
	go_on(check, CHECK_LINK);
}

/* One connection, from nothing to live to given back. */

static void
on_open(void *arg)
{
	struct check *check = arg;

	put_line(check, "ok", "socket: open in %lld ms (%s)",
	    (long long)(now_ms() - check->began_ms),
	    check->env->protocol->name);
}

static void
on_subscribed(void *arg, const struct span *ids, size_t count)
{
	struct check *check = arg;

	(void)ids;
	check->accepted += count;
}

static void
on_rejected(void *arg, struct span id, const char *reason)
{
	struct check *check = arg;
	struct fail why;

	(void)fail_set(&why, FAIL_REFUSED, "user %.*s is refused: %s",
	    (int)id.len, id.at, reason);
	put_failure(check, &why, "");
}

static void
on_live(void *arg)
{
	struct check *check = arg;
	size_t shards = plan_shards(check->env->plan);

	if (check->accepted > 0)
		put_line(check, "ok", "users: %zu subscribed%s",
		    check->accepted,
		    check->env->protocol->has_snapshot
			? ""
			: " (the events socket confirms nothing)");
	if (shards > 1)
		put_line(check, "ok",
		    "users: the others need %zu more connections, which were "
		    "not tried",
		    shards - 1);
	link_close(check->link);
}

static void
on_presence(void *arg, const struct presence *presence)
{
	(void)arg;
	(void)presence;
}

static void
on_skipped(void *arg, const struct decoded *decoded)
{
	struct check *check = arg;

	if (decoded->kind == DECODE_COMPLAINT)
		put_line(check, "warn", "socket: the service complains: %.*s",
		    (int)decoded->text.len, decoded->text.at);
}

static void
on_too_large(void *arg, const char *why)
{
	(void)arg;
	(void)why;
}

static void
on_end(void *arg, const struct fail *why)
{
	struct check *check = arg;

	link_free(check->link);
	check->link = NULL;
	if (why->kind != FAIL_NONE)
		put_failure(check, why, "");
	go_on(check, CHECK_DONE);
}

static const struct link_handler on_link = {
	.on_open = on_open,
	.on_subscribed = on_subscribed,
	.on_rejected = on_rejected,
	.on_live = on_live,
	.on_presence = on_presence,
	.on_skipped = on_skipped,
	.on_too_large = on_too_large,
	.on_end = on_end,
};

static void
check_link(struct check *check)
{
	bool events = check->settings->protocol == SETTINGS_EVENTS ||
	    (check->settings->protocol == SETTINGS_AUTO && check->no_channels);
	struct fail why;

	check->env->protocol =
	    events ? &events_protocol : &notifications_protocol;
	if (check->handler->on_protocol(
		check->arg, check->env->protocol, &why) == -1) {
		put_failure(check, &why, "");
		go_on(check, CHECK_DONE);
		return;
	}
	check->link = link_new(check->env, 0, 1, NULL, &on_link, check);
}

static void
take_step(void *arg)
{
	struct check *check = arg;

	check->began_ms = now_ms();
	switch (check->step) {
	case CHECK_LOGIN:
		check_host(check, check->endpoints->login_url);
		break;
	case CHECK_API:
		check_host(check, check->endpoints->api_url);
		break;
	case CHECK_TOKEN:
		check->token_wait =
		    token_get(check->env->token, on_token, check);
		break;
	case CHECK_WHO:
		ask(check, "/api/v2/tokens/me", "ask who we are", on_who);
		break;
	case CHECK_TOPIC:
		ask(check,
		    "/api/v2/notifications/availabletopics"
		    "?expand=permissionDetails,transports,enforced",
		    "list the topics", on_topics);
		break;
	case CHECK_CHANNELS:
		ask(check,
		    "/api/v2/notifications/channels"
		    "?includechannels=oauthclient",
		    "count the client's channels", on_channels);
		break;
	case CHECK_LINK:
		check_link(check);
		break;
	case CHECK_DONE:
		check->handler->on_lines(check->arg, &check->lines);
		check->handler->on_done(check->arg,
		    check->why.kind == FAIL_NONE ? NULL : &check->why);
		break;
	}
}
