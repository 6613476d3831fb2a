#include "config.h"

#include <json-c/json.h>

#include "jput.h"
#include "now.h"
#include "rng.h"
#include "test.h"

#define FFFD "\xef\xbf\xbd"

#define assert_string(text, wanted) \
	test_put(jput_string, (text), (wanted), __FILE__, __LINE__)
#define assert_field(text, wanted) \
	test_put(jput_field, (text), (wanted), __FILE__, __LINE__)
#define assert_plain(text, wanted) \
	test_put(jput_plain, (text), (wanted), __FILE__, __LINE__)

static void
test_put(void (*put)(struct buf *buf, struct span text), struct span text,
    const char *wanted, const char *file, int line)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	put(&buf, text);
	_assert_string_equal(buf_string(&buf), wanted, file, line);
	_assert_int_equal(buf.len, strlen(wanted), file, line);
	buf_done(&buf);
}

/* A code point as UTF-8; also of those that may not be encoded. */
static struct span
encode(uint32_t code, char room[4])
{
	struct span text = { room, 1 };

	if (code < 0x80) {
		room[0] = (char)code;
		return text;
	}
	if (code < 0x800) {
		room[0] = (char)(0xc0 | code >> 6);
		text.len = 2;
	} else if (code < 0x10000) {
		room[0] = (char)(0xe0 | code >> 12);
		room[1] = (char)(0x80 | (code >> 6 & 0x3f));
		text.len = 3;
	} else {
		room[0] = (char)(0xf0 | code >> 18);
		room[1] = (char)(0x80 | (code >> 12 & 0x3f));
		room[2] = (char)(0x80 | (code >> 6 & 0x3f));
		text.len = 4;
	}
	room[text.len - 1] = (char)(0x80 | (code & 0x3f));
	return text;
}

/*
 * The length of the well-formed UTF-8 sequence at the start, or 0; by the
 * table of the Unicode standard (3-7), not by arithmetic as in jput.
 */
static size_t
well_formed(const unsigned char *at, size_t left)
{
	static const struct {
		unsigned char ranges[4][2];
		size_t len;
	} rows[] = {
		{ { { 0x00, 0x7f } }, 1 },
		{ { { 0xc2, 0xdf }, { 0x80, 0xbf } }, 2 },
		{ { { 0xe0, 0xe0 }, { 0xa0, 0xbf }, { 0x80, 0xbf } }, 3 },
		{ { { 0xe1, 0xec }, { 0x80, 0xbf }, { 0x80, 0xbf } }, 3 },
		{ { { 0xed, 0xed }, { 0x80, 0x9f }, { 0x80, 0xbf } }, 3 },
		{ { { 0xee, 0xef }, { 0x80, 0xbf }, { 0x80, 0xbf } }, 3 },
		{ { { 0xf0, 0xf0 }, { 0x90, 0xbf }, { 0x80, 0xbf },
		      { 0x80, 0xbf } },
		    4 },
		{ { { 0xf1, 0xf3 }, { 0x80, 0xbf }, { 0x80, 0xbf },
		      { 0x80, 0xbf } },
		    4 },
		{ { { 0xf4, 0xf4 }, { 0x80, 0x8f }, { 0x80, 0xbf },
		      { 0x80, 0xbf } },
		    4 },
	};
	size_t row, i;

	for (row = 0; row < COUNT(rows); row++) {
		for (i = 0; i < rows[row].len && i < left; i++)
			if (at[i] < rows[row].ranges[i][0] ||
			    at[i] > rows[row].ranges[i][1])
				break;
		if (i == rows[row].len)
			return i;
	}
	return 0;
}

/* What a terminal or a reader of lines could take for a command. */
static bool
steers(uint32_t code)
{
	static const uint32_t ranges[][2] = {
		{ 0x00, 0x1f },     /* C0 */
		{ 0x7f, 0x9f },     /* DEL, C1 */
		{ 0x61c, 0x61c },   /* Arabic letter mark */
		{ 0x200e, 0x200f }, /* left-to-right and right-to-left marks */
		{ 0x2028, 0x202e }, /* separators, embeddings, overrides */
		{ 0x2066, 0x2069 }, /* isolates */
		{ 0xfeff, 0xfeff }, /* byte order mark */
	};
	size_t i;

	for (i = 0; i < COUNT(ranges); i++)
		if (code >= ranges[i][0] && code <= ranges[i][1])
			return true;
	return false;
}

