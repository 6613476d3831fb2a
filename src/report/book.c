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
	int64_t first_ms; /* the first receivedAt, or time; NOW_NONE: none */
	int64_t last_ms;
	int64_t heard_ms; /* the latest receivedAt; NOW_NONE: none */
};

struct book *
book_new(const struct book_plan *plan)
{
	struct book *book;

	book = xcalloc(1, sizeof(*book));
	book->plan = *plan;
	book->people = map_new(sizeof(struct person));
	book->names = names_new();
	book->blinds = blinds_new();
	book->first_ms = NOW_NONE;
	book->last_ms = NOW_NONE;
	book->heard_ms = NOW_NONE;
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

struct place {
	struct moment moment;
	size_t nth;
};

static int
compare_places(const void *one, const void *other)
{
	const struct place *a = one, *b = other;

	if (a->moment.at_ms != b->moment.at_ms)
		return a->moment.at_ms < b->moment.at_ms ? -1 : 1;
	return (a->nth > b->nth) - (a->nth < b->nth);
}

/* Orders by time; what has the same time keeps its order. */
static void
put_in_order(struct person *person)
{
	struct place *places;
	size_t i;

	if (person->in_order)
		return;
	places = xcalloc(person->count, sizeof(*places));
	for (i = 0; i < person->count; i++) {
		places[i].moment = person->moments[i];
		places[i].nth = i;
	}
	qsort(places, person->count, sizeof(*places), compare_places);
	for (i = 0; i < person->count; i++)
		person->moments[i] = places[i].moment;
	free(places);
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
sum_up(struct book *book, struct person *person)
{
	struct adder adder = { &person->sums, &book->story, book->plan.hours,
		INT64_MAX, INT64_MIN };
	const struct story_ear ear = { add_piece, add_change, &adder };

	book_tell(book, person, &ear);
	sums_tidy(&person->sums);
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
add_moment(struct person *person, const struct moment *moment)
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
}

/*
 * Whoever records has everybody's first state without one before it.  So where
 * a snapshot finds somebody who was there before, and knows no state before,
 * the recorder was stopped, and nothing was seen since the last line.
 */
static void
see_restart(
    struct book *book, const struct person *person, const struct record *record)
{
	if (person->count > 0 && record->asked && record->before.len == 0 &&
	    book->heard_ms != NOW_NONE)
		blinds_add(book->blinds, book->heard_ms, record->received_ms);
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
	see_restart(book, person, record);
	if (record->received_ms != NOW_NONE) {
		see_time(book, record->received_ms, true);
		if (record->received_ms > book->heard_ms)
			book->heard_ms = record->received_ms;
	}
	see_time(book, record->at_ms, record->received_ms == NOW_NONE);
	add_moment(person, &moment);
	return 0;
}

void
book_add_gap(struct book *book, int64_t from_ms, int64_t to_ms)
{
	blinds_add(book->blinds, from_ms, to_ms);
	see_time(book, to_ms, false);
}

static void
set_window(struct book *book)
{
	const struct book_plan *plan = &book->plan;
	struct story *story = &book->story;
	bool any = book_has_times(book);

	story->blinds = book->blinds;
	story->start_ms = any ? book->first_ms : 0;
	story->from_ms =
	    plan->from_ms == NOW_NONE ? story->start_ms : plan->from_ms;
	story->end_ms = any ? book->last_ms : 0;
	if (plan->until_ms > story->end_ms)
		story->end_ms = plan->until_ms;
	story->takes_end = plan->to_ms == NOW_NONE;
	story->to_ms = story->takes_end ? story->end_ms : plan->to_ms;
	if (story->to_ms < story->from_ms)
		story->to_ms = story->from_ms;
}

/* One wrong clock can make a window of thousands of years. */
static int
check_hours(const struct book *book, struct fail *why)
{
	const struct story *story = &book->story;
	char from[NOW_TEXT], to[NOW_TEXT];

	if (!book->plan.hours ||
	    story->to_ms - story->from_ms <= BOUND_HOURS_MS)
		return 0;
	(void)now_format(story->from_ms, from);
	(void)now_format(story->to_ms, to);
	return fail_set(why, FAIL_DATA,
	    "%s to %s is too long for sums by the hour: give --from and --to",
	    from, to);
}

int
book_close(struct book *book, struct fail *why)
{
	struct person *person;
	size_t cursor = 0;

	set_window(book);
	if (check_hours(book, why) == -1)
		return -1;
	while ((person = book_next(book, &cursor)) != NULL) {
		put_in_order(person);
		sum_up(book, person);
	}
	return 0;
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
	story_tell(&book->story, person->moments, person->count, ear);
}
