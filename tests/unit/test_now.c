#include "config.h"

#include <time.h>

#include "now.h"
#include "test.h"

static const int64_t untouched = 0x5ca1ab1e;

static void
now_clocks_tell_milliseconds(void **state)
{
	int64_t before = now_ms();

	(void)state;
	assert_true(now_ms() >= before);
	/* 2020 to 2200. */
	assert_true(now_wall_ms() > 1577836800000);
	assert_true(now_wall_ms() < 7258118400000);
	assert_true(llabs(now_wall_ms() - (int64_t)time(NULL) * 1000) < 5000);
}

static void
now_format_writes_rfc_3339_in_utc_with_three_decimals(void **state)
{
	static const struct {
		int64_t wall_ms;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 1, "1970-01-01T00:00:00.001Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ 1767258000000, "2026-01-01T09:00:00.000Z" },
		{ 1767258000042, "2026-01-01T09:00:00.042Z" },
		{ 951782400000, "2000-02-29T00:00:00.000Z" },
		{ 1709251199999, "2024-02-29T23:59:59.999Z" },
		{ 1709251200000, "2024-03-01T00:00:00.000Z" },
		{ 4107542399000, "2100-02-28T23:59:59.000Z" },
		{ 4107542400000, "2100-03-01T00:00:00.000Z" },
		{ 2147483648000, "2038-01-19T03:14:08.000Z" },
		{ -2208988800000, "1900-01-01T00:00:00.000Z" },
	};
	char text[NOW_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(
		    now_format(rows[i].wall_ms, text), NOW_TEXT - 1);
		assert_string_equal(text, rows[i].text);
	}
}

static void
now_format_shows_the_nearest_time_beyond_its_range(void **state)
{
	static const struct {
		int64_t wall_ms;
		const char *text;
	} rows[] = {
		{ -62167219200000, "0000-01-01T00:00:00.000Z" },
		{ -62167219200001, "0000-01-01T00:00:00.000Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
		{ 253402300800000, "9999-12-31T23:59:59.999Z" },
		{ INT64_MAX, "9999-12-31T23:59:59.999Z" },
		{ INT64_MIN, "0000-01-01T00:00:00.000Z" },
	};
	char text[NOW_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(
		    now_format(rows[i].wall_ms, text), NOW_TEXT - 1);
		assert_string_equal(text, rows[i].text);
	}
}

static void
now_format_agrees_with_the_c_library_in_all_years(void **state)
{
	/* Some days and an odd time of day, so that all of them come up. */
	const int64_t step_ms = 11 * 86400000LL + 12345679;
	char text[NOW_TEXT], wanted[64];
	int64_t wall_ms;
	struct tm date;
	time_t seconds;

	(void)state;
	for (wall_ms = -62167219200000; wall_ms < 253402300800000;
	     wall_ms += step_ms) {
		(void)now_format(wall_ms, text);
		seconds = (time_t)((wall_ms + 62167219200000) / 1000) -
		    (time_t)62167219200;
		assert_non_null(gmtime_r(&seconds, &date));
		(void)snprintf(wanted, sizeof(wanted),
		    "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", date.tm_year + 1900,
		    date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min,
		    date.tm_sec, (int)((wall_ms + 62167219200000) % 1000));
		if (strcmp(text, wanted) != 0)
			assert_string_equal(text, wanted);
	}
}

static void
now_parse_reads_back_what_now_format_writes(void **state)
{
	const int64_t step_ms = 17 * 86400000LL + 23456789;
	char text[NOW_TEXT];
	int64_t wall_ms, got_ms;

	(void)state;
	for (wall_ms = -62167219200000; wall_ms < 253402300800000;
	     wall_ms += step_ms) {
		(void)now_format(wall_ms, text);
		got_ms = untouched;
		if (now_parse(span_of(text), &got_ms) == -1 ||
		    got_ms != wall_ms)
			fail_msg("%s does not come back", text);
	}
}

static void
now_parse_reads_good_times(void **state)
{
	static const struct {
		const char *text;
		int64_t wall_ms;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-01-01T09:00:00.000Z", 1767258000000 },
		{ "2026-01-01T09:00:00Z", 1767258000000 },
		{ "2026-01-01T09:00:00.5Z", 1767258000500 },
		{ "2026-01-01T09:00:00.04Z", 1767258000040 },
		{ "2026-01-01T09:00:00.042Z", 1767258000042 },
		/* Cut, not rounded: it had not been 09:00:01 yet. */
		{ "2026-01-01T09:00:00.9999Z", 1767258000999 },
		{ "2026-01-01T09:00:00.0429999Z", 1767258000042 },
		{ "2026-01-01T09:00:00.123456789Z", 1767258000123 },
		{ "2026-01-01t09:00:00z", 1767258000000 },
		{ "2026-01-01 09:00:00Z", 1767258000000 },
		{ "2026-01-01T09:00:00+00:00", 1767258000000 },
		{ "2026-01-01T09:00:00-00:00", 1767258000000 },
		{ "2026-01-01T11:00:00+02:00", 1767258000000 },
		{ "2026-01-01T03:30:00.25-05:30", 1767258000250 },
		{ "2025-12-31T23:00:00-10:00", 1767258000000 },
		{ "2026-01-02T08:59:00+23:59", 1767258000000 },
		{ "2024-02-29T00:00:00Z", 1709164800000 },
		{ "2000-02-29T00:00:00Z", 951782400000 },
		{ "2016-12-31T23:59:60Z", 1483228800000 },
		{ "0000-01-01T00:00:00Z", -62167219200000 },
		{ "0000-02-29T00:00:00Z", -62162121600000 },
		{ "9999-12-31T23:59:59.999Z", 253402300799999 },
	};
	int64_t got_ms;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		got_ms = untouched;
		if (now_parse(span_of(rows[i].text), &got_ms) == -1 ||
		    got_ms != rows[i].wall_ms)
			fail_msg("%s: %lld", rows[i].text, (long long)got_ms);
	}
}

