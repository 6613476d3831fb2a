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
secrets_of_long_ago_make_room_for_new_ones(void **state)
{
	char secret[32];
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		(void)snprintf(secret, sizeof(secret), "token-%d-", i);
		redact_add(secret);
	}
	assert_redacted("token-199-", "**********");
	assert_redacted("token-150-", "**********");
	assert_redacted("token-1-", "token-1-");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_overwritten_wherever_they_stand),
		cmocka_unit_test(secrets_that_were_cut_are_overwritten_too),
		cmocka_unit_test(
		    secrets_that_are_too_short_stay_since_hiding_tells_them),
		cmocka_unit_test(secrets_of_long_ago_make_room_for_new_ones),
	};

	return TEST_RUN(tests);
}
