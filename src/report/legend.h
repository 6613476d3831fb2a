/*
 * legend: which state looks how, and how much of it there was.
 */
#ifndef GCP_REPORT_LEGEND_H
#define GCP_REPORT_LEGEND_H

struct sheet;

double legend_height(const struct sheet *sheet);
void legend_put(const struct sheet *sheet, double top);

#endif
