#include "config.h"

#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "loop.h"
#include "worker.h"
#include "xalloc.h"

/* One write() to anything but a pipe; bytes. */
#define WRITE_BYTES 131072
/* Memory that an empty buffer keeps; bytes. */
#define KEEP_BYTES (1u << 20)

struct output {
	struct loop *loop;
	struct loop_waker *waker;
	output_event_fn *on_event;
	void *arg;
	const char *name;
	int fd;
	size_t max_bytes;
	size_t write_bytes;
	struct worker *writer;
	int wake[2];

	/* Between the two threads. */
	pthread_mutex_t lock;
	struct buf filling;
	size_t unwritten; /* of what the thread has taken */
	uint64_t added;
	int error; /* of write(), or 0 */
	bool sleeping;
	bool wants_room; /* the owner waits for on_event when half is free */
	bool wants_idle; /* and when all is written */
	bool stopping;

	/* The thread's own. */
	struct buf writing;
};

/*
 * The bytes of whole lines at the front of what is left that go out in one
 * write().  On a pipe that is PIPE_BUF at most, since longer writes can be
 * torn by other writers; no line is longer.
 */
static size_t
piece(const struct output *output, const char *bytes, size_t left)
{
	const char *end;

	if (left <= output->write_bytes)
		return left;
	end = memrchr(bytes, '\n', output->write_bytes);
	return end == NULL ? output->write_bytes : (size_t)(end + 1 - bytes);
}

static bool
is_stopping(struct output *output)
{
	bool stopping;

	(void)pthread_mutex_lock(&output->lock);
	stopping = output->stopping;
	(void)pthread_mutex_unlock(&output->lock);
	return stopping;
}

static ssize_t
write_piece(struct output *output, const char *bytes, size_t len)
{
	struct pollfd ready = { .fd = output->fd, .events = POLLOUT };
	ssize_t done;

	for (;;) {
		done = write(output->fd, bytes, len);
		if (done != -1 || (errno != EINTR && errno != EAGAIN))
			return done;
		/* Somebody else made the descriptor non-blocking. */
		if (errno == EAGAIN)
			(void)poll(&ready, 1, -1);
		if (is_stopping(output))
			return -1;
	}
}

/* Notes what write() said; true where the owner is to be told. */
static bool
account(struct output *output, ssize_t done, int error)
{
	bool tell = false;

	(void)pthread_mutex_lock(&output->lock);
	if (done == -1)
		output->error = error;
	else
		output->unwritten -= (size_t)done;
	if (output->wants_room &&
	    output->unwritten + output->filling.len <= output->max_bytes / 2) {
		output->wants_room = false;
		tell = true;
	}
	(void)pthread_mutex_unlock(&output->lock);
	return tell;
}

/* Writes what was taken; false where that failed. */
static bool
write_all(struct output *output)
{
	const char *bytes = output->writing.bytes;
	size_t left = output->writing.len;
	ssize_t done;

	while (left > 0) {
		done = write_piece(output, bytes, piece(output, bytes, left));
		if (account(output, done, errno))
			loop_wake(output->loop);
		if (done == -1)
			return false;
		bytes += done;
		left -= (size_t)done;
	}
	return true;
}

