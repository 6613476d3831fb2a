#include "config.h"

#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "caps.h"
#include "fail.h"
#include "file.h"
#include "log.h"
#include "loop.h"
#include "statefile.h"
#include "worker.h"
#include "xalloc.h"

struct state {
	char *file;
	char *folder;
	char *temporary;
	int lock;
	bool doubtful;
	struct loop *loop;
	struct loop_waker *waker;
	state_done_fn *on_done;
	void *arg;
	struct worker *writer;

	/* Between the two threads. */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct buf lines;
	size_t count;
	bool busy;
	bool finished; /* since the owner was told last */
	bool stopping;
	struct fail failure;
};

/* What the lock file has while the state lags behind the output. */
static const char note[] = "not complete\n";

static char *
beside(const char *file, const char *ending)
{
	struct buf name;
	char *text;

	buf_init(&name, SIZE_MAX);
	buf_printf(&name, "%s%s", file, ending);
	text = xstrdup(buf_string(&name));
	buf_done(&name);
	return text;
}

/* Whether a lock file is one of ours; it is empty, or has our note. */
static bool
is_ours(int fd, bool *ret_noted)
{
	char text[sizeof(note)];
	struct stat status;

	if (fstat(fd, &status) == -1 || !S_ISREG(status.st_mode))
		return false;
	*ret_noted = status.st_size > 0;
	return status.st_size == 0 ||
	    (status.st_size < (off_t)sizeof(note) &&
		pread(fd, text, sizeof(note), 0) == status.st_size &&
		memcmp(text, note, (size_t)status.st_size) == 0);
}

