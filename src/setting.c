#include "config.h"

#include "setting.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "xalloc.h"

/* The column where the help of an option starts. */
#define HELP_COLUMN 30

static void *
slot(const struct setting_values *values, size_t offset)
{
	return (char *)values->target + offset;
}

static void
set_text(char **where, const char *text)
{
	xwipe(*where);
	*where = text == NULL ? NULL : xstrdup(text);
}

int
setting_parse_number(const char *text, int64_t *ret_number)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		return -1;
	*ret_number = number;
	return 0;
}

/* A decimal number and the unit behind it; no hexadecimal, no infinity. */
static int
parse_scaled(const char *text, const char *units, const double *scales,
    double *ret_value)
{
	const char *unit;
	char *end;
	double value;
	size_t len;

	len = strspn(text, "0123456789.");
	if (len == 0)
		return -1;
	value = strtod(text, &end);
	if (end != text + len)
		return -1;
	if (*end != '\0') {
		unit = strchr(units, *end);
		if (unit == NULL || end[1] != '\0')
			return -1;
		value *= scales[unit - units];
	}
	if (!(value < 9e15))
		return -1;
	*ret_value = value;
	return 0;
}

int
setting_parse_duration(const char *text, int64_t *ret_ms)
{
	static const double seconds[] = { 1, 60, 3600, 86400 };
	double value;

	if (parse_scaled(text, "smhd", seconds, &value) == -1 || value > 1e12)
		return -1;
	*ret_ms = llround(value * 1000);
	return 0;
}

int
setting_parse_bytes(const char *text, int64_t *ret_bytes)
{
	static const double bytes[] = { 1024, 1048576, 1073741824, 1024,
		1048576, 1073741824 };
	double value;

	if (parse_scaled(text, "KMGkmg", bytes, &value) == -1)
		return -1;
	*ret_bytes = llround(value);
	return 0;
}

/* The number of a choice, or -1. */
static int
choice_of(const char *choices, const char *text)
{
	size_t len;
	int number = 0;

	for (;;) {
		len = strcspn(choices, "|");
		if (len == strlen(text) && strncasecmp(choices, text, len) == 0)
			return number;
		choices = strchr(choices, '|');
		if (choices == NULL)
			return -1;
		choices++;
		number++;
	}
}

static int
set_quantity(const struct setting_values *values, const struct setting *row,
    const char *text, struct fail *why)
{
	static const char *const nouns[] = {
		[SETTING_NUMBER] = "a whole number",
		[SETTING_DURATION] = "a time such as 90, 1.5, 90s, 15m or 8h",
		[SETTING_BYTES] = "a size such as 4096, 64K or 64M",
	};
	int64_t quantity = 0;
	int bad;

	if (row->kind == SETTING_NUMBER)
		bad = setting_parse_number(text, &quantity);
	else if (row->kind == SETTING_DURATION)
		bad = setting_parse_duration(text, &quantity);
	else
		bad = setting_parse_bytes(text, &quantity);
	if (bad == -1)
		return fail_set(
		    why, FAIL_CONFIG, "'%s' is not %s", text, nouns[row->kind]);
	if (quantity < row->min || quantity > row->max) {
		if (row->kind == SETTING_DURATION)
			return fail_set(why, FAIL_CONFIG,
			    "%s is out of range: %.10g to %.10g seconds are allowed",
			    text, (double)row->min / 1000,
			    (double)row->max / 1000);
		return fail_set(why, FAIL_CONFIG,
		    "%s is out of range: %lld to %lld is allowed", text,
		    (long long)row->min, (long long)row->max);
	}
	*(int64_t *)slot(values, row->offset) = quantity;
	return 0;
}

static int
set_flag(const struct setting_values *values, const struct setting *row,
    const char *text, struct fail *why)
{
	int *count = slot(values, row->offset);

	if (text == NULL)
		(*count)++;
	else if (strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0)
		*count = 1;
	else if (strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0)
		*count = 0;
	else
		return fail_set(
		    why, FAIL_CONFIG, "'%s' is neither true nor false", text);
	return 0;
}

static int
set_value(const struct setting_values *values, const struct setting *row,
    enum setting_origin origin, const char *text, struct fail *why)
{
	int choice;

	switch (row->kind) {
	case SETTING_TEXT:
		if (row->value_in_environment) {
			set_text(slot(values, row->offset),
			    origin == SETTING_FROM_ENVIRONMENT ? NULL : text);
			set_text(slot(values, row->value_offset),
			    origin == SETTING_FROM_ENVIRONMENT ? text : NULL);
			return 0;
		}
		set_text(slot(values, row->offset), text);
		return 0;
	case SETTING_FLAG:
		return set_flag(values, row, text, why);
	case SETTING_NUMBER:
	case SETTING_DURATION:
	case SETTING_BYTES:
		return set_quantity(values, row, text, why);
	case SETTING_CHOICE:
		choice = choice_of(row->choices, text);
		if (choice == -1)
			return fail_set(why, FAIL_CONFIG, "'%s' is none of %s",
			    text, row->choices);
		*(int *)slot(values, row->offset) = choice;
		return 0;
	case SETTING_REFUSED:
		break;
	}
	return fail_set(why, FAIL_USAGE, "%s", row->help);
}

