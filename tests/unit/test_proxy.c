#include "config.h"

#include "proxy.h"
#include "test.h"
#include "url.h"

static const char *const variables[] = { "http_proxy", "https_proxy",
	"all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
	"NO_PROXY" };

static int
clear_environment(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(variables); i++)
		if (unsetenv(variables[i]) == -1)
			return -1;
	return 0;
}

static void
set(const char *name, const char *value)
{
	assert_int_equal(setenv(name, value, 1), 0);
}

static struct proxies *
good(void)
{
	struct fail why = { 0 };
	struct proxies *proxies;

	proxies = proxies_new(&why);
	if (proxies == NULL)
		fail_msg("%s", why.text);
	return proxies;
}

/* The proxy for a URL. */
static const struct proxy *
of(const struct proxies *proxies, const char *text)
{
	struct fail why = { 0 };
	struct url url;

	if (url_parse(text, &url, &why) == -1)
		fail_msg("%s: %s", text, why.text);
	return proxies_for(proxies, &url);
}

/* The host of the proxy for a URL, where the environment is as it is now. */
static void
assert_proxy(const char *url, const char *host)
{
	struct proxies *proxies = good();
	const struct proxy *proxy = of(proxies, url);

	if (host == NULL)
		assert_null(proxy);
	else if (proxy == NULL)
		fail_msg("no proxy for %s", url);
	else
		assert_string_equal(proxy->host, host);
	proxies_free(proxies);
}

static void
proxy_is_none_where_the_environment_names_none(void **state)
{
	(void)state;
	assert_proxy("https://api.mypurecloud.de", NULL);
	assert_proxy("http://localhost", NULL);
	set("https_proxy", "");
	set("http_proxy", "");
	set("all_proxy", "");
	assert_proxy("https://api.mypurecloud.de", NULL);
	assert_proxy("http://localhost", NULL);
}

static void
proxy_has_host_port_and_user(void **state)
{
	static const struct {
		const char *value, *host;
		int port;
		const char *user;
	} rows[] = {
		{ "http://proxy:3128", "proxy", 3128, NULL },
		{ "http://proxy:3128/", "proxy", 3128, NULL },
		{ "HTTP://proxy:3128", "proxy", 3128, NULL },
		{ "proxy:3128", "proxy", 3128, NULL },
		{ "proxy", "proxy", 1080, NULL },
		{ "http://proxy/", "proxy", 1080, NULL },
		{ "http://10.0.0.1:65535", "10.0.0.1", 65535, NULL },
		{ "http://[::1]:3128", "::1", 3128, NULL },
		{ "http://[2001:db8::1]", "2001:db8::1", 1080, NULL },
		{ "http://user:secret@proxy:3128", "proxy", 3128,
		    "user:secret" },
		{ "user:secret@proxy:3128", "proxy", 3128, "user:secret" },
		{ "http://user:se@cret@proxy:3128", "proxy", 3128,
		    "user:se@cret" },
		{ "http://user@[::1]:3128", "::1", 3128, "user" },
	};
	const struct proxy *proxy;
	struct proxies *proxies;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		set("https_proxy", rows[i].value);
		proxies = good();
		proxy = of(proxies, "https://api.mypurecloud.de");
		assert_non_null(proxy);
		assert_string_equal(proxy->host, rows[i].host);
		assert_int_equal(proxy->port, rows[i].port);
		if (rows[i].user == NULL)
			assert_null(proxy->user);
		else
			assert_string_equal(proxy->user, rows[i].user);
		proxies_free(proxies);
	}
}

