/*
 * fail: why a call did not succeed.
 *
 * A call that can fail at run time returns -1 or NULL and fills the struct
 * fail that its caller gave as the last argument.  The kind says what the
 * caller can do about it, not where it broke; only status maps kinds to exit
 * statuses.  The text says what happened, to which thing, and what to do.
 */
#ifndef GCP_FAIL_H
#define GCP_FAIL_H

#include <stdbool.h>
#include <stdint.h>

enum fail_kind {
	FAIL_NONE,
	FAIL_UNMET,         /* what was waited for did not come */
	FAIL_USAGE,         /* the command line makes no sense */
	FAIL_DATA,          /* user IDs or a data file are no good */
	FAIL_FILE,          /* a file cannot be read */
	FAIL_CONFIG,        /* a setting, a host or a region is wrong */
	FAIL_ABSENT,        /* the host has no such interface */
	FAIL_REFUSED,       /* the service says no, and will say it again */
	FAIL_STALE_TOKEN,   /* the token was refused: another one may work */
	FAIL_STALE_CHANNEL, /* the channel is gone: a new one will work */
	FAIL_UNTRUSTED,   /* the host's certificate does not prove who it is */
	FAIL_LOCKED,      /* another process has the state file */
	FAIL_DISPLACED,   /* somebody else took our channels */
	FAIL_UNREACHABLE, /* nobody answers: try again */
	FAIL_BUSY,        /* the service says "not now": try again */
	FAIL_OUTPUT,      /* writing failed */
	FAIL_READER_GONE, /* nobody reads standard output any more */
	FAIL_INTERNAL,    /* a defect, or no memory */
};

#define FAIL_TEXT 768

struct fail {
	enum fail_kind kind;
	/* Milliseconds that the service asked us to wait; 0: it did not. */
	int64_t retry_after_ms;
	char text[FAIL_TEXT];
};

/*
 * Fills why and returns -1, so that "return fail_set(...)" is one line.  A
 * text that does not fit is cut.  why may be NULL.
 */
int fail_set(struct fail *why, enum fail_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether trying again later may help. */
bool fail_may_pass(const struct fail *why);

#endif
