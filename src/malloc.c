#include "config.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "xalloc.h"

/*
 * The libraries' memory.  They go on without what they did not get: a message
 * that lacks a member is another message, a digest is empty, a request never
 * ends, and some just crash.  So malloc() and its like end the process too,
 * where the C library lets one put others in their place.
 */

/* A sanitizer has a malloc() of its own. */
#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(HAVE___LIBC_MALLOC) && !defined(__SANITIZE_ADDRESS__) &&      \
    !defined(__SANITIZE_THREAD__) && !__has_feature(address_sanitizer) && \
    !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp):
 * glibc's names. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static void *
given(void *memory)
{
	if (memory == NULL)
		xalloc_end();
	return memory;
}

static void *
aligned(size_t alignment, size_t size)
{
	return given(__libc_memalign(alignment, size));
}

void *
malloc(size_t size)
{
	return given(__libc_malloc(size));
}

void *
calloc(size_t count, size_t size)
{
	return given(__libc_calloc(count, size));
}

void *
realloc(void *old, size_t size)
{
	void *memory;

	memory = __libc_realloc(old, size);
	/* Of no bytes NULL is what remains. */
	return size > 0 ? given(memory) : memory;
}

void *
memalign(size_t alignment, size_t size)
{
	return aligned(alignment, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return aligned(alignment, size);
}

int
posix_memalign(void **ret, size_t alignment, size_t size)
{
	if (alignment % sizeof(void *) != 0 || alignment == 0 ||
	    (alignment & (alignment - 1)) != 0)
		return EINVAL;
	*ret = aligned(alignment, size);
	return 0;
}

/* Nobody else's free() may get what is from here. */
void
free(void *memory)
{
	__libc_free(memory);
}

#endif
