#include "config.h"

#include "people.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "book.h"
#include "caps.h"
#include "fail.h"
#include "looks.h"
#include "names.h"
#include "presence.h"
#include "userid.h"
#include "xalloc.h"

static bool
same_id(const char *one, const char *other)
{
	char rooms[2][CAP_USER_ID];

	if (strlen(one) > CAP_USER_ID || strlen(other) > CAP_USER_ID)
		return false;
	return span_equal(userid_key(span_of(one), rooms[0]),
	    userid_key(span_of(other), rooms[1]));
}

static bool
is_wanted(
    const struct person *person, char *const *wanted, size_t count, bool *found)
{
	bool any = count == 0;
	size_t i;

	for (i = 0; i < count; i++)
		if (same_id(person->id, wanted[i]) ||
		    (person->name != NULL &&
			strcasecmp(person->name, wanted[i]) == 0))
			found[i] = any = true;
	return any;
}

void
people_init(struct people *people, const struct book *book, char *const *wanted,
    size_t count, bool *found)
{
	struct person *person;
	size_t cursor = 0;

	people->count = 0;
	people->list = xcalloc(book_count(book) + 1, sizeof(*people->list));
	while ((person = book_next(book, &cursor)) != NULL)
		if (is_wanted(person, wanted, count, found))
			people->list[people->count++] = person;
}

void
people_done(struct people *people)
{
	free(people->list);
	memset(people, 0, sizeof(*people));
}

const char *
people_label(const struct person *person)
{
	return person->name != NULL ? person->name : person->id;
}

static int
lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a'
					  : (unsigned char)byte;
}

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* As people order names: letter case aside, and Agent 9 before Agent 10. */
static int
compare_names(const char *one, const char *other)
{
	size_t digits[2];

	while (*one != '\0' && *other != '\0') {
		if (is_digit(*one) && is_digit(*other)) {
			one += strspn(one, "0");
			other += strspn(other, "0");
			digits[0] = strspn(one, "0123456789");
			digits[1] = strspn(other, "0123456789");
			if (digits[0] != digits[1])
				return digits[0] < digits[1] ? -1 : 1;
			if (digits[0] == 0)
				continue;
		}
		if (lower(*one) != lower(*other))
			return lower(*one) < lower(*other) ? -1 : 1;
		one++;
		other++;
	}
	return (*one != '\0') - (*other != '\0');
}

struct place {
	struct person *person;
	int64_t value; /* most first */
	bool by_id;
};

static int
compare(const void *one, const void *other)
{
	const struct place *a = one, *b = other;
	int order = 0;

	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	if (!a->by_id) {
		order = compare_names(
		    people_label(a->person), people_label(b->person));
		if (order == 0)
			order = strcmp(
			    people_label(a->person), people_label(b->person));
	}
	return order != 0 ? order : strcmp(a->person->id, b->person->id);
}

enum sort_key {
	BY_NAME,
	BY_ID,
	BY_CHANGES,
	BY_KNOWN,
	BY_UNKNOWN,
	BY_STATE
};

static enum sort_key
key_of(const char *text)
{
	static const char *const keys[] = { "name", "id", "changes", "known",
		"unknown" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcasecmp(text, keys[i]) == 0)
			return (enum sort_key)i;
	return BY_STATE;
}

/* The number of a state that a user typed; -1 where nobody knows it. */
static int
state_of(const struct book *book, const char *text, uint16_t *ret_state)
{
	const struct names *names = book_names(book);
	char room[CAP_STATE];
	struct span state = presence_state(span_of(text), room);
	uint16_t i;

	if (state.len == 0)
		return -1;
	for (i = 0; i < names_count(names); i++)
		if (span_equal(names_text(names, i), state))
			break;
	/* Of a state that nobody was in, all have the same time: none. */
	*ret_state = i;
	return i < names_count(names) || looks_knows(state) ? 0 : -1;
}

static int64_t
value_of(const struct person *person, enum sort_key key, uint16_t state)
{
	switch (key) {
	case BY_CHANGES:
		return (int64_t)sums_changes(&person->sums);
	case BY_KNOWN:
		return sums_known(&person->sums);
	case BY_UNKNOWN:
		return sums_time(&person->sums, NAMES_NONE);
	case BY_STATE:
		return sums_time(&person->sums, state);
	case BY_NAME:
	case BY_ID:
		break;
	}
	return 0;
}

int
people_sort(struct people *people, const struct book *book,
    const char *key_text, struct fail *why)
{
	enum sort_key key = key_of(key_text);
	struct place *places;
	uint16_t state = NAMES_NONE;
	size_t i;

	if (key == BY_STATE && state_of(book, key_text, &state) == -1)
		return fail_set(why, FAIL_CONFIG,
		    "--sort: '%s' is none of name, id, changes, known, "
		    "unknown, nor a state such as BUSY",
		    key_text);
	places = xcalloc(people->count + 1, sizeof(*places));
	for (i = 0; i < people->count; i++) {
		places[i].person = people->list[i];
		places[i].value = value_of(people->list[i], key, state);
		places[i].by_id = key == BY_ID;
	}
	qsort(places, people->count, sizeof(*places), compare);
	for (i = 0; i < people->count; i++)
		people->list[i] = places[i].person;
	free(places);
	return 0;
}
