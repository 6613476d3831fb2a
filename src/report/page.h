/*
 * page: the timeline as a web page, and below it its figures as a table.
 */
#ifndef GCP_REPORT_PAGE_H
#define GCP_REPORT_PAGE_H

struct out;
struct view;

void page_html(const struct view *view, struct out *out);

#endif
