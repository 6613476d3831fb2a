#include "config.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "app.h"
#include "buf.h"
#include "descriptors.h"
#include "fail.h"
#include "harden.h"
#include "options.h"
#include "region.h"
#include "settings.h"
#include "setup.h"
#include "status.h"

/* Ends as the signal would have ended it, so that a shell sees what it was. */
static void
die_of(int signal_number)
{
	(void)signal(signal_number, SIG_DFL);
	(void)raise(signal_number);
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

/* What is answered without a stream; true where it was. */
static bool
answer_at_once(const struct settings *settings, struct fail *why)
{
	if (settings->help > 0)
		(void)options_print_help(&settings_table, why);
	else if (settings->version > 0)
		(void)options_print_version(&settings_table, why);
	else if (settings->list_regions > 0)
		(void)print_regions(why);
	else
		return false;
	return true;
}

int
main(int argc, char *argv[])
{
	struct settings settings = { 0 };
	struct setting_values values = { 0 };
	struct app *app = NULL;
	struct fail why = { 0 };
	int operands, rc, signal_number = 0;

	harden_memory();
	/* A file that may not grow is to be an error of write(). */
	(void)signal(SIGXFSZ, SIG_IGN);
	if (descriptors_guard(&why) == -1)
		goto out;
	setting_init(&values, &settings_table, &settings);
	rc = options_read(&values, argc, argv, &operands, &why);
	setup_log(&settings);
	harden_calls();
	if (rc == -1 || answer_at_once(&settings, &why))
		goto out;
	app = app_new(&values, argv + operands, &why);
	if (app == NULL)
		goto out;
	(void)app_run(app, &why);
	signal_number = app_signal(app);
out:
	app_free(app);
	setting_done(&values);
	if (signal_number != 0)
		die_of(signal_number);
	return status_report(&why);
}
