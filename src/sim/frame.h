/*
 * frame: WebSocket frames (RFC 6455), the server's side.
 *
 * Written from the RFC and by hand, so that the simulator does not share what
 * a client's library may get wrong.
 */
#ifndef GCP_SIM_FRAME_H
#define GCP_SIM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "span.h"

enum frame_opcode {
	FRAME_CONTINUATION = 0,
	FRAME_TEXT = 1,
	FRAME_BINARY = 2,
	FRAME_CLOSE = 8,
	FRAME_PING = 9,
	FRAME_PONG = 10,
};

struct frame {
	enum frame_opcode opcode;
	bool last; /* of its message */
	struct span payload;
	size_t len; /* bytes of all of it */
	/* For FRAME_BAD: what a close frame should say. */
	int code;
	const char *reason;
};

enum frame_progress {
	FRAME_WHOLE,
	FRAME_MORE,
	FRAME_BAD,
};

/* Adds one frame. */
void frame_put(
    struct buf *out, enum frame_opcode opcode, bool last, struct span payload);

/* Adds a close frame with any code, also one that none may send. */
void frame_put_close(struct buf *out, uint16_t code, struct span reason);

/*
 * Reads a client's frame from the start of bytes, and takes the mask off in
 * place: call it once for each frame.
 */
enum frame_progress frame_read(struct frame *frame, char *bytes, size_t len);

#endif
