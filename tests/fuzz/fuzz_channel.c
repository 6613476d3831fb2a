/*
 * What is answered about channels: one that was made has an ID, a URL and a
 * life within the limits; its URL is only used where it is a socket's under the
 * configured domain; and the list has a length.
 */
#include "config.h"

#include <stdlib.h>

#include "caps.h"
#include "channelanswer.h"
#include "fail.h"
#include "fuzz.h"
#include "link.h"
#include "notifications.h"
#include "url.h"

#define WALL_MS 1767258000000

static void
check_uri(const char *uri)
{
	static struct url api;
	struct link_env given = { .api_url = &api };
	struct link_env region = { .api_url = &api, .domain = "example.com" };
	struct fail why = { 0 };
	struct url url;

	if (api.host[0] == '\0' &&
	    url_parse("https://127.0.0.1:8443", &api, &why) == -1)
		abort();
	if (notifications_check_uri(&region, uri, &why) == -1) {
		fuzz_claim_why(&why);
	} else {
		fuzz_claim(url_parse(uri, &url, &why) == 0 && url.websocket &&
			url.tls && url_host_in_domain(&url, "example.com"),
		    "a channel is on a host of the domain");
	}
	if (notifications_check_uri(&given, uri, &why) == -1) {
		fuzz_claim_why(&why);
	} else {
		fuzz_claim(url_parse(uri, &url, &why) == 0 && url.websocket &&
			url.tls && url_is_loopback(&url),
		    "a channel is on the host that was given");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span body = { (const char *)bytes, len };
	struct channelanswer made = { 0 };
	struct fail why = { 0 };

	fuzz_claim(channelanswer_count(body) <= len,
	    "a list is not longer than its text");
	if (channelanswer_read(body, WALL_MS, &made, &why) == -1) {
		fuzz_claim_why(&why);
		fuzz_claim(made.id == NULL && made.uri == NULL,
		    "a refusal leaves nothing to free");
		return 0;
	}
	fuzz_claim(made.id[0] != '\0' && strlen(made.id) <= CAP_CHANNEL_ID,
	    "an ID is within its limits");
	fuzz_claim(strcmp(made.id, ".") != 0 && strcmp(made.id, "..") != 0,
	    "an ID is no step in a path");
	fuzz_claim(made.uri[0] != '\0', "a channel has a URL");
	fuzz_claim(made.life_ms >= CHANNELANSWER_LIFE_MIN_MS &&
		made.life_ms <= CHANNELANSWER_LIFE_MAX_MS,
	    "a life is within its limits");
	check_uri(made.uri);
	free(made.id);
	free(made.uri);
	return 0;
}