static void
proxy_that_cannot_be_used_is_refused_without_being_shown(void **state)
{
	static const struct {
		const char *value, *part;
	} rows[] = {
		{ "https://proxy:3128", "not an http:// one" },
		{ "socks5://hunter2@proxy:3128", "not an http:// one" },
		{ "socks5h://proxy", "not an http:// one" },
		{ "http://", "no host" },
		{ "http://:3128", "no host" },
		{ "http://user:hunter2@:3128", "no host" },
		{ "http://[]:3128", "no host" },
		{ "http://hunter2:", "port" },
		{ "http://hunter2:0", "port" },
		{ "http://hunter2:65536", "port" },
		{ "http://hunter2:12345678901", "port" },
		{ "http://hunter2:port", "port" },
		{ "http://hunter2:-1", "port" },
		{ "http://hunter2-hunter2-hunter2-hunter2-hunter2-hunter2-"
		  "hunter2-hunter2-hunter2-hunter2-hunter2-hunter2:x@proxy",
		    "longer than 95 bytes" },
	};
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		set("https_proxy", rows[i].value);
		memset(&why, 0, sizeof(why));
		if (proxies_new(&why) != NULL)
			fail_msg("%s", rows[i].value);
		assert_fail(&why, FAIL_CONFIG, rows[i].part);
		assert_non_null(strstr(why.text, "https_proxy"));
		assert_null(strstr(why.text, "hunter2"));
	}
}

static void
proxy_host_beyond_its_cap_is_refused(void **state)
{
	char value[400] = "http://";
	struct fail why;

	(void)state;
	memset(value + 7, 'h', 253);
	set("https_proxy", value);
	proxies_free(good());
	memset(value + 7, 'h', 254);
	set("https_proxy", value);
	assert_null(proxies_new(&why));
	assert_fail(&why, FAIL_CONFIG, "no host");
}

static void
proxy_depends_on_the_scheme(void **state)
{
	(void)state;
	set("https_proxy", "http://secure:1");
	set("http_proxy", "http://plain:2");
	assert_proxy("https://api.mypurecloud.de", "secure");
	/* Reading took the other one out. */
	set("http_proxy", "http://plain:2");
	assert_proxy("wss://api.mypurecloud.de", "secure");
	set("http_proxy", "http://plain:2");
	assert_proxy("http://api.mypurecloud.de", "plain");
	set("http_proxy", "http://plain:2");
	assert_proxy("ws://api.mypurecloud.de", "plain");
}

static void
proxy_of_one_scheme_is_none_of_the_other(void **state)
{
	(void)state;
	set("https_proxy", "http://secure:1");
	assert_proxy("http://api.mypurecloud.de", NULL);
	assert_int_equal(clear_environment(NULL), 0);
	set("http_proxy", "http://plain:2");
	assert_proxy("https://api.mypurecloud.de", NULL);
}

static void
proxy_of_all_proxy_stands_in_for_both(void **state)
{
	(void)state;
	set("all_proxy", "http://all:3");
	assert_proxy("https://api.mypurecloud.de", "all");
	assert_proxy("ws://api.mypurecloud.de", "all");
	set("https_proxy", "http://secure:1");
	assert_proxy("https://api.mypurecloud.de", "secure");
	assert_proxy("http://api.mypurecloud.de", "all");
}

static void
proxy_variables_may_be_in_upper_case(void **state)
{
	(void)state;
	set("HTTPS_PROXY", "http://upper:1");
	assert_proxy("https://api.mypurecloud.de", "upper");
	set("https_proxy", "http://lower:1");
	assert_proxy("https://api.mypurecloud.de", "lower");
	assert_int_equal(clear_environment(NULL), 0);
	set("ALL_PROXY", "http://upper:1");
	assert_proxy("https://api.mypurecloud.de", "upper");
	set("all_proxy", "http://lower:1");
	assert_proxy("https://api.mypurecloud.de", "lower");
	set("NO_PROXY", "mypurecloud.de");
	assert_proxy("https://api.mypurecloud.de", NULL);
	set("no_proxy", "elsewhere");
	assert_proxy("https://api.mypurecloud.de", "lower");
}

static void
proxy_of_upper_case_http_proxy_is_not_read(void **state)
{
	(void)state;
	/* A web server sets it from a request's header "Proxy". */
	set("HTTP_PROXY", "http://evil:1");
	assert_proxy("http://api.mypurecloud.de", NULL);
	assert_proxy("https://api.mypurecloud.de", NULL);
}

