#include "config.h"

#include "caps.h"
#include "header.h"
#include "now.h"
#include "test.h"

#define NOON 1767268800000 /* 2026-01-01T12:00:00Z */

static void
header_number_is_digits_only_and_not_negative(void **state)
{
	(void)state;
	assert_int_equal(header_number("42"), 42);
	assert_int_equal(header_number("0"), 0);
	assert_int_equal(header_number("-5"), -1);
	assert_int_equal(header_number("42s"), -1);
	assert_int_equal(header_number("99999999999999999999"), -1);
	assert_int_equal(header_number(""), -1);
	assert_int_equal(header_number(NULL), -1);
}

static void
header_date_reads_each_of_http_s_forms(void **state)
{
	(void)state;
	assert_int_equal(
	    header_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777000);
	assert_int_equal(
	    header_date("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777000);
	assert_int_equal(header_date("Sun Nov  6 08:49:37 1994"), 784111777000);
}

static void
header_date_that_cannot_be_shown_is_none(void **state)
{
	(void)state;
	assert_int_equal(header_date("soon"), NOW_NONE);
	assert_int_equal(
	    header_date("Fri, 31 Dec 99999 23:59:59 GMT"), NOW_NONE);
	assert_int_equal(header_date(NULL), NOW_NONE);
}

static void
header_retry_after_is_seconds_or_a_date_within_an_hour(void **state)
{
	static const struct {
		const char *text;
		int64_t wait_ms;
	} rows[] = {
		{ "0", 0 },
		{ "42", 42000 },
		{ "86400", CAP_RETRY_AFTER_MS },
		{ "Thu, 01 Jan 2026 12:00:07 GMT", 7000 },
		{ "Fri, 02 Jan 2026 12:00:00 GMT", CAP_RETRY_AFTER_MS },
		/* In the past, or nothing that makes sense. */
		{ "Mon, 01 Jan 2001 00:00:00 GMT", -1 },
		{ "-5", -1 },
		{ "abc", -1 },
		{ NULL, -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (header_retry_after(rows[i].text, NOON) != rows[i].wait_ms)
			fail_msg("'%s'", rows[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_number_is_digits_only_and_not_negative),
		cmocka_unit_test(header_date_reads_each_of_http_s_forms),
		cmocka_unit_test(header_date_that_cannot_be_shown_is_none),
		cmocka_unit_test(
		    header_retry_after_is_seconds_or_a_date_within_an_hour),
	};

	return TEST_RUN(tests);
}
