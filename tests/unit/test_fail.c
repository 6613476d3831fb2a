#include "config.h"

#include "fail.h"
#include "test.h"

static void
fail_set_fills_the_reason_and_gives_minus_one(void **state)
{
	struct fail why = { .kind = FAIL_NONE, .retry_after_ms = 5000 };

	(void)state;
	assert_int_equal(
	    fail_set(&why, FAIL_BUSY, "cannot %s: %d", "wait", 429), -1);
	assert_int_equal(why.kind, FAIL_BUSY);
	assert_string_equal(why.text, "cannot wait: 429");
	/* Another failure knows nothing of an earlier one's Retry-After. */
	assert_int_equal(why.retry_after_ms, 0);
}

static void
fail_set_cuts_a_text_that_does_not_fit(void **state)
{
	char text[2 * FAIL_TEXT];
	struct fail why;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(fail_set(&why, FAIL_DATA, "%s", text), -1);
	assert_int_equal(strlen(why.text), FAIL_TEXT - 1);
}

static void
fail_set_may_have_nobody_to_tell(void **state)
{
	(void)state;
	assert_int_equal(fail_set(NULL, FAIL_DATA, "%s", "text"), -1);
}

static void
fail_may_pass_where_trying_again_may_help(void **state)
{
	struct fail why = { .kind = FAIL_NONE };

	(void)state;
	for (why.kind = FAIL_NONE; why.kind <= FAIL_INTERNAL; why.kind++)
		assert_int_equal(fail_may_pass(&why),
		    why.kind == FAIL_UNREACHABLE || why.kind == FAIL_BUSY);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fail_set_fills_the_reason_and_gives_minus_one),
		cmocka_unit_test(fail_set_cuts_a_text_that_does_not_fit),
		cmocka_unit_test(fail_set_may_have_nobody_to_tell),
		cmocka_unit_test(fail_may_pass_where_trying_again_may_help),
	};

	return TEST_RUN(tests);
}
