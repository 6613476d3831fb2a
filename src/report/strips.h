/*
 * strips: a row of bars for each user.
 *
 * What is at least as wide as a pixel is drawn where it is.  Of what is
 * narrower, each pixel shows the state that has most of it.
 */
#ifndef GCP_REPORT_STRIPS_H
#define GCP_REPORT_STRIPS_H

#include "looks.h"

struct sheet;

/* How high all rows are; they begin at top. */
double strips_height(const struct sheet *sheet);
void strips_put(const struct sheet *sheet, double top);

/* The height of a bar of a look in a row that is so high. */
double strips_bar(double row_height, enum looks_height height);

#endif
