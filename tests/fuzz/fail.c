#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

void
fuzz_fail(const char *what, const uint8_t *bytes, size_t len)
{
	(void)fprintf(stderr, "%s\n", what);
	(void)fwrite(bytes, 1, len, stderr);
	(void)fputc('\n', stderr);
	abort();
}
