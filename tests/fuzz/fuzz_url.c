/*
 * URLs, regions and proxies as people give them: what is accepted has its parts
 * within their limits, and put together again is the same URL.  The lines of
 * the input are a URL, a proxy, and the hosts that need none.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "fuzz.h"
#include "proxy.h"
#include "region.h"
#include "url.h"

static void
check_parts(const struct url *url)
{
	const char *at;

	fuzz_claim(url->host[0] != '\0', "a URL has a host");
	for (at = url->host; *at != '\0'; at++)
		fuzz_claim(!isupper((unsigned char)*at) &&
			(unsigned char)*at > ' ' && *at != 0x7f,
		    "a host is in lower case");
	fuzz_claim(url->port >= 1 && url->port <= 65535, "a port is one");
	fuzz_claim(url->path[0] == '/', "a path begins with a slash");
}

static void
check_url(const char *text, struct url *url)
{
	char again[CAP_URL + 512];
	struct fail why = { 0 };
	struct url other;

	if (url_parse(text, url, &why) == -1) {
		fuzz_claim_why(&why);
		memset(url, 0, sizeof(*url));
		return;
	}
	check_parts(url);
	(void)url_is_loopback(url);
	fuzz_claim(
	    url_host_in_domain(url, url->host), "a host is in its own domain");
	(void)snprintf(again, sizeof(again),
	    strchr(url->host, ':') == NULL ? "%s%s://%s:%d%s"
					   : "%s%s://[%s]:%d%s",
	    url->websocket ? "ws" : "http", url->tls ? "s" : "", url->host,
	    url->port, url->path);
	fuzz_claim(url_parse(again, &other, &why) == 0 &&
		other.tls == url->tls && other.websocket == url->websocket &&
		strcmp(other.host, url->host) == 0 && other.port == url->port &&
		strcmp(other.path, url->path) == 0,
	    "a URL that is put together again is the same");
}

static void
check_region(const char *text)
{
	struct fail why = { 0 };
	char *domain, *again;

	domain = region_domain(text, &why);
	if (domain == NULL) {
		fuzz_claim_why(&why);
		return;
	}
	fuzz_claim(strchr(domain, '.') != NULL && strlen(domain) <= 253,
	    "a domain has a dot, and is not too long");
	/* Of "api.api.de" only one "api." is the host's. */
	again = region_domain(domain, &why);
	fuzz_claim(again != NULL || strncasecmp(domain, "api.", 4) == 0,
	    "a domain is a domain");
	free(again);
	free(domain);
}

static void
check_proxy(const char *proxy, const char *hosts, const struct url *url)
{
	const struct proxy *found;
	struct proxies *proxies;
	struct fail why = { 0 };

	(void)setenv("https_proxy", proxy, 1);
	(void)setenv("http_proxy", proxy, 1);
	(void)setenv("no_proxy", hosts, 1);
	proxies = proxies_new(&why);
	if (proxies == NULL) {
		fuzz_claim_why(&why);
		return;
	}
	found = url->host[0] == '\0' ? NULL : proxies_for(proxies, url);
	if (found != NULL)
		fuzz_claim(found->host[0] != '\0' && found->port >= 1 &&
			found->port <= 65535,
		    "a proxy has a host and a port");
	proxies_free(proxies);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = fuzz_string(bytes, len), *rest = text;
	const char *first, *second;
	struct url url;

	first = strsep(&rest, "\n");
	check_url(first, &url);
	check_region(first);
	if (rest != NULL) {
		second = strsep(&rest, "\n");
		check_proxy(second, rest == NULL ? "" : rest, &url);
	}
	free(text);
	return 0;
}
