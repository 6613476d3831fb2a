#include "config.h"

#include "wsock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#include "buf.h"
#include "caps.h"
#include "inbox.h"
#include "keepalive.h"
#include "log.h"
#include "loop.h"
#include "now.h"
#include "outbox.h"
#include "proxy.h"
#include "resolve.h"
#include "sockend.h"
#include "sockroute.h"
#include "tlsname.h"
#include "url.h"
#include "xalloc.h"

/* For the name, for the connection and the handshake, for a polite end. */
#define RESOLVE_TIMEOUT_MS 10000
#define OPEN_TIMEOUT_MS    15000
#define CLOSE_TIMEOUT_MS   2000
#define ADVICE             ": check --cacert, and the clock"
/* How long one address may take to connect while there are others. */
#define NEXT_ADDRESS_MS 1000

struct wsocks {
	struct loop *loop;
	struct resolver *resolver;
	struct wsock_options options;
	struct sockroutes *routes;
	bool worked; /* a connection has opened before */
};

enum wsock_state {
	WSOCK_STARTING,
	WSOCK_RESOLVING,
	WSOCK_CONNECTING,
	WSOCK_OPEN,
	WSOCK_CLOSING,
};

struct wsock {
	struct wsocks *wsocks;
	const struct wsock_handler *handler;
	void *arg;
	enum wsock_state state;
	struct url url;
	struct sockroute *route;
	struct lookup *lookup;
	struct resolved addresses;
	size_t address; /* the next one to try */
	struct lws *wsi;
	bool in_connect; /* within lws_client_connect_via_info() */

	struct loop_timer *deadline; /* of the present state */
	struct keepalive *keepalive;
	bool ping_due;

	struct outbox *outbox;
	struct inbox *inbox;
	struct wsock_report report;
	bool explained; /* the report says what happened */
};

static int on_event(struct lws *wsi, enum lws_callback_reasons reason,
    void *user, void *in, size_t len);

static const struct lws_protocols protocols[] = {
	{
	    .name = "wsock",
	    .callback = on_event,
	    .rx_buffer_size = CAP_SOCKET_READ,
	},
	{ .name = NULL },
};

/* No pings of libwebsockets' own: they would end healthy connections. */
static const lws_retry_bo_t no_policy = { 0 };

static void connect_next(struct wsock *wsock);

struct wsocks *
wsocks_new(struct loop *loop, struct resolver *resolver,
    const struct proxies *proxies, const struct wsock_options *options)
{
	struct wsocks *wsocks;

	wsocks = xcalloc(1, sizeof(*wsocks));
	wsocks->loop = loop;
	wsocks->resolver = resolver;
	wsocks->options = *options;
	wsocks->routes =
	    sockroutes_new(loop, proxies, options->ca_file, protocols);
	return wsocks;
}

void
wsocks_free(struct wsocks *wsocks)
{
	if (wsocks == NULL)
		return;
	sockroutes_free(wsocks->routes);
	free(wsocks);
}

