#include "config.h"

#include "url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "fail.h"

/* A part of a URL into room; -1 where it does not fit or is missing. */
static int
get_part(
    CURLU *handle, CURLUPart part, unsigned int flags, char *room, size_t size)
{
	char *text = NULL;
	size_t len;
	int rc = -1;

	if (curl_url_get(handle, part, &text, flags) != CURLUE_OK)
		return -1;
	len = strlen(text);
	if (len < size) {
		memcpy(room, text, len + 1);
		rc = 0;
	}
	explicit_bzero(text, len);
	curl_free(text);
	return rc;
}

static bool
has_part(CURLU *handle, CURLUPart part)
{
	char *text = NULL;
	bool has;

	has = curl_url_get(handle, part, &text, 0) == CURLUE_OK;
	if (has)
		explicit_bzero(text, strlen(text));
	curl_free(text);
	return has;
}

static int
read_scheme(CURLU *handle, struct url *ret)
{
	static const struct {
		const char *name;
		bool tls, websocket;
	} schemes[] = {
		{ "https", true, false },
		{ "http", false, false },
		{ "wss", true, true },
		{ "ws", false, true },
	};
	char name[8];
	size_t i;

	if (get_part(handle, CURLUPART_SCHEME, 0, name, sizeof(name)) == -1)
		return -1;
	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strcmp(name, schemes[i].name) == 0) {
			ret->tls = schemes[i].tls;
			ret->websocket = schemes[i].websocket;
			return 0;
		}
	return -1;
}

/*
 * Whether it can be a name, or an address.  libcurl lets through, decoded, what
 * other readers of URLs and names may take for something else.
 */
static bool
is_host(const char *host)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";

	if (strchr(host, ':') != NULL)
		return strspn(host, "0123456789abcdef:.") == strlen(host);
	return *host != '.' && strstr(host, "..") == NULL &&
	    strspn(host, allowed) == strlen(host);
}

/* Whether the host is written with escapes, which others may not undo. */
static bool
has_escaped_host(const char *text)
{
	const char *host = text + strcspn(text, ":");

	host += strspn(host, ":/");
	return memchr(host, '%', strcspn(host, "/?#")) != NULL;
}

static int
read_host(CURLU *handle, struct url *ret)
{
	char *host = ret->host, port[8];
	size_t len, i;

	if (get_part(handle, CURLUPART_HOST, 0, host, sizeof(ret->host)) == -1)
		return -1;
	len = strlen(host);
	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
	for (i = 0; host[i] != '\0'; i++)
		if (host[i] >= 'A' && host[i] <= 'Z')
			host[i] = (char)(host[i] - 'A' + 'a');
	if (!is_host(host))
		return -1;
	ret->port = ret->tls ? 443 : 80;
	if (get_part(handle, CURLUPART_PORT, 0, port, sizeof(port)) == 0)
		ret->port = (int)strtol(port, NULL, 10);
	return 0;
}

static int
read_path(CURLU *handle, struct url *ret)
{
	char query[CAP_URL];
	size_t len;
	int rc = -1;

	if (get_part(handle, CURLUPART_PATH, 0, ret->path, sizeof(ret->path)) ==
	    -1)
		return -1;
	if (!has_part(handle, CURLUPART_QUERY))
		return 0;
	len = strlen(ret->path);
	if (get_part(handle, CURLUPART_QUERY, 0, query, sizeof(query)) == 0 &&
	    len + 1 + strlen(query) < sizeof(ret->path)) {
		ret->path[len] = '?';
		memcpy(ret->path + len + 1, query, strlen(query) + 1);
		rc = 0;
	}
	explicit_bzero(query, sizeof(query));
	return rc;
}

int
url_parse(const char *text, struct url *ret, struct fail *why)
{
	CURLU *handle;
	int rc = -1;

	memset(ret, 0, sizeof(*ret));
	handle = curl_url();
	if (handle == NULL)
		return fail_set(why, FAIL_INTERNAL, "out of memory");
	if (curl_url_set(handle, CURLUPART_URL, text,
		CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
		(void)fail_set(why, FAIL_CONFIG, "not a URL");
	else if (read_scheme(handle, ret) == -1)
		(void)fail_set(why, FAIL_CONFIG,
		    "the scheme is none of https, http, wss and ws");
	else if (has_part(handle, CURLUPART_USER) ||
	    has_part(handle, CURLUPART_PASSWORD) ||
	    has_part(handle, CURLUPART_FRAGMENT))
		(void)fail_set(why, FAIL_CONFIG,
		    "a URL with a user name, a password or a fragment");
	else if (has_escaped_host(text) || read_host(handle, ret) == -1)
		(void)fail_set(why, FAIL_CONFIG,
		    "no usable host: a name has ASCII letters, digits, "
		    "hyphens, underscores and dots");
	else if (ret->port == 0)
		(void)fail_set(
		    why, FAIL_CONFIG, "nobody can be reached at port 0");
	else if (read_path(handle, ret) == -1)
		(void)fail_set(why, FAIL_CONFIG, "the path is too long");
	else
		rc = 0;
	curl_url_cleanup(handle);
	return rc;
}

bool
url_is_loopback(const struct url *url)
{
	struct in_addr four;
	struct in6_addr six;

	if (strcmp(url->host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, url->host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, url->host, &six) == 1 &&
	    IN6_IS_ADDR_LOOPBACK(&six);
}

bool
url_host_in_domain(const struct url *url, const char *domain)
{
	size_t host_len = strlen(url->host), len = strlen(domain);

	if (host_len < len ||
	    strcasecmp(url->host + host_len - len, domain) != 0)
		return false;
	return host_len == len || url->host[host_len - len - 1] == '.';
}
