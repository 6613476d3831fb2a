#include "config.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "caps.h"
#include "fail.h"
#include "xalloc.h"

static int
cannot_read(const char *name, int error, struct fail *why)
{
	return fail_set(
	    why, FAIL_FILE, "cannot read '%s': %s", name, strerror(error));
}

static int
read_all(int fd, const char *name, struct buf *buf, struct fail *why)
{
	char block[16384];
	ssize_t got;

	for (;;) {
		got = read(fd, block, sizeof(block));
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return cannot_read(name, errno, why);
		if (got == 0)
			return 0;
		buf_add(buf, block, (size_t)got);
		explicit_bzero(block, (size_t)got);
		if (buf_is_full(buf))
			return fail_set(why, FAIL_FILE,
			    "cannot read '%s': larger than %zu bytes", name,
			    buf->max);
	}
}

int
file_read(const char *name, struct buf *buf, struct fail *why)
{
	int fd, rc;

	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return cannot_read(name, errno, why);
	rc = read_all(fd, name, buf, why);
	(void)close(fd);
	return rc;
}

int
file_read_regular(const char *name, struct buf *buf, struct fail *why)
{
	struct stat status;
	int fd, rc = -1;

	/* Neither a link's target, nor a FIFO without a writer. */
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1 && errno != ELOOP)
		return cannot_read(name, errno, why);
	if (fd == -1 || fstat(fd, &status) == -1 || !S_ISREG(status.st_mode))
		(void)fail_set(
		    why, FAIL_FILE, "'%s' is not a regular file", name);
	else if (read_all(fd, name, buf, why) == 0)
		rc = 1;
	if (fd != -1)
		(void)close(fd);
	return rc;
}

int
file_write(int fd, const char *bytes, size_t len)
{
	ssize_t done;

	while (len > 0) {
		done = write(fd, bytes, len);
		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return -1;
		bytes += done;
		len -= (size_t)done;
	}
	return 0;
}

/* Checked on the open descriptor: a name may point elsewhere the next time. */
static int
check_private(int fd, const char *name, mode_t others, struct fail *why)
{
	struct stat status;

	if (fstat(fd, &status) == -1)
		return cannot_read(name, errno, why);
	if (!S_ISREG(status.st_mode))
		return fail_set(why, FAIL_REFUSED,
		    "secret file '%s' is not a regular file", name);
	if (status.st_uid != geteuid() && status.st_uid != 0)
		return fail_set(why, FAIL_REFUSED,
		    "secret file '%s' belongs to another user", name);
	if ((status.st_mode & others) != 0)
		return fail_set(why, FAIL_REFUSED,
		    "secret file '%s' is open to others (mode %04o): chmod "
		    "600 it",
		    name, (unsigned int)(status.st_mode & 07777));
	return 0;
}

/* others: the permissions that the file must not have. */
static char *
read_secret(const char *name, mode_t others, struct fail *why)
{
	struct buf buf;
	char *secret = NULL;
	size_t i;
	int fd;

	buf_init_secret(&buf, CAP_SECRET_FILE);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1) {
		(void)cannot_read(name, errno, why);
		goto out;
	}
	if (check_private(fd, name, others, why) == -1 ||
	    read_all(fd, name, &buf, why) == -1)
		goto out;
	if (buf.len > 0 && buf.bytes[buf.len - 1] == '\n')
		buf.len--;
	if (buf.len > 0 && buf.bytes[buf.len - 1] == '\r')
		buf.len--;
	for (i = 0; i < buf.len; i++)
		if (buf.bytes[i] < 0x21 || buf.bytes[i] > 0x7e)
			break;
	if (buf.len == 0 || i < buf.len) {
		(void)fail_set(why, FAIL_REFUSED,
		    buf.len == 0
			? "secret file '%s' is empty"
			: "secret file '%s' is not one line of printable ASCII",
		    name);
		goto out;
	}
	secret = xstrndup(buf.bytes, buf.len);
out:
	if (fd != -1)
		(void)close(fd);
	buf_done(&buf);
	return secret;
}

char *
file_read_secret(const char *name, struct fail *why)
{
	return read_secret(name, 077, why);
}

char *
file_read_credential(const char *name, struct fail *why)
{
	return read_secret(name, 037, why);
}