static void
proxies_take_http_proxy_out_of_the_environment(void **state)
{
	struct proxies *proxies;

	(void)state;
	set("http_proxy", "http://plain:2");
	set("https_proxy", "http://secure:1");
	proxies = good();
	assert_null(getenv("http_proxy"));
	assert_string_equal(
	    of(proxies, "http://api.mypurecloud.de")->host, "plain");
	proxies_free(proxies);
}

static void
no_proxy_names_hosts_and_the_domains_above_them(void **state)
{
	static const struct {
		const char *exceptions, *url;
		bool direct;
	} rows[] = {
		{ "mypurecloud.de", "https://mypurecloud.de", true },
		{ "mypurecloud.de", "https://api.mypurecloud.de", true },
		{ ".mypurecloud.de", "https://api.mypurecloud.de", true },
		{ ".mypurecloud.de", "https://mypurecloud.de", true },
		{ "MyPureCloud.DE", "https://api.mypurecloud.de", true },
		{ "mypurecloud.de.", "https://api.mypurecloud.de", true },
		{ "mypurecloud.de", "https://evilmypurecloud.de", false },
		{ "api.mypurecloud.de", "https://login.mypurecloud.de", false },
		{ "api.mypurecloud.de", "https://mypurecloud.de", false },
		{ "localhost,127.0.0.1,::1", "http://localhost:40123", true },
		{ "localhost,127.0.0.1,::1", "http://127.0.0.1:40123", true },
		{ "localhost,127.0.0.1,::1", "http://[::1]:40123", true },
		{ "localhost,127.0.0.1,::1", "http://127.0.0.2", false },
		{ "a, b ,mypurecloud.de", "https://api.mypurecloud.de", true },
		{ "a b mypurecloud.de", "https://api.mypurecloud.de", true },
		{ "*", "https://api.mypurecloud.de", true },
		{ "*", "http://127.0.0.1", true },
		{ ",", "https://api.mypurecloud.de", false },
		{ " ", "https://api.mypurecloud.de", false },
		{ ".", "https://api.mypurecloud.de", false },
		{ "", "https://api.mypurecloud.de", false },
		{ "other.example", "wss://streaming.mypurecloud.de", false },
		{ "mypurecloud.de", "wss://streaming.mypurecloud.de", true },
	};
	struct proxies *proxies;
	size_t i;

	(void)state;
	set("all_proxy", "http://all:3");
	for (i = 0; i < COUNT(rows); i++) {
		set("no_proxy", rows[i].exceptions);
		proxies = good();
		if ((of(proxies, rows[i].url) == NULL) != rows[i].direct)
			fail_msg("'%s', %s", rows[i].exceptions, rows[i].url);
		proxies_free(proxies);
	}
}

static void
proxies_free_takes_null(void **state)
{
	(void)state;
	proxies_free(NULL);
}

#define proxy_test(name) cmocka_unit_test_setup(name, clear_environment)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		proxy_test(proxy_is_none_where_the_environment_names_none),
		proxy_test(proxy_has_host_port_and_user),
		proxy_test(
		    proxy_that_cannot_be_used_is_refused_without_being_shown),
		proxy_test(proxy_host_beyond_its_cap_is_refused),
		proxy_test(proxy_depends_on_the_scheme),
		proxy_test(proxy_of_one_scheme_is_none_of_the_other),
		proxy_test(proxy_of_all_proxy_stands_in_for_both),
		proxy_test(proxy_variables_may_be_in_upper_case),
		proxy_test(proxy_of_upper_case_http_proxy_is_not_read),
		proxy_test(proxies_take_http_proxy_out_of_the_environment),
		proxy_test(no_proxy_names_hosts_and_the_domains_above_them),
		proxy_test(proxies_free_takes_null),
	};

	return TEST_RUN(tests);
}
