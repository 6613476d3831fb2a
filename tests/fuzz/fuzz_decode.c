/*
 * Messages of the wire: the scanner and json-c give the same verdict and the
 * same fields, whatever the bytes; each message is decoded with the scanner in
 * front and without it.  A presence is within its limits, and can be printed.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "fuzz.h"

typedef void decode_fn(
    struct decode *decode, struct span message, struct decoded *ret);

static bool
is_same(struct span one, struct span other)
{
	return span_equal(one, other);
}

static bool
is_same_verdict(const struct decoded *one, const struct decoded *other)
{
	const struct presence *a = &one->presence, *b = &other->presence;

	return one->kind == other->kind && is_same(a->user_id, b->user_id) &&
	    (one->kind != DECODE_PRESENCE ||
		(is_same(a->state, b->state) &&
		    is_same(a->definition, b->definition) &&
		    a->changed_ms == b->changed_ms)) &&
	    (one->kind == DECODE_PRESENCE || is_same(one->text, other->text));
}

static void
check_verdict(const struct decoded *decoded)
{
	const struct presence *presence = &decoded->presence;
	struct change change = { 0 };

	if (decoded->kind == DECODE_MALFORMED)
		fuzz_claim(decoded->text.len > 0, "a refusal has a reason");
	if (decoded->kind != DECODE_PRESENCE)
		return;
	fuzz_claim(presence->user_id.len > 0 &&
		presence->user_id.len <= CAP_USER_ID &&
		presence->state.len > 0 && presence->state.len <= CAP_STATE &&
		presence->definition.len <= CAP_DEFINITION,
	    "a presence is within its limits");
	change.user_id = presence->user_id;
	change.state = presence->state;
	change.definition = presence->definition;
	change.changed_ms = presence->changed_ms;
	change.received_ms = 1767258000000;
	change.previous_for_ms = NOW_NONE;
	fuzz_claim_line(&change);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static decode_fn *const decoders[] = { decode_notification,
		decode_event, decode_recorded };
	static struct decode *fast, *slow;
	struct span text = { (const char *)bytes, len }, user;
	struct decoded one, other;
	size_t i;

	if (fast == NULL) {
		fast = decode_new();
		slow = decode_new();
		decode_use_tree(slow);
	}
	for (i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++) {
		decoders[i](fast, text, &one);
		decoders[i](slow, text, &other);
		fuzz_claim(is_same_verdict(&one, &other),
		    "the scanner and json-c agree");
		check_verdict(&one);
	}
	user = decode_guess_user(text);
	fuzz_claim(user.len == 0 ||
		(user.at > text.at && user.at + user.len <= text.at + text.len),
	    "a guess is of the message");
	return 0;
}
