#include "config.h"

#include "delta.h"

#include <stdlib.h>

#include "map.h"
#include "redact.h"
#include "shard.h"
#include "states.h"
#include "userid.h"
#include "xalloc.h"

/* A service's clock may run ahead of ours by this much; milliseconds. */
#define AHEAD_MS (5LL * 60 * 1000)

/*
 * One pair of state and definition; users refer to it by its number.  Its text
 * is the state's length as a byte, the state, and the definition.
 */
struct pair {
	char *text;
	size_t state_len;
	size_t len;
	bool on_target;
};

/* What few users have. */
struct extra {
	char *name;          /* or NULL */
	uint32_t *seen;      /* further pairs seen at newest_ms */
	uint32_t seen_count; /* how many */
};

struct user {
	struct extra *extra; /* or NULL */
	int64_t newest_ms;   /* of all messages, NOW_NONE before the first */
	int64_t since_ms;    /* of the present pair, or NOW_NONE */
	int64_t received_ms; /* of the present pair */
	int64_t previous_for_ms; /* or NOW_NONE */
	uint32_t seen;           /* the pair seen at newest_ms; 0: none */
	uint32_t pair;           /* its number plus one; 0: nothing known */
	uint32_t previous;       /* the pair before */
	uint8_t source;          /* enum presence_source */
	bool watched;
	bool on_target; /* and is counted so */
	bool doubtful;  /* remembered by a run that was killed */
};

/* Pairs that are found without a look into the table. */
#define RECENT 64

/* A user of whom word is likely to come. */
struct expected {
	struct span id; /* or no text */
	uint32_t hash;
};

struct delta {
	struct map *users;
	struct expected next;     /* of the next presence */
	struct expected expected; /* and of the one behind it */
	struct map *numbers;      /* of pairs, plus one, by their text */
	struct pair *pairs;
	size_t pair_count;
	uint32_t recent[RECENT]; /* numbers of pairs, by recent_place() */
	size_t watched;
	const struct shard *all; /* whose users are watched unasked, or NULL */
	const struct states *target; /* or NULL */
	size_t on_target;
};

static struct extra *
extra_of(struct user *user)
{
	if (user->extra == NULL)
		user->extra = xcalloc(1, sizeof(*user->extra));
	return user->extra;
}

static void
drop_extra(struct user *user)
{
	if (user->extra == NULL)
		return;
	free(user->extra->name);
	free(user->extra->seen);
	free(user->extra);
	user->extra = NULL;
}

struct delta *
delta_new(void)
{
	struct delta *delta;

	delta = xcalloc(1, sizeof(*delta));
	delta->users = map_new(sizeof(struct user));
	delta->numbers = map_new(sizeof(uint32_t));
	return delta;
}

void
delta_free(struct delta *delta)
{
	struct user *user;
	size_t cursor = 0, i;

	if (delta == NULL)
		return;
	while ((user = map_next(delta->users, &cursor, NULL)) != NULL) {
		drop_extra(user);
	}
	map_free(delta->users);
	map_free(delta->numbers);
	for (i = 0; i < delta->pair_count; i++)
		free(delta->pairs[i].text);
	free(delta->pairs);
	free(delta);
}

void
delta_watch_all(struct delta *delta, const struct shard *shard)
{
	delta->all = shard;
}

void
delta_set_target(struct delta *delta, const struct states *target)
{
	delta->target = target;
}

size_t
delta_on_target(const struct delta *delta)
{
	return delta->on_target;
}

/* The user's record, made where there is none. */
static struct user *
user_at(struct delta *delta, struct span id)
{
	char room[CAP_USER_ID];
	struct user *user;
	bool added;

	user = map_put(delta->users, userid_key(id, room), &added);
	if (added) {
		user->newest_ms = NOW_NONE;
		user->since_ms = NOW_NONE;
		user->previous_for_ms = NOW_NONE;
	}
	return user;
}

static bool
was_seen(const struct user *user, uint32_t number)
{
	uint32_t i;

	if (user->seen == number)
		return true;
	for (i = 0; user->extra != NULL && i < user->extra->seen_count; i++)
		if (user->extra->seen[i] == number)
			return true;
	return false;
}

/* Notes that the pair was seen at newest_ms. */
static void
note_seen(struct user *user, uint32_t number)
{
	struct extra *extra;

	if (was_seen(user, number))
		return;
	if (user->seen == 0) {
		user->seen = number;
		return;
	}
	extra = extra_of(user);
	extra->seen = xreallocarray(
	    extra->seen, extra->seen_count + 1, sizeof(*extra->seen));
	extra->seen[extra->seen_count++] = number;
}

static void
forget_seen(struct user *user)
{
	user->seen = 0;
	if (user->extra == NULL)
		return;
	free(user->extra->seen);
	user->extra->seen = NULL;
	user->extra->seen_count = 0;
}

