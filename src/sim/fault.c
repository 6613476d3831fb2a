#include "config.h"

#include "fault.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

struct faults {
	struct fault **pending;
	size_t count;
	struct fault *spent; /* was given out for the last time */
};

static const char *const names[] = {
	[ENDPOINT_TOKEN] = "token",
	[ENDPOINT_CHANNELS] = "channels",
	[ENDPOINT_CHANNEL_LIST] = "channel-list",
	[ENDPOINT_SUBSCRIPTIONS] = "subscriptions",
	[ENDPOINT_BULK] = "bulk",
	[ENDPOINT_UPGRADE] = "upgrade",
	[ENDPOINT_ME] = "me",
	[ENDPOINT_USERS] = "users",
	[ENDPOINT_USER_SEARCH] = "user-search",
	[ENDPOINT_QUEUES] = "queues",
	[ENDPOINT_QUEUE_MEMBERS] = "queue-members",
	[ENDPOINT_GROUPS] = "groups",
	[ENDPOINT_GROUP_MEMBERS] = "group-members",
	[ENDPOINT_TEAMS] = "teams",
	[ENDPOINT_TEAM_MEMBERS] = "team-members",
	[ENDPOINT_OTHER] = "other",
	[ENDPOINT_ANY] = "any",
};

const char *
endpoint_name(enum endpoint endpoint)
{
	return names[endpoint];
}

int
endpoint_find(struct span name, enum endpoint *ret_endpoint)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (i != ENDPOINT_OTHER && span_is(name, names[i])) {
			*ret_endpoint = (enum endpoint)i;
			return 0;
		}
	return -1;
}

struct fault *
fault_new(enum fault_kind kind)
{
	struct fault *fault;

	fault = xcalloc(1, sizeof(*fault));
	fault->kind = kind;
	fault->times = 1;
	buf_init(&fault->headers, SIZE_MAX);
	buf_init(&fault->body, SIZE_MAX);
	return fault;
}

void
fault_free(struct fault *fault)
{
	if (fault == NULL)
		return;
	buf_done(&fault->headers);
	buf_done(&fault->body);
	free(fault);
}

struct faults *
faults_new(void)
{
	return xcalloc(1, sizeof(struct faults));
}

void
faults_free(struct faults *faults)
{
	if (faults == NULL)
		return;
	faults_clear(faults);
	fault_free(faults->spent);
	free(faults->pending);
	free(faults);
}

void
faults_take(struct faults *faults, struct fault *fault)
{
	faults->pending = xreallocarray(
	    faults->pending, faults->count + 1, sizeof(*faults->pending));
	faults->pending[faults->count++] = fault;
}

void
faults_clear(struct faults *faults)
{
	while (faults->count > 0)
		fault_free(faults->pending[--faults->count]);
}

static void
spend(struct faults *faults, size_t i)
{
	fault_free(faults->spent);
	faults->spent = faults->pending[i];
	faults->count--;
	memmove(&faults->pending[i], &faults->pending[i + 1],
	    (faults->count - i) * sizeof(*faults->pending));
}

const struct fault *
faults_next(struct faults *faults, enum endpoint endpoint, bool delay)
{
	struct fault *fault;
	size_t i;

	for (i = 0; i < faults->count; i++) {
		fault = faults->pending[i];
		if (fault->endpoint != endpoint &&
		    fault->endpoint != ENDPOINT_ANY)
			continue;
		if ((fault->kind == FAULT_DELAY) != delay)
			continue;
		if (fault->times > 0 && --fault->times == 0)
			spend(faults, i);
		return fault;
	}
	return NULL;
}

const struct fault *
faults_visit(const struct faults *faults, size_t *cursor)
{
	return *cursor < faults->count ? faults->pending[(*cursor)++] : NULL;
}
