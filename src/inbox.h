/*
 * inbox: the pieces of one WebSocket message, put together again.
 */
#ifndef GCP_INBOX_H
#define GCP_INBOX_H

#include "span.h"

struct inbox;
struct lws;

enum inbox_verdict {
	INBOX_PARTIAL,   /* more is to come */
	INBOX_TEXT,      /* a whole text message */
	INBOX_BINARY,    /* a whole message that is no text */
	INBOX_TOO_LARGE, /* a message of more than CAP_MESSAGE bytes */
};

struct inbox *inbox_new(void);
void inbox_free(struct inbox *inbox);

/*
 * Takes a piece in.  With INBOX_TEXT the message is in ret_text, until the next
 * call; where it came in one piece, it is that piece.
 */
enum inbox_verdict inbox_take(struct inbox *inbox, struct lws *wsi,
    struct span piece, struct span *ret_text);

#endif
