/*
 * gcpresence-report's input: any recording is summed up, or refused with a
 * reason; the report is strict JSON, and can be drawn.  The first byte of the
 * input says whether sums are by the hour.
 */
#include "config.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fuzz.h"
#include "jget.h"
#include "now.h"
#include "report/book.h"
#include "report/out.h"
#include "report/page.h"
#include "report/people.h"
#include "report/picture.h"
#include "report/reading.h"
#include "report/script.h"
#include "report/tally.h"
#include "report/view.h"

typedef void draw_fn(const struct view *view, struct out *out);

static struct out *
nowhere(void)
{
	struct fail why;
	struct out *out = out_open("/dev/null", &why);

	if (out == NULL)
		abort();
	return out;
}

static void
draw(draw_fn *fn, const struct view *view)
{
	struct out *out = nowhere();
	struct fail why;

	fn(view, out);
	fuzz_claim(out_close(out, &why) == 0, "a report is written");
}

/* A long one is written away on the way, and then does not begin so. */
static void
draw_json(draw_fn *fn, const struct view *view)
{
	struct out *out = nowhere();
	struct buf *buf = out_buf(out);
	struct jget *jget = jget_new();
	struct fail why;

	fn(view, out);
	fuzz_claim(buf->len == 0 || buf->bytes[0] != '{' ||
		jget_parse(jget, (struct span){ buf->bytes, buf->len }, &why) !=
		    NULL,
	    "a report is JSON");
	jget_free(jget);
	fuzz_claim(out_close(out, &why) == 0, "a report is written");
}

static void
show(const struct reading *reading, bool hours)
{
	struct people people = { 0 };
	struct tally tally = { 0 };
	struct view view = { reading->book, &people, &tally, hours, "fuzz",
		reading->lines, reading->skipped };

	people_init(&people, reading->book, NULL, 0, NULL);
	tally_init(&tally, reading->book, &people);
	draw_json(script_json_sums, &view);
	draw_json(script_json_intervals, &view);
	draw(script_tsv_sums, &view);
	draw(script_tsv_intervals, &view);
	draw(picture_svg, &view);
	draw(page_html, &view);
	tally_done(&tally);
	people_done(&people);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *locale;
	struct book_plan plan = { false, NOW_NONE, NOW_NONE, NOW_NONE };
	struct reading reading = { 0 };
	struct fail why = { 0 };
	char *names[2] = { NULL, NULL };
	int fd;

	if (len == 0)
		return 0;
	if (locale == NULL)
		locale = setlocale(LC_CTYPE, "C.UTF-8");
	plan.hours = bytes[0] == 'h';
	names[0] = strdup(fuzz_file(bytes + 1, len - 1, &fd));
	reading.book = book_new(&plan);
	if (reading_all(&reading, names, &why) == -1 ||
	    book_close(reading.book, &why) == -1)
		fuzz_claim_why(&why);
	else
		show(&reading, plan.hours);
	book_free(reading.book);
	free(names[0]);
	(void)close(fd);
	return 0;
}
