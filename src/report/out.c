#include "config.h"

#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "file.h"
#include "xalloc.h"

#define SPILL_BYTES 65536

struct out {
	char *name;
	char *temporary; /* NULL where the file itself is written */
	int fd;
	int error; /* errno of the first write that failed */
	struct buf buf;
};

static int
cannot_write(const struct out *out, int error, struct fail *why)
{
	if (out->fd == STDOUT_FILENO)
		return fail_set(why,
		    error == EPIPE ? FAIL_READER_GONE : FAIL_OUTPUT,
		    "cannot write to standard output: %s", strerror(error));
	return fail_set(why, FAIL_OUTPUT, "cannot write '%s': %s", out->name,
	    strerror(error));
}

/* Whether a name is a file that can be replaced, or nothing yet. */
static bool
is_replaceable(const char *name)
{
	struct stat status;

	if (lstat(name, &status) == -1)
		return errno == ENOENT;
	return S_ISREG(status.st_mode);
}

static void
open_temporary(struct out *out)
{
	struct buf name;
	mode_t mask;

	buf_init(&name, SIZE_MAX);
	buf_printf(&name, "%s.XXXXXX", out->name);
	out->temporary = xstrdup(buf_string(&name));
	buf_done(&name);
	out->fd = mkstemp(out->temporary);
	if (out->fd == -1)
		return;
	/* mkstemp() is for secrets; this is to be read as any new file. */
	mask = umask(0);
	(void)umask(mask);
	(void)fchmod(out->fd, 0666 & ~mask);
}

struct out *
out_open(const char *name, struct fail *why)
{
	struct out *out;
	int error;

	out = xcalloc(1, sizeof(*out));
	out->name = xstrdup(name);
	buf_init(&out->buf, SIZE_MAX);
	if (strcmp(name, "-") == 0)
		out->fd = STDOUT_FILENO;
	else if (is_replaceable(name))
		open_temporary(out);
	else
		out->fd = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (out->fd != -1)
		return out;
	error = errno;
	(void)cannot_write(out, error, why);
	free(out->temporary);
	free(out->name);
	free(out);
	return NULL;
}

struct buf *
out_buf(struct out *out)
{
	return &out->buf;
}

static void
write_out(struct out *out)
{
	if (out->error == 0 && out->buf.len > 0 &&
	    file_write(out->fd, out->buf.bytes, out->buf.len) == -1)
		out->error = errno;
	buf_reset(&out->buf);
}

void
out_spill(struct out *out)
{
	if (out->buf.len >= SPILL_BYTES)
		write_out(out);
}

int
out_close(struct out *out, struct fail *why)
{
	int rc = 0;

	write_out(out);
	if (out->fd != STDOUT_FILENO && close(out->fd) == -1 && out->error == 0)
		out->error = errno;
	if (out->temporary != NULL && out->error == 0 &&
	    rename(out->temporary, out->name) == -1)
		out->error = errno;
	if (out->error != 0) {
		if (out->temporary != NULL)
			(void)unlink(out->temporary);
		rc = cannot_write(out, out->error, why);
	}
	buf_done(&out->buf);
	free(out->temporary);
	free(out->name);
	free(out);
	return rc;
}
