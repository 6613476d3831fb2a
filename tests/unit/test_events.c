#include "config.h"

#include <json-c/json.h>

#include "buf.h"
#include "events.h"
#include "link.h"
#include "test.h"

static void
events_subscription_is_the_tutorials(void **state)
{
	const struct span ids[] = { SPAN("user-id-1"), SPAN("user-id-2") };
	struct json_object *wanted, *got;
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	events_put_subscription(&buf, ids, COUNT(ids));
	assert_string_equal(buf_string(&buf),
	    "{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"],"
	    "\"filters\":{\"userId\":[\"user-id-1\",\"user-id-2\"]}}");
	/* As Python's json.dumps() writes the same payload. */
	wanted = json_tokener_parse(
	    "{\"type\": \"subscribe\", \"eventTypes\": [\"presence\"], "
	    "\"filters\": {\"userId\": [\"user-id-1\", \"user-id-2\"]}}");
	got = json_tokener_parse(buf_string(&buf));
	assert_true(json_object_equal(got, wanted));
	json_object_put(got);
	json_object_put(wanted);
	buf_done(&buf);
}

static void
events_subscription_of_one_user_is_still_a_list(void **state)
{
	const struct span id = SPAN("x");
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	events_put_subscription(&buf, &id, 1);
	assert_string_equal(buf_string(&buf),
	    "{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"],"
	    "\"filters\":{\"userId\":[\"x\"]}}");
	buf_done(&buf);
}

static void
events_subscription_escapes_ids(void **state)
{
	const struct span id = SPAN("a\"],\"x\":[\"\\");
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	events_put_subscription(&buf, &id, 1);
	assert_non_null(strstr(buf_string(&buf),
	    "{\"userId\":[\"a\\\"],\\\"x\\\":[\\\"\\\\\"]}}"));
	assert_int_equal(
	    events_check_subscription(span_of(buf_string(&buf)), NULL), 0);
	buf_done(&buf);
}

static void
events_check_takes_what_we_write(void **state)
{
	enum {
		USERS = 1000
	};
	static char texts[USERS][37];
	static struct span ids[USERS];
	struct fail why = { 0 };
	struct buf buf;
	size_t i;

	(void)state;
	for (i = 0; i < USERS; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]),
		    "9ed7d9f6-0c59-4360-ac54-%012zu", i);
		ids[i] = span_of(texts[i]);
	}
	buf_init(&buf, SIZE_MAX);
	events_put_subscription(&buf, ids, USERS);
	assert_int_equal(
	    events_check_subscription(span_of(buf_string(&buf)), &why), 0);
	buf_done(&buf);
}

static void
events_check_refuses_what_is_no_subscription(void **state)
{
	static const char *const rows[] = {
		"",
		"[]",
		"{}",
		"not JSON",
		"{\"type\":\"subscribe\"}",
		/* Each of the three members is required. */
		"{\"eventTypes\":[\"presence\"],\"filters\":"
		"{\"userId\":[\"u\"]}}",
		"{\"type\":\"subscribe\",\"filters\":{\"userId\":[\"u\"]}}",
		"{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"]}",
		/* type */
		"{\"type\":\"unsubscribe\",\"eventTypes\":[\"presence\"],"
		"\"filters\":{\"userId\":[\"u\"]}}",
		"{\"type\":7,\"eventTypes\":[\"presence\"],\"filters\":"
		"{\"userId\":[\"u\"]}}",
		/* eventTypes */
		"{\"type\":\"subscribe\",\"eventTypes\":\"presence\","
		"\"filters\":{\"userId\":[\"u\"]}}",
		"{\"type\":\"subscribe\",\"eventTypes\":[],\"filters\":"
		"{\"userId\":[\"u\"]}}",
		"{\"type\":\"subscribe\",\"eventTypes\":[\"presence\","
		"\"routing\"],\"filters\":{\"userId\":[\"u\"]}}",
		"{\"type\":\"subscribe\",\"eventTypes\":[7],\"filters\":"
		"{\"userId\":[\"u\"]}}",
		/* filters */
		"{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"],"
		"\"filters\":[\"u\"]}",
		"{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"],"
		"\"filters\":{}}",
		"{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"],"
		"\"filters\":{\"userId\":\"u\"}}",
		"{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"],"
		"\"filters\":{\"userId\":[]}}",
		"{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"],"
		"\"filters\":{\"userId\":[\"u\",7]}}",
		"{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"],"
		"\"filters\":{\"userId\":[\"u\",\"\"]}}",
		"{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"],"
		"\"filters\":{\"userId\":[null]}}",
		/* Cut off. */
		"{\"type\":\"subscribe\",\"eventTypes\":[\"presence\"],"
		"\"filters\":{\"userId\":[\"u\"]}",
	};
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		memset(&why, 0, sizeof(why));
		if (events_check_subscription(span_of(rows[i]), &why) != -1)
			fail_msg("%s", rows[i]);
		assert_int_equal(why.kind, FAIL_INTERNAL);
	}
}

static void
events_protocol_has_the_tutorials_limits(void **state)
{
	(void)state;
	assert_string_equal(events_protocol.name, "events");
	assert_int_equal(events_protocol.users_max, 100);
	assert_false(events_protocol.has_snapshot);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_subscription_is_the_tutorials),
		cmocka_unit_test(
		    events_subscription_of_one_user_is_still_a_list),
		cmocka_unit_test(events_subscription_escapes_ids),
		cmocka_unit_test(events_check_takes_what_we_write),
		cmocka_unit_test(events_check_refuses_what_is_no_subscription),
		cmocka_unit_test(events_protocol_has_the_tutorials_limits),
	};

	return TEST_RUN(tests);
}
