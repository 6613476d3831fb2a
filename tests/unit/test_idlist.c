#include "config.h"

#include "idlist.h"
#include "test.h"

static void
idlist_keeps_copies_in_order(void **state)
{
	struct idlist list = { 0 };
	char text[32];
	struct span id = { text, 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		id.len = (size_t)snprintf(text, sizeof(text), "user-%zu", i);
		idlist_add(&list, id);
	}
	assert_int_equal(list.count, 1000);
	assert_span(list.ids[0], "user-0");
	assert_span(list.ids[999], "user-999");
	idlist_done(&list);
}

static void
idlist_takes_many_at_once(void **state)
{
	const struct span ids[] = { SPAN("a"), SPAN("b"), SPAN("a") };
	struct idlist list = { 0 };

	(void)state;
	idlist_add(&list, SPAN("first"));
	idlist_add_all(&list, ids, COUNT(ids));
	idlist_add_all(&list, NULL, 0);
	assert_int_equal(list.count, 4);
	assert_span(list.ids[1], "a");
	assert_span(list.ids[3], "a");
	idlist_done(&list);
}

static void
idlist_is_as_new_when_it_is_done(void **state)
{
	struct idlist list = { 0 };

	(void)state;
	idlist_done(&list);
	idlist_add(&list, SPAN("one"));
	idlist_done(&list);
	assert_int_equal(list.count, 0);
	idlist_add(&list, SPAN("two"));
	assert_int_equal(list.count, 1);
	assert_span(list.ids[0], "two");
	idlist_done(&list);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(idlist_keeps_copies_in_order),
		cmocka_unit_test(idlist_takes_many_at_once),
		cmocka_unit_test(idlist_is_as_new_when_it_is_done),
	};

	return TEST_RUN(tests);
}
