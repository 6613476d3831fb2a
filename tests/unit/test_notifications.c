#include "config.h"

#include "link.h"
#include "notifications.h"
#include "test.h"
#include "url.h"

struct row {
	const char *uri;
	bool good;
};

/* Judges URIs by a region's domain, or by the host of an API URL. */
static void
check(const char *domain, const char *api_url, const struct row *rows,
    size_t count)
{
	struct link_env env = { .domain = domain };
	struct fail why;
	struct url url;
	size_t i;

	assert_int_equal(url_parse(api_url, &url, &why), 0);
	env.api_url = &url;
	for (i = 0; i < count; i++) {
		memset(&why, 0, sizeof(why));
		if ((notifications_check_uri(&env, rows[i].uri, &why) == 0) !=
		    rows[i].good)
			fail_msg("%s: %s", rows[i].uri, why.text);
		assert_int_equal(
		    why.kind, rows[i].good ? FAIL_NONE : FAIL_CONFIG);
		/* It needs no credentials, so it is a secret. */
		assert_null(strstr(why.text, "streaming-4"));
		assert_null(strstr(why.text, "hunter2"));
	}
}

static void
uri_under_the_regions_domain_is_used(void **state)
{
	static const struct row rows[] = {
		{ "wss://streaming.mypurecloud.de/channels/streaming-4-x",
		    true },
		{ "wss://streaming.mypurecloud.de:443/channels/streaming-4-x",
		    true },
		{ "WSS://Streaming.MyPureCloud.DE/channels/streaming-4-x",
		    true },
		{ "wss://a.b.mypurecloud.de/streaming-4-x?y=z", true },
		{ "wss://mypurecloud.de/streaming-4-x", true },
	};

	(void)state;
	check(
	    "mypurecloud.de", "https://api.mypurecloud.de", rows, COUNT(rows));
}

static void
uri_elsewhere_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "wss://streaming.mypurecloud.com/streaming-4-x", false },
		{ "wss://evil.example/channels/streaming-4-x", false },
		{ "wss://evilmypurecloud.de/streaming-4-x", false },
		{ "wss://mypurecloud.de.evil.example/streaming-4-x", false },
		{ "wss://evil.example/.mypurecloud.de/streaming-4-x", false },
		{ "wss://evil.example?.mypurecloud.de/streaming-4-x", false },
		{ "wss://127.0.0.1/streaming-4-x", false },
		{ "wss://localhost/streaming-4-x", false },
		{ "wss://[::1]/streaming-4-x", false },
		{ "wss://.mypurecloud.de.example/streaming-4-x", false },
		{ "wss://user:hunter2@streaming.mypurecloud.de/streaming-4-x",
		    false },
		{ "wss://streaming.mypurecloud.de@evil.example/streaming-4-x",
		    false },
		{ "wss://streaming.mypurecloud.de#@evil.example/streaming-4-x",
		    false },
	};

	(void)state;
	check(
	    "mypurecloud.de", "https://api.mypurecloud.de", rows, COUNT(rows));
}

static void
uri_that_is_not_wss_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "ws://streaming.mypurecloud.de/streaming-4-x", false },
		{ "https://streaming.mypurecloud.de/streaming-4-x", false },
		{ "http://streaming.mypurecloud.de/streaming-4-x", false },
		{ "ftp://streaming.mypurecloud.de/streaming-4-x", false },
		{ "file:///streaming-4-x", false },
		{ "//streaming.mypurecloud.de/streaming-4-x", false },
		{ "streaming.mypurecloud.de/streaming-4-x", false },
		{ "/channels/streaming-4-x", false },
		{ "", false },
		{ "wss://", false },
		{ "wss:streaming-4-x", false },
	};

	(void)state;
	check(
	    "mypurecloud.de", "https://api.mypurecloud.de", rows, COUNT(rows));
}

