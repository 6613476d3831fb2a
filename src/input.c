#include "config.h"

#include "input.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "loop.h"
#include "worker.h"
#include "xalloc.h"

/* Bytes of one read. */
#define BLOCK_BYTES 262144

/* There are three, which go round: none is copied. */
struct block {
	char *bytes;
	size_t len;
};

struct input {
	struct loop_waker *waker;
	struct loop *loop;
	int fd;
	struct worker *reader;

	/* Between the two threads. */
	pthread_mutex_t lock;
	pthread_cond_t taken;
	struct block waiting; /* for the loop; empty once it was taken */
	bool ended;
	bool stopping;
	int error;

	/* The thread's own. */
	struct block reading;

	/* The loop's own. */
	const char *name;
	size_t max_line;
	struct block block;
	size_t at;       /* in the block: what is told */
	struct buf line; /* the start of one that goes on in the next block */
	size_t number;
	bool paused;
	bool is_last; /* there is no block behind this one */
	bool told_end;
	struct input_handler handler;
	void *arg;
};

static bool
is_stopping(struct input *input)
{
	bool stopping;

	(void)pthread_mutex_lock(&input->lock);
	stopping = input->stopping;
	(void)pthread_mutex_unlock(&input->lock);
	return stopping;
}

static ssize_t
read_block(struct input *input)
{
	ssize_t got;

	do
		got = read(input->fd, input->reading.bytes, BLOCK_BYTES);
	while (got == -1 && errno == EINTR && !is_stopping(input));
	return got;
}

static void
swap(struct block *one, struct block *other)
{
	struct block kept = *one;

	*one = *other;
	*other = kept;
}

/* Hands a block to the loop; false where there is no need for more. */
static bool
hand_over(struct input *input, ssize_t got)
{
	bool more;

	(void)pthread_mutex_lock(&input->lock);
	while (got > 0 && input->waiting.len > 0 && !input->stopping)
		(void)pthread_cond_wait(&input->taken, &input->lock);
	if (got > 0) {
		input->reading.len = (size_t)got;
		swap(&input->reading, &input->waiting);
	} else {
		input->ended = true;
		input->error = got == 0 ? 0 : errno;
	}
	more = !input->ended && !input->stopping;
	(void)pthread_mutex_unlock(&input->lock);
	loop_wake(input->loop);
	return more;
}

static void
read_all(void *arg)
{
	struct input *input = arg;

	while (hand_over(input, read_block(input)))
		continue;
}

static void
tell_line(struct input *input, struct span line)
{
	static const char mark[] = "\xef\xbb\xbf";

	input->number++;
	/* A byte order mark is no part of the first ID. */
	if (input->number == 1 && line.len >= 3 &&
	    memcmp(line.at, mark, 3) == 0) {
		line.at += 3;
		line.len -= 3;
	}
	input->handler.on_line(input->arg, line, input->number);
}

/* Keeps a piece of a line; of one that is too long only the start. */
static void
keep(struct input *input, const char *at, size_t len)
{
	size_t room = input->max_line + 1 - input->line.len;

	buf_add(&input->line, at, len < room ? len : room);
}

/* Tells the lines of the block, until it ends or the owner wants a pause. */
static void
cut_lines(struct input *input)
{
	struct span line;
	const char *end;

	while (input->at < input->block.len && !input->paused) {
		line.at = input->block.bytes + input->at;
		line.len = input->block.len - input->at;
		end = memchr(line.at, '\n', line.len);
		if (end != NULL)
			line.len = (size_t)(end - line.at);
		input->at += line.len + (end != NULL);
		if (end == NULL || input->line.len > 0 ||
		    line.len > input->max_line) {
			keep(input, line.at, line.len);
			line.at = input->line.bytes;
			line.len = input->line.len;
		}
		if (end == NULL)
			return;
		tell_line(input, line);
		buf_reset(&input->line);
	}
}

/* The block is told: takes what has come meanwhile. */
static void
take_block(struct input *input)
{
	(void)pthread_mutex_lock(&input->lock);
	swap(&input->block, &input->waiting);
	input->waiting.len = 0;
	input->is_last = input->ended;
	(void)pthread_cond_signal(&input->taken);
	(void)pthread_mutex_unlock(&input->lock);
	input->at = 0;
}

static void
tell_end(struct input *input)
{
	struct span line = { input->line.bytes, input->line.len };
	struct fail why;

	input->told_end = true;
	if (line.len > 0)
		tell_line(input, line);
	if (input->error == 0) {
		input->handler.on_end(input->arg, NULL);
		return;
	}
	(void)fail_set(&why, FAIL_FILE, "cannot read %s: %s", input->name,
	    strerror(input->error));
	input->handler.on_end(input->arg, &why);
}

static void
on_wake(void *arg)
{
	struct input *input = arg;
	bool behind = input->at < input->block.len;

	if (input->paused || input->told_end)
		return;
	if (!behind)
		take_block(input);
	if (input->block.len == 0 && !input->is_last)
		return;
	cut_lines(input);
	input->handler.on_block(input->arg);
	if (input->paused || input->at < input->block.len)
		return;
	if (input->is_last)
		tell_end(input);
	else if (behind)
		/* What came during the pause has woken us in vain. */
		loop_wake(input->loop);
}

static void
free_blocks(struct input *input)
{
	free(input->reading.bytes);
	free(input->waiting.bytes);
	free(input->block.bytes);
}

struct input *
input_new(struct loop *loop, int fd, const char *name, size_t max_line,
    const struct input_handler *handler, void *arg, struct fail *why)
{
	struct input *input;

	input = xcalloc(1, sizeof(*input));
	input->loop = loop;
	input->fd = fd;
	input->name = name;
	input->max_line = max_line;
	input->handler = *handler;
	input->arg = arg;
	(void)pthread_mutex_init(&input->lock, NULL);
	(void)pthread_cond_init(&input->taken, NULL);
	input->reading.bytes = xcalloc(BLOCK_BYTES, 1);
	input->waiting.bytes = xcalloc(BLOCK_BYTES, 1);
	input->block.bytes = xcalloc(BLOCK_BYTES, 1);
	buf_init(&input->line, SIZE_MAX);
	input->waker = loop_waker_new(loop, on_wake, input);
	input->reader = worker_start(read_all, input, "reader", why);
	if (input->reader == NULL) {
		loop_waker_free(input->waker);
		free_blocks(input);
		free(input);
		return NULL;
	}
	return input;
}

struct span
input_ahead(const struct input *input)
{
	struct span ahead = { input->block.bytes + input->at,
		input->block.len - input->at };

	return ahead;
}

void
input_pause(struct input *input, bool pause)
{
	if (input->paused && !pause)
		loop_wake(input->loop);
	input->paused = pause;
}

void
input_free(struct input *input)
{
	if (input == NULL)
		return;
	(void)pthread_mutex_lock(&input->lock);
	input->stopping = true;
	(void)pthread_cond_signal(&input->taken);
	(void)pthread_mutex_unlock(&input->lock);
	worker_stop(input->reader);
	(void)pthread_mutex_destroy(&input->lock);
	(void)pthread_cond_destroy(&input->taken);
	loop_waker_free(input->waker);
	free_blocks(input);
	buf_done(&input->line);
	free(input);
}
