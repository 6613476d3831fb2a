#include "config.h"

#include "endpoints.h"
#include "settings.h"
#include "test.h"

static struct settings settings;
static struct endpoints endpoints;

static int
make_settings(void **state)
{
	static char region[] = "us-east-1";

	(void)state;
	(void)unsetenv("SSL_CERT_FILE");
	memset(&settings, 0, sizeof(settings));
	memset(&endpoints, 0, sizeof(endpoints));
	settings.region = region;
	/* A file that is there, whatever CAs this machine has. */
	settings.cacert = strdup(test_file("ca.pem", SPAN("")));
	return 0;
}

static int
drop_settings(void **state)
{
	(void)state;
	endpoints_done(&endpoints);
	free(settings.cacert);
	return 0;
}

static char *
text_of(const char *text)
{
	return (char *)(uintptr_t)text;
}

static void
assert_hosts(const char *login, const char *api, const char *domain)
{
	struct fail why = { 0 };

	endpoints_done(&endpoints);
	if (endpoints_init(&endpoints, &settings, &why) == -1)
		fail_msg("%s", why.text);
	assert_string_equal(endpoints.login_url, login);
	assert_string_equal(endpoints.api_url, api);
	if (domain == NULL)
		assert_null(endpoints.domain);
	else
		assert_string_equal(endpoints.domain, domain);
}

static void
assert_refused(enum fail_kind kind, const char *part)
{
	struct fail why = { 0 };

	endpoints_done(&endpoints);
	assert_int_equal(endpoints_init(&endpoints, &settings, &why), -1);
	assert_fail(&why, kind, part);
	assert_null(strstr(why.text, "hunter2"));
}

static void
endpoints_let_no_environment_have_the_keys_of_tls(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(setenv("SSLKEYLOGFILE", "keys", 1), 0);
	assert_int_equal(endpoints_init(&endpoints, &settings, &why), 0);
	assert_null(getenv("SSLKEYLOGFILE"));
}

static void
endpoints_come_from_the_region(void **state)
{
	(void)state;
	assert_hosts("https://login.mypurecloud.com",
	    "https://api.mypurecloud.com", "mypurecloud.com");
	settings.region = text_of("EU_CENTRAL_1");
	assert_hosts("https://login.mypurecloud.de",
	    "https://api.mypurecloud.de", "mypurecloud.de");
	assert_string_equal(endpoints.api.host, "api.mypurecloud.de");
	assert_true(endpoints.api.tls);
	settings.region = text_of("eu-central-9");
	assert_refused(FAIL_CONFIG, "unknown region");
}

static void
endpoints_of_an_api_url_are_both_there(void **state)
{
	(void)state;
	settings.api_url = text_of("http://127.0.0.1:40123");
	assert_hosts("http://127.0.0.1:40123", "http://127.0.0.1:40123", NULL);
	assert_int_equal(endpoints.api.port, 40123);
	settings.api_url = text_of("https://gateway.example//");
	assert_hosts(
	    "https://gateway.example", "https://gateway.example", NULL);
}

static void
endpoints_login_may_be_elsewhere(void **state)
{
	(void)state;
	settings.login_url = text_of("https://login.example/");
	assert_hosts("https://login.example", "https://api.mypurecloud.com",
	    "mypurecloud.com");
	settings.api_url = text_of("https://gateway.example");
	assert_hosts("https://login.example", "https://gateway.example", NULL);
}

static void
endpoints_never_send_credentials_in_clear_text(void **state)
{
	static const char *const rows[] = { "http://api.mypurecloud.de",
		"http://10.0.0.1", "http://localhost.example",
		"http://gateway" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		settings.api_url = text_of(rows[i]);
		settings.login_url = NULL;
		assert_refused(FAIL_CONFIG, "--api-url: http would send");
		settings.api_url = NULL;
		settings.login_url = text_of(rows[i]);
		assert_refused(FAIL_CONFIG, "--login-url: http would send");
	}
	settings.login_url = text_of("http://localhost:1");
	settings.api_url = text_of("http://[::1]:2");
	assert_hosts("http://localhost:1", "http://[::1]:2", NULL);
}

static void
endpoints_that_are_no_url_name_the_option(void **state)
{
	static const char *const rows[] = { "", "gateway", "ftp://gateway",
		"wss://gateway", "https://gateway/?token=hunter2",
		"https://user:hunter2@gateway", "https://gateway#hunter2",
		"https://", "https://gate way" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		settings.api_url = text_of(rows[i]);
		settings.login_url = NULL;
		assert_refused(FAIL_CONFIG, "--api-url: ");
		settings.api_url = NULL;
		settings.login_url = text_of(rows[i]);
		assert_refused(FAIL_CONFIG, "--login-url: ");
	}
}

static void
endpoints_trust_the_file_of_the_option(void **state)
{
	char *missing = strdup(test_path("missing.pem"));

	(void)state;
	assert_int_equal(setenv("SSL_CERT_FILE", missing, 1), 0);
	assert_hosts("https://login.mypurecloud.com",
	    "https://api.mypurecloud.com", "mypurecloud.com");
	assert_string_equal(endpoints.ca_file, settings.cacert);
	free(settings.cacert);
	settings.cacert = missing;
	assert_refused(FAIL_FILE, "missing.pem");
	/* What was asked for is checked, even where nothing needs it. */
	settings.api_url = text_of("http://127.0.0.1:1");
	assert_refused(FAIL_FILE, "missing.pem");
}

static void
endpoints_trust_the_file_of_the_environment(void **state)
{
	const char *missing = test_path("missing.pem");
	char *file = settings.cacert;

	(void)state;
	settings.cacert = NULL;
	assert_int_equal(setenv("SSL_CERT_FILE", file, 1), 0);
	assert_hosts("https://login.mypurecloud.com",
	    "https://api.mypurecloud.com", "mypurecloud.com");
	assert_string_equal(endpoints.ca_file, file);
	free(file);
	assert_int_equal(setenv("SSL_CERT_FILE", missing, 1), 0);
	assert_refused(FAIL_FILE, "missing.pem");
	/* Without TLS nobody reads it. */
	settings.api_url = text_of("http://127.0.0.1:1");
	assert_hosts("http://127.0.0.1:1", "http://127.0.0.1:1", NULL);
}

#define endpoints_test(name) \
	cmocka_unit_test_setup_teardown(name, make_settings, drop_settings)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		endpoints_test(
		    endpoints_let_no_environment_have_the_keys_of_tls),
		endpoints_test(endpoints_come_from_the_region),
		endpoints_test(endpoints_of_an_api_url_are_both_there),
		endpoints_test(endpoints_login_may_be_elsewhere),
		endpoints_test(endpoints_never_send_credentials_in_clear_text),
		endpoints_test(endpoints_that_are_no_url_name_the_option),
		endpoints_test(endpoints_trust_the_file_of_the_option),
		endpoints_test(endpoints_trust_the_file_of_the_environment),
	};

	return TEST_RUN_WITH_FILES(tests);
}
