#include "config.h"

#include "message.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "plain.h"
#include "xalloc.h"

/* Nesting that the scanner follows; the tree allows more. */
#define DEPTH 8
/* Digits of a number that is surely no surprise to the tree. */
#define DIGITS 15

/* String values of a message, and bytes around them, that are remembered. */
#define VALUES_MAX 24
#define FRAME_MAX  1024
/* The place of a value that nobody asks for. */
#define NO_FIELD SIZE_MAX

/*
 * The frame of the last message that was taken: its bytes without the string
 * values, how many stand before each value and behind the last one, and where
 * in a struct message each value goes.
 */
struct message_scanner {
	char frame[FRAME_MAX];
	size_t lens[VALUES_MAX + 1];
	size_t fields[VALUES_MAX];
	size_t count; /* of the values */
	bool known;
	bool has_primary, primary;
};

/*
 * What is left of the text.  Whatever the scanner is not sure of makes it give
 * up, by a false that all callers pass on.
 */
struct scanner {
	const char *at;
	const char *end;
	struct span values[VALUES_MAX]; /* string values so far, in order */
	size_t count;                   /* of them, even where it is too many */
};

static void
skip_space(struct scanner *scanner)
{
	while (scanner->at < scanner->end &&
	    (*scanner->at == ' ' || *scanner->at == '\n' ||
		*scanner->at == '\t' || *scanner->at == '\r'))
		scanner->at++;
}

/* Takes one character, with the space in front of it. */
static inline bool
take(struct scanner *scanner, char wanted)
{
	if (scanner->at < scanner->end && *scanner->at == wanted) {
		scanner->at++;
		return true;
	}
	skip_space(scanner);
	if (scanner->at == scanner->end || *scanner->at != wanted)
		return false;
	scanner->at++;
	return true;
}

static char
peek(struct scanner *scanner)
{
	skip_space(scanner);
	return (char)(scanner->at == scanner->end ? '\0' : *scanner->at);
}

/* A string without escapes, in plain ASCII. */
static inline bool
take_string(struct scanner *scanner, struct span *ret)
{
	if (!take(scanner, '"'))
		return false;
	ret->at = scanner->at;
	scanner->at = plain_end(scanner->at, scanner->end);
	ret->len = (size_t)(scanner->at - ret->at);
	if (scanner->at == scanner->end || *scanner->at != '"')
		return false;
	scanner->at++;
	return true;
}

/* The same, where it is a value and no key. */
static inline bool
take_value(struct scanner *scanner, struct span *ret)
{
	if (!take_string(scanner, ret))
		return false;
	if (scanner->count < VALUES_MAX)
		scanner->values[scanner->count] = *ret;
	scanner->count++;
	return true;
}

static bool
take_word(struct scanner *scanner, const char *word, size_t len)
{
	if ((size_t)(scanner->end - scanner->at) < len ||
	    memcmp(scanner->at, word, len) != 0)
		return false;
	scanner->at += len;
	return true;
}

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* A whole number without a leading zero; others are left to the tree. */
static bool
skip_number(struct scanner *scanner)
{
	const char *start;

	if (scanner->at < scanner->end && *scanner->at == '-')
		scanner->at++;
	start = scanner->at;
	while (scanner->at < scanner->end && is_digit(*scanner->at))
		scanner->at++;
	if (scanner->at == start || scanner->at - start > DIGITS ||
	    (*start == '0' && scanner->at - start > 1))
		return false;
	return scanner->at < scanner->end && *scanner->at != '.' &&
	    *scanner->at != 'e' && *scanner->at != 'E';
}

static bool skip_object(struct scanner *scanner, int depth);
static bool skip_array(struct scanner *scanner, int depth);

