#include "config.h"

#include "people.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "book.h"
#include "caps.h"
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

static int
compare(const void *one, const void *other)
{
	const struct person *a = *(struct person *const *)one;
	const struct person *b = *(struct person *const *)other;
	int order;

	order = compare_names(people_label(a), people_label(b));
	if (order == 0)
		order = strcmp(people_label(a), people_label(b));
	return order != 0 ? order : strcmp(a->id, b->id);
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
	qsort(people->list, people->count, sizeof(*people->list), compare);
}
