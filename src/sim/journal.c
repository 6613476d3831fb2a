#include "config.h"

#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "jput.h"
#include "log.h"
#include "loop.h"
#include "world.h"
#include "xalloc.h"

/* Written when this many bytes wait, or after this time. */
#define BATCH_BYTES 262144
#define BATCH_MS    80

struct journal {
	int fd; /* -1: off */
	char *path;
	struct buf lines;
	struct loop_timer *timer;
	uint64_t changes;
	bool broken;
	struct fail why;
};

static void
write_out(struct journal *journal)
{
	size_t at = 0;
	ssize_t done;

	while (at < journal->lines.len && !journal->broken) {
		done = write(journal->fd, journal->lines.bytes + at,
		    journal->lines.len - at);
		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1) {
			journal->broken = true;
			(void)fail_set(&journal->why, FAIL_OUTPUT,
			    "cannot write '%s': %s", journal->path,
			    strerror(errno));
			log_error(NULL, "%s", journal->why.text);
			break;
		}
		at += (size_t)done;
	}
	buf_reset(&journal->lines);
}

static void
on_timer(void *arg)
{
	write_out(arg);
}

struct journal *
journal_new(struct loop *loop, const char *path, struct fail *why)
{
	struct journal *journal;

	journal = xcalloc(1, sizeof(*journal));
	journal->fd = -1;
	buf_init(&journal->lines, SIZE_MAX);
	if (path == NULL)
		return journal;
	journal->path = xstrdup(path);
	journal->fd =
	    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (journal->fd == -1) {
		(void)fail_set(why, FAIL_CONFIG, "cannot write '%s': %s", path,
		    strerror(errno));
		journal_free(journal);
		return NULL;
	}
	journal->timer = loop_timer_new(loop, on_timer, journal);
	return journal;
}

int
journal_close(struct journal *journal, struct fail *why)
{
	if (journal->fd == -1)
		return 0;
	write_out(journal);
	if (journal->broken) {
		*why = journal->why;
		return -1;
	}
	return 0;
}

void
journal_free(struct journal *journal)
{
	if (journal == NULL)
		return;
	loop_timer_free(journal->timer);
	if (journal->fd != -1)
		(void)close(journal->fd);
	buf_done(&journal->lines);
	free(journal->path);
	free(journal);
}

bool
journal_is_on(const struct journal *journal)
{
	return journal->fd != -1;
}

static void
line_done(struct journal *journal, int64_t wall_ms)
{
	struct buf *lines = &journal->lines;

	buf_text(lines, ",\"at\":");
	jput_time(lines, wall_ms);
	buf_text(lines, "}\n");
	if (lines->len >= BATCH_BYTES)
		write_out(journal);
	else if (!loop_timer_is_set(journal->timer))
		loop_timer_set(journal->timer, BATCH_MS);
}

static void
put_flag(struct buf *lines, const char *label, bool value)
{
	buf_text(lines, label);
	buf_text(lines, value ? "true" : "false");
}

void
journal_change(struct journal *journal, const struct event *event,
    const unsigned int *connections, size_t count, int64_t wall_ms)
{
	struct buf *lines = &journal->lines;
	size_t i;

	journal->changes++;
	if (journal->fd == -1)
		return;
	buf_text(lines, "{\"n\":");
	buf_number(lines, (int64_t)journal->changes);
	buf_text(lines, ",\"userId\":");
	jput_string(lines, span_of(event->user->id));
	buf_text(lines, ",\"state\":");
	jput_string(lines, span_of(event->definition->state));
	buf_text(lines, ",\"presenceId\":");
	jput_string(lines, span_of(event->definition->id));
	buf_text(lines, ",\"modifiedDate\":");
	jput_time(lines, event->modified_ms);
	put_flag(lines, ",\"changed\":", event->changed);
	put_flag(lines, ",\"primary\":", event->primary);
	buf_text(lines, ",\"delivered\":");
	if (connections == NULL) {
		buf_text(lines, "false");
	} else {
		buf_char(lines, '[');
		for (i = 0; i < count; i++) {
			if (i > 0)
				buf_char(lines, ',');
			buf_number(lines, connections[i]);
		}
		buf_char(lines, ']');
	}
	line_done(journal, wall_ms);
}

struct buf *
journal_start(struct journal *journal, const char *name)
{
	buf_text(&journal->lines, "{\"event\":");
	jput_string(&journal->lines, span_of(name));
	return &journal->lines;
}

void
journal_end(struct journal *journal, int64_t wall_ms)
{
	if (journal->fd == -1)
		buf_reset(&journal->lines);
	else
		line_done(journal, wall_ms);
}
