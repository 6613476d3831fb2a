/*
 * survey: one look at the presence of all users, without a stream.
 *
 * For --once.  By the bulk presence call; there is no channel.
 */
#ifndef GCP_SURVEY_H
#define GCP_SURVEY_H

#include <stdint.h>

struct decoded;
struct fail;
struct link_env;
struct presence;
struct survey;

struct survey_options {
	int64_t retry_base_ms;
	int64_t retry_max_ms;
	unsigned int max_retries; /* in a row; 0: no end */
	uint64_t seed;
};

struct survey_handler {
	void (*on_presence)(void *arg, const struct presence *presence);
	void (*on_skipped)(void *arg, const struct decoded *decoded);
	/* why: NULL, or why it is not complete. */
	void (*on_done)(void *arg, const struct fail *why);
};

/* Asks for all users of the plan.  Borrows env and handler. */
struct survey *survey_new(struct link_env *env,
    const struct survey_options *options, const struct survey_handler *handler,
    void *arg);
void survey_free(struct survey *survey);

#endif
