#include "config.h"

#include "picture.h"

#include <math.h>

#include "blinds.h"
#include "book.h"
#include "buf.h"
#include "crowd.h"
#include "legend.h"
#include "lettering.h"
#include "looks.h"
#include "names.h"
#include "out.h"
#include "people.h"
#include "sheet.h"
#include "strips.h"
#include "tally.h"
#include "theme.h"
#include "view.h"
#include "zone.h"

/* Heights: of the title and the line below it, and of what is between. */
#define HEAD_HEIGHT 94
#define BARE_HEIGHT 12
#define CROWD_SPACE 18
#define FOOT_HEIGHT 20
/* A window of which seconds are told. */
#define SHORT_MS (10LL * 60 * 1000)

static void
put_window(const struct story *story, struct buf *buf)
{
	enum zone_style style = ZONE_WHEN;

	if (zone_same_day(story->from_ms, story->to_ms)) {
		style = story->to_ms - story->from_ms < SHORT_MS ? ZONE_SECONDS
								 : ZONE_CLOCK;
		zone_put(buf, story->from_ms, ZONE_DATE);
		buf_text(buf, ", ");
	}
	zone_put(buf, story->from_ms, style);
	buf_text(buf, " to ");
	zone_put(buf, story->to_ms, style);
	zone_put_names(buf, story->from_ms, story->to_ms);
}

void
picture_put_summary(const struct view *view, struct buf *buf)
{
	size_t users = view->people->count;
	uint64_t changes = sums_changes(&view->tally->sums);

	if (!book_has_times(view->book)) {
		buf_text(buf, "An empty recording");
		return;
	}
	put_window(book_story(view->book), buf);
	buf_printf(buf, " \xc2\xb7 %zu user%s \xc2\xb7 %llu change%s", users,
	    users == 1 ? "" : "s", (unsigned long long)changes,
	    changes == 1 ? "" : "s");
}

/* What who cannot see the picture is told. */
static void
put_description(const struct view *view, struct buf *buf)
{
	const struct tally *tally = view->tally;
	int64_t known_ms = sums_known(&tally->sums);
	char room[CAP_STATE];
	size_t i;

	buf_text(buf,
	    "A row of bars for each user shows who was in which "
	    "state when. Of the time that is known, all users "
	    "together were");
	for (i = 0; i < tally->count && known_ms > 0; i++) {
		buf_text(buf, i == 0 ? " " : ", ");
		lettering_put(buf,
		    looks_label(
			names_text(book_names(view->book), tally->states[i]),
			room));
		buf_printf(buf, " %.1f %%",
		    100 * (double)sums_time(&tally->sums, tally->states[i]) /
			(double)known_ms);
	}
	buf_text(buf, tally->count == 0 ? " in no state." : ".");
}

static void
put_start(const struct sheet *sheet, double height, bool bare)
{
	struct buf *buf = sheet_buf(sheet);

	buf_printf(buf,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%g\" viewBox=\"0 0 %d %g\" role=\"img\" "
	    "aria-labelledby=\"title desc\">\n<title id=\"title\">",
	    SHEET_WIDTH, height, SHEET_WIDTH, height);
	lettering_put(buf, span_of(sheet->view->title));
	buf_text(buf, ": ");
	picture_put_summary(sheet->view, buf);
	buf_text(buf, "</title>\n<desc id=\"desc\">");
	put_description(sheet->view, buf);
	buf_text(buf, "</desc>\n");
	theme_put_style(sheet);
	theme_put_patterns(sheet);
	buf_printf(buf,
	    "<clipPath id=\"who\"><rect width=\"%g\" height=\"%g\"/>"
	    "</clipPath>\n",
	    floor(sheet->scale.left) - 4, height);
	if (!bare)
		buf_printf(buf,
		    "<rect class=\"paper\" width=\"%d\" height=\"%g\"/>\n",
		    SHEET_WIDTH, height);
}

static void
put_head(const struct sheet *sheet)
{
	struct buf *buf = sheet_buf(sheet);

	buf_printf(
	    buf, "<text class=\"head\" x=\"%d\" y=\"48\">", SHEET_MARGIN);
	lettering_put_cut(buf, span_of(sheet->view->title),
	    (SHEET_WIDTH - 2 * SHEET_MARGIN) / 26.0);
	buf_printf(buf, "</text>\n<text class=\"sub\" x=\"%d\" y=\"72\">",
	    SHEET_MARGIN);
	picture_put_summary(sheet->view, buf);
	buf_text(buf, "</text>\n");
}

static void
draw(const struct view *view, struct out *out, bool bare)
{
	struct sheet sheet;
	double legend_top, crowd_top, strips_top, height;

	sheet_init(&sheet, view, out);
	legend_top = bare ? BARE_HEIGHT : HEAD_HEIGHT;
	crowd_top = legend_top + legend_height(&sheet);
	strips_top = crowd_top;
	if (sheet.crowd_height > 0) {
		crowd_top += CROWD_SPACE / 2.0;
		strips_top = crowd_top + sheet.crowd_height;
	}
	height = strips_top + strips_height(&sheet) + FOOT_HEIGHT;
	put_start(&sheet, height, bare);
	if (!bare)
		put_head(&sheet);
	legend_put(&sheet, legend_top);
	if (view->people->count > 0) {
		if (sheet.crowd_height > 0)
			crowd_put(&sheet, crowd_top);
		strips_put(&sheet, strips_top);
	}
	buf_text(sheet_buf(&sheet), "</svg>\n");
	sheet_done(&sheet);
}

void
picture_svg(const struct view *view, struct out *out)
{
	buf_text(out_buf(out), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	draw(view, out, false);
}

void
picture_inside(const struct view *view, struct out *out)
{
	draw(view, out, true);
}
