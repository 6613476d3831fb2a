/*
 * table: a report for people, by libsmartcols.
 *
 * A table that is wider than the terminal goes without shares, and one that is
 * still wider has a line for each user and state.
 */
#ifndef GCP_REPORT_TABLE_H
#define GCP_REPORT_TABLE_H

#include <stddef.h>

struct out;
struct view;

/* width: columns, or 0 */
void table_sums(const struct view *view, size_t width, struct out *out);
void table_intervals(const struct view *view, size_t width, struct out *out);

#endif
