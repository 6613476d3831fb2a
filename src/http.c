#include "config.h"

#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "buf.h"
#include "caps.h"
#include "header.h"
#include "loop.h"
#include "map.h"
#include "now.h"
#include "proxy.h"
#include "tlsname.h"
#include "url.h"
#include "xalloc.h"

/* To connect, and for a request as a whole; seconds. */
#define CONNECT_TIMEOUT_S 10L
#define TOTAL_TIMEOUT_S   30L

struct http {
	struct loop *loop;
	struct loop_timer *timer;
	struct loop_timer *unwatched; /* ends calls that are unwatched */
	CURLM *multi;
	const char *ca_file;
	const struct proxies *proxies;
	struct http_call *calls;
	struct map *reached; /* hosts that have answered */
};

struct http_call {
	struct http *http;
	struct http_call *next;
	CURL *easy;
	struct curl_slist *headers;
	struct buf body;
	struct buf request_body;
	size_t head_len;
	char error[CURL_ERROR_SIZE];
	bool unwatched; /* nobody would tell when its socket is ready */
	http_answer_fn *fn;
	void *arg;
};

/* One socket of libcurl's in the loop. */
struct socket_watch {
	struct http *http;
	struct loop_fd *fd;
	curl_socket_t socket;
	int wanted;
};

static void finish_calls(struct http *http);

static void
socket_action(struct http *http, curl_socket_t socket, int ready)
{
	int running;

	(void)curl_multi_socket_action(http->multi, socket, ready, &running);
	finish_calls(http);
}

static void
on_ready(void *arg, bool readable, bool writable)
{
	struct socket_watch *watch = arg;
	int ready = 0;

	if (readable)
		ready |= CURL_CSELECT_IN;
	if (writable)
		ready |= CURL_CSELECT_OUT;
	/* Writable is reported once: ask again before watch may be gone. */
	if (writable && (watch->wanted & CURL_POLL_OUT) != 0)
		loop_fd_want(
		    watch->fd, (watch->wanted & CURL_POLL_IN) != 0, true);
	socket_action(watch->http, watch->socket, ready);
}

