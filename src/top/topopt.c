#include "config.h"

#include "topopt.h"

#include <stdlib.h>

#include "fail.h"

#define AT(member) .offset = offsetof(struct topopt, member)

static const struct setting rows[] = {
	{
	    .name = "sort",
	    .letter = 's',
	    .argument = "KEY",
	    .kind = SETTING_CHOICE,
	    AT(sort),
	    .preset = "name",
	    .choices = "name|state|age|newest",
	    .help =
		"order of the table; age: longest first; newest: last change "
		"first",
	},
	{
	    .name = "states",
	    .argument = "LIST",
	    .kind = SETTING_TEXT,
	    AT(states),
	    .help = "show only users in these states, such as BUSY,ON_QUEUE",
	},
	{
	    .name = "no-color",
	    .kind = SETTING_FLAG,
	    AT(no_color),
	    .help = "no colour, as where $NO_COLOR is set",
	},
	{
	    .name = "help",
	    .letter = 'h',
	    .kind = SETTING_FLAG,
	    AT(help),
	    .help = "print this and exit; on the screen, '?' shows the keys",
	},
	{
	    .name = "version",
	    .letter = 'V',
	    .kind = SETTING_FLAG,
	    AT(version),
	    .help = "print the version and exit",
	},
};

const struct setting_table topopt_table = {
	.program = "gcpresence-top",
	.synopsis = "[--sort KEY] [--states LIST] [--no-color] < LINES",
	.purpose = "Shows who is in which state, and since when, from the "
		   "lines that gcpresence prints.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
};

int
topopt_check(struct topopt *opt, struct fail *why)
{
	const char *no_color = getenv("NO_COLOR");
	struct fail reason;

	/* no-color.org: any text but an empty one. */
	opt->colour =
	    opt->no_color == 0 && (no_color == NULL || *no_color == '\0');
	if (opt->states != NULL &&
	    states_parse(&opt->only, opt->states, &reason) == -1)
		return fail_set(why, reason.kind, "--states: %s", reason.text);
	return 0;
}
