#include "config.h"

#include "presence.h"

const char *
presence_source_name(enum presence_source source)
{
	static const char *const names[] = {
		[PRESENCE_STREAM] = "stream",
		[PRESENCE_SNAPSHOT] = "snapshot",
		[PRESENCE_REPLAY] = "replay",
	};

	return names[source];
}

struct span
presence_state(struct span raw, char room[CAP_STATE])
{
	struct span state = { NULL, 0 };
	size_t i;

	if (raw.len == 0 || raw.len > CAP_STATE)
		return state;
	for (i = 0; i < raw.len; i++) {
		room[i] = raw.at[i];
		if (room[i] >= 'a' && room[i] <= 'z')
			room[i] = (char)(room[i] - 'a' + 'A');
		else if (room[i] == ' ')
			room[i] = '_';
	}
	state.at = room;
	state.len = raw.len;
	/* The only one of the ten whose two words are written as one. */
	if (span_is(state, "ONQUEUE"))
		state = span_of("ON_QUEUE");
	return state;
}
