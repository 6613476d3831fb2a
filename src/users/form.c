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

static void
put_json(struct buf *out, size_t i, const struct person *person)
{
	buf_text(out, i == 0 ? "[\n" : ",\n");
	buf_text(out, "{\"id\":");
	jput_string(out, span_of(person->id));
	if (*person->name != '\0') {
		buf_text(out, ",\"name\":");
		jput_string(out, span_of(person->name));
	}
	buf_char(out, '}');
}

void
form_put(struct buf *out, enum form form, size_t i, const struct person *person)
{
	switch (form) {
	case FORM_TSV:
		put_line(out, person);
		return;
	case FORM_YAML:
		put_yaml(out, i, person);
		return;
	case FORM_JSON:
		put_json(out, i, person);
		return;
	}
}

void
form_end(struct buf *out, enum form form, size_t count)
{
	if (form == FORM_JSON)
		buf_text(out, count == 0 ? "[]\n" : "\n]\n");
	else if (form == FORM_YAML && count == 0)
		buf_text(out, "users: []\n");
}
