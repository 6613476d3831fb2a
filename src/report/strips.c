#include "config.h"

#include "strips.h"

#include <math.h>
#include <string.h>

#include "book.h"
#include "buf.h"
#include "lettering.h"
#include "looks.h"
#include "names.h"
#include "out.h"
#include "people.h"
#include "sheet.h"
#include "view.h"

/* Rows between two lines of hours, and the height of such a line. */
#define BLOCK_ROWS  40
#define HOURS_SPACE 26
#define FEW_ROWS    6

/* A number beyond those of looks, for time that is not known. */
#define UNKNOWN LOOKS_COUNT

/* A part of a row, in pixels. */
struct run {
	double from;
	double to;
	size_t look;
};

/* One user's row while it is drawn. */
struct strip {
	const struct sheet *sheet;
	double middle;
	struct buf paths[LOOKS_COUNT + 1]; /* runs without a text, by look */
	struct run run; /* the last of them: it may grow; or has no width */
	/* A pixel that several narrower pieces fill. */
	struct run pixel;
	double filled[LOOKS_COUNT + 1];
};

double
strips_bar(double row_height, enum looks_height height)
{
	if (height == LOOKS_HIGH)
		return round(row_height * 0.66);
	if (height == LOOKS_LOW)
		return round(row_height * 0.36);
	return row_height > 20 ? 3 : 2;
}

/* Adds a run to the data of a path. */
static void
put_run(const struct strip *strip, struct buf *buf, const struct run *run)
{
	/* Of the rounded places, so that neighbours meet. */
	double width = round(run->to * 10) / 10 - round(run->from * 10) / 10;
	double height;

	height = run->look == UNKNOWN
	    ? 0
	    : strips_bar(strip->sheet->row_height, looks_at(run->look)->height);
	buf_char(buf, 'M');
	lettering_put_number(buf, run->from);
	buf_char(buf, ' ');
	lettering_put_number(buf, strip->middle - height / 2);
	buf_char(buf, 'h');
	lettering_put_number(buf, width);
	if (height == 0)
		return;
	buf_char(buf, 'v');
	lettering_put_number(buf, height);
	buf_char(buf, 'h');
	lettering_put_number(buf, -width);
	buf_char(buf, 'z');
}

static void
put_class(struct buf *buf, size_t look)
{
	if (look == UNKNOWN)
		buf_text(buf, "<path class=\"none\" d=\"");
	else
		buf_printf(buf, "<path class=\"s%zu\" d=\"", look);
}

/* Ends the run that may grow. */
static void
end_run(struct strip *strip)
{
	if (strip->run.to > strip->run.from)
		put_run(strip, &strip->paths[strip->run.look], &strip->run);
	strip->run.to = strip->run.from;
}

static void
add_run(struct strip *strip, const struct run *run)
{
	if (strip->run.to > strip->run.from && strip->run.to == run->from &&
	    strip->run.look == run->look) {
		strip->run.to = run->to;
		return;
	}
	end_run(strip);
	strip->run = *run;
}

/* Gives a pixel to the look that fills most of it. */
static void
end_pixel(struct strip *strip)
{
	size_t look, most = 0;

	if (strip->pixel.to <= strip->pixel.from)
		return;
	for (look = 1; look <= LOOKS_COUNT; look++)
		if (strip->filled[look] > strip->filled[most])
			most = look;
	strip->pixel.look = most;
	add_run(strip, &strip->pixel);
	strip->pixel.to = strip->pixel.from;
	memset(strip->filled, 0, sizeof(strip->filled));
}

static void
fill_pixel(struct strip *strip, const struct run *run)
{
	if (strip->pixel.to > strip->pixel.from &&
	    floor(strip->pixel.from) != floor(run->from))
		end_pixel(strip);
	if (strip->pixel.to <= strip->pixel.from)
		strip->pixel.from = run->from;
	strip->pixel.to = run->to;
	strip->filled[run->look] += run->to - run->from;
}

static void
on_piece(void *arg, const struct piece *piece)
{
	struct strip *strip = arg;
	const struct sheet *sheet = strip->sheet;
	struct buf *buf = sheet_buf(sheet);
	struct run run = { scale_x(&sheet->scale, piece->from_ms),
		scale_x(&sheet->scale, piece->to_ms), UNKNOWN };

	if (piece->state != NAMES_NONE)
		run.look = sheet->looks[piece->state];
	if (run.to - run.from < 1) {
		fill_pixel(strip, &run);
		return;
	}
	end_pixel(strip);
	if (!sheet->titled || run.look == UNKNOWN) {
		add_run(strip, &run);
		return;
	}
	end_run(strip);
	put_class(buf, run.look);
	put_run(strip, buf, &run);
	buf_text(buf, "\"><title>");
	sheet_put_piece(sheet, piece);
	buf_text(buf, "</title></path>\n");
}

