#include "config.h"

#include "repopt.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "now.h"
#include "xalloc.h"
#include "zone.h"

#define AT(member) .offset = offsetof(struct repopt, member)

static const struct setting rows[] = {
	{
	    .name = "from",
	    .argument = "TIME",
	    .kind = SETTING_TEXT,
	    AT(from_text),
	    .help = "start of the window: 2026-01-01T09:00:00Z, a local time "
		    "without the Z, a date, or 09:00 of today (default: the "
		    "first line)",
	},
	{
	    .name = "to",
	    .argument = "TIME",
	    .kind = SETTING_TEXT,
	    AT(to_text),
	    .help = "its end, or now: then the last states go on until now "
		    "(default: the last time of the recording)",
	},
	{
	    .name = "utc",
	    .kind = SETTING_FLAG,
	    AT(utc),
	    .help = "read and show times in UTC, not in the local zone",
	},
	{
	    .name = "user",
	    .letter = 'u',
	    .argument = "WHO",
	    .kind = SETTING_TEXT,
	    AT(user),
	    .help = "only this user, by ID or name; may be given again",
	},
	{
	    .name = "hours",
	    .kind = SETTING_FLAG,
	    AT(hours),
	    .help = "sums by the hour",
	},
	{
	    .name = "intervals",
	    .kind = SETTING_FLAG,
	    AT(intervals),
	    .help = "every interval instead of sums",
	},
	{
	    .name = "format",
	    .letter = 'o',
	    .argument = "NAME",
	    .kind = SETTING_CHOICE,
	    AT(format),
	    .preset = "table",
	    .choices = "table|tsv|json",
	    .help = "of the output",
	},
	{
	    .name = "html",
	    .argument = "FILE",
	    .kind = SETTING_TEXT,
	    AT(html),
	    .help = "write a timeline as a web page; '-': standard output",
	},
	{
	    .name = "svg",
	    .argument = "FILE",
	    .kind = SETTING_TEXT,
	    AT(svg),
	    .help = "write a timeline as a picture; '-': standard output",
	},
	{
	    .name = "title",
	    .argument = "TEXT",
	    .kind = SETTING_TEXT,
	    AT(title),
	    .preset = "Presence",
	    .help = "what stands above the timeline",
	},
	{
	    .name = "strict",
	    .kind = SETTING_FLAG,
	    AT(strict),
	    .help = "stop at a line that cannot be read",
	},
	{
	    .name = "quiet",
	    .letter = 'q',
	    .kind = SETTING_FLAG,
	    AT(quiet),
	    .help = "say nothing but errors",
	},
	{
	    .name = "help",
	    .letter = 'h',
	    .kind = SETTING_FLAG,
	    AT(help),
	    .help = "print this and exit",
	},
	{
	    .name = "version",
	    .letter = 'V',
	    .kind = SETTING_FLAG,
	    AT(version),
	    .help = "print the version and exit",
	},
};

const struct setting_table repopt_table = {
	.program = "gcpresence-report",
	.synopsis = "[options] [FILE ...]",
	.purpose = "Shows how long users were in which state, from what "
		   "gcpresence printed.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

void
repopt_note_users(struct repopt *opt, int argc, char *argv[])
{
	struct option longs[ROWS + 1] = { 0 };
	char shorts[2 * ROWS + 2] = ":";
	size_t i, at = 1;
	int got;

	for (i = 0; i < ROWS; i++) {
		longs[i].name = rows[i].name;
		longs[i].has_arg =
		    rows[i].argument == NULL ? no_argument : required_argument;
		longs[i].val = rows[i].letter != 0 ? rows[i].letter : '.';
		if (rows[i].letter == 0)
			continue;
		shorts[at++] = rows[i].letter;
		if (rows[i].argument != NULL)
			shorts[at++] = ':';
	}
	opt->users = xcalloc((size_t)argc + 1, sizeof(*opt->users));
	opterr = 0;
	optind = 1;
	while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
		if (got == 'u')
			opt->users[opt->user_count++] = optarg;
}

static int
read_time(const char *name, const char *text, int64_t now_ms, int64_t *ret_ms,
    struct fail *why)
{
	struct fail reason;

	*ret_ms = NOW_NONE;
	if (text == NULL)
		return 0;
	if (zone_parse(text, now_ms, ret_ms, &reason) == -1)
		return fail_set(
		    why, reason.kind, "--%s: %s", name, reason.text);
	return 0;
}

static int
check_outputs(const struct repopt *opt, struct fail *why)
{
	bool svg = opt->svg != NULL && strcmp(opt->svg, "-") == 0;
	bool html = opt->html != NULL && strcmp(opt->html, "-") == 0;

	if (opt->hours > 0 && opt->intervals > 0)
		return fail_set(why, FAIL_USAGE,
		    "--hours and --intervals do not go together");
	if (svg + html + opt->prints > 1)
		return fail_set(why, FAIL_USAGE,
		    "standard output is wanted twice: give --svg or --html a "
		    "file");
	return 0;
}

int
repopt_check(
    struct repopt *opt, const struct setting_values *values, struct fail *why)
{
	int64_t now = now_wall_ms();

	zone_set(opt->utc > 0);
	if (read_time("from", opt->from_text, now, &opt->from_ms, why) == -1)
		return -1;
	opt->until_ms = NOW_NONE;
	if (opt->to_text != NULL && strcmp(opt->to_text, "now") == 0)
		opt->to_ms = opt->until_ms = now;
	else if (read_time("to", opt->to_text, now, &opt->to_ms, why) == -1)
		return -1;
	if (opt->from_ms != NOW_NONE && opt->to_ms != NOW_NONE &&
	    opt->to_ms <= opt->from_ms)
		return fail_set(why, FAIL_CONFIG,
		    "--to %s is not later than --from %s", opt->to_text,
		    opt->from_text);
	/* Who wants a picture wants no table, unless he says so. */
	opt->prints = (opt->svg == NULL && opt->html == NULL) ||
	    opt->hours > 0 || opt->intervals > 0 ||
	    setting_origin(values, "format") != SETTING_BY_DEFAULT;
	return check_outputs(opt, why);
}

void
repopt_done(struct repopt *opt)
{
	free(opt->users);
	opt->users = NULL;
	opt->user_count = 0;
}
