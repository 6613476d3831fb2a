#include "config.h"

#include "sockroute.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>
#include <openssl/ssl.h>

#include "buf.h"
#include "caps.h"
#include "fail.h"
#include "loop.h"
#include "proxy.h"
#include "url.h"
#include "xalloc.h"

/* One vhost of libwebsockets for each proxy, and one for none. */
struct sockroute {
	struct sockroute *next;
	const struct proxy *proxy;
	struct lws_vhost *vhost;
};

struct sockroutes {
	struct loop *loop;
	const struct proxies *proxies;
	const char *ca_file;
	const struct lws_protocols *protocols;
	struct sockroute *first;
};

/* No pings of libwebsockets' own: they would end healthy connections. */
static const lws_retry_bo_t no_policy = { 0 };

int
sockroute_check(const struct url *url, struct fail *why)
{
	if (!url->websocket)
		return fail_set(why, FAIL_CONFIG, "not a ws or wss URL");
	/* libwebsockets cuts the name to be verified at the first colon. */
	if (url->tls && strchr(url->host, ':') != NULL)
		return fail_set(why, FAIL_CONFIG,
		    "wss to a bare IPv6 address is not possible: use a name");
	if (strlen(url->path) > CAP_SOCKET_PATH)
		return fail_set(why, FAIL_CONFIG,
		    "path and query of the socket's URL have %zu bytes; at "
		    "most %d are possible (is the token that long?)",
		    strlen(url->path), CAP_SOCKET_PATH);
	return 0;
}

struct sockroutes *
sockroutes_new(struct loop *loop, const struct proxies *proxies,
    const char *ca_file, const struct lws_protocols *protocols)
{
	struct sockroutes *routes;

	routes = xcalloc(1, sizeof(*routes));
	routes->loop = loop;
	routes->proxies = proxies;
	routes->ca_file = ca_file;
	routes->protocols = protocols;
	return routes;
}

void
sockroutes_free(struct sockroutes *routes)
{
	struct sockroute *route, *next;

	if (routes == NULL)
		return;
	for (route = routes->first; route != NULL; route = next) {
		next = route->next;
		free(route);
	}
	free(routes);
}

static struct lws_vhost *
make_vhost(struct sockroutes *routes, const char *name)
{
	struct lws_context_creation_info info = { 0 };
	struct lws_vhost *vhost;

	info.vhost_name = name;
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = routes->protocols;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
	    LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
	info.client_ssl_ca_filepath = routes->ca_file;
	info.ssl_client_options_set =
	    (long)(SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1);
	info.retry_and_idle_policy = &no_policy;
	vhost = lws_create_vhost(loop_context(routes->loop), &info);
	if (vhost == NULL || lws_init_vhost_client_ssl(&info, vhost) != 0)
		return NULL;
	return vhost;
}

struct sockroute *
sockroute_for(struct sockroutes *routes, const struct url *url)
{
	const struct proxy *proxy = proxies_for(routes->proxies, url);
	struct sockroute *route;
	struct lws_vhost *vhost;

	for (route = routes->first; route != NULL; route = route->next)
		if (route->proxy == proxy)
			return route;
	vhost = make_vhost(routes, proxy == NULL ? "straight" : "proxied");
	if (vhost == NULL)
		return NULL;
	route = xcalloc(1, sizeof(*route));
	route->proxy = proxy;
	route->vhost = vhost;
	route->next = routes->first;
	routes->first = route;
	return route;
}

const struct proxy *
sockroute_proxy(const struct sockroute *route)
{
	return route->proxy;
}

/* Tells libwebsockets the proxy by its address, so that it looks up no name. */
static void
set_proxy(struct sockroute *route, const char *address)
{
	const struct proxy *proxy = route->proxy;
	struct buf text;

	buf_init_secret(&text, SIZE_MAX);
	if (proxy->user != NULL)
		buf_printf(&text, "%s@", proxy->user);
	buf_printf(&text, strchr(address, ':') == NULL ? "%s:%d" : "[%s]:%d",
	    address, proxy->port);
	(void)lws_set_proxy(route->vhost, buf_string(&text));
	buf_done(&text);
}

struct lws_vhost *
sockroute_vhost(struct sockroute *route, const char *address)
{
	if (route->proxy != NULL)
		set_proxy(route, address);
	return route->vhost;
}

int
sockroute_add_headers(struct lws *wsi, void *at, size_t len)
{
	static const char agent[] = "gcpresence/" PACKAGE_VERSION;
	unsigned char **room = at;

	return lws_add_http_header_by_name(wsi,
	    (const unsigned char *)"User-Agent:", (const unsigned char *)agent,
	    (int)sizeof(agent) - 1, room, *room + len);
}
