/*
 * Values of settings, as options, variables and file keys all set them: what is
 * accepted is within the limits of its row, what is not is refused with a
 * reason.  The lines of the input are a command line; the first of them is the
 * value of each setting too.
 */
#include "config.h"

#include <getopt.h>
#include <stdlib.h>

#include "fail.h"
#include "fuzz.h"
#include "options.h"
#include "presence.h"
#include "settings.h"
#include "shard.h"
#include "sim/simopt.h"
#include "states.h"
#include "xalloc.h"

#define ARGUMENTS 16

/* The value for each row in turn, by whatever way it comes. */
static void
check_rows(const struct setting_table *table, void *target, const char *text)
{
	struct setting_values values;
	struct fail why = { 0 };
	size_t i;

	setting_init(&values, table, target);
	for (i = 0; i < table->count; i++)
		if (setting_set(&values, &table->rows[i], SETTING_FROM_FILE,
			text, &why) == -1)
			fuzz_claim_why(&why);
	fuzz_claim_settings(table, target);
	setting_done(&values);
}

static void
check_states(const char *text)
{
	struct states states = { 0 };
	struct fail why = { 0 };
	char room[CAP_STATE];
	size_t i;

	if (states_parse(&states, text, &why) == -1) {
		fuzz_claim_why(&why);
		return;
	}
	fuzz_claim(states.count >= 1 && states.count <= STATES_MAX,
	    "a list of states has some");
	for (i = 0; i < states.count; i++) {
		fuzz_claim(span_equal(presence_state(states.states[i], room),
			       states.states[i]),
		    "a state that is normalised stays so");
		fuzz_claim(states_has(&states, states.states[i]),
		    "a list has its states");
	}
	(void)states_unknown(&states);
}

static void
check_shard(const char *text)
{
	struct fail why = { 0 };
	struct shard shard;

	if (shard_parse(text, &shard, &why) == -1) {
		fuzz_claim_why(&why);
		return;
	}
	fuzz_claim(shard.mine < shard.of, "a shard is one of them");
	/* That there may be very many is no reason to try each. */
	if (shard.of <= 16)
		(void)shard_has(&shard, span_of("1b2c3d4e"));
}

static void
check_rate(const char *text)
{
	double rate = 0;

	if (simopt_parse_rate(text, &rate) == 0)
		fuzz_claim(
		    rate == SIMOPT_MAX_RATE || (rate >= 0 && rate <= 1e7),
		    "a rate is within its limits");
}

/* The simulator's, and what it makes of some of them. */
static void
check_simulator(int argc, char *argv[])
{
	struct setting_values values;
	struct simopt opt = { 0 };
	struct fail why = { 0 };
	int operands;

	setting_init(&values, &simopt_table, &opt);
	if (options_read(&values, argc, argv, &operands, &why) == -1 ||
	    simopt_check(&opt, &why) == -1)
		fuzz_claim_why(&why);
	else
		fuzz_claim(opt.unchanged >= 0 && opt.unchanged <= 1 &&
			opt.foreign >= 0 && opt.foreign <= 1,
		    "a share is one");
	fuzz_claim_settings(&simopt_table, &opt);
	simopt_done(&opt);
	setting_done(&values);
}

static void
check_options(int argc, char *argv[])
{
	struct settings settings = { 0 };
	struct setting_values values;
	struct fail why = { 0 };
	int operands = 0;

	setting_init(&values, &settings_table, &settings);
	if (options_read(&values, argc, argv, &operands, &why) == -1)
		fuzz_claim_why(&why);
	else
		fuzz_claim(operands >= 1 && operands <= argc,
		    "operands follow the options");
	fuzz_claim_settings(&settings_table, &settings);
	setting_done(&values);
}

/* What it keeps of a command line that it did not read to its end. */
static void
reset_getopt(void)
{
	char name[] = "fuzz", *argv[] = { name, NULL };

	optind = 0;
	(void)getopt(1, argv, "");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char name[] = "fuzz", *argv[ARGUMENTS + 1] = { name, NULL };
	char *text = fuzz_string(bytes, len), *rest = text, *copy;
	struct settings settings = { 0 };
	struct simopt opt = { 0 };
	int argc = 1;

	while (rest != NULL && argc < ARGUMENTS)
		argv[argc++] = strsep(&rest, "\n");
	copy = xstrdup(argv[1]);
	check_rows(&settings_table, &settings, copy);
	check_rows(&simopt_table, &opt, copy);
	check_states(copy);
	check_shard(copy);
	check_rate(copy);
	reset_getopt();
	check_options(argc, argv);
	reset_getopt();
	check_simulator(argc, argv);
	free(copy);
	free(text);
	return 0;
}