/* The lock is on a file of its own, since the state itself is replaced. */
static int
take_lock(struct state *state, struct fail *why)
{
	char *name = beside(state->file, ".lock");
	int rc = -1;

	state->lock = open(
	    name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (state->lock == -1)
		(void)fail_set(why, FAIL_OUTPUT, "cannot open '%s': %s", name,
		    strerror(errno));
	else if (flock(state->lock, LOCK_EX | LOCK_NB) == 0)
		rc = 0;
	else if (errno == EWOULDBLOCK)
		(void)fail_set(why, FAIL_LOCKED,
		    "another process uses the state file '%s': give each run "
		    "its own",
		    state->file);
	else {
		log_warning(NULL,
		    "cannot lock '%s': %s; two runs with this state file "
		    "would spoil it",
		    name, strerror(errno));
		rc = 0;
	}
	if (rc == 0 && !is_ours(state->lock, &state->doubtful))
		rc = fail_set(why, FAIL_CONFIG,
		    "'%s' is another's file, and would be the lock: give the "
		    "state another name",
		    name);
	free(name);
	return rc;
}

bool
state_is_doubtful(const struct state *state)
{
	return state->doubtful;
}

/*
 * Where it cannot be noted, a kill may cost a line: nothing else does.  What is
 * noted already stays as it is, since a kill may come between any two calls.
 */
void
state_begin(struct state *state)
{
	if (state->doubtful)
		return;
	state->doubtful = true;
	(void)!pwrite(state->lock, note, sizeof(note) - 1, 0);
	(void)fsync(state->lock);
}

void
state_complete(struct state *state)
{
	state->doubtful = false;
	(void)!ftruncate(state->lock, 0);
}

/* The rename is only sure to last when the folder is on disk too. */
static int
sync_folder(const char *folder)
{
	int fd, rc;

	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	do
		rc = fsync(fd);
	while (rc == -1 && errno == EINTR);
	/* Some file systems cannot, and need not. */
	if (rc == -1 && errno == EINVAL)
		rc = 0;
	(void)close(fd);
	return rc;
}

static int
write_file(const struct state *state, const struct buf *header,
    const struct buf *lines)
{
	int fd, rc = -1, error;

	/* What a run that was killed has left. */
	(void)unlink(state->temporary);
	fd = open(state->temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1)
		return -1;
	if (file_write(fd, header->bytes, header->len) == -1 ||
	    file_write(fd, lines->bytes, lines->len) == -1)
		goto out;
	do
		rc = fsync(fd);
	while (rc == -1 && errno == EINTR);
out:
	error = errno;
	if (close(fd) == -1 && rc == 0) {
		rc = -1;
		error = errno;
	}
	if (rc == 0 && rename(state->temporary, state->file) == -1) {
		rc = -1;
		error = errno;
	}
	if (rc == 0)
		return sync_folder(state->folder);
	(void)unlink(state->temporary);
	errno = error;
	return -1;
}

static void
save_now(const struct state *state, const struct buf *lines, size_t count,
    struct fail *failure)
{
	struct span text = { lines->bytes, lines->len };
	struct buf header;

	buf_init(&header, SIZE_MAX);
	statefile_put_header(&header, text, count);
	failure->kind = FAIL_NONE;
	if (write_file(state, &header, lines) == -1)
		(void)fail_set(failure, FAIL_OUTPUT,
		    "cannot write the state file '%s': %s", state->file,
		    strerror(errno));
	buf_done(&header);
}

/* The writer's thread. */
static void
write_states(void *arg)
{
	struct state *state = arg;
	struct fail failure;

	(void)pthread_mutex_lock(&state->mutex);
	for (;;) {
		while (!state->busy && !state->stopping)
			(void)pthread_cond_wait(&state->changed, &state->mutex);
		if (!state->busy)
			break;
		(void)pthread_mutex_unlock(&state->mutex);
		/* While it is busy the lines are this thread's. */
		save_now(state, &state->lines, state->count, &failure);
		(void)pthread_mutex_lock(&state->mutex);
		state->failure = failure;
		state->busy = false;
		state->finished = true;
		loop_wake(state->loop);
	}
	(void)pthread_mutex_unlock(&state->mutex);
}

static void
on_wake(void *arg)
{
	struct state *state = arg;
	bool finished;

	(void)pthread_mutex_lock(&state->mutex);
	finished = state->finished;
	state->finished = false;
	(void)pthread_mutex_unlock(&state->mutex);
	if (finished)
		state->on_done(state->arg);
}

static char *
folder_of(const char *file)
{
	char *copy = xstrdup(file), *folder;

	folder = xstrdup(dirname(copy));
	free(copy);
	return folder;
}

struct state *
state_open(struct loop *loop, const char *file, statefile_change_fn *on_change,
    state_done_fn *on_done, void *arg, struct fail *why)
{
	struct state *state;
	struct buf content;
	int found;

	state = xcalloc(1, sizeof(*state));
	state->lock = -1;
	state->file = xstrdup(file);
	state->folder = folder_of(file);
	state->temporary = beside(file, ".tmp");
	state->loop = loop;
	state->on_done = on_done;
	state->arg = arg;
	(void)pthread_mutex_init(&state->mutex, NULL);
	(void)pthread_cond_init(&state->changed, NULL);
	buf_init(&state->lines, SIZE_MAX);
	buf_init(&content, CAP_STATE_FILE);
	if (take_lock(state, why) == -1)
		goto failed;
	found = file_read_regular(state->file, &content, why);
	if (found == -1 ||
	    (found == 1 &&
		statefile_read(file,
		    (struct span){ content.bytes, content.len }, on_change, arg,
		    why) == -1))
		goto failed;
	buf_done(&content);
	state->waker = loop_waker_new(loop, on_wake, state);
	state->writer = worker_start(write_states, state, "state", why);
	if (state->writer != NULL)
		return state;
failed:
	buf_done(&content);
	state_free(state);
	return NULL;
}

void
state_free(struct state *state)
{
	if (state == NULL)
		return;
	if (state->writer != NULL) {
		(void)pthread_mutex_lock(&state->mutex);
		state->stopping = true;
		(void)pthread_cond_signal(&state->changed);
		(void)pthread_mutex_unlock(&state->mutex);
		worker_stop(state->writer);
	}
	loop_waker_free(state->waker);
	if (state->lock != -1)
		(void)close(state->lock);
	(void)pthread_mutex_destroy(&state->mutex);
	(void)pthread_cond_destroy(&state->changed);
	buf_done(&state->lines);
	free(state->file);
	free(state->folder);
	free(state->temporary);
	free(state);
}

void
state_save(struct state *state, struct buf *lines, size_t count)
{
	struct buf swap;

	(void)pthread_mutex_lock(&state->mutex);
	swap = state->lines;
	state->lines = *lines;
	*lines = swap;
	state->count = count;
	state->busy = true;
	(void)pthread_cond_signal(&state->changed);
	(void)pthread_mutex_unlock(&state->mutex);
	buf_reset(lines);
}

bool
state_is_busy(struct state *state)
{
	bool busy;

	(void)pthread_mutex_lock(&state->mutex);
	busy = state->busy;
	(void)pthread_mutex_unlock(&state->mutex);
	return busy;
}

bool
state_failed(struct state *state, struct fail *why)
{
	bool failed;

	(void)pthread_mutex_lock(&state->mutex);
	failed = state->failure.kind != FAIL_NONE;
	if (failed)
		*why = state->failure;
	(void)pthread_mutex_unlock(&state->mutex);
	return failed;
}
