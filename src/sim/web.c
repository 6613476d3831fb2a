#include "config.h"

#include "web.h"

#include <assert.h>
#include <stdlib.h>

#include "call.h"
#include "log.h"
#include "loop.h"
#include "net.h"
#include "oauth.h"
#include "route.h"
#include "sim.h"
#include "simopt.h"
#include "socket.h"
#include "xalloc.h"

/* Bytes that may pile up behind a request that is not answered yet. */
#define MAX_PENDING (8u << 20)

struct web {
	struct sim *sim;
	uint64_t requests[ENDPOINTS];
};

/* One connection, one request after the other. */
struct exchange {
	struct web *web;
	struct conn *conn;
	struct buf in;
	struct request request;
	struct loop_timer *delay;
	bool counted; /* the present request is */
	bool delayed; /* it had its delay */
	bool told_to_go_ahead;
	bool waiting;     /* for the delay, or for good */
	bool over;        /* nothing more is read */
	bool handed_over; /* the connection is a socket's now */
};

struct web *
web_new(struct sim *sim)
{
	struct web *web;

	web = xcalloc(1, sizeof(*web));
	web->sim = sim;
	return web;
}

void
web_free(struct web *web)
{
	free(web);
}

uint64_t
web_requests(const struct web *web, enum endpoint endpoint)
{
	return web->requests[endpoint];
}

void
call_refuse(
    struct call *call, int status, const char *code, const char *message)
{
	reply_error(call->reply, status, code, message, call->context);
}

static void
finish_exchange(struct exchange *exchange)
{
	exchange->over = true;
	conn_finish(exchange->conn);
}

static void
send_reply(struct exchange *exchange, const struct reply *reply)
{
	const struct request *request = &exchange->request;

	reply_write(reply, conn_out(exchange->conn),
	    sim_wall_ms(exchange->web->sim), span_is(request->method, "HEAD"),
	    request->keeps_alive);
	log_info("web", "%.*s %.*s: %d", (int)request->method.len,
	    request->method.at, (int)request->path.len, request->path.at,
	    reply->status);
	if (request->keeps_alive)
		conn_flush(exchange->conn);
	else
		finish_exchange(exchange);
}

static void
answer_by_fault(struct call *call, const struct fault *fault)
{
	struct reply *reply = call->reply;

	reply->status = fault->status;
	buf_add(&reply->headers, fault->headers.bytes, fault->headers.len);
	if (fault->has_body) {
		buf_add(&reply->body, fault->body.bytes, fault->body.len);
		if (fault->body.len > 0 && fault->body.bytes[0] != '{' &&
		    fault->body.bytes[0] != '[')
			reply->type = "text/html";
	} else if (fault->status >= 400 && fault->endpoint == ENDPOINT_TOKEN) {
		reply_oauth_error(reply, fault->status,
		    reply_code(fault->status), "The simulator was told so.");
	} else if (fault->status >= 400) {
		call_refuse(call, fault->status, reply_code(fault->status),
		    "The simulator was told so.");
	}
}

/*
 * Plays what was asked for.  True where that is all that happens to the
 * request for now: it waits, or it is answered.
 */
static bool
play_faults(
    struct exchange *exchange, struct call *call, enum endpoint endpoint)
{
	struct sim *sim = exchange->web->sim;
	const struct fault *fault;

	if (!exchange->counted)
		exchange->web->requests[endpoint]++;
	exchange->counted = true;
	fault =
	    exchange->delayed ? NULL : faults_next(sim->faults, endpoint, true);
	if (fault != NULL) {
		exchange->waiting = true;
		loop_timer_set(exchange->delay, fault->delay_ms);
		return true;
	}
	fault = faults_next(sim->faults, endpoint, false);
	if (fault == NULL)
		return false;
	if (fault->kind == FAULT_HANG) {
		exchange->waiting = true;
	} else {
		answer_by_fault(call, fault);
		send_reply(exchange, call->reply);
	}
	return true;
}

/* Whether the call is let through to its route; else it is answered. */
static bool
admit(struct call *call, const struct route *route, bool path_known)
{
	struct sim *sim = call->sim;
	bool needs_token = route == NULL
	    ? text_starts(call->request->path, "/api/v2/")
	    : (route->flags & ROUTE_BEARER) != 0;

	if (route == NULL && route_find_upgrade(call) != NULL) {
		call_refuse(call, 426, "upgrade.required",
		    "This is a WebSocket: ask for an upgrade.");
		return false;
	}
	if (needs_token && !oauth_admit(sim->oauth, call))
		return false;
	if (route == NULL && path_known) {
		call_refuse(call, 405, "method.not.allowed",
		    "The method is not allowed here.");
		return false;
	}
	if (route == NULL ||
	    ((route->flags & ROUTE_NOTIFICATIONS) != 0 &&
		sim->opt->no_notifications > 0)) {
		call_refuse(call, 404, "not.found", "There is no such path.");
		return false;
	}
	return true;
}

static void
answer_route(struct exchange *exchange, struct call *call)
{
	const struct route *route;
	bool path_known;

	route = route_find(call, &path_known);
	if ((route == NULL || (route->flags & ROUTE_CONTROL) == 0) &&
	    play_faults(exchange, call,
		route == NULL ? ENDPOINT_OTHER : route->endpoint))
		return;
	if (text_starts(call->request->path, "/api/"))
		reply_header(
		    call->reply, "ININ-Correlation-Id", span_of(call->context));
	if (admit(call, route, path_known)) {
		assert(route != NULL);
		route->answer(call);
	}
	send_reply(exchange, call->reply);
}

