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
		/* Whose the name is says TLS; the port is the service's. */
		{ "wss://streaming.mypurecloud.de:8443/streaming-4-x", true },
		{ "wss://streaming%2emypurecloud.de/streaming-4-x", false },
		{ "wss://xn--bcher-kva.mypurecloud.de/streaming-4-x", true },
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

/* What one reader of URLs may take for this host, and another one for that. */
static void
uri_whose_host_is_disguised_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "wss://evil-mypurecloud.de/streaming-4-x", false },
		{ "wss://evil.example\\@x.mypurecloud.de/streaming-4-x",
		    false },
		{ "wss://evil.example%2f.mypurecloud.de/streaming-4-x", false },
		{ "wss://evil.example%2F@x.mypurecloud.de/streaming-4-x",
		    false },
		{ "wss://evil.example%00.mypurecloud.de/streaming-4-x", false },
		{ "wss://evil.example%0d%0a.mypurecloud.de/streaming-4-x",
		    false },
		{ "wss://evil.example%23.mypurecloud.de/streaming-4-x", false },
		{ "wss://evil.example%40x.mypurecloud.de/streaming-4-x",
		    false },
		{ "wss://evil.example%25.mypurecloud.de/streaming-4-x", false },
		{ "wss://evil.example%1b.mypurecloud.de/streaming-4-x", false },
		{ "wss://evil.example\xc2\x9b.mypurecloud.de/streaming-4-x",
		    false },
		/* Full-width solidus, ideographic full stop, a Cyrillic o. */
		{ "wss://evil.example\xef\xbc\x8f.mypurecloud.de/streaming-4-x",
		    false },
		{ "wss://evil.example\xe3\x80\x82mypurecloud.de/streaming-4-x",
		    false },
		{ "wss://x.mypureclo\xd0\xbe"
		  "d.de/streaming-4-x",
		    false },
		{ "wss://evil.example\xff.mypurecloud.de/streaming-4-x",
		    false },
		{ "wss://streaming.mypurecloud.de./streaming-4-x", false },
		{ "wss://.mypurecloud.de/streaming-4-x", false },
		{ "wss://a..mypurecloud.de/streaming-4-x", false },
		{ "wss://*.mypurecloud.de/streaming-4-x", false },
		{ "wss://:443/streaming-4-x", false },
		{ "wss://@/streaming-4-x", false },
		{ "wss://x.mypurecloud.de:0x1bb/streaming-4-x", false },
		{ "wss://x.mypurecloud.de:443@evil.example/streaming-4-x",
		    false },
		{ "wss:\\\\x.mypurecloud.de/streaming-4-x", false },
		{ "wss://0x7f000001/streaming-4-x", false },
		{ "wss://2130706433/streaming-4-x", false },
		{ "wss://127.1/streaming-4-x", false },
		{ "wss://[::ffff:127.0.0.1]/streaming-4-x", false },
		{ "wss://[fe80::1%25lo]/streaming-4-x", false },
		{ " wss://x.mypurecloud.de/streaming-4-x", false },
		{ "\twss://x.mypurecloud.de/streaming-4-x", false },
		{ "wss\n://x.mypurecloud.de/streaming-4-x", false },
		{ "wss%3a//x.mypurecloud.de/streaming-4-x", false },
		{ "javascript:streaming-4-x//x.mypurecloud.de", false },
	};

	(void)state;
	check(
	    "mypurecloud.de", "https://api.mypurecloud.de", rows, COUNT(rows));
}

static void
uri_whose_host_is_too_long_is_refused(void **state)
{
	struct row row = { NULL, false };
	char text[400];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "wss://", 6);
	memcpy(text + 300, ".mypurecloud.de/streaming-4-x",
	    sizeof(".mypurecloud.de/streaming-4-x"));
	row.uri = text;
	check("mypurecloud.de", "https://api.mypurecloud.de", &row, 1);
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
		cmocka_unit_test(uri_whose_host_is_disguised_is_refused),
		cmocka_unit_test(uri_whose_host_is_too_long_is_refused),
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
