#include "config.h"

#include "states.h"

#include <string.h>

#include "fail.h"
#include "presence.h"

static struct span
trim(struct span text)
{
	while (text.len > 0 && text.at[0] == ' ') {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && text.at[text.len - 1] == ' ')
		text.len--;
	return text;
}

int
states_parse(struct states *states, const char *text, struct fail *why)
{
	struct span word, state;

	memset(states, 0, sizeof(*states));
	for (;;) {
		word.at = text;
		word.len = strcspn(text, ",");
		text += word.len;
		word = trim(word);
		if (states->count == STATES_MAX)
			return fail_set(why, FAIL_CONFIG, "more than %d states",
			    STATES_MAX);
		state = presence_state(word, states->room[states->count]);
		if (state.len == 0)
			return fail_set(why, FAIL_CONFIG,
			    "'%.*s' is not a state: list states such as "
			    "BUSY,ON_QUEUE",
			    (int)word.len, word.at);
		states->states[states->count++] = state;
		if (*text == '\0')
			return 0;
		text++;
	}
}

struct span
states_unknown(const struct states *states)
{
	static const char *const known[] = { "AVAILABLE", "AWAY", "BREAK",
		"BUSY", "IDLE", "MEAL", "MEETING", "OFFLINE", "ON_QUEUE",
		"TRAINING" };
	const size_t count = sizeof(known) / sizeof(known[0]);
	size_t i, at;

	for (i = 0; i < states->count; i++) {
		for (at = 0; at < count; at++)
			if (span_is(states->states[i], known[at]))
				break;
		if (at == count)
			return states->states[i];
	}
	return span_of("");
}

bool
states_has(const struct states *states, struct span state)
{
	size_t i;

	for (i = 0; i < states->count; i++)
		if (span_equal(states->states[i], state))
			return true;
	return false;
}