static void
put_switch(struct exchange *exchange, struct span key)
{
	struct buf *out = conn_out(exchange->conn);

	buf_text(out,
	    "HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: ");
	text_websocket_accept(key, out);
	buf_text(out, "\r\n\r\n");
}

/* Hands the connection over, with what came in behind the request. */
static void
hand_over(struct exchange *exchange, struct call *call,
    const struct upgrade *upgrade, struct span key)
{
	struct socket *socket;
	struct span early;

	early.at = exchange->in.bytes + exchange->request.len;
	early.len = exchange->in.len - exchange->request.len;
	put_switch(exchange, key);
	exchange->handed_over = true;
	socket = upgrade->connect(call, exchange->conn);
	conn_flush(exchange->conn);
	socket_start(socket, early);
}

static void
answer_upgrade(struct exchange *exchange, struct call *call)
{
	const struct upgrade *upgrade;
	struct span key;

	if (play_faults(exchange, call, ENDPOINT_UPGRADE))
		return;
	/* A refused upgrade ends its connection. */
	exchange->request.keeps_alive = false;
	key = request_header(call->request, "Sec-WebSocket-Key");
	upgrade = route_find_upgrade(call);
	if (upgrade == NULL) {
		call_refuse(call, 404, "not.found", "There is no such path.");
	} else if (!span_is(call->request->method, "GET") || key.len == 0) {
		call_refuse(
		    call, 400, "bad.request", "This is no upgrade request.");
	} else if (!span_is(
		       request_header(call->request, "Sec-WebSocket-Version"),
		       "13")) {
		reply_header_number(call->reply, "Sec-WebSocket-Version", 13);
		call_refuse(call, 426, "upgrade.required",
		    "Only version 13 of WebSocket is spoken.");
	} else if (upgrade->admit(call)) {
		hand_over(exchange, call, upgrade, key);
		return;
	}
	send_reply(exchange, call->reply);
}

static void
answer(struct exchange *exchange)
{
	struct sim *sim = exchange->web->sim;
	struct call call = { .sim = sim, .request = &exchange->request };
	struct reply reply;

	reply_init(&reply);
	call.reply = &reply;
	text_uuid(&sim->ids, call.context);
	if (request_header_has(call.request, "Upgrade", "websocket"))
		answer_upgrade(exchange, &call);
	else
		answer_route(exchange, &call);
	reply_done(&reply);
}

static void
answer_bad(struct exchange *exchange)
{
	struct reply reply;

	exchange->request.keeps_alive = false;
	reply_init(&reply);
	reply_error(&reply, exchange->request.status,
	    reply_code(exchange->request.status), "The request is malformed.",
	    "");
	send_reply(exchange, &reply);
	reply_done(&reply);
}

static void
tell_to_go_ahead(struct exchange *exchange)
{
	if (exchange->told_to_go_ahead)
		return;
	exchange->told_to_go_ahead = true;
	buf_text(conn_out(exchange->conn), "HTTP/1.1 100 Continue\r\n\r\n");
	conn_flush(exchange->conn);
}

/* The present request is done with. */
static void
next_request(struct exchange *exchange)
{
	buf_drop(&exchange->in, exchange->request.len);
	exchange->counted = false;
	exchange->delayed = false;
	exchange->told_to_go_ahead = false;
}

static void
exchange_free(struct exchange *exchange)
{
	loop_timer_free(exchange->delay);
	request_done(&exchange->request);
	buf_done(&exchange->in);
	free(exchange);
}

/* Answers what is there; frees the exchange where its connection moved on. */
static void
serve(struct exchange *exchange)
{
	struct span bytes;

	while (!exchange->waiting && !exchange->over && exchange->in.len > 0) {
		bytes.at = exchange->in.bytes;
		bytes.len = exchange->in.len;
		switch (request_read(&exchange->request, bytes)) {
		case REQUEST_WHOLE:
			answer(exchange);
			if (exchange->handed_over) {
				exchange_free(exchange);
				return;
			}
			if (!exchange->waiting)
				next_request(exchange);
			continue;
		case REQUEST_BAD:
			answer_bad(exchange);
			return;
		case REQUEST_MORE:
			if (exchange->request.wants_go_ahead)
				tell_to_go_ahead(exchange);
			return;
		}
	}
}

static void
on_delay(void *arg)
{
	struct exchange *exchange = arg;

	exchange->waiting = false;
	exchange->delayed = true;
	serve(exchange);
}

static void
on_bytes(void *arg, struct span bytes)
{
	struct exchange *exchange = arg;

	if (exchange->over)
		return;
	buf_add(&exchange->in, bytes.at, bytes.len);
	if (buf_is_full(&exchange->in))
		finish_exchange(exchange);
	else
		serve(exchange);
}

static void
on_closed(void *arg)
{
	exchange_free(arg);
}

static const struct conn_user conn_user = { on_bytes, on_closed };

void
web_serve(struct web *web, struct conn *conn)
{
	struct exchange *exchange;

	exchange = xcalloc(1, sizeof(*exchange));
	exchange->web = web;
	exchange->conn = conn;
	buf_init(&exchange->in, MAX_PENDING);
	request_init(&exchange->request);
	exchange->delay = loop_timer_new(web->sim->loop, on_delay, exchange);
	conn_serve(conn, &conn_user, exchange);
}
