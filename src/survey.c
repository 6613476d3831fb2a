#include "config.h"

#include "survey.h"

#include <stdlib.h>

#include "backoff.h"
#include "fail.h"
#include "idlist.h"
#include "link.h"
#include "log.h"
#include "plan.h"
#include "snapshot.h"
#include "xalloc.h"

struct survey {
	const struct survey_handler *handler;
	void *arg;
	struct snapshot *snapshot;
	size_t users;
	size_t missing;
	size_t refused;      /* of them */
	struct fail refusal; /* the last one */
};

static void
on_presence(void *arg, const struct presence *presence)
{
	struct survey *survey = arg;

	survey->handler->on_presence(survey->arg, presence);
}

static void
on_skipped(void *arg, const struct decoded *decoded)
{
	struct survey *survey = arg;

	survey->handler->on_skipped(survey->arg, decoded);
}

static void
on_missing(void *arg, struct span id, const struct fail *why)
{
	struct survey *survey = arg;

	survey->missing++;
	if (why != NULL) {
		survey->refused++;
		survey->refusal = *why;
		return;
	}
	log_notice(NULL,
	    "user %.*s: the service says nothing: unknown to it, or out of "
	    "the OAuth client's reach",
	    (int)id.len, id.at);
}

static void
on_done(void *arg)
{
	struct survey *survey = arg;
	struct fail why;

	if (survey->missing < survey->users) {
		survey->handler->on_done(survey->arg, NULL);
		return;
	}
	if (survey->refused == survey->users) {
		survey->handler->on_done(survey->arg, &survey->refusal);
		return;
	}
	(void)fail_set(&why, FAIL_DATA,
	    "the service says nothing of any of the %zu users: are region and "
	    "IDs right?",
	    survey->users);
	survey->handler->on_done(survey->arg, &why);
}

static void
on_refused(void *arg, const struct fail *why)
{
	struct survey *survey = arg;

	survey->handler->on_done(survey->arg, why);
}

static const struct snapshot_handler on_snapshot = {
	.on_presence = on_presence,
	.on_missing = on_missing,
	.on_skipped = on_skipped,
	.on_done = on_done,
	.on_refused = on_refused,
};

struct survey *
survey_new(struct link_env *env, const struct survey_options *options,
    const struct survey_handler *handler, void *arg)
{
	struct survey *survey;
	struct backoff backoff;
	struct idlist ids = { 0 };
	size_t shard, i;

	survey = xcalloc(1, sizeof(*survey));
	survey->handler = handler;
	survey->arg = arg;
	backoff_init(&backoff, options->retry_base_ms, options->retry_max_ms,
	    options->seed);
	survey->snapshot = snapshot_new(env->loop, env->api, env->decode,
	    env->audit, &backoff, options->max_retries, &on_snapshot, survey);
	for (shard = 0; shard < plan_shards(env->plan); shard++)
		for (i = 0; i < plan_shard_count(env->plan, shard); i++)
			idlist_add(&ids, plan_user(env->plan, shard, i));
	survey->users = ids.count;
	snapshot_ask(survey->snapshot, ids.ids, ids.count);
	idlist_done(&ids);
	return survey;
}

void
survey_free(struct survey *survey)
{
	if (survey == NULL)
		return;
	snapshot_free(survey->snapshot);
	free(survey);
}
