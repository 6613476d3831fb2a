#include "config.h"

#include "say.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND 1000LL
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

void
say_count(char text[SAY_TEXT], uint64_t count)
{
	char digits[24];
	size_t len, i;

	len = (size_t)snprintf(
	    digits, sizeof(digits), "%llu", (unsigned long long)count);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*text++ = ',';
		*text++ = digits[i];
	}
	*text = '\0';
}

void
say_age(char text[SAY_TEXT], int64_t ms)
{
	if (ms < 0)
		ms = 0;
	if (ms < DAY)
		(void)snprintf(text, SAY_TEXT, "%02d:%02d:%02d",
		    (int)(ms / HOUR), (int)(ms / MINUTE % 60),
		    (int)(ms / SECOND % 60));
	else if (ms < 100 * DAY)
		(void)snprintf(text, SAY_TEXT, "%dd %02d:%02d", (int)(ms / DAY),
		    (int)(ms / HOUR % 24), (int)(ms / MINUTE % 60));
	else if (ms < 10000 * DAY)
		(void)snprintf(text, SAY_TEXT, "%dd %02dh", (int)(ms / DAY),
		    (int)(ms / HOUR % 24));
	else
		(void)snprintf(text, SAY_TEXT, "%lldd", (long long)(ms / DAY));
}

void
say_age_briefly(char text[SAY_TEXT], int64_t ms)
{
	if (ms < 0)
		ms = 0;
	if (ms < HOUR)
		(void)snprintf(text, SAY_TEXT, "%d:%02d", (int)(ms / MINUTE),
		    (int)(ms / SECOND % 60));
	else if (ms < DAY)
		(void)snprintf(text, SAY_TEXT, "%dh%02d", (int)(ms / HOUR),
		    (int)(ms / MINUTE % 60));
	else if (ms < 1000 * DAY)
		(void)snprintf(text, SAY_TEXT, "%dd%02d", (int)(ms / DAY),
		    (int)(ms / HOUR % 24));
	else
		(void)snprintf(text, SAY_TEXT, "%lldd", (long long)(ms / DAY));
}

void
say_latency(char text[SAY_TEXT], int64_t ms)
{
	int64_t size = ms;

	/* Nobody's clock is off by more: keeps the sum within its type. */
	if (size < -10000 * DAY)
		size = -10000 * DAY;
	if (size > 10000 * DAY)
		size = 10000 * DAY;
	if (size > -SECOND && size < SECOND)
		(void)snprintf(text, SAY_TEXT, "%d ms", (int)size);
	else if (size > -MINUTE && size < MINUTE)
		(void)snprintf(text, SAY_TEXT, "%.1f s", (double)size / SECOND);
	else if (size > -HOUR && size < HOUR)
		(void)snprintf(
		    text, SAY_TEXT, "%lld min", (long long)(size / MINUTE));
	else
		(void)snprintf(
		    text, SAY_TEXT, "%lld h", (long long)(size / HOUR));
}

/* The local time; a time that has none is shown as the start of 1970. */
static struct tm
local(int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / SECOND);
	struct tm parts;

	if (localtime_r(&seconds, &parts) == NULL) {
		memset(&parts, 0, sizeof(parts));
		parts.tm_year = 70;
		parts.tm_mday = 1;
	}
	return parts;
}

void
say_clock(char text[SAY_TEXT], int64_t wall_ms)
{
	struct tm parts = local(wall_ms);

	(void)strftime(text, SAY_TEXT, "%H:%M:%S", &parts);
}

void
say_when(char text[SAY_TEXT], int64_t wall_ms, int64_t as_of_ms)
{
	struct tm parts = local(wall_ms), today = local(as_of_ms);

	(void)strftime(text, SAY_TEXT,
	    parts.tm_year == today.tm_year && parts.tm_yday == today.tm_yday
		? "%H:%M:%S"
		: "%Y-%m-%d",
	    &parts);
}
