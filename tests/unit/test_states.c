#include "config.h"

#include "states.h"
#include "test.h"

static struct states states;

static void
good(const char *text)
{
	struct fail why = { 0 };

	if (states_parse(&states, text, &why) == -1)
		fail_msg("'%s': %s", text, why.text);
}

static void
states_are_listed_with_commas_in_any_spelling(void **state)
{
	(void)state;
	good("BUSY");
	assert_int_equal(states.count, 1);
	assert_true(states_has(&states, SPAN("BUSY")));
	assert_false(states_has(&states, SPAN("MEAL")));
	good("busy,On Queue,Offline");
	assert_int_equal(states.count, 3);
	assert_true(states_has(&states, SPAN("BUSY")));
	assert_true(states_has(&states, SPAN("ON_QUEUE")));
	assert_true(states_has(&states, SPAN("OFFLINE")));
	assert_false(states_has(&states, SPAN("ON QUEUE")));
	good(" OnQueue , meal ");
	assert_int_equal(states.count, 2);
	assert_true(states_has(&states, SPAN("ON_QUEUE")));
	assert_true(states_has(&states, SPAN("MEAL")));
}

static void
states_are_compared_whole(void **state)
{
	(void)state;
	good("BUSY,AWAY");
	assert_false(states_has(&states, SPAN("BUS")));
	assert_false(states_has(&states, SPAN("BUSYX")));
	assert_false(states_has(&states, SPAN("BUSY,AWAY")));
	assert_false(states_has(&states, SPAN("")));
	assert_false(states_has(&states, NO_SPAN));
}

static void
states_that_nobody_knows_are_allowed(void **state)
{
	(void)state;
	good("Out of Office");
	assert_true(states_has(&states, SPAN("OUT_OF_OFFICE")));
}

static void
states_that_nobody_knows_are_named(void **state)
{
	(void)state;
	good("available,away,break,busy,idle,meal,meeting,offline,on queue,"
	     "training");
	assert_int_equal(states_unknown(&states).len, 0);
	good("busy,on qeue,lunhc");
	assert_true(span_is(states_unknown(&states), "ON_QEUE"));
	good("bus");
	assert_true(span_is(states_unknown(&states), "BUS"));
}

static void
states_that_are_none_are_refused(void **state)
{
	static const char *const rows[] = { "", " ", ",", "BUSY,", ",BUSY",
		"BUSY,,AWAY", "BUSY, ,AWAY" };
	char text[CAP_STATE + 2] = { 0 };
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		memset(&why, 0, sizeof(why));
		if (states_parse(&states, rows[i], &why) != -1)
			fail_msg("'%s'", rows[i]);
		assert_fail(&why, FAIL_CONFIG, "is not a state");
	}
	memset(text, 'x', CAP_STATE);
	good(text);
	text[CAP_STATE] = 'x';
	assert_int_equal(states_parse(&states, text, &why), -1);
	assert_fail(&why, FAIL_CONFIG, "is not a state");
}

static void
states_may_be_so_many_and_no_more(void **state)
{
	char text[1024] = "";
	struct fail why;
	size_t i, len = 0;

	(void)state;
	for (i = 0; i < STATES_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%sSTATE_%zu", i == 0 ? "" : ",", i);
	good(text);
	assert_int_equal(states.count, STATES_MAX);
	assert_true(states_has(&states, SPAN("STATE_0")));
	assert_true(states_has(&states, SPAN("STATE_31")));
	(void)snprintf(text + len, sizeof(text) - len, ",MORE");
	assert_int_equal(states_parse(&states, text, &why), -1);
	assert_fail(&why, FAIL_CONFIG, "more than 32 states");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_are_listed_with_commas_in_any_spelling),
		cmocka_unit_test(states_are_compared_whole),
		cmocka_unit_test(states_that_nobody_knows_are_allowed),
		cmocka_unit_test(states_that_nobody_knows_are_named),
		cmocka_unit_test(states_that_are_none_are_refused),
		cmocka_unit_test(states_may_be_so_many_and_no_more),
	};

	return TEST_RUN(tests);
}
