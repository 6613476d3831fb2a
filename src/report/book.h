/*
 * book: who changed when, as a recording says it.
 *
 * Takes changes in any order, and keeps them: 24 bytes each.  When it is
 * closed, the window is known, and each user has sums and a story.
 */
#ifndef GCP_REPORT_BOOK_H
#define GCP_REPORT_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "story.h"
#include "sums.h"

struct blinds;
struct book;
struct fail;
struct names;
struct record;

struct person {
	char *id;   /* as it was spelled first */
	char *name; /* the last one told, or NULL */
	struct moment *moments;
	size_t count;
	size_t room;
	bool in_order;
	struct sums sums;
};

struct book_plan {
	bool hours;       /* sums are by hour */
	int64_t from_ms;  /* NOW_NONE: from the first receivedAt */
	int64_t to_ms;    /* NOW_NONE: until what was last seen */
	int64_t until_ms; /* last states go on until now, or NOW_NONE */
};

struct book *book_new(const struct book_plan *plan);
void book_free(struct book *book);

/* -1 with FAIL_DATA where the change cannot be taken. */
int book_add(struct book *book, const struct record *record, struct fail *why);
void book_add_gap(struct book *book, int64_t from_ms, int64_t to_ms);

/* No more comes.  -1 with FAIL_DATA where it is too long for sums by hour. */
int book_close(struct book *book, struct fail *why);

/* When closed: */

/* Whether there was any line that has a time. */
bool book_has_times(const struct book *book);
const struct story *book_story(const struct book *book);
const struct names *book_names(const struct book *book);
size_t book_count(const struct book *book);
/* Visits all: start with *cursor 0; NULL at the end. */
struct person *book_next(const struct book *book, size_t *cursor);

/* Tells a person's story. */
void book_tell(const struct book *book, const struct person *person,
    const struct story_ear *ear);

#endif
