/*
 * What clients send to the simulator: an HTTP request and WebSocket frames,
 * however they are cut, are whole, bad with a status, or wait for more; and
 * what is whole lies within what came.
 */
#include "config.h"

#include <stdlib.h>

#include "buf.h"
#include "fuzz.h"
#include "sim/frame.h"
#include "sim/request.h"

static bool
is_within(struct span part, struct span whole)
{
	return part.len == 0 ||
	    (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void
check_values(struct span form)
{
	size_t cursor = 0, count = 0;
	struct buf value;

	buf_init(&value, SIZE_MAX);
	while (request_next_value(form, "id", &cursor, &value)) {
		fuzz_claim(value.len <= form.len, "a value is of the form");
		count++;
		buf_reset(&value);
	}
	fuzz_claim(count <= form.len, "values come to an end");
	buf_done(&value);
}

static void
check_request(struct span bytes)
{
	struct request request;

	request_init(&request);
	switch (request_read(&request, bytes)) {
	case REQUEST_WHOLE:
		fuzz_claim(request.len > 0 && request.len <= bytes.len,
		    "a request is of what came");
		fuzz_claim(is_within(request.method, bytes) &&
			is_within(request.path, bytes) &&
			is_within(request.query, bytes) &&
			is_within(request.head, bytes),
		    "its parts are too");
		(void)request_header(&request, "Authorization");
		(void)request_header_has(&request, "Upgrade", "websocket");
		check_values(request.query);
		check_values(request.body);
		break;
	case REQUEST_BAD:
		fuzz_claim(request.status >= 400 && request.status <= 599,
		    "a bad request has a status");
		break;
	case REQUEST_MORE:
		break;
	}
	request_done(&request);
}

static void
check_frames(struct span bytes)
{
	enum frame_progress progress;
	struct frame frame;
	char *copy = malloc(bytes.len + 1), *at = copy;
	size_t len = bytes.len;

	memcpy(copy, bytes.at, len);
	for (; len > 0; at += frame.len, len -= frame.len) {
		memset(&frame, 0, sizeof(frame));
		progress = frame_read(&frame, at, len);
		if (progress == FRAME_BAD)
			fuzz_claim(frame.code >= 1000 && frame.code < 5000 &&
				frame.reason != NULL,
			    "a bad frame has a code and a reason");
		if (progress != FRAME_WHOLE)
			break;
		fuzz_claim(frame.len > 0 && frame.len <= len &&
			is_within(frame.payload, (struct span){ at, len }),
		    "a frame is of what came");
	}
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span input = { (const char *)bytes, len };

	check_request(input);
	check_frames(input);
	return 0;
}
