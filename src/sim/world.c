#include "config.h"

#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "caps.h"
#include "map.h"
#include "presence.h"
#include "rng.h"
#include "text.h"
#include "userid.h"
#include "xalloc.h"

/* The table of users grows by this many. */
#define BLOCK 256

struct world {
	struct world_options options;
	struct user **users;
	size_t user_count;
	struct map *by_id; /* struct user * */
	struct addresses *addresses;
	struct definition **definitions;
	size_t definition_count;
	/* What is drawn when, so that no draw shifts another. */
	struct rng people;
	struct rng schedule;
	struct rng strangers;
	uint64_t frozen_times;
};

/* Genesys Cloud's own definitions: the same in every organisation. */
static const struct {
	const char *id;
	const char *state;
} built_in[] = {
	{ "6a3af858-942f-489d-9700-5f9bcdcdae9b", "AVAILABLE" },
	{ "5e5c5c66-ea97-4e7f-ac41-6424784829f2", "AWAY" },
	{ "227b37e2-f1d0-4dd0-8f50-badd7cf6d158", "BREAK" },
	{ "31fe3bac-dea6-44b7-bed7-47f91660a1a0", "BUSY" },
	{ "7ffa01cd-7866-4ad7-8faa-31e11b42f51f", "IDLE" },
	{ "3fd96123-badb-4f69-bc03-1b1ccc6d8014", "MEAL" },
	{ "bbdff279-7ae1-48ea-bade-7831d7234c64", "MEETING" },
	{ "ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5", "OFFLINE" },
	{ "e08eaf1b-ee47-4fa9-a231-1200e284798f", "ON_QUEUE" },
	{ "d2390a99-8546-bad9-8f0a-219548e8aeb0", "TRAINING" },
};
#define STATES (sizeof(built_in) / sizeof(built_in[0]))
/* Each state's further definitions, as an organisation adds them. */
#define SECONDARY 2

static const char *const first_names[] = { "Ada", "Alan", "Barbara", "Chen",
	"Dagmar", "Edsger", "Fatima", "Grace", "Hedy", "Ines", "João",
	"Katherine", "Łukasz", "Margaret", "Niels", "Olga", "Priya", "Quentin",
	"Radia", "Søren", "Tim", "Ursula", "Vint", "Wanda", "Xiulan",
	"Yukihiro", "Zoë" };
static const char *const last_names[] = { "Ahmed", "Bauer", "Castro", "Diaz",
	"Evans", "Fischer", "García", "Hopper", "Ivanova", "Jensen", "Kaya",
	"Lovelace", "Müller", "Nakamura", "O'Neill", "Perlman", "Quist",
	"Rossi", "Silva", "Turing", "Usman", "Virtanen", "Wójcik", "Xu",
	"Yılmaz", "Zimmermann" };
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* "ON_QUEUE" as "On Queue". */
static char *
rest_spelling(struct span state)
{
	char *spelled = xstrndup(state.at, state.len);
	size_t at;

	for (at = 0; at < state.len; at++) {
		if (spelled[at] == '_')
			spelled[at] = ' ';
		else if (at > 0 && spelled[at - 1] != ' ' &&
		    spelled[at] >= 'A' && spelled[at] <= 'Z')
			spelled[at] = (char)(spelled[at] - 'A' + 'a');
	}
	return spelled;
}

static const struct definition *
add_definition(struct world *world, struct span id, struct span state)
{
	struct definition *added;

	added = xcalloc(1, sizeof(*added));
	added->id = xstrndup(id.at, id.len);
	added->state = xstrndup(state.at, state.len);
	added->rest_state = rest_spelling(state);
	world->definitions = xreallocarray(world->definitions,
	    world->definition_count + 1, sizeof(*world->definitions));
	world->definitions[world->definition_count++] = added;
	return added;
}

/*
 * The definition of a state; id may have no value.  The built-in ones come
 * first, so a state alone gives its own one.
 */
static const struct definition *
definition_of(struct world *world, struct span state, struct span id)
{
	const struct definition *definition;
	char uuid[TEXT_UUID];
	size_t i;

	for (i = 0; i < world->definition_count; i++) {
		definition = world->definitions[i];
		if (span_is(state, definition->state) &&
		    (id.at == NULL || text_same(id, span_of(definition->id))))
			return definition;
	}
	if (id.at == NULL) {
		text_uuid(&world->strangers, uuid);
		id = span_of(uuid);
	}
	return add_definition(world, id, state);
}

static void
add_definitions(struct world *world)
{
	char uuid[TEXT_UUID];
	size_t i;

	for (i = 0; i < STATES; i++)
		(void)add_definition(
		    world, span_of(built_in[i].id), span_of(built_in[i].state));
	for (i = 0; i < STATES * SECONDARY; i++) {
		text_uuid(&world->people, uuid);
		(void)add_definition(
		    world, span_of(uuid), span_of(built_in[i % STATES].state));
	}
}

static struct user *
add_user(struct world *world, struct span id, const char *name, struct rng *rng,
    int64_t wall_ms)
{
	struct user *user, **slot;
	const char *initial = world->options.initial;
	char room[CAP_USER_ID], spelled[CAP_STATE];
	struct span key = userid_key(id, room), none = { NULL, 0 };

	user = xcalloc(1, sizeof(*user));
	user->id = xstrndup(key.at, key.len);
	user->name = xstrdup(name);
	user->email = addresses_make(world->addresses, span_of(name));
	user->order = rng_next(rng);
	user->modified_ms = wall_ms - 1 - (int64_t)rng_below(rng, 3600000);
	/* No draw of its own: --ids must print the same users without it. */
	if (strcmp(initial, "random") == 0)
		user->definition = world->definitions[user->order % STATES];
	else
		user->definition = definition_of(
		    world, presence_state(span_of(initial), spelled), none);
	if (world->user_count % BLOCK == 0)
		world->users = xreallocarray(world->users,
		    world->user_count + BLOCK, sizeof(*world->users));
	world->users[world->user_count++] = user;
	slot = map_put(world->by_id, key, NULL);
	*slot = user;
	return user;
}

