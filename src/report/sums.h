/*
 * sums: a user's time and changes by state, and by hour if wanted.
 *
 * An hour may have several entries of one state until the sums are made tidy.
 */
#ifndef GCP_REPORT_SUMS_H
#define GCP_REPORT_SUMS_H

#include <stddef.h>
#include <stdint.h>

/* The hour's start where nobody asked for hours. */
#define SUMS_WHOLE INT64_MIN

struct sum {
	int64_t hour_ms;
	int64_t ms;
	uint32_t changes; /* into the state */
	uint16_t state;   /* NAMES_NONE: not known */
};

/* May be embedded; zeroed is empty. */
struct sums {
	struct sum *list;
	size_t count;
	size_t room;
};

void sums_done(struct sums *sums);

void sums_add(struct sums *sums, int64_t hour_ms, uint16_t state, int64_t ms,
    uint32_t changes);

/* Orders by hour and state, of which there is one entry each then. */
void sums_tidy(struct sums *sums);

/* The time of a state, over all hours. */
int64_t sums_time(const struct sums *sums, uint16_t state);
/* All time in states that are known. */
int64_t sums_known(const struct sums *sums);
uint64_t sums_changes(const struct sums *sums);

#endif
