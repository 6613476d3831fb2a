#include "config.h"

#include "request.h"

#include <string.h>

#include "text.h"

/* Bytes of all headers, and of a body. */
#define MAX_HEAD 65536
#define MAX_BODY (4u << 20)

void
request_init(struct request *request)
{
	memset(request, 0, sizeof(*request));
	buf_init(&request->unchunked, MAX_BODY);
}

void
request_done(struct request *request)
{
	buf_done(&request->unchunked);
}

static enum request_progress
bad(struct request *request, int status)
{
	request->status = status;
	return REQUEST_BAD;
}

/* A line without its end; false where there is no end yet. */
static bool
take_line(struct span *rest, struct span *ret_line)
{
	const char *end;

	end = rest->len == 0 ? NULL : memchr(rest->at, '\n', rest->len);
	if (end == NULL)
		return false;
	*ret_line = text_cut(rest, '\n');
	if (ret_line->len > 0 && ret_line->at[ret_line->len - 1] == '\r')
		ret_line->len--;
	return true;
}

struct span
request_header(const struct request *request, const char *name)
{
	struct span rest = request->head, line, label, none = { NULL, 0 };

	while (take_line(&rest, &line)) {
		label = text_cut(&line, ':');
		if (text_same(label, span_of(name)))
			return text_trim(line);
	}
	return none;
}

bool
request_header_has(
    const struct request *request, const char *name, const char *word)
{
	struct span rest = request_header(request, name);

	while (rest.len > 0)
		if (text_same(text_trim(text_cut(&rest, ',')), span_of(word)))
			return true;
	return false;
}

static int
read_first_line(struct request *request, struct span line)
{
	struct span version;

	request->method = text_cut(&line, ' ');
	request->query = text_cut(&line, ' ');
	version = line;
	if (request->method.len == 0 || request->query.len == 0 ||
	    request->query.at[0] != '/')
		return 400;
	if (!text_starts(version, "HTTP/1."))
		return 505;
	request->path = text_cut(&request->query, '?');
	/* HTTP/1.0 closes unless told otherwise, HTTP/1.1 the reverse. */
	request->keeps_alive = !span_is(version, "HTTP/1.0");
	return 0;
}

/*
 * Takes the chunks of a body together (RFC 9112, section 7.1); trailers are
 * skipped.
 */
static enum request_progress
read_chunks(struct request *request, struct span rest, const char *start)
{
	struct span line;
	size_t size;

	buf_reset(&request->unchunked);
	for (;;) {
		if (!take_line(&rest, &line))
			return rest.len > 64 ? bad(request, 400) : REQUEST_MORE;
		if (text_hex_number(text_trim(text_cut(&line, ';')), &size) ==
		    -1)
			return bad(request, 400);
		if (size == 0)
			break;
		if (rest.len < size)
			return REQUEST_MORE;
		buf_add(&request->unchunked, rest.at, size);
		if (buf_is_full(&request->unchunked))
			return bad(request, 413);
		rest.at += size;
		rest.len -= size;
		if (!take_line(&rest, &line))
			return REQUEST_MORE;
	}
	do {
		if (!take_line(&rest, &line))
			return REQUEST_MORE;
	} while (line.len > 0);
	request->body.at = buf_string(&request->unchunked);
	request->body.len = request->unchunked.len;
	request->len = (size_t)(rest.at - start);
	return REQUEST_WHOLE;
}

static enum request_progress
read_body(struct request *request, struct span rest, const char *start)
{
	struct span length;
	int64_t len = 0;

	if (request_header_has(request, "Transfer-Encoding", "chunked"))
		return read_chunks(request, rest, start);
	length = request_header(request, "Content-Length");
	if (length.at != NULL && text_number(length, &len) == -1)
		return bad(request, 400);
	if (len > MAX_BODY)
		return bad(request, 413);
	if (rest.len < (size_t)len)
		return REQUEST_MORE;
	request->body.at = rest.at;
	request->body.len = (size_t)len;
	request->len = (size_t)(rest.at - start) + (size_t)len;
	return REQUEST_WHOLE;
}

enum request_progress
request_read(struct request *request, struct span bytes)
{
	struct span rest = bytes, line;
	enum request_progress progress;
	int status;

	/* Empty lines in front of a request are to be forgiven. */
	do {
		if (!take_line(&rest, &line))
			return bytes.len > MAX_HEAD ? bad(request, 431)
						    : REQUEST_MORE;
	} while (line.len == 0);
	status = read_first_line(request, line);
	if (status != 0)
		return bad(request, status);
	request->head.at = rest.at;
	do {
		if (!take_line(&rest, &line))
			return bytes.len > MAX_HEAD ? bad(request, 431)
						    : REQUEST_MORE;
	} while (line.len > 0);
	request->head.len = (size_t)(line.at - request->head.at);
	if (request->head.len > MAX_HEAD)
		return bad(request, 431);
	if (request_header_has(request, "Connection", "close"))
		request->keeps_alive = false;
	if (request_header_has(request, "Connection", "keep-alive"))
		request->keeps_alive = true;
	progress = read_body(request, rest, bytes.at);
	request->wants_go_ahead = progress == REQUEST_MORE &&
	    request_header_has(request, "Expect", "100-continue");
	return progress;
}

bool
request_next_value(
    struct span form, const char *key, size_t *cursor, struct buf *value)
{
	struct span rest, pair, name;

	while (*cursor < form.len) {
		rest.at = form.at + *cursor;
		rest.len = form.len - *cursor;
		pair = text_cut(&rest, '&');
		*cursor = form.len - rest.len;
		name = text_cut(&pair, '=');
		if (!span_is(name, key))
			continue;
		buf_reset(value);
		return text_from_percent(pair, value) == 0;
	}
	return false;
}
