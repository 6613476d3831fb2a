#include "config.h"

#include "arg.h"

#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "caps.h"
#include "fail.h"
#include "sim.h"
#include "simopt.h"
#include "userid.h"
#include "word.h"
#include "world.h"
#include "xalloc.h"

/* A number within bounds; -1 with why. */
static int
read_number(struct span word, int64_t min, int64_t max, const char *what,
    int64_t *ret_number, struct fail *why)
{
	if (text_number(word, ret_number) == 0 && *ret_number >= min &&
	    *ret_number <= max)
		return 0;
	return fail_set(why, FAIL_DATA, "'%.*s' is no %s from %lld to %lld",
	    (int)word.len, word.at, what, (long long)min, (long long)max);
}

static int
read_seconds(struct span word, bool has_sign, int64_t *ret_ms, struct fail *why)
{
	char *text = xstrndup(word.at, word.len);
	bool negative = has_sign && text[0] == '-';
	int rc;

	rc = setting_parse_duration(text + negative, ret_ms);
	if (negative)
		*ret_ms = -*ret_ms;
	if (rc == -1)
		rc = fail_set(
		    why, FAIL_DATA, "'%s' is no time in seconds", text);
	free(text);
	return rc;
}

static int
read_rate(struct span word, double *ret_rate, struct fail *why)
{
	char *text = xstrndup(word.at, word.len);
	int rc;

	rc = simopt_parse_rate(text, ret_rate);
	if (rc == -1)
		rc = fail_set(
		    why, FAIL_DATA, "'%s' is neither a rate nor 'max'", text);
	free(text);
	return rc;
}

static int
read_user(
    const struct sim *sim, struct span word, struct act *act, struct fail *why)
{
	if (userid_check(word, why) == -1)
		return -1;
	if (sim->opt->strict_users > 0 && world_find(sim->world, word) == NULL)
		return fail_set(why, FAIL_DATA, "there is no user '%.*s'",
		    (int)word.len, word.at);
	act->user = xstrndup(word.at, word.len);
	return 0;
}

static int
read_kind(struct span word, struct act *act, struct fail *why)
{
	struct buf names;

	if (wire_fault_find(word, &act->kind) == 0)
		return 0;
	buf_init(&names, SIZE_MAX);
	wire_fault_names(&names);
	(void)fail_set(why, FAIL_DATA, "'%.*s' is none of: %s", (int)word.len,
	    word.at, buf_string(&names));
	buf_done(&names);
	return -1;
}

static int
read_switch(struct span word, struct act *act, struct fail *why)
{
	act->on = span_is(word, "on");
	if (act->on || span_is(word, "off"))
		return 0;
	return fail_set(why, FAIL_DATA, "'%.*s' is neither on nor off",
	    (int)word.len, word.at);
}

/* The endpoint is the first argument of its verbs: the fault begins here. */
static int
read_endpoint(
    struct span word, const char *verb, struct act *act, struct fail *why)
{
	enum endpoint endpoint;

	if (endpoint_find(word, &endpoint) == -1)
		return fail_set(why, FAIL_DATA,
		    "'%.*s' is none of: token channels channel-list "
		    "subscriptions bulk upgrade me users user-search queues "
		    "queue-members groups group-members teams team-members "
		    "any",
		    (int)word.len, word.at);
	act->fault = fault_new(strcmp(verb, "hang") == 0 ? FAULT_HANG
		: strcmp(verb, "delay") == 0             ? FAULT_DELAY
							 : FAULT_ANSWER);
	act->fault->endpoint = endpoint;
	return 0;
}

static int
missing(const char *clause, struct fail *why)
{
	return fail_set(why, FAIL_DATA, "'%s' needs a value", clause);
}

static int
read_clause(
    struct span word, struct span *line, struct fault *fault, struct fail *why)
{
	struct span name, value;
	int64_t number;