static void
uri_with_control_characters_or_spaces_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "wss://streaming.mypurecloud.de/streaming-4-x\r\nHost: evil",
		    false },
		{ "wss://streaming.mypurecloud.de/streaming-4-x\n", false },
		{ "wss://streaming.mypurecloud.de/streaming-4-x y", false },
		{ "wss://streaming.mypurecloud.de/streaming-4-x\x7f", false },
		{ "wss://evil.example\n.mypurecloud.de/streaming-4-x", false },
		{ "wss://evil.example\\.mypurecloud.de/streaming-4-x", false },
	};

	(void)state;
	check(
	    "mypurecloud.de", "https://api.mypurecloud.de", rows, COUNT(rows));
}

static void
uri_of_another_api_host_is_that_host_or_loopback(void **state)
{
	static const struct row rows[] = {
		{ "wss://gateway.example/streaming-4-x", true },
		{ "wss://Gateway.Example:8443/streaming-4-x", true },
		{ "wss://localhost:40123/streaming-4-x", true },
		{ "wss://127.0.0.1:40123/streaming-4-x", true },
		{ "wss://[::1]:40123/streaming-4-x", true },
		{ "wss://streaming.gateway.example/streaming-4-x", false },
		{ "wss://streaming.mypurecloud.com/streaming-4-x", false },
		{ "wss://10.0.0.1/streaming-4-x", false },
		{ "ws://gateway.example/streaming-4-x", false },
		{ "ws://localhost:40123/streaming-4-x", false },
	};

	(void)state;
	check(NULL, "https://gateway.example", rows, COUNT(rows));
}

static void
uri_may_be_ws_only_where_the_api_url_is_http(void **state)
{
	static const struct row rows[] = {
		{ "ws://127.0.0.1:40123/channels/streaming-4-x", true },
		{ "ws://localhost:40123/channels/streaming-4-x", true },
		{ "ws://[::1]/channels/streaming-4-x", true },
		{ "wss://127.0.0.1:40123/channels/streaming-4-x", true },
		{ "http://127.0.0.1:40123/channels/streaming-4-x", false },
		{ "ws://evil.example/channels/streaming-4-x", false },
		{ "wss://evil.example/channels/streaming-4-x", false },
	};

	(void)state;
	check(NULL, "http://127.0.0.1:40123", rows, COUNT(rows));
}

static void
uri_under_a_domain_is_wss_whatever_the_api_url(void **state)
{
	static const struct row rows[] = {
		{ "ws://streaming.mypurecloud.de/streaming-4-x", false },
		{ "wss://streaming.mypurecloud.de/streaming-4-x", true },
	};

	(void)state;
	check("mypurecloud.de", "http://127.0.0.1:40123", rows, COUNT(rows));
}

static void
uri_refusal_says_which_host_and_why(void **state)
{
	struct link_env env = { .domain = "mypurecloud.de" };
	struct fail why = { 0 };
	struct url url;

	(void)state;
	assert_int_equal(
	    url_parse("https://api.mypurecloud.de", &url, &why), 0);
	env.api_url = &url;
	assert_int_equal(notifications_check_uri(
			     &env, "wss://evil.example/streaming-4-x", &why),
	    -1);
	assert_fail(&why, FAIL_CONFIG,
	    "points to evil.example, which is not under mypurecloud.de");
}

static void
notifications_protocol_has_the_services_limits(void **state)
{
	(void)state;
	assert_string_equal(notifications_protocol.name, "notifications");
	assert_int_equal(notifications_protocol.users_max, 1000);
	assert_true(notifications_protocol.has_snapshot);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(uri_under_the_regions_domain_is_used),
		cmocka_unit_test(uri_elsewhere_is_refused),
		cmocka_unit_test(uri_that_is_not_wss_is_refused),
		cmocka_unit_test(
		    uri_with_control_characters_or_spaces_is_refused),
		cmocka_unit_test(
		    uri_of_another_api_host_is_that_host_or_loopback),
		cmocka_unit_test(uri_may_be_ws_only_where_the_api_url_is_http),
		cmocka_unit_test(
		    uri_under_a_domain_is_wss_whatever_the_api_url),
		cmocka_unit_test(uri_refusal_says_which_host_and_why),
		cmocka_unit_test(
		    notifications_protocol_has_the_services_limits),
	};

	return TEST_RUN(tests);
}
