#include "config.h"

#include "page.h"

#include "book.h"
#include "buf.h"
#include "lettering.h"
#include "looks.h"
#include "names.h"
#include "out.h"
#include "people.h"
#include "picture.h"
#include "tally.h"
#include "view.h"

static const char style[] =
    "<style>\n"
    ":root{color-scheme:light dark}\n"
    "body{margin:0 auto;max-width:1500px;padding:1.5rem 1rem 3rem;"
    "font-family:system-ui,-apple-system,'Segoe UI',Roboto,"
    "'Helvetica Neue',Arial,'Noto Sans',sans-serif;"
    "background:#fff;color:#1d2329;line-height:1.45}\n"
    "header{padding:0 max(3%,27px)}\n"
    "h1{margin:0;font-size:1.75rem;font-weight:650;"
    "overflow-wrap:anywhere}\n"
    "header p{margin:.2rem 0 0;color:#59636e}\n"
    ".scroll{overflow-x:auto}\n"
    ".scroll>svg{display:block;width:100%;min-width:900px;height:auto}\n"
    "details{margin:1rem max(3%,27px) 0}\n"
    "summary{cursor:pointer;font-weight:600}\n"
    "table{border-collapse:collapse;margin-top:.75rem;font-size:.875rem;"
    "font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.3rem .75rem;text-align:right;white-space:nowrap;"
    "border-bottom:1px solid #e3e7eb}\n"
    "th[scope=row],thead th:first-child{text-align:left}\n"
    "tfoot th,tfoot td{font-weight:600;border-bottom:0}\n"
    "@media screen and (prefers-color-scheme:dark){\n"
    "body{background:#15181c;color:#e9ecef}\n"
    "header p{color:#9ea7b1}\n"
    "th,td{border-color:#2c333a}}\n"
    "@media print{body{max-width:none;padding:0}"
    ".scroll{overflow:visible}.scroll>svg{min-width:0}}\n"
    "</style>\n";

static void
put_head(const struct view *view, struct buf *buf)
{
	buf_text(buf,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width,initial-scale=1\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none';style-src 'unsafe-inline'\">\n"
	    "<title>");
	lettering_put(buf, span_of(view->title));
	buf_text(buf, "</title>\n");
	buf_text(buf, style);
	buf_text(buf, "</head>\n<body>\n<header>\n<h1>");
	lettering_put(buf, span_of(view->title));
	buf_text(buf, "</h1>\n<p>");
	picture_put_summary(view, buf);
	buf_text(buf, "</p>\n</header>\n<main>\n<div class=\"scroll\">\n");
}

static void
put_cell(struct buf *buf, int64_t ms)
{
	buf_text(buf, "<td>");
	if (ms > 0)
		lettering_put_duration(buf, ms);
	buf_text(buf, "</td>");
}

/* name: "total" for the sums of all. */
static void
put_sums(const struct view *view, struct buf *buf, const char *name,
    const struct sums *sums)
{
	size_t i;

	buf_text(buf, "<tr><th scope=\"row\">");
	lettering_put(buf, span_of(name));
	buf_text(buf, "</th>");
	for (i = 0; i < view->tally->count; i++)
		put_cell(buf, sums_time(sums, view->tally->states[i]));
	put_cell(buf, sums_known(sums));
	put_cell(buf, sums_time(sums, NAMES_NONE));
	buf_text(buf, "<td>");
	buf_number(buf, (int64_t)sums_changes(sums));
	buf_text(buf, "</td></tr>\n");
}

static void
put_table(const struct view *view, struct out *out)
{
	const struct names *names = book_names(view->book);
	const struct people *people = view->people;
	struct buf *buf = out_buf(out);
	char room[CAP_STATE];
	size_t i;

	buf_text(buf,
	    "<details>\n<summary>The figures as a table</summary>\n"
	    "<div class=\"scroll\">\n<table>\n<thead><tr>"
	    "<th scope=\"col\">User</th>");
	for (i = 0; i < view->tally->count; i++) {
		buf_text(buf, "<th scope=\"col\">");
		lettering_put(buf,
		    looks_label(
			names_text(names, view->tally->states[i]), room));
		buf_text(buf, "</th>");
	}
	buf_text(buf,
	    "<th scope=\"col\">Known</th><th scope=\"col\">Not known</th>"
	    "<th scope=\"col\">Changes</th></tr></thead>\n<tbody>\n");
	for (i = 0; i < people->count; i++) {
		put_sums(view, buf, people_label(people->list[i]),
		    &people->list[i]->sums);
		out_spill(out);
	}
	buf_text(buf, "</tbody>\n<tfoot>\n");
	put_sums(view, buf, "total", &view->tally->sums);
	buf_text(buf, "</tfoot>\n</table>\n</div>\n</details>\n");
}

void
page_html(const struct view *view, struct out *out)
{
	struct buf *buf = out_buf(out);

	put_head(view, buf);
	picture_inside(view, out);
	buf_text(buf, "</div>\n");
	put_table(view, out);
	buf_text(buf, "</main>\n</body>\n</html>\n");
}
