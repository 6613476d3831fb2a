#include "config.h"

#include "../unit/test.h"
#include "buf.h"
#include "caps.h"
#include "top/lines.h"

/* "number:line|" for each, "number:too long|" for one without a value. */
static void
note(void *arg, struct span line, size_t number)
{
	struct buf *told = arg;

	if (line.at == NULL)
		buf_printf(told, "%zu:too long|", number);
	else
		buf_printf(told, "%zu:%.*s|", number, (int)line.len, line.at);
}

/* Text in pieces of so many bytes. */
static void
assert_lines(struct span text, size_t piece, const char *want)
{
	struct lines lines;
	struct buf told;
	struct span block;

	lines_init(&lines);
	buf_init(&told, SIZE_MAX);
	while (text.len > 0) {
		block.at = text.at;
		block.len = text.len < piece ? text.len : piece;
		lines_add(&lines, block, note, &told);
		text.at += block.len;
		text.len -= block.len;
	}
	lines_end(&lines, note, &told);
	assert_string_equal(buf_string(&told), want);
	buf_done(&told);
	lines_done(&lines);
}

static void
lines_are_the_same_however_they_come_in_pieces(void **state)
{
	size_t piece;

	(void)state;
	for (piece = 1; piece < 12; piece++) {
		assert_lines(SPAN("one\n\ntwo\n"), piece, "1:one|2:|3:two|");
		assert_lines(SPAN("one\ntwo"), piece, "1:one|2:two|");
		assert_lines(SPAN("\n\n"), piece, "1:|2:|");
	}
	assert_lines(NO_SPAN, 1, "");
}

static void
lines_that_are_too_long_are_told_without_their_text(void **state)
{
	static char text[3 * CAP_LINE];
	struct span long_one = { text, 0 };
	size_t piece;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "a\n", 2);
	memcpy(text + 2 + CAP_LINE + 1, "\nb\n", 3);
	long_one.len = 2 + CAP_LINE + 1 + 3;
	for (piece = 1; piece < sizeof(text); piece += piece / 2 + 1)
		assert_lines(long_one, piece, "1:a|2:too long|3:b|");
	/* At the end of the input, too. */
	memset(text, 'x', sizeof(text));
	long_one.len = sizeof(text);
	assert_lines(long_one, 1000, "1:too long|");
}

static void
lines_of_just_the_longest_length_are_lines(void **state)
{
	static char text[CAP_LINE + 1], want[CAP_LINE + 8];
	struct span longest = { text, sizeof(text) };

	(void)state;
	memset(text, 'x', CAP_LINE);
	text[CAP_LINE] = '\n';
	(void)snprintf(want, sizeof(want), "1:%.*s|", CAP_LINE, text);
	assert_lines(longest, sizeof(text), want);
	assert_lines(longest, 100, want);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    lines_are_the_same_however_they_come_in_pieces),
		cmocka_unit_test(
		    lines_that_are_too_long_are_told_without_their_text),
		cmocka_unit_test(lines_of_just_the_longest_length_are_lines),
	};

	return TEST_RUN(tests);
}
