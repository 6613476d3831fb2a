/*
 * failing: calls of the C library that fail, for tests, by LD_PRELOAD.
 *
 * $FAILING is "CALL AT COUNT ERROR": the AT-th call of that kind fails, and
 * COUNT in all (0: all from then on), with that errno; 0 is one byte where more
 * was asked for, -1 hangs for ever.  $FAILING_COUNTS is a file with room for
 * struct counts: how many calls there were, kept up to date so that it is right
 * after any end.
 *
 * What the C library does within itself (stdio, the sockets of getaddrinfo())
 * is not seen, but for memory.
 */
#define _GNU_SOURCE
/* Their checked forms call them; a macro would hide them. */
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In place of an errno. */
#define HANGS (-1)

enum call {
	CALL_malloc,
	CALL_read,
	CALL_write,
	CALL_open,
	CALL_close,
	CALL_socket,
	CALL_connect,
	CALL_send,
	CALL_recv,
	CALL_fsync,
	CALL_rename,
	CALL_unlink,
	CALL_poll,
	CALL_pipe,
	CALL_fcntl,
	CALL_stat,
	CALL_lock,
	CALL_sockopt,
	CALL_thread,
	CALL_resolve,
	CALL_random,
	CALL_COUNT,
};

/* In the order of the enum; sweep.py has it too. */
static const char *const names[CALL_COUNT] = { "malloc", "read", "write",
	"open", "close", "socket", "connect", "send", "recv", "fsync", "rename",
	"unlink", "poll", "pipe", "fcntl", "stat", "lock", "sockopt", "thread",
	"resolve", "random" };

struct counts {
	long hits;
	long hits_of_stderr;
	long calls[CALL_COUNT];
};

static struct counts nowhere;
static struct counts *counts = &nowhere;
static bool ready;
static enum call chosen = CALL_COUNT;
static long first, last;
static int error_number;

static void __attribute__((constructor)) read_environment(void)
{
	const char *wanted = getenv("FAILING"),
		   *file = getenv("FAILING_COUNTS");
	char name[16];
	long at = 0, count = 1;
	void *memory;
	int i, fd;

	if (file != NULL) {
		fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR);
		memory = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
		if (fd == -1 || memory == MAP_FAILED)
			abort();
		counts = memory;
		(void)syscall(SYS_close, fd);
	}
	if (wanted != NULL && *wanted != '\0') {
		if (sscanf(wanted, "%15s %ld %ld %d", name, &at, &count,
			&error_number) != 4)
			abort();
		for (i = 0; i < CALL_COUNT; i++)
			if (strcmp(names[i], name) == 0)
				chosen = (enum call)i;
		if (chosen == CALL_COUNT)
			abort();
		first = at;
		last = count == 0 ? 0 : at + count - 1;
	}
	ready = true;
}

static bool
is_hit(enum call call, int fd)
{
	long number;

	if (!ready)
		return false;
	number = __atomic_add_fetch(&counts->calls[call], 1, __ATOMIC_SEQ_CST);
	if (call != chosen || number < first || (last != 0 && number > last))
		return false;
	(void)__atomic_add_fetch(&counts->hits, 1, __ATOMIC_SEQ_CST);
	if (fd == STDERR_FILENO)
		(void)__atomic_add_fetch(
		    &counts->hits_of_stderr, 1, __ATOMIC_SEQ_CST);
	while (error_number == HANGS)
		(void)pause();
	errno = error_number;
	return true;
}

/* Calls the next function of this name; what the macro defines is next(). */
#define NEXT(type, name, ...)             \
	static type (*next)(__VA_ARGS__); \
	if (next == NULL)                 \
	next = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

