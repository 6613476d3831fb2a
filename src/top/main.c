#include "config.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>

#include "descriptors.h"
#include "fail.h"
#include "log.h"
#include "options.h"
#include "signals.h"
#include "top.h"
#include "topopt.h"

static int
status_of(const struct fail *why)
{
	switch (why->kind) {
	case FAIL_USAGE:
		return EX_USAGE;
	case FAIL_DATA:
		return EX_DATAERR;
	case FAIL_FILE:
		return EX_NOINPUT;
	case FAIL_OUTPUT:
	case FAIL_READER_GONE:
		return EX_IOERR;
	case FAIL_INTERNAL:
		return EX_SOFTWARE;
	default:
		return EX_CONFIG;
	}
}

static int
run(struct setting_values *values, struct topopt *opt, int argc, char *argv[],
    int *ret_signal, struct fail *why)
{
	int operands;

	if (options_read(values, argc, argv, &operands, why) == -1)
		return -1;
	if (opt->help > 0)
		return options_print_help(&topopt_table, why);
	if (opt->version > 0)
		return options_print_version(&topopt_table, why);
	if (operands < argc)
		return fail_set(why, FAIL_USAGE,
		    "'%s': there are no operands, lines come on standard "
		    "input; try '%s --help'",
		    argv[operands], topopt_table.program);
	if (topopt_check(opt, why) == -1)
		return -1;
	return top_run(opt, ret_signal, why);
}

int
main(int argc, char *argv[])
{
	struct setting_values values = { 0 };
	struct topopt opt = { 0 };
	struct fail why = { 0 };
	int status = EXIT_SUCCESS, signal_number = 0;

	/* Only what text is made of: numbers are the same everywhere. */
	(void)setlocale(LC_CTYPE, "");
	log_setup(topopt_table.program, LOG_AT_WARNING, false);
	setting_init(&values, &topopt_table, &opt);
	if (descriptors_guard(&why) == -1 ||
	    run(&values, &opt, argc, argv, &signal_number, &why) == -1) {
		log_error(NULL, "%s", why.text);
		status = status_of(&why);
	}
	setting_done(&values);
	/* Asked to stop is no failure; the others end as they are meant to. */
	if (signal_number != 0 && signal_number != SIGTERM)
		signals_die(signal_number);
	return status;
}
