#include "config.h"

#include "retry.h"

#include <stddef.h>

#include "fail.h"
#include "log.h"

/* A connection that lived for so long is stable: the backoff starts anew. */
#define STABLE_MS 10000

void
retry_init(struct retry *retry, unsigned int max)
{
	retry->max = max;
	retry->tries = 0;
	retry->refusals = 0;
	retry->stale = 0;
	retry->opened = false;
}

bool
retry_note_open(struct retry *retry)
{
	bool first = !retry->opened;

	retry->refusals = 0;
	retry->opened = true;
	return first;
}

void
retry_note_live(struct retry *retry)
{
	retry->tries = 0;
	retry->stale = 0;
}

void
retry_note_life(struct retry *retry, int64_t life_ms)
{
	if (life_ms >= STABLE_MS)
		backoff_reset(&retry->backoff);
}

static int
try_again(struct retry *retry, const struct fail *end, int64_t *ret_delay_ms,
    struct fail *why)
{
	int64_t delay_ms;

	retry->tries++;
	if (retry->max > 0 && retry->tries > retry->max)
		return fail_set(why, end->kind,
		    "%s; gave up after %u tries in a row", end->text,
		    retry->tries);
	delay_ms = backoff_next_ms(&retry->backoff, end->retry_after_ms);
	log_notice(NULL, "%s; trying again in %.1f s", end->text,
	    (double)delay_ms / 1000);
	*ret_delay_ms = delay_ms;
	return 0;
}

int
retry_decide(struct retry *retry, const struct fail *end, int64_t *ret_delay_ms,
    struct fail *why)
{
	struct fail passing = *end;

	*ret_delay_ms = 0;
	switch (end->kind) {
	case FAIL_NONE: /* closed to be replaced in place */
		return 0;
	case FAIL_STALE_TOKEN:
		/* The service may refuse the new one too. */
		if (retry->refusals++ == 0)
			return 0;
		return fail_set(
		    why, FAIL_REFUSED, "%s, with a new token too", end->text);
	case FAIL_STALE_CHANNEL:
		/* Another one, but not as fast as they come and go. */
		passing.kind = FAIL_UNREACHABLE;
		if (retry->stale++ > 0)
			return try_again(retry, &passing, ret_delay_ms, why);
		log_info("feed", "%s: making another", end->text);
		return 0;
	case FAIL_ABSENT:
		/* What was there before may come back. */
		passing.kind = FAIL_UNREACHABLE;
		if (retry->opened)
			return try_again(retry, &passing, ret_delay_ms, why);
		break;
	default:
		if (fail_may_pass(end))
			return try_again(retry, end, ret_delay_ms, why);
		break;
	}
	*why = *end;
	return -1;
}
