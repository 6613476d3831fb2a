#include "config.h"

#include "form.h"

#include "jput.h"
#include "people.h"

static void
put_line(struct buf *out, const struct person *person)
{
	buf_text(out, person->id);
	if (*person->name != '\0')
		buf_printf(out, "\t%s", person->name);
	buf_char(out, '\n');
}

/* A text in double quotes means the same in YAML and in JSON. */
static void
put_yaml(struct buf *out, size_t i, const struct person *person)
{
	if (i == 0)
		buf_text(out, "users:\n");
	buf_printf(out, "  - id: %s\n", person->id);
	if (*person->name == '\0')
		return;
	buf_text(out, "    name: ");
	jput_string(out, span_of(person->name));
	buf_char(out, '\n');
}

void
form_put(struct buf *out, enum form form, size_t i, const struct person *person)
{
	if (form == FORM_YAML)
		put_yaml(out, i, person);
	else
		put_line(out, person);
}

void
form_end(struct buf *out, enum form form, size_t count)
{
	if (form == FORM_YAML && count == 0)
		buf_text(out, "users: []\n");
}
