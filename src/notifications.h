/*
 * notifications: Genesys Cloud's Notifications API as a protocol of links.
 *
 * POST /api/v2/notifications/channels makes a channel; its connectUri is the
 * socket; POST .../{id}/subscriptions?ignoreErrors=true adds topics, and says
 * of each whether it is permitted.  The socket needs no credentials, so the
 * connectUri is a secret, and is only used where it points into the service.
 */
#ifndef GCP_NOTIFICATIONS_H
#define GCP_NOTIFICATIONS_H

struct fail;
struct link_env;

extern const struct protocol notifications_protocol;

/*
 * Whether a connectUri may be used: wss and under the configured domain; with
 * --api-url its host, or loopback, and ws only where that URL is http.  -1
 * with FAIL_CONFIG where not.
 */
int notifications_check_uri(
    const struct link_env *env, const char *uri, struct fail *why);

#endif
