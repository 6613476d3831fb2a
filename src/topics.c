#include "config.h"

#include "topics.h"

#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "buf.h"
#include "caps.h"
#include "fail.h"
#include "jget.h"
#include "jput.h"
#include "link.h"
#include "log.h"
#include "xalloc.h"

#define TOPIC_PREFIX "v2.users."
#define TOPIC_SUFFIX ".presence"

static void
put_topic(struct buf *buf, struct span id)
{
	buf_text(buf, TOPIC_PREFIX);
	buf_add(buf, id.at, id.len);
	buf_text(buf, TOPIC_SUFFIX);
}

/* [{"id":"v2.users....presence"},...] */
void
topics_put(struct buf *buf, const struct span *ids, size_t count)
{
	size_t i;

	buf_char(buf, '[');
	for (i = 0; i < count; i++) {
		buf_text(buf, i == 0 ? "{\"id\":\"" : ",{\"id\":\"");
		put_topic(buf, ids[i]);
		buf_text(buf, "\"}");
	}
	buf_char(buf, ']');
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

void
topics_audit(
    struct link *link, const char *action, const struct span *ids, size_t count)
{
	struct audit *audit = link_env(link)->audit;
	struct buf list;
	size_t i;

	if (audit == NULL || count == 0)
		return;
	buf_init(&list, SIZE_MAX);
	for (i = 0; i < count; i++) {
		buf_char(&list, i == 0 ? '[' : ',');
		jput_string(&list, ids[i]);
	}
	buf_char(&list, ']');
	audit_start(audit, action);
	audit_number(audit, "connection", link_number(link));
	audit_number(audit, "users", (int64_t)count);
	audit_json(audit, "userIds", span_of(buf_string(&list)));
	audit_finish(audit);
	buf_done(&list);
}

void
topics_reject(struct link *link, struct span id, const char *why)
{
	struct audit *audit = link_env(link)->audit;

	log_warning(NULL, "user %.*s is refused: %s", (int)id.len, id.at, why);
	audit_start(audit, "SUBSCRIPTION_REJECTED");
	audit_number(audit, "connection", link_number(link));
	audit_text(audit, "userId", id);
	audit_words(audit, "why", span_of(why));
	audit_finish(audit);
	link_rejected(link, id, why);
}

/* One topic of the answer has the state "Rejected", with its reasons. */
static void
reject_topic(
    struct link *link, struct span id, const struct json_object *entity)
{
	struct json_object *missing = jget_array(entity, "missingPermissions");
	struct span reason = jget_text(entity, "rejectionReason"), permission;
	struct buf text;
	size_t i;

	buf_init(&text, 512);
	/* A sentence of the service's becomes a part of ours. */
	if (reason.len > 0 && reason.at[reason.len - 1] == '.')
		reason.len--;
	buf_add(&text, reason.at, reason.len < 200 ? reason.len : 200);
	for (i = 0; i < jget_count(missing); i++) {
		permission = jget_item_text(missing, i);
		if (text.len > 0)
			buf_text(&text, i > 0 ? ", " : "; ");
		buf_text(&text, i > 0 ? "" : "missing permission ");
		buf_add(&text, permission.at, permission.len);
	}
	if (text.len == 0)
		buf_text(&text, "the service says no more");
	topics_reject(link, id, buf_string(&text));
	buf_done(&text);
}

/* The entity of a user's topic in the answer, or NULL. */
static struct json_object *
entity_of(struct json_object *entities, struct span id, size_t hint)
{
	struct json_object *entity;
	size_t i, count = jget_count(entities);

	/* An answer of more is none to be searched for each user. */
	if (count > CAP_CHANNEL_TOPICS)
		count = CAP_CHANNEL_TOPICS;
	/* The answer is in the order of the request, most likely. */
	for (i = 0; i < count; i++) {
		entity = jget_item(entities, (hint + i) % count);
		if (is_topic_of(jget_text(entity, "id"), id))
			return entity;
	}
	return NULL;
}

/* Sorts the users of a batch by what the service says of their topics. */
void
topics_read_answer(
    struct link *link, struct span body, const struct span *ids, size_t count)
{
	struct json_object *entities, *entity;
	struct jget *jget;
	struct fail ignored;
	struct span *accepted;
	size_t i, good = 0;

	accepted = xcalloc(count, sizeof(*accepted));
	jget = jget_new();
	entities = jget_array(jget_parse(jget, body, &ignored), "entities");
	for (i = 0; i < count; i++) {
		entity = entity_of(entities, ids[i], i);
		if (span_is(jget_text(entity, "state"), "Rejected")) {
			reject_topic(link, ids[i], entity);
			continue;
		}
		if (entity == NULL)
			log_warning(NULL,
			    "user %.*s: the service does not confirm the "
			    "subscription",
			    (int)ids[i].len, ids[i].at);
		accepted[good++] = ids[i];
	}
	jget_free(jget);
	topics_audit(link, "SUBSCRIPTION_ACCEPTED", accepted, good);
	link_accepted(link, accepted, good);
	free(accepted);
}
