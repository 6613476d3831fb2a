#include "config.h"

#include "reply.h"

#include <string.h>
#include <time.h>

#include "jput.h"

static const struct {
	int status;
	const char *reason;
	const char *code;
} statuses[] = {
	{ 200, "OK", "ok" },
	{ 204, "No Content", "ok" },
	{ 301, "Moved Permanently", "moved" },
	{ 302, "Found", "moved" },
	{ 307, "Temporary Redirect", "moved" },
	{ 308, "Permanent Redirect", "moved" },
	{ 400, "Bad Request", "bad.request" },
	{ 401, "Unauthorized", "bad.credentials" },
	{ 403, "Forbidden", "not.authorized" },
	{ 404, "Not Found", "not.found" },
	{ 405, "Method Not Allowed", "method.not.allowed" },
	{ 408, "Request Timeout", "request.timeout" },
	{ 409, "Conflict", "conflict" },
	{ 413, "Content Too Large", "response.entity.too.large" },
	{ 415, "Unsupported Media Type", "unsupported.media.type" },
	{ 426, "Upgrade Required", "upgrade.required" },
	{ 429, "Too Many Requests", "too.many.requests.retry.after" },
	{ 431, "Request Header Fields Too Large", "bad.request" },
	{ 500, "Internal Server Error", "internal.server.error" },
	{ 501, "Not Implemented", "not.implemented" },
	{ 502, "Bad Gateway", "bad.gateway" },
	{ 503, "Service Unavailable", "service.unavailable" },
	{ 504, "Gateway Timeout", "request.timeout" },
	{ 505, "HTTP Version Not Supported", "bad.request" },
};
#define STATUSES (sizeof(statuses) / sizeof(statuses[0]))

static size_t
row_of(int status)
{
	size_t i;

	for (i = 0; i < STATUSES; i++)
		if (statuses[i].status == status)
			break;
	return i;
}

const char *
reply_code(int status)
{
	size_t row = row_of(status);

	return row == STATUSES ? "error" : statuses[row].code;
}

void
reply_init(struct reply *reply)
{
	reply->status = 200;
	reply->type = "application/json";
	buf_init(&reply->headers, SIZE_MAX);
	buf_init(&reply->body, SIZE_MAX);
}

void
reply_done(struct reply *reply)
{
	buf_done(&reply->headers);
	buf_done(&reply->body);
}

void
reply_header(struct reply *reply, const char *name, struct span value)
{
	buf_printf(&reply->headers, "%s: ", name);
	buf_add(&reply->headers, value.at, value.len);
	buf_text(&reply->headers, "\r\n");
}

void
reply_header_number(struct reply *reply, const char *name, int64_t number)
{
	buf_printf(&reply->headers, "%s: %lld\r\n", name, (long long)number);
}

void
reply_error(struct reply *reply, int status, const char *code,
    const char *message, const char *context)
{
	struct buf *body = &reply->body;

	reply->status = status;
	buf_reset(body);
	buf_text(body, "{\"message\":");
	jput_string(body, span_of(message));
	buf_text(body, ",\"code\":");
	jput_string(body, span_of(code));
	buf_printf(body, ",\"status\":%d,\"contextId\":", status);
	jput_string(body, span_of(context));
	buf_text(body, ",\"details\":[],\"errors\":[]}");
}

void
reply_oauth_error(
    struct reply *reply, int status, const char *error, const char *description)
{
	struct buf *body = &reply->body;

	reply->status = status;
	buf_reset(body);
	buf_text(body, "{\"error\":");
	jput_string(body, span_of(error));
	buf_text(body, ",\"description\":");
	jput_string(body, span_of(description));
	buf_char(body, '}');
}

/* The date of RFC 9110, section 5.6.7; the locale is always "C". */
void
reply_put_date(struct buf *out, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;
	char text[64];

	if (gmtime_r(&seconds, &parts) == NULL)
		return;
	(void)strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
	buf_printf(out, "Date: %s\r\n", text);
}

void
reply_write(const struct reply *reply, struct buf *out, int64_t wall_ms,
    bool head_only, bool keeps_alive)
{
	size_t row = row_of(reply->status);

	buf_printf(out, "HTTP/1.1 %d %s\r\n", reply->status,
	    row == STATUSES ? "Simulated" : statuses[row].reason);
	reply_put_date(out, wall_ms);
	if (reply->body.len > 0)
		buf_printf(out, "Content-Type: %s\r\n", reply->type);
	if (reply->status != 204)
		buf_printf(out, "Content-Length: %zu\r\n", reply->body.len);
	buf_add(out, reply->headers.bytes, reply->headers.len);
	buf_printf(out, "Connection: %s\r\n\r\n",
	    keeps_alive ? "keep-alive" : "close");
	if (!head_only && reply->status != 204)
		buf_add(out, reply->body.bytes, reply->body.len);
}
