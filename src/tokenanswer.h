/*
 * tokenanswer: what the token endpoint answers.
 *
 * RFC 6749, 5.1 and 5.2, and what the service makes of them.  Bytes in, values
 * out: asking, keeping and renewing is for token.
 */
#ifndef GCP_TOKENANSWER_H
#define GCP_TOKENANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

struct fail;

/* Longer lives of a token are cut to this; seconds. */
#define TOKENANSWER_LIFE_MAX_S (7LL * 86400)

struct tokenanswer {
	char *token;       /* the caller's to retire, wipe and free */
	int64_t life_s;    /* 1 to TOKENANSWER_LIFE_MAX_S */
	const char *doubt; /* what is odd about that, or NULL */
};

/*
 * Reads a successful answer.  -1, and nothing to free, with FAIL_UNREACHABLE
 * where it has no token that can be used, FAIL_REFUSED where that has not the
 * scope.
 */
int tokenanswer_read(
    struct span body, struct tokenanswer *ret, struct fail *why);

/* Whether a refusal can pass, after answer_check(): the body tells. */
void tokenanswer_refine(int status, struct span body, struct fail *why);

/* Bytes that can stand in a header and a URL (RFC 6750's b64token). */
bool tokenanswer_is_token(struct span text);

#endif