static void explain(struct wsock *wsock, enum wsock_end end, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* The first explanation of an end is the cause; later ones follow from it. */
static void
explain(struct wsock *wsock, enum wsock_end end, const char *format, ...)
{
	va_list arguments;

	if (wsock->explained)
		return;
	wsock->explained = true;
	wsock->report.end = end;
	va_start(arguments, format);
	(void)vsnprintf(
	    wsock->report.text, sizeof(wsock->report.text), format, arguments);
	va_end(arguments);
}

/* Lets go of the libwebsockets connection, which ends by itself. */
static void
abandon(struct wsock *wsock)
{
	if (wsock->wsi == NULL)
		return;
	lws_set_opaque_user_data(wsock->wsi, NULL);
	lws_set_timeout(wsock->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	wsock->wsi = NULL;
}

int64_t
wsock_heard_ms(const struct wsock *wsock)
{
	return keepalive_heard_ms(wsock->keepalive);
}

static void
end(struct wsock *wsock)
{
	struct wsock_report report;

	abandon(wsock);
	loop_timer_stop(wsock->deadline);
	keepalive_stop(wsock->keepalive);
	explain(wsock, WSOCK_UNREACHABLE, "the connection got lost");
	/* The handler may free the connection, but still reads the report. */
	report = wsock->report;
	report.heard_ms = !report.was_open
	    ? NOW_NONE
	    : now_wall_ms() - now_ms() + wsock_heard_ms(wsock);
	wsock->handler->on_end(wsock->arg, &report);
}

static void
on_resolved(void *arg, const struct resolved *resolved, const struct fail *why)
{
	struct wsock *wsock = arg;

	wsock->lookup = NULL;
	if (resolved == NULL) {
		wsock->report.bad_name =
		    why->kind == FAIL_CONFIG && !wsock->wsocks->worked;
		explain(wsock, WSOCK_UNREACHABLE, "%s", why->text);
		end(wsock);
		return;
	}
	wsock->addresses = *resolved;
	connect_next(wsock);
}

/* The name of the host to connect to: the server's or the proxy's. */
static const char *
first_hop(const struct wsock *wsock)
{
	const struct proxy *proxy = sockroute_proxy(wsock->route);

	return proxy == NULL ? wsock->url.host : proxy->host;
}

static void
start(struct wsock *wsock)
{
	const char *host = first_hop(wsock);
	unsigned char binary[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, host, binary) == 1 ||
	    inet_pton(AF_INET6, host, binary) == 1) {
		wsock->addresses.count = 1;
		/* A numeric address fits. */
		memcpy(wsock->addresses.addresses[0], host, strlen(host) + 1);
		connect_next(wsock);
		return;
	}
	wsock->state = WSOCK_RESOLVING;
	loop_timer_set(wsock->deadline, RESOLVE_TIMEOUT_MS);
	wsock->lookup =
	    resolve_start(wsock->wsocks->resolver, host, on_resolved, wsock);
}

static void
connect_to(struct wsock *wsock, const char *address)
{
	struct lws_client_connect_info info = { 0 };
	struct url *url = &wsock->url;
	char host[sizeof(url->host) + 8];

	(void)snprintf(host, sizeof(host),
	    strchr(url->host, ':') == NULL ? "%s" : "[%s]", url->host);
	if (url->port != (url->tls ? 443 : 80))
		(void)snprintf(host + strlen(host), sizeof(host) - strlen(host),
		    ":%d", url->port);
	info.context = loop_context(wsock->wsocks->loop);
	info.vhost = sockroute_vhost(wsock->route, address);
	info.address =
	    sockroute_proxy(wsock->route) == NULL ? address : url->host;
	info.port = url->port;
	info.path = url->path;
	info.host = host;
	info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
	if (url->tls)
		info.ssl_connection |= LCCSCF_USE_SSL;
	info.alpn = "http/1.1";
	info.local_protocol_name = protocols[0].name;
	info.retry_and_idle_policy = &no_policy;
	info.opaque_user_data = wsock;
	info.pwsi = &wsock->wsi;
	log_debug("wsock", "connecting to %s port %d at %s", url->host,
	    url->port, address);
	wsock->in_connect = true;
	if (lws_client_connect_via_info(&info) == NULL)
		wsock->wsi = NULL;
	wsock->in_connect = false;
}

/* Tries one address after the other; the last one may take its time. */
static void
connect_next(struct wsock *wsock)
{
	while (wsock->address < wsock->addresses.count) {
		wsock->state = WSOCK_CONNECTING;
		loop_timer_set(wsock->deadline,
		    wsock->address + 1 < wsock->addresses.count
			? NEXT_ADDRESS_MS
			: OPEN_TIMEOUT_MS);
		connect_to(wsock, wsock->addresses.addresses[wsock->address++]);
		if (wsock->wsi != NULL)
			return;
	}
	explain(wsock, WSOCK_UNREACHABLE, "cannot connect to %s port %d",
	    wsock->url.host, wsock->url.port);
	end(wsock);
}

/* Whether TCP has connected, so that another address is no better. */
static bool
is_connected(const struct wsock *wsock)
{
	return wsock->wsi != NULL && sockend_has_peer(wsock->wsi);
}

static void
on_deadline(void *arg)
{
	struct wsock *wsock = arg;

	switch (wsock->state) {
	case WSOCK_STARTING:
		start(wsock);
		return;
	case WSOCK_RESOLVING:
		resolve_cancel(wsock->lookup);
		wsock->lookup = NULL;
		explain(wsock, WSOCK_UNREACHABLE,
		    "no answer to the name look-up of %s within %d s",
		    first_hop(wsock), RESOLVE_TIMEOUT_MS / 1000);
		break;
	case WSOCK_CONNECTING:
		if (wsock->address < wsock->addresses.count &&
		    !is_connected(wsock)) {
			abandon(wsock);
			connect_next(wsock);
			return;
		}
		if (wsock->address < wsock->addresses.count) {
			/* Connected: no need for the other addresses. */
			wsock->address = wsock->addresses.count;
			loop_timer_set(wsock->deadline, OPEN_TIMEOUT_MS);
			return;
		}
		explain(wsock, WSOCK_UNREACHABLE,
		    is_connected(wsock)
			? "%s port %d: no answer to the WebSocket handshake"
			: "%s port %d: no answer",
		    wsock->url.host, wsock->url.port);
		break;
	case WSOCK_OPEN:
		return;     /* keepalive sees to it */
	case WSOCK_CLOSING: /* explained by who closed it */
		break;
	}
	end(wsock);
}

void
wsock_ping(struct wsock *wsock)
{
	keepalive_probe(wsock->keepalive);
}

static void
on_ping_due(void *arg)
{
	struct wsock *wsock = arg;

	wsock->ping_due = true;
	(void)lws_callback_on_writable(wsock->wsi);
}

static void
on_dead(void *arg, const char *why)
{
	struct wsock *wsock = arg;

	explain(wsock, WSOCK_SILENT, "%s", why);
	end(wsock);
}

static const struct keepalive_handler on_keepalive = {
	.on_due = on_ping_due,
	.on_dead = on_dead,
};

static void
opened(struct wsock *wsock)
{
	loop_timer_stop(wsock->deadline);
	wsock->state = WSOCK_OPEN;
	wsock->report.was_open = true;
	wsock->wsocks->worked = true;
	keepalive_start(wsock->keepalive);
	wsock->handler->on_open(wsock->arg);
}

static void
received(struct wsock *wsock, struct lws *wsi, struct span piece)
{
	enum inbox_verdict verdict;
	struct span text;

	verdict = inbox_take(wsock->inbox, wsi, piece, &text);
	keepalive_piece(wsock->keepalive);
	if (verdict == INBOX_PARTIAL)
		return;
	keepalive_message(wsock->keepalive);
	if (verdict == INBOX_TEXT)
		wsock->handler->on_text(wsock->arg, text);
	else
		wsock->handler->on_skip(wsock->arg,
		    verdict == INBOX_BINARY ? "binary" : "larger than 1 MiB");
}

static void
send_ping(struct wsock *wsock)
{
	unsigned char room[LWS_PRE + 1];

	wsock->ping_due = false;
	(void)lws_write(wsock->wsi, room + LWS_PRE, 0, LWS_WRITE_PING);
	keepalive_pinged(wsock->keepalive);
}

/* One thing at a time; -1 to close the connection. */
static int
writable(struct wsock *wsock)
{
	if (wsock->ping_due && wsock->state == WSOCK_OPEN)
		send_ping(wsock);
	else if (!outbox_is_empty(wsock->outbox) &&
	    outbox_send(wsock->outbox, wsock->wsi) == -1)
		return -1;
	if (wsock->ping_due || !outbox_is_empty(wsock->outbox)) {
		(void)lws_callback_on_writable(wsock->wsi);
		return 0;
	}
	if (wsock->state != WSOCK_CLOSING)
		return 0;
	lws_close_reason(wsock->wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
	return -1;
}

static void
closed_by_peer(struct wsock *wsock, const unsigned char *bytes, size_t len)
{
	int code = len >= 2 ? bytes[0] << 8 | bytes[1] : 1005;

	wsock->report.close_code = code;
	explain(wsock, WSOCK_CLOSED, "closed with code %d (%s)%s%.*s", code,
	    sockend_code_name(code), len > 2 ? ": " : "",
	    len > 2 ? (int)len - 2 : 0, len > 2 ? (const char *)bytes + 2 : "");
}

static void
not_opened(struct wsock *wsock, struct lws *wsi, struct span text)
{
	const char *trouble;
	bool bad_certificate;
	int status = (int)lws_http_client_http_response(wsi);

	if (status != 0 && status != 101) {
		wsock->report.http_status = status;
		wsock->report.retry_after_ms = sockend_retry_after_ms(wsi);
		explain(wsock, WSOCK_REFUSED,
		    "%s port %d refuses the WebSocket with status %d",
		    wsock->url.host, wsock->url.port, status);
		return;
	}
	trouble = sockend_tls_trouble(wsi, &bad_certificate);
	wsock->report.bad_certificate |=
	    bad_certificate && !wsock->wsocks->worked;
	/* While there are other addresses this was not the end. */
	if (wsock->address < wsock->addresses.count &&
	    !wsock->report.bad_certificate)
		return;
	if (trouble != NULL)
		text = span_of(trouble);
	explain(wsock, WSOCK_UNREACHABLE, "%s port %d: %s: %.*s%s",
	    wsock->url.host, wsock->url.port,
	    trouble != NULL ? "TLS" : "cannot connect", (int)text.len, text.at,
	    bad_certificate ? ADVICE : "");
}

/* Just before the request, whose URL may hold the token; -1 to send none. */
static int
about_to_ask(struct wsock *wsock, struct lws *wsi, void *at, size_t len)
{
	if (!wsock->url.tls || tlsname_fits(lws_get_ssl(wsi), wsock->url.host))
		return sockroute_add_headers(wsi, at, len);
	wsock->report.bad_certificate = !wsock->wsocks->worked;
	explain(wsock, WSOCK_UNREACHABLE,
	    "%s port %d: TLS: no subject alternative name matches" ADVICE,
	    wsock->url.host, wsock->url.port);
	return -1;
}

/* The connection of libwebsockets is no more. */
static void
destroyed(struct wsock *wsock)
{
	wsock->wsi = NULL;
	if (wsock->in_connect)
		return;
	if (wsock->state == WSOCK_CONNECTING && !wsock->explained &&
	    wsock->address < wsock->addresses.count)
		connect_next(wsock);
	else
		end(wsock);
}

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
    void *in, size_t len)
{
	struct wsock *wsock = lws_get_opaque_user_data(wsi);
	struct span text = { in, in == NULL ? 0 : len };

	(void)user;
	if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED || wsock == NULL)
		return 0;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return about_to_ask(wsock, wsi, in, len);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		opened(wsock);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		received(wsock, wsi, text);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		keepalive_pong(wsock->keepalive);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return writable(wsock);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		closed_by_peer(wsock, in, text.len);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		not_opened(wsock, wsi, text);
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		destroyed(wsock);
		break;
	default:
		break;
	}
	return 0;
}

