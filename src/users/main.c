#include "config.h"

#include <signal.h>

#include "asked.h"
#include "buf.h"
#include "descriptors.h"
#include "fail.h"
#include "harden.h"
#include "log.h"
#include "options.h"
#include "region.h"
#include "status.h"
#include "users.h"
#include "usersopt.h"

static enum log_level
level_of(const struct settings *settings)
{
	if (settings->quiet > 0)
		return LOG_AT_ERROR;
	if (settings->verbose == 0)
		return LOG_AT_NOTICE;
	return settings->verbose == 1 ? LOG_AT_INFO : LOG_AT_DEBUG;
}

static int
print_regions(struct fail *why)
{
	const struct region *region;
	struct buf text;
	size_t i;
	int rc;

	buf_init(&text, SIZE_MAX);
	for (i = 0; (region = region_at(i)) != NULL; i++)
		buf_printf(&text, "%-16s %-24s %s\n", region->name,
		    region->domain, region->place);
	rc = options_print(&text, why);
	buf_done(&text);
	return rc;
}

/* What is answered without the service; true where it was. */
static bool
answer_at_once(const struct settings *settings, struct fail *why)
{
	if (settings->help > 0)
		(void)options_print_help(&usersopt_table, why);
	else if (settings->version > 0)
		(void)options_print_version(&usersopt_table, why);
	else if (settings->list_regions > 0)
		(void)print_regions(why);
	else
		return false;
	return true;
}

/* What is to be listed, and the rest of the settings. */
static int
read_rest(struct setting_values *values, struct asked_list *asked, int argc,
    char *argv[], int operands, struct fail *why)
{
	const struct users_settings *settings = values->target;

	if (operands < argc)
		return fail_set(why, FAIL_USAGE,
		    "'%s': there are no operands: names go behind --queue, "
		    "--group or --team, e-mail addresses to standard input; "
		    "try '%s --help'",
		    argv[operands], usersopt_table.program);
	if (setting_read_environment(values, why) == -1 ||
	    asked_read(asked, &usersopt_table, argc, argv, why) == -1)
		return -1;
	if (asked->count == 0 && settings->email == 0)
		asked_add_all(asked);
	log_setup(usersopt_table.program, level_of(&settings->base),
	    settings->base.log_json > 0);
	return 0;
}

int
main(int argc, char *argv[])
{
	struct users_settings settings = { 0 };
	struct setting_values values = { 0 };
	struct asked_list asked = { 0 };
	struct users *users = NULL;
	struct fail why = { 0 };
	int operands;

	harden_memory();
	log_setup(usersopt_table.program, LOG_AT_NOTICE, false);
	if (descriptors_guard(&why) == -1)
		goto out;
	setting_init(&values, &usersopt_table, &settings);
	if (options_read(&values, argc, argv, &operands, &why) == -1 ||
	    answer_at_once(&settings.base, &why) ||
	    read_rest(&values, &asked, argc, argv, operands, &why) == -1)
		goto out;
	harden_calls();
	users = users_new(&values, &asked, &why);
	if (users == NULL)
		goto out;
	(void)users_run(users, &why);
out:
	users_free(users);
	asked_done(&asked);
	setting_done(&values);
	if (why.kind == FAIL_READER_GONE) {
		/* libwebsockets had it ignored. */
		(void)signal(SIGPIPE, SIG_DFL);
		(void)raise(SIGPIPE);
	}
	return status_report(&why);
}
