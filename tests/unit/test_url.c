#include "config.h"

#include "test.h"
#include "url.h"

/* Parses what is to be good. */
static struct url
good(const char *text)
{
	struct fail why = { 0 };
	struct url url;

	if (url_parse(text, &url, &why) == -1)
		fail_msg("%s: %s", text, why.text);
	return url;
}

static void
url_has_its_parts(void **state)
{
	static const struct {
		const char *text;
		bool tls, websocket;
		const char *host;
		int port;
		const char *path;
	} rows[] = {
		{ "https://api.mypurecloud.de", true, false,
		    "api.mypurecloud.de", 443, "/" },
		{ "https://api.mypurecloud.de/", true, false,
		    "api.mypurecloud.de", 443, "/" },
		{ "http://localhost", false, false, "localhost", 80, "/" },
		{ "http://127.0.0.1:40123/a/b", false, false, "127.0.0.1",
		    40123, "/a/b" },
		{ "wss://s.example/c/1?x=1&y=%20", true, true, "s.example", 443,
		    "/c/1?x=1&y=%20" },
		{ "ws://s.example:8080?x=1", false, true, "s.example", 8080,
		    "/?x=1" },
		{ "WSS://S.Example/Path", true, true, "s.example", 443,
		    "/Path" },
		{ "https://[::1]:8443/x", true, false, "::1", 8443, "/x" },
		{ "https://[2001:DB8::1]", true, false, "2001:db8::1", 443,
		    "/" },
		{ "https://host:65535/", true, false, "host", 65535, "/" },
	};
	struct url url;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		url = good(rows[i].text);
		assert_int_equal(url.tls, rows[i].tls);
		assert_int_equal(url.websocket, rows[i].websocket);
		assert_string_equal(url.host, rows[i].host);
		assert_int_equal(url.port, rows[i].port);
		assert_string_equal(url.path, rows[i].path);
	}
}

static void
url_that_cannot_be_used_is_refused_without_being_shown(void **state)
{
	static const struct {
		const char *text, *part;
	} rows[] = {
		{ "", "not a URL" },
		{ "hunter2", "" },
		{ "hunter2.example", "" },
		{ "//host/hunter2", "" },
		{ "/hunter2", "" },
		{ "https://", "not a URL" },
		{ "https://host:port/hunter2", "not a URL" },
		{ "https://host:65536/hunter2", "not a URL" },
		{ "https://host:-1/hunter2", "not a URL" },
		{ "https://host:0/hunter2", "port" },
		{ "https://ho st/hunter2", "not a URL" },
		{ "https://host/hunter2 x", "not a URL" },
		{ "https://host/hunter2\n", "not a URL" },
		{ "https://host/hunter2\r\nX: y", "not a URL" },
		{ "https://host/\x7fhunter2", "not a URL" },
		{ "https://[::1/hunter2", "not a URL" },
		{ "https://[hunter2]/", "not a URL" },
		{ "ftp://host/hunter2", "scheme" },
		{ "file:///hunter2", "" },
		{ "javascript:hunter2", "" },
		{ "httpss://host/hunter2", "scheme" },
		{ "https://user@host/hunter2", "user name" },
		{ "https://user:hunter2@host/", "user name" },
		{ "https://:hunter2@host/", "user name" },
		{ "https://host/#hunter2", "fragment" },
		{ "https://b\xc3\xbc"
		  "cher.example/hunter2",
		    "usable host" },
		{ "https://evil.example%25.host/hunter2", "usable host" },
		{ "https://%34/hunter2", "usable host" },
		{ "https:///h%6fst/hunter2", "usable host" },
		{ "https://a..host/hunter2", "usable host" },
		{ "https://.host/hunter2", "usable host" },
		{ "wss://host/x?y#hunter2", "fragment" },
	};
	struct fail why;
	struct url url;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		memset(&why, 0, sizeof(why));
		if (url_parse(rows[i].text, &url, &why) != -1)
			fail_msg("'%s'", rows[i].text);
		assert_fail(&why, FAIL_CONFIG, rows[i].part);
		assert_null(strstr(why.text, "hunter2"));
	}
}

