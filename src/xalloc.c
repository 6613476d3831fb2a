#include "config.h"

#include "xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static void
out_of_memory(void)
{
	static const char text[] = "gcpresence: out of memory\n";

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(EX_SOFTWARE);
}

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
