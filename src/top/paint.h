/*
 * paint: a summary and its users -> the picture.
 */
#ifndef GCP_TOP_PAINT_H
#define GCP_TOP_PAINT_H

#include <stddef.h>

struct summary;
struct view;

/*
 * Draws the picture, not yet shown.  Holds the view's offsets to what there
 * is; returns the rows of a page.
 */
size_t paint_picture(const struct summary *summary, struct view *view);

#endif
