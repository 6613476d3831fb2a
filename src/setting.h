/*
 * setting: the engine behind every option, variable and file key.
 *
 * A program has one table of settings.  Command line, environment and file all
 * go through setting_set(), so that a value means the same wherever it comes
 * from.  Where a setting comes from several places the stronger one wins,
 * whatever the order of reading: option > environment > file > default.
 */
#ifndef GCP_SETTING_H
#define GCP_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct fail;

enum setting_kind {
	SETTING_TEXT,     /* char *, owned */
	SETTING_FLAG,     /* int: how often it was given */
	SETTING_NUMBER,   /* int64_t */
	SETTING_DURATION, /* int64_t, milliseconds: 90, 1.5, 90s, 15m, 8h */
	SETTING_BYTES,    /* int64_t: 4096, 64K, 64M, 1G */
	SETTING_CHOICE,   /* int: which of the choices, from 0 */
	SETTING_REFUSED,  /* no such option: the help text says what to use */
};

struct setting {
	const char *name;     /* of the long option */
	char letter;          /* of the short one, or 0 */
	const char *argument; /* as help has it; NULL for a flag */
	const char *environment;
	enum setting_kind kind;
	size_t offset;       /* of the value in the target */
	const char *preset;  /* the default as one would type it */
	const char *choices; /* "auto|notifications|events", for help too */
	int64_t min, max;    /* for numbers, durations (ms) and bytes */
	bool only_option;    /* makes no sense in a file */
	/* The environment holds the value itself, not a file's name. */
	bool value_in_environment;
	size_t value_offset; /* char *, owned: where that value goes */
	const char *help;
};

struct setting_table {
	const char *program;
	const char *synopsis; /* lines of what follows the program's name */
	const char *purpose;  /* one sentence */
	const struct setting *rows;
	size_t count;
};

enum setting_origin {
	SETTING_BY_DEFAULT,
	SETTING_FROM_FILE,
	SETTING_FROM_ENVIRONMENT,
	SETTING_FROM_OPTION,
};

struct setting_values {
	const struct setting_table *table;
	void *target;
	enum setting_origin *origins;
};

/* target: a zeroed struct that the rows' offsets point into; borrowed. */
void setting_init(struct setting_values *values,
    const struct setting_table *table, void *target);
/* Frees the texts in the target, wiped, and forgets it. */
void setting_done(struct setting_values *values);

/* The row of a long option's name, or NULL; in a file "-" is written "_". */
const struct setting *setting_find(
    const struct setting_table *table, const char *name);
const struct setting *setting_find_key(
    const struct setting_table *table, const char *key);

/*
 * Sets one value.  text is NULL for a flag on the command line.  The failure's
 * text names the value only, and the caller puts the place in front of it.
 */
int setting_set(struct setting_values *values, const struct setting *row,
    enum setting_origin origin, const char *text, struct fail *why);

/* Where the present value of a setting comes from. */
enum setting_origin setting_origin(
    const struct setting_values *values, const char *name);

/*
 * Reads the variables of the table.  Those that hold a secret are wiped and
 * taken out of the environment.
 */
int setting_read_environment(struct setting_values *values, struct fail *why);

/* Adds the text of --help. */
void setting_help(const struct setting_table *table, struct buf *buf);

/*
 * Values as people type them; 0, or -1 where the text is none.  Durations are
 * seconds where no unit is given.
 */
int setting_parse_number(const char *text, int64_t *ret_number);
int setting_parse_duration(const char *text, int64_t *ret_ms);
int setting_parse_bytes(const char *text, int64_t *ret_bytes);

#endif
