/*
 * proxy: which proxy the environment names for a host.
 *
 * REST and sockets must go the same way, but libcurl and libwebsockets read
 * different variables by different rules.  So this is decided once, by
 * libcurl's documented rules (https_proxy, http_proxy, all_proxy, no_proxy;
 * upper case too, but for http_proxy), and both are told the result.
 */
#ifndef GCP_PROXY_H
#define GCP_PROXY_H

#include <stdbool.h>

struct fail;
struct url;

/* One proxy, an HTTP one; text is for logs and has no password. */
struct proxy {
	char host[254];
	int port;
	char *user; /* "user:password", unescaped, or NULL; a secret */
};

struct proxies;

/*
 * Reads the environment, and takes http_proxy out of it, since libwebsockets
 * would use it for everything: call it before any thread starts.  NULL with
 * FAIL_CONFIG for a proxy that is not an HTTP one.
 */
struct proxies *proxies_new(struct fail *why);
void proxies_free(struct proxies *proxies);

/* The proxy for that host, borrowed; NULL: none, go straight. */
const struct proxy *proxies_for(
    const struct proxies *proxies, const struct url *url);

#endif
