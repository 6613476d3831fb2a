#include "config.h"

#include "../unit/test.h"
#include "users/asked.h"
#include "users/place.h"
#include "users/usersopt.h"

#define ID "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"

static void
asked_read_has_all_lists_in_order_and_nothing_else(void **state)
{
	char *argv[] = { (char[]){ "gcpresence-users" }, (char[]){ "-v" },
		(char[]){ "--queue" }, (char[]){ "Support" },
		(char[]){ "--retry-max=3" }, (char[]){ "--team=" ID },
		(char[]){ "-qo" }, (char[]){ "yaml" }, (char[]){ "--queue" },
		(char[]){ "--group" }, NULL };
	struct asked_list list = { 0 };
	struct fail why;

	(void)state;
	assert_int_equal(
	    asked_read(&list, &usersopt_table, COUNT(argv) - 1, argv, &why), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.rows[0].place->noun, "queue");
	assert_string_equal(list.rows[0].text, "Support");
	assert_null(list.rows[0].id);
	assert_string_equal(list.rows[1].place->noun, "team");
	assert_string_equal(list.rows[1].id, ID);
	/* A value may look like an option. */
	assert_string_equal(list.rows[2].text, "--group");
	asked_done(&list);
	assert_int_equal(list.count, 0);
}

static void
asked_read_refuses_an_empty_name(void **state)
{
	char *argv[] = { (char[]){ "gcpresence-users" }, (char[]){ "--team=" },
		NULL };
	struct asked_list list = { 0 };
	struct fail why;

	(void)state;
	assert_int_equal(
	    asked_read(&list, &usersopt_table, COUNT(argv) - 1, argv, &why),
	    -1);
	assert_fail(&why, FAIL_CONFIG, "--team: it is empty");
	asked_done(&list);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    asked_read_has_all_lists_in_order_and_nothing_else),
		cmocka_unit_test(asked_read_refuses_an_empty_name),
	};

	return TEST_RUN(tests);
}
