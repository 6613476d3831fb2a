/*
 * people: which users are shown, in order of their names.
 */
#ifndef GCP_REPORT_PEOPLE_H
#define GCP_REPORT_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>

struct book;
struct person;

struct people {
	struct person **list; /* the book's */
	size_t count;
};

/*
 * All users of a book, by name, or those whose ID or name is among the wanted
 * ones; found[i] becomes true where wanted[i] is somebody.
 */
void people_init(struct people *people, const struct book *book,
    char *const *wanted, size_t count, bool *found);
void people_done(struct people *people);

/* The name, or the ID where there is none. */
const char *people_label(const struct person *person);

#endif
