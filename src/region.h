/*
 * region: the regions of Genesys Cloud and their domains.
 *
 * Source: the lists of the official SDKs and command-line client; every host
 * of a region is a prefix of its domain: login., api., streaming.
 */
#ifndef GCP_REGION_H
#define GCP_REGION_H

#include <stddef.h>

struct fail;

struct region {
	const char *name; /* the AWS name */
	const char *domain;
	const char *place;
};

/* The list; NULL behind its end. */
const struct region *region_at(size_t i);

/*
 * The domain of what a user wrote: an AWS name ("-" or "_", any case), a
 * domain, or a URL with the api. host of one.  The result is the caller's.
 * NULL with FAIL_CONFIG where it is none of these.
 */
char *region_domain(const char *text, struct fail *why);

#endif
