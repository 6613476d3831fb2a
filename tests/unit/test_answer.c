#include "config.h"

#include "answer.h"
#include "http.h"
#include "test.h"

static struct http_answer
answer_of(int status, struct span body)
{
	struct http_answer answer = { .status = status, .retry_after_ms = -1 };

	answer.body = body;
	return answer;
}

static void
assert_kind(int status, enum fail_kind kind)
{
	struct http_answer answer = answer_of(status, SPAN(""));
	struct fail why = { 0 };
	char number[16];

	assert_int_equal(answer_check(&answer, "take a look", &why), -1);
	if (why.kind != kind)
		fail_msg("%d: %d", status, (int)why.kind);
	assert_fail(&why, kind, "cannot take a look: ");
	(void)snprintf(number, sizeof(number), "%d", status);
	assert_fail(&why, kind, number);
	assert_int_equal(why.retry_after_ms, 0);
}

static void
answer_of_2xx_is_a_success(void **state)
{
	static const int statuses[] = { 200, 201, 202, 204, 299 };
	struct http_answer answer;
	struct fail why = { .kind = FAIL_NONE };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(statuses); i++) {
		answer = answer_of(statuses[i], SPAN("not JSON"));
		assert_int_equal(answer_check(&answer, "look", &why), 0);
		assert_int_equal(why.kind, FAIL_NONE);
	}
}

static void
answer_status_says_what_the_caller_can_do(void **state)
{
	static const int refused[] = { 400, 401, 402, 403, 405, 410, 413, 415,
		418, 422, 431, 451, 499 };
	static const int busy[] = { 408, 409, 425, 429, 500, 501, 502, 503, 504,
		599 };
	static const int redirects[] = { 301, 302, 303, 307, 308 };
	size_t i;

	(void)state;
	assert_kind(404, FAIL_ABSENT);
	for (i = 0; i < COUNT(refused); i++)
		assert_kind(refused[i], FAIL_REFUSED);
	for (i = 0; i < COUNT(busy); i++)
		assert_kind(busy[i], FAIL_BUSY);
	for (i = 0; i < COUNT(redirects); i++)
		assert_kind(redirects[i], FAIL_CONFIG);
}

static void
answer_that_redirects_says_that_none_is_followed(void **state)
{
	struct http_answer answer = answer_of(302, SPAN(""));
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(answer_check(&answer, "look", &why), -1);
	assert_fail(&why, FAIL_CONFIG, "--api-url");
}

static void
answer_repeats_what_the_service_says(void **state)
{
	static const struct {
		const char *body, *part;
	} rows[] = {
		{ "{\"message\":\"Unable to perform the requested action\","
		  "\"code\":\"missing.permissions\",\"status\":403,"
		  "\"contextId\":\"5f0c\",\"details\":[],\"errors\":[]}",
		    "403: missing.permissions, Unable to perform the "
		    "requested action" },
		{ "{\"error\":\"invalid_client\",\"description\":"
		  "\"client not found: invalid_client\"}",
		    "403: invalid_client, client not found: invalid_client" },
		{ "{\"error\":\"invalid_request\",\"error_description\":\"x\"}",
		    "403: invalid_request, x" },
		{ "{\"message\":\"only this\"}", "403: only this" },
	};
	struct http_answer answer;
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		memset(&why, 0, sizeof(why));
		answer = answer_of(403, span_of(rows[i].body));
		assert_int_equal(answer_check(&answer, "look", &why), -1);
		assert_fail(&why, FAIL_REFUSED, rows[i].part);
	}
}

static void
answer_that_is_no_error_object_is_not_shown(void **state)
{
	static const char *const bodies[] = { "", "hunter2",
		"<html><body><h1>502 hunter2</h1></body></html>", "[]",
		"[\"hunter2\"]", "{\"hunter2\":1}", "{\"message\":{}}",
		"{\"message\":null,\"code\":7}", "{\"message\":\"\"}",
		"{\"message\":\"hunter2", "\xff\xfehunter2" };
	struct http_answer answer;
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bodies); i++) {
		answer = answer_of(502, span_of(bodies[i]));
		memset(&why, 0, sizeof(why));
		assert_int_equal(answer_check(&answer, "look", &why), -1);
		assert_int_equal(why.kind, FAIL_BUSY);
		assert_string_equal(
		    why.text, "cannot look: the service answers 502");
	}
}

static void
answer_long_texts_are_cut(void **state)
{
	static char body[1 << 20];
	struct http_answer answer;
	struct fail why = { 0 };

	(void)state;
	memset(body, 'x', sizeof(body));
	memcpy(body, "{\"code\":\"", 9);
	memcpy(body + sizeof(body) - 3, "\"}", 3);
	answer = answer_of(500, span_of(body));
	assert_int_equal(answer_check(&answer, "look", &why), -1);
	assert_in_range(strlen(why.text), 100, 400);
}

static void
answer_carries_the_retry_after(void **state)
{
	struct http_answer answer = answer_of(429, SPAN(""));
	struct fail why;

	(void)state;
	answer.retry_after_ms = 42000;
	assert_int_equal(answer_check(&answer, "look", &why), -1);
	assert_int_equal(why.retry_after_ms, 42000);
	answer.status = 503;
	assert_int_equal(answer_check(&answer, "look", &why), -1);
	assert_int_equal(why.retry_after_ms, 42000);
	answer.retry_after_ms = 0;
	assert_int_equal(answer_check(&answer, "look", &why), -1);
	assert_int_equal(why.retry_after_ms, 0);
	answer.retry_after_ms = -1;
	assert_int_equal(answer_check(&answer, "look", &why), -1);
	assert_int_equal(why.retry_after_ms, 0);
}

static void
answer_that_never_came_is_what_http_says(void **state)
{
	static const enum fail_kind kinds[] = { FAIL_UNREACHABLE, FAIL_CONFIG,
		FAIL_UNTRUSTED };
	struct http_answer answer = answer_of(0, NO_SPAN);
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(kinds); i++) {
		(void)fail_set(&answer.why, kinds[i], "connection refused");
		memset(&why, 0, sizeof(why));
		assert_int_equal(answer_check(&answer, "look", &why), -1);
		assert_int_equal(why.kind, kinds[i]);
		assert_string_equal(
		    why.text, "cannot look: connection refused");
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_of_2xx_is_a_success),
		cmocka_unit_test(answer_status_says_what_the_caller_can_do),
		cmocka_unit_test(
		    answer_that_redirects_says_that_none_is_followed),
		cmocka_unit_test(answer_repeats_what_the_service_says),
		cmocka_unit_test(answer_that_is_no_error_object_is_not_shown),
		cmocka_unit_test(answer_long_texts_are_cut),
		cmocka_unit_test(answer_carries_the_retry_after),
		cmocka_unit_test(answer_that_never_came_is_what_http_says),
	};

	return TEST_RUN(tests);
}
