/*
 * The service's lists of users, as gcpresence-users reads them: whoever is
 * found has an ID and a clean name, and what is printed of all, as lines and as
 * YAML, is what gcpresence reads of it.
 */
#include "config.h"

#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "fuzz.h"
#include "jget.h"
#include "settings.h"
#include "userid.h"
#include "users/form.h"
#include "users/people.h"
#include "users/row.h"

/* Readers that visit the people again, in order. */
struct visit {
	const struct people *people;
	size_t next;
};

static void
visit(struct visit *visit, struct span id, struct span name)
{
	const struct person *person;

	fuzz_claim(visit->next < people_count(visit->people),
	    "no more users are read than were printed");
	person = people_at(visit->people, visit->next++);
	fuzz_claim(span_is(id, person->id), "an ID is read as it was printed");
	fuzz_claim(span_equal(userid_name(name), span_of(person->name)),
	    "a name is read as it was printed");
}

static void
on_user(void *arg, struct span id, struct span name, size_t line, size_t column)
{
	(void)line;
	(void)column;
	visit(arg, id, name);
}

static void
put(struct buf *out, enum form form, const struct people *people)
{
	size_t i;

	buf_init(out, SIZE_MAX);
	for (i = 0; i < people_count(people); i++)
		form_put(out, form, i, people_at(people, i));
	form_end(out, form, people_count(people));
}

static void
check_lines(const struct people *people)
{
	struct visit again = { people, 0 };
	struct span rest, line, id, name;
	struct fail why;
	struct buf text;

	put(&text, FORM_TSV, people);
	rest.at = buf_string(&text);
	rest.len = text.len;
	while (rest.len > 0) {
		line.at = rest.at;
		line.len =
		    (size_t)((const char *)memchr(rest.at, '\n', rest.len) -
			rest.at);
		fuzz_claim(
		    userid_read_line(line, &id, &name, &why) == USERID_FOUND,
		    "a line has a user");
		visit(&again, id, name);
		rest.at += line.len + 1;
		rest.len -= line.len + 1;
	}
	fuzz_claim(again.next == people_count(people), "all lines are read");
	buf_done(&text);
}

static void
check_yaml(const struct people *people)
{
	struct visit again = { people, 0 };
	struct settings settings = { 0 };
	struct setting_values values;
	struct fail why = { 0 };
	struct buf text;
	const char *name;
	bool has_users;
	int fd;

	put(&text, FORM_YAML, people);
	name = fuzz_file((const uint8_t *)text.bytes, text.len, &fd);
	setting_init(&values, &settings_table, &settings);
	fuzz_claim(
	    conf_read(name, &values, on_user, &again, &has_users, &why) == 0 &&
		has_users && again.next == people_count(people),
	    "the file is read");
	setting_done(&values);
	(void)close(fd);
	buf_done(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span body = { (const char *)bytes, len }, cursor;
	struct people *people = people_new();
	struct jget *jget = jget_new();
	struct json_object *root, *rows;
	struct fail why = { 0 };
	struct row row;
	size_t i;

	root = jget_parse(jget, body, &why);
	rows = jget_array(root, "entities");
	for (i = 0; i < jget_count(rows); i++)
		if (row_read(jget_item(rows, i), &row))
			(void)people_add(people, row.id, row.name, &why);
	cursor = row_cursor(jget_text(root, "nextUri"));
	for (i = 0; i < cursor.len; i++)
		fuzz_claim(cursor.at[i] > ' ' && cursor.at[i] != '&',
		    "a cursor can stand in a query");
	check_lines(people);
	check_yaml(people);
	people_free(people);
	jget_free(jget);
	return 0;
}
