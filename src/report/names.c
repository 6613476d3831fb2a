#include "config.h"

#include "names.h"

#include <stdlib.h>

#include "bounds.h"
#include "map.h"
#include "xalloc.h"

struct names {
	struct map *numbers; /* uint16_t, by text */
	struct span texts[BOUND_STATES];
	uint16_t count;
};

struct names *
names_new(void)
{
	struct names *names;

	names = xcalloc(1, sizeof(*names));
	names->numbers = map_new(sizeof(uint16_t));
	return names;
}

void
names_free(struct names *names)
{
	size_t i;

	if (names == NULL)
		return;
	for (i = 0; i < names->count; i++)
		free((char *)(uintptr_t)names->texts[i].at);
	map_free(names->numbers);
	free(names);
}

uint16_t
names_number(struct names *names, struct span state)
{
	uint16_t *number;

	number = map_get(names->numbers, state);
	if (number != NULL)
		return *number;
	if (names->count == BOUND_STATES)
		return NAMES_NONE;
	number = map_put(names->numbers, state, NULL);
	*number = names->count;
	names->texts[names->count].at = xstrndup(state.at, state.len);
	names->texts[names->count].len = state.len;
	return names->count++;
}

struct span
names_text(const struct names *names, uint16_t number)
{
	const struct span nothing = { NULL, 0 };

	return number < names->count ? names->texts[number] : nothing;
}

uint16_t
names_count(const struct names *names)
{
	return names->count;
}
