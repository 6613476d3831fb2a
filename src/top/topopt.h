/*
 * topopt: what the command line of gcpresence-top can say.
 */
#ifndef GCP_TOP_TOPOPT_H
#define GCP_TOP_TOPOPT_H

#include <stdbool.h>

#include "setting.h"
#include "states.h"

struct fail;

struct topopt {
	int sort; /* enum listing_sort */
	char *states;
	int no_color;
	int help;
	int version;

	/* Made of the above, and of $NO_COLOR, by topopt_check(). */
	struct states only; /* none: all */
	bool colour;
};

extern const struct setting_table topopt_table;

/* Judges the values as a whole and fills the derived ones. */
int topopt_check(struct topopt *opt, struct fail *why);

#endif
