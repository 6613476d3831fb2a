#include "config.h"

#include "caps.h"
#include "test.h"
#include "tokenanswer.h"

/* What the answer holds, or NULL; to be freed. */
static char *
read_answer(const char *body, int64_t *ret_life_s, struct fail *why)
{
	struct tokenanswer answer;

	*ret_life_s = -1;
	if (tokenanswer_read(span_of(body), &answer, why) == -1)
		return NULL;
	*ret_life_s = answer.life_s;
	return answer.token;
}

static void
tokenanswer_gives_the_token_and_its_life(void **state)
{
	struct fail why;
	int64_t life_s;
	char *token;

	(void)state;
	token = read_answer("{\"access_token\":\"x7-a.b_c~d+e/f==\","
			    "\"token_type\":\"bearer\",\"expires_in\":86399}",
	    &life_s, &why);
	assert_string_equal(token, "x7-a.b_c~d+e/f==");
	assert_int_equal(life_s, 86399);
	free(token);
}

static void
tokenanswer_holds_a_life_to_what_makes_sense(void **state)
{
	static const struct {
		const char *body;
		int64_t life_s;
	} rows[] = {
		{ "{\"access_token\":\"t\"}", 3600 },
		{ "{\"access_token\":\"t\",\"expires_in\":null}", 3600 },
		{ "{\"access_token\":\"t\",\"expires_in\":\"long\"}", 3600 },
		{ "{\"access_token\":\"t\",\"expires_in\":0}", 60 },
		{ "{\"access_token\":\"t\",\"expires_in\":-7}", 60 },
		{ "{\"access_token\":\"t\",\"expires_in\":1e300}",
		    TOKENANSWER_LIFE_MAX_S },
	};
	struct fail why;
	int64_t life_s;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		free(read_answer(rows[i].body, &life_s, &why));
		if (life_s != rows[i].life_s)
			fail_msg("%s: %lld", rows[i].body, (long long)life_s);
	}
}

static void
tokenanswer_says_what_is_odd_about_a_life(void **state)
{
	struct tokenanswer answer;
	struct fail why;

	(void)state;
	assert_int_equal(tokenanswer_read(span_of("{\"access_token\":\"t\"}"),
			     &answer, &why),
	    0);
	assert_string_equal(answer.doubt,
	    "the token's answer has no expires_in: taking it for an hour");
	free(answer.token);
	assert_int_equal(
	    tokenanswer_read(
		span_of("{\"access_token\":\"t\",\"expires_in\":60}"), &answer,
		&why),
	    0);
	assert_null(answer.doubt);
	free(answer.token);
}

static void
tokenanswer_without_a_token_that_can_stand_in_a_header_is_none(void **state)
{
	static const char *const rows[] = { "", "{}", "[]", "<html>",
		"{\"access_token\":7}", "{\"access_token\":\"\"}",
		"{\"access_token\":\"a b\"}", "{\"access_token\":\"a\\r\\nb\"}",
		"{\"access_token\":\"a\\u0000b\"}",
		"{\"access_token\":\"\\u00e9\"}" };
	struct fail why;
	int64_t life_s;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		if (read_answer(rows[i], &life_s, &why) != NULL)
			fail_msg("%s", rows[i]);
		assert_fail(&why, FAIL_UNREACHABLE, "no usable access_token");
	}
}

static void
tokenanswer_whose_scope_lacks_presence_is_refused(void **state)
{
	struct fail why;
	int64_t life_s;
	char *token;

	(void)state;
	assert_null(read_answer("{\"access_token\":\"t\",\"scope\":"
				"\"presence:reader xpresence\"}",
	    &life_s, &why));
	assert_fail(&why, FAIL_REFUSED, "presence:reader xpresence");
	token = read_answer("{\"access_token\":\"t\",\"scope\":"
			    "\"users presence:readonly\"}",
	    &life_s, &why);
	assert_non_null(token);
	free(token);
}

static void
tokenanswer_400_can_pass_where_the_body_does_not_say_otherwise(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum fail_kind kind;
	} rows[] = {
		{ 400, "{\"description\":\"Rate Limit Exceeded\"}", FAIL_BUSY },
		{ 400, "{\"error\":\"invalid_client\"}", FAIL_REFUSED },
		{ 400, "{\"error\":\"unauthorized_client\"}", FAIL_REFUSED },
		{ 400, "<html>", FAIL_UNREACHABLE },
		{ 401, "rate limit exceeded", FAIL_REFUSED },
		{ 404, "", FAIL_CONFIG },
	};
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		why.kind = FAIL_REFUSED;
		tokenanswer_refine(rows[i].status, span_of(rows[i].body), &why);
		if (why.kind != rows[i].kind)
			fail_msg("%s: %d", rows[i].body, (int)why.kind);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokenanswer_gives_the_token_and_its_life),
		cmocka_unit_test(tokenanswer_holds_a_life_to_what_makes_sense),
		cmocka_unit_test(tokenanswer_says_what_is_odd_about_a_life),
		cmocka_unit_test(
		    tokenanswer_without_a_token_that_can_stand_in_a_header_is_none),
		cmocka_unit_test(
		    tokenanswer_whose_scope_lacks_presence_is_refused),
		cmocka_unit_test(
		    tokenanswer_400_can_pass_where_the_body_does_not_say_otherwise),
	};

	return TEST_RUN(tests);
}
