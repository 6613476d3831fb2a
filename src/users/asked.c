#include "config.h"

#include "asked.h"

#include <getopt.h>
#include <stdlib.h>

#include "fail.h"
#include "place.h"
#include "setting.h"
#include "userid.h"
#include "xalloc.h"

/* getopt_long() gives this plus the row's number for each long option. */
#define FIRST_ROW 1000

static struct asked *
add(struct asked_list *list, const struct place *place, const char *text)
{
	struct asked *asked;

	list->rows =
	    xreallocarray(list->rows, list->count + 1, sizeof(*list->rows));
	asked = &list->rows[list->count++];
	asked->place = place;
	asked->text = text;
	asked->id = NULL;
	return asked;
}

void
asked_add_all(struct asked_list *list)
{
	add(list, &place_all, "")->id = xstrdup("");
}

void
asked_done(struct asked_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->rows[i].id);
	free(list->rows);
	list->rows = NULL;
	list->count = 0;
}

/* The options of a table, as getopt_long() wants them. */
static void
describe(const struct setting_table *table, struct option *longs, char *shorts)
{
	const struct setting *row;
	size_t i;

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

static int
take(struct asked_list *list, const struct place *place, const char *text,
    struct fail *why)
{
	struct asked *asked;

	if (*text == '\0')
		return fail_set(why, FAIL_CONFIG,
		    "--%s: it is empty: give the name or the ID of a %s",
		    place->noun, place->noun);
	asked = add(list, place, text);
	if (userid_is_uuid(span_of(text)))
		asked->id = xstrdup(text);
	return 0;
}

int
asked_read(struct asked_list *list, const struct setting_table *table, int argc,
    char *argv[], struct fail *why)
{
	const struct place *place;
	struct option *longs;
	char *shorts;
	int got, rc = 0;

	longs = xcalloc(table->count + 1, sizeof(*longs));
	shorts = xcalloc(2 * table->count + 1, 1);
	describe(table, longs, shorts);
	opterr = 0;
	optind = 1;
	while (rc == 0 &&
	    (got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (got < FIRST_ROW)
			continue;
		place = place_find(table->rows[got - FIRST_ROW].name);
		if (place != NULL)
			rc = take(list, place, optarg, why);
	}
	free(longs);
	free(shorts);
	return rc;
}
