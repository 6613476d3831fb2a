#include "config.h"

#include "xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"

/* A sanitizer has a malloc() of its own. */
#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(HAVE___LIBC_MALLOC) && !defined(__SANITIZE_ADDRESS__) &&      \
    !defined(__SANITIZE_THREAD__) && !__has_feature(address_sanitizer) && \
    !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)
#define FOR_LIBRARIES_TOO
#endif

static void (*before_end)(void);

void
xalloc_before_end(void (*fn)(void))
{
	before_end = fn;
}

static void
out_of_memory(void)
{
	static const char text[] = ": out of memory\n";
	struct iovec parts[] = {
		{ .iov_base = (void *)log_program(),
		    .iov_len = strlen(log_program()) },
		{ .iov_base = (void *)text, .iov_len = sizeof(text) - 1 },
	};

	if (before_end != NULL)
		before_end();
	(void)!writev(STDERR_FILENO, parts, 2);
	_exit(EX_SOFTWARE);
}

#ifdef FOR_LIBRARIES_TOO

/*
 * The libraries' memory.  They go on without what they did not get: a message
 * that lacks a member is another message, a digest is empty, a request never
 * ends, and some just crash.
 */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *
malloc(size_t size)
{
	void *memory;

	memory = __libc_malloc(size);
	if (memory == NULL)
		out_of_memory();
	return memory;
}

void *
calloc(size_t count, size_t size)
{
	void *memory;

	memory = __libc_calloc(count, size);
	if (memory == NULL)
		out_of_memory();
	return memory;
}

void *
realloc(void *old, size_t size)
{
	void *memory;

	memory = __libc_realloc(old, size);
	/* Of no bytes NULL is what remains. */
	if (memory == NULL && size > 0)
		out_of_memory();
	return memory;
}

#endif

void *
xcalloc(size_t count, size_t size)
{
	void *memory;

	memory = calloc(count, size);
	if (memory == NULL)
		out_of_memory();
	return memory;
}

void *
xreallocarray(void *old, size_t count, size_t size)
{
	void *memory;

	memory = reallocarray(old, count, size);
	if (memory == NULL)
		out_of_memory();
	return memory;
}

void *
xgiven(void *memory)
{
	if (memory == NULL)
		out_of_memory();
	return memory;
}

char *
xstrndup(const char *text, size_t len)
{
	char *copy;

	copy = xcalloc(len + 1, 1);
	memcpy(copy, text, len);
	return copy;
}

char *
xstrdup(const char *text)
{
	return xstrndup(text, strlen(text));
}

void
xwipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}
