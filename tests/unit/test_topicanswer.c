#include "config.h"

#include "buf.h"
#include "test.h"
#include "topicanswer.h"

#define ENTITY(id, more) "{\"id\":\"v2.users." id ".presence\"" more "}"

/* The verdict on one user, and the reason in a buffer for both. */
static enum topicanswer_verdict
verdict(const char *body, const char *id, const char **ret_reason)
{
	static char text[1024];
	enum topicanswer_verdict verdict;
	struct topicanswer *answer;
	struct buf reason;

	buf_init(&reason, SIZE_MAX);
	answer = topicanswer_new(span_of(body));
	verdict = topicanswer_of(answer, span_of(id), 0, &reason);
	topicanswer_free(answer);
	(void)snprintf(text, sizeof(text), "%s", buf_string(&reason));
	buf_done(&reason);
	*ret_reason = text;
	return verdict;
}

static void
topicanswer_accepts_what_is_not_rejected(void **state)
{
	const char *reason;

	(void)state;
	assert_int_equal(verdict("{\"entities\":[" ENTITY(
				     "a", ",\"state\":\"Permitted\"") "]}",
			     "a", &reason),
	    TOPICANSWER_ACCEPTED);
	/* As older services answered. */
	assert_int_equal(
	    verdict("{\"entities\":[" ENTITY("a", "") "]}", "a", &reason),
	    TOPICANSWER_ACCEPTED);
	assert_string_equal(reason, "");
}

static void
topicanswer_finds_a_topic_in_any_order_and_case(void **state)
{
	const char *reason;

	(void)state;
	assert_int_equal(
	    verdict(
		"{\"entities\":[" ENTITY("a",
		    "") ",7,null,"
			"{\"id\":\"V2.USERS.BE.PRESENCE\",\"state\":\"Rejected\"}]}",
		"be", &reason),
	    TOPICANSWER_REJECTED);
	assert_string_equal(reason, "the service says no more");
}

static void
topicanswer_rejection_has_the_reason_and_the_permissions(void **state)
{
	const char *reason;

	(void)state;
	assert_int_equal(
	    verdict("{\"entities\":[" ENTITY("a",
			",\"state\":\"Rejected\",\"rejectionReason\":"
			"\"Not allowed.\",\"missingPermissions\":"
			"[\"a:b:c\",\"d:e:f\"]") "]}",
		"a", &reason),
	    TOPICANSWER_REJECTED);
	assert_string_equal(
	    reason, "Not allowed; missing permission a:b:c, d:e:f");
}

static void
topicanswer_that_is_none_names_no_topic(void **state)
{
	static const char *const rows[] = { "", "<html>", "[]", "{}",
		"{\"entities\":{}}", "{\"entities\":[]}",
		"{\"entities\":[" ENTITY("b", "") "]}" };
	const char *reason;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (verdict(rows[i], "a", &reason) != TOPICANSWER_UNNAMED)
			fail_msg("%s", rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topicanswer_accepts_what_is_not_rejected),
		cmocka_unit_test(
		    topicanswer_finds_a_topic_in_any_order_and_case),
		cmocka_unit_test(
		    topicanswer_rejection_has_the_reason_and_the_permissions),
		cmocka_unit_test(topicanswer_that_is_none_names_no_topic),
	};

	return TEST_RUN(tests);
}
