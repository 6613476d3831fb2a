/*
 * topiclist: the topics of a channel, in the order in which they came.
 *
 * Keeps the channel's listener to what the topics are about.
 */
#ifndef GCP_SIM_TOPICLIST_H
#define GCP_SIM_TOPICLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

struct listener;
struct topiclist;
struct user;

/* listener is borrowed. */
struct topiclist *topiclist_new(struct listener *listener);
void topiclist_free(struct topiclist *list);

size_t topiclist_count(const struct topiclist *list);
struct span topiclist_name(const struct topiclist *list, size_t i);

/* Names are compared without case. */
bool topiclist_has(const struct topiclist *list, struct span name);

/*
 * user is who is to be heard of, or NULL.  A topic that is there already stays
 * where it is.
 */
void topiclist_add(struct topiclist *list, struct span name, struct user *user);
void topiclist_remove(struct topiclist *list, struct span name);
void topiclist_clear(struct topiclist *list);

#endif
