#include "config.h"

#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bounds.h"
#include "fail.h"
#include "xalloc.h"

/* What one read() may bring; with what is left of a line before it. */
#define READ_BYTES 262144
#define ROOM_BYTES (READ_BYTES + BOUND_LINE + 1)

struct cutter {
	lines_fn *fn;
	void *arg;
	char *room;
	size_t used;
	struct line line;
	bool skipping; /* the rest of a line that was too long */
};

static int
tell(struct cutter *cutter, const char *at, size_t len, bool ended,
    struct fail *why)
{
	struct line *line = &cutter->line;

	line->number++;
	line->ended = ended;
	line->too_long = len > BOUND_LINE;
	if (len > 0 && at[len - 1] == '\r')
		len--;
	line->text.at = at;
	line->text.len = line->too_long ? BOUND_LINE : len;
	return cutter->fn(cutter->arg, line, why);
}

/* Tells the lines that are whole, and keeps what is left of the last one. */
static int
cut(struct cutter *cutter, struct fail *why)
{
	char *at = cutter->room, *end = cutter->room + cutter->used, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		if (!cutter->skipping &&
		    tell(cutter, at, (size_t)(newline - at), true, why) == -1)
			return -1;
		cutter->skipping = false;
		at = newline + 1;
	}
	cutter->used = (size_t)(end - at);
	if (!cutter->skipping && cutter->used > BOUND_LINE) {
		if (tell(cutter, at, cutter->used, false, why) == -1)
			return -1;
		cutter->skipping = true;
	}
	if (cutter->skipping)
		cutter->used = 0;
	memmove(cutter->room, at, cutter->used);
	return 0;
}

/* Editors of other systems put a mark there that means nothing. */
static void
drop_mark(struct cutter *cutter)
{
	if (cutter->used < 3 || memcmp(cutter->room, "\xef\xbb\xbf", 3) != 0)
		return;
	cutter->used -= 3;
	memmove(cutter->room, cutter->room + 3, cutter->used);
}

static int
read_all(struct cutter *cutter, int fd, const char *name, struct fail *why)
{
	bool started = false;
	ssize_t got;

	for (;;) {
		got = read(fd, cutter->room + cutter->used, READ_BYTES);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return fail_set(why, FAIL_FILE, "cannot read '%s': %s",
			    name, strerror(errno));
		if (got == 0)
			break;
		cutter->used += (size_t)got;
		if (!started && cutter->used < 3)
			continue;
		if (!started)
			drop_mark(cutter);
		started = true;
		if (cut(cutter, why) == -1)
			return -1;
	}
	if (cutter->used == 0)
		return 0;
	return tell(cutter, cutter->room, cutter->used, false, why);
}

int
lines_read(int fd, const char *name, lines_fn *fn, void *arg, struct fail *why)
{
	struct cutter cutter = { .fn = fn, .arg = arg };
	int rc;

	cutter.room = xcalloc(ROOM_BYTES, 1);
	rc = read_all(&cutter, fd, name, why);
	free(cutter.room);
	return rc;
}
