/*
 * topicanswer: what the service answers to a subscription, topic by topic.
 *
 * It names each topic of the request again, with the state that it has or why
 * it is refused.  Bytes in, values out: telling and auditing is for topics.
 */
#ifndef GCP_TOPICANSWER_H
#define GCP_TOPICANSWER_H

#include <stddef.h>

#include "span.h"

struct buf;
struct topicanswer;

enum topicanswer_verdict {
	TOPICANSWER_ACCEPTED,
	TOPICANSWER_UNNAMED, /* nothing is said of it */
	TOPICANSWER_REJECTED,
};

/* Bytes of a reason. */
#define TOPICANSWER_REASON 512

/* What is no such answer names no topic. */
struct topicanswer *topicanswer_new(struct span body);
void topicanswer_free(struct topicanswer *answer);

/*
 * What is said of a user's presence.  place: of the user in the request, where
 * the answer most likely names it too.  Adds to an empty reason why it was
 * rejected, at most TOPICANSWER_REASON bytes.
 */
enum topicanswer_verdict topicanswer_of(const struct topicanswer *answer,
    struct span id, size_t place, struct buf *reason);

/* Adds the name of a user's topic. */
void topicanswer_put_topic(struct buf *buf, struct span id);

#endif
