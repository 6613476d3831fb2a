/*
 * users: from what is asked for to a list of users on standard output.
 *
 * First all names are looked up, then all lists are read, and only when they
 * are complete something is printed: half a list would look like a whole one.
 * E-mail addresses come last; their users are printed as they are found.
 */
#ifndef GCP_USERS_USERS_H
#define GCP_USERS_USERS_H

struct asked_list;
struct fail;
struct setting_values;
struct users;

/*
 * values: of struct users_settings.  Borrows all.  Nothing is sent to anyone
 * before users_run().
 */
struct users *users_new(const struct setting_values *values,
    struct asked_list *asked, struct fail *why);
void users_free(struct users *users);

/*
 * Runs to the end; -1 where that is a failure.  The text is empty where all is
 * said; FAIL_UNMET: some addresses were not found.
 */
int users_run(struct users *users, struct fail *why);

#endif
