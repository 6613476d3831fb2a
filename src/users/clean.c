#include "config.h"

#include "clean.h"

#include "userid.h"

/* Beyond ASCII: from here to there, in UTF-8 of the same length. */
static const struct {
	const char *first;
	const char *last;
} spaces[] = {
	{ "\xc2\x80", "\xc2\x9f" },         /* C1 */
	{ "\xd8\x9c", "\xd8\x9c" },         /* U+061C */
	{ "\xe2\x80\x8e", "\xe2\x80\x8f" }, /* U+200E, U+200F */
	{ "\xe2\x80\xa8", "\xe2\x80\xae" }, /* U+2028 to U+202E */
	{ "\xe2\x81\xa6", "\xe2\x81\xa9" }, /* U+2066 to U+2069 */
	{ "\xef\xbb\xbf", "\xef\xbb\xbf" }, /* U+FEFF */
	{ "\xef\xbf\xbe", "\xef\xbf\xbf" }, /* U+FFFE, U+FFFF */
};
#define SPACES (sizeof(spaces) / sizeof(spaces[0]))

/* The bytes at the front that count as white space; 0 where there are none. */
static size_t
space_len(struct span text)
{
	unsigned char byte = (unsigned char)text.at[0];
	size_t i, len;

	if (byte <= 0x20 || byte == 0x7f)
		return 1;
	for (i = 0; byte >= 0x80 && i < SPACES; i++) {
		len = strlen(spaces[i].first);
		if (text.len >= len &&
		    memcmp(text.at, spaces[i].first, len) >= 0 &&
		    memcmp(text.at, spaces[i].last, len) <= 0)
			return len;
	}
	return 0;
}

void
clean_name(struct buf *out, struct span name)
{
	size_t start = out->len, len;
	struct span clean;
	bool gap = false;

	while (name.len > 0) {
		len = space_len(name);
		if (len > 0) {
			gap = out->len > start;
		} else {
			if (gap)
				buf_char(out, ' ');
			gap = false;
			buf_char(out, name.at[0]);
			len = 1;
		}
		name.at += len;
		name.len -= len;
	}
	if (out->len == start)
		return;
	clean.at = out->bytes + start;
	clean.len = out->len - start;
	out->len = start + userid_name(clean).len;
	/* The cut may be behind a space. */
	if (out->bytes[out->len - 1] == ' ')
		out->len--;
}
