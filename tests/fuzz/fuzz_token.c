/*
 * The token endpoint's answer: a token can stand in a header, its life is
 * within the limits; or there is a reason.
 */
#include "config.h"

#include <stdlib.h>

#include "caps.h"
#include "fail.h"
#include "fuzz.h"
#include "redact.h"
#include "tokenanswer.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span body = { (const char *)bytes, len };
	struct fail why = { 0 };
	struct tokenanswer answer;

	if (tokenanswer_read(body, &answer, &why) == -1) {
		fuzz_claim_why(&why);
		return 0;
	}
	fuzz_claim(tokenanswer_is_token(span_of(answer.token)),
	    "a token can stand in a header");
	fuzz_claim(
	    strlen(answer.token) <= CAP_TOKEN, "a token is not too long");
	fuzz_claim(
	    answer.life_s >= 1 && answer.life_s <= TOKENANSWER_LIFE_MAX_S,
	    "a life is within its limits");
	redact_retire(answer.token);
	free(answer.token);
	return 0;
}
