/*
 * Times and waits as text: what was read prints and reads as itself, and is
 * within its limits.  RFC 3339, HTTP's dates, Retry-After, the service's
 * rate-limit headers, and durations as people type them.
 */
#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "caps.h"
#include "fuzz.h"
#include "header.h"
#include "now.h"
#include "setting.h"

#define WALL_MS 1767258000000

static void
check_rfc3339(struct span text)
{
	char printed[NOW_TEXT];
	int64_t ms = 0, again = 0;

	if (now_parse(text, &ms) == -1)
		return;
	fuzz_claim(
	    now_format(ms, printed) == NOW_TEXT - 1, "a time has its length");
	fuzz_claim(now_parse(span_of(printed), &again) == 0 && again == ms,
	    "a time prints and reads as itself");
}

static void
check_date(const char *text)
{
	int64_t ms = header_date(text), again;
	time_t seconds = (time_t)(ms / 1000);
	char printed[64];
	struct tm parts;

	if (ms == NOW_NONE)
		return;
	fuzz_claim(ms >= NOW_MIN && ms <= NOW_MAX, "a date is a time");
	/* What stands in no answer is not printed in its form. */
	if (ms < 0)
		return;
	fuzz_claim(gmtime_r(&seconds, &parts) != NULL &&
		strftime(printed, sizeof(printed), "%a, %d %b %Y %H:%M:%S GMT",
		    &parts) > 0,
	    "a date prints");
	again = header_date(printed);
	fuzz_claim(again == ms, "a date prints and reads as itself");
}

static void
check_waits(const char *text)
{
	static const int64_t clocks[] = { 0, WALL_MS, NOW_MAX, -WALL_MS };
	int64_t wait_ms, number;
	size_t i;

	fuzz_claim(header_number(text) >= -1, "a number is not negative");
	for (i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		wait_ms = header_retry_after(text, clocks[i]);
		fuzz_claim(wait_ms >= -1 && wait_ms <= CAP_RETRY_AFTER_MS,
		    "a wait is within its limits");
	}
	if (setting_parse_duration(text, &number) == 0)
		fuzz_claim(number >= 0 && number <= 1000000000000000,
		    "a duration is within its limits");
	if (setting_parse_bytes(text, &number) == 0)
		fuzz_claim(number >= 0, "a size is not negative");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = fuzz_string(bytes, len);

	check_rfc3339((struct span){ (const char *)bytes, len });
	check_date(text);
	check_waits(text);
	free(text);
	return 0;
}