struct world *
world_new(const struct world_options *options, int64_t wall_ms)
{
	struct world *world;
	char uuid[TEXT_UUID], name[64];
	const char *first, *last;
	size_t i;

	world = xcalloc(1, sizeof(*world));
	world->options = *options;
	world->by_id = map_new(sizeof(struct user *));
	world->addresses = addresses_new();
	rng_seed(&world->people, options->seed);
	rng_seed(&world->schedule, options->seed ^ UINT64_C(0x5eed5c4ed01e));
	rng_seed(&world->strangers, options->seed ^ UINT64_C(0x57a4673a));
	add_definitions(world);
	for (i = 0; i < options->users; i++) {
		text_uuid(&world->people, uuid);
		first =
		    first_names[rng_below(&world->people, COUNT(first_names))];
		last = last_names[rng_below(&world->people, COUNT(last_names))];
		(void)snprintf(name, sizeof(name), "%s %s", first, last);
		(void)add_user(
		    world, span_of(uuid), name, &world->people, wall_ms);
	}
	return world;
}

void
world_free(struct world *world)
{
	struct user *user;
	size_t i;

	if (world == NULL)
		return;
	for (i = 0; i < world->user_count; i++) {
		user = world->users[i];
		free(user->id);
		free(user->name);
		free(user->email);
		free(user->missing_permission);
		free(user->listeners);
		free(user);
	}
	for (i = 0; i < world->definition_count; i++) {
		free(world->definitions[i]->id);
		free(world->definitions[i]->state);
		free(world->definitions[i]->rest_state);
		free(world->definitions[i]);
	}
	free(world->users);
	free(world->definitions);
	addresses_free(world->addresses);
	map_free(world->by_id);
	free(world);
}

size_t
world_count(const struct world *world)
{
	return world->user_count;
}

struct user *
world_user(const struct world *world, size_t i)
{
	return world->users[i];
}

struct user *
world_find(const struct world *world, struct span id)
{
	char room[CAP_USER_ID];
	struct user **slot;

	if (id.len == 0 || id.len > CAP_USER_ID)
		return NULL;
	slot = map_get(world->by_id, userid_key(id, room));
	return slot == NULL ? NULL : *slot;
}

struct user *
world_meet(struct world *world, struct span id, int64_t wall_ms)
{
	struct user *user;
	char name[32];

	user = world_find(world, id);
	if (user != NULL)
		return user;
	if (world->options.strict || userid_check(id, NULL) == -1)
		return NULL;
	(void)snprintf(
	    name, sizeof(name), "Stranger %zu", world->user_count + 1);
	return add_user(world, id, name, &world->strangers, wall_ms);
}

/* Gives the user a time, which only goes forward unless it is frozen. */
static void
tell(struct world *world, struct user *user, int64_t wall_ms, bool changed,
    struct event *ret_event)
{
	if (world->frozen_times > 0)
		world->frozen_times--;
	else if (wall_ms > user->modified_ms)
		user->modified_ms = wall_ms;
	else
		user->modified_ms++;
	ret_event->user = user;
	ret_event->definition = user->definition;
	ret_event->modified_ms = user->modified_ms;
	ret_event->changed = changed;
	ret_event->primary = true;
}

bool
world_step(struct world *world, int64_t wall_ms, struct event *ret_event)
{
	struct user *user;
	const struct definition *drawn;
	size_t state, variant;
	bool repeats;

	if (world->user_count == 0)
		return false;
	/* Always four draws, so that one outcome does not shift the rest. */
	user = world->users[rng_below(&world->schedule, world->user_count)];
	repeats = (double)rng_below(&world->schedule, 1000000) <
	    world->options.unchanged * 1000000;
	state = rng_below(&world->schedule, STATES);
	variant = rng_below(&world->schedule, 4);
	if (!repeats) {
		/* One in two goes to the built-in definition. */
		if (variant > SECONDARY)
			variant = 0;
		drawn = world->definitions[variant * STATES + state];
		if (drawn == user->definition)
			drawn = world->definitions[(state + 1) % STATES];
		user->definition = drawn;
	}
	tell(world, user, wall_ms, !repeats, ret_event);
	return true;
}

void
world_change(struct world *world, struct user *user, struct span state,
    struct span definition, int64_t wall_ms, struct event *ret_event)
{
	const struct definition *wanted;
	char spelled[CAP_STATE];
	bool changed;

	wanted =
	    definition_of(world, presence_state(state, spelled), definition);
	changed = wanted != user->definition;
	user->definition = wanted;
	tell(world, user, wall_ms, changed, ret_event);
}

void
world_repeat(struct world *world, struct user *user, int64_t wall_ms,
    struct event *ret_event)
{
	tell(world, user, wall_ms, false, ret_event);
}

void
world_freeze_time(struct world *world, uint64_t changes)
{
	world->frozen_times = changes;
}

bool
world_knows_state(struct span state)
{
	char spelled[CAP_STATE];
	size_t i;

	state = presence_state(state, spelled);
	for (i = 0; i < STATES; i++)
		if (span_is(state, built_in[i].state))
			return true;
	return false;
}
