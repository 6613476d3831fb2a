/*
 * preview: what would be subscribed, for --plan.
 */
#ifndef GCP_PREVIEW_H
#define GCP_PREVIEW_H

#include <stddef.h>

struct buf;
struct endpoints;
struct plan;
struct protocol;
struct settings;

/* bad: user IDs that were skipped.  The plan is cut for the protocol. */
void preview_put(struct buf *buf, const struct settings *settings,
    const struct endpoints *endpoints, const struct plan *plan,
    const struct protocol *protocol, size_t bad);

#endif
