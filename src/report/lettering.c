#include "config.h"

#include "lettering.h"

#include <math.h>
#include <wchar.h>

#include "buf.h"
#include "jput.h"

#define ELLIPSIS    "\xe2\x80\xa6"
#define ELLIPSIS_EM 1.0

static double
em_of(wchar_t wide)
{
	int cells;

	if (wide < 0x80) {
		if (wcschr(L"fijlrtI.,:;'!|()[] ", wide) != NULL)
			return 0.42;
		if (wcschr(L"mwMW%@", wide) != NULL)
			return 1.0;
		return wide >= 'A' && wide <= 'Z' ? 0.76 : 0.64;
	}
	cells = wcwidth(wide);
	if (cells == 0)
		return 0;
	return cells == 2 ? 1.1 : 0.8;
}

/* Takes a character off the front: its bytes and its width. */
static struct span
take(struct span *text, double *ret_em)
{
	struct span one = { text->at, 1 };
	mbstate_t state = { 0 };
	wchar_t wide;
	size_t len;

	*ret_em = 0.8;
	len = mbrtowc(&wide, text->at, text->len, &state);
	if (len != 0 && len <= text->len) {
		one.len = len;
		*ret_em = em_of(wide);
	}
	text->at += one.len;
	text->len -= one.len;
	return one;
}

static void
put_escaped(struct buf *buf, struct span one)
{
	if (span_is(one, "&"))
		buf_text(buf, "&amp;");
	else if (span_is(one, "<"))
		buf_text(buf, "&lt;");
	else if (span_is(one, ">"))
		buf_text(buf, "&gt;");
	else if (span_is(one, "\""))
		buf_text(buf, "&quot;");
	else if (span_is(one, "'"))
		buf_text(buf, "&#39;");
	else if (span_is(one, "\xef\xbf\xbe") || span_is(one, "\xef\xbf\xbf"))
		/* U+FFFE and U+FFFF are no characters of XML. */
		buf_text(buf, "\xef\xbf\xbd");
	else
		buf_add(buf, one.at, one.len);
}

static struct span
cleaned(struct buf *room, struct span text)
{
	struct span clean;

	buf_init(room, SIZE_MAX);
	jput_plain(room, text);
	clean.at = buf_string(room);
	clean.len = room->len;
	return clean;
}

static double
width_of(struct span clean)
{
	double width = 0, em;

	while (clean.len > 0) {
		(void)take(&clean, &em);
		width += em;
	}
	return width;
}

void
lettering_put_cut(struct buf *buf, struct span text, double max_em)
{
	double width = 0, em;
	struct span clean, one;
	struct buf room;
	bool cut;

	clean = cleaned(&room, text);
	cut = width_of(clean) > max_em;
	while (clean.len > 0) {
		one = take(&clean, &em);
		width += em;
		if (cut && width > max_em - ELLIPSIS_EM) {
			buf_text(buf, ELLIPSIS);
			break;
		}
		put_escaped(buf, one);
	}
	buf_done(&room);
}

void
lettering_put(struct buf *buf, struct span text)
{
	lettering_put_cut(buf, text, HUGE_VAL);
}

double
lettering_width(struct span text)
{
	struct buf room;
	double width;

	width = width_of(cleaned(&room, text));
	buf_done(&room);
	return width;
}

void
lettering_put_number(struct buf *buf, double number)
{
	int64_t tenths = llround(number * 10);

	if (tenths < 0) {
		buf_char(buf, '-');
		tenths = -tenths;
	}
	buf_number(buf, tenths / 10);
	if (tenths % 10 == 0)
		return;
	buf_char(buf, '.');
	buf_char(buf, (char)('0' + tenths % 10));
}

void
lettering_put_duration(struct buf *buf, long long ms)
{
	long long seconds = (ms + 500) / 1000;

	buf_printf(buf, "%02lld:%02lld:%02lld", seconds / 3600,
	    seconds / 60 % 60, seconds % 60);
}
