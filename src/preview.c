#include "config.h"

#include "preview.h"

#include <stdint.h>

#include "buf.h"
#include "capacity.h"
#include "caps.h"
#include "endpoints.h"
#include "events.h"
#include "intake.h"
#include "link.h"
#include "notifications.h"
#include "options.h"
#include "plan.h"
#include "settings.h"

/* What a start costs under the limits. */
struct cost {
	size_t requests; /* of REST, but for the token's */
	size_t sends;    /* of subscriptions, over sockets */
	size_t seconds;  /* that the limits make it last */
};

static size_t
divided(size_t count, size_t by)
{
	return (count + by - 1) / by;
}

/* The seconds until the last of them may go, at so many a minute. */
static size_t
paced(size_t count, size_t per_minute)
{
	return count == 0 ? 0 : (count - 1) / per_minute * 60;
}

static struct cost
cost_of(const struct settings *settings, const struct plan *plan,
    const struct protocol *protocol)
{
	struct cost cost = { 0 };
	size_t shards = plan_shards(plan), shard;

	if (!protocol->has_snapshot) {
		cost.sends = shards;
		return cost;
	}
	if (settings->once == 0) {
		/* Counting channels, making them, subscribing. */
		cost.requests = 1 + 2 * shards;
	}
	for (shard = 0; shard < shards; shard++)
		cost.requests +=
		    divided(plan_shard_count(plan, shard), CAP_BULK_IDS);
	cost.seconds =
	    paced(cost.requests, (size_t)settings->max_requests_per_minute);
	return cost;
}

static void
put_connections(struct buf *buf, const struct plan *plan)
{
	size_t shard, shards = plan_shards(plan);

	buf_printf(buf, "connections   %zu", shards);
	for (shard = 0; shard < shards && shard < CAP_CHANNELS; shard++)
		buf_printf(buf, "%s%zu", shard == 0 ? " (users: " : ", ",
		    plan_shard_count(plan, shard));
	buf_text(buf, shards > CAP_CHANNELS ? ", ...)\n" : ")\n");
}

static void
put_preview(struct buf *buf, const struct settings *settings,
    const struct endpoints *endpoints, const struct plan *plan,
    const struct protocol *protocol, size_t bad)
{
	struct cost cost = cost_of(settings, plan, protocol);

	buf_printf(buf, "login         %s\napi           %s\n",
	    endpoints->login_url, endpoints->api_url);
	buf_printf(buf, "protocol      %s%s\n", protocol->name,
	    settings->protocol == SETTINGS_AUTO && settings->once == 0
		? " (auto: the events socket where the host has no "
		  "Notifications API)"
		: "");
	buf_printf(buf, "users         %zu", plan_count(plan));
	if (bad > 0)
		buf_printf(buf, " (%zu bad IDs are skipped)", bad);
	buf_char(buf, '\n');
	if (settings->once == 0)
		put_connections(buf, plan);
	if (protocol->has_snapshot && settings->once == 0)
		buf_printf(buf, "topics        %zu, v2.users.{id}.presence\n",
		    plan_count(plan));
	buf_printf(
	    buf, "requests      1 for a token, %zu more\n", cost.requests);
	if (cost.sends > 0)
		buf_printf(
		    buf, "subscriptions %zu, one message each\n", cost.sends);
	buf_printf(buf,
	    "at least      %zu s until all is known, at %lld "
	    "requests a minute\n",
	    cost.seconds, (long long)settings->max_requests_per_minute);
}

int
preview_print(const struct settings *settings,
    const struct endpoints *endpoints, struct intake *intake, struct plan *plan,
    struct fail *why)
{
	const struct protocol *protocol = settings->protocol == SETTINGS_EVENTS
	    ? &events_protocol
	    : &notifications_protocol;
	struct buf text;
	int rc;

	if (capacity_decide(settings, protocol, intake, plan, why) == -1 ||
	    capacity_check_anybody(intake, why) == -1)
		return -1;
	buf_init(&text, SIZE_MAX);
	put_preview(
	    &text, settings, endpoints, plan, protocol, intake_bad(intake));
	rc = options_print(&text, why);
	buf_done(&text);
	if (rc == -1)
		return -1;
	return capacity_check(settings, protocol, intake, why);
}