/* Waits for something to write; false where the reader has gone. */
static bool
await_work(struct output *output)
{
	struct pollfd ready[2] = {
		{ .fd = output->wake[0], .events = POLLIN },
		{ .fd = output->fd },
	};
	char bytes[16];

	if (poll(ready, 2, -1) == -1)
		return true;
	if ((ready[0].revents & POLLIN) != 0)
		(void)!read(output->wake[0], bytes, sizeof(bytes));
	return (ready[1].revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

/* Waits, with the lock held, for work or the end. */
static void
sleep_until_work(struct output *output)
{
	bool gone = false, tell;

	while (output->filling.len == 0 && !output->stopping && !gone) {
		tell = output->wants_idle;
		output->wants_idle = false;
		output->sleeping = true;
		(void)pthread_mutex_unlock(&output->lock);
		if (tell)
			loop_wake(output->loop);
		gone = !await_work(output);
		(void)pthread_mutex_lock(&output->lock);
		output->sleeping = false;
	}
	if (gone && output->filling.len == 0)
		output->error = EPIPE;
}

/* Takes what waits; false where the thread is to end. */
static bool
take_work(struct output *output)
{
	struct buf swap;

	(void)pthread_mutex_lock(&output->lock);
	sleep_until_work(output);
	swap = output->writing;
	output->writing = output->filling;
	output->filling = swap;
	if (output->filling.room > KEEP_BYTES) {
		buf_done(&output->filling);
		buf_init(&output->filling, SIZE_MAX);
	}
	buf_reset(&output->filling);
	output->unwritten = output->writing.len;
	(void)pthread_mutex_unlock(&output->lock);
	return output->writing.len > 0;
}

static void
write_lines(void *arg)
{
	struct output *output = arg;

	while (take_work(output) && write_all(output))
		buf_reset(&output->writing);
	loop_wake(output->loop);
}

/* The loop was woken, by whomever: is it a matter of ours? */
static void
on_wake(void *arg)
{
	struct output *output = arg;

	output->on_event(output->arg);
}

struct output *
output_new(struct loop *loop, int fd, const char *name, size_t max_bytes,
    output_event_fn *on_event, void *arg, struct fail *why)
{
	struct output *output;
	struct stat status;

	output = xcalloc(1, sizeof(*output));
	output->loop = loop;
	output->on_event = on_event;
	output->arg = arg;
	output->name = name;
	output->fd = fd;
	output->max_bytes = max_bytes;
	output->write_bytes = WRITE_BYTES;
	if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode))
		output->write_bytes = PIPE_BUF;
	if (pipe2(output->wake, O_CLOEXEC | O_NONBLOCK) == -1) {
		(void)fail_set(why, FAIL_INTERNAL, "cannot make a pipe: %s",
		    strerror(errno));
		free(output);
		return NULL;
	}
	(void)pthread_mutex_init(&output->lock, NULL);
	buf_init(&output->filling, SIZE_MAX);
	buf_init(&output->writing, SIZE_MAX);
	output->waker = loop_waker_new(loop, on_wake, output);
	output->writer = worker_start(write_lines, output, "writer", why);
	if (output->writer == NULL) {
		loop_waker_free(output->waker);
		(void)close(output->wake[0]);
		(void)close(output->wake[1]);
		free(output);
		return NULL;
	}
	return output;
}

/* Call with the lock held, and leave it. */
static void
leave_and_wake(struct output *output)
{
	bool sleeping = output->sleeping;

	output->sleeping = false;
	(void)pthread_mutex_unlock(&output->lock);
	if (sleeping)
		(void)!write(output->wake[1], "", 1);
}

void
output_free(struct output *output)
{
	if (output == NULL)
		return;
	(void)pthread_mutex_lock(&output->lock);
	output->stopping = true;
	leave_and_wake(output);
	worker_stop(output->writer);
	(void)pthread_mutex_destroy(&output->lock);
	loop_waker_free(output->waker);
	(void)close(output->wake[0]);
	(void)close(output->wake[1]);
	buf_done(&output->filling);
	buf_done(&output->writing);
	free(output);
}

bool
output_add(struct output *output, const char *bytes, size_t len)
{
	size_t waiting;

	(void)pthread_mutex_lock(&output->lock);
	waiting = output->filling.len + output->unwritten;
	if (waiting > 0 && waiting + len > output->max_bytes) {
		output->wants_room = true;
		(void)pthread_mutex_unlock(&output->lock);
		return false;
	}
	buf_add(&output->filling, bytes, len);
	output->added += len;
	leave_and_wake(output);
	return true;
}

uint64_t
output_added(struct output *output)
{
	/* Only the loop's thread adds. */
	return output->added;
}

uint64_t
output_written(struct output *output)
{
	uint64_t written;

	(void)pthread_mutex_lock(&output->lock);
	written = output->added - output->filling.len - output->unwritten;
	(void)pthread_mutex_unlock(&output->lock);
	return written;
}

size_t
output_waiting(struct output *output)
{
	size_t waiting;

	(void)pthread_mutex_lock(&output->lock);
	waiting = output->filling.len + output->unwritten;
	(void)pthread_mutex_unlock(&output->lock);
	return waiting;
}

bool
output_is_idle(struct output *output)
{
	bool idle;

	(void)pthread_mutex_lock(&output->lock);
	idle = output->filling.len + output->unwritten == 0;
	if (!idle)
		output->wants_idle = true;
	(void)pthread_mutex_unlock(&output->lock);
	return idle;
}

bool
output_failed(struct output *output, struct fail *why)
{
	int error;

	(void)pthread_mutex_lock(&output->lock);
	error = output->error;
	(void)pthread_mutex_unlock(&output->lock);
	if (error == 0)
		return false;
	if (error == EPIPE)
		(void)fail_set(why, FAIL_READER_GONE,
		    "nobody reads %s any more", output->name);
	else
		(void)fail_set(why, FAIL_OUTPUT, "cannot write to %s: %s",
		    output->name, strerror(error));
	return true;
}
