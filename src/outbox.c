#include "config.h"

#include "outbox.h"

#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#include "xalloc.h"

/* The bytes are behind LWS_PRE of room, which libwebsockets needs. */
struct letter {
	struct letter *next;
	size_t len;
	unsigned char room[];
};

struct outbox {
	struct letter *first;
	struct letter **last;
};

struct outbox *
outbox_new(void)
{
	struct outbox *outbox;

	outbox = xcalloc(1, sizeof(*outbox));
	outbox->last = &outbox->first;
	return outbox;
}

static void
drop_first(struct outbox *outbox)
{
	struct letter *letter = outbox->first;

	outbox->first = letter->next;
	if (outbox->first == NULL)
		outbox->last = &outbox->first;
	free(letter);
}

void
outbox_free(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	while (outbox->first != NULL)
		drop_first(outbox);
	free(outbox);
}

void
outbox_add(struct outbox *outbox, struct span text)
{
	struct letter *letter;

	letter = xcalloc(1, sizeof(*letter) + LWS_PRE + text.len);
	letter->len = text.len;
	memcpy(letter->room + LWS_PRE, text.at, text.len);
	*outbox->last = letter;
	outbox->last = &letter->next;
}

bool
outbox_is_empty(const struct outbox *outbox)
{
	return outbox->first == NULL;
}

int
outbox_send(struct outbox *outbox, struct lws *wsi)
{
	struct letter *letter = outbox->first;
	int done;

	done =
	    lws_write(wsi, letter->room + LWS_PRE, letter->len, LWS_WRITE_TEXT);
	drop_first(outbox);
	return done < 0 ? -1 : 0;
}
