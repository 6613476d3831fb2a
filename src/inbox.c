#include "config.h"

#include "inbox.h"

#include <stdlib.h>

#include <libwebsockets.h>

#include "buf.h"
#include "caps.h"
#include "xalloc.h"

struct inbox {
	struct buf pieces;
	bool too_large; /* the rest of the message is not kept */
};

struct inbox *
inbox_new(void)
{
	struct inbox *inbox;

	inbox = xcalloc(1, sizeof(*inbox));
	buf_init(&inbox->pieces, CAP_MESSAGE);
	return inbox;
}

void
inbox_free(struct inbox *inbox)
{
	if (inbox == NULL)
		return;
	buf_done(&inbox->pieces);
	free(inbox);
}

enum inbox_verdict
inbox_take(struct inbox *inbox, struct lws *wsi, struct span piece,
    struct span *ret_text)
{
	bool first = lws_is_first_fragment(wsi) != 0;
	bool last = lws_is_final_fragment(wsi) != 0 &&
	    lws_remaining_packet_payload(wsi) == 0;

	*ret_text = piece;
	/* Nearly all messages come in one piece, which is not copied. */
	if (!first || !last) {
		if (first) {
			buf_reset(&inbox->pieces);
			inbox->too_large = false;
		}
		if (!inbox->too_large)
			buf_add(&inbox->pieces, piece.at, piece.len);
		inbox->too_large = buf_is_full(&inbox->pieces);
		if (!last)
			return INBOX_PARTIAL;
		if (inbox->too_large)
			return INBOX_TOO_LARGE;
		ret_text->at = buf_string(&inbox->pieces);
		ret_text->len = inbox->pieces.len;
	}
	return lws_frame_is_binary(wsi) ? INBOX_BINARY : INBOX_TEXT;
}
