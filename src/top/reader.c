#include "config.h"

#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board.h"
#include "fail.h"
#include "jget.h"
#include "lines.h"
#include "now.h"
#include "record.h"
#include "worker.h"
#include "xalloc.h"

/* What is read at once; the lock is held for no more than this. */
#define BLOCK_BYTES 65536

struct reader {
	int fd;
	int news[2]; /* a pipe, with one byte in it at most */
	struct worker *worker;

	pthread_mutex_t queue; /* held while waiting for the lock */
	pthread_mutex_t lock;
	/* What the lock is for. */
	struct board *board;
	struct reader_state state;
	bool told; /* there is a byte in the pipe, or was since the last news */
	bool stopping;

	/* The thread's own. */
	struct lines lines;
	struct jget *jget;
	char *block;
};

/*
 * A thread that lets go and wants again at once would win over one that has
 * waited.  So who wants waits in a queue, and that one is first in it.
 */
static void
take_lock(struct reader *reader)
{
	(void)pthread_mutex_lock(&reader->queue);
	(void)pthread_mutex_lock(&reader->lock);
	(void)pthread_mutex_unlock(&reader->queue);
}

static void
tell_news(struct reader *reader)
{
	if (reader->told)
		return;
	reader->told = true;
	(void)!write(reader->news[1], "", 1);
}

static void
on_line(void *arg, struct span line, size_t number)
{
	struct reader *reader = arg;
	struct record record;
	struct fail why;

	if (line.at == NULL)
		board_bad(reader->board, number, "too long");
	else if (line.len > 0 &&
	    (record_read(reader->jget, line, &record, &why) == -1 ||
		board_apply(reader->board, &record, now_ms(), &why) == -1))
		board_bad(reader->board, number, why.text);
}

/* Blocks until there is something; -1 at the end, with errno or 0. */
static ssize_t
read_block(struct reader *reader)
{
	struct pollfd ready = { .fd = reader->fd, .events = POLLIN };
	ssize_t got;

	got = read(reader->fd, reader->block, BLOCK_BYTES);
	/* Who gave it to us may have made it so. */
	if (got == -1 && errno == EAGAIN) {
		(void)poll(&ready, 1, -1);
		errno = EINTR;
	}
	if (got == 0)
		errno = 0;
	return got > 0 ? got : -1;
}

/* False when there will be no more. */
static bool
read_on(struct reader *reader)
{
	struct span block = { reader->block, 0 };
	ssize_t got;
	int error;
	bool more;

	got = read_block(reader);
	error = errno;
	take_lock(reader);
	if (got > 0) {
		block.len = (size_t)got;
		lines_add(&reader->lines, block, on_line, reader);
		tell_news(reader);
	} else if (error != EINTR) {
		lines_end(&reader->lines, on_line, reader);
		reader->state.ended = true;
		reader->state.ended_ms = now_wall_ms();
		reader->state.error = error;
		tell_news(reader);
	}
	more = !reader->state.ended && !reader->stopping;
	reader_unlock(reader);
	return more;
}

static void
work(void *arg)
{
	while (read_on(arg))
		continue;
}

struct reader *
reader_new(int fd, struct fail *why)
{
	struct reader *reader;

	reader = xcalloc(1, sizeof(*reader));
	reader->fd = fd;
	(void)pthread_mutex_init(&reader->queue, NULL);
	(void)pthread_mutex_init(&reader->lock, NULL);
	lines_init(&reader->lines);
	reader->jget = jget_new();
	reader->block = xcalloc(BLOCK_BYTES, 1);
	reader->board = board_new();
	if (pipe2(reader->news, O_CLOEXEC | O_NONBLOCK) == -1) {
		reader->news[0] = reader->news[1] = -1;
		(void)fail_set(why, FAIL_INTERNAL, "cannot make a pipe: %s",
		    strerror(errno));
		goto out;
	}
	reader->worker = worker_start(work, reader, "reader", why);
out:
	if (reader->worker != NULL)
		return reader;
	reader_free(reader);
	return NULL;
}

void
reader_free(struct reader *reader)
{
	if (reader == NULL)
		return;
	take_lock(reader);
	reader->stopping = true;
	reader_unlock(reader);
	worker_stop(reader->worker);
	if (reader->news[0] != -1) {
		(void)close(reader->news[0]);
		(void)close(reader->news[1]);
	}
	board_free(reader->board);
	free(reader->block);
	jget_free(reader->jget);
	lines_done(&reader->lines);
	(void)pthread_mutex_destroy(&reader->lock);
	(void)pthread_mutex_destroy(&reader->queue);
	free(reader);
}

int
reader_news_fd(const struct reader *reader)
{
	return reader->news[0];
}

const struct board *
reader_lock(struct reader *reader)
{
	take_lock(reader);
	return reader->board;
}

void
reader_unlock(struct reader *reader)
{
	(void)pthread_mutex_unlock(&reader->lock);
}

struct reader_state
reader_take_news(struct reader *reader)
{
	char byte;

	(void)!read(reader->news[0], &byte, 1);
	reader->told = false;
	return reader->state;
}
