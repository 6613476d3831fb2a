#include "config.h"

#include "story.h"

#include "blinds.h"
#include "bounds.h"

/* Before and behind everything. */
#define EVER_MS  (INT64_MIN + 1)
#define NEVER_MS INT64_MAX

struct teller {
	const struct story *story;
	const struct story_ear *ear;
	struct piece waiting; /* may be joined with what comes */
	bool has_waiting;
};

static void
flush(struct teller *teller)
{
	if (teller->has_waiting)
		teller->ear->on_piece(teller->ear->arg, &teller->waiting);
	teller->has_waiting = false;
}

/* Clips a piece to the window and joins it with the one before. */
static void
tell(struct teller *teller, struct piece piece)
{
	const struct story *story = teller->story;
	struct piece *waiting = &teller->waiting;

	if (piece.from_ms < story->from_ms) {
		piece.from_ms = story->from_ms;
		piece.cut_before = true;
	}
	if (piece.to_ms > story->to_ms) {
		piece.to_ms = story->to_ms;
		piece.cut_behind = true;
	}
	if (piece.from_ms >= piece.to_ms)
		return;
	if (teller->has_waiting && waiting->state == piece.state) {
		waiting->to_ms = piece.to_ms;
		waiting->cut_behind = piece.cut_behind;
		return;
	}
	flush(teller);
	*waiting = piece;
	teller->has_waiting = true;
}

static void
tell_unknown(struct teller *teller, int64_t from_ms, int64_t to_ms)
{
	struct piece piece = { from_ms, to_ms, NAMES_NONE, true, true };

	tell(teller, piece);
}

/* A piece, but for what is hidden of it. */
static void
tell_seen(struct teller *teller, struct piece piece, const struct piece *hidden)
{
	struct piece rest = piece;

	if (hidden->from_ms >= piece.to_ms || hidden->to_ms <= piece.from_ms) {
		tell(teller, piece);
		return;
	}
	if (hidden->from_ms > piece.from_ms) {
		piece.to_ms = hidden->from_ms;
		piece.cut_behind = true;
		tell(teller, piece);
		rest.from_ms = hidden->from_ms;
	}
	if (hidden->to_ms >= rest.to_ms) {
		tell_unknown(teller, rest.from_ms, rest.to_ms);
		return;
	}
	tell_unknown(teller, rest.from_ms, hidden->to_ms);
	rest.from_ms = hidden->to_ms;
	rest.cut_before = true;
	tell(teller, rest);
}

/* What nobody can know of the time before a change: an interval, or none. */
static struct piece
hidden_before(
    const struct story *story, const struct moment *next, uint16_t state)
{
	struct piece hidden = { 0, 0, NAMES_NONE, true, true };

	/* A state that a new recorder finds may be the same again. */
	if (!next->asked ||
	    (next->state == state && next->before != NAMES_NONE))
		return hidden;
	if (!blinds_last(
		story->blinds, next->at_ms, &hidden.from_ms, &hidden.to_ms) ||
	    next->at_ms > hidden.to_ms + BOUND_TOLD_LATE_MS) {
		hidden.from_ms = hidden.to_ms = 0;
		return hidden;
	}
	if (hidden.to_ms > next->at_ms)
		hidden.to_ms = next->at_ms;
	return hidden;
}

/* The time before a user's first line. */
static void
tell_first(struct teller *teller, const struct moment *first)
{
	struct piece before = { first->before_since_ms, first->at_ms,
		first->before, false, false };
	struct piece hidden;

	if (first->before == NAMES_NONE) {
		tell_unknown(teller, EVER_MS, first->at_ms);
		return;
	}
	/* All changes are printed, so it was so since the recording began. */
	if (before.from_ms == NOW_NONE) {
		before.from_ms = teller->story->start_ms;
		before.cut_before = true;
	}
	if (before.from_ms > before.to_ms)
		before.from_ms = before.to_ms;
	tell_unknown(teller, EVER_MS, before.from_ms);
	hidden = hidden_before(teller->story, first, first->before);
	tell_seen(teller, before, &hidden);
}

static void
tell_between(
    struct teller *teller, const struct moment *last, const struct moment *next)
{
	struct piece early = { last->at_ms, next->at_ms, last->state, false,
		false };
	struct piece late = early, hidden;
	bool has_since =
	    next->before != NAMES_NONE && next->before_since_ms > last->at_ms;

	if (has_since && next->before_since_ms < next->at_ms)
		early.to_ms = next->before_since_ms;
	late.from_ms = early.to_ms;
	late.state = has_since ? next->before : last->state;
	hidden = hidden_before(teller->story, next, late.state);
	if (next->missed > 1 || (next->missed == 1 && !has_since))
		tell_unknown(teller, early.from_ms, early.to_ms);
	else
		tell_seen(teller, early, &hidden);
	tell_seen(teller, late, &hidden);
}

static void
tell_last(struct teller *teller, const struct moment *last)
{
	struct piece piece = { last->at_ms, teller->story->end_ms, last->state,
		false, true };

	if (piece.to_ms < piece.from_ms)
		piece.to_ms = piece.from_ms;
	tell(teller, piece);
	tell_unknown(teller, piece.to_ms, NEVER_MS);
}

/* last: the moment before, or NULL. */
static void
tell_change(struct teller *teller, const struct moment *last,
    const struct moment *moment)
{
	const struct story *story = teller->story;
	uint16_t before = moment->before;
	uint32_t count = moment->missed;

	if (teller->ear->on_change == NULL || moment->at_ms < story->from_ms ||
	    moment->at_ms > story->to_ms ||
	    (moment->at_ms == story->to_ms && !story->takes_end))
		return;
	if (before == NAMES_NONE && last != NULL)
		before = last->state;
	if (before != NAMES_NONE && before != moment->state)
		count++;
	if (count > 0)
		teller->ear->on_change(
		    teller->ear->arg, moment->at_ms, moment->state, count);
}

void
story_tell(const struct story *story, const struct moment *moments,
    size_t count, const struct story_ear *ear)
{
	struct teller teller = { .story = story, .ear = ear };
	size_t i;

	tell_first(&teller, &moments[0]);
	tell_change(&teller, NULL, &moments[0]);
	for (i = 1; i < count; i++) {
		tell_between(&teller, &moments[i - 1], &moments[i]);
		tell_change(&teller, &moments[i - 1], &moments[i]);
	}
	tell_last(&teller, &moments[count - 1]);
	flush(&teller);
}
