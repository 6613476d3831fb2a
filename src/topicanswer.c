#include "config.h"

#include "topicanswer.h"

#include <stdbool.h>
#include <stdlib.h>

#include "buf.h"
#include "caps.h"
#include "fail.h"
#include "jget.h"
#include "redact.h"
#include "xalloc.h"

#define TOPIC_PREFIX "v2.users."
#define TOPIC_SUFFIX ".presence"

/* Bytes of the service's own words. */
#define SHOWN 200

struct topicanswer {
	struct jget *jget;
	struct json_object *entities; /* or NULL */
};

void
topicanswer_put_topic(struct buf *buf, struct span id)
{
	buf_text(buf, TOPIC_PREFIX);
	buf_add(buf, id.at, id.len);
	buf_text(buf, TOPIC_SUFFIX);
}

/* Names of topics are compared without case. */
static bool
is_topic_of(struct span topic, struct span id)
{
	const size_t before = sizeof(TOPIC_PREFIX) - 1;
	const size_t behind = sizeof(TOPIC_SUFFIX) - 1;

	return topic.len == before + id.len + behind &&
	    strncasecmp(topic.at, TOPIC_PREFIX, before) == 0 &&
	    strncasecmp(topic.at + before, id.at, id.len) == 0 &&
	    strncasecmp(topic.at + before + id.len, TOPIC_SUFFIX, behind) == 0;
}

struct topicanswer *
topicanswer_new(struct span body)
{
	struct topicanswer *answer;
	struct fail ignored;

	answer = xcalloc(1, sizeof(*answer));
	answer->jget = jget_new();
	answer->entities =
	    jget_array(jget_parse(answer->jget, body, &ignored), "entities");
	return answer;
}

void
topicanswer_free(struct topicanswer *answer)
{
	if (answer == NULL)
		return;
	jget_free(answer->jget);
	free(answer);
}

/* The entity of a user's topic in the answer, or NULL. */
static struct json_object *
entity_of(struct json_object *entities, struct span id, size_t place)
{
	struct json_object *entity;
	size_t i, count = jget_count(entities);

	/* An answer of more is none to be searched for each user. */
	if (count > CAP_CHANNEL_TOPICS)
		count = CAP_CHANNEL_TOPICS;
	/* The answer is in the order of the request, most likely. */
	for (i = 0; i < count; i++) {
		entity = jget_item(entities, (place + i) % count);
		if (is_topic_of(jget_text(entity, "id"), id))
			return entity;
	}
	return NULL;
}

/* Why a topic has the state "Rejected". */
static void
put_reason(struct buf *buf, const struct json_object *entity)
{
	struct json_object *missing = jget_array(entity, "missingPermissions");
	struct span reason = jget_text(entity, "rejectionReason"), permission;
	struct buf text;
	size_t i;

	buf_init(&text, TOPICANSWER_REASON);
	/* A sentence of the service's becomes a part of ours. */
	if (reason.len > 0 && reason.at[reason.len - 1] == '.')
		reason.len--;
	redact_put(&text, reason, SHOWN);
	for (i = 0; i < jget_count(missing); i++) {
		permission = jget_item_text(missing, i);
		if (text.len > 0)
			buf_text(&text, i > 0 ? ", " : "; ");
		buf_text(&text, i > 0 ? "" : "missing permission ");
		redact_put(&text, permission, SHOWN);
	}
	if (text.len == 0)
		buf_text(&text, "the service says no more");
	buf_add(buf, text.bytes, text.len);
	buf_done(&text);
}

enum topicanswer_verdict
topicanswer_of(const struct topicanswer *answer, struct span id, size_t place,
    struct buf *reason)
{
	struct json_object *entity = entity_of(answer->entities, id, place);

	if (span_is(jget_text(entity, "state"), "Rejected")) {
		put_reason(reason, entity);
		return TOPICANSWER_REJECTED;
	}
	return entity == NULL ? TOPICANSWER_UNNAMED : TOPICANSWER_ACCEPTED;
}
