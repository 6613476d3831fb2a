/*
 * The token endpoint's answer: a token can stand in a header, its life is
 * within the limits; or there is a reason.
 */
#include "config.h"

#include <stdlib.h>

#include "caps.h"
#include "fail.h"
#include "fuzz.h"
#include "tokenanswer.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span body = { (const char *)bytes, len };
	struct fail why = { 0 };
	int64_t life_s = 0;
	char *token;

	token = tokenanswer_read(body, &life_s, &why);
	if (token == NULL) {
		fuzz_claim_why(&why);
		return 0;
	}
	fuzz_claim(tokenanswer_is_token(span_of(token)),
	    "a token can stand in a header");
	fuzz_claim(strlen(token) <= CAP_TOKEN, "a token is not too long");
	fuzz_claim(life_s >= 1 && life_s <= TOKENANSWER_LIFE_MAX_S,
	    "a life is within its limits");
	free(token);
	return 0;
}
