#include "config.h"

#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kind.h"
#include "map.h"
#include "now.h"
#include "rate.h"
#include "record.h"
#include "xalloc.h"

struct board {
	struct map *persons;
	struct map *numbers; /* of states, by their text */
	struct board_state states[BOARD_MAX_STATES];
	size_t states_count;
	struct board_totals totals;
	struct rate rate;
};

static size_t
add_state(struct board *board, struct span text)
{
	struct board_state *state = &board->states[board->states_count];

	state->text = xstrndup(text.at, text.len);
	cells_set(&state->word, text);
	state->folded = cells_fold(&state->word);
	state->kind = kind_of(text);
	return board->states_count++;
}

/* The number of a state.  The last one is for all that find no room. */
static size_t
number_of(struct board *board, struct span text)
{
	const size_t *known = map_get(board->numbers, text);
	size_t *number;

	if (known != NULL)
		return *known;
	if (board->states_count == BOARD_MAX_STATES - 1)
		(void)add_state(board, span_of("(OTHER)"));
	if (board->states_count == BOARD_MAX_STATES)
		return BOARD_MAX_STATES - 1;
	number = map_put(board->numbers, text, NULL);
	*number = add_state(board, text);
	return *number;
}

struct board *
board_new(void)
{
	struct board *board;
	int kind;

	board = xcalloc(1, sizeof(*board));
	board->persons = map_new(sizeof(struct board_person));
	board->numbers = map_new(sizeof(size_t));
	board->totals.latency_ms = NOW_NONE;
	/* Their numbers are then their ranks. */
	for (kind = 0; kind < KIND_OTHER; kind++)
		(void)number_of(board, span_of(kind_at(kind)->word));
	return board;
}

void
board_free(struct board *board)
{
	struct board_person *person;
	size_t cursor = 0, i;

	if (board == NULL)
		return;
	while ((person = map_next(board->persons, &cursor, NULL)) != NULL) {
		cells_done(&person->label);
		free(person->folded);
		free(person->name);
	}
	for (i = 0; i < board->states_count; i++) {
		free(board->states[i].text);
		cells_done(&board->states[i].word);
		free(board->states[i].folded);
	}
	cells_done(&board->totals.gap.cause);
	cells_done(&board->totals.bad_last);
	map_free(board->persons);
	map_free(board->numbers);
	free(board);
}

/* A person who is not there yet. */
static struct board_person *
add_person(struct board *board, struct span id)
{
	struct board_person *person = map_put(board->persons, id, NULL);

	person->id = map_key(board->persons, person);
	person->changed_ms = NOW_NONE;
	return person;
}

static void
copy_person(struct board *board, const struct board_person *from)
{
	struct board_person *person = add_person(board, from->id);
	struct span id = person->id;

	*person = *from;
	person->id = id;
	memset(&person->label, 0, sizeof(person->label));
	cells_copy(&person->label, &from->label);
	person->folded = cells_fold(&person->label);
	person->name = from->name == NULL ? NULL : xstrdup(from->name);
}

struct board *
board_copy(const struct board *board)
{
	const struct board_person *person;
	const struct board_state *state;
	struct board *copy;
	size_t cursor = 0, i;

	copy = xcalloc(1, sizeof(*copy));
	copy->persons = map_new(sizeof(struct board_person));
	copy->numbers = map_new(sizeof(size_t));
	for (i = 0; i < board->states_count; i++) {
		state = &board->states[i];
		(void)add_state(copy, span_of(state->text));
		copy->states[i].users = state->users;
	}
	while ((person = board_next(board, &cursor)) != NULL)
		copy_person(copy, person);
	copy->rate = board->rate;
	copy->totals = board->totals;
	memset(&copy->totals.gap.cause, 0, sizeof(struct cells));
	memset(&copy->totals.bad_last, 0, sizeof(struct cells));
	cells_copy(&copy->totals.gap.cause, &board->totals.gap.cause);
	cells_copy(&copy->totals.bad_last, &board->totals.bad_last);
	return copy;
}

