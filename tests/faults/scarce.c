/*
 * scarce: memory that is refused, for tests, by LD_PRELOAD.  The $SCARCE_AT-th
 * request of the process fails, and $SCARCE_COUNT in all (1; 0: all from then
 * on).
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static atomic_long requests;
static long first, last;

static void __attribute__((constructor)) read_environment(void)
{
	const char *at = getenv("SCARCE_AT"), *count = getenv("SCARCE_COUNT");

	if (at == NULL)
		return;
	last = count == NULL ? 1 : strtol(count, NULL, 10);
	first = strtol(at, NULL, 10);
	last = last == 0 ? 0 : first + last - 1;
	atomic_store(&requests, 0);
}

static int
is_refused(void)
{
	long number = atomic_fetch_add(&requests, 1) + 1;

	if (first == 0 || number < first || (last != 0 && number > last))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	return is_refused() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return is_refused() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return is_refused() ? NULL : __libc_realloc(old, size);
}

void *
reallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (is_refused() || __builtin_mul_overflow(count, size, &bytes))
		return NULL;
	return __libc_realloc(old, bytes);
}
