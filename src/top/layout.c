#include "config.h"

#include "layout.h"

#include <string.h>

/* Below this width states are letters. */
#define COMPACT_BELOW 40
/* From this width on a state may be longer than those we know. */
#define ROOMY_FROM 100

/*
 * Names have what they need, in these limits, before there are more columns;
 * an ID has 36.  What is left over is theirs again.
 */
#define NAME_MIN  8
#define NAME_MAX  36
#define NAME_MOST 64

static void
place_lines(struct layout *layout, const struct layout_wish *wish)
{
	int height = wish->height, y = 1;

	layout->counts_y = y;
	y += wish->counts_lines;
	layout->gap_y = wish->has_gap && height >= 8 ? y++ : -1;
	layout->bad_y = wish->has_bad && height >= 10 ? y++ : -1;
	layout->heads_y = height >= 7 ? y++ : -1;
	layout->body_y = y;
	layout->status_y = height - 1;
	layout->body_rows = layout->status_y - y;
}

static void
place_columns(struct layout *layout, const struct layout_wish *wish)
{
	static const int plain[LAYOUT_COLUMNS] = { 1, 0, 9, 9, 10, 9, 9, 8, 8,
		36 };
	static const int compact[LAYOUT_COLUMNS] = { 0, 0, 1, 6 };
	const int *widths = layout->is_compact ? compact : plain;
	int column, width, used = 0, x = 0, name = wish->label_width;

	if (name < NAME_MIN)
		name = NAME_MIN;
	if (name > NAME_MAX)
		name = NAME_MAX;
	for (column = 0; column < LAYOUT_COLUMNS; column++) {
		if (column == LAYOUT_NAME)
			continue;
		width = widths[column];
		if ((column == LAYOUT_STATE || column == LAYOUT_BEFORE) &&
		    wish->width >= ROOMY_FROM)
			width = 12;
		if (column > LAYOUT_AGE &&
		    (width == 0 || used + width + 1 + name > wish->width))
			break;
		layout->columns[column].width = width;
		used += width + 1;
	}
	name = wish->label_width < NAME_MIN ? NAME_MIN : wish->label_width;
	if (name > NAME_MOST)
		name = NAME_MOST;
	if (name > wish->width - used)
		name = wish->width - used;
	layout->columns[LAYOUT_NAME].width = name;
	for (column = 0; column < LAYOUT_COLUMNS; column++) {
		layout->columns[column].x = x;
		if (layout->columns[column].width > 0 || column == LAYOUT_MARK)
			x += layout->columns[column].width + 1;
	}
	/* The mark of a compact line needs no space behind it. */
	if (layout->is_compact)
		layout->columns[LAYOUT_MARK].width = 1;
}

int
layout_counts_lines(int height)
{
	return height >= 20 ? 3 : height >= 12 ? 2 : 1;
}

void
layout_make(struct layout *layout, const struct layout_wish *wish)
{
	memset(layout, 0, sizeof(*layout));
	layout->width = wish->width;
	if (wish->height < LAYOUT_MIN_HEIGHT || wish->width < LAYOUT_MIN_WIDTH)
		return;
	layout->fits = true;
	layout->is_compact = wish->width < COMPACT_BELOW;
	place_lines(layout, wish);
	place_columns(layout, wish);
}