struct wsock *
wsock_open(struct wsocks *wsocks, const char *url, int64_t silence_ms,
    const struct wsock_handler *handler, void *arg, struct fail *why)
{
	struct keepalive_options options;
	struct wsock *wsock;

	wsock = xcalloc(1, sizeof(*wsock));
	wsock->wsocks = wsocks;
	wsock->handler = handler;
	wsock->arg = arg;
	wsock->outbox = outbox_new();
	wsock->report.retry_after_ms = -1;
	wsock->inbox = inbox_new();
	wsock->deadline = loop_timer_new(wsocks->loop, on_deadline, wsock);
	options.interval_ms = wsocks->options.ping_interval_ms;
	options.timeout_ms = wsocks->options.ping_timeout_ms;
	options.silence_ms = silence_ms;
	wsock->keepalive =
	    keepalive_new(wsocks->loop, &options, &on_keepalive, wsock);
	if (url_parse(url, &wsock->url, why) == -1 ||
	    sockroute_check(&wsock->url, why) == -1)
		goto failed;
	wsock->route = sockroute_for(wsocks->routes, &wsock->url);
	if (wsock->route == NULL) {
		(void)fail_set(why, FAIL_CONFIG,
		    "libwebsockets cannot use the CA file '%s'",
		    wsocks->options.ca_file);
		goto failed;
	}
	/* From the loop, so that on_end never comes from within this call. */
	loop_timer_set(wsock->deadline, 0);
	return wsock;

failed:
	wsock_free(wsock);
	return NULL;
}

