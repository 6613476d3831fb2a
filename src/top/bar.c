#include "config.h"

#include "bar.h"

#include <stdio.h>
#include <stdlib.h>

#include "xalloc.h"

struct bar *
bar_new(void)
{
	return xcalloc(1, sizeof(struct bar));
}

void
bar_free(struct bar *bar)
{
	size_t i;

	if (bar == NULL)
		return;
	for (i = 0; i < bar->count; i++) {
		cells_done(&bar->fields[i].full);
		cells_done(&bar->fields[i].brief);
	}
	free(bar);
}

void
bar_add(
    struct bar *bar, unsigned int style, const char *full, const char *brief)
{
	struct bar_field *field = &bar->fields[bar->count];

	if (bar->count == BAR_FIELDS)
		return;
	bar->count++;
	field->style = style;
	cells_set(&field->full, span_of(full));
	cells_set(&field->brief, span_of(brief));
}

void
bar_left(const struct bar *bar, char text[BAR_LEFT])
{
	(void)snprintf(
	    text, BAR_LEFT, "+%u", (unsigned int)(bar->count - bar->shown));
}

/*
 * Places the first so many fields.  False where they, and the number of what
 * is left out, do not fit.
 */
static bool
place(struct bar *bar, size_t shown, bool is_brief, int columns, int lines)
{
	int gap = is_brief ? 1 : 2, x = 0, y = 0, width;
	char left[BAR_LEFT];
	size_t i;

	bar->shown = shown;
	bar->is_brief = is_brief;
	bar_left(bar, left);
	/* One round more for the number. */
	for (i = 0; i <= shown; i++) {
		if (i < shown)
			width = is_brief ? bar->fields[i].brief.width
					 : bar->fields[i].full.width;
		else if (shown < bar->count)
			width = (int)span_of(left).len;
		else
			break;
		if (x > 0 && x + width > columns) {
			x = 0;
			y++;
		}
		if (y >= lines || x + width > columns)
			return false;
		if (i < shown) {
			bar->fields[i].y = y;
			bar->fields[i].x = x;
		} else {
			bar->left_y = y;
			bar->left_x = x;
		}
		x += width + gap;
	}
	bar->lines = y + 1;
	return true;
}

void
bar_fit(struct bar *bar, int columns, int lines)
{
	size_t shown = bar->count;

	if (place(bar, shown, false, columns, lines))
		return;
	while (!place(bar, shown, true, columns, lines) && shown > 0)
		shown--;
}
