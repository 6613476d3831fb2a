#include "config.h"

#include "endpoints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "http.h"
#include "region.h"
#include "settings.h"
#include "xalloc.h"

/* Where Debian and its relatives keep the system's CAs. */
#define CA_FILE "/etc/ssl/certs/ca-certificates.crt"

static char *
host_url(const char *host, const char *domain)
{
	struct buf buf;
	char *url;

	buf_init(&buf, SIZE_MAX);
	buf_printf(&buf, "https://%s.%s", host, domain);
	url = xstrdup(buf_string(&buf));
	buf_done(&buf);
	return url;
}

/* A URL that a user gave: checked, and without "/" at its end. */
static char *
given_url(const char *option, const char *text, struct fail *why)
{
	struct url url;
	struct fail reason;
	size_t len = strlen(text);

	if (url_parse(text, &url, &reason) == -1) {
		(void)fail_set(
		    why, FAIL_CONFIG, "--%s: %s", option, reason.text);
		return NULL;
	}
	if (url.websocket || strchr(url.path, '?') != NULL) {
		(void)fail_set(why, FAIL_CONFIG,
		    "--%s: give the https URL of a host, without a query",
		    option);
		return NULL;
	}
	if (!url.tls && !url_is_loopback(&url)) {
		(void)fail_set(why, FAIL_CONFIG,
		    "--%s: http would send the credentials to %s in clear "
		    "text: use https",
		    option, url.host);
		return NULL;
	}
	while (len > 0 && text[len - 1] == '/')
		len--;
	return xstrndup(text, len);
}

static int
find_hosts(struct endpoints *endpoints, const struct settings *settings,
    struct fail *why)
{
	char *domain;

	domain = region_domain(settings->region, why);
	if (domain == NULL)
		return -1;
	if (settings->api_url != NULL) {
		free(domain);
		endpoints->api_url =
		    given_url("api-url", settings->api_url, why);
	} else {
		endpoints->domain = domain;
		endpoints->api_url = host_url("api", domain);
	}
	if (endpoints->api_url == NULL)
		return -1;
	if (settings->login_url != NULL)
		endpoints->login_url =
		    given_url("login-url", settings->login_url, why);
	else if (endpoints->domain == NULL)
		endpoints->login_url = xstrdup(endpoints->api_url);
	else
		endpoints->login_url = host_url("login", endpoints->domain);
	if (endpoints->login_url == NULL)
		return -1;
	return url_parse(endpoints->api_url, &endpoints->api, why);
}

/*
 * The trusted CAs, one file for REST and socket alike: the option's, else that
 * of $SSL_CERT_FILE as OpenSSL has it, else libcurl's.
 */
static int
find_ca_file(struct endpoints *endpoints, const struct settings *settings,
    struct fail *why)
{
	const char *file = settings->cacert;

	if (file == NULL)
		file = secure_getenv("SSL_CERT_FILE");
	if (file == NULL || *file == '\0')
		file = http_default_ca_file();
	if (file == NULL)
		file = CA_FILE;
	endpoints->ca_file = xstrdup(file);
	if (settings->cacert == NULL && !endpoints->api.tls)
		return 0;
	if (access(file, R_OK) == -1)
		return fail_set(why, FAIL_FILE,
		    "cannot read the CA file '%s': %s%s", file, strerror(errno),
		    settings->cacert == NULL ? "; install ca-certificates, or "
					       "give --cacert"
					     : "");
	return 0;
}

int
endpoints_init(struct endpoints *endpoints, const struct settings *settings,
    struct fail *why)
{
	/* Before TLS starts: libcurl would have it write its keys there. */
	(void)unsetenv("SSLKEYLOGFILE");
	if (find_hosts(endpoints, settings, why) == -1)
		return -1;
	return find_ca_file(endpoints, settings, why);
}

void
endpoints_done(struct endpoints *endpoints)
{
	free(endpoints->login_url);
	free(endpoints->api_url);
	free(endpoints->domain);
	free(endpoints->ca_file);
	memset(endpoints, 0, sizeof(*endpoints));
}
