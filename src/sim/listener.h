/*
 * listener: who wants to hear of whom.
 *
 * A listener is one subscription list, of a channel or of a connection of the
 * events protocol, and where its events go; its owner makes and frees it.  The
 * audience is all of them.  A user's own list of listeners is kept here.
 */
#ifndef GCP_SIM_LISTENER_H
#define GCP_SIM_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

struct audience;
struct listener;
struct socket;
struct user;

typedef void audience_change_fn(void *arg);

/* fn is called when more or fewer may be heard; may be NULL. */
struct audience *audience_new(audience_change_fn *fn, void *arg);
/* Its listeners have been freed before. */
void audience_free(struct audience *audience);

/* Different users that open connections are subscribed to. */
size_t audience_users(const struct audience *audience);

/* Visits: the one after a listener, or the first; NULL at the end. */
struct listener *audience_next(
    const struct audience *audience, const struct listener *listener);

struct listener *listener_new(struct audience *audience);
void listener_free(struct listener *listener);

/* Adding a user twice changes nothing. */
void listener_add(struct listener *listener, struct user *user);
void listener_clear(struct listener *listener);
size_t listener_count(const struct listener *listener);
const struct user *listener_user(const struct listener *listener, size_t i);

/* Where its events go; NULL: nowhere for now. */
void listener_connect(struct listener *listener, struct socket *socket);
struct socket *listener_socket(const struct listener *listener);

/* The socket is open still, but nothing gets through any more. */
void listener_deafen(struct listener *listener);

/* Whether what is sent now gets out. */
bool listener_hears(const struct listener *listener);

#endif
