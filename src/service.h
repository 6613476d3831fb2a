/*
 * service: all that is needed to talk to Genesys Cloud, built and wired.
 */
#ifndef GCP_SERVICE_H
#define GCP_SERVICE_H

#include <stdint.h>

struct audit;
struct endpoints;
struct fail;
struct http;
struct link_env;
struct loop;
struct plan;
struct service;
struct setting_values;
struct stats;

/*
 * values: of struct settings.  Borrows everything.  Sends nothing.  NULL with
 * FAIL_CONFIG where there are no credentials; see token_new() for others.
 */
struct service *service_new(struct loop *loop,
    const struct setting_values *values, const struct endpoints *endpoints,
    struct audit *audit, struct stats *stats, const struct plan *plan,
    struct fail *why);
void service_free(struct service *service);

/* SIGHUP: the secrets may have changed: reads them again. */
int service_reload(struct service *service, const struct setting_values *values,
    struct fail *why);

/* See token_on_renewed(). */
void service_on_token_renewed(
    struct service *service, void (*fn)(void *arg, int64_t life_ms), void *arg);

/* For --check. */
struct http *service_http(struct service *service);

/* What links need; its protocol is the caller's to set. */
struct link_env *service_env(struct service *service);

#endif
