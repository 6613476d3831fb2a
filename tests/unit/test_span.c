#include "config.h"

#include "span.h"
#include "test.h"

static void
span_of_a_text_has_its_length(void **state)
{
	(void)state;
	assert_int_equal(span_of("text").len, 4);
	assert_int_equal(span_of("").len, 0);
	assert_non_null(span_of("").at);
}

static void
span_of_null_has_no_value(void **state)
{
	struct span span = span_of(NULL);

	(void)state;
	assert_null(span.at);
	assert_int_equal(span.len, 0);
}

static void
span_equal_compares_bytes_not_strings(void **state)
{
	(void)state;
	assert_true(span_equal(SPAN("text"), SPAN("text")));
	assert_false(span_equal(SPAN("text"), SPAN("tex")));
	assert_false(span_equal(SPAN("text"), SPAN("Text")));
	assert_false(span_equal(SPAN("a\0b"), SPAN("a\0c")));
	assert_true(span_equal(SPAN("a\0b"), SPAN("a\0b")));
	assert_true(span_equal(SPAN(""), NO_SPAN));
	assert_false(span_equal(SPAN("a"), NO_SPAN));
}

static void
span_is_compares_with_a_text(void **state)
{
	(void)state;
	assert_true(span_is(SPAN("text"), "text"));
	assert_false(span_is(SPAN("text"), "texts"));
	assert_false(span_is(SPAN("text\0"), "text"));
	assert_true(span_is(SPAN(""), ""));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(span_of_a_text_has_its_length),
		cmocka_unit_test(span_of_null_has_no_value),
		cmocka_unit_test(span_equal_compares_bytes_not_strings),
		cmocka_unit_test(span_is_compares_with_a_text),
	};

	return TEST_RUN(tests);
}
