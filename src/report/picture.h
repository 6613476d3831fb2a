/*
 * picture: a timeline of all users, as SVG.
 *
 * It needs nothing but itself: no font, no script, no other file.
 */
#ifndef GCP_REPORT_PICTURE_H
#define GCP_REPORT_PICTURE_H

#include <stdbool.h>

struct buf;
struct out;
struct view;

/* A file of its own. */
void picture_svg(const struct view *view, struct out *out);

/* The same inside a page, which has the title. */
void picture_inside(const struct view *view, struct out *out);

/* "Thursday 1 January 2026, 09:00 to 17:00 (CET, UTC+01:00), 24 users". */
void picture_put_summary(const struct view *view, struct buf *buf);

#endif
