/*
 * check: tries what a run needs, step by step, for --check.
 *
 * Prints a line for each step: "ok", "warn" or "FAIL", what was found, and
 * what to do.  A channel is made and given back; nothing else is changed.
 */
#ifndef GCP_CHECK_H
#define GCP_CHECK_H

struct buf;
struct check;
struct endpoints;
struct fail;
struct link_env;
struct http;
struct settings;

struct check_handler {
	/* A step is over: print what is in the buffer. */
	void (*on_lines)(void *arg, struct buf *lines);
	/* why: NULL where nothing failed, else the first failure. */
	void (*on_done)(void *arg, const struct fail *why);
};

/* The users of the plan are tried too, as far as they fit on a connection. */
struct check *check_new(const struct settings *settings,
    const struct endpoints *endpoints, struct http *http, struct link_env *env,
    const struct check_handler *handler, void *arg);
void check_free(struct check *check);

#endif
