/*
 * view: everything that a report shows, borrowed from whoever made it.
 */
#ifndef GCP_REPORT_VIEW_H
#define GCP_REPORT_VIEW_H

#include <stdbool.h>
#include <stdint.h>

struct view {
	const struct book *book;
	const struct people *people;
	const struct tally *tally;
	bool hours;
	const char *title;
	uint64_t lines;   /* that were read */
	uint64_t skipped; /* of these, that could not be used */
};

#endif
