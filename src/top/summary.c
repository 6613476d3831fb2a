#include "config.h"

#include "summary.h"

#include <inttypes.h>
#include <stdio.h>

#include "bar.h"
#include "board.h"
#include "buf.h"
#include "kind.h"
#include "layout.h"
#include "listing.h"
#include "now.h"
#include "say.h"
#include "screen.h"
#include "states.h"
#include "view.h"

/* Room for one field. */
#define FIELD_TEXT 256

/* A number and its noun, in both forms of a field. */
static void
add_count(struct bar *bar, uint64_t count, const char *one, const char *more,
    const char *unit)
{
	char full[FIELD_TEXT], brief[FIELD_TEXT], number[SAY_TEXT];

	say_count(number, count);
	(void)snprintf(
	    full, sizeof(full), "%s %s", number, count == 1 ? one : more);
	(void)snprintf(brief, sizeof(brief), "%" PRIu64 "%s", count, unit);
	bar_add(bar, 0, full, brief);
}

static void
add_input(struct bar *bar, const struct summary *summary)
{
	char full[FIELD_TEXT], text[SAY_TEXT];

	if (summary->ended) {
		say_clock(text, summary->ended_ms);
		if (summary->broken != NULL)
			(void)snprintf(full, sizeof(full),
			    "INPUT FAILED %s: %s", text, summary->broken);
		else
			(void)snprintf(
			    full, sizeof(full), "END OF INPUT %s", text);
		bar_add(bar, SCREEN_REVERSE, full, "END");
	}
	if (summary->view->paused) {
		say_count(text, summary->lines_waiting);
		(void)snprintf(full, sizeof(full), "PAUSED, %s %s since", text,
		    summary->lines_waiting == 1 ? "line" : "lines");
		bar_add(bar, SCREEN_REVERSE, full, "PAUSED");
	}
}

void
summary_title(
    struct bar *bar, const struct summary *summary, const struct layout *layout)
{
	const struct board_totals *totals = board_totals(summary->board);
	char full[FIELD_TEXT], text[SAY_TEXT];

	add_input(bar, summary);
	add_count(bar, board_persons(summary->board), "user", "users", "u");
	add_count(bar, board_rate(summary->board, summary->now_ms),
	    "change/min", "changes/min", "/min");
	if (totals->gaps > 0 && layout->gap_y == -1)
		add_count(bar, totals->gaps, "gap", "gaps", "gap");
	if (totals->bad > 0 && layout->bad_y == -1)
		add_count(bar, totals->bad, "bad line", "bad lines", "bad");
	if (totals->latency_ms != NOW_NONE) {
		say_latency(text, totals->latency_ms);
		(void)snprintf(full, sizeof(full), "latency %s", text);
		bar_add(bar, 0, full, text);
	}
	say_clock(text, summary->clock_ms);
	bar_add(bar, 0, text, text);
}

void
summary_counts(struct bar *bar, const struct summary *summary)
{
	const struct board_state *state;
	char full[FIELD_TEXT], brief[FIELD_TEXT], number[SAY_TEXT];
	size_t i;

	for (i = 0; i < board_states(summary->board); i++) {
		state = board_state(summary->board, i);
		if (state->users == 0 || !listing_shows(summary->wish, state))
			continue;
		say_count(number, state->users);
		(void)snprintf(
		    full, sizeof(full), "%s %s", state->text, number);
		(void)snprintf(brief, sizeof(brief), "%c%zu",
		    kind_at(state->kind)->letter, state->users);
		bar_add(bar, SCREEN_KIND(state->kind), full, brief);
	}
}

/* Which of the users are on the screen. */
static void
add_place(
    struct bar *bar, const struct summary *summary, size_t first, size_t shown)
{
	char full[FIELD_TEXT], brief[FIELD_TEXT], all[SAY_TEXT];
	char from[SAY_TEXT], to[SAY_TEXT];

	say_count(all, summary->listing->count);
	say_count(from, first + 1);
	say_count(to, first + shown);
	if (shown == 0) {
		(void)snprintf(full, sizeof(full), "nobody");
		(void)snprintf(brief, sizeof(brief), "0");
	} else {
		(void)snprintf(
		    full, sizeof(full), "%s-%s of %s", from, to, all);
		(void)snprintf(brief, sizeof(brief), "%zu-%zu/%zu", first + 1,
		    first + shown, summary->listing->count);
	}
	bar_add(bar, SCREEN_BOLD, full, brief);
}

static void
add_filter(struct bar *bar, const struct view *view)
{
	struct buf full, brief;

	buf_init(&full, SIZE_MAX);
	buf_init(&brief, SIZE_MAX);
	buf_printf(&full, "filter: %ls", view->filter);
	buf_printf(&brief, "/%ls", view->filter);
	bar_add(bar, SCREEN_BOLD, buf_string(&full), buf_string(&brief));
	buf_done(&full);
	buf_done(&brief);
}

void
summary_status(
    struct bar *bar, const struct summary *summary, size_t first, size_t shown)
{
	const char *sort = listing_sort_name(summary->wish->sort);
	const struct states *only = summary->wish->only;
	char full[FIELD_TEXT];

	add_place(bar, summary, first, shown);
	if (summary->view->filter_len > 0)
		add_filter(bar, summary->view);
	if (only->count > 0) {
		(void)snprintf(full, sizeof(full), "only %zu %s", only->count,
		    only->count == 1 ? "state" : "states");
		bar_add(bar, SCREEN_BOLD, full, "only");
	}
	(void)snprintf(full, sizeof(full), "sort: %s", sort);
	bar_add(bar, 0, full, sort);
	bar_add(bar, 0, "?: help", "?");
	bar_add(bar, 0, "q: quit", "q");
}

void
summary_gap(struct buf *text, const struct summary *summary)
{
	const struct board_totals *totals = board_totals(summary->board);
	const struct board_gap *gap = &totals->gap;
	char from[SAY_TEXT], to[SAY_TEXT], lasted[SAY_TEXT], count[SAY_TEXT];

	say_when(from, gap->from_ms, summary->clock_ms);
	say_when(to, gap->to_ms, summary->clock_ms);
	say_latency(lasted, gap->to_ms - gap->from_ms);
	buf_printf(text, "blind %s to %s (%s)", from, to, lasted);
	if (gap->users > 0) {
		say_count(count, (uint64_t)gap->users);
		buf_printf(
		    text, ", %s %s", count, gap->users == 1 ? "user" : "users");
	}
	if (totals->gaps > 1) {
		say_count(count, totals->gaps);
		buf_printf(text, ", %s in all", count);
	}
	if (gap->cause.len > 0)
		buf_printf(text, ": %ls", gap->cause.at);
}

void
summary_bad(struct buf *text, const struct summary *summary)
{
	const struct board_totals *totals = board_totals(summary->board);
	char count[SAY_TEXT];

	say_count(count, totals->bad);
	buf_printf(text, "%s bad %s; the last: %ls", count,
	    totals->bad == 1 ? "line" : "lines", totals->bad_last.at);
}

const char *
summary_empty(const struct summary *summary)
{
	const struct board_totals *totals = board_totals(summary->board);

	if (board_persons(summary->board) > 0)
		return "nobody is in what you asked for; Esc drops a filter";
	if (!summary->ended)
		return "no user yet";
	if (totals->lines == 0)
		return "not one line came: what feeds this failed, or had "
		       "nothing to say";
	return "no user in what came";
}
