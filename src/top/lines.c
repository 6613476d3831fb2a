#include "config.h"

#include "lines.h"

#include <string.h>

#include "caps.h"

void
lines_init(struct lines *lines)
{
	memset(lines, 0, sizeof(*lines));
	buf_init(&lines->part, CAP_LINE);
}

void
lines_done(struct lines *lines)
{
	buf_done(&lines->part);
}

/* Tells the line that ends with piece. */
static void
tell(struct lines *lines, struct span piece, lines_fn *fn, void *arg)
{
	struct span line = piece;

	if (lines->part.len > 0) {
		buf_add(&lines->part, piece.at, piece.len);
		line.at = lines->part.bytes;
		line.len = lines->part.len;
	}
	if (buf_is_full(&lines->part) || line.len > CAP_LINE) {
		line.at = NULL;
		line.len = 0;
	}
	fn(arg, line, ++lines->number);
	buf_reset(&lines->part);
}

void
lines_add(struct lines *lines, struct span block, lines_fn *fn, void *arg)
{
	const char *newline;
	struct span piece;

	while (block.len > 0) {
		newline = memchr(block.at, '\n', block.len);
		if (newline == NULL)
			break;
		piece.at = block.at;
		piece.len = (size_t)(newline - block.at);
		tell(lines, piece, fn, arg);
		block.at += piece.len + 1;
		block.len -= piece.len + 1;
	}
	/* What does not fit is not kept, and the line is too long from then on.
	 */
	buf_add(&lines->part, block.at, block.len);
}

void
lines_end(struct lines *lines, lines_fn *fn, void *arg)
{
	struct span nothing = { "", 0 };

	if (lines->part.len > 0 || buf_is_full(&lines->part))
		tell(lines, nothing, fn, arg);
}
