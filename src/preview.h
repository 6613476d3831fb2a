/*
 * preview: what would be subscribed, for --plan.
 */
#ifndef GCP_PREVIEW_H
#define GCP_PREVIEW_H

#include <stddef.h>

struct buf;
struct endpoints;
struct fail;
struct plan;
struct protocol;
struct settings;

/*
 * bad: user IDs that were skipped.  The plan is cut for the protocol.  -1 where
 * it has nobody.
 */
int preview_put(struct buf *buf, const struct settings *settings,
    const struct endpoints *endpoints, const struct plan *plan,
    const struct protocol *protocol, size_t bad, struct fail *why);

#endif
