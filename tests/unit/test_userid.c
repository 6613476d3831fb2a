#include "config.h"

#include "test.h"
#include "userid.h"

#define UUID "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"

/* Reads a line that is to hold an ID and that name. */
#define assert_line(line, id, name) \
	test_line((line), (id), (name), __FILE__, __LINE__)

static void
test_line(struct span line, const char *id, const char *name, const char *file,
    int number)
{
	struct span got_id = NO_SPAN, got_name = NO_SPAN;
	struct fail why = { 0 };

	_assert_int_equal(userid_read_line(line, &got_id, &got_name, &why),
	    USERID_FOUND, file, number);
	test_span(got_id, id, file, number);
	test_span(got_name, name, file, number);
}

static void
line_is_an_id_alone(void **state)
{
	(void)state;
	assert_line(SPAN(UUID), UUID, "");
	assert_line(SPAN("user-id-1"), "user-id-1", "");
	assert_line(SPAN("x"), "x", "");
}

static void
line_is_an_id_and_a_name_behind_white_space(void **state)
{
	(void)state;
	assert_line(SPAN(UUID " Ada Lovelace"), UUID, "Ada Lovelace");
	assert_line(SPAN(UUID "\tAda Lovelace"), UUID, "Ada Lovelace");
	assert_line(SPAN(UUID " \t  Ada  Lovelace"), UUID, "Ada  Lovelace");
	assert_line(SPAN(UUID " Zo\xc3\xab # not a comment"), UUID,
	    "Zo\xc3\xab # not a comment");
}

static void
line_may_have_space_around_it_and_a_carriage_return(void **state)
{
	(void)state;
	assert_line(SPAN("  " UUID "  "), UUID, "");
	assert_line(SPAN("\t" UUID "\t"), UUID, "");
	assert_line(SPAN(UUID "\r"), UUID, "");
	assert_line(SPAN(UUID " Ada\r"), UUID, "Ada");
	assert_line(SPAN(UUID " \r"), UUID, "");
}

static void
line_that_is_blank_or_a_comment_is_nothing(void **state)
{
	static const char *const lines[] = { "", " ", "\t", "\r", " \t \r", "#",
		"# comment", "  # comment", "#9ed7d9f6", "##" };
	struct span id, name;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(lines); i++)
		assert_int_equal(
		    userid_read_line(span_of(lines[i]), &id, &name, NULL),
		    USERID_NOTHING);
	assert_int_equal(
	    userid_read_line(NO_SPAN, &id, &name, NULL), USERID_NOTHING);
}

static void
line_with_a_hash_inside_the_id_is_no_comment(void **state)
{
	(void)state;
	assert_line(SPAN("user#1"), "user#1", "");
}

static void
line_with_a_bad_id_says_what_is_wrong(void **state)
{
	struct span id = NO_SPAN, name = NO_SPAN;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(
	    userid_read_line(SPAN("a\x1b[31mb Ada"), &id, &name, &why),
	    USERID_BAD);
	assert_fail(&why, FAIL_DATA, "control character (0x1b)");
	assert_null(id.at);
	assert_null(name.at);
}

static void
line_name_is_cut_to_its_cap(void **state)
{
	static char line[sizeof(UUID) + 1000];
	struct span span = { line, 0 }, id, name;
	struct fail why;

	(void)state;
	memset(line, 'n', sizeof(line));
	memcpy(line, UUID " ", sizeof(UUID));
	span.len = sizeof(line);
	assert_int_equal(
	    userid_read_line(span, &id, &name, &why), USERID_FOUND);
	assert_int_equal(name.len, CAP_NAME);
}

static void
id_may_be_any_printable_ascii_up_to_its_cap(void **state)
{
	char id[CAP_USER_ID + 1];
	struct span span = { id, 0 };
	struct fail why = { 0 };
	int byte;

	(void)state;
	for (byte = 0x21; byte < 0x7f; byte++) {
		memset(id, byte, sizeof(id));
		span.len = 1;
		assert_int_equal(userid_check(span, &why), 0);
		span.len = CAP_USER_ID;
		assert_int_equal(userid_check(span, &why), 0);
	}
	span.len = CAP_USER_ID + 1;
	assert_int_equal(userid_check(span, &why), -1);
	assert_fail(&why, FAIL_DATA, "129 bytes, at most 128");
}

static void
id_is_not_empty(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(userid_check(SPAN(""), &why), -1);
	assert_fail(&why, FAIL_DATA, "user id is empty");
	assert_int_equal(userid_check(NO_SPAN, &why), -1);
}

static void
id_has_no_control_characters_and_nothing_but_ascii(void **state)
{
	char id[3] = "a?b";
	struct span span = { id, 3 };
	struct fail why;
	int byte;

	(void)state;
	for (byte = 0; byte < 256; byte++) {
		id[1] = (char)byte;
		memset(&why, 0, sizeof(why));
		if (byte > 0x20 && byte < 0x7f) {
			assert_int_equal(userid_check(span, &why), 0);
			continue;
		}
		assert_int_equal(userid_check(span, &why), -1);
		assert_int_equal(why.kind, FAIL_DATA);
		/* What is wrong with it is not repeated raw. */
		if (byte < 0x20 || byte == 0x7f)
			assert_null(memchr(
			    why.text, byte == 0 ? 1 : byte, strlen(why.text)));
	}
}

