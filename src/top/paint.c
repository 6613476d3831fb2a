#include "config.h"

#include "paint.h"

#include <stdio.h>

#include "bar.h"
#include "board.h"
#include "buf.h"
#include "help.h"
#include "kind.h"
#include "layout.h"
#include "listing.h"
#include "now.h"
#include "say.h"
#include "screen.h"
#include "summary.h"
#include "view.h"

/* A change is marked for so long. */
#define MARKED_MS 5000

/* What one picture is made with. */
struct paint {
	const struct summary *summary;
	struct layout layout;
	int height;
	int width;
};

static void
paint_bar(const struct bar *bar, int y, int width, unsigned int style)
{
	const struct bar_field *field;
	char left[BAR_LEFT];
	size_t i;

	for (i = 0; i < bar->shown; i++) {
		field = &bar->fields[i];
		screen_cells(y + field->y, field->x, width - field->x,
		    bar->is_brief ? &field->brief : &field->full,
		    field->style ^ style);
	}
	if (bar->shown == bar->count)
		return;
	bar_left(bar, left);
	screen_text(y + bar->left_y, bar->left_x, width - bar->left_x, left,
	    SCREEN_BOLD ^ style);
}

static void
paint_note(const struct paint *paint, int y,
    void (*fill)(struct buf *text, const struct summary *summary))
{
	struct buf text;

	if (y == -1)
		return;
	buf_init(&text, SIZE_MAX);
	fill(&text, paint->summary);
	screen_text(y, 0, paint->width, buf_string(&text), SCREEN_DIM);
	buf_done(&text);
}

static void
paint_heads(const struct paint *paint)
{
	static const char *const plain[LAYOUT_COLUMNS] = { "", "NAME", "STATE",
		"AGE", "SINCE", "BEFORE", "LASTED", "LATENCY", "SOURCE",
		"USER ID" };
	int column, y = paint->layout.heads_y;
	const char *text;

	if (y == -1)
		return;
	for (column = 0; column < LAYOUT_COLUMNS; column++) {
		text = plain[column];
		if (paint->layout.is_compact && column == LAYOUT_STATE)
			text = "S";
		if (column == LAYOUT_AGE || column == LAYOUT_LASTED ||
		    column == LAYOUT_LATENCY)
			screen_text_right(y, paint->layout.columns[column].x,
			    paint->layout.columns[column].width, text, 0);
		else
			screen_text(y, paint->layout.columns[column].x,
			    paint->layout.columns[column].width, text, 0);
	}
	screen_line(y, SCREEN_REVERSE);
}

static void
paint_state(const struct paint *paint, int y, enum layout_column column,
    size_t number, unsigned int style)
{
	const struct board_state *state =
	    board_state(paint->summary->board, number);
	int x = paint->layout.columns[column].x;
	char letter[2] = { kind_at(state->kind)->letter, '\0' };

	style |= SCREEN_KIND(state->kind);
	if (paint->layout.is_compact)
		screen_text(y, x, 1, letter, style);
	else
		screen_cells(y, x, paint->layout.columns[column].width,
		    &state->word, style);
}

static void
paint_times(const struct paint *paint, int y, const struct board_person *person,
    unsigned int style)
{
	const struct layout *layout = &paint->layout;
	int64_t as_of_ms = paint->summary->as_of_ms;
	char text[SAY_TEXT];

	if (layout->is_compact)
		say_age_briefly(text, as_of_ms - person->since_ms);
	else
		say_age(text, as_of_ms - person->since_ms);
	screen_text_right(y, layout->columns[LAYOUT_AGE].x,
	    layout->columns[LAYOUT_AGE].width, text, style);
	say_when(text, person->since_ms, as_of_ms);
	screen_text(y, layout->columns[LAYOUT_SINCE].x,
	    layout->columns[LAYOUT_SINCE].width, text, style);
	if (person->lasted_ms != NOW_NONE) {
		say_age(text, person->lasted_ms);
		screen_text_right(y, layout->columns[LAYOUT_LASTED].x,
		    layout->columns[LAYOUT_LASTED].width, text, style);
	}
	if (person->latency_ms != NOW_NONE) {
		say_latency(text, person->latency_ms);
		screen_text_right(y, layout->columns[LAYOUT_LATENCY].x,
		    layout->columns[LAYOUT_LATENCY].width, text, style);
	}
}

