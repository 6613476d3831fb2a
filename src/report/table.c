#include "config.h"

#include "table.h"

#include <libsmartcols.h>
#include <stdlib.h>

#include "blinds.h"
#include "book.h"
#include "buf.h"
#include "fail.h"
#include "jput.h"
#include "lettering.h"
#include "names.h"
#include "out.h"
#include "people.h"
#include "tally.h"
#include "terminal.h"
#include "view.h"
#include "xalloc.h"
#include "zone.h"

enum shape {
	SHAPE_SHARES, /* a column for each state, with shares */
	SHAPE_TIMES,  /* without them */
	SHAPE_LINES,  /* a line for each user and state */
	SHAPE_NARROW, /* the last one, cut where it is too wide */
};

/* What the callbacks share. */
struct drawing {
	const struct view *view;
	enum shape shape;
	struct libscols_table *table;
	struct buf text;
	const struct person *person;
	bool has_unknown;
	bool names_zones; /* the clocks are changed within the window */
	bool days;        /* it is longer than one */
};

/* Out of memory is the only way in which libsmartcols fails here. */
static void *
must(void *made)
{
	if (made == NULL)
		abort();
	return made;
}

static void
add_column(struct drawing *drawing, const char *name, int flags)
{
	(void)must(scols_table_new_column(drawing->table, name, 0, flags));
}

/* Ends the text, and puts it in a cell. */
static void
set_cell(struct drawing *drawing, struct libscols_line *line, size_t column)
{
	if (scols_line_set_data(line, column, buf_string(&drawing->text)) != 0)
		abort();
	buf_reset(&drawing->text);
}

static void
put_share(struct buf *buf, int64_t ms, int64_t known_ms)
{
	double share;

	if (known_ms == 0)
		return;
	share = 100 * (double)ms / (double)known_ms;
	if (ms > 0 && share < 0.5)
		buf_text(buf, " <1%");
	else
		buf_printf(buf, "%3.0f%%", share);
}

static void
put_state(struct drawing *drawing, uint16_t state)
{
	if (state == NAMES_NONE)
		buf_text(&drawing->text, "unknown");
	else
		jput_plain(&drawing->text,
		    names_text(book_names(drawing->view->book), state));
}

static void
put_who(struct drawing *drawing, const struct person *person)
{
	if (person == NULL)
		buf_text(&drawing->text, "total");
	else
		jput_plain(&drawing->text, span_of(people_label(person)));
}

/* The hour of a row. */
static void
put_hour(struct drawing *drawing, int64_t from_ms)
{
	zone_put(
	    &drawing->text, from_ms, drawing->days ? ZONE_MINUTE : ZONE_CLOCK);
	if (!drawing->names_zones)
		return;
	buf_char(&drawing->text, ' ');
	zone_put_short_name(&drawing->text, from_ms);
}

static void
add_columns(struct drawing *drawing)
{
	const struct tally *tally = drawing->view->tally;
	size_t i;

	add_column(drawing, "USER",
	    drawing->shape == SHAPE_NARROW ? SCOLS_FL_TRUNC : 0);
	if (drawing->view->hours)
		add_column(drawing, "HOUR", 0);
	if (drawing->shape >= SHAPE_LINES) {
		add_column(drawing, "STATE", 0);
		add_column(drawing, "TIME", SCOLS_FL_RIGHT);
		add_column(drawing, "SHARE", SCOLS_FL_RIGHT);
		add_column(drawing, "CHANGES", SCOLS_FL_RIGHT);
		return;
	}
	for (i = 0; i < tally->count; i++) {
		put_state(drawing, tally->states[i]);
		add_column(drawing, buf_string(&drawing->text), SCOLS_FL_RIGHT);
		buf_reset(&drawing->text);
	}
	add_column(drawing, "KNOWN", SCOLS_FL_RIGHT);
	if (drawing->has_unknown)
		add_column(drawing, "UNKNOWN", SCOLS_FL_RIGHT);
	add_column(drawing, "CHANGES", SCOLS_FL_RIGHT);
}

