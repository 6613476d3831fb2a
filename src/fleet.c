#include "config.h"

#include "fleet.h"

#include <stdlib.h>

#include "feed.h"
#include "link.h"
#include "plan.h"
#include "xalloc.h"

struct fleet {
	struct link_env *env;
	const struct feed_handler *handler;
	void *arg;
	struct feed_options options;
	struct feed **feeds;
	size_t count;
};

struct fleet *
fleet_new(struct link_env *env, const struct feed_options *options,
    const struct feed_handler *handler, void *arg)
{
	struct fleet *fleet;

	fleet = xcalloc(1, sizeof(*fleet));
	fleet->env = env;
	fleet->options = *options;
	fleet->handler = handler;
	fleet->arg = arg;
	return fleet;
}

void
fleet_clear(struct fleet *fleet)
{
	size_t i;

	for (i = 0; i < fleet->count; i++)
		feed_free(fleet->feeds[i]);
	free(fleet->feeds);
	fleet->feeds = NULL;
	fleet->count = 0;
}

void
fleet_free(struct fleet *fleet)
{
	if (fleet == NULL)
		return;
	fleet_clear(fleet);
	free(fleet);
}

void
fleet_grow(struct fleet *fleet, size_t least)
{
	size_t wanted = plan_shards(fleet->env->plan), i;

	if (wanted < least)
		wanted = least;
	for (i = 0; i < fleet->count; i++)
		feed_refresh(fleet->feeds[i]);
	if (wanted <= fleet->count)
		return;
	fleet->feeds =
	    xreallocarray(fleet->feeds, wanted, sizeof(*fleet->feeds));
	for (; fleet->count < wanted; fleet->count++)
		fleet->feeds[fleet->count] = feed_new(fleet->env, fleet->count,
		    &fleet->options, fleet->handler, fleet->arg);
}

void
fleet_replace(struct fleet *fleet, int64_t life_ms, const char *why)
{
	size_t i;

	for (i = 0; i < fleet->count; i++)
		feed_replace(fleet->feeds[i], life_ms, why);
}

void
fleet_resume(struct fleet *fleet, int64_t suspended_ms)
{
	size_t i;

	for (i = 0; i < fleet->count; i++)
		feed_resume(fleet->feeds[i], suspended_ms);
}

void
fleet_stop(struct fleet *fleet)
{
	size_t i;

	for (i = 0; i < fleet->count; i++)
		feed_stop(fleet->feeds[i]);
}

size_t
fleet_streaming(const struct fleet *fleet)
{
	size_t i, streaming = 0;

	for (i = 0; i < fleet->count; i++)
		streaming += feed_is_streaming(fleet->feeds[i]);
	return streaming;
}

bool
fleet_has_stopped(const struct fleet *fleet)
{
	size_t i;

	for (i = 0; i < fleet->count; i++)
		if (!feed_has_stopped(fleet->feeds[i]))
			return false;
	return true;
}
