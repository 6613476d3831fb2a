#include "config.h"

#include "census.h"

#include <stdlib.h>

#include "api.h"
#include "channelanswer.h"
#include "fail.h"
#include "http.h"
#include "link.h"
#include "loop.h"
#include "now.h"
#include "plan.h"
#include "xalloc.h"

/* How long a count of other programs' channels is believed. */
#define COUNT_MS 10000

struct census_wait {
	struct census *census;
	struct census_wait *next;
	unsigned int round;
	census_fn *fn;
	void *arg;
};

struct census {
	struct link_env *env;
	struct loop_timer *soon;   /* answers by a count that is fresh */
	struct api_call *call;     /* the count under way, or NULL */
	struct census_wait *waits; /* in order */
	unsigned int round;        /* of answers */
	int64_t counted_ms;        /* monotonic; 0: never */
	size_t all;                /* channels of the client at that time */
};

/* Channels that we gave back, but that have not expired. */
static size_t
count_given_back(const struct link_env *env)
{
	size_t i, count = 0;

	for (i = 0; i < CAP_GIVEN_BACK; i++)
		count += env->given_back[i] > now_ms();
	return count;
}

/* What others have, of all that there are, must leave enough for us. */
static int
check_room(const struct census *census, struct fail *why)
{
	const struct link_env *env = census->env;
	size_t ours = env->channels + count_given_back(env);
	size_t others = census->all > ours ? census->all - ours : 0;
	size_t needed = plan_shards(env->plan);

	if (needed <= env->channels)
		needed = env->channels + 1;
	if (others == 0 || others + needed <= CAP_CHANNELS)
		return 0;
	return fail_set(why, FAIL_DISPLACED,
	    "%zu other channels of this OAuth client exist and %zu are "
	    "needed, but the service allows %d: give each program its own "
	    "client, or wait: it keeps those of a run that has ended for up "
	    "to a day",
	    others, needed, CAP_CHANNELS);
}

/* Answers all that wait now, by the verdict or the failure. */
static void
answer_waits(struct census *census, const struct fail *why)
{
	struct census_wait wait, *first;
	unsigned int round = census->round++;

	/* Who asks from within is of the next round. */
	while ((first = census->waits) != NULL && first->round <= round) {
		wait = *first;
		census->waits = first->next;
		free(first);
		wait.fn(wait.arg, why);
	}
	if (census->waits != NULL)
		loop_timer_set(census->soon, 0);
}

static void
answer_by_count(struct census *census)
{
	struct fail why;

	if (check_room(census, &why) == -1)
		answer_waits(census, &why);
	else
		answer_waits(census, NULL);
}

/* An answer that does not tell stands in nobody's way. */
static void
on_counted(void *arg, const struct http_answer *answer, const struct fail *why)
{
	struct census *census = arg;

	census->call = NULL;
	if (answer == NULL || answer->status == 0 || answer->status == 401) {
		answer_waits(census, why);
		return;
	}
	census->all = 0;
	census->counted_ms = now_ms();
	if (why == NULL)
		census->all = channelanswer_count(answer->body);
	answer_by_count(census);
}

static void
on_soon(void *arg)
{
	struct census *census = arg;
	struct api_request request = { .method = "GET" };

	if (census->call != NULL || census->waits == NULL)
		return;
	if (census->counted_ms != 0 &&
	    now_ms() - census->counted_ms < COUNT_MS) {
		answer_by_count(census);
		return;
	}
	request.path =
	    "/api/v2/notifications/channels?includechannels=oauthclient";
	request.what = "count the client's channels";
	request.endpoint = "channels";
	request.urgent = true;
	census->call =
	    api_start(census->env->api, &request, on_counted, census);
}

struct census *
census_new(struct link_env *env)
{
	struct census *census;

	census = xcalloc(1, sizeof(*census));
	census->env = env;
	census->soon = loop_timer_new(env->loop, on_soon, census);
	return census;
}

void
census_free(struct census *census)
{
	if (census == NULL)
		return;
	api_cancel(census->call);
	loop_timer_free(census->soon);
	free(census);
}

struct census_wait *
census_ask(struct census *census, census_fn *fn, void *arg)
{
	struct census_wait *wait, **link;

	wait = xcalloc(1, sizeof(*wait));
	wait->census = census;
	wait->round = census->round;
	wait->fn = fn;
	wait->arg = arg;
	for (link = &census->waits; *link != NULL;)
		link = &(*link)->next;
	*link = wait;
	loop_timer_set(census->soon, 0);
	return wait;
}

void
census_cancel(struct census_wait *wait)
{
	struct census_wait **link;

	if (wait == NULL)
		return;
	for (link = &wait->census->waits; *link != wait;)
		link = &(*link)->next;
	*link = wait->next;
	free(wait);
}
