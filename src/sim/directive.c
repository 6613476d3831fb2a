#include "config.h"

#include "directive.h"

#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "arg.h"
#include "fail.h"
#include "journal.h"
#include "jput.h"
#include "log.h"
#include "sim.h"
#include "word.h"
#include "xalloc.h"

#define MAX_ARGUMENTS 3

struct verb {
	const char *name;
	const char *usage; /* of the arguments */
	enum arg arguments[MAX_ARGUMENTS];
	int required;
	act_fn *act;
};

struct directive {
	const struct verb *verb;
	struct act act;
	char *line;
};

static const struct verb verbs[] = {
	{ "answer",
	    "ENDPOINT STATUS [times N] [retry-after TEXT] [header NAME VALUE] "
	    "[body TEXT]",
	    { ARG_ENDPOINT, ARG_STATUS, ARG_CLAUSES }, 2, act_fault },
	{ "hang", "ENDPOINT [times N]", { ARG_ENDPOINT, ARG_CLAUSES }, 1,
	    act_fault },
	{ "delay", "ENDPOINT SECONDS [times N]",
	    { ARG_ENDPOINT, ARG_SECONDS, ARG_CLAUSES }, 2, act_fault },
	{ "clear", "", { ARG_NONE }, 0, act_clear },
	{ "go", "", { ARG_NONE }, 0, act_go },
	{ "hold", "", { ARG_NONE }, 0, act_hold },
	{ "rate", "R", { ARG_RATE }, 1, act_rate },
	{ "change", "USERID STATE [DEFINITION-UUID]",
	    { ARG_USER, ARG_STATE, ARG_UUID }, 2, act_change },
	{ "message", "USERID", { ARG_USER }, 1, act_message },
	{ "drop", "[N]", { ARG_COUNT }, 0, act_drop },
	{ "reset", "[N]", { ARG_COUNT }, 0, act_reset },
	{ "close", "CODE [REASON]", { ARG_CODE, ARG_REST }, 1, act_close },
	{ "half-open", "", { ARG_NONE }, 0, act_half_open },
	{ "stall", "SECONDS", { ARG_SECONDS }, 1, act_stall },
	{ "refuse", "[SECONDS]", { ARG_SECONDS }, 0, act_refuse },
	{ "accept", "", { ARG_NONE }, 0, act_accept },
	{ "expire-tokens", "", { ARG_NONE }, 0, act_expire_tokens },
	{ "expire-channels", "", { ARG_NONE }, 0, act_expire_channels },
	{ "closing", "[SECONDS]", { ARG_SECONDS }, 0, act_closing },
	{ "displace", "", { ARG_NONE }, 0, act_displace },
	{ "reject", "USERID [PERMISSION]", { ARG_USER, ARG_WORD }, 1,
	    act_reject },
	{ "forget", "USERID", { ARG_USER }, 1, act_forget },
	{ "duplicate", "N", { ARG_COUNT }, 1, act_duplicate },
	{ "reorder", "N", { ARG_COUNT }, 1, act_reorder },
	{ "lose", "N", { ARG_COUNT }, 1, act_lose },
	{ "malform", "N KIND", { ARG_COUNT, ARG_KIND }, 2, act_malform },
	{ "mangle", "N KIND", { ARG_COUNT, ARG_KIND }, 2, act_mangle },
	{ "oversize", "BYTES", { ARG_BYTES }, 1, act_oversize },
	{ "fragment", "BYTES N", { ARG_BYTES, ARG_COUNT }, 2, act_fragment },
	{ "raw", "HEX", { ARG_HEX }, 1, act_raw },
	{ "heartbeat", "on|off", { ARG_SWITCH }, 1, act_heartbeat },
	{ "pong", "on|off", { ARG_SWITCH }, 1, act_pong },
	{ "protocol-pong", "on|off", { ARG_SWITCH }, 1, act_protocol_pong },
	{ "skew", "SECONDS", { ARG_SIGNED_SECONDS }, 1, act_skew },
	{ "same-time", "N", { ARG_COUNT }, 1, act_same_time },
	{ "no-time", "N", { ARG_COUNT }, 1, act_no_time },
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static int
read_arguments(const struct sim *sim, const struct verb *verb,
    struct span *line, struct act *act, struct fail *why)
{
	enum arg argument;
	struct span word;
	int given;

	for (given = 0; word_next(line, &word); given++) {
		argument =
		    given < MAX_ARGUMENTS ? verb->arguments[given] : ARG_NONE;
		if (arg_read(sim, verb->name, argument, word, line, act, why) ==
		    -1)
			return -1;
		act->given = given + 1;
	}
	if (given < verb->required)
		return fail_set(
		    why, FAIL_DATA, "it is '%s %s'", verb->name, verb->usage);
	return 0;
}

static const struct verb *
find_verb(struct span name)
{
	size_t i;

	for (i = 0; i < VERBS; i++)
		if (span_is(name, verbs[i].name))
			return &verbs[i];
	return NULL;
}

struct directive *
directive_read(const struct sim *sim, struct span line, struct fail *why)
{
	struct span whole = line, name = { NULL, 0 };
	struct directive *directive;
	const struct verb *verb;

	(void)word_next(&line, &name);
	verb = find_verb(name);
	if (verb == NULL) {
		(void)fail_set(why, FAIL_DATA, "'%.*s' is no directive",
		    (int)name.len, name.at);
		return NULL;
	}
	directive = xcalloc(1, sizeof(*directive));
	directive->verb = verb;
	buf_init(&directive->act.bytes, SIZE_MAX);
	if (read_arguments(sim, verb, &line, &directive->act, why) == -1) {
		directive_free(directive);
		return NULL;
	}
	whole = text_trim(whole);
	directive->line = xstrndup(whole.at, whole.len);
	return directive;
}

void
directive_free(struct directive *directive)
{
	if (directive == NULL)
		return;
	fault_free(directive->act.fault);
	buf_done(&directive->act.bytes);
	free(directive->act.user);
	free(directive->act.state);
	free(directive->act.definition);
	free(directive->act.text);
	free(directive->line);
	free(directive);
}

void
directive_do(struct directive *directive, struct sim *sim)
{
	struct buf *line;

	log_info("do", "%s", directive->line);
	line = journal_start(sim->journal, "fault");
	buf_text(line, ",\"directive\":");
	jput_string(line, span_of(directive->line));
	journal_end(sim->journal, sim_wall_ms(sim));
	directive->verb->act(sim, &directive->act);
}
