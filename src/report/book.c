#include "config.h"

#include "book.h"

#include <stdlib.h>
#include <string.h>

#include "blinds.h"
#include "bounds.h"
#include "fail.h"
#include "map.h"
#include "record.h"
#include "userid.h"
#include "xalloc.h"
#include "zone.h"

struct book {
	struct book_plan plan;
	struct map *people; /* struct person, by the form that IDs compare in */
	struct names *names;
	struct blinds *blinds;
	struct story story;
	size_t moments;
	size_t max_moments;
	int64_t first_ms; /* the first receivedAt, or time; NOW_NONE: none */
	int64_t last_ms;
	bool started; /* something is summed up: the window has its start */
};

struct book *
book_new(const struct book_plan *plan)
{
	struct book *book;

	book = xcalloc(1, sizeof(*book));
	book->plan = *plan;
	book->max_moments = plan->max_moments;
	book->people = map_new(sizeof(struct person));
	book->names = names_new();
	book->blinds = blinds_new();
	book->first_ms = NOW_NONE;
	book->last_ms = NOW_NONE;
	return book;
}

void
book_free(struct book *book)
{
	struct person *person;
	size_t cursor = 0;

	if (book == NULL)
		return;
	while ((person = book_next(book, &cursor)) != NULL) {
		free(person->id);
		free(person->name);
		free(person->moments);
		sums_done(&person->sums);
	}
	map_free(book->people);
	names_free(book->names);
	blinds_free(book->blinds);
	free(book);
}

static void
see_time(struct book *book, int64_t wall_ms, bool may_be_first)
{
	if (may_be_first &&
	    (book->first_ms == NOW_NONE || wall_ms < book->first_ms))
		book->first_ms = wall_ms;
	if (book->last_ms == NOW_NONE || wall_ms > book->last_ms)
		book->last_ms = wall_ms;
}

/* Orders by time; what has the same time keeps its order. */
static void
put_in_order(struct person *person)
{
	struct moment *from = person->moments, *to, *spare, *swap;
	size_t n = person->count, width, low, middle, high, a, b, at;

	if (person->in_order)
		return;
	spare = xcalloc(n, sizeof(*spare));
	to = spare;
	for (width = 1; width < n; width *= 2) {
		for (low = 0; low < n; low = high) {
			middle = low + width < n ? low + width : n;
			high = middle + width < n ? middle + width : n;
			a = low;
			b = middle;
			for (at = low; at < high; at++)
				if (b == high ||
				    (a < middle &&
					from[a].at_ms <= from[b].at_ms))
					to[at] = from[a++];
				else
					to[at] = from[b++];
		}
		swap = from;
		from = to;
		to = swap;
	}
	if (from != person->moments)
		memcpy(person->moments, from, n * sizeof(*from));
	free(spare);
	person->in_order = true;
}

/* Summing up: a story's pieces, cut into hours if wanted. */

struct adder {
	struct sums *sums;
	const struct story *story;
	bool hours;
	int64_t from_ms; /* the hour that was looked up last */
	int64_t to_ms;
};

/* The start of the hour that a time is in; the window cuts the first one. */
static int64_t
hour_of(struct adder *adder, int64_t wall_ms)
{
	if (!adder->hours)
		return SUMS_WHOLE;
	if (wall_ms < adder->from_ms || wall_ms >= adder->to_ms)
		zone_hour(wall_ms, &adder->from_ms, &adder->to_ms);
	return adder->from_ms;
}

static void
add_piece(void *arg, const struct piece *piece)
{
	struct adder *adder = arg;
	int64_t from = piece->from_ms, to, hour;

	for (; from < piece->to_ms; from = to) {
		hour = hour_of(adder, from);
		to = piece->to_ms;
		if (adder->hours && to > adder->to_ms)
			to = adder->to_ms;
		sums_add(adder->sums, hour, piece->state, to - from, 0);
	}
}

static void
add_change(void *arg, int64_t at_ms, uint16_t state, uint32_t count)
{
	struct adder *adder = arg;

	/* At the very end it still belongs to the last hour. */
	if (at_ms == adder->story->to_ms && at_ms > adder->story->from_ms)
		at_ms--;
	sums_add(adder->sums, hour_of(adder, at_ms), state, 0, count);
}

static void
sum_up(struct book *book, struct person *person, size_t count, bool goes_on)
{
	struct adder adder = { &person->sums, &book->story, book->plan.hours,
		INT64_MAX, INT64_MIN };
	const struct story_part part = { person->moments, count, person->begun,
		goes_on };
	const struct story_ear ear = { add_piece, add_change, &adder };

	story_tell(&book->story, &part, &ear);
}

/* Forgetting: what no output needs any more. */

static void
drop_first(struct book *book, struct person *person, size_t count)
{
	if (count == 0)
		return;
	memmove(person->moments, person->moments + count,
	    (person->count - count) * sizeof(*person->moments));
	person->count -= count;
	book->moments -= count;
}

/*
 * Of what is before the window only the last change counts, and of what is
 * behind it the first.
 */
