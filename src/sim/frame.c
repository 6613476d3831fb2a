#include "config.h"

#include "frame.h"

#include <string.h>

/* Bytes of one message of a client; the service's limit is not known. */
#define MAX_PAYLOAD (1u << 20)
/* Bytes of a control frame's payload. */
#define MAX_CONTROL 125

static void
put_length(struct buf *out, uint64_t value, int bytes)
{
	while (bytes-- > 0)
		buf_char(out, (char)(value >> (8 * bytes) & 0xff));
}

void
frame_put(
    struct buf *out, enum frame_opcode opcode, bool last, struct span payload)
{
	buf_char(out, (char)((last ? 0x80 : 0) | (int)opcode));
	if (payload.len < 126) {
		buf_char(out, (char)payload.len);
	} else if (payload.len < 65536) {
		buf_char(out, 126);
		put_length(out, payload.len, 2);
	} else {
		buf_char(out, 127);
		put_length(out, payload.len, 8);
	}
	buf_add(out, payload.at, payload.len);
}

void
frame_put_close(struct buf *out, uint16_t code, struct span reason)
{
	char payload[MAX_CONTROL];
	struct span span = { payload, 2 };

	payload[0] = (char)(code >> 8);
	payload[1] = (char)(code & 0xff);
	if (reason.len > MAX_CONTROL - 2)
		reason.len = MAX_CONTROL - 2;
	if (reason.len > 0)
		memcpy(payload + 2, reason.at, reason.len);
	span.len += reason.len;
	frame_put(out, FRAME_CLOSE, true, span);
}

static enum frame_progress
bad(struct frame *frame, int code, const char *reason)
{
	frame->code = code;
	frame->reason = reason;
	return FRAME_BAD;
}

/* What is wrong with the first two bytes, or NULL. */
static const char *
judge(const unsigned char *head)
{
	int opcode = head[0] & 0x0f;

	if ((head[0] & 0x70) != 0)
		return "reserved bits are set";
	if ((opcode > 2 && opcode < 8) || opcode > 10)
		return "unknown opcode";
	if (opcode >= 8 &&
	    ((head[0] & 0x80) == 0 || (head[1] & 0x7f) > MAX_CONTROL))
		return "a control frame is too long or in parts";
	if ((head[1] & 0x80) == 0)
		return "a client's frame is not masked";
	return NULL;
}

enum frame_progress
frame_read(struct frame *frame, char *bytes, size_t len)
{
	const unsigned char *head = (const unsigned char *)bytes;
	const char *mask, *wrong;
	size_t at = 2, i, extra;
	uint64_t size;

	if (len < 2)
		return FRAME_MORE;
	wrong = judge(head);
	if (wrong != NULL)
		return bad(frame, 1002, wrong);
	size = head[1] & 0x7f;
	extra = size == 126 ? 2 : size == 127 ? 8 : 0;
	if (len < at + extra + 4)
		return FRAME_MORE;
	if (extra > 0) {
		size = 0;
		for (i = 0; i < extra; i++)
			size = size << 8 | head[at++];
	}
	if (size > MAX_PAYLOAD)
		return bad(frame, 1009, "the message is too big");
	mask = bytes + at;
	at += 4;
	if (len - at < size)
		return FRAME_MORE;
	frame->opcode = (enum frame_opcode)(head[0] & 0x0f);
	frame->last = (head[0] & 0x80) != 0;
	frame->payload.at = bytes + at;
	frame->payload.len = (size_t)size;
	frame->len = at + (size_t)size;
	for (i = 0; i < size; i++)
		bytes[at + i] = (char)(bytes[at + i] ^ mask[i & 3]);
	return FRAME_WHOLE;
}
