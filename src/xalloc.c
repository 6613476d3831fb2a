#include "config.h"

#include "xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"

static void (*before_end)(void);

void
xalloc_before_end(void (*fn)(void))
{
	before_end = fn;
}

void
xalloc_end(void)
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

void *
xcalloc(size_t count, size_t size)
{
	void *memory;

	memory = calloc(count, size);
	if (memory == NULL)
		xalloc_end();
	return memory;
}

void *
xreallocarray(void *old, size_t count, size_t size)
{
	void *memory;

	memory = reallocarray(old, count, size);
	if (memory == NULL)
		xalloc_end();
	return memory;
}

void *
xgiven(void *memory)
{
	if (memory == NULL)
		xalloc_end();
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