	if (span_is(word, "times")) {
		if (!word_next(line, &value))
			return missing("times", why);
		if (read_number(value, 0, INT64_MAX, "count", &number, why) ==
		    -1)
			return -1;
		fault->times = (uint64_t)number;
	} else if (fault->kind != FAULT_ANSWER) {
		return fail_set(why, FAIL_DATA, "'%.*s' is not 'times'",
		    (int)word.len, word.at);
	} else if (span_is(word, "retry-after")) {
		if (!word_next(line, &value))
			return missing("retry-after", why);
		buf_printf(&fault->headers, "Retry-After: %.*s\r\n",
		    (int)value.len, value.at);
	} else if (span_is(word, "header")) {
		if (!word_next(line, &name) || !word_next(line, &value))
			return missing("header", why);
		buf_printf(&fault->headers, "%.*s: %.*s\r\n", (int)name.len,
		    name.at, (int)value.len, value.at);
	} else if (span_is(word, "body")) {
		value = word_rest(line);
		buf_add(&fault->body, value.at, value.len);
		fault->has_body = true;
	} else {
		return fail_set(why, FAIL_DATA,
		    "'%.*s' is none of: times retry-after header body",
		    (int)word.len, word.at);
	}
	return 0;
}

static int
read_clauses(
    struct span word, struct span *line, struct fault *fault, struct fail *why)
{
	do {
		if (read_clause(word, line, fault, why) == -1)
			return -1;
	} while (word_next(line, &word));
	return 0;
}

static int
read_count(struct span word, int64_t max, const char *what, uint64_t *ret_count,
    struct fail *why)
{
	int64_t number;

	if (read_number(word, 0, max, what, &number, why) == -1)
		return -1;
	*ret_count = (uint64_t)number;
	return 0;
}

/* Texts: a state, a UUID, bytes in hexadecimal. */
static int
read_text(
    enum arg argument, struct span word, struct act *act, struct fail *why)
{
	switch ((int)argument) {
	case ARG_STATE:
		if (word.len == 0 || word.len > CAP_STATE)
			return fail_set(why, FAIL_DATA,
			    "a state has 1 to %d characters", CAP_STATE);
		act->state = xstrndup(word.at, word.len);
		return 0;
	case ARG_UUID:
		if (!userid_is_uuid(word))
			return fail_set(why, FAIL_DATA, "'%.*s' is no UUID",
			    (int)word.len, word.at);
		act->definition = xstrndup(word.at, word.len);
		return 0;
	case ARG_HEX:
		if (text_from_hex(word, &act->bytes) == -1)
			return fail_set(why, FAIL_DATA,
			    "'%.*s' is not hexadecimal", (int)word.len,
			    word.at);
		return 0;
	default:
		act->text = xstrndup(word.at, word.len);
		return 0;
	}
}

static int
read_status(struct span word, struct fault *fault, struct fail *why)
{
	int64_t number;

	if (read_number(word, 200, 999, "status", &number, why) == -1)
		return -1;
	fault->status = (int)number;
	return 0;
}

/* Reads one argument; those of many words take the rest of the line. */
int
arg_read(const struct sim *sim, const char *verb, enum arg argument,
    struct span word, struct span *line, struct act *act, struct fail *why)
{
	int64_t number;

	switch (argument) {
	case ARG_NONE:
		break;
	case ARG_COUNT:
		return read_count(word, INT64_MAX, "count", &act->count, why);
	case ARG_BYTES:
		return read_count(word, ACT_MAX_BYTES, "size", &act->size, why);
	case ARG_SECONDS:
		return read_seconds(word, false,
		    act->fault == NULL ? &act->ms : &act->fault->delay_ms, why);
	case ARG_SIGNED_SECONDS:
		return read_seconds(word, true, &act->ms, why);
	case ARG_RATE:
		return read_rate(word, &act->rate, why);
	case ARG_SWITCH:
		return read_switch(word, act, why);
	case ARG_CODE:
		if (read_number(word, 0, 65535, "code", &number, why) == -1)
			return -1;
		act->code = (uint16_t)number;
		return 0;
	case ARG_KIND:
		return read_kind(word, act, why);
	case ARG_USER:
		return read_user(sim, word, act, why);
	case ARG_ENDPOINT:
		return read_endpoint(word, verb, act, why);
	case ARG_STATUS:
		return read_status(word, act->fault, why);
	case ARG_CLAUSES:
		return read_clauses(word, line, act->fault, why);
	case ARG_REST:
		word.len = (size_t)(line->at + line->len - word.at);
		(void)word_rest(line);
		return read_text(argument, text_trim(word), act, why);
	case ARG_STATE:
	case ARG_UUID:
	case ARG_HEX:
	case ARG_WORD:
		return read_text(argument, word, act, why);
	}
	return fail_set(why, FAIL_DATA, "nothing may follow '%s'", verb);
}
