/*
 * Standard input, line by line: what is taken for an ID is one, it and the
 * name lie within the line, and its key is the key of itself.
 */
#include "config.h"

#include <string.h>

#include "fail.h"
#include "fuzz.h"
#include "userid.h"

static bool
is_within(struct span part, struct span whole)
{
	return part.len == 0 ||
	    (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void
check_line(struct span line)
{
	char room[CAP_USER_ID], again[CAP_USER_ID];
	struct span id = { NULL, 0 }, name = { NULL, 0 }, key;
	struct fail why = { 0 };

	switch (userid_read_line(line, &id, &name, &why)) {
	case USERID_NOTHING:
		return;
	case USERID_BAD:
		fuzz_claim(why.text[0] != '\0', "a refusal has a reason");
		return;
	case USERID_FOUND:
		break;
	}
	fuzz_claim(is_within(id, line) && is_within(name, line),
	    "an ID and a name are of the line");
	fuzz_claim(userid_check(id, &why) == 0, "an ID is one");
	fuzz_claim(userid_name(name).len <= CAP_NAME, "a name is not too long");
	key = userid_key(id, room);
	fuzz_claim(span_equal(userid_key(key, again), key),
	    "a key is the key of itself");
	fuzz_claim(userid_is_uuid(id) == userid_is_uuid(key),
	    "a key is the same kind of thing as its ID");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span line = { (const char *)bytes, len };
	const char *end, *last = line.at + len;

	for (;;) {
		end = memchr(line.at, '\n', (size_t)(last - line.at));
		line.len = (size_t)((end == NULL ? last : end) - line.at);
		check_line(line);
		if (end == NULL)
			return 0;
		line.at = end + 1;
	}
}