static void
uuid_has_one_form_in_any_case(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ UUID, true },
		{ "9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F", true },
		{ "9eD7d9F6-0c59-4360-aC54-40dd35eB9c2f", true },
		{ "00000000-0000-0000-0000-000000000000", true },
		{ "ffffffff-ffff-ffff-ffff-ffffffffffff", true },
		{ "", false },
		{ "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2", false },
		{ "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f0", false },
		{ "{9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f}", false },
		{ "urn:uuid:9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f", false },
		{ "9ed7d9f60c594360ac5440dd35eb9c2f", false },
		{ "9ed7d9f60c594360ac5440dd35eb9c2f0000", false },
		{ "9ed7d9f6_0c59_4360_ac54_40dd35eb9c2f", false },
		{ "9ed7d9f-60c59-4360-ac54-40dd35eb9c2f", false },
		{ "ged7d9f6-0c59-4360-ac54-40dd35eb9c2f", false },
		{ "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2g", false },
		{ "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2-", false },
		{ " 9ed7d9f6-0c59-4360-ac54-40dd35eb9c2", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (userid_is_uuid(span_of(rows[i].text)) != rows[i].good)
			fail_msg("'%s'", rows[i].text);
}

static void
uuid_check_names_what_is_none(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(userid_check_uuid(SPAN(UUID), &why), 0);
	assert_int_equal(userid_check_uuid(SPAN("user-id-1"), &why), -1);
	assert_fail(&why, FAIL_DATA, "'user-id-1' is not a UUID");
}

static void
uuid_check_refuses_the_nil_one(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(
	    userid_check_uuid(
		SPAN("00000000-0000-0000-0000-000000000000"), &why),
	    -1);
	assert_fail(&why, FAIL_DATA, "nobody");
	assert_int_equal(
	    userid_check_uuid(
		SPAN("00000000-0000-0000-0000-000000000001"), &why),
	    0);
}

static void
key_of_a_uuid_is_in_lower_case(void **state)
{
	char room[CAP_USER_ID];

	(void)state;
	assert_span(
	    userid_key(SPAN("9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F"), room),
	    UUID);
	assert_span(userid_key(SPAN(UUID), room), UUID);
}

static void
key_of_a_uuid_is_the_same_wherever_its_capitals_are(void **state)
{
	static const char all[] = "abcdefab-cdef-abcd-efab-cdefabcdefab";
	char id[sizeof(all)], room[CAP_USER_ID];
	struct span span = { id, sizeof(all) - 1 };
	size_t i;

	(void)state;
	for (i = 0; i < span.len; i++) {
		memcpy(id, all, sizeof(all));
		if (id[i] != '-')
			id[i] = (char)(id[i] - 'a' + 'A');
		assert_span(userid_key(span, room), all);
	}
}

static void
key_of_another_id_is_that_id(void **state)
{
	char room[CAP_USER_ID];

	(void)state;
	assert_span(userid_key(SPAN("User-ID-1"), room), "User-ID-1");
	assert_span(
	    userid_key(SPAN("9ED7D9F6-0C59-4360-AC54-40DD35EB9C2"), room),
	    "9ED7D9F6-0C59-4360-AC54-40DD35EB9C2");
}

static void
name_within_its_cap_stays_whole(void **state)
{
	char name[CAP_NAME];
	struct span span = { name, sizeof(name) };

	(void)state;
	memset(name, 'n', sizeof(name));
	assert_int_equal(userid_name(span).len, CAP_NAME);
	assert_ptr_equal(userid_name(span).at, name);
	assert_int_equal(userid_name(SPAN("")).len, 0);
	assert_span(userid_name(SPAN("Zo\xc3\xab")), "Zo\xc3\xab");
}

static void
name_is_not_cut_within_a_character(void **state)
{
	static const char *const characters[] = { "a", "\xc3\xab",
		"\xe2\x82\xac", "\xf0\x9f\x98\x80" };
	char name[CAP_NAME + 16];
	struct span cut, span = { name, 0 };
	size_t i, len, shift;

	(void)state;
	for (i = 0; i < COUNT(characters); i++) {
		len = strlen(characters[i]);
		for (shift = 0; shift < 4; shift++) {
			memset(name, 'n', shift);
			for (span.len = shift; span.len + len <= sizeof(name);
			     span.len += len)
				memcpy(name + span.len, characters[i], len);
			cut = userid_name(span);
			assert_true(cut.len <= CAP_NAME);
			assert_true(cut.len > CAP_NAME - len);
			assert_int_equal((cut.len - shift) % len, 0);
		}
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_is_an_id_alone),
		cmocka_unit_test(line_is_an_id_and_a_name_behind_white_space),
		cmocka_unit_test(
		    line_may_have_space_around_it_and_a_carriage_return),
		cmocka_unit_test(line_that_is_blank_or_a_comment_is_nothing),
		cmocka_unit_test(line_with_a_hash_inside_the_id_is_no_comment),
		cmocka_unit_test(line_with_a_bad_id_says_what_is_wrong),
		cmocka_unit_test(line_name_is_cut_to_its_cap),
		cmocka_unit_test(id_may_be_any_printable_ascii_up_to_its_cap),
		cmocka_unit_test(id_is_not_empty),
		cmocka_unit_test(
		    id_has_no_control_characters_and_nothing_but_ascii),
		cmocka_unit_test(uuid_has_one_form_in_any_case),
		cmocka_unit_test(uuid_check_names_what_is_none),
		cmocka_unit_test(uuid_check_refuses_the_nil_one),
		cmocka_unit_test(key_of_a_uuid_is_in_lower_case),
		cmocka_unit_test(
		    key_of_a_uuid_is_the_same_wherever_its_capitals_are),
		cmocka_unit_test(key_of_another_id_is_that_id),
		cmocka_unit_test(name_within_its_cap_stays_whole),
		cmocka_unit_test(name_is_not_cut_within_a_character),
	};

	return TEST_RUN(tests);
}
