#include "config.h"

#include "blinds.h"

#include <assert.h>
#include <stdlib.h>

#include "xalloc.h"

struct blinds {
	struct blind *list;
	size_t count;
	size_t room;
	bool tidy; /* in order, and no two touch */
};

struct blinds *
blinds_new(void)
{
	struct blinds *blinds;

	blinds = xcalloc(1, sizeof(*blinds));
	blinds->tidy = true;
	return blinds;
}

void
blinds_free(struct blinds *blinds)
{
	if (blinds == NULL)
		return;
	free(blinds->list);
	free(blinds);
}

void
blinds_add(struct blinds *blinds, int64_t from_ms, int64_t to_ms)
{
	struct blind *last;

	if (to_ms <= from_ms)
		return;
	last = blinds->count == 0 ? NULL : &blinds->list[blinds->count - 1];
	/* The usual case: they come in order. */
	if (last != NULL && from_ms >= last->from_ms &&
	    from_ms <= last->to_ms) {
		if (to_ms > last->to_ms)
			last->to_ms = to_ms;
		return;
	}
	if (last != NULL && from_ms < last->from_ms)
		blinds->tidy = false;
	if (blinds->count == blinds->room) {
		blinds->room = blinds->room == 0 ? 16 : 2 * blinds->room;
		blinds->list = xreallocarray(
		    blinds->list, blinds->room, sizeof(*blinds->list));
	}
	assert(blinds->list != NULL);
	blinds->list[blinds->count].from_ms = from_ms;
	blinds->list[blinds->count++].to_ms = to_ms;
}

static int
compare(const void *one, const void *other)
{
	const struct blind *a = one, *b = other;

	return (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

static void
make_tidy(struct blinds *blinds)
{
	size_t i, kept = 0;

	if (blinds->tidy)
		return;
	qsort(blinds->list, blinds->count, sizeof(*blinds->list), compare);
	for (i = 1; i < blinds->count; i++) {
		if (blinds->list[i].from_ms > blinds->list[kept].to_ms)
			blinds->list[++kept] = blinds->list[i];
		else if (blinds->list[i].to_ms > blinds->list[kept].to_ms)
			blinds->list[kept].to_ms = blinds->list[i].to_ms;
	}
	blinds->count = kept + 1;
	blinds->tidy = true;
}

/* How many begin before a time. */
static size_t
count_before(const struct blinds *blinds, int64_t before_ms)
{
	size_t low = 0, high = blinds->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (blinds->list[middle].from_ms < before_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
blinds_last(struct blinds *blinds, int64_t before_ms, int64_t *ret_from_ms,
    int64_t *ret_to_ms)
{
	size_t count;

	make_tidy(blinds);
	count = count_before(blinds, before_ms);
	if (count == 0)
		return false;
	*ret_from_ms = blinds->list[count - 1].from_ms;
	*ret_to_ms = blinds->list[count - 1].to_ms;
	return true;
}

size_t
blinds_count(struct blinds *blinds)
{
	make_tidy(blinds);
	return blinds->count;
}

struct blind
blinds_at(struct blinds *blinds, size_t i)
{
	make_tidy(blinds);
	return blinds->list[i];
}

int64_t
blinds_within(struct blinds *blinds, int64_t from_ms, int64_t to_ms)
{
	int64_t sum = 0, start, end;
	size_t i;

	make_tidy(blinds);
	for (i = count_before(blinds, to_ms); i-- > 0;) {
		start = blinds->list[i].from_ms;
		end = blinds->list[i].to_ms;
		if (end <= from_ms)
			break;
		sum += (end < to_ms ? end : to_ms) -
		    (start > from_ms ? start : from_ms);
	}
	return sum;
}
