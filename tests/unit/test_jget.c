#include "config.h"

#include "caps.h"
#include "jget.h"
#include "test.h"

static struct jget *reader;

static int
make_reader(void **state)
{
	(void)state;
	reader = jget_new();
	return 0;
}

static int
free_reader(void **state)
{
	(void)state;
	jget_free(reader);
	return 0;
}

/* Parses what is to be good. */
static struct json_object *
good(const char *text)
{
	struct json_object *root;
	struct fail why = { 0 };

	root = jget_parse(reader, span_of(text), &why);
	if (root == NULL)
		fail_msg("%s: %s", text, why.text);
	return root;
}

static void
assert_refused(struct span text)
{
	struct fail why = { 0 };

	if (jget_parse(reader, text, &why) != NULL)
		fail_msg("'%.*s' was taken", (int)text.len, text.at);
	assert_int_equal(why.kind, FAIL_DATA);
	assert_int_not_equal(why.text[0], '\0');
}

static void
jget_takes_an_object_or_an_array_with_space_around(void **state)
{
	(void)state;
	assert_true(jget_is_object(good("{}")));
	assert_true(jget_is_array(good("[]")));
	assert_true(jget_is_object(good(" \t\r\n{\"a\" : 1} \t\r\n")));
	assert_int_equal(jget_count(good("[1,2,3]\n")), 3);
}

static void
jget_refuses_what_is_not_one_json_value(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		"{",
		"[",
		"{\"a\"",
		"{\"a\":",
		"{\"a\":1",
		"{\"a\":\"",
		"{\"a\":1,",
		"}",
		"]",
		"{]",
		"[}",
		"{}}",
		"{} {}",
		"{}x",
		"{},",
		"{\"a\":1}garbage",
		"[1,]",
		"{\"a\":1,}",
		"[,1]",
		"{a:1}",
		"{\"a\":x}",
		"[tru]",
		"[1 2]",
		"[\"\\x41\"]",
		"[\"\\u12\"]",
		"// comment\n{}",
		"{} // comment",
		"/* comment */{}",
		"<html>502 Bad Gateway</html>",
		"\xef\xbb\xbf",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_refused(span_of(rows[i]));
	assert_refused(NO_SPAN);
}

static void
jget_refuses_a_nul_byte_anywhere(void **state)
{
	(void)state;
	assert_refused(SPAN("\0"));
	assert_refused(SPAN("{\0}"));
	assert_refused(SPAN("{\"a\0b\":1}"));
	assert_refused(SPAN("{\"a\":\"\0\"}"));
	assert_refused(SPAN("{}\0"));
	assert_refused(SPAN("{}\0{}"));
}

