/*
 * cells: text from anybody, as something that a terminal can be given.
 *
 * Wide characters of which each takes a known number of columns.  Whatever
 * could steer a terminal is spelled out (\x1b), what joins, hides or turns its
 * neighbours is left out, and what the locale (LC_CTYPE) cannot show is a
 * replacement.  A struct cells is embedded and owns its text; zero is empty.
 */
#ifndef GCP_TOP_CELLS_H
#define GCP_TOP_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#include "span.h"

/* Characters; what is longer is cut. */
#define CELLS_MAX 512

struct cells {
	wchar_t *at; /* terminated by a zero */
	size_t len;
	int width; /* columns */
};

void cells_done(struct cells *cells);

/* text: UTF-8, or what says that it is. */
void cells_set(struct cells *cells, struct span text);
void cells_copy(struct cells *to, const struct cells *from);

/*
 * The characters that fit into so many columns, and the columns that they
 * take: a wide one is not halved.
 */
size_t cells_fit(const struct cells *cells, int columns, int *ret_width);

/* What stands for what was cut: one column. */
const wchar_t *cells_cut_mark(void);

/* The text for comparing: lower case, a space for "_".  The caller's. */
wchar_t cells_fold_sign(wchar_t sign);
wchar_t *cells_fold(const struct cells *cells);

#endif
