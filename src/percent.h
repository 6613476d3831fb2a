/*
 * percent: percent-encoding, RFC 3986, 2.1.
 */
#ifndef GCP_PERCENT_H
#define GCP_PERCENT_H

#include "buf.h"
#include "span.h"

/* Adds the text as it stands in a part of a URL: all but unreserved encoded. */
void percent_put(struct buf *buf, struct span text);

#endif