static void
now_parse_refuses_what_is_no_time(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		"now",
		"2026",
		"2026-01-01",
		"2026-01-01T",
		"2026-01-01T09",
		"2026-01-01T09:00",
		"2026-01-01T09:00Z",
		"2026-01-01T09:00:00",
		"2026-01-01T09:00:00.000",
		"2026-01-01T09:00:00.Z",
		"2026-01-01T09:00:00,5Z",
		"2026-01-01T09:00:00ZZ",
		"2026-01-01T09:00:00Z ",
		" 2026-01-01T09:00:00Z",
		"2026-01-01T09:00:00+",
		"2026-01-01T09:00:00+2",
		"2026-01-01T09:00:00+02",
		"2026-01-01T09:00:00+02:",
		"2026-01-01T09:00:00+02:0",
		"2026-01-01T09:00:00+24:00",
		"2026-01-01T09:00:00+02:60",
		"2026-01-01T09:00:00 +02:00",
		"2026-01-01T09:00:00+02:00Z",
		/* No such date. */
		"2026-00-01T09:00:00Z",
		"2026-13-01T09:00:00Z",
		"2026-01-00T09:00:00Z",
		"2026-01-32T09:00:00Z",
		"2026-02-29T09:00:00Z",
		"2026-02-30T09:00:00Z",
		"2024-02-30T09:00:00Z",
		"1900-02-29T09:00:00Z",
		"2100-02-29T09:00:00Z",
		"2026-04-31T09:00:00Z",
		"2026-06-31T09:00:00Z",
		"2026-09-31T09:00:00Z",
		"2026-11-31T09:00:00Z",
		/* No such time of day. */
		"2026-01-01T24:00:00Z",
		"2026-01-01T09:60:00Z",
		"2026-01-01T09:00:61Z",
		/* In UTC, of a year that cannot be shown. */
		"0000-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"9999-12-31T23:59:60Z",
		/* Almost. */
		"2026-1-01T09:00:00Z",
		"2026-01-1T09:00:00Z",
		"26-01-01T09:00:00Z",
		"02026-01-01T09:00:00Z",
		"-2026-01-01T09:00:00Z",
		"+2026-01-01T09:00:00Z",
		"2026/01/01T09:00:00Z",
		"2026-01-01T9:00:00Z",
		"2026-01-01T09.00.00Z",
		"2026-01-01T+9:00:00Z",
		"2026-01-01T 9:00:00Z",
		"2026-01-01X09:00:00Z",
		"20260101T090000Z",
		"Thu, 01 Jan 2026 09:00:00 GMT",
		"1767258000000",
	};
	int64_t got_ms = untouched;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		if (now_parse(span_of(rows[i]), &got_ms) != -1)
			fail_msg("'%s' was taken for a time", rows[i]);
		assert_int_equal(got_ms, untouched);
	}
	assert_int_equal(
	    now_parse(SPAN("2026-01-01T09:00:00\0Z"), &got_ms), -1);
	assert_int_equal(
	    now_parse(SPAN("2026-01-01T09:00:00Z\0"), &got_ms), -1);
	assert_int_equal(now_parse(NO_SPAN, &got_ms), -1);
}

static void
now_parse_reads_no_further_than_the_span(void **state)
{
	struct span text = { "2026-01-01T09:00:00.123Z", 22 };
	int64_t got_ms;

	(void)state;
	assert_int_equal(now_parse(text, &got_ms), -1);
	text.at = "2026-01-01T09:00:00Z789";
	text.len = 20;
	assert_int_equal(now_parse(text, &got_ms), 0);
	assert_int_equal(got_ms, 1767258000000);
}

static void
now_parse_knows_the_length_of_each_month(void **state)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	static const int years[] = { 1900, 2000, 2023, 2024, 2100, 2400 };
	char text[64];
	int64_t got_ms;
	size_t i;
	int month, day, last;
	bool leap;

	(void)state;
	for (i = 0; i < COUNT(years); i++) {
		leap = years[i] == 2000 || years[i] == 2024 || years[i] == 2400;
		for (month = 1; month <= 12; month++) {
			last = days[month - 1] + (month == 2 && leap);
			for (day = 0; day <= 40; day++) {
				(void)snprintf(text, sizeof(text),
				    "%04d-%02d-%02dT00:00:00Z", years[i], month,
				    day);
				if ((now_parse(span_of(text), &got_ms) == 0) !=
				    (day >= 1 && day <= last))
					fail_msg("%s", text);
			}
		}
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(now_clocks_tell_milliseconds),
		cmocka_unit_test(
		    now_format_writes_rfc_3339_in_utc_with_three_decimals),
		cmocka_unit_test(
		    now_format_shows_the_nearest_time_beyond_its_range),
		cmocka_unit_test(
		    now_format_agrees_with_the_c_library_in_all_years),
		cmocka_unit_test(now_parse_reads_back_what_now_format_writes),
		cmocka_unit_test(now_parse_reads_good_times),
		cmocka_unit_test(now_parse_refuses_what_is_no_time),
		cmocka_unit_test(now_parse_reads_no_further_than_the_span),
		cmocka_unit_test(now_parse_knows_the_length_of_each_month),
	};

	return TEST_RUN(tests);
}
