#include "config.h"

#include "topics.h"

#include <stdlib.h>

#include "audit.h"
#include "buf.h"
#include "jput.h"
#include "link.h"
#include "log.h"
#include "topicanswer.h"
#include "xalloc.h"

/* [{"id":"v2.users....presence"},...] */
void
topics_put(struct buf *buf, const struct span *ids, size_t count)
{
	size_t i;

	buf_char(buf, '[');
	for (i = 0; i < count; i++) {
		buf_text(buf, i == 0 ? "{\"id\":\"" : ",{\"id\":\"");
		topicanswer_put_topic(buf, ids[i]);
		buf_text(buf, "\"}");
	}
	buf_char(buf, ']');
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

/* Sorts the users of a batch by what the service says of their topics. */
void
topics_read_answer(
    struct link *link, struct span body, const struct span *ids, size_t count)
{
	struct topicanswer *answer;
	struct span *accepted;
	struct buf reason;
	size_t i, good = 0;

	accepted = xcalloc(count, sizeof(*accepted));
	buf_init(&reason, SIZE_MAX);
	answer = topicanswer_new(body);
	for (i = 0; i < count; i++) {
		switch (topicanswer_of(answer, ids[i], i, &reason)) {
		case TOPICANSWER_REJECTED:
			topics_reject(link, ids[i], buf_string(&reason));
			buf_reset(&reason);
			continue;
		case TOPICANSWER_UNNAMED:
			log_warning(NULL,
			    "user %.*s: the service does not confirm the "
			    "subscription",
			    (int)ids[i].len, ids[i].at);
			break;
		case TOPICANSWER_ACCEPTED:
			break;
		}
		accepted[good++] = ids[i];
	}
	topicanswer_free(answer);
	buf_done(&reason);
	topics_audit(link, "SUBSCRIPTION_ACCEPTED", accepted, good);
	link_accepted(link, accepted, good);
	free(accepted);
}
