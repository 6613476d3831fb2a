#include "config.h"

#include "script.h"

#include <stdint.h>
#include <stdlib.h>

#include "directive.h"
#include "fail.h"
#include "file.h"
#include "loop.h"
#include "now.h"
#include "setting.h"
#include "sim.h"
#include "word.h"
#include "xalloc.h"

/* Bytes of a script file. */
#define MAX_FILE (4u << 20)
/* "At" of a line without a time. */
#define AT_START (-1)

struct step {
	int64_t at_ms;
	size_t line;
	struct directive *directive;
};

struct script {
	struct sim *sim;
	struct step *steps;
	size_t count;
	size_t done;
	bool begun;
	int64_t began_ms;
	struct loop_timer *timer;
};

/* Takes "at TIME" off the front of a line, where it is there. */
static int
read_time(struct span *line, int64_t *ret_ms, struct fail *why)
{
	struct span rest = *line, word;
	char *text;
	int rc;

	*ret_ms = AT_START;
	if (!word_next(&rest, &word) || !span_is(word, "at"))
		return 0;
	if (!word_next(&rest, &word))
		return fail_set(why, FAIL_CONFIG, "'at' needs a time");
	text = xstrndup(word.at, word.len);
	rc = setting_parse_duration(text, ret_ms);
	if (rc == -1)
		rc = fail_set(
		    why, FAIL_CONFIG, "'%s' is no time in seconds", text);
	free(text);
	*line = rest;
	return rc;
}

static int
read_line(
    struct script *script, struct span line, size_t number, struct fail *why)
{
	struct directive *directive;
	struct step *step;
	int64_t at_ms;

	if (word_is_end(line))
		return 0;
	if (read_time(&line, &at_ms, why) == -1)
		return -1;
	directive = directive_read(script->sim, line, why);
	if (directive == NULL)
		return -1;
	script->steps = xreallocarray(
	    script->steps, script->count + 1, sizeof(*script->steps));
	step = &script->steps[script->count++];
	step->at_ms = at_ms;
	step->line = number;
	step->directive = directive;
	return 0;
}

static int
by_time(const void *one, const void *other)
{
	const struct step *a = one, *b = other;

	if (a->at_ms != b->at_ms)
		return a->at_ms < b->at_ms ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

static int
read_lines(
    struct script *script, const char *path, struct span text, struct fail *why)
{
	struct fail reason;
	size_t number = 0;

	while (text.len > 0) {
		number++;
		if (read_line(script, text_cut(&text, '\n'), number, &reason) ==
		    -1)
			return fail_set(why, FAIL_CONFIG, "%s:%zu: %s", path,
			    number, reason.text);
	}
	if (script->count > 0)
		qsort(script->steps, script->count, sizeof(*script->steps),
		    by_time);
	return 0;
}

/* Does what is due, and sleeps until the next. */
static void
on_time(void *arg)
{
	struct script *script = arg;
	struct step *step;
	int64_t elapsed_ms;

	while (script->done < script->count) {
		step = &script->steps[script->done];
		elapsed_ms = script->begun ? now_ms() - script->began_ms : 0;
		if (step->at_ms != AT_START && !script->begun)
			return;
		if (step->at_ms > elapsed_ms) {
			loop_timer_set(script->timer, step->at_ms - elapsed_ms);
			return;
		}
		script->done++;
		directive_do(step->directive, script->sim);
	}
}

struct script *
script_new(struct sim *sim, const char *path, struct fail *why)
{
	struct script *script;
	struct buf text;
	int rc = 0;

	script = xcalloc(1, sizeof(*script));
	script->sim = sim;
	script->timer = loop_timer_new(sim->loop, on_time, script);
	if (path == NULL)
		return script;
	buf_init(&text, MAX_FILE);
	rc = file_read(path, &text, why);
	if (rc == 0)
		rc = read_lines(script, path,
		    (struct span){ buf_string(&text), text.len }, why);
	buf_done(&text);
	if (rc == 0)
		return script;
	script_free(script);
	return NULL;
}

void
script_free(struct script *script)
{
	size_t i;

	if (script == NULL)
		return;
	for (i = 0; i < script->count; i++)
		directive_free(script->steps[i].directive);
	free(script->steps);
	loop_timer_free(script->timer);
	free(script);
}

void
script_prepare(struct script *script)
{
	on_time(script);
}

void
script_begin(struct script *script)
{
	if (script->begun)
		return;
	script->begun = true;
	script->began_ms = now_ms();
	/* Not from within the making of a connection. */
	loop_timer_set(script->timer, 0);
}