static void
jget_refuses_a_root_that_is_no_object_or_array(void **state)
{
	static const char *const rows[] = { "1", "1 ", "-1.5", "true", "false",
		"null", "\"text\"", "\"\"" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_refused(span_of(rows[i]));
}

static void
jget_refuses_bytes_that_are_not_utf_8(void **state)
{
	(void)state;
	assert_refused(SPAN("[\"\x80\"]"));
	assert_refused(SPAN("[\"\xc3\"]"));
	assert_refused(SPAN("[\"\xe2\x82\"]"));
	assert_refused(SPAN("[\"\xff\"]"));
	assert_refused(SPAN("{\"Zo\xeb\":1}"));
	assert_span(jget_item_text(good("[\"Zo\xc3\xab\"]"), 0), "Zo\xc3\xab");
}

static void
jget_refuses_overlong_utf_8_and_surrogates(void **state)
{
	(void)state;
	assert_refused(SPAN("[\"\xc0\xaf\"]"));
	assert_refused(SPAN("[\"\xe0\x80\xaf\"]"));
	assert_refused(SPAN("[\"\xf0\x80\x80\xaf\"]"));
	assert_refused(SPAN("[\"\xed\xa0\x80\"]"));
	assert_refused(SPAN("[\"\xf4\x90\x80\x80\"]"));
}

/* depth arrays in each other. */
static struct span
nested(size_t depth, char *room)
{
	struct span text = { room, 2 * depth };

	memset(room, '[', depth);
	memset(room + depth, ']', depth);
	return text;
}

static void
jget_refuses_nesting_beyond_its_cap(void **state)
{
	static char room[400000];
	struct fail why;

	(void)state;
	/* json-c counts a level for each value inside, too. */
	assert_non_null(jget_parse(reader, nested(CAP_DEPTH - 1, room), &why));
	assert_refused(nested(CAP_DEPTH + 1, room));
	assert_refused(nested(100000, room));
	memset(room, '[', sizeof(room));
	assert_refused((struct span){ room, sizeof(room) });
}

static void
jget_says_where_and_what_but_not_the_text(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_null(
	    jget_parse(reader, SPAN("{\"secret\":\"hunter2\" oops"), &why));
	assert_fail(&why, FAIL_DATA, "at byte 20");
	assert_null(strstr(why.text, "hunter2"));
	assert_null(jget_parse(reader, SPAN("{\"secret\":\"hunter2"), &why));
	assert_fail(&why, FAIL_DATA, "JSON ends too early");
	assert_null(strstr(why.text, "hunter2"));
}

static void
jget_reads_again_after_a_failure(void **state)
{
	(void)state;
	assert_refused(SPAN("{\"a\":[1,2"));
	assert_true(jget_is_object(good("{\"a\":1}")));
	assert_refused(SPAN("[\"\xff\"]"));
	assert_true(jget_is_array(good("[]")));
}

static void
jget_members_have_the_type_that_is_asked_for(void **state)
{
	const struct json_object *root;
	int64_t number = 7;

	(void)state;
	root = good("{\"o\":{\"x\":\"y\"},\"a\":[1],\"t\":\"text\",\"n\":5,"
		    "\"r\":1.5,\"b\":true,\"z\":null,\"e\":\"\"}");
	assert_span(jget_text(jget_object(root, "o"), "x"), "y");
	assert_int_equal(jget_count(jget_array(root, "a")), 1);
	assert_span(jget_text(root, "t"), "text");
	assert_span(jget_text(root, "e"), "");
	assert_true(jget_number(root, "n", &number));
	assert_int_equal(number, 5);
	assert_true(jget_bool(root, "b", false));

	assert_null(jget_object(root, "a"));
	assert_null(jget_object(root, "t"));
	assert_null(jget_object(root, "z"));
	assert_null(jget_object(root, "missing"));
	assert_null(jget_array(root, "o"));
	assert_null(jget_array(root, "missing"));
	assert_span(jget_text(root, "n"), NULL);
	assert_span(jget_text(root, "b"), NULL);
	assert_span(jget_text(root, "z"), NULL);
	assert_span(jget_text(root, "o"), NULL);
	assert_span(jget_text(root, "missing"), NULL);
	assert_false(jget_number(root, "t", &number));
	assert_false(jget_number(root, "b", &number));
	assert_false(jget_number(root, "z", &number));
	assert_int_equal(number, 5);
	assert_true(jget_bool(root, "n", true));
	assert_false(jget_bool(root, "t", false));
	assert_true(jget_bool(root, "missing", true));
	assert_true(jget_is_null(root, "z"));
	assert_true(jget_is_null(root, "missing"));
	assert_false(jget_is_null(root, "e"));
	assert_false(jget_is_null(root, "b"));
}

static void
jget_members_of_what_is_no_object_are_absent(void **state)
{
	const struct json_object *nodes[] = { NULL, good("[{\"a\":\"b\"}]") };
	int64_t number;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(nodes); i++) {
		assert_null(jget_object(nodes[i], "a"));
		assert_null(jget_array(nodes[i], "a"));
		assert_span(jget_text(nodes[i], "a"), NULL);
		assert_false(jget_number(nodes[i], "a", &number));
		assert_true(jget_bool(nodes[i], "a", true));
		assert_true(jget_is_null(nodes[i], "a"));
	}
	assert_false(jget_is_object(NULL));
	assert_false(jget_is_array(NULL));
	assert_int_equal(jget_count(NULL), 0);
	assert_int_equal(jget_count(good("{\"a\":1}")), 0);
}

static void
jget_names_of_members_are_exact(void **state)
{
	const struct json_object *root = good("{\"State\":\"a\",\"\":\"b\"}");

	(void)state;
	assert_span(jget_text(root, "state"), NULL);
	assert_span(jget_text(root, "State"), "a");
	assert_span(jget_text(root, ""), "b");
}

