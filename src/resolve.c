#include "config.h"

#include "resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "fail.h"
#include "loop.h"
#include "xalloc.h"

struct lookup {
	struct lookup *next;
	struct shared *shared;
	char *host;
	resolve_fn *fn; /* NULL: cancelled */
	void *arg;
	struct resolved resolved;
	int error; /* of getaddrinfo() */
};

struct lookups {
	struct lookup *first;
	struct lookup **last;
};

/* Lives until both the owner and the thread are done with it. */
struct shared {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct lookups asked;
	struct lookups answered;
	struct loop *loop;
	bool abandoned;
};

struct resolver {
	struct shared *shared;
	struct loop_waker *waker;
	bool running;
};

static void
append(struct lookups *lookups, struct lookup *lookup)
{
	lookup->next = NULL;
	*lookups->last = lookup;
	lookups->last = &lookup->next;
}

static struct lookup *
take_first(struct lookups *lookups)
{
	struct lookup *lookup = lookups->first;

	if (lookup == NULL)
		return NULL;
	lookups->first = lookup->next;
	if (lookups->first == NULL)
		lookups->last = &lookups->first;
	return lookup;
}

/* False where it is not among them. */
static bool
take_out(struct lookups *lookups, struct lookup *lookup)
{
	struct lookup **link = &lookups->first;

	while (*link != NULL && *link != lookup)
		link = &(*link)->next;
	if (*link == NULL)
		return false;
	*link = lookup->next;
	if (lookup->next == NULL)
		lookups->last = link;
	return true;
}

static void
lookup_free(struct lookup *lookup)
{
	free(lookup->host);
	free(lookup);
}

static void
shared_free(struct shared *shared)
{
	struct lookup *lookup;

	while ((lookup = take_first(&shared->asked)) != NULL)
		lookup_free(lookup);
	while ((lookup = take_first(&shared->answered)) != NULL)
		lookup_free(lookup);
	(void)pthread_mutex_destroy(&shared->lock);
	(void)pthread_cond_destroy(&shared->changed);
	free(shared);
}

static void
resolve(struct lookup *lookup)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL, *one;
	struct resolved *resolved = &lookup->resolved;
	char *text;

	lookup->error = getaddrinfo(lookup->host, NULL, &hints, &found);
	if (lookup->error != 0)
		return;
	for (one = found; one != NULL && resolved->count < RESOLVE_MAX;
	     one = one->ai_next) {
		text = resolved->addresses[resolved->count];
		if (getnameinfo(one->ai_addr, one->ai_addrlen, text,
			INET6_ADDRSTRLEN, NULL, 0, NI_NUMERICHOST) == 0)
			resolved->count++;
	}
	freeaddrinfo(found);
}

static void *
answer_lookups(void *arg)
{
	struct shared *shared = arg;
	struct lookup *lookup;

	(void)pthread_mutex_lock(&shared->lock);
	while (!shared->abandoned) {
		lookup = take_first(&shared->asked);
		if (lookup == NULL) {
			(void)pthread_cond_wait(
			    &shared->changed, &shared->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&shared->lock);
		resolve(lookup);
		(void)pthread_mutex_lock(&shared->lock);
		append(&shared->answered, lookup);
		/* Under the lock, since the loop goes once it is abandoned. */
		if (!shared->abandoned)
			loop_wake(shared->loop);
	}
	(void)pthread_mutex_unlock(&shared->lock);
	shared_free(shared);
	return NULL;
}

static void
tell(struct lookup *lookup)
{
	struct fail why;
	bool unknown = lookup->error == EAI_NONAME;

#ifdef EAI_NODATA
	unknown = unknown || lookup->error == EAI_NODATA;
#endif
	if (lookup->fn == NULL)
		return;
	if (lookup->error == 0 && lookup->resolved.count > 0) {
		lookup->fn(lookup->arg, &lookup->resolved, NULL);
		return;
	}
	(void)fail_set(&why, unknown ? FAIL_CONFIG : FAIL_UNREACHABLE,
	    "cannot resolve host '%s': %s", lookup->host,
	    lookup->error == 0 ? "no address" : gai_strerror(lookup->error));
	lookup->fn(lookup->arg, NULL, &why);
}

static void
on_wake(void *arg)
{
	struct resolver *resolver = arg;
	struct lookup *lookup;

	for (;;) {
		(void)pthread_mutex_lock(&resolver->shared->lock);
		lookup = take_first(&resolver->shared->answered);
		(void)pthread_mutex_unlock(&resolver->shared->lock);
		if (lookup == NULL)
			return;
		tell(lookup);
		lookup_free(lookup);
	}
}

struct resolver *
resolver_new(struct loop *loop)
{
	struct resolver *resolver;
	struct shared *shared;

	shared = xcalloc(1, sizeof(*shared));
	(void)pthread_mutex_init(&shared->lock, NULL);
	(void)pthread_cond_init(&shared->changed, NULL);
	shared->asked.last = &shared->asked.first;
	shared->answered.last = &shared->answered.first;
	shared->loop = loop;
	resolver = xcalloc(1, sizeof(*resolver));
	resolver->shared = shared;
	resolver->waker = loop_waker_new(loop, on_wake, resolver);
	return resolver;
}

void
resolver_free(struct resolver *resolver)
{
	struct shared *shared;

	if (resolver == NULL)
		return;
	shared = resolver->shared;
	(void)pthread_mutex_lock(&shared->lock);
	shared->abandoned = true;
	(void)pthread_cond_signal(&shared->changed);
	(void)pthread_mutex_unlock(&shared->lock);
	if (!resolver->running)
		shared_free(shared);
	loop_waker_free(resolver->waker);
	free(resolver);
}

struct lookup *
resolve_start(
    struct resolver *resolver, const char *host, resolve_fn *fn, void *arg)
{
	struct shared *shared = resolver->shared;
	struct lookup *lookup;
	pthread_t thread;

	lookup = xcalloc(1, sizeof(*lookup));
	lookup->shared = shared;
	lookup->host = xstrdup(host);
	lookup->fn = fn;
	lookup->arg = arg;
	if (!resolver->running &&
	    pthread_create(&thread, NULL, answer_lookups, shared) == 0) {
		(void)pthread_detach(thread);
		resolver->running = true;
	}
	(void)pthread_mutex_lock(&shared->lock);
	if (resolver->running) {
		append(&shared->asked, lookup);
		(void)pthread_cond_signal(&shared->changed);
	} else {
		lookup->error = EAI_MEMORY;
		append(&shared->answered, lookup);
		loop_wake(shared->loop);
	}
	(void)pthread_mutex_unlock(&shared->lock);
	return lookup;
}

void
resolve_cancel(struct lookup *lookup)
{
	bool waits;

	if (lookup == NULL)
		return;
	/* Only the loop's thread reads it. */
	lookup->fn = NULL;
	/* While names hang, what nobody wants must not pile up. */
	(void)pthread_mutex_lock(&lookup->shared->lock);
	waits = take_out(&lookup->shared->asked, lookup);
	(void)pthread_mutex_unlock(&lookup->shared->lock);
	if (waits)
		lookup_free(lookup);
}
