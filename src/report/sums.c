#include "config.h"

#include "sums.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "xalloc.h"

void
sums_done(struct sums *sums)
{
	free(sums->list);
	memset(sums, 0, sizeof(*sums));
}

/* The entry, made where there is none. */
static struct sum *
entry_of(struct sums *sums, int64_t hour_ms, uint16_t state)
{
	struct sum *sum;
	size_t i;

	for (i = sums->count; i-- > 0;) {
		sum = &sums->list[i];
		if (sum->hour_ms != hour_ms)
			break;
		if (sum->state == state)
			return sum;
	}
	if (sums->count == sums->room) {
		sums->room = sums->room == 0 ? 4 : 2 * sums->room;
		sums->list =
		    xreallocarray(sums->list, sums->room, sizeof(*sums->list));
	}
	sum = &sums->list[sums->count++];
	memset(sum, 0, sizeof(*sum));
	sum->hour_ms = hour_ms;
	sum->state = state;
	return sum;
}

void
sums_add(struct sums *sums, int64_t hour_ms, uint16_t state, int64_t ms,
    uint32_t changes)
{
	struct sum *sum = entry_of(sums, hour_ms, state);

	sum->ms += ms;
	sum->changes += changes;
}

static int
compare(const void *one, const void *other)
{
	const struct sum *a = one, *b = other;

	if (a->hour_ms != b->hour_ms)
		return a->hour_ms < b->hour_ms ? -1 : 1;
	return (a->state > b->state) - (a->state < b->state);
}

void
sums_tidy(struct sums *sums)
{
	size_t i, kept = 0;

	if (sums->count == 0)
		return;
	qsort(sums->list, sums->count, sizeof(*sums->list), compare);
	for (i = 1; i < sums->count; i++) {
		if (compare(&sums->list[kept], &sums->list[i]) != 0) {
			sums->list[++kept] = sums->list[i];
			continue;
		}
		sums->list[kept].ms += sums->list[i].ms;
		sums->list[kept].changes += sums->list[i].changes;
	}
	sums->count = kept + 1;
}

int64_t
sums_time(const struct sums *sums, uint16_t state)
{
	int64_t ms = 0;
	size_t i;

	for (i = 0; i < sums->count; i++)
		if (sums->list[i].state == state)
			ms += sums->list[i].ms;
	return ms;
}

int64_t
sums_known(const struct sums *sums)
{
	int64_t ms = 0;
	size_t i;

	for (i = 0; i < sums->count; i++)
		if (sums->list[i].state != NAMES_NONE)
			ms += sums->list[i].ms;
	return ms;
}

uint64_t
sums_changes(const struct sums *sums)
{
	uint64_t changes = 0;
	size_t i;

	for (i = 0; i < sums->count; i++)
		changes += sums->list[i].changes;
	return changes;
}
