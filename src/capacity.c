#include "config.h"

#include "capacity.h"

#include <stdint.h>

#include "caps.h"
#include "fail.h"
#include "intake.h"
#include "link.h"
#include "notifications.h"
#include "plan.h"
#include "settings.h"

size_t
capacity_per_connection(
    const struct settings *settings, const struct protocol *protocol)
{
	size_t wanted = (size_t)settings->max_subscriptions;

	return wanted == 0 ? protocol->users_max : wanted;
}

size_t
capacity_connections(
    const struct settings *settings, const struct protocol *protocol)
{
	size_t wanted = (size_t)settings->max_channels;

	return protocol == &notifications_protocol && wanted > CAP_CHANNELS
	    ? CAP_CHANNELS
	    : wanted;
}

size_t
capacity_in_all(
    const struct settings *settings, const struct protocol *protocol)
{
	if (settings->once > 0)
		return SIZE_MAX;
	return capacity_per_connection(settings, protocol) *
	    capacity_connections(settings, protocol);
}

int
capacity_decide(const struct settings *settings,
    const struct protocol *protocol, struct intake *intake, struct plan *plan,
    struct fail *why)
{
	plan_cut(plan, capacity_per_connection(settings, protocol));
	return intake_decide(intake, protocol == &notifications_protocol, why);
}

int
capacity_check(const struct settings *settings, const struct protocol *protocol,
    const struct intake *intake, struct fail *why)
{
	size_t most = capacity_in_all(settings, protocol);

	if (intake_count(intake) <= most)
		return 0;
	return fail_set(why, FAIL_CONFIG,
	    "%zu users are more than %zu connections can hold (%zu): %ssplit "
	    "the list over several OAuth clients with --shard",
	    intake_count(intake), capacity_connections(settings, protocol),
	    most,
	    settings->protocol == SETTINGS_EVENTS ||
		    settings->max_channels < CAP_CHANNELS
		? "raise --max-channels, or "
		: "");
}

int
capacity_check_anybody(const struct intake *intake, struct fail *why)
{
	if (intake_count(intake) > 0 || intake_is_open(intake))
		return 0;
	if (intake_elsewhere(intake) > 0)
		return fail_set(why, FAIL_DATA,
		    "no user falls to this --shard: all of the %zu IDs are "
		    "another's",
		    intake_elsewhere(intake));
	return fail_set(why, FAIL_DATA, "no valid user ID%s",
	    intake_bad(intake) > 0 ? " among those given"
				   : " given: see 'gcpresence --help'");
}
