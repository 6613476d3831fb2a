#include "config.h"

#include "utf8.h"

size_t
utf8_take(struct span text, uint32_t *ret_code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *at = (const unsigned char *)text.at;
	uint32_t code;
	size_t len, i;

	if (at[0] < 0x80) {
		*ret_code = at[0];
		return 1;
	}
	if (at[0] >= 0xc2 && at[0] <= 0xdf) {
		len = 2;
		code = at[0] & 0x1fu;
	} else if ((at[0] & 0xf0) == 0xe0) {
		len = 3;
		code = at[0] & 0x0fu;
	} else if (at[0] >= 0xf0 && at[0] <= 0xf4) {
		len = 4;
		code = at[0] & 0x07u;
	} else {
		return 0;
	}
	if (text.len < len)
		return 0;
	for (i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3fu);
	}
	if (code < smallest[len] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return len;
}

bool
utf8_is_valid(struct span text)
{
	uint32_t code;
	size_t len;

	for (; text.len > 0; text.at += len, text.len -= len) {
		len = utf8_take(text, &code);
		if (len == 0)
			return false;
	}
	return true;
}
