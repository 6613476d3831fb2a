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

#include <openssl/evp.h>

#include "buf.h"
#include "caps.h"
#include "fail.h"
#include "file.h"
#include "jget.h"
#include "log.h"
#include "loop.h"
#include "presence.h"
#include "setting.h"
#include "worker.h"
#include "xalloc.h"

#define STATE_VERSION 1

/* SHA-256 as hexadecimal digits, and a NUL. */
#define DIGEST_TEXT 65

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

static void
digest(const struct buf *lines, size_t from, char text[DIGEST_TEXT])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	size_t i;

	(void)EVP_Digest(lines->bytes + from, lines->len - from, bytes, &len,
	    EVP_sha256(), NULL);
	for (i = 0; i < len && 2 * i + 2 < DIGEST_TEXT; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

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

/* The lock is on a file of its own, since the state itself is replaced. */
static int
take_lock(struct state *state, struct fail *why)
{
	char *name = beside(state->file, ".lock");
	struct stat status;
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
	if (rc == 0)
		state->doubtful =
		    fstat(state->lock, &status) == 0 && status.st_size > 0;
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
	static const char text[] = "not complete\n";

	if (state->doubtful)
		return;
	state->doubtful = true;
	(void)!pwrite(state->lock, text, sizeof(text) - 1, 0);
	(void)fsync(state->lock);
}

void
state_complete(struct state *state)
{
	state->doubtful = false;
	(void)!ftruncate(state->lock, 0);
}

static int
damaged(const struct state *state, struct fail *why, const char *what)
{
	return fail_set(why, FAIL_DATA,
	    "the state file '%s' is damaged: %s; move it away to start anew",
	    state->file, what);
}

/* Takes the next line off the front; false at the end. */
static bool
take_line(struct span *rest, struct span *ret_line)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, '\n', rest->len);
	ret_line->at = rest->at;
	ret_line->len = end == NULL ? rest->len : (size_t)(end - rest->at);
	rest->len -= ret_line->len + (end != NULL);
	rest->at += ret_line->len + (end != NULL);
	return true;
}

static int
read_header(const struct state *state, struct jget *jget,
    const struct buf *content, struct span line, int64_t *ret_users,
    struct fail *why)
{
	const struct json_object *root;
	struct fail reason;
	char text[DIGEST_TEXT] = "";
	int64_t version;

	root = jget_parse(jget, line, &reason);
	if (!span_is(jget_text(root, "gcpresence"), "state") ||
	    !jget_number(root, "version", &version))
		return damaged(state, why, "it has no header");
	if (version != STATE_VERSION)
		return fail_set(why, FAIL_DATA,
		    "the state file '%s' is of version %lld, and this program "
		    "knows %d; move it away to start anew",
		    state->file, (long long)version, STATE_VERSION);
	if (line.len + 1 > content->len)
		return damaged(state, why, "it ends in its header");
	digest(content, line.len + 1, text);
	if (!span_is(jget_text(root, "sha256"), text) ||
	    !jget_number(root, "users", ret_users))
		return damaged(state, why, "its checksum does not match");
	return 0;
}

/* A wall time; false where there is one that is none. */
static bool
read_time(const struct json_object *root, const char *key, int64_t *ret_ms)
{
	struct span text = jget_text(root, key);

	*ret_ms = NOW_NONE;
	return text.at == NULL ? jget_is_null(root, key)
			       : now_parse(text, ret_ms) == 0;
}

static bool
read_change(const struct json_object *root, struct change *change)
{
	struct span source = jget_text(root, "source");

	memset(change, 0, sizeof(*change));
	change->user_id = jget_text(root, "userId");
	change->name = jget_text(root, "name");
	change->state = jget_text(root, "state");
	change->previous_state = jget_text(root, "previousState");
	change->definition = jget_text(root, "presenceId");
	change->previous_for_ms = NOW_NONE;
	(void)jget_number(root, "previousForMs", &change->previous_for_ms);
	change->source = span_is(source, "stream") ? PRESENCE_STREAM
	    : span_is(source, "replay")            ? PRESENCE_REPLAY
						   : PRESENCE_SNAPSHOT;
	return change->user_id.len > 0 && change->user_id.len <= CAP_USER_ID &&
	    change->state.len > 0 && change->state.len <= CAP_STATE &&
	    change->previous_state.len <= CAP_STATE &&
	    change->definition.len <= CAP_DEFINITION &&
	    change->name.len <= CAP_NAME &&
	    read_time(root, "timestamp", &change->changed_ms) &&
	    read_time(root, "receivedAt", &change->received_ms);
}

static int
read_lines(const struct state *state, const struct buf *content,
    state_change_fn *on_change, void *arg, struct fail *why)
{
	struct span rest = { content->bytes, content->len }, line;
	struct change change;
	struct fail reason;
	struct jget *jget;
	int64_t users = 0, count = 0;
	int rc = -1;

	jget = jget_new();
	if (!take_line(&rest, &line)) {
		(void)damaged(state, why, "it is empty");
		goto out;
	}
	if (read_header(state, jget, content, line, &users, why) == -1)
		goto out;
	for (; take_line(&rest, &line); count++) {
		if (!read_change(jget_parse(jget, line, &reason), &change)) {
			(void)damaged(state, why, "a line makes no sense");
			goto out;
		}
		on_change(arg, &change);
	}
	rc = count == users ? 0 : damaged(state, why, "lines are missing");
out:
	jget_free(jget);
	return rc;
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
	char text[DIGEST_TEXT] = "";
	struct buf header;

	digest(lines, 0, text);
	buf_init(&header, SIZE_MAX);
	buf_printf(&header,
	    "{\"gcpresence\":\"state\",\"version\":%d,\"users\":%zu,"
	    "\"sha256\":\"%s\"}\n",
	    STATE_VERSION, count, text);
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
state_open(struct loop *loop, const char *file, state_change_fn *on_change,
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
		read_lines(state, &content, on_change, arg, why) == -1))
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
