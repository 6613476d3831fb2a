#include "config.h"

#include "jput.h"

#include "now.h"
#include "plain.h"
#include "utf8.h"

/* Whether a terminal, or a reader of lines, could take it for a command. */
static bool
steers(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f) ||
	    code == 0x061c || code == 0x200e || code == 0x200f ||
	    (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

static void
put_escape(struct buf *buf, uint32_t code, struct span bytes)
{
	(void)bytes;
	switch (code) {
	case '"':
		buf_text(buf, "\\\"");
		return;
	case '\\':
		buf_text(buf, "\\\\");
		return;
	case '\b':
		buf_text(buf, "\\b");
		return;
	case '\f':
		buf_text(buf, "\\f");
		return;
	case '\n':
		buf_text(buf, "\\n");
		return;
	case '\r':
		buf_text(buf, "\\r");
		return;
	case '\t':
		buf_text(buf, "\\t");
		return;
	default:
		buf_printf(buf, "\\u%04x", (unsigned int)code);
		return;
	}
}

/* Writes what stands for a character; bytes: as it was. */
typedef void put_fn(struct buf *buf, uint32_t code, struct span bytes);

/* Copies text, and calls put for each character that must not pass as it is. */
static void
put_cleaned(struct buf *buf, struct span text, put_fn *put)
{
	struct span bytes;
	uint32_t code;
	size_t len;

	while (text.len > 0) {
		len =
		    (size_t)(plain_end(text.at, text.at + text.len) - text.at);
		buf_add(buf, text.at, len);
		text.at += len;
		text.len -= len;
		if (text.len == 0)
			break;
		len = utf8_take(text, &code);
		if (len == 0) {
			buf_text(buf, "\xef\xbf\xbd");
			len = 1;
		} else if (steers(code) || code == '"' || code == '\\') {
			bytes.at = text.at;
			bytes.len = len;
			put(buf, code, bytes);
		} else {
			buf_add(buf, text.at, len);
		}
		text.at += len;
		text.len -= len;
	}
}

void
jput_string(struct buf *buf, struct span text)
{
	buf_char(buf, '"');
	/* Nearly all texts are plain. */
	if (plain_is_all(text.at, text.len))
		buf_add(buf, text.at, text.len);
	else
		put_cleaned(buf, text, put_escape);
	buf_char(buf, '"');
}

void
jput_string_or_null(struct buf *buf, struct span text)
{
	if (text.len == 0)
		buf_text(buf, "null");
	else
		jput_string(buf, text);
}

void
jput_time(struct buf *buf, int64_t wall_ms)
{
	char text[NOW_TEXT + 1];

	if (wall_ms == NOW_NONE) {
		buf_text(buf, "null");
		return;
	}
	text[0] = '"';
	(void)now_format(wall_ms, text + 1);
	text[NOW_TEXT] = '"';
	buf_add(buf, text, sizeof(text));
}

static void
put_field(struct buf *buf, uint32_t code, struct span bytes)
{
	size_t i;

	switch (code) {
	case '"':
		buf_char(buf, '"');
		return;
	case '\\':
		buf_text(buf, "\\\\");
		return;
	case '\t':
		buf_text(buf, "\\t");
		return;
	case '\n':
		buf_text(buf, "\\n");
		return;
	case '\r':
		buf_text(buf, "\\r");
		return;
	default:
		for (i = 0; i < bytes.len; i++)
			buf_printf(buf, "\\x%02X", (unsigned char)bytes.at[i]);
		return;
	}
}

void
jput_field(struct buf *buf, struct span text)
{
	put_cleaned(buf, text, put_field);
}

static void
put_visible(struct buf *buf, uint32_t code, struct span bytes)
{
	(void)bytes;
	if (code == '"' || code == '\\')
		buf_char(buf, (char)code);
	else if (code < 0x100)
		buf_printf(buf, "\\x%02x", (unsigned int)code);
	else
		buf_printf(buf, "\\u{%04x}", (unsigned int)code);
}

void
jput_plain(struct buf *buf, struct span text)
{
	put_cleaned(buf, text, put_visible);
}
