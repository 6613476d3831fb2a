/*
 * reading: recordings -> a book.
 *
 * A line that cannot be used is told with its place, and skipped.
 */
#ifndef GCP_REPORT_READING_H
#define GCP_REPORT_READING_H

#include <stdbool.h>
#include <stdint.h>

struct book;
struct fail;

struct reading {
	struct book *book;
	bool strict; /* a line that cannot be used ends it: FAIL_DATA */
	uint64_t lines;
	uint64_t skipped;
};

/*
 * names: files, "-" for standard input, up to a NULL; none at all means
 * standard input.  -1 with FAIL_FILE for one that cannot be read, or FAIL_DATA
 * where no line at all could be used.
 */
int reading_all(struct reading *reading, char *const *names, struct fail *why);

#endif
