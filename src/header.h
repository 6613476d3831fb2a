/*
 * header: what the values of HTTP headers say.
 *
 * A text is NULL where the answer has no such header.  No clock, no network.
 */
#ifndef GCP_HEADER_H
#define GCP_HEADER_H

#include <stdint.h>

/* A number that is not negative, or -1. */
int64_t header_number(const char *text);

/* A date in one of HTTP's forms, as a wall time that can be shown; NOW_NONE. */
int64_t header_date(const char *text);

/*
 * Retry-After: seconds or a date (RFC 9110, 10.2.3), which counts from wall_ms.
 * Milliseconds, 0 to CAP_RETRY_AFTER_MS; -1 where it makes no sense.
 */
int64_t header_retry_after(const char *text, int64_t wall_ms);

#endif
