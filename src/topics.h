/*
 * topics: what is asked of a channel, and what the service says to it.
 *
 * A user's topic is "v2.users.{id}.presence"; an answer has for each topic
 * whether it is permitted, or why it is not.  What is asked, permitted and
 * refused is audited.  It sends nothing.
 */
#ifndef GCP_TOPICS_H
#define GCP_TOPICS_H

#include <stddef.h>

#include "span.h"

struct buf;
struct link;

/* [{"id":"v2.users....presence"},...] */
void topics_put(struct buf *buf, const struct span *ids, size_t count);

/*
 * Sorts the users of a request by what the answer says of their topics, and
 * tells the link.
 */
void topics_read_answer(
    struct link *link, struct span body, const struct span *ids, size_t count);

/* Says and audits that the user is refused, and tells the link. */
void topics_reject(struct link *link, struct span id, const char *why);

void topics_audit(struct link *link, const char *action, const struct span *ids,
    size_t count);

#endif