static struct libscols_line *
start_line(struct drawing *drawing, const struct row *row, size_t *ret_column)
{
	struct libscols_line *line;

	line = must(scols_table_new_line(drawing->table, NULL));
	*ret_column = 0;
	put_who(drawing, row->person);
	set_cell(drawing, line, (*ret_column)++);
	if (drawing->view->hours) {
		put_hour(drawing, row->from_ms);
		set_cell(drawing, line, (*ret_column)++);
	}
	return line;
}

static void
add_wide_line(struct drawing *drawing, const struct row *row)
{
	const struct tally *tally = drawing->view->tally;
	int64_t known_ms = sums_known(&row->sums), ms;
	struct libscols_line *line;
	size_t column, i;

	line = start_line(drawing, row, &column);
	for (i = 0; i < tally->count; i++) {
		ms = sums_time(&row->sums, tally->states[i]);
		if (ms > 0) {
			lettering_put_duration(&drawing->text, ms);
			if (drawing->shape == SHAPE_SHARES) {
				buf_char(&drawing->text, ' ');
				put_share(&drawing->text, ms, known_ms);
			}
		} else {
			buf_text(&drawing->text,
			    drawing->shape == SHAPE_SHARES ? "-     " : "-");
		}
		set_cell(drawing, line, column++);
	}
	lettering_put_duration(&drawing->text, known_ms);
	set_cell(drawing, line, column++);
	if (drawing->has_unknown) {
		ms = sums_time(&row->sums, NAMES_NONE);
		if (ms > 0)
			lettering_put_duration(&drawing->text, ms);
		else
			buf_char(&drawing->text, '-');
		set_cell(drawing, line, column++);
	}
	buf_number(&drawing->text, (int64_t)sums_changes(&row->sums));
	set_cell(drawing, line, column);
}

static void
add_state_line(struct drawing *drawing, const struct row *row, uint16_t state)
{
	int64_t ms = sums_time(&row->sums, state);
	struct libscols_line *line;
	uint64_t changes = 0;
	size_t column, i;

	for (i = 0; i < row->sums.count; i++)
		if (row->sums.list[i].state == state)
			changes += row->sums.list[i].changes;
	if (ms == 0 && changes == 0)
		return;
	line = start_line(drawing, row, &column);
	put_state(drawing, state);
	set_cell(drawing, line, column++);
	lettering_put_duration(&drawing->text, ms);
	set_cell(drawing, line, column++);
	if (state != NAMES_NONE)
		put_share(&drawing->text, ms, sums_known(&row->sums));
	set_cell(drawing, line, column++);
	if (state != NAMES_NONE)
		buf_number(&drawing->text, (int64_t)changes);
	set_cell(drawing, line, column);
}

static void
on_row(void *arg, const struct row *row)
{
	struct drawing *drawing = arg;
	const struct tally *tally = drawing->view->tally;
	size_t i;

	/* An hour of which nothing is known says nothing. */
	if (drawing->view->hours && sums_known(&row->sums) == 0 &&
	    sums_changes(&row->sums) == 0)
		return;
	if (drawing->shape < SHAPE_LINES) {
		add_wide_line(drawing, row);
		return;
	}
	for (i = 0; i <= tally->count; i++)
		add_state_line(drawing, row,
		    i < tally->count ? tally->states[i] : NAMES_NONE);
}

static void
start_table(struct drawing *drawing, size_t width)
{
	const struct story *story = book_story(drawing->view->book);

	drawing->names_zones = zone_changes(story->from_ms, story->to_ms);
	drawing->days = !zone_same_day(story->from_ms, story->to_ms);
	drawing->table = must(scols_new_table());
	buf_init(&drawing->text, SIZE_MAX);
	(void)scols_table_set_column_separator(drawing->table, "  ");
	if (drawing->shape == SHAPE_NARROW) {
		(void)scols_table_set_termforce(
		    drawing->table, SCOLS_TERMFORCE_ALWAYS);
		(void)scols_table_set_termwidth(drawing->table, width);
	} else {
		(void)scols_table_set_termforce(
		    drawing->table, SCOLS_TERMFORCE_NEVER);
	}
}

