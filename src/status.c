#include "config.h"

#include "status.h"

#include <stddef.h>
#include <sysexits.h>

#include "fail.h"
#include "log.h"

/* What users see of it is the contract: man/gcpresence.1, EXIT STATUS. */
int
status_of(const struct fail *why)
{
	static const int statuses[] = {
		[FAIL_NONE] = EX_OK,
		[FAIL_UNMET] = 1,
		[FAIL_USAGE] = EX_USAGE,
		[FAIL_DATA] = EX_DATAERR,
		[FAIL_FILE] = EX_NOINPUT,
		[FAIL_CONFIG] = EX_CONFIG,
		[FAIL_ABSENT] = EX_CONFIG,
		[FAIL_REFUSED] = EX_NOPERM,
		[FAIL_STALE_TOKEN] = EX_NOPERM,
		[FAIL_STALE_CHANNEL] = EX_UNAVAILABLE,
		[FAIL_UNTRUSTED] = EX_UNAVAILABLE,
		[FAIL_LOCKED] = EX_TEMPFAIL,
		[FAIL_DISPLACED] = EX_TEMPFAIL,
		[FAIL_UNREACHABLE] = EX_UNAVAILABLE,
		[FAIL_BUSY] = EX_TEMPFAIL,
		[FAIL_OUTPUT] = EX_IOERR,
		[FAIL_READER_GONE] = EX_OK,
		[FAIL_INTERNAL] = EX_SOFTWARE,
	};

	return statuses[why->kind];
}

int
status_report(const struct fail *why)
{
	if (why->kind != FAIL_NONE && why->kind != FAIL_READER_GONE &&
	    why->text[0] != '\0')
		log_error(NULL, "%s", why->text);
	return status_of(why);
}
