/*
 * census: whether there is room for another channel.
 *
 * The 21st channel of an OAuth client pushes out the one that was idle longest,
 * so those that exist are counted before ours are made.  However many links
 * ask, one count is under way, and it is believed for a few seconds.  It knows
 * which channels are ours by the accounts in struct link_env.
 */
#ifndef GCP_CENSUS_H
#define GCP_CENSUS_H

struct census;
struct census_wait;
struct fail;
struct link_env;

/*
 * why is NULL where there is room; FAIL_DISPLACED where others have too many
 * channels; another failure where nobody could be asked.
 */
typedef void census_fn(void *arg, const struct fail *why);

/* Borrows env for good. */
struct census *census_new(struct link_env *env);
/* All that was taken must have been answered or cancelled. */
void census_free(struct census *census);

/* Calls back once, never from within. */
struct census_wait *census_ask(struct census *census, census_fn *fn, void *arg);
/* Only before the answer; NULL is allowed. */
void census_cancel(struct census_wait *wait);

#endif