static void
jput_string_leaves_ordinary_text_alone(void **state)
{
	(void)state;
	assert_string(SPAN(""), "\"\"");
	assert_string(NO_SPAN, "\"\"");
	assert_string(SPAN("ON_QUEUE"), "\"ON_QUEUE\"");
	assert_string(SPAN("a/b <c> & 'd'"), "\"a/b <c> & 'd'\"");
	assert_string(SPAN("Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80"),
	    "\"Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

static void
jput_string_escapes_quotes_and_backslashes(void **state)
{
	(void)state;
	assert_string(SPAN("\""), "\"\\\"\"");
	assert_string(SPAN("\\"), "\"\\\\\"");
	assert_string(SPAN("a\"b\\c\\\""), "\"a\\\"b\\\\c\\\\\\\"\"");
}

static void
jput_string_escapes_c0_and_del(void **state)
{
	(void)state;
	assert_string(SPAN("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
	assert_string(SPAN("\0\x01\x1f\x1b[31m\x7f"),
	    "\"\\u0000\\u0001\\u001f\\u001b[31m\\u007f\"");
}

static void
jput_string_escapes_c1_and_line_separators(void **state)
{
	(void)state;
	assert_string(SPAN("\xc2\x80\xc2\x85\xc2\x9b\xc2\x9f\xc2\xa0"),
	    "\"\\u0080\\u0085\\u009b\\u009f\xc2\xa0\"");
	assert_string(SPAN("\xe2\x80\xa8\xe2\x80\xa9"), "\"\\u2028\\u2029\"");
}

static void
jput_string_escapes_the_marks_that_change_direction(void **state)
{
	(void)state;
	assert_string(SPAN("\xe2\x80\xaa\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa9"),
	    "\"\\u202a\\u202e\\u2066\\u2069\"");
	assert_string(SPAN("\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f\xef\xbb\xbf"),
	    "\"\\u061c\\u200e\\u200f\\ufeff\"");
	/* Hebrew itself is no command. */
	assert_string(SPAN("\xd7\x90"), "\"\xd7\x90\"");
}

static void
jput_string_replaces_each_byte_that_is_not_utf_8(void **state)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		/* Continuation bytes alone. */
		{ "\x80", FFFD },
		{ "a\xbf", "a" FFFD },
		/* Bytes that are in no sequence. */
		{ "\xc0", FFFD },
		{ "\xc1", FFFD },
		{ "\xf5", FFFD },
		{ "\xfe\xff", FFFD FFFD },
		{ "Zo\xeb", "Zo" FFFD },
		/* Overlong. */
		{ "\xc0\xaf", FFFD FFFD },
		{ "\xc1\xbf", FFFD FFFD },
		{ "\xe0\x80\xaf", FFFD FFFD FFFD },
		{ "\xe0\x9f\xbf", FFFD FFFD FFFD },
		{ "\xf0\x80\x80\xaf", FFFD FFFD FFFD FFFD },
		{ "\xf0\x8f\xbf\xbf", FFFD FFFD FFFD FFFD },
		{ "\xf8\x88\x80\x80\x80", FFFD FFFD FFFD FFFD FFFD },
		/* An overlong escape character would steer just as well. */
		{ "\xc0\x9b[31m", FFFD FFFD "[31m" },
		/* Surrogates. */
		{ "\xed\xa0\x80", FFFD FFFD FFFD },
		{ "\xed\xbf\xbf", FFFD FFFD FFFD },
		{ "\xed\xa0\xbd\xed\xb8\x80", FFFD FFFD FFFD FFFD FFFD FFFD },
		/* Beyond U+10FFFF. */
		{ "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD },
		{ "\xf7\xbf\xbf\xbf", FFFD FFFD FFFD FFFD },
		/* Cut off at the end. */
		{ "\xc3", FFFD },
		{ "\xe2\x82", FFFD FFFD },
		{ "\xf0\x9f\x98", FFFD FFFD FFFD },
		/* Cut off by another character, which stays. */
		{ "\xc3z", FFFD "z" },
		{ "\xe2\x82z", FFFD FFFD "z" },
		{ "\xe2\x82\xc3\xab", FFFD FFFD "\xc3\xab" },
		{ "\xf0\x9f\xe2\x82\xac", FFFD FFFD "\xe2\x82\xac" },
		{ "\xc3\"", FFFD "\\\"" },
		{ "\xc3\n", FFFD "\\n" },
		/* The ends of what is allowed. */
		{ "\xc2\xa0", "\xc2\xa0" },
		{ "\xdf\xbf", "\xdf\xbf" },
		{ "\xe0\xa0\x80", "\xe0\xa0\x80" },
		{ "\xed\x9f\xbf", "\xed\x9f\xbf" },
		{ "\xee\x80\x80", "\xee\x80\x80" },
		{ "\xef\xbf\xbf", "\xef\xbf\xbf" },
		{ "\xf0\x90\x80\x80", "\xf0\x90\x80\x80" },
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	};
	char wanted[64];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		(void)snprintf(
		    wanted, sizeof(wanted), "\"%s\"", rows[i].wanted);
		assert_string(span_of(rows[i].text), wanted);
	}
}

static void
jput_string_reads_no_further_than_the_span(void **state)
{
	struct span text = { "\xe2\x82\xac", 2 };

	(void)state;
	assert_string(text, "\"" FFFD FFFD "\"");
}

static void
jput_string_passes_all_of_unicode_but_what_steers(void **state)
{
	char room[4], wanted[16];
	struct span text;
	struct buf buf;
	uint32_t code;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	for (code = 0; code < 0x110100; code++) {
		text = encode(code, room);
		if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			(void)snprintf(wanted, sizeof(wanted), "\"%.*s\"",
			    (int)text.len * 3, FFFD FFFD FFFD FFFD);
		else if (code == '\b' || code == '\t' || code == '\n' ||
		    code == '\f' || code == '\r')
			(void)snprintf(wanted, sizeof(wanted), "\"\\%c\"",
			    "btn-fr"[code - '\b']);
		else if (steers(code))
			(void)snprintf(wanted, sizeof(wanted), "\"\\u%04x\"",
			    (unsigned int)code);
		else if (code == '"' || code == '\\')
			(void)snprintf(
			    wanted, sizeof(wanted), "\"\\%c\"", (int)code);
		else
			(void)snprintf(wanted, sizeof(wanted), "\"%.*s\"",
			    (int)text.len, text.at);
		buf_reset(&buf);
		jput_string(&buf, text);
		if (strcmp(buf_string(&buf), wanted) != 0)
			fail_msg(
			    "U+%04X: %s", (unsigned int)code, buf_string(&buf));
	}
	buf_done(&buf);
}

/* Bytes that are likely to make and to break sequences. */
static struct span
random_text(struct rng *rng, char room[64])
{
	static const unsigned char likely[] = { 0xc2, 0xc3, 0xe0, 0xe2, 0xed,
		0xf0, 0xf4, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xa8, 0xbf, '"', '\\',
		'\n', 'a' };
	struct span text = { room, (size_t)rng_below(rng, 64) };
	size_t i;

	for (i = 0; i < text.len; i++)
		room[i] = rng_below(rng, 4) == 0
		    ? (char)rng_below(rng, 256)
		    : (char)likely[rng_below(rng, COUNT(likely))];
	return text;
}

static void
jput_string_of_any_bytes_is_pure_and_reads_back(void **state)
{
	struct json_object *value;
	struct span text;
	struct buf buf, back;
	struct rng rng;
	char room[64];
	size_t i, at, len;
	int round;

	(void)state;
	rng_seed(&rng, 1);
	buf_init(&buf, SIZE_MAX);
	buf_init(&back, SIZE_MAX);
	for (round = 0; round < 20000; round++) {
		text = random_text(&rng, room);
		buf_reset(&buf);
		jput_string(&buf, text);
		for (at = 0; at < buf.len; at += len) {
			len = well_formed(
			    (unsigned char *)buf.bytes + at, buf.len - at);
			assert_int_not_equal(len, 0);
			assert_true((unsigned char)buf.bytes[at] >= 0x20);
			assert_int_not_equal(buf.bytes[at], 0x7f);
		}
		/* What it says is the text, but for what is no UTF-8. */
		buf_reset(&back);
		for (i = 0; i < text.len; i += len == 0 ? 1 : len) {
			len = well_formed(
			    (const unsigned char *)text.at + i, text.len - i);
			buf_add(&back, len == 0 ? FFFD : text.at + i,
			    len == 0 ? 3 : len);
		}
		value = json_tokener_parse(buf_string(&buf));
		assert_non_null(value);
		assert_int_equal(json_object_get_string_len(value), back.len);
		assert_memory_equal(
		    json_object_get_string(value), buf_string(&back), back.len);
		json_object_put(value);
	}
	buf_done(&buf);
	buf_done(&back);
}

static void
jput_string_or_null_tells_empty_from_something(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	jput_string_or_null(&buf, NO_SPAN);
	jput_string_or_null(&buf, SPAN(""));
	jput_string_or_null(&buf, SPAN("null"));
	assert_string_equal(buf_string(&buf), "nullnull\"null\"");
	buf_done(&buf);
}

static void
jput_time_is_text_or_null(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	jput_time(&buf, 1767258000042);
	jput_time(&buf, NOW_NONE);
	assert_string_equal(
	    buf_string(&buf), "\"2026-01-01T09:00:00.042Z\"null");
	buf_done(&buf);
}

static void
jput_field_never_breaks_out_of_its_column(void **state)
{
	(void)state;
	assert_field(SPAN(""), "");
	assert_field(SPAN("say \"hello\""), "say \"hello\"");
	assert_field(SPAN("Zo\xc3\xab"), "Zo\xc3\xab");
	assert_field(SPAN("a\tb\nc\rd\\e"), "a\\tb\\nc\\rd\\\\e");
	assert_field(SPAN("\0\x01\x1b[2J\x7f"), "\\x00\\x01\\x1B[2J\\x7F");
	assert_field(SPAN("\xc2\x9b\xe2\x80\xa8"), "\\xC2\\x9B\\xE2\\x80\\xA8");
	assert_field(SPAN("\xff"), FFFD);
}

static void
jput_field_of_any_bytes_reads_back(void **state)
{
	struct span text;
	struct buf buf, back;
	struct rng rng;
	char room[64];
	unsigned int byte;
	size_t i, len;
	int round;

	(void)state;
	rng_seed(&rng, 2);
	buf_init(&buf, SIZE_MAX);
	buf_init(&back, SIZE_MAX);
	for (round = 0; round < 20000; round++) {
		text = random_text(&rng, room);
		buf_reset(&buf);
		jput_field(&buf, text);
		assert_null(memchr(buf_string(&buf), '\t', buf.len));
		assert_null(memchr(buf_string(&buf), '\n', buf.len));
		/* Undo the escapes as a reader would. */
		buf_reset(&back);
		for (i = 0; i < buf.len; i++) {
			if (buf.bytes[i] != '\\') {
				buf_char(&back, buf.bytes[i]);
			} else if (buf.bytes[++i] == 'x') {
				assert_int_equal(
				    sscanf(buf.bytes + i + 1, "%2x", &byte), 1);
				buf_char(&back, (char)byte);
				i += 2;
			} else {
				buf_char(&back,
				    buf.bytes[i] == 't'       ? '\t'
					: buf.bytes[i] == 'n' ? '\n'
					: buf.bytes[i] == 'r' ? '\r'
							      : '\\');
			}
		}
		for (i = 0; i < text.len; i += len == 0 ? 1 : len) {
			len = well_formed(
			    (const unsigned char *)text.at + i, text.len - i);
			if (len == 0) {
				assert_memory_equal(back.bytes, FFFD, 3);
				buf_drop(&back, 3);
				continue;
			}
			assert_memory_equal(back.bytes, text.at + i, len);
			buf_drop(&back, len);
		}
		assert_int_equal(back.len, 0);
	}
	buf_done(&buf);
	buf_done(&back);
}

static void
jput_plain_shows_what_it_cleans(void **state)
{
	(void)state;
	assert_plain(SPAN("say \"hello\" \\o/"), "say \"hello\" \\o/");
	assert_plain(SPAN("Zo\xc3\xab"), "Zo\xc3\xab");
	assert_plain(SPAN("a\nb\r\tc"), "a\\x0ab\\x0d\\x09c");
	assert_plain(SPAN("\x1b[2J\x7f\0"), "\\x1b[2J\\x7f\\x00");
	assert_plain(SPAN("\xc2\x9b"), "\\x9b");
	assert_plain(SPAN("\xe2\x80\xae\xe2\x80\xa8"), "\\u{202e}\\u{2028}");
	assert_plain(SPAN("\xff\xc0\x80"), FFFD FFFD FFFD);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(jput_string_leaves_ordinary_text_alone),
		cmocka_unit_test(jput_string_escapes_quotes_and_backslashes),
		cmocka_unit_test(jput_string_escapes_c0_and_del),
		cmocka_unit_test(jput_string_escapes_c1_and_line_separators),
		cmocka_unit_test(
		    jput_string_escapes_the_marks_that_change_direction),
		cmocka_unit_test(
		    jput_string_replaces_each_byte_that_is_not_utf_8),
		cmocka_unit_test(jput_string_reads_no_further_than_the_span),
		cmocka_unit_test(
		    jput_string_passes_all_of_unicode_but_what_steers),
		cmocka_unit_test(
		    jput_string_of_any_bytes_is_pure_and_reads_back),
		cmocka_unit_test(
		    jput_string_or_null_tells_empty_from_something),
		cmocka_unit_test(jput_time_is_text_or_null),
		cmocka_unit_test(jput_field_never_breaks_out_of_its_column),
		cmocka_unit_test(jput_field_of_any_bytes_reads_back),
		cmocka_unit_test(jput_plain_shows_what_it_cleans),
	};

	return TEST_RUN(tests);
}
