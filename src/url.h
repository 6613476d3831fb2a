/*
 * url: a URL in its parts, and which hosts may be talked to.
 */
#ifndef GCP_URL_H
#define GCP_URL_H

#include <stdbool.h>

#include "caps.h"

struct fail;

struct url {
	bool tls;       /* https, wss */
	bool websocket; /* ws, wss */
	char host[254]; /* in lower case; an IPv6 address without brackets */
	int port;
	char path[CAP_URL]; /* with the query, always starts with "/" */
};

/*
 * Reads an absolute URL of one of the four schemes.  -1 with FAIL_CONFIG and a
 * text that names the trouble, not the URL, which may hold a secret.  User
 * names, fragments, and hosts that are no ASCII names are refused.
 */
int url_parse(const char *text, struct url *ret, struct fail *why);

/* Whether the host is this machine: localhost, 127.0.0.0/8, ::1. */
bool url_is_loopback(const struct url *url);

/* Whether host is the domain, or ends in "." and the domain. */
bool url_host_in_domain(const struct url *url, const char *domain);

#endif