static void
put_bars(const struct sheet *sheet, const struct person *person, double middle)
{
	struct strip strip = { .sheet = sheet, .middle = middle };
	const struct story_ear ear = { on_piece, NULL, &strip };
	struct buf *buf = sheet_buf(sheet);
	size_t look;

	for (look = 0; look <= LOOKS_COUNT; look++)
		buf_init(&strip.paths[look], SIZE_MAX);
	buf_text(buf, "<g class=\"bars\">\n");
	book_tell(sheet->view->book, person, &ear);
	end_pixel(&strip);
	end_run(&strip);
	for (look = 0; look <= LOOKS_COUNT; look++) {
		if (strip.paths[look].len > 0) {
			put_class(buf, look);
			buf_add(buf, strip.paths[look].bytes,
			    strip.paths[look].len);
			buf_text(buf, "\"/>\n");
		}
		buf_done(&strip.paths[look]);
	}
	buf_text(buf, "</g>\n");
}

static void
put_label(const struct sheet *sheet, const struct person *person, double middle)
{
	struct buf *buf = sheet_buf(sheet);
	double room = sheet->scale.left - SHEET_MARGIN - 8;

	buf_text(buf, "<text clip-path=\"url(#who)\" x=\"");
	lettering_put_number(buf, SHEET_MARGIN);
	buf_text(buf, "\" y=\"");
	lettering_put_number(buf, middle + sheet->font * 0.36);
	buf_text(buf, "\">");
	lettering_put_cut(
	    buf, span_of(people_label(person)), room / sheet->font);
	buf_text(buf, "</text>\n");
}

static void
put_track(const struct sheet *sheet, double middle)
{
	struct buf *buf = sheet_buf(sheet);
	double height = strips_bar(sheet->row_height, LOOKS_HIGH);

	buf_text(buf, "<rect class=\"track\" x=\"");
	lettering_put_number(buf, sheet->scale.left);
	buf_text(buf, "\" y=\"");
	lettering_put_number(buf, middle - height / 2);
	buf_text(buf, "\" width=\"");
	lettering_put_number(buf, sheet->scale.right - sheet->scale.left);
	buf_text(buf, "\" height=\"");
	lettering_put_number(buf, height);
	buf_text(buf, "\"/>\n");
}

static void
put_row(const struct sheet *sheet, const struct person *person, double top)
{
	struct buf *buf = sheet_buf(sheet);
	double middle = top + sheet->row_height / 2;

	buf_text(buf, "<g><title>");
	if (person->name != NULL) {
		lettering_put(buf, span_of(person->name));
		buf_text(buf, ", ");
	}
	lettering_put(buf, span_of(person->id));
	buf_text(buf, "</title>\n");
	put_track(sheet, middle);
	put_label(sheet, person, middle);
	put_bars(sheet, person, middle);
	buf_text(buf, "</g>\n");
	out_spill(sheet->out);
}

static size_t
blocks_of(const struct sheet *sheet)
{
	return (sheet->view->people->count + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

/* Whether the hours above are too far away. */
static bool
has_lower_hours(const struct sheet *sheet)
{
	return sheet->view->people->count > FEW_ROWS;
}

double
strips_height(const struct sheet *sheet)
{
	return (double)sheet->view->people->count * sheet->row_height +
	    (double)(blocks_of(sheet) + has_lower_hours(sheet)) * HOURS_SPACE;
}

void
strips_put(const struct sheet *sheet, double top)
{
	const struct people *people = sheet->view->people;
	size_t block, i, last;
	double bottom;

	for (block = 0; block < blocks_of(sheet); block++) {
		last = (block + 1) * BLOCK_ROWS;
		if (last > people->count)
			last = people->count;
		sheet_put_labels(sheet, top + HOURS_SPACE * 0.62);
		top += HOURS_SPACE;
		bottom = top +
		    (double)(last - block * BLOCK_ROWS) * sheet->row_height;
		buf_printf(
		    sheet_buf(sheet), "<g font-size=\"%g\">\n", sheet->font);
		for (i = block * BLOCK_ROWS; i < last; i++)
			put_row(sheet, people->list[i],
			    top +
				(double)(i - block * BLOCK_ROWS) *
				    sheet->row_height);
		buf_text(sheet_buf(sheet), "</g>\n");
		sheet_put_grid(sheet, top, bottom);
		sheet_put_blinds(sheet, top, bottom);
		top = bottom;
	}
	if (has_lower_hours(sheet))
		sheet_put_labels(sheet, top + HOURS_SPACE * 0.7);
}
