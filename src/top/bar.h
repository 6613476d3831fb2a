/*
 * bar: some facts side by side, in as many columns as there are.
 *
 * Each has a full and a brief form.  Where not all fit, all are brief; where
 * that is too much too, the last ones are left out and their number is told.
 * The order is that of importance.
 */
#ifndef GCP_TOP_BAR_H
#define GCP_TOP_BAR_H

#include <stdbool.h>
#include <stddef.h>

#include "cells.h"

/* More than any bar has: a field for each state. */
#define BAR_FIELDS 72

struct bar_field {
	struct cells full;
	struct cells brief;
	unsigned int style; /* see screen.h */

	/* Where bar_fit() put it. */
	int y, x;
};

struct bar {
	struct bar_field fields[BAR_FIELDS];
	size_t count;

	/* Made by bar_fit(). */
	size_t shown; /* the first so many */
	bool is_brief;
	int lines;          /* that are used, at least one */
	int left_y, left_x; /* of "+N" for what is left out */
};

struct bar *bar_new(void);
void bar_free(struct bar *bar);

/* Texts are UTF-8 from anybody.  A bar that is full takes no more. */
void bar_add(
    struct bar *bar, unsigned int style, const char *full, const char *brief);

void bar_fit(struct bar *bar, int columns, int lines);

/* "+3" */
#define BAR_LEFT 8
void bar_left(const struct bar *bar, char text[BAR_LEFT]);

#endif