static void
set_name(struct user *user, struct span name)
{
	struct extra *extra;

	if (user->extra == NULL && name.len == 0)
		return;
	extra = extra_of(user);
	free(extra->name);
	extra->name = name.len > 0 ? xstrndup(name.at, name.len) : NULL;
}

bool
delta_add(struct delta *delta, struct span id, struct span name)
{
	struct user *user = user_at(delta, id);

	if (user->watched)
		return false;
	user->watched = true;
	delta->watched++;
	set_name(user, name);
	return true;
}

bool
delta_remove(struct delta *delta, struct span id)
{
	char room[CAP_USER_ID];
	struct span key = userid_key(id, room);
	struct user *user;

	user = map_get(delta->users, key);
	if (user == NULL || !user->watched)
		return false;
	drop_extra(user);
	delta->watched--;
	delta->on_target -= user->on_target;
	return map_remove(delta->users, key);
}

size_t
delta_count(const struct delta *delta)
{
	return delta->watched;
}

/* The number of a pair, plus one; 0 where there are too many. */
static uint32_t
number_of(struct delta *delta, struct span state, struct span definition)
{
	char room[1 + CAP_STATE + CAP_DEFINITION];
	struct span key = { room, 1 + state.len + definition.len };
	struct pair *pair;
	uint32_t *number;

	room[0] = (char)state.len;
	memcpy(room + 1, state.at, state.len);
	if (definition.len > 0)
		memcpy(room + 1 + state.len, definition.at, definition.len);
	number = map_get(delta->numbers, key);
	if (number != NULL)
		return *number;
	if (delta->pair_count == CAP_PRESENCES)
		return 0;
	number = map_put(delta->numbers, key, NULL);
	delta->pairs = xreallocarray(
	    delta->pairs, delta->pair_count + 1, sizeof(*delta->pairs));
	pair = &delta->pairs[delta->pair_count++];
	pair->text = xstrndup(key.at, key.len);
	/* They are printed, and a server may say anything. */
	redact_text(pair->text + 1, key.len - 1);
	pair->state_len = state.len;
	pair->len = key.len;
	pair->on_target =
	    delta->target != NULL && states_has(delta->target, state);
	return *number = (uint32_t)delta->pair_count;
}

/* What a user's number says; no value where nothing is known. */
static struct span
state_of(const struct delta *delta, uint32_t number)
{
	struct span state = { NULL, 0 };

	if (number != 0) {
		state.at = delta->pairs[number - 1].text + 1;
		state.len = delta->pairs[number - 1].state_len;
	}
	return state;
}

static struct span
definition_of(const struct delta *delta, uint32_t number)
{
	const struct pair *pair = &delta->pairs[number - 1];
	struct span definition = { pair->text + 1 + pair->state_len,
		pair->len - pair->state_len - 1 };

	return definition;
}

/* Whether that is what a number says. */
static bool
is_pair(const struct delta *delta, uint32_t number, struct span state,
    struct span definition)
{
	return number != 0 && span_equal(state_of(delta, number), state) &&
	    span_equal(definition_of(delta, number), definition);
}

/* Where a pair's number may be found at once: a hash of a few of its bytes. */
static size_t
recent_place(struct span state, struct span definition)
{
	uint32_t bytes = (uint32_t)(state.len ^ definition.len << 8);

	if (definition.len >= sizeof(bytes))
		memcpy(&bytes, definition.at, sizeof(bytes));
	else if (state.len > 0)
		bytes ^= (uint32_t)(unsigned char)state.at[0] << 16;
	return (bytes * 0x9e3779b1u) >> 16 & (RECENT - 1);
}

/* The number of a pair, plus one, as number_of() has it. */
static uint32_t
find_number(struct delta *delta, const struct presence *presence)
{
	const struct span state = presence->state;
	const struct span definition = presence->definition;
	uint32_t *recent = &delta->recent[recent_place(state, definition)];

	if (!is_pair(delta, *recent, state, definition))
		*recent = number_of(delta, state, definition);
	return *recent;
}

/* Moves the user's time forward, or says why the message comes too late. */
static enum delta_verdict
take_time(struct user *user, const struct presence *presence, uint32_t number)
{
	int64_t time_ms = presence->changed_ms;
	int64_t latest_ms = presence->received_ms + AHEAD_MS;

	if (time_ms == NOW_NONE)
		return DELTA_CHANGE;
	/* A time that cannot be blocks nothing behind it that can. */
	if (time_ms < user->newest_ms &&
	    (time_ms > latest_ms || user->newest_ms <= latest_ms))
		return DELTA_STALE;
	if (time_ms == user->newest_ms) {
		/* Of several states at one time, a snapshot tells the last. */
		if (was_seen(user, number) &&
		    (presence->source != PRESENCE_SNAPSHOT ||
			user->pair == number))
			return DELTA_REPEAT;
	} else {
		user->newest_ms = time_ms;
		forget_seen(user);
	}
	note_seen(user, number);
	return DELTA_CHANGE;
}