static void
jget_text_with_a_nul_inside_is_no_text(void **state)
{
	const struct json_object *root =
	    good("{\"a\":\"x\\u0000y\",\"b\":[\"\\u0000\"]}");

	(void)state;
	assert_span(jget_text(root, "a"), NULL);
	assert_span(jget_item_text(jget_array(root, "b"), 0), NULL);
}

static void
jget_text_is_unescaped(void **state)
{
	const struct json_object *root =
	    good("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"\\u00eb\\u20ac\","
		 "\"\\ud83d\\ude00\",\"\\u001b\"]");

	(void)state;
	assert_span(jget_item_text(root, 0), "\"\\/\b\f\n\r\t");
	assert_span(jget_item_text(root, 1), "\xc3\xab\xe2\x82\xac");
	assert_span(jget_item_text(root, 2), "\xf0\x9f\x98\x80");
	assert_span(jget_item_text(root, 3), "\x1b");
}

static void
jget_half_a_surrogate_pair_becomes_a_replacement(void **state)
{
	(void)state;
	assert_span(jget_item_text(good("[\"\\ud83dx\"]"), 0), "\xef\xbf\xbdx");
	assert_span(jget_item_text(good("[\"\\ude00\"]"), 0), "\xef\xbf\xbd");
}

static void
jget_number_is_held_to_its_range(void **state)
{
	static const struct {
		const char *text;
		int64_t wanted;
	} rows[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "-5", -5 },
		{ "1.9", 1 },
		{ "-1.9", -1 },
		{ "1e3", 1000 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
		{ "9223372036854775808", INT64_MAX },
		{ "18446744073709551615", INT64_MAX },
		{ "1e30", INT64_MAX },
		{ "-1e30", INT64_MIN },
		{ "1e999", INT64_MAX },
		{ "1000000000000000000000000000000", INT64_MAX },
		{ "-1000000000000000000000000000000", INT64_MIN },
	};
	char text[128];
	int64_t number;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		(void)snprintf(text, sizeof(text), "{\"n\":%s}", rows[i].text);
		number = 77;
		if (!jget_number(good(text), "n", &number) ||
		    number != rows[i].wanted)
			fail_msg("%s: %lld", rows[i].text, (long long)number);
	}
}

static void
jget_items_beyond_the_end_are_absent(void **state)
{
	const struct json_object *root = good("[\"a\",null,3]");

	(void)state;
	assert_int_equal(jget_count(root), 3);
	assert_span(jget_item_text(root, 0), "a");
	assert_null(jget_item(root, 1));
	assert_span(jget_item_text(root, 1), NULL);
	assert_span(jget_item_text(root, 2), NULL);
	assert_null(jget_item(root, 3));
	assert_null(jget_item(root, SIZE_MAX));
	assert_span(jget_item_text(root, 3), NULL);
	assert_null(jget_item(NULL, 0));
}

static void
jget_free_takes_null(void **state)
{
	(void)state;
	jget_free(NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    jget_takes_an_object_or_an_array_with_space_around),
		cmocka_unit_test(jget_refuses_what_is_not_one_json_value),
		cmocka_unit_test(jget_refuses_a_nul_byte_anywhere),
		cmocka_unit_test(
		    jget_refuses_a_root_that_is_no_object_or_array),
		cmocka_unit_test(jget_refuses_bytes_that_are_not_utf_8),
		cmocka_unit_test(jget_refuses_overlong_utf_8_and_surrogates),
		cmocka_unit_test(jget_refuses_nesting_beyond_its_cap),
		cmocka_unit_test(jget_says_where_and_what_but_not_the_text),
		cmocka_unit_test(jget_reads_again_after_a_failure),
		cmocka_unit_test(jget_members_have_the_type_that_is_asked_for),
		cmocka_unit_test(jget_members_of_what_is_no_object_are_absent),
		cmocka_unit_test(jget_names_of_members_are_exact),
		cmocka_unit_test(jget_text_with_a_nul_inside_is_no_text),
		cmocka_unit_test(jget_text_is_unescaped),
		cmocka_unit_test(
		    jget_half_a_surrogate_pair_becomes_a_replacement),
		cmocka_unit_test(jget_number_is_held_to_its_range),
		cmocka_unit_test(jget_items_beyond_the_end_are_absent),
		cmocka_unit_test(jget_free_takes_null),
	};

	(void)alarm(TEST_LIMIT);
	return cmocka_run_group_tests(tests, make_reader, free_reader);
}
