/*
 * screen: what the picture is made of.
 *
 * Drawing goes to a picture in memory; screen_show() sends the terminal what
 * differs from what it has.  Only this module and terminal know curses, which
 * holds the picture; all is clipped to its size.
 */
#ifndef GCP_TOP_SCREEN_H
#define GCP_TOP_SCREEN_H

#include <stdbool.h>

struct cells;

enum {
	SCREEN_BOLD = 1u << 8,
	SCREEN_REVERSE = 1u << 9,
	SCREEN_DIM = 1u << 10,
};

/* The colour of a kind of state, where there are colours. */
#define SCREEN_KIND(kind) ((unsigned int)(kind) + 1)

/* Prepares the colours of the terminal. */
void screen_start_colours(void);

void screen_size(int *ret_height, int *ret_width);
void screen_erase(void);

/* What is wider than that many columns ends with a mark. */
void screen_cells(
    int y, int x, int columns, const struct cells *cells, unsigned int style);
/* The same for plain ASCII. */
void screen_text(
    int y, int x, int columns, const char *text, unsigned int style);
void screen_text_right(
    int y, int x, int columns, const char *text, unsigned int style);

/* Gives a whole line a style, up to its end. */
void screen_line(int y, unsigned int style);

/* Where the cursor is seen, or y -1: nowhere. */
void screen_cursor(int y, int x);

/* all: paints everything anew, whatever the terminal has. */
void screen_show(bool all);

#endif
