#include "config.h"

#include "conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "buf.h"
#include "caps.h"
#include "fail.h"
#include "file.h"
#include "setting.h"
#include "xalloc.h"

struct conf {
	const char *file;
	struct span bytes;
	yaml_parser_t parser;
	yaml_event_t event;
	struct setting_values *values;
	bool *seen; /* one for each row of the settings' table */
	conf_user_fn *on_user;
	void *arg;
	bool has_users;
	struct fail *why;
};

static int complain(struct conf *conf, yaml_mark_t mark, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

static int
complain(struct conf *conf, yaml_mark_t mark, const char *format, ...)
{
	char text[FAIL_TEXT];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return fail_set(conf->why, FAIL_CONFIG, "%s:%zu:%zu: %s", conf->file,
	    mark.line + 1, mark.column + 1, text);
}

/*
 * Where the parser had to give up.  libyaml gives no line for bytes that cannot
 * be characters, only how far it had read.
 */
static yaml_mark_t
problem_mark(const struct conf *conf)
{
	yaml_mark_t mark = { 0 };
	size_t i;

	if (conf->parser.error != YAML_READER_ERROR)
		return conf->parser.problem_mark;
	for (i = 0; i < conf->parser.problem_offset && i < conf->bytes.len;
	     i++) {
		/* Bytes of the form 10xxxxxx go on with a character. */
		if ((conf->bytes.at[i] & 0xc0) != 0x80)
			mark.column++;
		if (conf->bytes.at[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

/* Moves to the next event; refuses what no such file needs. */
static int
next(struct conf *conf)
{
	yaml_event_t *event = &conf->event;
	const yaml_char_t *tag = NULL;

	yaml_event_delete(event);
	if (yaml_parser_parse(&conf->parser, event) == 0)
		return complain(conf, problem_mark(conf), "%s",
		    conf->parser.problem == NULL ? "not YAML"
						 : conf->parser.problem);
	if (event->type == YAML_ALIAS_EVENT)
		return complain(conf, event->start_mark,
		    "aliases (*name) are not supported: write it out");
	if (event->type == YAML_SCALAR_EVENT)
		tag = event->data.scalar.tag;
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		tag = event->data.sequence_start.tag;
	else if (event->type == YAML_MAPPING_START_EVENT)
		tag = event->data.mapping_start.tag;
	if (tag != NULL)
		return complain(conf, event->start_mark,
		    "tags (!name) are not supported: leave it out");
	return 0;
}

static bool
at(const struct conf *conf, yaml_event_type_t type)
{
	return conf->event.type == type;
}

/* The scalar that the walk stands at. */
static struct span
scalar(const struct conf *conf)
{
	struct span text = { (const char *)conf->event.data.scalar.value,
		conf->event.data.scalar.length };

	return text;
}

/* The scalar as a string of the caller's, or NULL where it has a NUL. */
static char *
scalar_string(struct conf *conf)
{
	struct span text = scalar(conf);

	if (memchr(text.at, '\0', text.len) != NULL) {
		(void)complain(
		    conf, conf->event.start_mark, "a value with a NUL byte");
		return NULL;
	}
	return xstrndup(text.at, text.len);
}

/* Reads "{id: ..., name: ...}", from behind its start to its end. */
static int
read_user_mapping(struct conf *conf, yaml_mark_t start)
{
	char *id = NULL, *name = NULL, **value;
	yaml_mark_t mark = start;
	int rc = -1;

	for (;;) {
		if (next(conf) == -1)
			goto out;
		if (at(conf, YAML_MAPPING_END_EVENT))
			break;
		value = !at(conf, YAML_SCALAR_EVENT) ? NULL
		    : span_is(scalar(conf), "id")    ? &id
		    : span_is(scalar(conf), "name")  ? &name
						     : NULL;
		if (value == NULL || *value != NULL) {
			(void)complain(conf, conf->event.start_mark,
			    value == NULL
				? "a user has only the keys 'id' and 'name'"
				: "the same key twice");
			goto out;
		}
		if (next(conf) == -1)
			goto out;
		if (!at(conf, YAML_SCALAR_EVENT)) {
			(void)complain(conf, conf->event.start_mark,
			    "a user's id and name are plain values");
			goto out;
		}
		if (value == &id)
			mark = conf->event.start_mark;
		*value = scalar_string(conf);
		if (*value == NULL)
			goto out;
	}
	if (id == NULL) {
		(void)complain(conf, start, "a user without 'id'");
		goto out;
	}
	conf->on_user(conf->arg, span_of(id), span_of(name), mark.line + 1,
	    mark.column + 1);
	rc = 0;
out:
	free(id);
	free(name);
	return rc;
}

/* Reads a sequence of users, from behind its start to its end. */
static int
read_users(struct conf *conf)
{
	struct span nobody = { NULL, 0 };
	yaml_mark_t mark;

	conf->has_users = true;
	for (;;) {
		if (next(conf) == -1)
			return -1;
		mark = conf->event.start_mark;
		if (at(conf, YAML_SEQUENCE_END_EVENT))
			return 0;
		if (at(conf, YAML_SCALAR_EVENT))
			conf->on_user(conf->arg, scalar(conf), nobody,
			    mark.line + 1, mark.column + 1);
		else if (!at(conf, YAML_MAPPING_START_EVENT))
			return complain(conf, mark,
			    "a user is an ID or a mapping {id: ..., name: "
			    "...}");
		else if (read_user_mapping(conf, mark) == -1)
			return -1;
	}
}

static int
read_setting(struct conf *conf, const struct setting *row)
{
	struct fail reason;
	char *text;
	int rc;

	if (!at(conf, YAML_SCALAR_EVENT))
		return complain(conf, conf->event.start_mark,
		    "%s takes one plain value%s", row->name,
		    at(conf, YAML_SEQUENCE_START_EVENT)
			? ", no list: several are written A,B"
			: "");
	text = scalar_string(conf);
	if (text == NULL)
		return -1;
	rc = setting_set(conf->values, row, SETTING_FROM_FILE, text, &reason);
	if (rc == -1)
		(void)complain(conf, conf->event.start_mark, "%s: %s",
		    row->name, reason.text);
	free(text);
	return rc;
}

/* The two mistakes that are made most: a secret itself, and one user. */
static int
complain_unknown(struct conf *conf, yaml_mark_t mark, const char *key)
{
	char meant[64];

	(void)snprintf(meant, sizeof(meant), "%s_file", key);
	if (strcmp(key, "user") == 0)
		(void)snprintf(meant, sizeof(meant), "users");
	else if (setting_find_key(conf->values->table, meant) == NULL)
		return complain(conf, mark, "unknown setting '%s'", key);
	return complain(
	    conf, mark, "unknown setting '%s': it is %s", key, meant);
}

/* Reads one key and its value. */
static int
read_entry(struct conf *conf)
{
	const struct setting *row = NULL;
	yaml_mark_t mark = conf->event.start_mark;
	bool twice;
	char *key;

	if (!at(conf, YAML_SCALAR_EVENT))
		return complain(conf, mark, "a key is a plain word");
	key = scalar_string(conf);
	if (key == NULL)
		return -1;
	if (strcmp(key, "users") == 0) {
		twice = conf->has_users;
	} else {
		row = setting_find_key(conf->values->table, key);
		if (row == NULL) {
			(void)complain_unknown(conf, mark, key);
			free(key);
			return -1;
		}
		twice = conf->seen[row - conf->values->table->rows];
		conf->seen[row - conf->values->table->rows] = true;
	}
	free(key);
	if (twice)
		return complain(conf, mark, "the same key twice");
	if (next(conf) == -1)
		return -1;
	if (row != NULL)
		return read_setting(conf, row);
	if (!at(conf, YAML_SEQUENCE_START_EVENT))
		return complain(conf, conf->event.start_mark,
		    "users is a list: one '- ID' on each line");
	return read_users(conf);
}

static int
read_settings(struct conf *conf)
{
	for (;;) {
		if (next(conf) == -1)
			return -1;
		if (at(conf, YAML_MAPPING_END_EVENT))
			return 0;
		if (read_entry(conf) == -1)
			return -1;
	}
}

static int
read_document(struct conf *conf)
{
	/* The start of the stream, then of the document, then its content. */
	if (next(conf) == -1 || next(conf) == -1)
		return -1;
	if (at(conf, YAML_STREAM_END_EVENT))
		return 0;
	if (next(conf) == -1)
		return -1;
	if (at(conf, YAML_SEQUENCE_START_EVENT)) {
		if (read_users(conf) == -1)
			return -1;
	} else if (at(conf, YAML_MAPPING_START_EVENT)) {
		if (read_settings(conf) == -1)
			return -1;
	} else if (!at(conf, YAML_SCALAR_EVENT) || scalar(conf).len > 0) {
		return complain(conf, conf->event.start_mark,
		    "neither a list of user IDs nor settings with 'users:'");
	}
	if (next(conf) == -1 || next(conf) == -1)
		return -1;
	if (!at(conf, YAML_STREAM_END_EVENT))
		return complain(conf, conf->event.start_mark,
		    "a second document: put everything into one");
	return 0;
}

int
conf_read(const char *file, struct setting_values *values,
    conf_user_fn *on_user, void *arg, bool *ret_has_users, struct fail *why)
{
	struct conf conf = { .file = file, .values = values, .arg = arg };
	struct buf bytes;
	int rc = -1;

	conf.on_user = on_user;
	conf.why = why;
	buf_init(&bytes, CAP_YAML_FILE);
	if (file_read(file, &bytes, why) == -1)
		goto out;
	if (yaml_parser_initialize(&conf.parser) == 0) {
		rc = fail_set(why, FAIL_INTERNAL, "out of memory");
		goto out;
	}
	conf.bytes.at = buf_string(&bytes);
	conf.bytes.len = bytes.len;
	conf.seen = xcalloc(values->table->count, sizeof(*conf.seen));
	yaml_parser_set_input_string(
	    &conf.parser, (const unsigned char *)buf_string(&bytes), bytes.len);
	rc = read_document(&conf);
	if (rc == 0)
		*ret_has_users = conf.has_users;
	yaml_event_delete(&conf.event);
	yaml_parser_delete(&conf.parser);
	free(conf.seen);
out:
	buf_done(&bytes);
	return rc;
}
