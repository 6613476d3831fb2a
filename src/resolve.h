/*
 * resolve: host names -> addresses, off the loop.
 *
 * getaddrinfo() can block for minutes, so a thread calls it, one name after
 * the other.  A lookup that nobody waits for any more is dropped when it
 * returns.
 */
#ifndef GCP_RESOLVE_H
#define GCP_RESOLVE_H

#include <netinet/in.h>
#include <stddef.h>

struct fail;
struct loop;
struct lookup;
struct resolver;

/* Addresses that are kept of one name. */
#define RESOLVE_MAX 16

struct resolved {
	size_t count;
	char addresses[RESOLVE_MAX][INET6_ADDRSTRLEN]; /* numeric */
};

/*
 * The answer: resolved, or NULL with why (FAIL_UNREACHABLE; FAIL_CONFIG where
 * the name does not exist).  The lookup is over then.
 */
typedef void resolve_fn(
    void *arg, const struct resolved *resolved, const struct fail *why);

struct resolver *resolver_new(struct loop *loop);

/* Does not wait for a lookup that hangs; the lookups must be cancelled. */
void resolver_free(struct resolver *resolver);

struct lookup *resolve_start(
    struct resolver *resolver, const char *host, resolve_fn *fn, void *arg);
/* Only before the answer came. */
void resolve_cancel(struct lookup *lookup);

#endif
