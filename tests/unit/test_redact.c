#include "config.h"

#include <stdio.h>
#include <string.h>

#include "redact.h"
#include "test.h"

static void
assert_redacted(const char *text, const char *wanted)
{
	char copy[256];

	(void)snprintf(copy, sizeof(copy), "%s", text);
	redact_text(copy, strlen(copy));
	assert_string_equal(copy, wanted);
}

static void
secrets_are_overwritten_wherever_they_stand(void **state)
{
	(void)state;
	redact_add("hunter22");
	redact_add("s3cret");
	assert_redacted("hunter22", "********");
	assert_redacted("x hunter22hunter22 y", "x **************** y");
	assert_redacted("hunter2 s3cre", "hunter2 s3cre");
	assert_redacted("a s3cret, and hunter22", "a ******, and ********");
	assert_redacted("", "");
}

static void
secrets_that_were_cut_are_overwritten_too(void **state)
{
	(void)state;
	redact_add("0123456789abcdef0123456789abcdef");
	assert_redacted("0123456789abcdef0123, and so on",
	    "********************, and so on");
	assert_redacted("it ends in 0123456789abcdef012345",
	    "it ends in **********************");
	assert_redacted("0123456789abcde", "0123456789abcde");
}

static void
secrets_that_are_too_short_stay_since_hiding_tells_them(void **state)
{
	(void)state;
	redact_add("a");
	redact_add("");
	redact_add(NULL);
	assert_redacted("a banana", "a banana");
}

static void
secrets_are_overwritten_in_the_form_of_a_url_too(void **state)
{
	(void)state;
	redact_add("ab/+cd==");
	assert_redacted(
	    "?token=ab%2F%2Bcd%3D%3D&x", "?token=****************&x");
	assert_redacted("ab/+cd==", "********");
}

static void
secrets_are_overwritten_in_capitals_too(void **state)
{
	(void)state;
	redact_add("mY/h1dden+Key");
	assert_redacted("IT IS MY/H1DDEN+KEY.", "IT IS *************.");
	assert_redacted("my%2fh1dden%2bkey", "*****************");
}

static void
logins_are_overwritten_as_a_header_has_them(void **state)
{
	(void)state;
	redact_add_login("Aladdin", "open sesame");
	/* RFC 7617, 2. */
	assert_redacted("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
	    "Authorization: Basic ****************************");
	assert_redacted("says open sesame", "says ***********");
	assert_redacted("Aladdin", "Aladdin");
	/* The other two lengths of a last group; RFC 4648, 10. */
	redact_add_login("fo", "obar");
	assert_redacted("Zm86b2Jhcg==", "************");
	redact_add_login("foo", "obarx");
	assert_redacted("Zm9vOm9iYXJ4", "************");
}

static void
secrets_that_begin_alike_are_all_overwritten(void **state)
{
	(void)state;
	redact_add("eyJhbGciOiJIUzI1NiJ9.new.newsignature");
	redact_add("eyJhbGciOiJIUzI1NiJ9.old.oldsignature");
	assert_redacted("x eyJhbGciOiJIUzI1NiJ9.old.oldsignature y",
	    "x ************************************* y");
	assert_redacted("x eyJhbGciOiJIUzI1NiJ9.new.newsignature y",
	    "x ************************************* y");
	redact_add("ABCDEFGHIJKLMNOPqr/tail+99");
	assert_redacted("token=ABCDEFGHIJKLMNOPqr%2Ftail%2B99&",
	    "token=******************************&");
}

static void
text_of_others_is_redacted_before_it_is_cut(void **state)
{
	struct buf buf;

	(void)state;
	redact_add("short7");
	buf_init(&buf, SIZE_MAX);
	redact_put(&buf, SPAN("it is short7"), 9);
	assert_string_equal(buf_string(&buf), "it is ***");
	redact_put(&buf, NO_SPAN, 9);
	assert_string_equal(buf_string(&buf), "it is ***");
	buf_done(&buf);
	assert_true(redact_is_short(3));
	assert_false(redact_is_short(7));
}

static void
secrets_in_use_are_never_forgotten(void **state)
{
	char secret[32];
	int i;

	(void)state;
	redact_add("client-secret");
	for (i = 0; i < 500; i++) {
		(void)snprintf(secret, sizeof(secret), "token-%d-", i);
		redact_add(secret);
		redact_retire(secret);
	}
	assert_redacted("client-secret", "*************");
	assert_redacted("token-499-", "**********");
	assert_redacted("token-450-", "**********");
	assert_redacted("token-1-", "token-1-");
}

static void
secrets_that_come_back_are_in_use_again(void **state)
{
	char other[32];
	int i;

	(void)state;
	redact_add("comes back");
	redact_retire("comes back");
	redact_add("comes back");
	for (i = 0; i < 100; i++) {
		(void)snprintf(other, sizeof(other), "other-%d-", i);
		redact_add(other);
		redact_retire(other);
	}
	assert_redacted("it comes back", "it **********");
	redact_retire("never was there");
	redact_retire(NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_overwritten_wherever_they_stand),
		cmocka_unit_test(secrets_that_were_cut_are_overwritten_too),
		cmocka_unit_test(
		    secrets_that_are_too_short_stay_since_hiding_tells_them),
		cmocka_unit_test(
		    secrets_are_overwritten_in_the_form_of_a_url_too),
		cmocka_unit_test(secrets_are_overwritten_in_capitals_too),
		cmocka_unit_test(logins_are_overwritten_as_a_header_has_them),
		cmocka_unit_test(secrets_that_begin_alike_are_all_overwritten),
		cmocka_unit_test(text_of_others_is_redacted_before_it_is_cut),
		cmocka_unit_test(secrets_in_use_are_never_forgotten),
		cmocka_unit_test(secrets_that_come_back_are_in_use_again),
	};

	return TEST_RUN(tests);
}
