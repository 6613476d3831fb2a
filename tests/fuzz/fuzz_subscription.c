/*
 * The answer to a subscription: each user is accepted, or rejected with a
 * reason that is not too long and can be written down.
 */
#include "config.h"

#include "buf.h"
#include "fuzz.h"
#include "jput.h"
#include "topicanswer.h"

static const char *const users[] = {
	"9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f",
	"1B2C3D4E-0000-4000-8000-00000000000A",
	"u",
};
#define USERS (sizeof(users) / sizeof(users[0]))

static void
check_reason(const struct buf *reason)
{
	struct buf line;

	fuzz_claim(reason->len > 0 && reason->len <= TOPICANSWER_REASON,
	    "a reason is within its limits");
	buf_init(&line, SIZE_MAX);
	buf_text(&line, "{\"why\":");
	jput_string(&line, (struct span){ reason->bytes, reason->len });
	buf_char(&line, '}');
	fuzz_claim_json((struct span){ line.bytes, line.len });
	buf_done(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span body = { (const char *)bytes, len };
	struct topicanswer *answer;
	struct buf reason;
	size_t i;

	answer = topicanswer_new(body);
	buf_init(&reason, SIZE_MAX);
	for (i = 0; i < USERS; i++) {
		if (topicanswer_of(answer, span_of(users[i]), i, &reason) ==
		    TOPICANSWER_REJECTED)
			check_reason(&reason);
		else
			fuzz_claim(reason.len == 0,
			    "who is not rejected has no reason");
		buf_reset(&reason);
	}
	buf_done(&reason);
	topicanswer_free(answer);
	return 0;
}
