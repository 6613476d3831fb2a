/*
 * terminal: how wide it is, and how wide a text is on it.
 */
#ifndef GCP_REPORT_TERMINAL_H
#define GCP_REPORT_TERMINAL_H

#include <stddef.h>

/*
 * $COLUMNS, or the columns of the terminal on standard output; 0: it is none,
 * and a line may be as wide as it likes.
 */
size_t terminal_width(void);

/* The columns of a text's widest line. */
size_t terminal_width_of(const char *text);

#endif
