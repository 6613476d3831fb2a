/*
 * endpoints: where the service is, by the settings.
 */
#ifndef GCP_ENDPOINTS_H
#define GCP_ENDPOINTS_H

#include "url.h"

struct fail;
struct settings;

struct endpoints {
	char *login_url; /* no "/" at the end */
	char *api_url;
	struct url api;
	char *domain; /* of the region; NULL where --api-url was given */
	char *ca_file;
};

/*
 * Fills a zeroed struct, before any connection is made.  -1 with FAIL_CONFIG
 * for a region or a URL that is none, FAIL_FILE for a CA file that cannot be
 * read.
 */
int endpoints_init(struct endpoints *endpoints, const struct settings *settings,
    struct fail *why);
void endpoints_done(struct endpoints *endpoints);

#endif
