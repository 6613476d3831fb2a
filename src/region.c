#include "config.h"

#include "region.h"

#include <stdbool.h>
#include <string.h>

#include "fail.h"
#include "xalloc.h"

static const struct region regions[] = {
	{ "us-east-1", "mypurecloud.com", "Virginia" },
	{ "us-east-2", "use2.us-gov-pure.cloud", "Ohio, FedRAMP" },
	{ "us-west-2", "usw2.pure.cloud", "Oregon" },
	{ "ca-central-1", "cac1.pure.cloud", "Canada" },
	{ "mx-central-1", "mxc1.pure.cloud", "Mexico" },
	{ "sa-east-1", "sae1.pure.cloud", "Sao Paulo" },
	{ "eu-west-1", "mypurecloud.ie", "Ireland" },
	{ "eu-west-2", "euw2.pure.cloud", "London" },
	{ "eu-central-1", "mypurecloud.de", "Frankfurt" },
	{ "eu-central-2", "euc2.pure.cloud", "Zurich" },
	{ "eusc-de-east-1", "edee1.eusc-pure.cloud",
	    "European Sovereign Cloud" },
	{ "me-central-1", "mec1.pure.cloud", "UAE" },
	{ "ap-south-1", "aps1.pure.cloud", "Mumbai" },
	{ "ap-southeast-1", "apse1.pure.cloud", "Singapore" },
	{ "ap-southeast-2", "mypurecloud.com.au", "Sydney" },
	{ "ap-northeast-1", "mypurecloud.jp", "Tokyo" },
	{ "ap-northeast-2", "apne2.pure.cloud", "Seoul" },
	{ "ap-northeast-3", "apne3.pure.cloud", "Osaka" },
};

const struct region *
region_at(size_t i)
{
	return i < sizeof(regions) / sizeof(regions[0]) ? &regions[i] : NULL;
}

static char
folded(char byte)
{
	if (byte == '_')
		return '-';
	return (char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

static bool
same_name(const char *name, const char *text)
{
	for (; *name != '\0' && folded(*text) == *name; name++)
		text++;
	return *name == '\0' && *text == '\0';
}

static const char *
skip(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncasecmp(text, prefix, len) == 0 ? text + len : text;
}

/* Letters, digits, "-" and at least one dot between them. */
static bool
is_domain(const char *text, size_t len)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	const char *dot = memchr(text, '.', len);

	return dot != NULL && dot > text && text[len - 1] != '.' &&
	    len <= 253 && strspn(text, allowed) >= len;
}

char *
region_domain(const char *text, struct fail *why)
{
	const struct region *region;
	size_t i, len;

	for (i = 0; (region = region_at(i)) != NULL; i++)
		if (same_name(region->name, text))
			return xstrdup(region->domain);
	text = skip(skip(text, "https://"), "api.");
	len = strcspn(text, "/");
	if ((text[len] == '\0' || text[len + 1] == '\0') &&
	    is_domain(text, len))
		return xstrndup(text, len);
	(void)fail_set(why, FAIL_CONFIG,
	    "unknown region '%s': give an AWS name such as eu-central-1 "
	    "(--list-regions shows all) or a domain such as mypurecloud.de",
	    text);
	return NULL;
}
