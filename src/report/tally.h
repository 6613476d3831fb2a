/*
 * tally: the sums of all users that are shown, and which states there are.
 *
 * States are in order of display: the known ones first, then by name.
 */
#ifndef GCP_REPORT_TALLY_H
#define GCP_REPORT_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "sums.h"

struct book;
struct people;

struct tally {
	struct sums sums; /* in order of hours */
	uint16_t *states; /* that have any time or change */
	size_t count;
};

void tally_init(
    struct tally *tally, const struct book *book, const struct people *people);
void tally_done(struct tally *tally);

/* One line of a report: of a user, or of all, and of an hour or the whole. */
struct row {
	const struct person *person; /* NULL: of all */
	int64_t from_ms;
	int64_t to_ms;
	struct sums sums; /* borrowed */
};

typedef void tally_row_fn(void *arg, const struct row *row);

/* Each user in order, each hour in order; then all users together. */
void tally_rows(const struct tally *tally, const struct book *book,
    const struct people *people, tally_row_fn *fn, void *arg);

#endif
