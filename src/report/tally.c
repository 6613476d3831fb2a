#include "config.h"

#include "tally.h"

#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "looks.h"
#include "names.h"
#include "people.h"
#include "xalloc.h"
#include "zone.h"

#define MERGE_AT 65536

struct place {
	uint16_t state;
	size_t look;
	struct span text;
};

static int
compare_places(const void *one, const void *other)
{
	const struct place *a = one, *b = other;
	size_t len = a->text.len < b->text.len ? a->text.len : b->text.len;
	int order;

	if (a->look != b->look)
		return a->look < b->look ? -1 : 1;
	order = memcmp(a->text.at, b->text.at, len);
	if (order != 0)
		return order;
	return (a->text.len > b->text.len) - (a->text.len < b->text.len);
}

static void
list_states(struct tally *tally, const struct names *names)
{
	struct place *places;
	size_t i, count = 0;
	bool *seen;

	places = xcalloc(names_count(names) + 1u, sizeof(*places));
	seen = xcalloc(names_count(names) + 1u, sizeof(*seen));
	tally->states =
	    xcalloc(names_count(names) + 1u, sizeof(*tally->states));
	for (i = 0; i < tally->sums.count; i++) {
		uint16_t state = tally->sums.list[i].state;

		if (state == NAMES_NONE || seen[state])
			continue;
		seen[state] = true;
		places[count].state = state;
		places[count].text = names_text(names, state);
		places[count].look = looks_of(places[count].text, 0);
		count++;
	}
	qsort(places, count, sizeof(*places), compare_places);
	for (i = 0; i < count; i++)
		tally->states[i] = places[i].state;
	tally->count = count;
	free(places);
	free(seen);
}

void
tally_init(
    struct tally *tally, const struct book *book, const struct people *people)
{
	const struct sums *sums;
	size_t i, j, limit = MERGE_AT;

	memset(tally, 0, sizeof(*tally));
	for (i = 0; i < people->count; i++) {
		sums = &people->list[i]->sums;
		for (j = 0; j < sums->count; j++)
			sums_add(&tally->sums, sums->list[j].hour_ms,
			    sums->list[j].state, sums->list[j].ms,
			    sums->list[j].changes);
		/* What comes by hours is to be merged before it is much. */
		if (tally->sums.count > limit) {
			sums_tidy(&tally->sums);
			limit = 2 * tally->sums.count + MERGE_AT;
		}
	}
	sums_tidy(&tally->sums);
	list_states(tally, book_names(book));
}

void
tally_done(struct tally *tally)
{
	sums_done(&tally->sums);
	free(tally->states);
	memset(tally, 0, sizeof(*tally));
}

/* The rows of one user, or of all. */
static void
tell_rows(const struct sums *sums, const struct person *person,
    const struct story *story, tally_row_fn *fn, void *arg)
{
	struct row row = { person, story->from_ms, story->to_ms,
		{ NULL, 0, 0 } };
	size_t from = 0, to;

	/* Of a window without length. */
	if (sums->count == 0)
		fn(arg, &row);
	for (; from < sums->count; from = to) {
		for (to = from + 1; to < sums->count &&
		     sums->list[to].hour_ms == sums->list[from].hour_ms;
		     to++)
			continue;
		row.sums.list = sums->list + from;
		row.sums.count = to - from;
		if (sums->list[from].hour_ms != SUMS_WHOLE) {
			zone_hour(
			    sums->list[from].hour_ms, &row.from_ms, &row.to_ms);
			if (row.from_ms < story->from_ms)
				row.from_ms = story->from_ms;
			if (row.to_ms > story->to_ms)
				row.to_ms = story->to_ms;
		}
		fn(arg, &row);
	}
}

void
tally_rows(const struct tally *tally, const struct book *book,
    const struct people *people, tally_row_fn *fn, void *arg)
{
	const struct story *story = book_story(book);
	size_t i;

	for (i = 0; i < people->count; i++)
		tell_rows(
		    &people->list[i]->sums, people->list[i], story, fn, arg);
	tell_rows(&tally->sums, NULL, story, fn, arg);
}
