#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "buf.h"
#include "descriptors.h"
#include "fail.h"
#include "jput.h"
#include "log.h"
#include "loop.h"
#include "now.h"
#include "options.h"
#include "sim.h"
#include "simopt.h"
#include "world.h"

/* Connections that can be open at once, about. */
#define MAX_FDS 8192
/* What a shell says of who died of SIGINT. */
#define STATUS_INTERRUPTED (128 + SIGINT)

struct ending {
	struct loop *loop;
	int signal;
};

static int
status_of(const struct fail *why)
{
	switch (why->kind) {
	case FAIL_USAGE:
		return EX_USAGE;
	case FAIL_FILE:
		return EX_NOINPUT;
	case FAIL_UNREACHABLE:
		return EX_UNAVAILABLE;
	case FAIL_OUTPUT:
		return EX_IOERR;
	case FAIL_INTERNAL:
		return EX_SOFTWARE;
	default:
		return EX_CONFIG;
	}
}

static int
print(const struct buf *text, struct fail *why)
{
	if (fwrite(text->bytes, 1, text->len, stdout) == text->len &&
	    fflush(stdout) == 0)
		return 0;
	return fail_set(why, FAIL_OUTPUT, "cannot write to standard output: %s",
	    strerror(errno));
}

static int
print_ids(const struct simopt *opt, struct fail *why)
{
	struct world_options people = { (size_t)opt->users, (uint64_t)opt->seed,
		opt->initial, true, 0 };
	const struct user *user;
	struct world *world;
	struct buf text;
	size_t i;
	int rc;

	world = world_new(&people, now_wall_ms());
	buf_init(&text, SIZE_MAX);
	for (i = 0; i < world_count(world); i++) {
		user = world_user(world, i);
		buf_printf(&text, "%s\t%s\n", user->id, user->name);
	}
	rc = text.len == 0 ? 0 : print(&text, why);
	buf_done(&text);
	world_free(world);
	return rc;
}

/* The one line that says that it is ready. */
static int
print_ready(const struct sim *sim, struct fail *why)
{
	struct buf text;
	int rc;

	buf_init(&text, SIZE_MAX);
	buf_text(&text, "{\"url\":");
	jput_string(&text, span_of(sim->url));
	buf_text(&text, ",\"clientId\":");
	jput_string(&text, span_of(sim->opt->client_id));
	buf_text(&text, ",\"clientSecret\":");
	jput_string(&text, span_of(sim->opt->client_secret));
	buf_text(&text, "}\n");
	rc = print(&text, why);
	buf_done(&text);
	return rc;
}

static void
on_signal(void *arg, int signal_number)
{
	struct ending *ending = arg;

	ending->signal = signal_number;
	loop_stop(ending->loop);
}

static int
serve(const struct simopt *opt, int *ret_signal, struct fail *why)
{
	static const int signals[] = { SIGTERM, SIGINT, 0 };
	struct ending ending = { NULL, 0 };
	struct sim *sim = NULL;
	int rc = -1;

	ending.loop = loop_new(MAX_FDS, why);
	if (ending.loop == NULL)
		return -1;
	if (loop_catch_signals(ending.loop, signals, on_signal, &ending, why) ==
	    -1)
		goto out;
	sim = sim_new(opt, ending.loop, why);
	if (sim == NULL || print_ready(sim, why) == -1)
		goto out;
	log_notice(NULL, "serving on %s", sim->url);
	rc = loop_run(ending.loop, NULL, NULL, why);
	if (sim_end(sim, why) == -1)
		rc = -1;
	*ret_signal = ending.signal;
out:
	sim_free(sim);
	loop_free(ending.loop);
	return rc;
}

static enum log_level
level_of(const struct simopt *opt)
{
	if (opt->quiet > 0)
		return LOG_AT_ERROR;
	return opt->verbose == 0 ? LOG_AT_WARNING
	    : opt->verbose == 1  ? LOG_AT_INFO
				 : LOG_AT_DEBUG;
}

static int
run(struct setting_values *values, struct simopt *opt, int argc, char *argv[],
    int *ret_signal, struct fail *why)
{
	int operands;

	if (options_read(values, argc, argv, &operands, why) == -1)
		return -1;
	if (opt->help > 0)
		return options_print_help(&simopt_table, why);
	if (opt->version > 0)
		return options_print_version(&simopt_table, why);
	if (operands < argc)
		return fail_set(why, FAIL_USAGE,
		    "'%s': there are no operands; try '%s --help'",
		    argv[operands], simopt_table.program);
	if (simopt_check(opt, why) == -1)
		return -1;
	log_setup(simopt_table.program, level_of(opt), false);
	return opt->ids > 0 ? print_ids(opt, why) : serve(opt, ret_signal, why);
}

int
main(int argc, char *argv[])
{
	struct setting_values values = { 0 };
	struct simopt opt = { 0 };
	struct fail why = { 0 };
	int status = EXIT_SUCCESS, signal_number = 0;

	log_setup(simopt_table.program, LOG_AT_WARNING, false);
	setting_init(&values, &simopt_table, &opt);
	if (descriptors_guard(&why) == -1 ||
	    run(&values, &opt, argc, argv, &signal_number, &why) == -1) {
		log_error(NULL, "%s", why.text);
		status = status_of(&why);
	} else if (signal_number == SIGINT) {
		status = STATUS_INTERRUPTED;
	}
	simopt_done(&opt);
	setting_done(&values);
	return status;
}
