#include "config.h"

#include "sheet.h"

#include <stdlib.h>
#include <string.h>

#include "blinds.h"
#include "book.h"
#include "bounds.h"
#include "buf.h"
#include "lettering.h"
#include "looks.h"
#include "names.h"
#include "out.h"
#include "people.h"
#include "tally.h"
#include "view.h"
#include "xalloc.h"
#include "zone.h"

#define LABEL_GAP   16
#define LABEL_LEAST 64
#define LABEL_MOST  230
/* What is narrower could not be seen. */
#define BLIND_LEAST 2

/* Row heights that suit so many users. */
static const struct size {
	size_t users;
	double row_height;
	double font;
} sizes[] = {
	{ 1, 44, 14 },
	{ 16, 30, 13 },
	{ 48, 24, 12.5 },
	{ 150, 18, 11.5 },
	{ SIZE_MAX, 14, 10 },
};

static double
label_width(const struct sheet *sheet)
{
	const struct people *people = sheet->view->people;
	double width = LABEL_LEAST, one;
	size_t i;

	for (i = 0; i < people->count && width < LABEL_MOST; i++) {
		one = sheet->font *
		    lettering_width(span_of(people_label(people->list[i])));
		if (one > width)
			width = one;
	}
	return width > LABEL_MOST ? LABEL_MOST : width;
}

static void
assign_looks(struct sheet *sheet)
{
	const struct tally *tally = sheet->view->tally;
	const struct names *names = book_names(sheet->view->book);
	size_t i, look, others = 0;

	sheet->states = names_count(names);
	sheet->looks = xcalloc(sheet->states + 1, sizeof(*sheet->looks));
	memset(sheet->looks, LOOKS_COUNT, sheet->states + 1);
	for (i = 0; i < tally->count; i++) {
		look = looks_of(names_text(names, tally->states[i]), others);
		others += look >= LOOKS_KNOWN;
		sheet->looks[tally->states[i]] = (uint8_t)look;
	}
}

static void
count_piece(void *arg, const struct piece *piece)
{
	size_t *count = arg;

	(void)piece;
	(*count)++;
}

static bool
has_few_pieces(const struct view *view)
{
	size_t i, count = 0;
	const struct story_ear ear = { count_piece, NULL, &count };

	for (i = 0; i < view->people->count && count <= BOUND_TITLED_PIECES;
	     i++)
		book_tell(view->book, view->people->list[i], &ear);
	return count <= BOUND_TITLED_PIECES;
}

void
sheet_init(struct sheet *sheet, const struct view *view, struct out *out)
{
	const struct story *story = book_story(view->book);
	size_t users = view->people->count, i = 0;

	memset(sheet, 0, sizeof(*sheet));
	sheet->view = view;
	sheet->out = out;
	while (users > sizes[i].users)
		i++;
	sheet->row_height = sizes[i].row_height;
	sheet->font = sizes[i].font;
	sheet->crowd_height = users >= 3 ? 96 : 0;
	sheet->titled = has_few_pieces(view);
	sheet->unknown = sums_time(&view->tally->sums, NAMES_NONE) > 0;
	assign_looks(sheet);
	scale_init(&sheet->scale, story->from_ms, story->to_ms,
	    SHEET_MARGIN + label_width(sheet) + LABEL_GAP,
	    SHEET_WIDTH - SHEET_MARGIN);
}

void
sheet_done(struct sheet *sheet)
{
	free(sheet->looks);
	memset(sheet, 0, sizeof(*sheet));
}

struct buf *
sheet_buf(const struct sheet *sheet)
{
	return out_buf(sheet->out);
}

void
sheet_put_piece(const struct sheet *sheet, const struct piece *piece)
{
	enum zone_style style = sheet->scale.days ? ZONE_FULL : ZONE_SECONDS;
	struct buf *buf = sheet_buf(sheet);
	char room[CAP_STATE];

	if (piece->state == NAMES_NONE)
		buf_text(buf, "Not known");
	else
		lettering_put(buf,
		    looks_label(
			names_text(book_names(sheet->view->book), piece->state),
			room));
	buf_char(buf, ' ');
	zone_put(buf, piece->from_ms, style);
	buf_text(buf, " to ");
	zone_put(buf, piece->to_ms, style);
	buf_text(buf, ", ");
	lettering_put_duration(buf, piece->to_ms - piece->from_ms);
}