/* "https://host" and a path, or a query, of so many bytes in all. */
static const char *
long_url(const char *start, size_t len, char *room)
{
	static const char origin[] = "https://host";
	size_t at = sizeof(origin) - 1;

	memcpy(room, origin, at);
	memset(room + at, 'a', len);
	memcpy(room + at, start, strlen(start));
	room[at + len] = '\0';
	return room;
}

static void
url_path_and_query_are_held_to_their_cap(void **state)
{
	static const char *const starts[] = { "/", "/?", "?", "/path?" };
	static char room[2 * CAP_URL];
	struct fail why;
	struct url url;
	size_t i, len;

	(void)state;
	for (i = 0; i < COUNT(starts); i++) {
		/* A query without a path has a "/" put in front of it. */
		len = CAP_URL - 1 - (starts[i][0] == '?');
		url = good(long_url(starts[i], len, room));
		assert_int_equal(strlen(url.path), CAP_URL - 1);
		assert_int_equal(
		    url_parse(long_url(starts[i], len + 1, room), &url, &why),
		    -1);
		assert_fail(&why, FAIL_CONFIG, "too long");
	}
}

static void
url_host_is_held_to_its_cap(void **state)
{
	char text[512];
	struct fail why;
	struct url url;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "https://", 8);
	memcpy(text + 8 + 253, "/", 2);
	assert_int_equal(strlen(good(text).host), 253);
	memcpy(text + 8 + 253, "a/", 3);
	assert_int_equal(url_parse(text, &url, &why), -1);
	assert_fail(&why, FAIL_CONFIG, "host");
}

static void
url_knows_loopback(void **state)
{
	static const struct {
		const char *text;
		bool loopback;
	} rows[] = {
		{ "http://localhost", true },
		{ "http://LocalHost:80", true },
		{ "http://127.0.0.1", true },
		{ "http://127.1.2.3:99", true },
		{ "http://127.255.255.254", true },
		{ "http://[::1]", true },
		{ "http://[0:0:0:0:0:0:0:1]", true },
		{ "http://128.0.0.1", false },
		{ "http://10.0.0.1", false },
		{ "http://0.0.0.0", false },
		{ "http://[::]", false },
		{ "http://[::2]", false },
		{ "http://[fe80::1]", false },
		{ "http://localhost.example", false },
		{ "http://127.0.0.1.example", false },
		{ "http://example", false },
	};
	struct url url;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		url = good(rows[i].text);
		if (url_is_loopback(&url) != rows[i].loopback)
			fail_msg("%s", rows[i].text);
	}
}

static void
url_host_is_in_its_domain_and_those_above(void **state)
{
	static const struct {
		const char *text, *domain;
		bool in;
	} rows[] = {
		{ "https://mypurecloud.de", "mypurecloud.de", true },
		{ "https://api.mypurecloud.de", "mypurecloud.de", true },
		{ "https://a.b.mypurecloud.de", "mypurecloud.de", true },
		{ "https://API.MyPureCloud.de", "MYPURECLOUD.de", true },
		{ "https://api.mypurecloud.de", "de", true },
		{ "https://evilmypurecloud.de", "mypurecloud.de", false },
		{ "https://mypurecloud.de.evil.example", "mypurecloud.de",
		    false },
		{ "https://mypurecloud.com", "mypurecloud.de", false },
		{ "https://de", "mypurecloud.de", false },
		{ "https://purecloud.de", "mypurecloud.de", false },
	};
	struct url url;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		url = good(rows[i].text);
		if (url_host_in_domain(&url, rows[i].domain) != rows[i].in)
			fail_msg("%s, %s", rows[i].text, rows[i].domain);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(url_has_its_parts),
		cmocka_unit_test(
		    url_that_cannot_be_used_is_refused_without_being_shown),
		cmocka_unit_test(url_path_and_query_are_held_to_their_cap),
		cmocka_unit_test(url_host_is_held_to_its_cap),
		cmocka_unit_test(url_knows_loopback),
		cmocka_unit_test(url_host_is_in_its_domain_and_those_above),
	};

	return TEST_RUN(tests);
}
