/*
 * setup: what a run is to do, read from everywhere and found to make sense.
 */
#ifndef GCP_SETUP_H
#define GCP_SETUP_H

#include <stdbool.h>

#include "shard.h"
#include "states.h"

struct fail;
struct intake;
struct setting_values;
struct settings;

struct setup {
	struct setting_values *values; /* of the settings below */
	struct settings *settings;
	/* The settings that are small languages, read. */
	struct states only, ignore, until;
	struct shard shard;
	bool read_input; /* user IDs come from standard input too */
	bool has_users;  /* some are given */
	bool is_dry;     /* --check, --plan: no file is written */
};

/* How the log is written; what is not set yet is as by default. */
void setup_log(const struct settings *settings);

/*
 * The options are in the values already; reads the YAML file, the environment
 * and the operands, and sets up the log.  Borrows the values.  -1 with
 * FAIL_USAGE or FAIL_CONFIG; the text is empty where all is said.
 */
int setup_read(struct setup *setup, struct setting_values *values,
    struct intake *intake, char *const *operands, struct fail *why);

#endif
