#include "config.h"

#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "book.h"
#include "descriptors.h"
#include "fail.h"
#include "log.h"
#include "now.h"
#include "options.h"
#include "out.h"
#include "page.h"
#include "people.h"
#include "picture.h"
#include "reading.h"
#include "repopt.h"
#include "script.h"
#include "status.h"
#include "table.h"
#include "tally.h"
#include "terminal.h"
#include "view.h"
#include "xalloc.h"

/* What gcpresence prints is UTF-8, whatever the locale says. */
static void
speak_utf8(void)
{
	(void)setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		(void)setlocale(LC_CTYPE, "C.UTF-8");
}

static int
print(const struct repopt *opt, const struct view *view, struct fail *why)
{
	size_t width = terminal_width();
	struct out *out;

	out = out_open("-", why);
	if (out == NULL)
		return -1;
	if (opt->format == REPOPT_TABLE && opt->intervals > 0)
		table_intervals(view, width, out);
	else if (opt->format == REPOPT_TABLE)
		table_sums(view, width, out);
	else if (opt->format == REPOPT_TSV && opt->intervals > 0)
		script_tsv_intervals(view, out);
	else if (opt->format == REPOPT_TSV)
		script_tsv_sums(view, out);
	else if (opt->intervals > 0)
		script_json_intervals(view, out);
	else
		script_json_sums(view, out);
	return out_close(out, why);
}

typedef void draw_fn(const struct view *view, struct out *out);

static int
draw(const char *name, draw_fn *fn, const struct view *view, struct fail *why)
{
	struct out *out;

	if (name == NULL)
		return 0;
	out = out_open(name, why);
	if (out == NULL)
		return -1;
	fn(view, out);
	return out_close(out, why);
}

/* Names the users that were asked for and are nowhere. */
static void
tell_missing(const struct repopt *opt, const bool *found)
{
	size_t i;

	for (i = 0; i < opt->user_count; i++)
		if (!found[i])
			log_warning(NULL,
			    "--user '%s': nobody in the recording has this ID "
			    "or name",
			    opt->users[i]);
}

/* Says it where there is nothing to show, but for what was asked for. */
static void
tell_empty(
    const struct repopt *opt, const struct book *book, const struct sums *sums)
{
	if (book_count(book) == 0)
		log_warning(NULL, "the recording has no change of anybody");
	else if (sums_known(sums) == 0 &&
	    (opt->from_ms != NOW_NONE || opt->to_ms != NOW_NONE))
		log_warning(NULL,
		    "the recording knows nothing between --from and --to");
}

static int
show(const struct repopt *opt, const struct reading *reading, struct fail *why)
{
	const struct book *book = reading->book;
	struct people people = { 0 };
	struct tally tally = { 0 };
	struct view view = { book, &people, &tally, opt->hours > 0, opt->title,
		reading->lines, reading->skipped };
	bool *found = xcalloc(opt->user_count + 1, sizeof(*found));
	int rc = -1;

	people_init(&people, book, opt->users, opt->user_count, found);
	tell_missing(opt, found);
	tally_init(&tally, book, &people);
	tell_empty(opt, book, &tally.sums);
	if ((opt->prints && print(opt, &view, why) == -1) ||
	    draw(opt->svg, picture_svg, &view, why) == -1 ||
	    draw(opt->html, page_html, &view, why) == -1)
		goto out;
	rc = 0;
out:
	tally_done(&tally);
	people_done(&people);
	free(found);
	return rc;
}

static int
report(const struct repopt *opt, char *const *files, struct fail *why)
{
	const struct book_plan plan = {
		.hours = opt->hours > 0,
		.from_ms = opt->from_ms,
		.to_ms = opt->to_ms,
		.until_ms = opt->until_ms,
	};
	struct reading reading = { .strict = opt->strict > 0 };
	int rc = -1;

	reading.book = book_new(&plan);
	if (reading_all(&reading, files, why) == -1 ||
	    book_close(reading.book, why) == -1)
		goto out;
	rc = show(opt, &reading, why);
out:
	book_free(reading.book);
	return rc;
}

static int
run(struct setting_values *values, struct repopt *opt, int argc, char *argv[],
    struct fail *why)
{
	int operands;

	repopt_note_users(opt, argc, argv);
	if (options_read(values, argc, argv, &operands, why) == -1)
		return -1;
	if (opt->help > 0)
		return options_print_help(&repopt_table, why);
	if (opt->version > 0)
		return options_print_version(&repopt_table, why);
	if (argc == 1 && isatty(STDIN_FILENO)) {
		options_print_hint(&repopt_table);
		return fail_set(why, FAIL_USAGE,
		    "give it a recording, or '-' for what is typed");
	}
	if (opt->quiet > 0)
		log_setup(repopt_table.program, LOG_AT_ERROR, false);
	if (repopt_check(opt, values, why) == -1)
		return -1;
	return report(opt, argv + operands, why);
}

int
main(int argc, char *argv[])
{
	struct setting_values values = { 0 };
	struct repopt opt = { 0 };
	struct fail why = { 0 };

	log_setup(repopt_table.program, LOG_AT_WARNING, false);
	speak_utf8();
	setting_init(&values, &repopt_table, &opt);
	if (descriptors_guard(&why) == 0)
		(void)run(&values, &opt, argc, argv, &why);
	repopt_done(&opt);
	setting_done(&values);
	if (why.kind == FAIL_READER_GONE) {
		/* As it would have ended without SIGPIPE being ignored. */
		(void)signal(SIGPIPE, SIG_DFL);
		(void)raise(SIGPIPE);
	}
	if (why.kind != FAIL_NONE)
		log_error(NULL, "%s", why.text);
	return status_of(&why);
}
