/*
 * theme: the style sheet and the patterns of a picture, light and dark.
 */
#ifndef GCP_REPORT_THEME_H
#define GCP_REPORT_THEME_H

struct sheet;

void theme_put_style(const struct sheet *sheet);
void theme_put_patterns(const struct sheet *sheet);

#endif