/* Lines of one kind: where days begin, or the others. */
static void
put_lines(const struct sheet *sheet, double top, double bottom, bool days)
{
	struct buf *buf = sheet_buf(sheet);
	int64_t tick = sheet->scale.from_ms - 1;
	bool any = false;

	while (scale_next(&sheet->scale, sheet->scale.line_ms, &tick)) {
		if (scale_is_day(&sheet->scale, tick) != days)
			continue;
		if (!any)
			buf_printf(buf, "<path class=\"%s\" d=\"",
			    days ? "day" : "tick");
		any = true;
		buf_char(buf, 'M');
		lettering_put_number(buf, scale_x(&sheet->scale, tick));
		buf_char(buf, ' ');
		lettering_put_number(buf, top);
		buf_char(buf, 'V');
		lettering_put_number(buf, bottom);
	}
	if (any)
		buf_text(buf, "\"/>\n");
}

void
sheet_put_grid(const struct sheet *sheet, double top, double bottom)
{
	put_lines(sheet, top, bottom, false);
	put_lines(sheet, top, bottom, true);
}

void
sheet_put_labels(const struct sheet *sheet, double baseline)
{
	struct buf *buf = sheet_buf(sheet);
	int64_t tick = sheet->scale.from_ms - 1;

	buf_text(buf, "<g class=\"hours\">");
	while (scale_next(&sheet->scale, sheet->scale.step_ms, &tick)) {
		buf_text(buf, "<text x=\"");
		lettering_put_number(buf, scale_x(&sheet->scale, tick));
		buf_text(buf, "\" y=\"");
		lettering_put_number(buf, baseline);
		buf_text(buf, "\">");
		scale_put_label(&sheet->scale, buf, tick);
		buf_text(buf, "</text>");
	}
	buf_text(buf, "</g>\n");
}

static void
put_blind(
    const struct sheet *sheet, struct blind blind, double top, double bottom)
{
	enum zone_style style = sheet->scale.days ? ZONE_FULL : ZONE_SECONDS;
	double from, to, centre;
	struct buf *buf = sheet_buf(sheet);

	from = scale_x(&sheet->scale, blind.from_ms);
	to = scale_x(&sheet->scale, blind.to_ms);
	if (to - from < BLIND_LEAST) {
		centre = (from + to) / 2;
		from = centre - BLIND_LEAST / 2.0;
		to = centre + BLIND_LEAST / 2.0;
	}
	if (from < sheet->scale.left)
		from = sheet->scale.left;
	if (to > sheet->scale.right)
		to = sheet->scale.right;
	buf_text(buf, "<rect class=\"blind\" x=\"");
	lettering_put_number(buf, from);
	buf_text(buf, "\" y=\"");
	lettering_put_number(buf, top);
	buf_text(buf, "\" width=\"");
	lettering_put_number(buf, to - from);
	buf_text(buf, "\" height=\"");
	lettering_put_number(buf, bottom - top);
	buf_text(buf, "\"><title>Blind ");
	zone_put(buf, blind.from_ms, style);
	buf_text(buf, " to ");
	zone_put(buf, blind.to_ms, style);
	buf_text(buf, "</title></rect>\n");
}

void
sheet_put_blinds(const struct sheet *sheet, double top, double bottom)
{
	const struct story *story = book_story(sheet->view->book);
	size_t i, count = blinds_count(story->blinds);
	struct blind blind;

	for (i = 0; i < count; i++) {
		blind = blinds_at(story->blinds, i);
		if (blind.to_ms > story->from_ms &&
		    blind.from_ms < story->to_ms)
			put_blind(sheet, blind, top, bottom);
	}
}
