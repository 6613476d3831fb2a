#include "config.h"

#include "topic.h"

#include "text.h"
#include "userid.h"

/* Characters of a name, by the service. */
#define MAX_NAME 200

/* The suffixes of v2.users.{id} that the service knows. */
static const char *const suffixes[] = { "presence", "routingStatus",
	"outofoffice", "conversationsummary", "activity", "integrationpresence",
	"conversations", "station", "geolocation" };

static bool
knows_suffix(struct span suffix)
{
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (text_same(suffix, span_of(suffixes[i])))
			return true;
	/* v2.users.{id}.conversations.calls and the like. */
	return text_starts(suffix, "conversations.");
}

/* Suffixes joined by "&"; one unknown suffix spoils all. */
static enum topic_kind
read_suffixes(struct span suffixes_text)
{
	enum topic_kind kind = TOPIC_OTHER;
	struct span suffix;

	if (suffixes_text.len == 0)
		return TOPIC_UNKNOWN;
	while (suffixes_text.len > 0) {
		suffix = text_cut(&suffixes_text, '&');
		if (!knows_suffix(suffix))
			return TOPIC_UNKNOWN;
		if (text_same(suffix, span_of("presence")))
			kind = TOPIC_PRESENCE;
	}
	return kind;
}

enum topic_kind
topic_read(struct span name, struct span *ret_user)
{
	struct span rest = name;

	ret_user->at = NULL;
	ret_user->len = 0;
	if (name.len > MAX_NAME)
		return TOPIC_UNKNOWN;
	if (!text_starts(name, "v2.users."))
		return text_starts(name, "v2.") ? TOPIC_OTHER : TOPIC_UNKNOWN;
	rest.at += sizeof("v2.users.") - 1;
	rest.len -= sizeof("v2.users.") - 1;
	/* A user's ID has 36 characters, so the dot or "?" is behind it. */
	ret_user->at = rest.at;
	while (ret_user->len < rest.len && rest.at[ret_user->len] != '.' &&
	    rest.at[ret_user->len] != '?')
		ret_user->len++;
	if (!userid_is_uuid(*ret_user) || ret_user->len == rest.len)
		return TOPIC_UNKNOWN;
	rest.at += ret_user->len + 1;
	rest.len -= ret_user->len + 1;
	if (rest.at[-1] == '.' && !knows_suffix(rest))
		return TOPIC_UNKNOWN;
	if (rest.at[-1] == '.')
		return text_same(rest, span_of("presence")) ? TOPIC_PRESENCE
							    : TOPIC_OTHER;
	return read_suffixes(rest);
}
