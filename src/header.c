#include "config.h"

#include "header.h"

#include <stddef.h>
#include <time.h>

#include <curl/curl.h>

#include "caps.h"
#include "now.h"
#include "setting.h"

int64_t
header_number(const char *text)
{
	int64_t number;

	if (text == NULL || setting_parse_number(text, &number) == -1 ||
	    number < 0)
		return -1;
	return number;
}

int64_t
header_date(const char *text)
{
	time_t seconds;

	if (text == NULL)
		return NOW_NONE;
	seconds = curl_getdate(text, NULL);
	/* libcurl takes years of more than four digits. */
	if (seconds == -1 || seconds < NOW_MIN / 1000 ||
	    seconds > NOW_MAX / 1000)
		return NOW_NONE;
	return (int64_t)seconds * 1000;
}

int64_t
header_retry_after(const char *text, int64_t wall_ms)
{
	int64_t wait_ms, until_ms;

	wait_ms = header_number(text);
	if (wait_ms >= 0) {
		if (wait_ms > CAP_RETRY_AFTER_MS / 1000)
			wait_ms = CAP_RETRY_AFTER_MS / 1000;
		return wait_ms * 1000;
	}
	until_ms = header_date(text);
	if (until_ms == NOW_NONE)
		return -1;
	wait_ms = until_ms - wall_ms;
	if (wait_ms < 0)
		return -1;
	return wait_ms < CAP_RETRY_AFTER_MS ? wait_ms : CAP_RETRY_AFTER_MS;
}
