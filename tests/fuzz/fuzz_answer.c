/*
 * The error object of an answer: whatever the body, each status that is no
 * success is refused, with a reason, and the token endpoint's is refined.
 */
#include "config.h"

#include "answer.h"
#include "fail.h"
#include "fuzz.h"
#include "http.h"
#include "redact.h"
#include "tokenanswer.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static bool known;
	static const int refusals[] = { 302, 400, 401, 403, 404, 429, 503 };
	struct http_answer answer = { .body = { (const char *)bytes, len } };
	struct fail why = { 0 };
	size_t i;

	if (!known)
		redact_add("canary-secret");
	known = true;
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		answer.status = refusals[i];
		answer.retry_after_ms = (int64_t)i * 1000 - 1;
		fuzz_claim(answer_check(&answer, "try", &why) == -1,
		    "what is no success is refused");
		fuzz_claim_why(&why);
		fuzz_claim(why.retry_after_ms >= 0, "a wait is not negative");
		tokenanswer_refine(answer.status, answer.body, &why);
		fuzz_claim_why(&why);
		redact_text(why.text, strlen(why.text));
		fuzz_claim(strstr(why.text, "canary-secret") == NULL,
		    "a secret is hidden");
	}
	answer.status = 204;
	fuzz_claim(answer_check(&answer, "try", &why) == 0,
	    "a success is one, whatever its body");
	return 0;
}
