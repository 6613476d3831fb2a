#include "config.h"

#include "../unit/test.h"
#include "jget.h"
#include "users/row.h"

#define ID    "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"
#define OTHER "3c2e5f0a-6b1d-4e8f-9a7c-5d4b3a2f1e0d"

static struct jget *jget;

static int
make_reader(void **state)
{
	(void)state;
	jget = jget_new();
	return 0;
}

static int
free_reader(void **state)
{
	(void)state;
	jget_free(jget);
	return 0;
}

static bool
read_row(const char *text, struct row *row)
{
	struct fail why;
	struct json_object *root = jget_parse(jget, span_of(text), &why);

	assert_non_null(root);
	return row_read(root, row);
}

static void
row_read_takes_a_user(void **state)
{
	struct row row;

	(void)state;
	assert_true(read_row("{\"id\":\"" ID "\",\"name\":\"Ann\","
			     "\"email\":\"a@b\",\"state\":\"active\"}",
	    &row));
	assert_span(row.id, ID);
	assert_span(row.name, "Ann");
	assert_span(row.email, "a@b");
	assert_true(row.active);
}

static void
row_read_takes_the_user_of_a_member_of_a_queue(void **state)
{
	struct row row;

	(void)state;
	assert_true(read_row("{\"id\":\"" OTHER "\",\"user\":{\"id\":\"" ID
			     "\",\"name\":\"Ann\",\"state\":\"inactive\"}}",
	    &row));
	assert_span(row.id, ID);
	assert_span(row.name, "Ann");
	assert_false(row.active);
}

static void
row_read_takes_who_has_no_state_for_active(void **state)
{
	struct row row;

	(void)state;
	assert_true(read_row("{\"id\":\"" ID "\"}", &row));
	assert_true(row.active);
	assert_int_equal(row.name.len, 0);
	assert_true(read_row("{\"id\":\"" ID "\",\"state\":\"ACTIVE\"}", &row));
	assert_true(row.active);
	assert_true(
	    read_row("{\"id\":\"" ID "\",\"state\":\"activated\"}", &row));
	assert_false(row.active);
}

static void
row_read_refuses_what_has_no_id(void **state)
{
	struct row row;

	(void)state;
	assert_false(read_row("{\"name\":\"Ann\"}", &row));
	assert_false(read_row("{\"id\":7}", &row));
	assert_false(read_row("{\"id\":\"ann\"}", &row));
	assert_false(read_row("[]", &row));
	assert_false(row_read(NULL, &row));
}

static void
row_cursor_is_as_it_is_written(void **state)
{
	(void)state;
	assert_span(
	    row_cursor(span_of("/x?pageSize=1&after=aGk%3D")), "aGk%3D");
	assert_span(row_cursor(span_of("/x?after=a-b_c~d.e&x=1")), "a-b_c~d.e");
	assert_span(row_cursor(span_of("https://h/x?before=1&after=2")), "2");
}

static void
row_cursor_of_a_uri_without_a_usable_one_is_none(void **state)
{
	static char text[4096] = "/x?after=";
	struct span giant = { text, sizeof(text) };

	(void)state;
	assert_span(row_cursor(NO_SPAN), NULL);
	assert_span(row_cursor(span_of("")), NULL);
	assert_span(row_cursor(span_of("/x/after=1")), NULL);
	assert_span(row_cursor(span_of("/x?thereafter=1")), NULL);
	assert_span(row_cursor(span_of("/x?after=")), NULL);
	assert_span(row_cursor(span_of("/x?after=a b")), NULL);
	assert_span(row_cursor(span_of("/x?after=a\r\nHost:x")), NULL);
	assert_span(row_cursor(span_of("/x?after=a#b")), NULL);
	memset(text + 9, 'x', sizeof(text) - 9);
	assert_span(row_cursor(giant), NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_read_takes_a_user),
		cmocka_unit_test(
		    row_read_takes_the_user_of_a_member_of_a_queue),
		cmocka_unit_test(row_read_takes_who_has_no_state_for_active),
		cmocka_unit_test(row_read_refuses_what_has_no_id),
		cmocka_unit_test(row_cursor_is_as_it_is_written),
		cmocka_unit_test(
		    row_cursor_of_a_uri_without_a_usable_one_is_none),
	};

	(void)alarm(TEST_LIMIT);
	return cmocka_run_group_tests(tests, make_reader, free_reader);
}
