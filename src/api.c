#include "config.h"

#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "audit.h"
#include "buf.h"
#include "caps.h"
#include "fail.h"
#include "http.h"
#include "log.h"
#include "loop.h"
#include "now.h"
#include "stats.h"
#include "token.h"
#include "window.h"
#include "xalloc.h"

/*
 * The service's minutes begin with a request of its own clock: a second more
 * than ours keeps the next one out of its old minute.
 */
#define WINDOW_MS (61LL * 1000)
#define MINUTE_MS (60LL * 1000)
/* Some organisations' tokens idle out after 15 minutes without a call. */
#define IDLE_MS (10 * MINUTE_MS)
/* A wait for the rate limit that people may wonder about. */
#define NOTICE_MS 5000
/* After a 429 that does not say how long to wait. */
#define PAUSE_MS 5000

struct api_call {
	struct api *api;
	struct api_call *next;
	const char *method;
	const char *what;
	const char *endpoint;
	char *url;
	char *body; /* or NULL */
	size_t body_len;
	bool urgent;
	bool renewed;                /* the token was renewed for it already */
	unsigned int throttled;      /* 429s in a row */
	char *token;                 /* that it was sent with */
	struct http_call *http_call; /* while it is under way */
	api_answer_fn *fn;
	void *arg;
};

struct api {
	struct http *http;
	struct token *token;
	struct audit *audit;
	struct stats *stats;
	char *url;
	unsigned int max_retries;
	struct window window;
	struct loop_timer *timer; /* when the next call may go */
	struct loop_timer *idle;  /* since the last call */
	struct api_call *keep_alive;
	struct token_wait *token_wait;
	struct api_call *waiting; /* in order */
	struct api_call *sent;
	size_t sent_count;
	int64_t paused_until_ms; /* monotonic */
	bool deferring; /* a limit holds calls back, and it was audited */
};

static void on_timer(void *arg);
static void on_idle(void *arg);

struct api *
api_new(struct loop *loop, struct http *http, struct token *token,
    struct audit *audit, struct stats *stats, const struct api_options *options)
{
	struct api *api;

	api = xcalloc(1, sizeof(*api));
	api->http = http;
	api->token = token;
	api->audit = audit;
	api->stats = stats;
	api->url = xstrdup(options->url);
	api->max_retries = options->max_retries;
	window_init(&api->window, options->requests_per_minute, WINDOW_MS);
	api->timer = loop_timer_new(loop, on_timer, api);
	api->idle = loop_timer_new(loop, on_idle, api);
	return api;
}

void
api_free(struct api *api)
{
	if (api == NULL)
		return;
	api_cancel(api->keep_alive);
	token_cancel(api->token_wait);
	loop_timer_free(api->timer);
	loop_timer_free(api->idle);
	window_done(&api->window);
	free(api->url);
	free(api);
}

static void
unlink_call(struct api_call **link, struct api_call *call)
{
	while (*link != NULL && *link != call)
		link = &(*link)->next;
	if (*link != NULL)
		*link = call->next;
}

/* Behind the others of its urgency; at the very front where it was sent. */
static void
enqueue(struct api *api, struct api_call *call, bool at_front)
{
	struct api_call **link = &api->waiting;

	while (!at_front && *link != NULL && ((*link)->urgent || !call->urgent))
		link = &(*link)->next;
	call->next = *link;
	*link = call;
}

static void
forget_token(struct api_call *call)
{
	xwipe(call->token);
	call->token = NULL;
}

static void
call_free(struct api_call *call)
{
	forget_token(call);
	free(call->url);
	free(call->body);
	free(call);
}

static void
finish(struct api_call *call, const struct http_answer *answer,
    const struct fail *why)
{
	api_answer_fn *fn = call->fn;
	void *arg = call->arg;

	call_free(call);
	fn(arg, answer, why);
}

static void
pause_all(struct api *api, int64_t pause_ms)
{
	if (api->paused_until_ms < now_ms() + pause_ms)
		api->paused_until_ms = now_ms() + pause_ms;
}

/*
 * The service says how much of the minute's budget is used: believe it rather
 * than the setting, for others may share the client.
 */
static void
read_budget(struct api *api, const struct http_answer *answer)
{
	if (answer->rate_allowed > 0 && answer->rate_reset_s > 0 &&
	    answer->rate_count >= answer->rate_allowed &&
	    answer->rate_reset_s <= 2 * MINUTE_MS / 1000)
		pause_all(api, answer->rate_reset_s * 1000);
}

/* Whether the call goes back into the queue, for now. */
static bool
repeats(struct api_call *call, const struct http_answer *answer)
{
	struct api *api = call->api;
	int64_t pause_ms = answer->retry_after_ms;

	if (answer->status == 401 && !call->renewed) {
		call->renewed = true;
		token_refused(api->token, call->token);
		return true;
	}
	if (answer->status != 429)
		return false;
	if (api->max_retries > 0 && ++call->throttled > api->max_retries)
		return false;
	/* No answer may make us hurry. */
	if (pause_ms < 1000)
		pause_ms = pause_ms < 0 ? PAUSE_MS : 1000;
	pause_all(api, pause_ms);
	log_notice("api", "the service throttles us: waiting %g s to %s",
	    (double)pause_ms / 1000, call->what);
	return true;
}

static void
on_answer(void *arg, const struct http_answer *answer)
{
	struct api_call *call = arg;
	struct api *api = call->api;
	struct fail why;

	call->http_call = NULL;
	unlink_call(&api->sent, call);
	api->sent_count--;
	loop_timer_set(api->timer, 0);
	stats_request(api->stats, call->endpoint, answer->status);
	read_budget(api, answer);
	if (repeats(call, answer)) {
		forget_token(call);
		enqueue(api, call, true);
		return;
	}
	if (answer_check(answer, call->what, &why) == 0)
		finish(call, answer, NULL);
	else
		finish(call, answer, &why);
}