static void
drop_outside(struct book *book, struct person *person)
{
	size_t before = 0, inside;

	if (book->plan.from_ms != NOW_NONE) {
		while (before + 1 < person->count &&
		    person->moments[before + 1].at_ms < book->plan.from_ms)
			before++;
		drop_first(book, person, before);
	}
	if (book->plan.to_ms == NOW_NONE)
		return;
	for (inside = 0; inside < person->count &&
	     person->moments[inside].at_ms <= book->plan.to_ms;
	     inside++)
		continue;
	if (inside + 1 < person->count) {
		book->moments -= person->count - (inside + 1);
		person->count = inside + 1;
	}
}

/* The window, as far as it is known. */
static void
set_window(struct book *book)
{
	struct story *story = &book->story;

	story->blinds = book->blinds;
	if (!book->started) {
		story->start_ms = book->first_ms;
		story->from_ms = book->plan.from_ms == NOW_NONE
		    ? book->first_ms
		    : book->plan.from_ms;
	}
	story->takes_end = book->plan.to_ms == NOW_NONE;
	story->to_ms = story->takes_end ? INT64_MAX : book->plan.to_ms;
}

static void
drop_summed_up(struct book *book, struct person *person)
{
	size_t old;

	if (book->plan.keeps_all || person->count <= BOUND_TAIL + 1)
		return;
	old = person->count - BOUND_TAIL;
	sum_up(book, person, old + 1, true);
	person->begun = true;
	drop_first(book, person, old);
}

static void
make_room(struct book *book)
{
	struct person *person;
	size_t cursor = 0;

	set_window(book);
	if (!book->plan.keeps_all)
		book->started = true;
	while ((person = book_next(book, &cursor)) != NULL) {
		put_in_order(person);
		drop_outside(book, person);
		drop_summed_up(book, person);
	}
	/* So that it is not tried again and again in vain. */
	if (book->moments * 2 > book->max_moments)
		book->max_moments = book->moments * 2;
}

static struct person *
person_of(struct book *book, const struct record *record)
{
	char room[CAP_USER_ID];
	struct person *person;
	bool added;

	person =
	    map_put(book->people, userid_key(record->user_id, room), &added);
	if (added) {
		person->id = xstrndup(record->user_id.at, record->user_id.len);
		person->in_order = true;
	}
	if (record->name.len > 0 &&
	    (person->name == NULL || !span_is(record->name, person->name))) {
		free(person->name);
		person->name = xstrndup(record->name.at, record->name.len);
	}
	return person;
}

static void
add_moment(
    struct book *book, struct person *person, const struct moment *moment)
{
	if (person->count == person->room) {
		person->room = person->room == 0 ? 4 : 2 * person->room;
		person->moments = xreallocarray(
		    person->moments, person->room, sizeof(*person->moments));
	}
	if (person->count > 0 &&
	    moment->at_ms < person->moments[person->count - 1].at_ms)
		person->in_order = false;
	person->moments[person->count++] = *moment;
	if (++book->moments > book->max_moments)
		make_room(book);
}

int
book_add(struct book *book, const struct record *record, struct fail *why)
{
	struct moment moment = { .at_ms = record->at_ms,
		.before_since_ms = record->before_since_ms,
		.before = NAMES_NONE };
	struct person *person;

	moment.state = names_number(book->names, record->state);
	if (moment.state != NAMES_NONE && record->before.len > 0)
		moment.before = names_number(book->names, record->before);
	if (moment.state == NAMES_NONE ||
	    (moment.before == NAMES_NONE && record->before.len > 0))
		return fail_set(why, FAIL_DATA, "more than %d different states",
		    BOUND_STATES);
	moment.missed = record->missed & 0x7fffffffu;
	moment.asked = record->asked;
	person = person_of(book, record);
	if (person->begun && moment.at_ms < person->moments[0].at_ms)
		return fail_set(why, FAIL_DATA,
		    "comes too late to be put in order: give files in order "
		    "of time, or more --memory");
	if (record->received_ms != NOW_NONE)
		see_time(book, record->received_ms, true);
	see_time(book, record->at_ms, record->received_ms == NOW_NONE);
	add_moment(book, person, &moment);
	return 0;
}

void
book_add_gap(struct book *book, int64_t from_ms, int64_t to_ms)
{
	blinds_add(book->blinds, from_ms, to_ms);
	see_time(book, to_ms, false);
}

void
book_close(struct book *book)
{
	struct story *story = &book->story;
	struct person *person;
	size_t cursor = 0;

	set_window(book);
	story->end_ms = book->last_ms;
	if (book->plan.until_ms > story->end_ms)
		story->end_ms = book->plan.until_ms;
	if (story->takes_end)
		story->to_ms = story->end_ms;
	if (story->to_ms < story->from_ms)
		story->to_ms = story->from_ms;
	while ((person = book_next(book, &cursor)) != NULL) {
		put_in_order(person);
		if (person->count > 0)
			sum_up(book, person, person->count, false);
		sums_tidy(&person->sums);
	}
}

bool
book_has_times(const struct book *book)
{
	return book->first_ms != NOW_NONE;
}

const struct story *
book_story(const struct book *book)
{
	return &book->story;
}

const struct names *
book_names(const struct book *book)
{
	return book->names;
}

size_t
book_count(const struct book *book)
{
	return map_count(book->people);
}

struct person *
book_next(const struct book *book, size_t *cursor)
{
	return map_next(book->people, cursor, NULL);
}

void
book_tell(const struct book *book, const struct person *person,
    const struct story_ear *ear)
{
	const struct story_part part = { person->moments, person->count, false,
		false };

	story_tell(&book->story, &part, ear);
}
