/*
 * channelanswer: what the service answers about channels.
 *
 * A channel that was made, and the list of the client's channels.  Bytes in,
 * values out: asking is for notifications and census.
 */
#ifndef GCP_CHANNELANSWER_H
#define GCP_CHANNELANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct fail;

/* "expires" is held to these; milliseconds from now. */
#define CHANNELANSWER_LIFE_MIN_MS 1000
#define CHANNELANSWER_LIFE_MAX_MS (24LL * 3600 * 1000)

/* A channel that was made; the texts are the caller's. */
struct channelanswer {
	char *id;  /* 1 to CAP_CHANNEL_ID bytes, neither "." nor ".." */
	char *uri; /* not checked but for not being empty */
	int64_t life_ms;
};

/*
 * Fills ret; wall_ms is the present time by the service's clock.  -1 with
 * FAIL_UNREACHABLE for an answer that makes no sense, and nothing to free.
 */
int channelanswer_read(struct span body, int64_t wall_ms,
    struct channelanswer *ret, struct fail *why);

/* How many channels a list has; 0 too where it is none. */
size_t channelanswer_count(struct span body);

#endif
