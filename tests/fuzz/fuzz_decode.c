/*
 * Messages of the wire: the scanner and json-c give the same verdict and the
 * same fields, whatever the bytes; each message is decoded with the scanner in
 * front and without it.  A presence is within its limits, and can be printed.
 * An input may be several messages, since the scanner remembers the last one.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "fuzz.h"

/* As in RFC 7464: a byte that cannot stand in JSON. */
#define SEPARATOR 0x1e

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
check_message(struct decode *fast, struct decode *slow, struct span text)
{
	static decode_fn *const decoders[] = { decode_notification,
		decode_event, decode_recorded };
	struct decoded one, other;
	struct span user;
	size_t i;

	for (i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++) {
		decoders[i](fast, text, &one);
		decoders[i](slow, text, &other);
		fuzz_claim(is_same_verdict(&one, &other),
		    "the scanner and json-c agree");
		fuzz_claim_decoded(&one);
	}
	user = decode_guess_user(text);
	fuzz_claim(user.len == 0 ||
		(user.at > text.at && user.at + user.len <= text.at + text.len),
	    "a guess is of the message");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span rest = { (const char *)bytes, len }, text;
	struct decode *fast = decode_new(), *slow = decode_new();
	const char *end;

	decode_use_tree(slow);
	while (rest.len > 0) {
		end = memchr(rest.at, SEPARATOR, rest.len);
		text.at = rest.at;
		text.len = end == NULL ? rest.len : (size_t)(end - rest.at);
		check_message(fast, slow, text);
		rest.at += text.len + (end != NULL);
		rest.len -= text.len + (end != NULL);
	}
	decode_free(fast);
	decode_free(slow);
	return 0;
}
