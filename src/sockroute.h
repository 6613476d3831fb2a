/*
 * sockroute: the way that WebSockets take: straight, or through a proxy.
 *
 * A way has its own vhost of libwebsockets, with the trusted CAs and TLS 1.2 at
 * least; it is made when it is first needed, since reading the CAs takes longer
 * than all the rest of the start.  The vhosts go with the loop's context.
 */
#ifndef GCP_SOCKROUTE_H
#define GCP_SOCKROUTE_H

#include <stddef.h>

struct fail;
struct loop;
struct lws;
struct lws_protocols;
struct lws_vhost;
struct proxies;
struct proxy;
struct sockroute;
struct sockroutes;
struct url;

/* Whether libwebsockets can connect to it; -1 with FAIL_CONFIG and why not. */
int sockroute_check(const struct url *url, struct fail *why);

/* Borrows everything; ca_file: the trusted CAs. */
struct sockroutes *sockroutes_new(struct loop *loop,
    const struct proxies *proxies, const char *ca_file,
    const struct lws_protocols *protocols);
void sockroutes_free(struct sockroutes *routes);

/* Borrowed; NULL where libwebsockets cannot use the CA file. */
struct sockroute *sockroute_for(
    struct sockroutes *routes, const struct url *url);

/* The proxy, or NULL: straight. */
const struct proxy *sockroute_proxy(const struct sockroute *route);

/*
 * The vhost, borrowed, for a connection to that address: the server's, or the
 * proxy's where there is one.
 */
struct lws_vhost *sockroute_vhost(struct sockroute *route, const char *address);

/*
 * Adds our headers to a request; at and len are what libwebsockets' callback
 * for that was given, and so is what it is to return.
 */
int sockroute_add_headers(struct lws *wsi, void *at, size_t len);

#endif
