/*
 * asked: the queues, groups and teams of the command line, in order.
 *
 * A setting has one value, so the options that may come several times are read
 * here, by the same getopt_long() and table, once more.
 */
#ifndef GCP_USERS_ASKED_H
#define GCP_USERS_ASKED_H

#include <stddef.h>

struct fail;
struct place;
struct setting_table;

struct asked {
	const struct place *place;
	const char *text; /* of the command line: a name or an ID */
	char *id;         /* NULL until it is known */
};

struct asked_list {
	struct asked *rows;
	size_t count;
};

/*
 * Fills a zeroed list.  The command line must have passed options_read(); its
 * texts are borrowed.  -1 with FAIL_CONFIG where one of them is empty.
 */
int asked_read(struct asked_list *list, const struct setting_table *table,
    int argc, char *argv[], struct fail *why);
void asked_done(struct asked_list *list);

/* Adds a place that has no name: id is "". */
void asked_add_all(struct asked_list *list);

#endif