static int
on_socket(CURL *easy, curl_socket_t socket, int what, void *arg, void *slot)
{
	struct http *http = arg;
	struct http_call *call = NULL;
	struct socket_watch *watch = slot;

	if (what == CURL_POLL_REMOVE) {
		if (watch != NULL) {
			loop_fd_free(watch->fd);
			free(watch);
		}
		(void)curl_multi_assign(http->multi, socket, NULL);
		return 0;
	}
	if (watch == NULL) {
		watch = xcalloc(1, sizeof(*watch));
		watch->http = http;
		watch->socket = socket;
		watch->fd = loop_fd_new(http->loop, socket, on_ready, watch);
		if (watch->fd == NULL) {
			free(watch);
			/* Not from here: it must not end within a callback. */
			(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
			call->unwatched = true;
			loop_timer_set(http->unwatched, 0);
			return 0;
		}
		(void)curl_multi_assign(http->multi, socket, watch);
	}
	watch->wanted = what;
	loop_fd_want(
	    watch->fd, (what & CURL_POLL_IN) != 0, (what & CURL_POLL_OUT) != 0);
	return 0;
}

static int
on_timeout_change(CURLM *multi, long timeout_ms, void *arg)
{
	struct http *http = arg;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_stop(http->timer);
	else
		loop_timer_set(http->timer, timeout_ms);
	return 0;
}

static void
on_timer(void *arg)
{
	socket_action(arg, CURL_SOCKET_TIMEOUT, 0);
}

struct http *
http_new(struct loop *loop, const char *ca_file, const struct proxies *proxies,
    struct fail *why)
{
	struct http *http;

	http = xcalloc(1, sizeof(*http));
	http->loop = loop;
	http->ca_file = ca_file;
	http->proxies = proxies;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (http->multi = curl_multi_init()) == NULL) {
		(void)fail_set(why, FAIL_INTERNAL, "cannot start libcurl");
		free(http);
		return NULL;
	}
	http->reached = map_new(0);
	http->timer = loop_timer_new(loop, on_timer, http);
	http->unwatched = loop_timer_new(loop, on_timer, http);
	(void)curl_multi_setopt(
	    http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	(void)curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	(void)curl_multi_setopt(
	    http->multi, CURLMOPT_TIMERFUNCTION, on_timeout_change);
	(void)curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	return http;
}

/* One of them may be Authorization. */
static void
free_headers(struct curl_slist *headers)
{
	struct curl_slist *one;

	for (one = headers; one != NULL; one = one->next)
		explicit_bzero(one->data, strlen(one->data));
	curl_slist_free_all(headers);
}

static void
call_free(struct http_call *call)
{
	struct http_call **link;

	for (link = &call->http->calls; *link != call;)
		link = &(*link)->next;
	*link = call->next;
	(void)curl_multi_remove_handle(call->http->multi, call->easy);
	curl_easy_cleanup(call->easy);
	free_headers(call->headers);
	buf_done(&call->body);
	buf_done(&call->request_body);
	free(call);
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	while (http->calls != NULL)
		call_free(http->calls);
	(void)curl_multi_cleanup(http->multi);
	loop_timer_free(http->timer);
	loop_timer_free(http->unwatched);
	map_free(http->reached);
	curl_global_cleanup();
	free(http);
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;

	buf_add(&call->body, bytes, size * count);
	/* Less than all makes libcurl end the transfer. */
	return buf_is_full(&call->body) ? 0 : size * count;
}

/* libcurl has a limit for headers, but none for trailers. */
static size_t
on_header(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;

	(void)bytes;
	call->head_len += size * count;
	return call->head_len > CAP_HTTP_HEAD ? 0 : size * count;
}

static void
add_header(struct http_call *call, const char *name, const char *value)
{
	struct buf line;

	buf_init_secret(&line, SIZE_MAX);
	buf_printf(&line, "%s: %s", name, value);
	call->headers =
	    xgiven(curl_slist_append(call->headers, buf_string(&line)));
	buf_done(&line);
}

/* CURLOPT_PROXYUSERPWD would unescape it once more. */
static void
set_proxy_user(struct http_call *call, const char *user)
{
	size_t len = strcspn(user, ":");
	const char *password = user[len] == ':' ? user + len + 1 : "";
	char *name = xstrndup(user, len);

	(void)curl_easy_setopt(call->easy, CURLOPT_PROXYUSERNAME, name);
	(void)curl_easy_setopt(call->easy, CURLOPT_PROXYPASSWORD, password);
	xwipe(name);
}

static void
set_proxy(struct http_call *call, const char *text)
{
	const struct proxy *proxy = NULL;
	struct buf address;
	struct url url;
	struct fail why;

	if (url_parse(text, &url, &why) == 0)
		proxy = proxies_for(call->http->proxies, &url);
	/* An empty proxy keeps libcurl from reading the environment. */
	if (proxy == NULL) {
		(void)curl_easy_setopt(call->easy, CURLOPT_PROXY, "");
		return;
	}
	buf_init(&address, SIZE_MAX);
	buf_printf(&address,
	    strchr(proxy->host, ':') == NULL ? "http://%s:%d"
					     : "http://[%s]:%d",
	    proxy->host, proxy->port);
	(void)curl_easy_setopt(call->easy, CURLOPT_PROXY, buf_string(&address));
	(void)curl_easy_setopt(call->easy, CURLOPT_NOPROXY, "");
	/* As with the socket, everything goes by CONNECT. */
	(void)curl_easy_setopt(call->easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
	if (proxy->user != NULL)
		set_proxy_user(call, proxy->user);
	buf_done(&address);
}

static int
url_of(CURL *easy, struct url *ret)
{
	const char *text = NULL;
	struct fail why;

	(void)curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &text);
	return text == NULL ? -1 : url_parse(text, ret, &why);
}

static CURLcode
on_tls(CURL *easy, void *ssl_ctx, void *arg)
{
	struct url url;

	(void)arg;
	return url_of(easy, &url) == 0 && tlsname_demand(ssl_ctx, url.host) == 0
	    ? CURLE_OK
	    : CURLE_ABORTED_BY_CALLBACK;
}

static void
set_transport(struct http_call *call)
{
	CURL *easy = call->easy;

	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	(void)curl_easy_setopt(
	    easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	(void)curl_easy_setopt(easy, CURLOPT_CAINFO, call->http->ca_file);
	(void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Else it waits, when a call ends, for a look-up that hangs. */
	(void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, TOTAL_TIMEOUT_S);
	(void)curl_easy_setopt(
	    easy, CURLOPT_USERAGENT, "gcpresence/" PACKAGE_VERSION);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
}

static void
set_request(struct http_call *call, const struct http_request *request)
{
	CURL *easy = call->easy;
	struct buf bearer;

	(void)curl_easy_setopt(easy, CURLOPT_URL, request->url);
	if (strcmp(request->method, "HEAD") == 0)
		(void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else
		(void)curl_easy_setopt(
		    easy, CURLOPT_CUSTOMREQUEST, request->method);
	if (request->user != NULL) {
		(void)curl_easy_setopt(
		    easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		(void)curl_easy_setopt(easy, CURLOPT_USERNAME, request->user);
		(void)curl_easy_setopt(
		    easy, CURLOPT_PASSWORD, request->password);
	}
	if (request->bearer != NULL) {
		buf_init_secret(&bearer, SIZE_MAX);
		buf_printf(&bearer, "Bearer %s", request->bearer);
		add_header(call, "Authorization", buf_string(&bearer));
		buf_done(&bearer);
	}
	if (request->content_type != NULL)
		add_header(call, "Content-Type", request->content_type);
	/* Do not wait for "100 Continue". */
	call->headers = xgiven(curl_slist_append(call->headers, "Expect:"));
	if (request->content_type != NULL ||
	    strcmp(request->method, "POST") == 0 ||
	    strcmp(request->method, "PUT") == 0) {
		buf_add(
		    &call->request_body, request->body.at, request->body.len);
		(void)curl_easy_setopt(
		    easy, CURLOPT_POSTFIELDS, buf_string(&call->request_body));
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)call->request_body.len);
	}
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
}

struct http_call *
http_start(struct http *http, const struct http_request *request,
    http_answer_fn *fn, void *arg)
{
	struct http_call *call;

	call = xcalloc(1, sizeof(*call));
	call->http = http;
	call->fn = fn;
	call->arg = arg;
	/* A token comes in one. */
	buf_init_secret(&call->body, CAP_HTTP_BODY);
	buf_init(&call->request_body, SIZE_MAX);
	call->easy = xgiven(curl_easy_init());
	call->next = http->calls;
	http->calls = call;
	set_transport(call);
	set_request(call, request);
	set_proxy(call, request->url);
	(void)curl_multi_add_handle(http->multi, call->easy);
	return call;
}

void
http_cancel(struct http_call *call)
{
	if (call != NULL)
		call_free(call);
}

/* The last header of that name, or NULL. */
static const char *
header(struct http_call *call, const char *name)
{
	struct curl_header *found;

	if (curl_easy_header(call->easy, name, 0, CURLH_HEADER, -1, &found) !=
	    CURLHE_OK)
		return NULL;
	return found->value;
}

static void
read_headers(struct http_call *call, struct http_answer *answer)
{
	answer->date_ms = header_date(header(call, "Date"));
	answer->retry_after_ms = header_retry_after(header(call, "Retry-After"),
	    answer->date_ms == NOW_NONE ? now_wall_ms() : answer->date_ms);
	answer->rate_count =
	    header_number(header(call, "inin-ratelimit-count"));
	answer->rate_allowed =
	    header_number(header(call, "inin-ratelimit-allowed"));
	answer->rate_reset_s =
	    header_number(header(call, "inin-ratelimit-reset"));
}

/* Host and port of the request, for messages: paths may hold secrets. */
static void
describe_host(struct http_call *call, struct buf *buf)
{
	struct url url;

	if (url_of(call->easy, &url) == -1) {
		buf_text(buf, "the host");
		return;
	}
	buf_text(buf, url.host);
	if (url.port != (url.tls ? 443 : 80))
		buf_printf(buf, ":%d", url.port);
}

/* What a failed transfer means; a host that once worked may work again. */
static enum fail_kind
kind_of(CURLcode code, bool reached)
{
	if (reached)
		return FAIL_UNREACHABLE;
	switch ((int)code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_SSL_CACERT_BADFILE:
		return FAIL_CONFIG;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		return FAIL_UNTRUSTED;
	default:
		return FAIL_UNREACHABLE;
	}
}

static void
explain(struct http_call *call, CURLcode code, struct http_answer *answer)
{
	const char *text =
	    call->error[0] != '\0' ? call->error : curl_easy_strerror(code);
	enum fail_kind kind;
	struct buf host;
	bool reached;

	buf_init(&host, SIZE_MAX);
	describe_host(call, &host);
	reached =
	    map_get(call->http->reached, span_of(buf_string(&host))) != NULL;
	kind = kind_of(code, reached);
	if (buf_is_full(&call->body))
		(void)fail_set(&answer->why, FAIL_UNREACHABLE,
		    "%s: the answer is larger than %u bytes", buf_string(&host),
		    CAP_HTTP_BODY);
	else if (call->head_len > CAP_HTTP_HEAD)
		(void)fail_set(&answer->why, FAIL_UNREACHABLE,
		    "%s: the answer's headers are larger than %u bytes",
		    buf_string(&host), CAP_HTTP_HEAD);
	else
		(void)fail_set(&answer->why, kind, "%s: %s%s",
		    buf_string(&host), text,
		    code == CURLE_PEER_FAILED_VERIFICATION
			? ": check --cacert, and the clock"
			: code == CURLE_SSL_CONNECT_ERROR
			? " (TLS 1.2 at least is needed)"
			: "");
	buf_done(&host);
}

static void
note_reached(struct http_call *call)
{
	struct buf host;

	buf_init(&host, SIZE_MAX);
	describe_host(call, &host);
	(void)map_put(call->http->reached, span_of(buf_string(&host)), NULL);
	buf_done(&host);
}

static void
finish(struct http_call *call, CURLcode code)
{
	struct http_answer answer = { 0 };
	http_answer_fn *fn = call->fn;
	void *arg = call->arg;
	struct buf body;
	long status = 0;

	answer.date_ms = NOW_NONE;
	answer.retry_after_ms = -1;
	if (code == CURLE_OK) {
		(void)curl_easy_getinfo(
		    call->easy, CURLINFO_RESPONSE_CODE, &status);
		answer.status = (int)status;
		note_reached(call);
		read_headers(call, &answer);
	} else {
		explain(call, code, &answer);
	}
	/* The call ends first, so that fn may start and cancel others. */
	body = call->body;
	buf_init(&call->body, 0);
	call_free(call);
	answer.body.at = buf_string(&body);
	answer.body.len = body.len;
	fn(arg, &answer);
	buf_done(&body);
}

/* Who is told may end other calls: one at a time. */
static void
finish_unwatched(struct http *http)
{
	struct http_call *call = http->calls;

	while (call != NULL && !call->unwatched)
		call = call->next;
	if (call == NULL)
		return;
	loop_timer_set(http->unwatched, 0);
	(void)snprintf(call->error, sizeof(call->error), "too many open files");
	finish(call, CURLE_COULDNT_CONNECT);
}

static void
finish_calls(struct http *http)
{
	struct http_call *call;
	CURLMsg *message;
	CURLcode code;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		code = message->data.result;
		call = NULL;
		(void)curl_easy_getinfo(
		    message->easy_handle, CURLINFO_PRIVATE, &call);
		finish(call, code);
	}
	finish_unwatched(http);
}

const char *
http_default_ca_file(void)
{
	return curl_version_info(CURLVERSION_NOW)->cainfo;
}