/* Names rarely change: most lines say what is known. */
static void
set_name(struct board_person *person, struct span name)
{
	if (person->label.at != NULL &&
	    (name.len == 0 || span_equal(span_of(person->name), name)))
		return;
	free(person->name);
	person->name = name.len == 0 ? NULL : xstrndup(name.at, name.len);
	cells_set(&person->label, name);
	/* A name that has nothing to show is none. */
	if (person->label.width == 0)
		cells_set(&person->label, person->id);
	free(person->folded);
	person->folded = cells_fold(&person->label);
}

/* By this machine's clock no state begins after its line was read. */
static int64_t
began_ms(const struct record *record)
{
	if (record->latency_ms == NOW_NONE || record->latency_ms >= 0)
		return record->since_ms;
	return record->since_ms + record->latency_ms;
}

static void
set_state(struct board *board, struct board_person *person, size_t state,
    const struct record *record, bool is_new)
{
	if (!is_new)
		board->states[person->state].users--;
	board->states[state].users++;
	/* Another definition of the state that it is in: it goes on. */
	if (is_new || state != person->state)
		person->since_ms = began_ms(record);
	person->told_ms = record->since_ms;
	person->state = state;
	person->previous = record->previous_state.len == 0
	    ? BOARD_MAX_STATES
	    : number_of(board, record->previous_state);
	person->lasted_ms = record->previous_for_ms;
	person->found_by_asking = span_is(record->source, "snapshot");
	/* How long ago a state began that was found is no latency. */
	person->latency_ms =
	    person->found_by_asking || span_is(record->source, "replay")
	    ? NOW_NONE
	    : record->latency_ms;
}

static int
apply_change(struct board *board, const struct record *record, int64_t now_ms,
    struct fail *why)
{
	size_t state = number_of(board, record->state);
	struct board_person *person;
	bool is_new = false;

	person = map_get(board->persons, record->user_id);
	if (person == NULL) {
		if (board_persons(board) == BOARD_MAX_PERSONS)
			return fail_set(why, FAIL_DATA, "one user more than %d",
			    BOARD_MAX_PERSONS);
		person = add_person(board, record->user_id);
		is_new = true;
	}
	set_name(person, record->name);
	if (person->label.width > board->totals.label_width)
		board->totals.label_width = person->label.width;
	/* Where two runs overlap, a line may come twice. */
	if (!is_new && state == person->state &&
	    record->since_ms == person->told_ms)
		return 0;
	set_state(board, person, state, record, is_new);
	person->turn = board->totals.lines;
	if (person->latency_ms != NOW_NONE)
		board->totals.latency_ms = person->latency_ms;
	/* A first state is news, but nothing has changed. */
	if (is_new && record->previous_state.len == 0)
		return 0;
	person->changed_ms = now_ms;
	board->totals.changes++;
	rate_count(&board->rate, now_ms);
	return 0;
}

static void
apply_gap(struct board *board, const struct record *record)
{
	struct board_gap *gap = &board->totals.gap;

	board->totals.gaps++;
	gap->from_ms = record->from_ms;
	gap->to_ms = record->to_ms;
	gap->users = record->users;
	cells_set(&gap->cause, record->cause);
}

int
board_apply(struct board *board, const struct record *record, int64_t now_ms,
    struct fail *why)
{
	board->totals.lines++;
	if (record->kind == RECORD_CHANGE)
		return apply_change(board, record, now_ms, why);
	apply_gap(board, record);
	return 0;
}

void
board_bad(struct board *board, size_t number, const char *reason)
{
	char text[FAIL_TEXT + 32];

	board->totals.lines++;
	board->totals.bad++;
	(void)snprintf(text, sizeof(text), "line %zu: %s", number, reason);
	cells_set(&board->totals.bad_last, span_of(text));
}

uint64_t
board_version(const struct board *board)
{
	return board->totals.lines;
}

size_t
board_persons(const struct board *board)
{
	return map_count(board->persons);
}

const struct board_person *
board_next(const struct board *board, size_t *cursor)
{
	return map_next(board->persons, cursor, NULL);
}

size_t
board_states(const struct board *board)
{
	return board->states_count;
}

const struct board_state *
board_state(const struct board *board, size_t i)
{
	return &board->states[i];
}

const struct board_totals *
board_totals(const struct board *board)
{
	return &board->totals;
}

uint64_t
board_rate(const struct board *board, int64_t now_ms)
{
	return rate_of(&board->rate, now_ms);
}
