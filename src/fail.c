#include "config.h"

#include "fail.h"

#include <stdarg.h>
#include <stdio.h>

int
fail_set(struct fail *why, enum fail_kind kind, const char *format, ...)
{
	va_list arguments;

	if (why == NULL)
		return -1;
	why->kind = kind;
	why->retry_after_ms = 0;
	va_start(arguments, format);
	(void)vsnprintf(why->text, sizeof(why->text), format, arguments);
	va_end(arguments);
	return -1;
}

bool
fail_may_pass(const struct fail *why)
{
	return why->kind == FAIL_UNREACHABLE || why->kind == FAIL_BUSY;
}
