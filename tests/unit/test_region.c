#include "config.h"

#include <ctype.h>

#include "region.h"
#include "test.h"

#define assert_domain(text, wanted) \
	test_domain((text), (wanted), __FILE__, __LINE__)

static void
test_domain(const char *text, const char *wanted, const char *file, int line)
{
	struct fail why = { 0 };
	char *domain;

	domain = region_domain(text, &why);
	if (domain == NULL)
		_assert_string_equal(why.text, wanted, file, line);
	_assert_string_equal(domain, wanted, file, line);
	free(domain);
}

static void
region_names_have_their_domains(void **state)
{
	/* The list of the official SDKs. */
	static const struct {
		const char *name, *domain;
	} rows[] = {
		{ "us-east-1", "mypurecloud.com" },
		{ "us-east-2", "use2.us-gov-pure.cloud" },
		{ "us-west-2", "usw2.pure.cloud" },
		{ "ca-central-1", "cac1.pure.cloud" },
		{ "mx-central-1", "mxc1.pure.cloud" },
		{ "sa-east-1", "sae1.pure.cloud" },
		{ "eu-west-1", "mypurecloud.ie" },
		{ "eu-west-2", "euw2.pure.cloud" },
		{ "eu-central-1", "mypurecloud.de" },
		{ "eu-central-2", "euc2.pure.cloud" },
		{ "eusc-de-east-1", "edee1.eusc-pure.cloud" },
		{ "me-central-1", "mec1.pure.cloud" },
		{ "ap-south-1", "aps1.pure.cloud" },
		{ "ap-southeast-1", "apse1.pure.cloud" },
		{ "ap-southeast-2", "mypurecloud.com.au" },
		{ "ap-northeast-1", "mypurecloud.jp" },
		{ "ap-northeast-2", "apne2.pure.cloud" },
		{ "ap-northeast-3", "apne3.pure.cloud" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_domain(rows[i].name, rows[i].domain);
		assert_non_null(region_at(i));
	}
	assert_null(region_at(i));
}

static void
region_list_is_complete_and_without_doubles(void **state)
{
	const struct region *one, *other;
	size_t i, j;

	(void)state;
	for (i = 0; (one = region_at(i)) != NULL; i++) {
		assert_int_not_equal(strlen(one->place), 0);
		for (j = 0; j < i; j++) {
			other = region_at(j);
			assert_string_not_equal(one->name, other->name);
			assert_string_not_equal(one->domain, other->domain);
		}
	}
	assert_null(region_at(SIZE_MAX));
}

static void
region_names_may_be_in_any_case_with_underscores(void **state)
{
	const struct region *region;
	char text[64];
	size_t i, at;

	(void)state;
	assert_domain("eu_central_1", "mypurecloud.de");
	assert_domain("EU-Central_1", "mypurecloud.de");
	for (i = 0; (region = region_at(i)) != NULL; i++) {
		for (at = 0; region->name[at] != '\0'; at++)
			text[at] = region->name[at] == '-'
			    ? '_'
			    : (char)toupper((unsigned char)region->name[at]);
		text[at] = '\0';
		assert_domain(text, region->domain);
	}
}

static void
region_may_be_a_domain_or_the_api_url_of_one(void **state)
{
	(void)state;
	assert_domain("mypurecloud.de", "mypurecloud.de");
	assert_domain("euw2.pure.cloud", "euw2.pure.cloud");
	assert_domain("new9.pure.cloud", "new9.pure.cloud");
	assert_domain("api.mypurecloud.de", "mypurecloud.de");
	assert_domain("https://api.mypurecloud.de", "mypurecloud.de");
	assert_domain("https://api.mypurecloud.de/", "mypurecloud.de");
	assert_domain("HTTPS://API.mypurecloud.de", "mypurecloud.de");
	assert_domain("https://mypurecloud.de", "mypurecloud.de");
}

static void
region_that_is_none_is_named_with_what_to_give(void **state)
{
	static char longest[300];
	const char *const rows[] = { "", "eu-central-9", "eu-central-1 ",
		" eu-central-1", "eu-central-11", "eu-central-", "mypurecloud",
		".com", "mypurecloud.", "mypurecloud.de/path",
		"https://api.mypurecloud.de/path", "http://api.mypurecloud.de",
		"mypurecloud.de:443", "user@mypurecloud.de", "mypurecloud.de?x",
		"mypurecloud.de\n", "my purecloud.de", "m\xc3\xbcpurecloud.de",
		"api.", "https://", longest };
	struct fail why;
	size_t i;

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	memcpy(longest + 100, ".de", 3);
	for (i = 0; i < COUNT(rows); i++) {
		memset(&why, 0, sizeof(why));
		if (region_domain(rows[i], &why) != NULL)
			fail_msg("'%s'", rows[i]);
		assert_fail(&why, FAIL_CONFIG, "eu-central-1");
	}
	assert_null(region_domain("eu-central-9", &why));
	assert_fail(&why, FAIL_CONFIG, "unknown region 'eu-central-9'");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(region_names_have_their_domains),
		cmocka_unit_test(region_list_is_complete_and_without_doubles),
		cmocka_unit_test(
		    region_names_may_be_in_any_case_with_underscores),
		cmocka_unit_test(region_may_be_a_domain_or_the_api_url_of_one),
		cmocka_unit_test(
		    region_that_is_none_is_named_with_what_to_give),
	};

	return TEST_RUN(tests);
}
