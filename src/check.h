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
struct protocol;
struct settings;

struct check_handler {
	/* A step is over: print what is in the buffer. */
	void (*on_lines)(void *arg, struct buf *lines);
	/*
	 * Which protocol it is, before a connection is tried: the users can go
	 * into the plan now.  -1 where that fails.
	 */
	int (*on_protocol)(
	    void *arg, const struct protocol *protocol, struct fail *why);
	/* why: NULL where nothing failed, else the first failure. */
	void (*on_done)(void *arg, const struct fail *why);
};

/* The users of the plan are tried too, as far as they fit on a connection. */
struct check *check_new(const struct settings *settings,
    const struct endpoints *endpoints, struct http *http, struct link_env *env,
    const struct check_handler *handler, void *arg);
void check_free(struct check *check);

#endif
