#include "config.h"

#include "looks.h"

static const struct look looks[LOOKS_COUNT] = {
	{ "ON_QUEUE", "#44aa99", "#55bbaa", LOOKS_PLAIN, LOOKS_HIGH },
	{ "AVAILABLE", "#117733", "#1f8446", LOOKS_PLAIN, LOOKS_HIGH },
	{ "BUSY", "#cc6677", "#cc6677", LOOKS_RISING, LOOKS_HIGH },
	{ "MEETING", "#882255", "#bb4488", LOOKS_UPRIGHT, LOOKS_HIGH },
	{ "TRAINING", "#332288", "#6f63d9", LOOKS_DOTS, LOOKS_HIGH },
	{ "BREAK", "#ddcc77", "#ddcc77", LOOKS_PLAIN, LOOKS_LOW },
	{ "MEAL", "#aa4499", "#c86fbb", LOOKS_FALLING, LOOKS_LOW },
	{ "AWAY", "#5ab0d8", "#88ccee", LOOKS_UPRIGHT, LOOKS_LOW },
	{ "IDLE", "#999933", "#999933", LOOKS_DOTS, LOOKS_LOW },
	{ "OFFLINE", "#9aa0a8", "#7d858f", LOOKS_PLAIN, LOOKS_LINE },
	/* States that nobody knows: greys, told apart by all the rest. */
	{ NULL, "#4d4d4d", "#686868", LOOKS_RISING, LOOKS_HIGH },
	{ NULL, "#b4b4b4", "#cccccc", LOOKS_GRID, LOOKS_HIGH },
	{ NULL, "#7f7f7f", "#999999", LOOKS_DOTS, LOOKS_HIGH },
	{ NULL, "#4d4d4d", "#686868", LOOKS_UPRIGHT, LOOKS_LOW },
	{ NULL, "#999999", "#b4b4b4", LOOKS_FALLING, LOOKS_LOW },
};

const struct look *
looks_at(size_t i)
{
	return &looks[i];
}

size_t
looks_of(struct span state, size_t nth)
{
	size_t i;

	for (i = 0; i < LOOKS_KNOWN; i++)
		if (span_is(state, looks[i].state))
			return i;
	return LOOKS_KNOWN + nth % (LOOKS_COUNT - LOOKS_KNOWN);
}

struct span
looks_label(struct span state, char room[CAP_STATE])
{
	struct span label = { room, 0 };

	for (; label.len < state.len && label.len < CAP_STATE; label.len++) {
		char byte = state.at[label.len];

		if (byte == '_')
			byte = ' ';
		if (label.len > 0 && byte >= 'A' && byte <= 'Z')
			byte = (char)(byte - 'A' + 'a');
		room[label.len] = byte;
	}
	return label;
}
