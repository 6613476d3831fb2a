#include "config.h"

#include "proxy.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "redact.h"
#include "setting.h"
#include "url.h"
#include "xalloc.h"

/* What libwebsockets has room for in its CONNECT request; bytes. */
#define USER_MAX 95

struct proxies {
	struct proxy *for_tls;
	struct proxy *for_plain;
	char *exceptions;
};

static const char *
first_set(const char *one, const char *other)
{
	const char *value = one == NULL ? NULL : secure_getenv(one);

	if (value == NULL || *value == '\0')
		value = secure_getenv(other);
	return value == NULL || *value == '\0' ? NULL : value;
}

/* The secret part of "user:password". */
static const char *
password_of(const char *user)
{
	const char *colon = strchr(user, ':');

	return colon == NULL ? user : colon + 1;
}

static void
hide_login(const char *user)
{
	char *name = xstrndup(user, strcspn(user, ":"));

	redact_add_login(name, password_of(user));
	xwipe(name);
}

static void
proxy_free(struct proxy *proxy)
{
	if (proxy == NULL)
		return;
	if (proxy->user != NULL)
		redact_retire(password_of(proxy->user));
	xwipe(proxy->user);
	free(proxy);
}

static int
hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit = (char)(digit | 0x20);
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* A copy in which %41 has become A. */
static char *
unescaped(const char *text, size_t len)
{
	char *copy = xstrndup(text, len), *to = copy;
	int high, low;
	size_t i;

	for (i = 0; i < len; i++) {
		high = i + 2 < len ? hex_value(text[i + 1]) : -1;
		low = i + 2 < len ? hex_value(text[i + 2]) : -1;
		if (text[i] == '%' && high >= 0 && low >= 0 && high + low > 0) {
			*to++ = (char)(high << 4 | low);
			i += 2;
		} else {
			*to++ = text[i];
		}
	}
	*to = '\0';
	return copy;
}

/* Splits "host:port" or "[v6]:port"; 1080 is libcurl's default port. */
static int
read_authority(struct proxy *proxy, const char *text, struct fail *why)
{
	const char *end;
	int64_t port = 1080;
	size_t len;

	if (*text == '[' && (end = strchr(text, ']')) != NULL) {
		text++;
		len = (size_t)(end - text);
		end++;
	} else {
		len = strcspn(text, ":/");
		end = text + len;
	}
	if (len == 0 || len >= sizeof(proxy->host))
		return fail_set(why, FAIL_CONFIG, "the proxy has no host");
	memcpy(proxy->host, text, len);
	if (*end == ':') {
		char digits[8] = { 0 };

		len = strcspn(++end, "/");
		if (len >= sizeof(digits))
			len = sizeof(digits) - 1;
		memcpy(digits, end, len);
		if (setting_parse_number(digits, &port) == -1 || port < 1 ||
		    port > 65535)
			return fail_set(
			    why, FAIL_CONFIG, "the proxy's port is no port");
	}
	proxy->port = (int)port;
	return 0;
}

/* NULL where text is NULL; why->kind tells a failure from that. */
static struct proxy *
proxy_parse(const char *text, struct fail *why)
{
	struct proxy *proxy;
	const char *at;

	if (text == NULL)
		return NULL;
	if (strncasecmp(text, "http://", 7) == 0) {
		text += 7;
	} else if (strstr(text, "://") != NULL) {
		(void)fail_set(why, FAIL_CONFIG,
		    "the proxy is not an http:// one; others cannot carry a "
		    "WebSocket here");
		return NULL;
	}
	proxy = xcalloc(1, sizeof(*proxy));
	at = strrchr(text, '@');
	if (at != NULL) {
		proxy->user = unescaped(text, (size_t)(at - text));
		hide_login(proxy->user);
		text = at + 1;
	}
	if (proxy->user != NULL && strlen(proxy->user) > USER_MAX) {
		(void)fail_set(why, FAIL_CONFIG,
		    "the proxy's user and password are longer than %d bytes",
		    USER_MAX);
		proxy_free(proxy);
		return NULL;
	}
	if (read_authority(proxy, text, why) == -1) {
		proxy_free(proxy);
		return NULL;
	}
	return proxy;
}

/* A password in it is not to be seen by whoever reads our environment. */
static void
clear_environment(void)
{
	static const char *const names[] = { "http_proxy", "https_proxy",
		"HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL };
	char *value;
	size_t i;

	for (i = 0; names[i] != NULL; i++) {
		value = getenv(names[i]);
		if (value == NULL || strchr(value, '@') == NULL)
			continue;
		explicit_bzero(value, strlen(value));
		(void)unsetenv(names[i]);
	}
	/* libwebsockets would read it, even for TLS. */
	(void)unsetenv("http_proxy");
}

struct proxies *
proxies_new(struct fail *why)
{
	struct proxies *proxies;
	struct fail reason = { 0 };
	const char *text;

	proxies = xcalloc(1, sizeof(*proxies));
	text = first_set("https_proxy", "HTTPS_PROXY");
	if (text == NULL)
		text = first_set("all_proxy", "ALL_PROXY");
	proxies->for_tls = proxy_parse(text, &reason);
	/* HTTP_PROXY is not read: a CGI client can set it by a header. */
	text = first_set(NULL, "http_proxy");
	if (text == NULL)
		text = first_set("all_proxy", "ALL_PROXY");
	if (reason.kind == FAIL_NONE)
		proxies->for_plain = proxy_parse(text, &reason);
	text = first_set("no_proxy", "NO_PROXY");
	proxies->exceptions = text == NULL ? NULL : xstrdup(text);
	clear_environment();
	if (reason.kind != FAIL_NONE) {
		(void)fail_set(why, reason.kind,
		    "environment (https_proxy, http_proxy, all_proxy): %s",
		    reason.text);
		proxies_free(proxies);
		return NULL;
	}
	return proxies;
}

void
proxies_free(struct proxies *proxies)
{
	if (proxies == NULL)
		return;
	proxy_free(proxies->for_tls);
	proxy_free(proxies->for_plain);
	free(proxies->exceptions);
	free(proxies);
}

/* Whether one word of no_proxy names the host, or a domain above it. */
static bool
names_host(const char *word, size_t len, const struct url *url)
{
	char domain[254];

	while (len > 0 && *word == '.') {
		word++;
		len--;
	}
	if (len > 0 && word[len - 1] == '.')
		len--;
	if (len == 0 || len >= sizeof(domain))
		return false;
	memcpy(domain, word, len);
	domain[len] = '\0';
	return strcmp(domain, "*") == 0 || url_host_in_domain(url, domain);
}

const struct proxy *
proxies_for(const struct proxies *proxies, const struct url *url)
{
	const char *word = proxies->exceptions;
	size_t len;

	while (word != NULL && *word != '\0') {
		len = strcspn(word, ", ");
		if (names_host(word, len, url))
			return NULL;
		word += len;
		word += strspn(word, ", ");
	}
	return url->tls ? proxies->for_tls : proxies->for_plain;
}
