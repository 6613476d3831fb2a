#include "config.h"

#include "service.h"

#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "buf.h"
#include "census.h"
#include "decode.h"
#include "endpoints.h"
#include "fail.h"
#include "file.h"
#include "http.h"
#include "link.h"
#include "proxy.h"
#include "resolve.h"
#include "settings.h"
#include "token.h"
#include "wsock.h"
#include "xalloc.h"

struct service {
	struct proxies *proxies;
	struct resolver *resolver;
	struct http *http;
	struct token *token;
	struct api *api;
	struct wsocks *wsocks;
	struct decode *decode;
	struct link_env env;
};

/*
 * The client's secret: from the option or the variable, else the credential of
 * that name that systemd passes (systemd.exec(5)).  NULL with why.
 */
static char *
read_secret(const struct settings *settings, struct fail *why)
{
	const char *directory = secure_getenv("CREDENTIALS_DIRECTORY");
	struct buf file;
	char *secret;

	if (settings->client_secret != NULL)
		return xstrdup(settings->client_secret);
	if (settings->client_secret_file != NULL)
		return file_read_secret(settings->client_secret_file, why);
	if (directory == NULL) {
		(void)fail_set(why, FAIL_CONFIG,
		    "no client secret: give --client-secret-file or set "
		    "GENESYSCLOUD_OAUTHCLIENT_SECRET");
		return NULL;
	}
	buf_init(&file, SIZE_MAX);
	buf_printf(&file, "%s/client_secret", directory);
	secret = file_read_credential(buf_string(&file), why);
	buf_done(&file);
	return secret;
}

/* Whether a ready token is to be used: given, and not weaker than a client. */
static bool
has_ready_token(const struct setting_values *values)
{
	const struct settings *settings = values->target;

	if (settings->access_token == NULL &&
	    settings->access_token_file == NULL)
		return false;
	return settings->client_id == NULL ||
	    setting_origin(values, "access-token-file") >=
	    setting_origin(values, "client-id");
}

static struct token *
make_token(struct service *service, struct loop *loop,
    const struct setting_values *values, const struct endpoints *endpoints,
    struct audit *audit, struct stats *stats, struct fail *why)
{
	const struct settings *settings = values->target;
	struct token_options options = { .login_url = endpoints->login_url };
	struct token *token;
	char *secret = NULL;

	if (has_ready_token(values)) {
		options.access_token = settings->access_token;
		options.access_token_file = settings->access_token_file;
	} else if (settings->client_id == NULL) {
		(void)fail_set(why, FAIL_CONFIG,
		    "no OAuth client: give --client-id or set "
		    "GENESYSCLOUD_OAUTHCLIENT_ID; see AUTHENTICATION in the "
		    "manual");
		return NULL;
	} else {
		secret = read_secret(settings, why);
		if (secret == NULL)
			return NULL;
		options.client_id = settings->client_id;
		options.client_secret = secret;
	}
	token = token_new(loop, service->http, audit, stats, &options, why);
	xwipe(secret);
	return token;
}

static void
fill_env(struct service *service, struct loop *loop,
    const struct settings *settings, const struct endpoints *endpoints,
    struct audit *audit, struct stats *stats, const struct plan *plan)
{
	struct link_env *env = &service->env;

	env->loop = loop;
	env->api = service->api;
	env->token = service->token;
	env->wsocks = service->wsocks;
	env->decode = service->decode;
	env->audit = audit;
	env->stats = stats;
	env->plan = plan;
	env->api_url = &endpoints->api;
	env->domain = endpoints->domain;
	env->ping_interval_ms = settings->ping_interval_ms;
	env->ping_timeout_ms = settings->ping_timeout_ms;
	env->links_max = (size_t)settings->max_channels;
	env->sends_per_minute = (size_t)settings->max_sends_per_minute;
	env->census = census_new(env);
}

struct service *
service_new(struct loop *loop, const struct setting_values *values,
    const struct endpoints *endpoints, struct audit *audit, struct stats *stats,
    const struct plan *plan, struct fail *why)
{
	const struct settings *settings = values->target;
	struct wsock_options socket_options = { 0 };
	struct api_options api_options = { 0 };
	struct service *service;

	service = xcalloc(1, sizeof(*service));
	service->proxies = proxies_new(why);
	if (service->proxies == NULL)
		goto failed;
	service->http =
	    http_new(loop, endpoints->ca_file, service->proxies, why);
	if (service->http == NULL)
		goto failed;
	service->token =
	    make_token(service, loop, values, endpoints, audit, stats, why);
	if (service->token == NULL)
		goto failed;
	api_options.url = endpoints->api_url;
	api_options.requests_per_minute =
	    (size_t)settings->max_requests_per_minute;
	api_options.max_retries = (unsigned int)settings->max_retries;
	service->api = api_new(
	    loop, service->http, service->token, audit, stats, &api_options);
	socket_options.ca_file = endpoints->ca_file;
	socket_options.ping_interval_ms = settings->ping_interval_ms;
	socket_options.ping_timeout_ms = settings->ping_timeout_ms;
	service->resolver = resolver_new(loop);
	service->wsocks = wsocks_new(
	    loop, service->resolver, service->proxies, &socket_options);
	service->decode = decode_new();
	fill_env(service, loop, settings, endpoints, audit, stats, plan);
	return service;

failed:
	service_free(service);
	return NULL;
}

void
service_free(struct service *service)
{
	if (service == NULL)
		return;
	census_free(service->env.census);
	decode_free(service->decode);
	wsocks_free(service->wsocks);
	resolver_free(service->resolver);
	api_free(service->api);
	token_free(service->token);
	http_free(service->http);
	proxies_free(service->proxies);
	free(service);
}

int
service_reload(struct service *service, const struct setting_values *values,
    struct fail *why)
{
	const struct settings *settings = values->target;
	char *secret = NULL;

	if (!has_ready_token(values)) {
		secret = read_secret(settings, why);
		if (secret == NULL)
			return -1;
	}
	token_set_secret(service->token, secret);
	xwipe(secret);
	return 0;
}

void
service_on_token_renewed(
    struct service *service, void (*fn)(void *arg, int64_t life_ms), void *arg)
{
	token_on_renewed(service->token, fn, arg);
}

struct http *
service_http(struct service *service)
{
	return service->http;
}

struct link_env *
service_env(struct service *service)
{
	return &service->env;
}
