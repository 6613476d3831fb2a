/*
 * Standard input, line by line: what is taken for an ID is one, it and the
 * name lie within the line, and its key is the key of itself.
 */
#include "config.h"

#include <string.h>

#include "fail.h"
#include "fuzz.h"
#include "userid.h"

const char *const fuzz_seeds[] = {
	"9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f\n",
	"9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F\tAda Lovelace\r\n",
	"\xef\xbb\xbf# a comment\n\nuser-1 Grace\n  user-2   \n",
	"00000000-0000-0000-0000-000000000000\n",
	NULL,
};

const char *const fuzz_pieces[] = {
	"\n",
	"\r\n",
	" ",
	"\t",
	"#",
	"-",
	"\xef\xbb\xbf",
	"\xc3\xa9",
	"\xff",
	"\xe2\x80\xae",
	"\x01",
	"\x7f",
	"\"",
	"\\",
	"A",
	"f",
	"xxxxxxxxxxxxxxxx"
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	NULL,
};

static bool
is_within(struct span part, struct span whole)
{
	return part.len == 0 ||
	    (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static const char *
check_line(struct span line)
{
	char room[CAP_USER_ID], again[CAP_USER_ID];
	struct span id = { NULL, 0 }, name = { NULL, 0 }, key;
	struct fail why = { 0 };

	switch (userid_read_line(line, &id, &name, &why)) {
	case USERID_NOTHING:
		return NULL;
	case USERID_BAD:
		return why.text[0] == '\0' ? "refused without a reason" : NULL;
	case USERID_FOUND:
		break;
	}
	if (!is_within(id, line) || !is_within(name, line))
		return "an ID or a name that is not of the line";
	if (userid_check(id, &why) == -1)
		return "an ID that is none";
	if (userid_name(name).len > CAP_NAME)
		return "a name that is too long";
	key = userid_key(id, room);
	if (!span_equal(userid_key(key, again), key))
		return "a key that has another key";
	if (userid_is_uuid(id) != userid_is_uuid(key))
		return "a key that is another thing than its ID";
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span line = { (const char *)bytes, len };
	const char *end, *last = line.at + len, *wrong;

	for (;;) {
		end = memchr(line.at, '\n', (size_t)(last - line.at));
		line.len = (size_t)((end == NULL ? last : end) - line.at);
		wrong = check_line(line);
		if (wrong != NULL)
			fuzz_fail(wrong, bytes, len);
		if (end == NULL)
			return 0;
		line.at = end + 1;
	}
}
