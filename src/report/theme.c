#include "config.h"

#include "theme.h"

#include "buf.h"
#include "looks.h"
#include "sheet.h"

/*
 * Written out for both themes, without variables, since many programs that
 * draw SVG know none.
 */
static const char style[] =
    "svg{font-family:system-ui,-apple-system,'Segoe UI',Roboto,"
    "'Helvetica Neue',Arial,'Noto Sans',sans-serif;"
    "print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
    "text{fill:#1d2329;font-variant-numeric:tabular-nums}\n"
    ".paper{fill:#fff}\n"
    ".head{font-size:26px;font-weight:650;letter-spacing:-.01em}\n"
    ".sub{font-size:13.5px;fill:#59636e}\n"
    ".name{font-size:13px;font-weight:600}\n"
    ".note{font-size:12px;fill:#59636e}\n"
    ".hours{font-size:12px;text-anchor:middle}\n"
    ".hours text{fill:#59636e}\n"
    ".end{text-anchor:end}\n"
    ".track{fill:#f3f5f7}\n"
    ".none{stroke:#a3abb5;stroke-width:1;stroke-dasharray:1 4;fill:none}\n"
    ".tick{stroke:#1d2329;stroke-opacity:.1;fill:none}\n"
    ".day{stroke:#1d2329;stroke-opacity:.4;fill:none}\n"
    ".mark{fill:#fff;fill-opacity:.34}\n"
    ".veil{fill:#fff;fill-opacity:.55}\n"
    ".hatch{stroke:#1d2329;stroke-opacity:.75;stroke-width:1.4}\n"
    ".blind{fill:url(#blind)}\n"
    ".bars{shape-rendering:crispEdges}\n";
static const char dark_style[] = "text{fill:#e9ecef}\n"
				 ".paper{fill:#15181c}\n"
				 ".sub,.note,.hours text{fill:#9ea7b1}\n"
				 ".track{fill:#20252b}\n"
				 ".none{stroke:#6a737d}\n"
				 ".tick{stroke:#fff;stroke-opacity:.12}\n"
				 ".day{stroke:#fff;stroke-opacity:.5}\n"
				 ".mark{fill:#000;fill-opacity:.34}\n"
				 ".veil{fill:#15181c;fill-opacity:.6}\n"
				 ".hatch{stroke:#fff}\n";

/* The looks that are in use, each once. */
static bool
is_used(const struct sheet *sheet, size_t look)
{
	size_t i;

	for (i = 0; i < sheet->states; i++)
		if (sheet->looks[i] == look)
			return true;
	return false;
}

/* A bar's class is s and its look's number, its pattern's colour is f. */
static void
put_colours(const struct sheet *sheet, bool dark)
{
	struct buf *buf = sheet_buf(sheet);
	const struct look *look;
	size_t i;

	for (i = 0; i < LOOKS_COUNT; i++) {
		look = looks_at(i);
		if (is_used(sheet, i))
			buf_printf(buf, ".%c%zu{fill:%s}\n",
			    look->pattern == LOOKS_PLAIN ? 's' : 'f', i,
			    dark ? look->dark : look->light);
	}
}

void
theme_put_style(const struct sheet *sheet)
{
	struct buf *buf = sheet_buf(sheet);
	size_t i;

	buf_text(buf, "<style>\n");
	buf_text(buf, style);
	for (i = 0; i < LOOKS_COUNT; i++)
		if (is_used(sheet, i) && looks_at(i)->pattern != LOOKS_PLAIN)
			buf_printf(buf, ".s%zu{fill:url(#p%zu)}\n", i, i);
	put_colours(sheet, false);
	buf_text(buf, "@media screen and (prefers-color-scheme:dark){\n");
	buf_text(buf, dark_style);
	put_colours(sheet, true);
	buf_text(buf, "}\n</style>\n");
}

static void
put_pattern(struct buf *buf, size_t i)
{
	static const char *const marks[] = {
		[LOOKS_RISING] = "width=\"2.4\" height=\"7\"",
		[LOOKS_FALLING] = "width=\"2.4\" height=\"6\"",
		[LOOKS_UPRIGHT] = "width=\"1.8\" height=\"5\"",
	};
	static const char *const turns[] = {
		[LOOKS_RISING] = " patternTransform=\"rotate(40)\"",
		[LOOKS_FALLING] = " patternTransform=\"rotate(-40)\"",
		[LOOKS_UPRIGHT] = "",
		[LOOKS_DOTS] = " patternTransform=\"rotate(45)\"",
		[LOOKS_GRID] = "",
	};
	static const int sizes[] = {
		[LOOKS_RISING] = 7,
		[LOOKS_FALLING] = 6,
		[LOOKS_UPRIGHT] = 5,
		[LOOKS_DOTS] = 5,
		[LOOKS_GRID] = 6,
	};
	enum looks_pattern pattern = looks_at(i)->pattern;
	int size = sizes[pattern];

	buf_printf(buf,
	    "<pattern id=\"p%zu\" width=\"%d\" height=\"%d\" "
	    "patternUnits=\"userSpaceOnUse\"%s>"
	    "<rect class=\"f%zu\" width=\"%d\" height=\"%d\"/>",
	    i, size, size, turns[pattern], i, size, size);
	if (pattern == LOOKS_DOTS)
		buf_text(buf,
		    "<circle class=\"mark\" cx=\"2.5\" cy=\"2.5\" "
		    "r=\"1.2\"/>");
	else if (pattern == LOOKS_GRID)
		buf_text(buf,
		    "<path class=\"mark\" d=\"M0 0h6v1.6h-4.4v4.4h-1.6z\"/>");
	else
		buf_printf(buf, "<rect class=\"mark\" %s/>", marks[pattern]);
	buf_text(buf, "</pattern>\n");
}

void
theme_put_patterns(const struct sheet *sheet)
{
	struct buf *buf = sheet_buf(sheet);
	size_t i;

	buf_text(buf, "<defs>\n");
	for (i = 0; i < LOOKS_COUNT; i++)
		if (is_used(sheet, i) && looks_at(i)->pattern != LOOKS_PLAIN)
			put_pattern(buf, i);
	buf_text(buf,
	    "<pattern id=\"blind\" width=\"6\" height=\"6\" "
	    "patternUnits=\"userSpaceOnUse\" "
	    "patternTransform=\"rotate(-45)\">"
	    "<rect class=\"veil\" width=\"6\" height=\"6\"/>"
	    "<path class=\"hatch\" d=\"M0 0V6\"/></pattern>\n</defs>\n");
}
