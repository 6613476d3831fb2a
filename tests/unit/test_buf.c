#include "config.h"

#include "buf.h"
#include "test.h"

static void
buf_starts_empty(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	assert_int_equal(buf.len, 0);
	assert_false(buf_is_full(&buf));
	assert_string_equal(buf_string(&buf), "");
	buf_done(&buf);
}

static void
buf_keeps_what_is_added_in_order(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	buf_text(&buf, "one");
	buf_char(&buf, ' ');
	buf_add(&buf, "two and more", 3);
	buf_printf(&buf, " %s %d", "three", 4);
	buf_number(&buf, 56);
	buf_text(&buf, "");
	assert_string_equal(buf_string(&buf), "one two three 456");
	assert_int_equal(buf.len, strlen("one two three 456"));
	buf_done(&buf);
}

static void
buf_keeps_bytes_of_any_value(void **state)
{
	char all[256];
	struct buf buf;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	buf_init(&buf, SIZE_MAX);
	buf_add(&buf, all, sizeof(all));
	buf_char(&buf, '\0');
	assert_int_equal(buf.len, 257);
	assert_memory_equal(buf.bytes, all, sizeof(all));
	assert_int_equal(buf_string(&buf)[257], 0);
	buf_done(&buf);
}

static void
buf_writes_every_number(void **state)
{
	static const struct {
		int64_t number;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 9, "9" },
		{ 10, "10" },
		{ -1, "-1" },
		{ -10, "-10" },
		{ 1234567890, "1234567890" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};
	struct buf buf;
	size_t i;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	for (i = 0; i < COUNT(rows); i++) {
		buf_reset(&buf);
		buf_number(&buf, rows[i].number);
		assert_string_equal(buf_string(&buf), rows[i].text);
	}
	buf_done(&buf);
}

static void
buf_takes_up_to_its_limit_and_no_more(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	buf_text(&buf, "hello");
	assert_false(buf_is_full(&buf));
	buf_char(&buf, '!');
	assert_true(buf_is_full(&buf));
	assert_string_equal(buf_string(&buf), "hello");
	buf_done(&buf);
}

static void
buf_adds_nothing_of_what_does_not_fit_whole(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	buf_text(&buf, "abc");
	buf_text(&buf, "def");
	assert_true(buf_is_full(&buf));
	assert_string_equal(buf_string(&buf), "abc");
	buf_reset(&buf);
	buf_printf(&buf, "%d", 123456);
	assert_true(buf_is_full(&buf));
	assert_int_equal(buf.len, 0);
	buf_reset(&buf);
	buf_printf(&buf, "%d", 12345);
	assert_false(buf_is_full(&buf));
	assert_string_equal(buf_string(&buf), "12345");
	buf_done(&buf);
}

static void
buf_of_no_room_takes_nothing(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	buf_text(&buf, "");
	assert_false(buf_is_full(&buf));
	buf_char(&buf, 'a');
	assert_true(buf_is_full(&buf));
	assert_string_equal(buf_string(&buf), "");
	buf_done(&buf);
}

static void
buf_is_as_new_after_a_reset(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 4);
	buf_text(&buf, "too long");
	buf_text(&buf, "abcd");
	assert_true(buf_is_full(&buf));
	buf_reset(&buf);
	assert_false(buf_is_full(&buf));
	assert_string_equal(buf_string(&buf), "");
	buf_text(&buf, "wxyz");
	assert_false(buf_is_full(&buf));
	assert_string_equal(buf_string(&buf), "wxyz");
	buf_done(&buf);
}

static void
buf_drops_from_the_front(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 6);
	buf_text(&buf, "abcdef");
	buf_drop(&buf, 0);
	assert_string_equal(buf_string(&buf), "abcdef");
	buf_drop(&buf, 2);
	assert_string_equal(buf_string(&buf), "cdef");
	buf_text(&buf, "gh");
	assert_string_equal(buf_string(&buf), "cdefgh");
	buf_drop(&buf, 6);
	assert_int_equal(buf.len, 0);
	buf_text(&buf, "again");
	assert_string_equal(buf_string(&buf), "again");
	buf_done(&buf);
}

static void
buf_grows_by_pieces_of_every_size(void **state)
{
	struct buf buf;
	size_t i, piece, at = 0;
	char bytes[300];

	(void)state;
	buf_init(&buf, SIZE_MAX);
	for (piece = 0; piece < sizeof(bytes); piece++) {
		for (i = 0; i < piece; i++)
			bytes[i] = (char)((at + i) % 251);
		buf_add(&buf, bytes, piece);
		buf_printf(&buf, "%s", "");
		at += piece;
	}
	assert_int_equal(buf.len, at);
	for (i = 0; i < at; i++)
		assert_int_equal((unsigned char)buf.bytes[i], i % 251);
	buf_done(&buf);
}

static void
buf_prints_texts_longer_than_any_first_guess(void **state)
{
	static char text[100000];
	struct buf buf;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	buf_init(&buf, SIZE_MAX);
	buf_printf(&buf, "<%s>", text);
	assert_int_equal(buf.len, sizeof(text) + 1);
	assert_int_equal(buf_string(&buf)[0], '<');
	assert_int_equal(buf_string(&buf)[sizeof(text)], '>');
	buf_done(&buf);
}

static void
buf_may_be_done_twice(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	buf_text(&buf, "text");
	buf_done(&buf);
	buf_done(&buf);
	assert_null(buf.bytes);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_starts_empty),
		cmocka_unit_test(buf_keeps_what_is_added_in_order),
		cmocka_unit_test(buf_keeps_bytes_of_any_value),
		cmocka_unit_test(buf_writes_every_number),
		cmocka_unit_test(buf_takes_up_to_its_limit_and_no_more),
		cmocka_unit_test(buf_adds_nothing_of_what_does_not_fit_whole),
		cmocka_unit_test(buf_of_no_room_takes_nothing),
		cmocka_unit_test(buf_is_as_new_after_a_reset),
		cmocka_unit_test(buf_drops_from_the_front),
		cmocka_unit_test(buf_grows_by_pieces_of_every_size),
		cmocka_unit_test(buf_prints_texts_longer_than_any_first_guess),
		cmocka_unit_test(buf_may_be_done_twice),
	};

	return TEST_RUN(tests);
}
