#include "config.h"

#include "decode.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caps.h"
#include "jget.h"
#include "message.h"
#include "redact.h"
#include "xalloc.h"

/* An ID in the form that is usual. */
#define UUID_LEN 36

struct decode {
	struct jget *jget;
	struct json_object *root;
	struct message_scanner *scanner;
	bool use_tree; /* the scanner is left out */
	char state[CAP_STATE];
	char text[256];
};

struct decode *
decode_new(void)
{
	struct decode *decode;

	decode = xcalloc(1, sizeof(*decode));
	decode->jget = jget_new();
	decode->scanner = message_scanner_new();
	return decode;
}

void
decode_free(struct decode *decode)
{
	if (decode == NULL)
		return;
	jget_free(decode->jget);
	message_scanner_free(decode->scanner);
	free(decode);
}

void
decode_use_tree(struct decode *decode)
{
	decode->use_tree = true;
}

static void verdict(struct decode *decode, struct decoded *ret,
    enum decode_kind kind, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void
verdict(struct decode *decode, struct decoded *ret, enum decode_kind kind,
    const char *format, ...)
{
	char text[sizeof(decode->text) + CAP_TOKEN];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	/* A cut first could leave the start of a secret. */
	redact_text(text, strlen(text));
	text[sizeof(decode->text) - 1] = '\0';
	memcpy(decode->text, text, strlen(text) + 1);
	ret->kind = kind;
	ret->text = span_of(decode->text);
}

/* Begins a verdict. */
static void
clear(struct decoded *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->presence.changed_ms = NOW_NONE;
}

static bool
starts_with(struct span text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len >= len && strncasecmp(text.at, prefix, len) == 0;
}

static bool
same_word(struct span text, const char *word)
{
	return text.len == strlen(word) && starts_with(text, word);
}

/* Whether they differ in case only, which is rare. */
static inline bool
same_letters(const char *one, const char *other, size_t len)
{
	return memcmp(one, other, len) == 0 ||
	    strncasecmp(one, other, len) == 0;
}

/* The ID in "v2.users.{id}.presence"; no value where it is another topic. */
static struct span
user_of_topic(struct span topic)
{
	static const char prefix[] = "v2.users.", suffix[] = ".presence";
	const size_t before = sizeof(prefix) - 1, behind = sizeof(suffix) - 1;
	struct span user = { NULL, 0 };

	if (topic.len <= before + behind ||
	    !same_letters(topic.at, prefix, before) ||
	    !same_letters(topic.at + topic.len - behind, suffix, behind))
		return user;
	user.at = topic.at + before;
	user.len = topic.len - before - behind;
	if (user.len > CAP_USER_ID || memchr(user.at, '.', user.len) != NULL)
		memset(&user, 0, sizeof(user));
	return user;
}

/*
 * State, definition and time, as a socket's eventBody and a bulk row both have
 * them.  False with the verdict where one of them is no good.
 */
static bool
read_body(
    struct decode *decode, const struct message *message, struct decoded *ret)
{
	struct presence *presence = &ret->presence;

	presence->state =
	    presence_state(message->system_presence, decode->state);
	presence->definition = message->definition;
	if (presence->state.at == NULL) {
		verdict(decode, ret, DECODE_MALFORMED,
		    "presenceDefinition.systemPresence is missing, empty or "
		    "too long");
		return false;
	}
	if (presence->definition.len > CAP_DEFINITION) {
		verdict(decode, ret, DECODE_MALFORMED,
		    "presenceDefinition.id is too long");
		return false;
	}
	if (message->bad_date ||
	    (message->date.at != NULL &&
		now_parse(message->date, &presence->changed_ms) == -1)) {
		verdict(decode, ret, DECODE_MALFORMED,
		    "modifiedDate is not a time");
		return false;
	}
	ret->kind = DECODE_PRESENCE;
	return true;
}

static void
read_presence_event(
    struct decode *decode, const struct message *message, struct decoded *ret)
{
	struct span owner = message->body_user;

	if (owner.at != NULL &&
	    (owner.len != ret->presence.user_id.len ||
		strncasecmp(owner.at, ret->presence.user_id.at, owner.len) !=
		    0)) {
		verdict(decode, ret, DECODE_MALFORMED,
		    "topicName and eventBody name different users");
		return;
	}
	if (!read_body(decode, message, ret))
		return;
	/* Where nothing says whether it is, only one source is known to be. */
	if (message->has_primary ? !message->primary
				 : message->source.at != NULL &&
		    !same_word(message->source, "PURECLOUD"))
		verdict(decode, ret, DECODE_SECONDARY,
		    "source %.*s is not the user's primary one",
		    (int)message->source.len, message->source.at);
}

/* False with the verdict where the user ID is no good; then there is none. */
static bool
check_user(struct decode *decode, struct decoded *ret)
{
	struct span *user = &ret->presence.user_id;

	if (user->len > 0 && user->len <= CAP_USER_ID)
		return true;
	memset(user, 0, sizeof(*user));
	verdict(decode, ret, DECODE_MALFORMED,
	    "userId is missing, empty or too long");
	return false;
}

static void
read_state_event(
    struct decode *decode, const struct message *message, struct decoded *ret)
{
	struct presence *presence = &ret->presence;

	presence->user_id = message->user_id;
	presence->state = presence_state(message->state, decode->state);
	if (!check_user(decode, ret))
		return;
	if (presence->state.at == NULL)
		verdict(decode, ret, DECODE_MALFORMED,
		    "state is missing, empty or too long");
	else if (message->timestamp.at != NULL &&
	    now_parse(message->timestamp, &presence->changed_ms) == -1)
		verdict(
		    decode, ret, DECODE_MALFORMED, "timestamp is not a time");
	else
		ret->kind = DECODE_PRESENCE;
}

/* The fields of an eventBody, or of a bulk row, out of the tree. */
static void
fill_body(const struct json_object *body, struct message *ret)
{
	const struct json_object *definition =
	    jget_object(body, "presenceDefinition");

	ret->body_user = jget_text(body, "userId");
	ret->system_presence = jget_text(definition, "systemPresence");
	ret->definition = jget_text(definition, "id");
	ret->date = jget_text(body, "modifiedDate");
	ret->bad_date =
	    ret->date.at == NULL && !jget_is_null(body, "modifiedDate");
	ret->source = jget_text(body, "source");
	ret->has_primary = jget_bool(body, "primary", true) ==
	    jget_bool(body, "primary", false);
	ret->primary = jget_bool(body, "primary", false);
}

/* A message of a channel that is not of a presence topic. */
static void
read_other_topic(struct decode *decode, const struct json_object *root,
    struct span topic, struct decoded *ret)
{
	struct span result = jget_text(root, "result");
	struct span reason =
	    jget_text(jget_object(root, "eventBody"), "reason");

	if (topic.at == NULL && result.at == NULL)
		verdict(decode, ret, DECODE_MALFORMED, "topicName is missing");
	else if (topic.at == NULL)
		verdict(decode, ret,
		    span_is(result, "200") ? DECODE_OTHER : DECODE_COMPLAINT,
		    "answer %.*s: %.*s", (int)result.len, result.at,
		    (int)jget_text(root, "message").len,
		    jget_text(root, "message").at);
	else if (same_word(topic, "channel.metadata"))
		verdict(decode, ret, DECODE_HEARTBEAT, "heartbeat");
	else if (same_word(topic, "v2.system.socket_closing"))
		verdict(decode, ret, DECODE_CLOSING, "socket_closing");
	else if (starts_with(topic, "v2.system.no_longer_subscribed"))
		verdict(decode, ret, DECODE_DISPLACED, "%.*s", (int)reason.len,
		    reason.at);
	else if (starts_with(topic, "v2.system.token_revoked"))
		verdict(decode, ret, DECODE_TOKEN_REVOKED, "token_revoked");
	else
		verdict(decode, ret, DECODE_OTHER, "topic %.*s", (int)topic.len,
		    topic.at);
}

static void
read_notification(
    struct decode *decode, const struct json_object *root, struct decoded *ret)
{
	struct message message = { 0 };
	struct span topic = jget_text(root, "topicName");

	ret->presence.user_id = user_of_topic(topic);
	if (ret->presence.user_id.at == NULL) {
		read_other_topic(decode, root, topic, ret);
		return;
	}
	fill_body(jget_object(root, "eventBody"), &message);
	read_presence_event(decode, &message, ret);
}

/* Whether the text has the word "presence" in it, in any case. */
static bool
names_presence(struct span text)
{
	for (; text.len > 0; text.at++, text.len--)
		if (starts_with(text, "presence"))
			return true;
	return false;
}

/* A timestamp as a number: seconds since 1970, or milliseconds. */
static bool
read_number_time(const struct json_object *root, int64_t *ret_ms)
{
	int64_t number;

	if (!jget_number(root, "timestamp", &number))
		return jget_is_null(root, "timestamp");
	if (number <= 0 || number > NOW_MAX)
		return false;
	/* 10^11 seconds are far ahead, as milliseconds it is 1973. */
	*ret_ms = number < 100000000000 ? number * 1000 : number;
	return true;
}

static void
read_event(
    struct decode *decode, const struct json_object *root, struct decoded *ret)
{
	struct message message = { 0 };
	struct span type = jget_text(root, "eventType");

	if (same_word(jget_text(root, "type"), "error")) {
		verdict(decode, ret, DECODE_COMPLAINT, "%.*s",
		    (int)jget_text(root, "message").len,
		    jget_text(root, "message").at);
		return;
	}
	if (type.at == NULL) {
		verdict(decode, ret, DECODE_MALFORMED, "eventType is missing");
		return;
	}
	if (!names_presence(type)) {
		verdict(decode, ret, DECODE_OTHER, "eventType %.*s",
		    (int)type.len, type.at);
		return;
	}
	message.user_id = jget_text(root, "userId");
	message.state = jget_text(root, "state");
	message.timestamp = jget_text(root, "timestamp");
	read_state_event(decode, &message, ret);
	if (ret->kind == DECODE_PRESENCE && message.timestamp.at == NULL &&
	    !read_number_time(root, &ret->presence.changed_ms))
		verdict(
		    decode, ret, DECODE_MALFORMED, "timestamp is not a time");
}

/* The message as an object, or NULL with the verdict that it is none. */
static const struct json_object *
parse(struct decode *decode, struct span text, struct decoded *ret)
{
	const struct json_object *root;
	struct fail why;

	clear(ret);
	root = jget_parse(decode->jget, text, &why);
	if (root == NULL)
		verdict(decode, ret, DECODE_MALFORMED, "%s", why.text);
	else if (!jget_is_object(root))
		verdict(decode, ret, DECODE_MALFORMED, "not a JSON object");
	return jget_is_object(root) ? root : NULL;
}

/* The shapes that a caller expects. */
#define OF_CHANNEL 1u
#define OF_SOCKET  2u

/* A presence of one of these shapes, where the scanner is sure of it. */
static bool
scan(struct decode *decode, struct span text, unsigned int shapes,
    struct decoded *ret)
{
	struct message message;

	clear(ret);
	if (decode->use_tree || !message_scan(decode->scanner, text, &message))
		return false;
	if (message.topic.at != NULL) {
		ret->presence.user_id = user_of_topic(message.topic);
		if ((shapes & OF_CHANNEL) == 0 ||
		    ret->presence.user_id.at == NULL)
			return false;
		read_presence_event(decode, &message, ret);
		return true;
	}
	if ((shapes & OF_SOCKET) == 0 || !names_presence(message.event_type))
		return false;
	read_state_event(decode, &message, ret);
	return true;
}

void
decode_notification(
    struct decode *decode, struct span text, struct decoded *ret)
{
	const struct json_object *root;

	if (scan(decode, text, OF_CHANNEL, ret))
		return;
	root = parse(decode, text, ret);
	if (root != NULL)
		read_notification(decode, root, ret);
}

void
decode_event(struct decode *decode, struct span text, struct decoded *ret)
{
	const struct json_object *root;

	if (scan(decode, text, OF_SOCKET, ret))
		return;
	root = parse(decode, text, ret);
	if (root != NULL)
		read_event(decode, root, ret);
}

void
decode_recorded(struct decode *decode, struct span text, struct decoded *ret)
{
	const struct json_object *root, *detail;

	if (scan(decode, text, OF_CHANNEL | OF_SOCKET, ret))
		return;
	root = parse(decode, text, ret);
	if (root == NULL)
		return;
	detail = jget_object(root, "detail");
	if (detail != NULL)
		root = detail;
	if (jget_is_null(root, "topicName") && jget_is_null(root, "result"))
		read_event(decode, root, ret);
	else
		read_notification(decode, root, ret);
}

struct span
decode_guess_user(struct span text)
{
	static const struct {
		char start[40];
		size_t len;
	} shapes[] = {
#define SHAPE(start) { start, sizeof(start) - 1 }
		SHAPE("{\"topicName\":\"v2.users."),
		SHAPE("{\"eventType\":\"presence\",\"userId\":\""),
#undef SHAPE
	};
	struct span user = { NULL, 0 };
	size_t i;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (text.len >= shapes[i].len + UUID_LEN &&
		    memcmp(text.at, shapes[i].start, shapes[i].len) == 0) {
			user.at = text.at + shapes[i].len;
			user.len = UUID_LEN;
			break;
		}
	return user;
}

int
decode_bulk(
    struct decode *decode, struct span body, size_t *ret_rows, struct fail *why)
{
	struct fail reason;

	decode->root = jget_parse(decode->jget, body, &reason);
	if (decode->root == NULL)
		return fail_set(why, FAIL_UNREACHABLE,
		    "the bulk presence answer is no JSON: %s", reason.text);
	if (!jget_is_array(decode->root))
		return fail_set(why, FAIL_UNREACHABLE,
		    "the bulk presence answer is not an array");
	*ret_rows = jget_count(decode->root);
	return 0;
}

void
decode_bulk_row(struct decode *decode, size_t row, struct decoded *ret)
{
	const struct json_object *node = jget_item(decode->root, row);
	struct message message = { 0 };

	clear(ret);
	ret->presence.user_id = jget_text(node, "userId");
	if (!check_user(decode, ret))
		return;
	fill_body(node, &message);
	(void)read_body(decode, &message, ret);
}
