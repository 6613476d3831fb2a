/*
 * lettering: text for XML and HTML, and about how wide it is.
 *
 * What comes from a recording is cleaned of what could steer a terminal or a
 * reader, of what XML does not allow, and of what XML means.
 */
#ifndef GCP_REPORT_LETTERING_H
#define GCP_REPORT_LETTERING_H

#include "span.h"

struct buf;

void lettering_put(struct buf *buf, struct span text);

/* The same, but cut, with an ellipsis, to a width in em. */
void lettering_put_cut(struct buf *buf, struct span text, double max_em);

/* A width, rather too large than too small, in em of a usual sans-serif. */
double lettering_width(struct span text);

/* A number with at most one decimal, and a colon-separated duration. */
void lettering_put_number(struct buf *buf, double number);
void lettering_put_duration(struct buf *buf, long long ms);

#endif
