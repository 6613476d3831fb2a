/*
 * help: the keys, the letters of the states, and what the columns mean.
 */
#ifndef GCP_TOP_HELP_H
#define GCP_TOP_HELP_H

#include <stddef.h>

/*
 * Draws it from the line *offset on, which is held to what there is; returns
 * the lines of a page.
 */
size_t help_paint(size_t *offset, int height, int width);

#endif