static void
paint_person(
    const struct paint *paint, int y, const struct board_person *person)
{
	const struct layout *layout = &paint->layout;
	bool marked = person->changed_ms != NOW_NONE &&
	    paint->summary->now_ms - person->changed_ms < MARKED_MS;
	unsigned int style = marked ? SCREEN_BOLD : 0;
	struct cells id = { 0 };

	if (marked)
		screen_text(
		    y, 0, layout->columns[LAYOUT_MARK].width, "*", SCREEN_BOLD);
	screen_cells(y, layout->columns[LAYOUT_NAME].x,
	    layout->columns[LAYOUT_NAME].width, &person->label, style);
	paint_state(paint, y, LAYOUT_STATE, person->state, style);
	paint_times(paint, y, person, style);
	if (person->previous < BOARD_MAX_STATES &&
	    layout->columns[LAYOUT_BEFORE].width > 0)
		paint_state(paint, y, LAYOUT_BEFORE, person->previous, style);
	if (person->found_by_asking)
		screen_text(y, layout->columns[LAYOUT_SOURCE].x,
		    layout->columns[LAYOUT_SOURCE].width, "snapshot", style);
	if (layout->columns[LAYOUT_ID].width > 0) {
		cells_set(&id, person->id);
		screen_cells(y, layout->columns[LAYOUT_ID].x,
		    layout->columns[LAYOUT_ID].width, &id, style);
		cells_done(&id);
	}
}

static void
paint_body(const struct paint *paint, size_t offset, size_t shown)
{
	const struct listing *listing = paint->summary->listing;
	size_t i;

	for (i = 0; i < shown; i++)
		paint_person(paint, paint->layout.body_y + (int)i,
		    listing->rows[offset + i]);
	if (listing->count == 0)
		screen_text(paint->layout.body_y, 0, paint->width,
		    summary_empty(paint->summary), 0);
}

/* The line where a filter is typed: its end is always to be seen. */
static void
paint_prompt(const struct paint *paint, const struct view *view)
{
	int y = paint->layout.status_y, room = paint->width - 2, width;
	struct cells filter = { 0 }, end;
	struct buf text;

	buf_init(&text, SIZE_MAX);
	buf_printf(&text, "%ls", view->filter);
	cells_set(&filter, span_of(buf_string(&text)));
	buf_done(&text);
	end = filter;
	while (end.width > room) {
		width = wcwidth(*end.at++);
		end.len--;
		end.width -= width;
	}
	screen_text(y, 0, 1, "/", SCREEN_BOLD);
	screen_cells(y, 1, room, &end, SCREEN_BOLD);
	screen_text_right(y, end.width + 3, paint->width - end.width - 3,
	    "Enter: keep it  Esc: everybody", SCREEN_DIM);
	screen_cursor(y, end.width + 1);
	cells_done(&filter);
}

static void
paint_status(const struct paint *paint, const struct view *view, size_t shown)
{
	struct bar *bar;

	if (view->mode == VIEW_FILTER) {
		paint_prompt(paint, view);
		return;
	}
	bar = bar_new();
	summary_status(bar, paint->summary, view->offset, shown);
	bar_fit(bar, paint->width, 1);
	paint_bar(bar, paint->layout.status_y, paint->width, 0);
	bar_free(bar);
}

static void
make_layout(struct paint *paint, const struct bar *counts)
{
	const struct board_totals *totals = board_totals(paint->summary->board);
	struct layout_wish wish = { .height = paint->height,
		.width = paint->width,
		.counts_lines = counts->lines,
		.label_width = totals->label_width,
		.has_gap = totals->gaps > 0,
		.has_bad = totals->bad > 0 };

	layout_make(&paint->layout, &wish);
}

static size_t
paint_table(struct paint *paint, struct view *view)
{
	const struct listing *listing = paint->summary->listing;
	struct bar *title, *counts;
	size_t page, shown;

	counts = bar_new();
	title = bar_new();
	summary_counts(counts, paint->summary);
	bar_fit(counts, paint->width, layout_counts_lines(paint->height));
	make_layout(paint, counts);
	summary_title(title, paint->summary, &paint->layout);
	bar_fit(title, paint->width, 1);
	paint_bar(title, 0, paint->width, SCREEN_BOLD);
	paint_bar(counts, paint->layout.counts_y, paint->width, 0);
	paint_note(paint, paint->layout.gap_y, summary_gap);
	paint_note(paint, paint->layout.bad_y, summary_bad);
	paint_heads(paint);
	page = (size_t)paint->layout.body_rows;
	view_hold(&view->offset, listing->count, page);
	shown = listing->count - view->offset;
	if (shown > page)
		shown = page;
	paint_body(paint, view->offset, shown);
	paint_status(paint, view, shown);
	bar_free(title);
	bar_free(counts);
	return page;
}

size_t
paint_picture(const struct summary *summary, struct view *view)
{
	struct paint paint = { .summary = summary };
	char text[SAY_TEXT];

	screen_size(&paint.height, &paint.width);
	screen_erase();
	screen_cursor(-1, 0);
	if (paint.height < LAYOUT_MIN_HEIGHT ||
	    paint.width < LAYOUT_MIN_WIDTH) {
		(void)snprintf(text, sizeof(text), "%dx%d, needs %dx%d",
		    paint.width, paint.height, LAYOUT_MIN_WIDTH,
		    LAYOUT_MIN_HEIGHT);
		screen_text(0, 0, paint.width, text, 0);
		return 1;
	}
	if (view->mode == VIEW_HELP)
		return help_paint(
		    &view->help_offset, paint.height, paint.width);
	return paint_table(&paint, view);
}
