#include "config.h"

#include "plain.h"
#include "test.h"

static bool
is_plain(int byte)
{
	return byte >= 0x20 && byte <= 0x7e && byte != '"' && byte != '\\';
}

static void
plain_end_stops_at_each_byte_that_is_not_plain(void **state)
{
	/* Longer than what is looked at in one step, at every offset. */
	enum {
		LEN = 70
	};
	char *text;
	size_t at, len;
	int byte;

	(void)state;
	for (len = 1; len < LEN; len++) {
		/* Exactly as long, so that one byte more is a fault. */
		text = malloc(len);
		assert_non_null(text);
		for (at = 0; at < len; at++) {
			memset(text, 'x', len);
			for (byte = 0; byte < 256; byte++) {
				text[at] = (char)byte;
				if (plain_end(text, text + len) !=
				    text + (is_plain(byte) ? len : at))
					fail_msg("0x%02x at %zu of %zu",
					    (unsigned int)byte, at, len);
			}
		}
		free(text);
	}
}

static void
plain_end_stops_at_the_first_of_several(void **state)
{
	char text[64];
	size_t first, second;

	(void)state;
	for (first = 0; first < sizeof(text); first++)
		for (second = first; second < sizeof(text); second++) {
			memset(text, 'x', sizeof(text));
			text[second] = '"';
			text[first] = '\n';
			assert_ptr_equal(
			    plain_end(text, text + sizeof(text)), text + first);
		}
}

static void
plain_end_of_nothing_is_its_end(void **state)
{
	static const char text[] = "\"";

	(void)state;
	assert_ptr_equal(plain_end(text, text), text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    plain_end_stops_at_each_byte_that_is_not_plain),
		cmocka_unit_test(plain_end_stops_at_the_first_of_several),
		cmocka_unit_test(plain_end_of_nothing_is_its_end),
	};

	return TEST_RUN(tests);
}