/* A value that nobody asked for, but which must be good JSON. */
static bool
skip_value(struct scanner *scanner, int depth)
{
	struct span ignored;

	switch (peek(scanner)) {
	case '"':
		return take_value(scanner, &ignored);
	case '{':
		return skip_object(scanner, depth);
	case '[':
		return skip_array(scanner, depth);
	case 't':
		return take_word(scanner, "true", 4);
	case 'f':
		return take_word(scanner, "false", 5);
	case 'n':
		return take_word(scanner, "null", 4);
	default:
		return skip_number(scanner);
	}
}

static bool
skip_array(struct scanner *scanner, int depth)
{
	if (depth == DEPTH || !take(scanner, '['))
		return false;
	if (take(scanner, ']'))
		return true;
	do
		if (!skip_value(scanner, depth + 1))
			return false;
	while (take(scanner, ','));
	return take(scanner, ']');
}

static bool
skip_object(struct scanner *scanner, int depth)
{
	struct span ignored;

	if (depth == DEPTH || !take(scanner, '{'))
		return false;
	if (take(scanner, '}'))
		return true;
	do
		if (!take_string(scanner, &ignored) || !take(scanner, ':') ||
		    !skip_value(scanner, depth + 1))
			return false;
	while (take(scanner, ','));
	return take(scanner, '}');
}

/* The value of a known key: a string, and there was none before. */
static bool
take_field(struct scanner *scanner, struct span *field)
{
	return field->at == NULL && take_value(scanner, field);
}

static bool
take_primary(struct scanner *scanner, struct message *message)
{
	if (message->has_primary)
		return false;
	message->has_primary = true;
	message->primary = peek(scanner) == 't';
	return message->primary ? take_word(scanner, "true", 4)
				: take_word(scanner, "false", 5);
}

static bool
key_is(struct span key, const char *name, size_t len)
{
	return key.len == len && memcmp(key.at, name, len) == 0;
}

#define IS(key, name) key_is(key, name, sizeof(name) - 1)

static bool
take_definition_member(
    struct scanner *scanner, struct span key, struct message *message)
{
	if (IS(key, "id"))
		return take_field(scanner, &message->definition);
	if (IS(key, "systemPresence"))
		return take_field(scanner, &message->system_presence);
	return skip_value(scanner, 3);
}

typedef bool member_fn(
    struct scanner *scanner, struct span key, struct message *message);

/* An object, member by member. */
static bool
take_object(
    struct scanner *scanner, struct message *message, member_fn *take_member)
{
	struct span key;

	if (!take(scanner, '{'))
		return false;
	if (take(scanner, '}'))
		return true;
	do
		if (!take_string(scanner, &key) || !take(scanner, ':') ||
		    !take_member(scanner, key, message))
			return false;
	while (take(scanner, ','));
	return take(scanner, '}');
}

static bool
take_body_member(
    struct scanner *scanner, struct span key, struct message *message)
{
	if (IS(key, "presenceDefinition"))
		return message->system_presence.at == NULL &&
		    message->definition.at == NULL &&
		    take_object(scanner, message, take_definition_member) &&
		    message->system_presence.at != NULL;
	if (IS(key, "modifiedDate"))
		return take_field(scanner, &message->date);
	if (IS(key, "source"))
		return take_field(scanner, &message->source);
	if (IS(key, "userId"))
		return take_field(scanner, &message->body_user);
	if (IS(key, "primary"))
		return take_primary(scanner, message);
	return skip_value(scanner, 2);
}

static bool
take_member(struct scanner *scanner, struct span key, struct message *message)
{
	if (IS(key, "topicName"))
		return take_field(scanner, &message->topic);
	if (IS(key, "eventBody"))
		return message->system_presence.at == NULL &&
		    take_object(scanner, message, take_body_member) &&
		    message->system_presence.at != NULL;
	if (IS(key, "eventType"))
		return take_field(scanner, &message->event_type);
	if (IS(key, "userId"))
		return take_field(scanner, &message->user_id);
	if (IS(key, "state"))
		return take_field(scanner, &message->state);
	if (IS(key, "timestamp"))
		return take_field(scanner, &message->timestamp);
	/* These tell of other kinds of messages. */
	if (IS(key, "detail") || IS(key, "result") || IS(key, "type"))
		return false;
	return skip_value(scanner, 1);
}