/* The user's last change, out of what is kept of it. */
static void
fill_change(const struct delta *delta, const struct user *user, struct span id,
    struct change *ret_change)
{
	ret_change->user_id = id;
	ret_change->name =
	    span_of(user->extra == NULL ? NULL : user->extra->name);
	ret_change->state = state_of(delta, user->pair);
	ret_change->previous_state = state_of(delta, user->previous);
	ret_change->definition = definition_of(delta, user->pair);
	ret_change->changed_ms = user->since_ms;
	ret_change->received_ms = user->received_ms;
	ret_change->previous_for_ms = user->previous_for_ms;
	ret_change->source = (enum presence_source)user->source;
	ret_change->coalesced = 0;
	ret_change->is_first = false;
}

/* Whether it tells what was printed last; what is in doubt is so but once. */
static bool
is_the_same(struct user *user, const struct presence *presence, uint32_t number)
{
	bool doubtful = user->doubtful;

	user->doubtful = false;
	return user->pair == number &&
	    (!doubtful || presence->changed_ms == user->since_ms);
}

void
delta_expect(struct delta *delta, struct span id)
{
	delta->next = delta->expected;
	if (delta->next.id.at != NULL)
		map_fetch_record(delta->users, delta->next.hash);
	delta->expected.id = id;
	if (id.at == NULL)
		return;
	delta->expected.hash = map_hash(id);
	map_fetch_place(delta->users, delta->expected.hash);
}

/* The record of a user; most have been expected. */
static struct user *
find_user(const struct delta *delta, struct span id)
{
	const struct expected *next = &delta->next;
	char room[CAP_USER_ID];
	struct span key = userid_key(id, room);

	return map_find(delta->users, key,
	    key.at == next->id.at && key.len == next->id.len ? next->hash
							     : map_hash(key));
}

enum delta_verdict
delta_apply(struct delta *delta, const struct presence *presence,
    struct change *ret_change)
{
	const struct span nothing = { NULL, 0 };
	enum delta_verdict verdict;
	struct user *user;
	uint32_t number;
	bool is_first;

	user = find_user(delta, presence->user_id);
	if (user == NULL || !user->watched) {
		if (delta->all == NULL ||
		    !shard_has(delta->all, presence->user_id))
			return DELTA_STRANGER;
		(void)delta_add(delta, presence->user_id, nothing);
		user = user_at(delta, presence->user_id);
	}
	/* Most messages tell what is known: no need to look that up. */
	number = user->pair;
	if (!is_pair(delta, number, presence->state, presence->definition))
		number = find_number(delta, presence);
	if (number == 0)
		return DELTA_TOO_MANY;
	verdict = take_time(user, presence, number);
	if (verdict != DELTA_CHANGE)
		return verdict;
	if (user->on_target != delta->pairs[number - 1].on_target) {
		user->on_target = !user->on_target;
		delta->on_target += user->on_target ? 1 : (size_t)-1;
	}
	if (is_the_same(user, presence, number))
		return DELTA_UNCHANGED;
	user->previous_for_ms = NOW_NONE;
	if (user->since_ms != NOW_NONE && user->pair != number &&
	    presence->changed_ms >= user->since_ms)
		user->previous_for_ms = presence->changed_ms - user->since_ms;
	is_first = user->pair == 0;
	user->since_ms = presence->changed_ms;
	user->received_ms = presence->received_ms;
	user->previous = user->pair == number ? 0 : user->pair;
	user->pair = number;
	user->source = (uint8_t)presence->source;
	fill_change(delta, user, presence->user_id, ret_change);
	ret_change->is_first = is_first;
	return DELTA_CHANGE;
}

void
delta_restore(struct delta *delta, const struct change *change)
{
	struct user *user = user_at(delta, change->user_id);
	struct span nothing = { "", 0 };

	user->pair = number_of(delta, change->state, change->definition);
	user->previous = change->previous_state.len == 0
	    ? 0
	    : number_of(delta, change->previous_state, nothing);
	user->since_ms = change->changed_ms;
	user->received_ms = change->received_ms;
	user->previous_for_ms = change->previous_for_ms;
	user->source = (uint8_t)change->source;
	if (!user->watched)
		set_name(user, change->name);
}

void
delta_doubt(struct delta *delta)
{
	struct user *user;
	size_t cursor = 0;

	while ((user = map_next(delta->users, &cursor, NULL)) != NULL)
		user->doubtful = user->pair != 0;
}

bool
delta_is_in_doubt(const struct delta *delta)
{
	const struct user *user;
	size_t cursor = 0;

	while ((user = map_next(delta->users, &cursor, NULL)) != NULL)
		if (user->doubtful)
			return true;
	return false;
}

bool
delta_next(const struct delta *delta, size_t *cursor, struct change *ret_change,
    bool *ret_watched)
{
	const struct user *user;
	struct span id;

	do
		user = map_next(delta->users, cursor, &id);
	while (user != NULL && user->pair == 0);
	if (user == NULL)
		return false;
	fill_change(delta, user, id, ret_change);
	*ret_watched = user->watched;
	return true;
}
