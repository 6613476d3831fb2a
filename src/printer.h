/*
 * printer: changes -> lines on standard output.
 *
 * Collects the lines of what is ready at one time and hands them to the output
 * as one piece.  When the output has no room, changes wait in the backlog, the
 * newest of each user, and come out, marked, when there is room again.
 */
#ifndef GCP_PRINTER_H
#define GCP_PRINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct audit;
struct change;
struct output;
struct printer;
struct stats;

struct printer_options {
	uint64_t limit; /* changes to print; 0: no end */
	bool tsv;       /* tab-separated values, with a header */
};

/* Borrows everything; copies the options. */
struct printer *printer_new(struct output *output, struct audit *audit,
    struct stats *stats, const struct printer_options *options);
void printer_free(struct printer *printer);

/* Prints a change, or keeps it for later.  Nothing once the limit is met. */
void printer_add(struct printer *printer, const struct change *change);

/*
 * Prints another whole line, which is no change and not counted.  While there
 * is no room it waits, up to a megabyte of such lines.
 */
void printer_add_line(struct printer *printer, struct span line);

/*
 * Whether this turn of the loop brought many lines that are still here.  Then
 * the next one may bring more, and they can go out as one piece; a few are
 * better written at once.
 */
bool printer_has_grown(struct printer *printer);

/* Nothing more is ready, or there may be room again. */
void printer_flush(struct printer *printer);

/* Whether all that was to be printed has been handed to the output. */
bool printer_is_empty(const struct printer *printer);
bool printer_limit_met(const struct printer *printer);
/* Whether it will be, once what waits is printed too. */
bool printer_limit_near(const struct printer *printer);

/* Whether the output has no room now. */
bool printer_is_blocked(const struct printer *printer);

/* Changes that wait for room. */
size_t printer_backlog(const struct printer *printer);

#endif
