#include "config.h"

#include "legend.h"

#include <stdio.h>

#include "blinds.h"
#include "book.h"
#include "buf.h"
#include "lettering.h"
#include "looks.h"
#include "names.h"
#include "sheet.h"
#include "strips.h"
#include "tally.h"
#include "view.h"

#define ACROSS      6
#define ITEM_HEIGHT 46
#define BOX_WIDTH   30
#define BOX_HEIGHT  28
#define TEXT_INDENT (BOX_WIDTH + 10)
/* What a name and a line of figures may take, in em of their fonts. */
#define NAME_EM ((ITEM_WIDTH - TEXT_INDENT - 6) / 13.0)

/* Whole pixels, so that lines are sharp. */
enum {
	ITEM_WIDTH = (SHEET_WIDTH - 2 * SHEET_MARGIN) / ACROSS
};

static int64_t
blind_time(const struct sheet *sheet)
{
	const struct story *story = book_story(sheet->view->book);

	return blinds_within(story->blinds, story->from_ms, story->to_ms);
}

static size_t
count_items(const struct sheet *sheet)
{
	return sheet->view->tally->count + sheet->unknown +
	    (blind_time(sheet) > 0);
}

double
legend_height(const struct sheet *sheet)
{
	size_t rows = (count_items(sheet) + ACROSS - 1) / ACROSS;

	return (double)rows * ITEM_HEIGHT;
}

/* Where an item's texts go, and the name in bold. */
static void
put_texts(struct buf *buf, double x, double y, struct span name)
{
	buf_printf(buf, "<text class=\"name\" x=\"%g\" y=\"%g\">",
	    x + TEXT_INDENT, y + 12);
	lettering_put_cut(buf, name, NAME_EM);
	buf_printf(buf, "</text><text class=\"note\" x=\"%g\" y=\"%g\">",
	    x + TEXT_INDENT, y + 28);
}

static void
put_box(struct buf *buf, const char *kind, double x, double y, double height)
{
	buf_printf(buf,
	    "<rect class=\"%s\" x=\"%g\" y=\"%g\" width=\"%d\" "
	    "height=\"%g\"/>",
	    kind, x, y + (BOX_HEIGHT - height) / 2, BOX_WIDTH, height);
}

static void
put_state(const struct sheet *sheet, uint16_t state, double x, double y)
{
	const struct tally *tally = sheet->view->tally;
	int64_t ms = sums_time(&tally->sums, state);
	int64_t known_ms = sums_known(&tally->sums);
	size_t look = sheet->looks[state];
	struct buf *buf = sheet_buf(sheet);
	char room[CAP_STATE], kind[16];

	(void)snprintf(kind, sizeof(kind), "s%zu", look);
	put_box(buf, kind, x, y,
	    looks_at(look)->height == LOOKS_LINE
		? 4
		: strips_bar(BOX_HEIGHT / 0.66, looks_at(look)->height));
	put_texts(buf, x, y,
	    looks_label(
		names_text(book_names(sheet->view->book), state), room));
	lettering_put_duration(buf, ms);
	if (known_ms > 0)
		buf_printf(buf, " \xc2\xb7 %.1f\xc2\xa0%%",
		    100 * (double)ms / (double)known_ms);
	buf_text(buf, "</text>\n");
}

static void
put_unknown(const struct sheet *sheet, double x, double y)
{
	struct buf *buf = sheet_buf(sheet);

	put_box(buf, "track", x, y, BOX_HEIGHT);
	buf_printf(buf, "<path class=\"none\" d=\"M%g %gh%d\"/>", x,
	    y + BOX_HEIGHT / 2.0, BOX_WIDTH);
	put_texts(buf, x, y, span_of("Not known"));
	lettering_put_duration(
	    buf, sums_time(&sheet->view->tally->sums, NAMES_NONE));
	buf_text(buf, "</text>\n");
}

static void
put_blind(const struct sheet *sheet, double x, double y)
{
	struct buf *buf = sheet_buf(sheet);

	put_box(buf, "track", x, y, BOX_HEIGHT);
	put_box(buf, "blind", x, y, BOX_HEIGHT);
	put_texts(buf, x, y, span_of("Stream blind"));
	lettering_put_duration(buf, blind_time(sheet));
	buf_text(buf, "</text>\n");
}

void
legend_put(const struct sheet *sheet, double top)
{
	const struct tally *tally = sheet->view->tally;
	size_t i, row, count = count_items(sheet);
	double x, y;

	for (i = 0; i < count; i++) {
		row = i / ACROSS;
		x = SHEET_MARGIN + (double)(i % ACROSS) * ITEM_WIDTH;
		y = top + (double)row * ITEM_HEIGHT;
		if (i < tally->count)
			put_state(sheet, tally->states[i], x, y);
		else if (i == tally->count && sheet->unknown)
			put_unknown(sheet, x, y);
		else
			put_blind(sheet, x, y);
	}
}
