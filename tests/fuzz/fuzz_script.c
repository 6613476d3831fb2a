/*
 * The simulator's script: any file is read, or refused with a reason that names
 * the line; and each line as an argument of each kind is within its limits, or
 * refused.
 */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fuzz.h"
#include "loop.h"
#include "sim/act.h"
#include "sim/arg.h"
#include "sim/script.h"
#include "sim/sim.h"
#include "sim/simopt.h"
#include "sim/text.h"
#include "sim/word.h"
#include "sim/world.h"
#include "userid.h"

/* As far as reading a directive needs one: users, and a loop for the time. */
static struct sim *
simulator(void)
{
	static struct simopt opt;
	static struct sim sim = { .opt = &opt };
	struct world_options people = { 3, 1, "OFFLINE", true, 0 };
	struct fail why;

	if (sim.loop != NULL)
		return &sim;
	sim.world = world_new(&people, 1767258000000);
	sim.loop = loop_new(64, &why);
	if (sim.loop == NULL)
		abort();
	return &sim;
}

static void
check_act(const struct act *act)
{
	struct fail why;

	fuzz_claim(act->size <= ACT_MAX_BYTES, "a size is within its limits");
	fuzz_claim(act->rate == SIMOPT_MAX_RATE ||
		(act->rate >= 0 && act->rate <= 1e7),
	    "a rate is within its limits");
	fuzz_claim(
	    act->user == NULL || userid_check(span_of(act->user), &why) == 0,
	    "a user is one");
	fuzz_claim(act->state == NULL || strlen(act->state) <= CAP_STATE,
	    "a state is not too long");
	fuzz_claim(
	    act->definition == NULL || userid_is_uuid(span_of(act->definition)),
	    "a definition is a UUID");
}

static void
check_argument(struct sim *sim, struct span line, enum arg argument)
{
	struct act act = { 0 };
	struct fail why = { 0 };
	struct span word;

	if (!word_next(&line, &word))
		return;
	buf_init(&act.bytes, SIZE_MAX);
	/* An endpoint comes before what is said of its fault. */
	if (argument == ARG_STATUS || argument == ARG_CLAUSES)
		act.fault = fault_new(FAULT_ANSWER);
	if (arg_read(sim, "answer", argument, word, &line, &act, &why) == -1)
		fuzz_claim_why(&why);
	else
		check_act(&act);
	if (argument == ARG_STATUS && act.fault->status != 0)
		fuzz_claim(act.fault->status >= 200 && act.fault->status <= 999,
		    "a status is one");
	fault_free(act.fault);
	buf_done(&act.bytes);
	free(act.user);
	free(act.state);
	free(act.definition);
	free(act.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span rest = { (const char *)bytes, len }, line;
	struct sim *sim = simulator();
	struct fail why = { 0 };
	struct script *script;
	const char *name;
	enum arg argument;
	int fd;

	name = fuzz_file(bytes, len, &fd);
	script = script_new(sim, name, &why);
	if (script == NULL) {
		fuzz_claim_why(&why);
		fuzz_claim(strncmp(why.text, name, strlen(name)) == 0,
		    "a reason names the place");
	}
	script_free(script);
	(void)close(fd);
	while (rest.len > 0) {
		line = text_cut(&rest, '\n');
		for (argument = ARG_NONE; argument <= ARG_CLAUSES; argument++)
			check_argument(sim, line, argument);
	}
	return 0;
}
