#include "config.h"

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "file.h"
#include "setting.h"
#include "xalloc.h"

/* getopt_long() gives this plus the row's number for each option. */
#define FIRST_ROW 1000

static void
build(const struct setting_table *table, struct option *longs, char *shorts)
{
	const struct setting *row;
	size_t i;

	*shorts++ = ':';
	for (i = 0; i < table->count; i++) {
		row = &table->rows[i];
		longs[i].name = row->name;
		longs[i].has_arg =
		    row->argument == NULL ? no_argument : required_argument;
		longs[i].val = FIRST_ROW + (int)i;
		if (row->letter == 0)
			continue;
		*shorts++ = row->letter;
		if (row->argument != NULL)
			*shorts++ = ':';
	}
}

static const struct setting *
row_of(const struct setting_table *table, int got)
{
	size_t i;

	if (got >= FIRST_ROW)
		return &table->rows[got - FIRST_ROW];
	for (i = 0; i < table->count; i++)
		if (table->rows[i].letter == got)
			return &table->rows[i];
	return NULL;
}

/* What getopt_long() did not know, or got a value for that it takes none. */
static const char *
unknown(char *argv[], const struct setting_table *table, char letter[3])
{
	if (optopt == 0 || row_of(table, optopt) != NULL)
		return argv[optind - 1];
	letter[1] = (char)optopt;
	return letter;
}

int
options_read(struct setting_values *values, int argc, char *argv[],
    int *ret_operands, struct fail *why)
{
	const struct setting_table *table = values->table;
	const struct setting *row;
	struct option *longs;
	struct fail reason;
	char *shorts;
	char letter[3] = "-";
	int got, rc = -1;

	longs = xcalloc(table->count + 1, sizeof(*longs));
	shorts = xcalloc(2 * table->count + 2, 1);
	build(table, longs, shorts);
	opterr = 0;
	optind = 1;
	for (;;) {
		got = getopt_long(argc, argv, shorts, longs, NULL);
		if (got == -1)
			break;
		if (got == ':') {
			(void)fail_set(why, FAIL_USAGE,
			    "option '%s' needs a value; try '%s --help'",
			    argv[optind - 1], table->program);
			goto out;
		}
		row = got == '?' ? NULL : row_of(table, got);
		if (row == NULL) {
			(void)fail_set(why, FAIL_USAGE,
			    "unknown option '%s'; try '%s --help'",
			    unknown(argv, table, letter), table->program);
			goto out;
		}
		if (setting_set(values, row, SETTING_FROM_OPTION, optarg,
			&reason) == -1) {
			(void)fail_set(why, reason.kind, "--%s: %s", row->name,
			    reason.text);
			/* A secret, in the list of processes until we end. */
			if (row->kind == SETTING_REFUSED)
				explicit_bzero(optarg, strlen(optarg));
			goto out;
		}
	}
	*ret_operands = optind;
	rc = 0;
out:
	free(longs);
	free(shorts);
	return rc;
}

int
options_print(struct buf *buf, struct fail *why)
{
	int rc = 0;

	if (file_write(STDOUT_FILENO, buf_string(buf), buf->len) == -1)
		rc = fail_set(why,
		    errno == EPIPE ? FAIL_READER_GONE : FAIL_OUTPUT,
		    "cannot write to standard output: %s", strerror(errno));
	buf_reset(buf);
	return rc;
}

/* The same, and the end of the buffer. */
static int
print(struct buf *buf, struct fail *why)
{
	int rc = options_print(buf, why);

	buf_done(buf);
	return rc;
}

int
options_print_help(const struct setting_table *table, struct fail *why)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	setting_help(table, &buf);
	buf_printf(&buf, "\nThe manual: man %s\n", table->program);
	return print(&buf, why);
}

int
options_print_version(const struct setting_table *table, struct fail *why)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	buf_printf(&buf, "%s %s\n", table->program, PACKAGE_VERSION);
	return print(&buf, why);
}

void
options_print_hint(const struct setting_table *table)
{
	struct buf buf;
	const char *end;

	buf_init(&buf, SIZE_MAX);
	setting_help(table, &buf);
	end = strstr(buf_string(&buf), "\noptions:");
	(void)fprintf(stderr, "%.*s\nTry '%s --help', or 'man %s'.\n",
	    (int)(end - buf.bytes), buf.bytes, table->program, table->program);
	buf_done(&buf);
}
