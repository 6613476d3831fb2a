/*
 * repopt: the settings of gcpresence-report, and what they mean together.
 */
#ifndef GCP_REPORT_REPOPT_H
#define GCP_REPORT_REPOPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "setting.h"

struct fail;

enum repopt_format {
	REPOPT_TABLE,
	REPOPT_TSV,
	REPOPT_JSON
};

struct repopt {
	char *from_text;
	char *to_text;
	char *user; /* only the last one: see users */
	char *html;
	char *svg;
	char *title;
	int format;
	int hours;
	int intervals;
	int strict;
	int utc;
	int quiet;
	int help;
	int version;

	/* What follows from the above. */
	char **users; /* argv's, as often as --user was given */
	size_t user_count;
	int64_t from_ms; /* or NOW_NONE */
	int64_t to_ms;
	int64_t until_ms;
	bool prints; /* something is for standard output */
};

extern const struct setting_table repopt_table;

/*
 * Notes every --user: setting's values hold one each.  To be called before
 * options_read(), which finds fault with what is wrong.
 */
void repopt_note_users(struct repopt *opt, int argc, char *argv[]);

/* Checks, and works out what follows; sets the zone. */
int repopt_check(
    struct repopt *opt, const struct setting_values *values, struct fail *why);
void repopt_done(struct repopt *opt);

#endif