/* The text of the table; the caller's. */
static char *
end_table(struct drawing *drawing)
{
	char *text = NULL;

	if (scols_table_get_nlines(drawing->table) > 0 &&
	    scols_print_table_to_string(drawing->table, &text) != 0)
		abort();
	scols_unref_table(drawing->table);
	buf_done(&drawing->text);
	return text == NULL ? xstrdup("") : text;
}

/* libsmartcols ends no text with a newline. */
static void
put_table(struct buf *buf, char *text)
{
	buf_text(buf, text);
	if (text[0] != '\0')
		buf_char(buf, '\n');
	free(text);
}

/* The line above the table: the window, and the zone it is in. */
static void
put_heading(const struct view *view, struct buf *buf)
{
	const struct story *story = book_story(view->book);
	int64_t blind_ms;

	if (!book_has_times(view->book))
		return;
	zone_put(buf, story->from_ms, ZONE_FULL);
	buf_text(buf, " to ");
	zone_put(buf, story->to_ms, ZONE_FULL);
	zone_put_names(buf, story->from_ms, story->to_ms);
	blind_ms = blinds_within(story->blinds, story->from_ms, story->to_ms);
	if (blind_ms > 0) {
		buf_text(buf, ", blind for ");
		lettering_put_duration(buf, blind_ms);
	}
	buf_text(buf, "\n\n");
}

void
table_sums(const struct view *view, size_t width, struct out *out)
{
	struct drawing drawing = { .view = view };
	char *text = NULL;

	put_heading(view, out_buf(out));
	drawing.has_unknown = sums_time(&view->tally->sums, NAMES_NONE) > 0;
	for (;;) {
		start_table(&drawing, width);
		add_columns(&drawing);
		tally_rows(
		    view->tally, view->book, view->people, on_row, &drawing);
		text = end_table(&drawing);
		if (width == 0 || terminal_width_of(text) <= width ||
		    drawing.shape == SHAPE_NARROW)
			break;
		free(text);
		drawing.shape++;
	}
	put_table(out_buf(out), text);
}

static void
on_piece(void *arg, const struct piece *piece)
{
	struct drawing *drawing = arg;
	struct libscols_line *line;
	int64_t times[2] = { piece->from_ms, piece->to_ms };
	size_t column = 0, i;

	line = must(scols_table_new_line(drawing->table, NULL));
	put_who(drawing, drawing->person);
	set_cell(drawing, line, column++);
	for (i = 0; i < 2; i++) {
		zone_put(&drawing->text, times[i],
		    drawing->days ? ZONE_FULL : ZONE_SECONDS);
		if (drawing->names_zones) {
			buf_char(&drawing->text, ' ');
			zone_put_short_name(&drawing->text, times[i]);
		}
		set_cell(drawing, line, column++);
	}
	put_state(drawing, piece->state);
	set_cell(drawing, line, column++);
	lettering_put_duration(&drawing->text, piece->to_ms - piece->from_ms);
	set_cell(drawing, line, column);
}

void
table_intervals(const struct view *view, size_t width, struct out *out)
{
	struct drawing drawing = { .view = view,
		.shape = width == 0 ? SHAPE_LINES : SHAPE_NARROW };
	const struct story_ear ear = { on_piece, NULL, &drawing };
	size_t i;

	put_heading(view, out_buf(out));
	start_table(&drawing, width);
	add_column(&drawing, "USER", width == 0 ? 0 : SCOLS_FL_TRUNC);
	add_column(&drawing, "FROM", 0);
	add_column(&drawing, "TO", 0);
	add_column(&drawing, "STATE", 0);
	add_column(&drawing, "TIME", SCOLS_FL_RIGHT);
	for (i = 0; i < view->people->count; i++) {
		drawing.person = view->people->list[i];
		book_tell(view->book, drawing.person, &ear);
	}
	put_table(out_buf(out), end_table(&drawing));
}