struct message_scanner *
message_scanner_new(void)
{
	return xcalloc(1, sizeof(struct message_scanner));
}

void
message_scanner_free(struct message_scanner *known)
{
	free(known);
}

/*
 * Whether the text is the known frame around other string values.  Then the
 * scanner would take it too: what it is sure of does not hang on the values.
 */
static bool
match(
    const struct message_scanner *known, struct span text, struct message *ret)
{
	const char *at = text.at, *end = text.at + text.len;
	const char *frame = known->frame;
	struct span value;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->has_primary = known->has_primary;
	ret->primary = known->primary;
	for (i = 0;; i++) {
		if ((size_t)(end - at) < known->lens[i] ||
		    memcmp(at, frame, known->lens[i]) != 0)
			return false;
		at += known->lens[i];
		frame += known->lens[i];
		if (i == known->count)
			return at == end;
		value.at = at;
		at = plain_end(at, end);
		value.len = (size_t)(at - value.at);
		if (known->fields[i] != NO_FIELD)
			memcpy((char *)ret + known->fields[i], &value,
			    sizeof(value));
	}
}

/* The place in a struct message of the field that is this value. */
static size_t
field_of(const struct message *message, struct span value)
{
	static const size_t fields[] = {
		offsetof(struct message, topic),
		offsetof(struct message, body_user),
		offsetof(struct message, system_presence),
		offsetof(struct message, definition),
		offsetof(struct message, date),
		offsetof(struct message, source),
		offsetof(struct message, event_type),
		offsetof(struct message, user_id),
		offsetof(struct message, state),
		offsetof(struct message, timestamp),
	};
	struct span field;
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		memcpy(
		    &field, (const char *)message + fields[i], sizeof(field));
		if (field.at == value.at)
			return fields[i];
	}
	return NO_FIELD;
}

/* Keeps the frame of a message that was taken. */
static void
learn(struct message_scanner *known, const struct scanner *scanner,
    struct span text, const struct message *message)
{
	const char *at = text.at;
	char *frame = known->frame;
	size_t i;

	known->known = scanner->count <= VALUES_MAX && text.len <= FRAME_MAX;
	if (!known->known)
		return;
	known->count = scanner->count;
	known->has_primary = message->has_primary;
	known->primary = message->primary;
	for (i = 0; i < known->count; i++) {
		known->lens[i] = (size_t)(scanner->values[i].at - at);
		known->fields[i] = field_of(message, scanner->values[i]);
		memcpy(frame, at, known->lens[i]);
		frame += known->lens[i];
		at = scanner->values[i].at + scanner->values[i].len;
	}
	known->lens[i] = (size_t)(text.at + text.len - at);
	memcpy(frame, at, known->lens[i]);
}

/* Looks at every byte. */
static bool
take_message(struct scanner *scanner, struct message *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (!take_object(scanner, ret, take_member))
		return false;
	skip_space(scanner);
	if (scanner->at != scanner->end)
		return false;
	/* One whole presence of either protocol, and not of both. */
	if (ret->topic.at != NULL)
		return ret->event_type.at == NULL &&
		    ret->system_presence.at != NULL;
	return ret->event_type.at != NULL && ret->user_id.at != NULL &&
	    ret->state.at != NULL && ret->system_presence.at == NULL;
}

bool
message_scan(
    struct message_scanner *known, struct span text, struct message *ret)
{
	struct scanner scanner;

	/* Nearly all messages differ from the last one in their values only. */
	if (known->known && match(known, text, ret))
		return true;
	scanner.at = text.at;
	scanner.end = text.at + text.len;
	scanner.count = 0;
	if (!take_message(&scanner, ret))
		return false;
	learn(known, &scanner, text, ret);
	return true;
}
