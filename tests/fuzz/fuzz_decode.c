/*
 * The scanner and json-c give the same verdict and the same fields, whatever
 * the bytes; each message is decoded with the scanner in front and without it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "fuzz.h"

#define ID  "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"
#define DEF "31fe3bac-dea6-44b7-bed7-47f91660a1a0"

const char *const fuzz_seeds[] = {
	"{\"topicName\":\"v2.users." ID ".presence\",\"version\":\"2\","
	"\"eventBody\":{\"source\":\"PURECLOUD\",\"presenceDefinition\":{"
	"\"id\":\"" DEF "\",\"systemPresence\":\"On Queue\"},\"primary\":true,"
	"\"message\":\"\",\"modifiedDate\":\"2026-01-01T09:00:00.000Z\"},"
	"\"metadata\":{\"CorrelationId\":\"" DEF "\"}}",
	"{\"topicName\":\"v2.users." ID ".presence\",\"eventBody\":{\"userId\":"
	"\"" ID "\",\"presenceDefinition\":{\"id\":\"" DEF "\","
	"\"systemPresence\":\"Busy\"},\"modifiedDate\":\"2026-01-01T09:00:00Z\"}}",
	" { \"eventBody\" : { \"primary\" : false , \"presenceDefinition\" : { "
	"\"systemPresence\" : \"AWAY\" } , \"other\" : [ 1 , -2.5e3 , null ] } , "
	"\"topicName\" : \"v2.users." ID ".presence\" } ",
	"{\"eventType\":\"presence\",\"userId\":\"" ID "\",\"state\":\"BUSY\","
	"\"timestamp\":\"2026-01-01T09:00:00.000Z\"}",
	"{\"timestamp\":1767258000000,\"state\":\"Meal\",\"userId\":\"u\","
	"\"eventType\":\"user.presence.changed\",\"more\":{\"a\":[true,false]}}",
	"{\"version\":\"0\",\"detail\":{\"eventType\":\"presence\",\"userId\":"
	"\"" ID "\",\"state\":\"BUSY\"}}",
	"{\"topicName\":\"channel.metadata\",\"eventBody\":{\"message\":\"x\"}}",
	"{\"result\":\"200\",\"message\":\"pong\"}",
	"{\"type\":\"error\",\"message\":\"no\"}",
	NULL,
};

const char *const fuzz_pieces[] = {
	"\"",
	"\\",
	"{",
	"}",
	"[",
	"]",
	":",
	",",
	"'",
	" ",
	"\n",
	"\t",
	"\r",
	"null",
	"true",
	"false",
	"True",
	"NaN",
	"-",
	"0",
	"-0",
	"00",
	"1e9",
	"0.5",
	"1.",
	".5",
	"12345678901234567890",
	"\"\":",
	"\"a\":1,",
	"\\u0041",
	"\\u0000",
	"\\u00e9",
	"\\ud83d\\ude00",
	"\\ud83d",
	"\\n",
	"\\\"",
	"\\x",
	"/*x*/",
	"//",
	"\xc3\xa9",
	"\xff",
	"\xe2\x80\xae",
	"\xef\xbb\xbf",
	"\x7f",
	"\x01",
	"\"topicName\":",
	"\"topicname\":",
	"\"eventBody\":{",
	"\"eventBody\":null,",
	"\"eventType\":\"presence\",",
	"\"eventType\":\"other\",",
	"\"userId\":\"" ID "\",",
	"\"userId\":1,",
	"\"state\":\"AWAY\",",
	"\"state\":\"\",",
	"\"timestamp\":null,",
	"\"timestamp\":1,",
	"\"type\":\"error\",",
	"\"result\":\"400\",",
	"\"detail\":{},",
	"\"presenceDefinition\":{",
	"\"id\":\"\",",
	"\"systemPresence\":\"OnQueue\",",
	"\"systemPresence\":null,",
	"\"modifiedDate\":\"2026-02-30T09:00:00Z\",",
	"\"modifiedDate\":1,",
	"\"modifiedDate\":null,",
	"\"modifiedDate\":\"2026-01-01T09:00:60+01:00\",",
	"\"primary\":true,",
	"\"primary\":false,",
	"\"primary\":1,",
	"\"source\":\"X\",",
	"\"source\":\"purecloud\",",
	"\"source\":null,",
	".PRESENCE",
	"V2.USERS.",
	".",
	"{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":1}}}}}",
	"[[[[[[[[[[[[[[[[[[[[",
	"{}",
	"[]",
	NULL,
};

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

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static decode_fn *const decoders[] = { decode_notification,
		decode_event, decode_recorded };
	static struct decode *fast, *slow;
	struct span text = { (const char *)bytes, len };
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
		if (!is_same_verdict(&one, &other))
			fuzz_fail("the scanner and json-c differ", bytes, len);
	}
	return 0;
}
