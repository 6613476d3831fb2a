#include "config.h"

#include "../unit/test.h"
#include "buf.h"
#include "users/form.h"
#include "users/people.h"

#define ID    "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"
#define UPPER "9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F"
#define OTHER "3c2e5f0a-6b1d-4e8f-9a7c-5d4b3a2f1e0d"

static void
add(struct people *people, const char *id, const char *name)
{
	struct fail why;

	assert_int_equal(
	    people_add(people, span_of(id), span_of(name), &why), 0);
}

static void
people_are_each_there_once_in_the_order_of_coming(void **state)
{
	struct people *people = people_new();

	(void)state;
	add(people, OTHER, "Bob");
	add(people, ID, "Ann");
	add(people, UPPER, "Ann again");
	add(people, OTHER, "Bob");
	assert_int_equal(people_count(people), 2);
	assert_string_equal(people_at(people, 0)->id, OTHER);
	assert_string_equal(people_at(people, 1)->id, ID);
	assert_string_equal(people_at(people, 1)->name, "Ann");
	people_free(people);
}

static void
people_get_a_name_that_comes_later(void **state)
{
	struct people *people = people_new();

	(void)state;
	add(people, ID, NULL);
	assert_string_equal(people_at(people, 0)->name, "");
	add(people, ID, " Ann\n");
	assert_string_equal(people_at(people, 0)->name, "Ann");
	people_free(people);
}

static void
people_are_bounded(void **state)
{
	struct people *people = people_new();
	struct fail why;
	char id[24];
	int i;

	(void)state;
	for (i = 0; i < PEOPLE_MAX; i++) {
		(void)snprintf(id, sizeof(id), "%d", i);
		add(people, id, NULL);
	}
	assert_int_equal(people_add(people, span_of(ID), NO_SPAN, &why), -1);
	assert_fail(&why, FAIL_DATA, "more than 1000000 users");
	add(people, "7", "Ann");
	people_free(people);
}

/* All people in the form. */
static void
assert_form(const struct people *people, enum form form, const char *want)
{
	struct buf buf;
	size_t i;

	buf_init(&buf, SIZE_MAX);
	for (i = 0; i < people_count(people); i++)
		form_put(&buf, form, i, people_at(people, i));
	form_end(&buf, form, people_count(people));
	assert_string_equal(buf_string(&buf), want);
	buf_done(&buf);
}

static void
form_tsv_is_a_line_for_each(void **state)
{
	struct people *people = people_new();

	(void)state;
	assert_form(people, FORM_TSV, "");
	add(people, ID, "Ann Arbor");
	add(people, OTHER, "");
	assert_form(people, FORM_TSV, ID "\tAnn Arbor\n" OTHER "\n");
	people_free(people);
}

static void
form_yaml_is_a_file_of_users(void **state)
{
	struct people *people = people_new();

	(void)state;
	assert_form(people, FORM_YAML, "users: []\n");
	add(people, ID, "Ann \"A\" Arbor: #1");
	add(people, OTHER, "");
	assert_form(people, FORM_YAML,
	    "users:\n  - id: " ID "\n    name: \"Ann \\\"A\\\" Arbor: #1\"\n"
	    "  - id: " OTHER "\n");
	people_free(people);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    people_are_each_there_once_in_the_order_of_coming),
		cmocka_unit_test(people_get_a_name_that_comes_later),
		cmocka_unit_test(people_are_bounded),
		cmocka_unit_test(form_tsv_is_a_line_for_each),
		cmocka_unit_test(form_yaml_is_a_file_of_users),
	};

	return TEST_RUN(tests);
}
