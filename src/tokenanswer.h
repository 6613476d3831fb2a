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
#define TOKENANSWER_LIFE_MAX_S (7 * 86400)

/*
 * The token of a successful answer, the caller's to wipe and free, and its
 * life, 1 to TOKENANSWER_LIFE_MAX_S seconds.  NULL with FAIL_UNREACHABLE where
 * there is none that can be used, FAIL_REFUSED where it has not the scope.
 */
char *tokenanswer_read(struct span body, int64_t *ret_life_s, struct fail *why);

/* Whether a refusal can pass, after answer_check(): the body tells. */
void tokenanswer_refine(int status, struct span body, struct fail *why);

/* Bytes that can stand in a header and a URL (RFC 6750's b64token). */
bool tokenanswer_is_token(struct span text);

#endif