static void
send_first(struct api *api, const char *token)
{
	struct http_request request = { 0 };
	struct api_call *call = api->waiting;

	api->waiting = call->next;
	call->next = api->sent;
	api->sent = call;
	api->sent_count++;
	window_take(&api->window, now_ms());
	loop_timer_set(api->idle, IDLE_MS);
	call->token = xstrdup(token);
	request.method = call->method;
	request.url = call->url;
	request.bearer = token;
	if (call->body != NULL) {
		request.content_type = "application/json";
		request.body.at = call->body;
		request.body.len = call->body_len;
	}
	call->http_call = http_start(api->http, &request, on_answer, call);
}

/* How long until the next call may go; 0: now. */
static int64_t
delay_ms(struct api *api)
{
	int64_t now = now_ms(), window_ms, pause_ms;

	pause_ms = api->paused_until_ms - now;
	window_ms = window_wait_ms(&api->window, now);
	return pause_ms > window_ms ? pause_ms : window_ms;
}

/* Calls that wait or are under way. */
static size_t
pending_calls(const struct api *api)
{
	const struct api_call *call;
	size_t pending = api->sent_count;

	for (call = api->waiting; call != NULL; call = call->next)
		pending++;
	return pending;
}

static void
defer(struct api *api, int64_t wait_ms)
{
	loop_timer_set(api->timer, wait_ms);
	api->stats->throttled++;
	if (api->deferring)
		return;
	api->deferring = true;
	log_line(wait_ms < NOTICE_MS ? LOG_AT_INFO : LOG_AT_NOTICE, "api",
	    "%zu requests wait %.1f s for the rate limit", pending_calls(api),
	    (double)wait_ms / 1000);
	audit_start(api->audit, "SEND_DEFERRED");
	audit_text(api->audit, "what", span_of("requests"));
	audit_number(api->audit, "waiting", (int64_t)pending_calls(api));
	audit_number(api->audit, "delayMs", wait_ms);
	audit_finish(api->audit);
}

/*
 * There is no token: nobody gets anything, and each decides when to try again.
 * A caller may cancel others, or start anew, while it is told.
 */
static void
fail_all(struct api *api, const struct fail *why)
{
	struct api_call *call;
	size_t left = 0;

	for (call = api->waiting; call != NULL; call = call->next)
		left++;
	for (; left > 0 && api->waiting != NULL; left--) {
		call = api->waiting;
		api->waiting = call->next;
		finish(call, NULL, why);
	}
	loop_timer_set(api->timer, 0);
}

static void
on_token(void *arg, const char *value, const struct fail *why)
{
	struct api *api = arg;
	int64_t wait_ms;

	api->token_wait = NULL;
	if (value == NULL) {
		fail_all(api, why);
		return;
	}
	while (api->waiting != NULL && api->sent_count < CAP_HTTP_PARALLEL) {
		wait_ms = delay_ms(api);
		if (wait_ms > 0) {
			defer(api, wait_ms);
			return;
		}
		api->deferring = false;
		send_first(api, value);
	}
}

static void
on_timer(void *arg)
{
	struct api *api = arg;
	int64_t wait_ms;

	if (api->waiting == NULL || api->sent_count >= CAP_HTTP_PARALLEL ||
	    api->token_wait != NULL)
		return;
	/* Ask for a token only when it can be used at once. */
	wait_ms = delay_ms(api);
	if (wait_ms > 0)
		defer(api, wait_ms);
	else
		api->token_wait = token_get(api->token, on_token, api);
}

struct api_call *
api_start(struct api *api, const struct api_request *request, api_answer_fn *fn,
    void *arg)
{
	struct api_call *call;
	struct buf url;

	call = xcalloc(1, sizeof(*call));
	call->api = api;
	call->method = request->method;
	call->what = request->what;
	call->endpoint = request->endpoint;
	buf_init(&url, SIZE_MAX);
	buf_printf(&url, "%s%s", api->url, request->path);
	call->url = xstrdup(buf_string(&url));
	buf_done(&url);
	if (request->body.at != NULL) {
		call->body = xstrndup(request->body.at, request->body.len);
		call->body_len = request->body.len;
	}
	call->urgent = request->urgent;
	call->fn = fn;
	call->arg = arg;
	enqueue(api, call, false);
	loop_timer_set(api->timer, 0);
	return call;
}

static void
on_kept_alive(
    void *arg, const struct http_answer *answer, const struct fail *why)
{
	struct api *api = arg;

	(void)answer;
	api->keep_alive = NULL;
	if (why != NULL)
		log_info("api", "%s", why->text);
}

/* GET /api/v2/tokens/me resets a token's idle time. */
static void
on_idle(void *arg)
{
	struct api *api = arg;
	struct api_request request = { .method = "GET" };

	request.path = "/api/v2/tokens/me";
	request.what = "keep the token alive";
	request.endpoint = "tokens/me";
	if (api->keep_alive == NULL)
		api->keep_alive = api_start(api, &request, on_kept_alive, api);
}

bool
api_is_sent(const struct api_call *call)
{
	return call->http_call != NULL;
}

void
api_cancel(struct api_call *call)
{
	struct api *api;

	if (call == NULL)
		return;
	api = call->api;
	if (call->http_call != NULL) {
		http_cancel(call->http_call);
		unlink_call(&api->sent, call);
		api->sent_count--;
		loop_timer_set(api->timer, 0);
	} else {
		unlink_call(&api->waiting, call);
	}
	call_free(call);
}