void
wsock_free(struct wsock *wsock)
{
	if (wsock == NULL)
		return;
	resolve_cancel(wsock->lookup);
	abandon(wsock);
	outbox_free(wsock->outbox);
	loop_timer_free(wsock->deadline);
	keepalive_free(wsock->keepalive);
	inbox_free(wsock->inbox);
	explicit_bzero(&wsock->url, sizeof(wsock->url));
	free(wsock);
}

void
wsock_send(struct wsock *wsock, struct span text)
{
	if (wsock->state != WSOCK_OPEN)
		return;
	outbox_add(wsock->outbox, text);
	(void)lws_callback_on_writable(wsock->wsi);
}

void
wsock_close(struct wsock *wsock)
{
	explain(wsock, WSOCK_CLOSED, "closed by us");
	if (wsock->state != WSOCK_OPEN) {
		/* Nobody to be polite to. */
		resolve_cancel(wsock->lookup);
		wsock->lookup = NULL;
		abandon(wsock);
		wsock->state = WSOCK_CLOSING;
		loop_timer_set(wsock->deadline, 0);
		return;
	}
	wsock->state = WSOCK_CLOSING;
	keepalive_stop(wsock->keepalive);
	loop_timer_set(wsock->deadline, CLOSE_TIMEOUT_MS);
	(void)lws_callback_on_writable(wsock->wsi);
}
