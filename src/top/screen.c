#include "config.h"

#include "screen.h"

#include <ncurses.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "kind.h"

/* A terminal with a palette of this size has xterm's colours. */
#define RICH_COLOURS 256

void
screen_start_colours(void)
{
	const struct kind *kind;
	short background;
	bool rich;
	int number;

	if (!has_colors() || start_color() == ERR)
		return;
	background = use_default_colors() == ERR ? COLOR_BLACK : -1;
	/* Where there are more, a number is not one of the palette. */
	rich = COLORS == RICH_COLOURS;
	for (number = 0; number < KIND_COUNT; number++) {
		kind = kind_at(number);
		if (kind->plain == -1 && (!rich || kind->rich == -1)) {
			if (background == -1)
				(void)init_pair((short)(number + 1), -1, -1);
			else
				(void)init_pair((short)(number + 1),
				    COLOR_WHITE, background);
			continue;
		}
		(void)init_pair((short)(number + 1),
		    (short)(rich ? kind->rich : kind->plain), background);
	}
}

static attr_t
attributes_of(unsigned int style)
{
	attr_t attributes = A_NORMAL;

	if ((style & SCREEN_BOLD) != 0)
		attributes |= A_BOLD;
	if ((style & SCREEN_REVERSE) != 0)
		attributes |= A_REVERSE;
	if ((style & SCREEN_DIM) != 0)
		attributes |= A_DIM;
	return attributes;
}

/* Colour pairs that were not made are as other text. */
static short
pair_of(unsigned int style)
{
	int pair = (int)(style & 0xff);

	return (short)(pair < COLOR_PAIRS ? pair : 0);
}

void
screen_size(int *ret_height, int *ret_width)
{
	*ret_height = LINES;
	*ret_width = COLS;
}

void
screen_erase(void)
{
	(void)erase();
}

void
screen_cells(
    int y, int x, int columns, const struct cells *cells, unsigned int style)
{
	int room = COLS - x < columns ? COLS - x : columns, width;
	size_t len = cells->len;

	if (y < 0 || y >= LINES || room <= 0 || cells->at == NULL)
		return;
	(void)attr_set(attributes_of(style), pair_of(style), NULL);
	if (cells->width <= room) {
		(void)mvaddnwstr(y, x, cells->at, (int)len);
	} else {
		len = cells_fit(cells, room - 1, &width);
		if (len > 0)
			(void)mvaddnwstr(y, x, cells->at, (int)len);
		(void)mvaddnwstr(y, x + width, cells_cut_mark(), 1);
	}
	(void)attr_set(A_NORMAL, 0, NULL);
}

void
screen_text(int y, int x, int columns, const char *text, unsigned int style)
{
	struct cells cells = { 0 };

	cells_set(&cells, span_of(text));
	screen_cells(y, x, columns, &cells, style);
	cells_done(&cells);
}

void
screen_text_right(
    int y, int x, int columns, const char *text, unsigned int style)
{
	int len = (int)strlen(text);

	if (len < columns) {
		x += columns - len;
		columns = len;
	}
	screen_text(y, x, columns, text, style);
}

void
screen_line(int y, unsigned int style)
{
	(void)mvchgat(y, 0, -1, attributes_of(style), pair_of(style), NULL);
}

void
screen_cursor(int y, int x)
{
	(void)curs_set(y < 0 ? 0 : 1);
	(void)move(y < 0 ? 0 : y, y < 0 ? 0 : x);
}

void
screen_show(bool all)
{
	if (all)
		(void)redrawwin(stdscr);
	(void)refresh();
}