/* A function that fails with -1. */
#define PLAIN(call, fd, name, parameters, arguments)                       \
	int name parameters                                                \
	{                                                                  \
		static int(*next) parameters;                              \
		if (next == NULL)                                          \
			next = (int(*) parameters)dlsym(RTLD_NEXT, #name); \
		return is_hit(CALL_##call, fd) ? -1 : next arguments;      \
	}

/*
 * Memory.  A program with a malloc() of its own takes it from the C library by
 * these names.
 */

void *
__libc_malloc(size_t size)
{
	NEXT(void *, "__libc_malloc", size_t);
	return is_hit(CALL_malloc, -1) ? NULL : next(size);
}

void *
__libc_calloc(size_t count, size_t size)
{
	NEXT(void *, "__libc_calloc", size_t, size_t);
	return is_hit(CALL_malloc, -1) ? NULL : next(count, size);
}

void *
__libc_realloc(void *old, size_t size)
{
	NEXT(void *, "__libc_realloc", void *, size_t);
	return is_hit(CALL_malloc, -1) ? NULL : next(old, size);
}

void *
malloc(size_t size)
{
	NEXT(void *, "malloc", size_t);
	return is_hit(CALL_malloc, -1) ? NULL : next(size);
}

void *
calloc(size_t count, size_t size)
{
	NEXT(void *, "calloc", size_t, size_t);
	return is_hit(CALL_malloc, -1) ? NULL : next(count, size);
}

void *
realloc(void *old, size_t size)
{
	NEXT(void *, "realloc", void *, size_t);
	return is_hit(CALL_malloc, -1) ? NULL : next(old, size);
}

void *
reallocarray(void *old, size_t count, size_t size)
{
	NEXT(void *, "reallocarray", void *, size_t, size_t);
	return is_hit(CALL_malloc, -1) ? NULL : next(old, count, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	NEXT(void *, "aligned_alloc", size_t, size_t);
	return is_hit(CALL_malloc, -1) ? NULL : next(alignment, size);
}

int
posix_memalign(void **memory, size_t alignment, size_t size)
{
	NEXT(int, "posix_memalign", void **, size_t, size_t);
	return is_hit(CALL_malloc, -1) ? ENOMEM : next(memory, alignment, size);
}

/*
 * Bytes: of a socket they are sent and received, by whatever function.  The
 * pipes by which the threads of a program wake each other cannot fail, nor can
 * /dev/urandom: they are not counted.
 */

static enum call
kind_of(int fd, enum call of_file, enum call of_socket)
{
	struct stat status;

	if (syscall(SYS_fstat, fd, &status) == -1)
		return of_file;
	if (S_ISSOCK(status.st_mode))
		return of_socket;
	/* An eventfd has no type. */
	if (fd > STDERR_FILENO &&
	    (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode) ||
		(status.st_mode & S_IFMT) == 0))
		return CALL_COUNT;
	return of_file;
}

/* False where the call is to fail; else how many bytes it may take. */
static bool
may_take(enum call call, int fd, size_t *len)
{
	int error = errno;

	if (call == CALL_COUNT || !is_hit(call, fd))
		return true;
	if (error_number != 0)
		return false;
	if (*len > 1)
		*len = 1;
	errno = error;
	return true;
}

ssize_t
read(int fd, void *bytes, size_t len)
{
	NEXT(ssize_t, "read", int, void *, size_t);
	return may_take(kind_of(fd, CALL_read, CALL_recv), fd, &len)
	    ? next(fd, bytes, len)
	    : -1;
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
	NEXT(ssize_t, "write", int, const void *, size_t);
	return may_take(kind_of(fd, CALL_write, CALL_send), fd, &len)
	    ? next(fd, bytes, len)
	    : -1;
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	NEXT(ssize_t, "pwrite", int, const void *, size_t, off_t);
	return may_take(CALL_write, fd, &len) ? next(fd, bytes, len, at) : -1;
}

ssize_t
recv(int fd, void *bytes, size_t len, int flags)
{
	NEXT(ssize_t, "recv", int, void *, size_t, int);
	return may_take(CALL_recv, fd, &len) ? next(fd, bytes, len, flags) : -1;
}

ssize_t
recvfrom(int fd, void *bytes, size_t len, int flags, struct sockaddr *from,
    socklen_t *from_len)
{
	NEXT(ssize_t, "recvfrom", int, void *, size_t, int, struct sockaddr *,
	    socklen_t *);
	return may_take(CALL_recv, fd, &len)
	    ? next(fd, bytes, len, flags, from, from_len)
	    : -1;
}

ssize_t
send(int fd, const void *bytes, size_t len, int flags)
{
	NEXT(ssize_t, "send", int, const void *, size_t, int);
	return may_take(CALL_send, fd, &len) ? next(fd, bytes, len, flags) : -1;
}

ssize_t
sendto(int fd, const void *bytes, size_t len, int flags,
    const struct sockaddr *to, socklen_t to_len)
{
	NEXT(ssize_t, "sendto", int, const void *, size_t, int,
	    const struct sockaddr *, socklen_t);
	return may_take(CALL_send, fd, &len)
	    ? next(fd, bytes, len, flags, to, to_len)
	    : -1;
}

/* Files */

#define OPEN(name)                                                           \
	int name(const char *file, int flags, ...)                           \
	{                                                                    \
		va_list more;                                                \
		mode_t mode;                                                 \
		NEXT(int, #name, const char *, int, ...);                    \
		va_start(more, flags);                                       \
		mode = (flags & (O_CREAT | O_TMPFILE)) != 0                  \
		    ? va_arg(more, mode_t)                                   \
		    : 0;                                                     \
		va_end(more);                                                \
		return is_hit(CALL_open, -1) ? -1 : next(file, flags, mode); \
	}

OPEN(open)
OPEN(open64)
PLAIN(open, -1, __open_2, (const char *file, int flags), (file, flags))
PLAIN(open, -1, __open64_2, (const char *file, int flags), (file, flags))
PLAIN(open, -1, mkstemp, (char *name), (name))

FILE *
fopen(const char *file, const char *mode)
{
	NEXT(FILE *, "fopen", const char *, const char *);
	return is_hit(CALL_open, -1) ? NULL : next(file, mode);
}

FILE *
fopen64(const char *file, const char *mode)
{
	NEXT(FILE *, "fopen64", const char *, const char *);
	return is_hit(CALL_open, -1) ? NULL : next(file, mode);
}

/* It is closed all the same. */
int
close(int fd)
{
	int rc;

	NEXT(int, "close", int);
	rc = next(fd);
	return is_hit(CALL_close, fd) ? -1 : rc;
}

PLAIN(fsync, fd, fsync, (int fd), (fd))
PLAIN(fsync, fd, fdatasync, (int fd), (fd))
PLAIN(rename, -1, rename, (const char *from, const char *to), (from, to))
PLAIN(unlink, -1, unlink, (const char *file), (file))
PLAIN(lock, fd, flock, (int fd, int how), (fd, how))
PLAIN(lock, fd, ftruncate, (int fd, off_t len), (fd, len))
PLAIN(lock, fd, fchmod, (int fd, mode_t mode), (fd, mode))
PLAIN(stat, fd, fstat, (int fd, struct stat *status), (fd, status))
PLAIN(stat, -1, stat, (const char *file, struct stat *status), (file, status))
PLAIN(stat, -1, lstat, (const char *file, struct stat *status), (file, status))
PLAIN(stat, -1, access, (const char *file, int how), (file, how))

/* Of an open descriptor only a copy can fail. */
#define FCNTL(name)                                                       \
	int name(int fd, int command, ...)                                \
	{                                                                 \
		va_list more;                                             \
		void *argument;                                           \
		NEXT(int, #name, int, int, ...);                          \
		va_start(more, command);                                  \
		argument = va_arg(more, void *);                          \
		va_end(more);                                             \
		if ((command == F_DUPFD || command == F_DUPFD_CLOEXEC) && \
		    is_hit(CALL_fcntl, fd))                               \
			return -1;                                        \
		return next(fd, command, argument);                       \
	}

FCNTL(fcntl)
FCNTL(fcntl64)

/* Sockets, pipes and waiting */

PLAIN(socket, -1, socket, (int family, int type, int protocol),
    (family, type, protocol))
PLAIN(socket, -1, socketpair, (int family, int type, int protocol, int pair[2]),
    (family, type, protocol, pair))
PLAIN(connect, fd, connect, (int fd, const struct sockaddr *to, socklen_t len),
    (fd, to, len))
PLAIN(sockopt, fd, setsockopt,
    (int fd, int level, int name, const void *value, socklen_t len),
    (fd, level, name, value, len))
PLAIN(sockopt, fd, getsockopt,
    (int fd, int level, int name, void *value, socklen_t *len),
    (fd, level, name, value, len))
PLAIN(sockopt, fd, getsockname,
    (int fd, struct sockaddr *address, socklen_t *len), (fd, address, len))
PLAIN(sockopt, fd, getpeername,
    (int fd, struct sockaddr *address, socklen_t *len), (fd, address, len))
PLAIN(poll, -1, poll, (struct pollfd * fds, nfds_t count, int ms),
    (fds, count, ms))
PLAIN(pipe, -1, pipe2, (int pair[2], int flags), (pair, flags))
PLAIN(pipe, -1, eventfd, (unsigned int value, int flags), (value, flags))

/* Others, which return an error of theirs */

int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*function)(void *), void *argument)
{
	NEXT(int, "pthread_create", pthread_t *, const pthread_attr_t *,
	    void *(*)(void *), void *);
	return is_hit(CALL_thread, -1)
	    ? error_number
	    : next(thread, attributes, function, argument);
}

int
getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
    struct addrinfo **ret_found)
{
	NEXT(int, "getaddrinfo", const char *, const char *,
	    const struct addrinfo *, struct addrinfo **);
	return is_hit(CALL_resolve, -1) ? error_number
					: next(host, service, hints, ret_found);
}

ssize_t
getrandom(void *bytes, size_t len, unsigned int flags)
{
	NEXT(ssize_t, "getrandom", void *, size_t, unsigned int);
	return may_take(CALL_random, -1, &len) ? next(bytes, len, flags) : -1;
}

PLAIN(random, -1, getentropy, (void *bytes, size_t len), (bytes, len))
