#include "config.h"

#include "crowd.h"

#include <math.h>
#include <stdlib.h>

#include "book.h"
#include "buf.h"
#include "lettering.h"
#include "looks.h"
#include "names.h"
#include "out.h"
#include "people.h"
#include "sheet.h"
#include "view.h"
#include "xalloc.h"

/* Columns over the whole width; each shows an average. */
#define COLUMNS 480

struct crowd {
	const struct sheet *sheet;
	double *users; /* by look and column */
	bool present[LOOKS_COUNT];
	double floor[COLUMNS]; /* what is stacked so far, in pixels */
};

/* Adds a piece to the columns that it is in. */
static void
on_piece(void *arg, const struct piece *piece)
{
	struct crowd *crowd = arg;
	const struct scale *scale = &crowd->sheet->scale;
	double width = (scale->right - scale->left) / COLUMNS;
	double from, to, *users;
	size_t look, i;

	if (piece->state == NAMES_NONE)
		return;
	look = crowd->sheet->looks[piece->state];
	crowd->present[look] = true;
	users = crowd->users + look * COLUMNS;
	from = (scale_x(scale, piece->from_ms) - scale->left) / width;
	to = (scale_x(scale, piece->to_ms) - scale->left) / width;
	for (i = (size_t)from; i < COLUMNS && (double)i < to; i++)
		users[i] += fmin(to, (double)i + 1) - fmax(from, (double)i);
}

/* A line of steps along the tops of columns, from one side to the other. */
static void
put_steps(const struct crowd *crowd, struct buf *buf, const double *heights,
    double bottom, bool back)
{
	const struct scale *scale = &crowd->sheet->scale;
	double width = (scale->right - scale->left) / COLUMNS;
	size_t n, i, end;

	for (n = 0; n < COLUMNS; n = end) {
		i = back ? COLUMNS - 1 - n : n;
		for (end = n + 1; end < COLUMNS; end++)
			if (fabs(heights[back ? COLUMNS - 1 - end : end] -
				heights[i]) >= 0.05)
				break;
		buf_char(buf, n == 0 && !back ? 'M' : 'V');
		if (n == 0 && !back) {
			lettering_put_number(buf, scale->left);
			buf_char(buf, ' ');
		}
		lettering_put_number(buf, bottom - heights[i]);
		buf_char(buf, 'H');
		lettering_put_number(buf,
		    scale->left + width * (double)(back ? COLUMNS - end : end));
	}
}

static void
put_layer(struct crowd *crowd, size_t look, double bottom)
{
	const struct sheet *sheet = crowd->sheet;
	struct buf *buf = sheet_buf(sheet);
	const double *users = crowd->users + look * COLUMNS;
	double each = sheet->crowd_height / (double)sheet->view->people->count;
	double ceiling[COLUMNS];
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		ceiling[i] = crowd->floor[i] + users[i] * each;
	buf_printf(buf, "<path class=\"s%zu\" d=\"", look);
	put_steps(crowd, buf, ceiling, bottom, false);
	put_steps(crowd, buf, crowd->floor, bottom, true);
	buf_text(buf, "z\"/>\n");
	for (i = 0; i < COLUMNS; i++)
		crowd->floor[i] = ceiling[i];
}

/* What the height means. */
static void
put_axis(const struct sheet *sheet, double top, double bottom)
{
	struct buf *buf = sheet_buf(sheet);

	buf_printf(buf,
	    "<text class=\"note end\" x=\"%g\" y=\"%g\">%zu users</text>"
	    "<text class=\"note end\" x=\"%g\" y=\"%g\">0</text>\n",
	    round(sheet->scale.left) - 8, top + 10, sheet->view->people->count,
	    round(sheet->scale.left) - 8, bottom);
}

static void
put_ground(const struct sheet *sheet, double top)
{
	struct buf *buf = sheet_buf(sheet);

	buf_text(buf, "<rect class=\"track\" x=\"");
	lettering_put_number(buf, sheet->scale.left);
	buf_printf(buf, "\" y=\"%g\" width=\"", top);
	lettering_put_number(buf, sheet->scale.right - sheet->scale.left);
	buf_printf(buf, "\" height=\"%g\"/>\n", sheet->crowd_height);
}

void
crowd_put(const struct sheet *sheet, double top)
{
	const struct people *people = sheet->view->people;
	struct crowd *crowd;
	double bottom = top + sheet->crowd_height;
	const struct story_ear ear = { on_piece, NULL, NULL };
	struct story_ear mine = ear;
	size_t i;

	crowd = xcalloc(1, sizeof(*crowd));
	crowd->sheet = sheet;
	crowd->users =
	    xcalloc((size_t)LOOKS_COUNT * COLUMNS, sizeof(*crowd->users));
	mine.arg = crowd;
	for (i = 0; i < people->count; i++)
		book_tell(sheet->view->book, people->list[i], &mine);
	put_ground(sheet, top);
	buf_text(sheet_buf(sheet), "<g class=\"bars\">\n");
	for (i = 0; i < LOOKS_COUNT; i++)
		/* Who is offline is not there. */
		if (crowd->present[i] && looks_at(i)->height != LOOKS_LINE)
			put_layer(crowd, i, bottom);
	buf_text(sheet_buf(sheet), "</g>\n");
	put_axis(sheet, top, bottom);
	sheet_put_grid(sheet, top, bottom);
	sheet_put_blinds(sheet, top, bottom);
	out_spill(sheet->out);
	free(crowd->users);
	free(crowd);
}