void
setting_init(struct setting_values *values, const struct setting_table *table,
    void *target)
{
	const struct setting *row;
	struct fail why;
	size_t i;

	values->table = table;
	values->target = target;
	values->origins = xcalloc(table->count, sizeof(*values->origins));
	for (i = 0; i < table->count; i++) {
		row = &table->rows[i];
		if (row->preset != NULL &&
		    set_value(values, row, SETTING_BY_DEFAULT, row->preset,
			&why) == -1)
			abort();
	}
}

void
setting_done(struct setting_values *values)
{
	const struct setting *row;
	size_t i;

	if (values->table == NULL)
		return;
	for (i = 0; i < values->table->count; i++) {
		row = &values->table->rows[i];
		if (row->kind == SETTING_TEXT)
			set_text(slot(values, row->offset), NULL);
		if (row->value_in_environment)
			set_text(slot(values, row->value_offset), NULL);
	}
	free(values->origins);
	memset(values, 0, sizeof(*values));
}

const struct setting *
setting_find(const struct setting_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		if (strcmp(table->rows[i].name, name) == 0)
			return &table->rows[i];
	return NULL;
}

const struct setting *
setting_find_key(const struct setting_table *table, const char *key)
{
	const struct setting *row;
	size_t i, at;

	for (i = 0; i < table->count; i++) {
		row = &table->rows[i];
		if (row->only_option || row->kind == SETTING_REFUSED)
			continue;
		for (at = 0; key[at] != '\0'; at++)
			if (key[at] !=
			    (row->name[at] == '-' ? '_' : row->name[at]))
				break;
		if (key[at] == '\0' && row->name[at] == '\0')
			return row;
	}
	return NULL;
}

int
setting_set(struct setting_values *values, const struct setting *row,
    enum setting_origin origin, const char *text, struct fail *why)
{
	enum setting_origin *present =
	    &values->origins[row - values->table->rows];

	if (origin < *present)
		return 0;
	/* What a weaker place said of a flag is not counted on. */
	if (row->kind == SETTING_FLAG && origin > *present)
		*(int *)slot(values, row->offset) = 0;
	if (set_value(values, row, origin, text, why) == -1)
		return -1;
	*present = origin;
	return 0;
}

enum setting_origin
setting_origin(const struct setting_values *values, const char *name)
{
	const struct setting *row;

	row = setting_find(values->table, name);
	return row == NULL ? SETTING_BY_DEFAULT
			   : values->origins[row - values->table->rows];
}

int
setting_read_environment(struct setting_values *values, struct fail *why)
{
	const struct setting *row;
	struct fail reason;
	char *text;
	size_t i;

	for (i = 0; i < values->table->count; i++) {
		row = &values->table->rows[i];
		if (row->environment == NULL)
			continue;
		text = secure_getenv(row->environment);
		if (text == NULL || *text == '\0')
			continue;
		if (setting_set(values, row, SETTING_FROM_ENVIRONMENT, text,
			&reason) == -1)
			return fail_set(why, reason.kind, "$%s: %s",
			    row->environment, reason.text);
		/* A secret: not to be seen by whoever reads our environment. */
		if (row->value_in_environment) {
			explicit_bzero(text, strlen(text));
			(void)unsetenv(row->environment);
		}
	}
	return 0;
}

/* Adds text in lines of at most 79 characters, indented from the second on. */
static void
put_wrapped(struct buf *buf, const char *text)
{
	size_t column = HELP_COLUMN, len;

	while (*text != '\0') {
		len = strcspn(text, " ");
		if (column + len > 78 && column > HELP_COLUMN) {
			buf_printf(buf, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
			buf_char(buf, ' ');
			column++;
		}
		buf_add(buf, text, len);
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	buf_char(buf, '\n');
}

static void
put_row(const struct setting *row, struct buf *buf)
{
	size_t start = buf->len;
	struct buf help;

	buf_text(buf, "  ");
	if (row->letter != 0)
		buf_printf(buf, "-%c, ", row->letter);
	else
		buf_text(buf, "    ");
	buf_printf(buf, "--%s", row->name);
	if (row->argument != NULL)
		buf_printf(buf, " %s",
		    row->kind == SETTING_CHOICE ? row->choices : row->argument);
	if (buf->len - start + 1 < HELP_COLUMN)
		buf_printf(
		    buf, "%*s", (int)(HELP_COLUMN - (buf->len - start)), "");
	else
		buf_printf(buf, "\n%*s", HELP_COLUMN, "");
	buf_init(&help, SIZE_MAX);
	buf_text(&help, row->help);
	if (row->preset != NULL && row->argument != NULL)
		buf_printf(&help, " (default: %s)", row->preset);
	if (row->environment != NULL)
		buf_printf(&help, " [$%s]", row->environment);
	put_wrapped(buf, buf_string(&help));
	buf_done(&help);
}

void
setting_help(const struct setting_table *table, struct buf *buf)
{
	const char *line = table->synopsis;
	size_t i, len;

	for (i = 0; *line != '\0'; i++) {
		len = strcspn(line, "\n");
		buf_printf(buf, "%s %s %.*s\n", i == 0 ? "usage:" : "      ",
		    table->program, (int)len, line);
		line += len;
		if (*line == '\n')
			line++;
	}
	buf_printf(buf, "\n%s\n\noptions:\n", table->purpose);
	for (i = 0; i < table->count; i++)
		if (table->rows[i].kind != SETTING_REFUSED)
			put_row(&table->rows[i], buf);
}
