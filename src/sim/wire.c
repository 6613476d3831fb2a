#include "config.h"

#include "wire.h"

#include <string.h>

#include "jput.h"
#include "text.h"
#include "world.h"

/* Brackets of a message that is nested too deeply. */
#define DEPTH 5000

static const char *const fault_names[] = {
	[WIRE_NOT_JSON] = "not-json",
	[WIRE_TRUNCATED] = "truncated",
	[WIRE_EMPTY] = "empty",
	[WIRE_ARRAY] = "array",
	[WIRE_NESTED] = "nested",
	[WIRE_BAD_UTF8] = "bad-utf8",
	[WIRE_NUL] = "nul",
	[WIRE_BINARY] = "binary",
	[WIRE_NO_TOPIC] = "no-topic",
	[WIRE_WRONG_TYPES] = "wrong-types",
	[WIRE_UNKNOWN_TOPIC] = "unknown-topic",
};
#define FAULTS (sizeof(fault_names) / sizeof(fault_names[0]))

int
wire_fault_find(struct span name, enum wire_fault *ret_fault)
{
	size_t i;

	for (i = 0; i < FAULTS; i++)
		if (span_is(name, fault_names[i])) {
			*ret_fault = (enum wire_fault)i;
			return 0;
		}
	return -1;
}

void
wire_fault_names(struct buf *out)
{
	size_t i;

	for (i = 0; i < FAULTS; i++)
		buf_printf(out, "%s%s", i == 0 ? "" : " ", fault_names[i]);
}

static void
put_notification(
    struct buf *out, const struct event *event, bool with_time, uint64_t serial)
{
	char correlation[TEXT_UUID];

	buf_text(out, "{\"topicName\":\"v2.users.");
	buf_text(out, event->user->id);
	buf_text(out,
	    ".presence\",\"version\":\"2\",\"eventBody\":"
	    "{\"source\":");
	buf_text(out, event->primary ? "\"PURECLOUD\"" : "\"MICROSOFTTEAMS\"");
	buf_text(out, ",\"presenceDefinition\":{\"id\":");
	jput_string(out, span_of(event->definition->id));
	buf_text(out, ",\"systemPresence\":");
	jput_string(out, span_of(event->definition->state));
	buf_text(out, "},\"primary\":");
	buf_text(out, event->primary ? "true" : "false");
	buf_text(out, ",\"message\":");
	/* A message that changes nothing else is what repeats a state. */
	buf_text(out, event->changed ? "\"\"" : "\"back soon\"");
	if (with_time) {
		buf_text(out, ",\"modifiedDate\":");
		jput_time(out, event->modified_ms);
	}
	text_uuid_of((uint64_t)event->modified_ms << 16 | 0x4000,
	    UINT64_C(2) << 62 | serial, correlation);
	buf_text(out, "},\"metadata\":{\"CorrelationId\":\"");
	buf_add(out, correlation, sizeof(correlation) - 1);
	buf_text(out, "\"}}");
}

static void
put_event(struct buf *out, const struct event *event, bool with_time)
{
	buf_text(out, "{\"eventType\":\"presence\",\"userId\":");
	jput_string(out, span_of(event->user->id));
	buf_text(out, ",\"state\":");
	jput_string(out, span_of(event->definition->state));
	if (with_time) {
		buf_text(out, ",\"timestamp\":");
		jput_time(out, event->modified_ms);
	}
	buf_char(out, '}');
}

void
wire_put(struct buf *out, enum protocol protocol, const struct event *event,
    bool with_time, uint64_t serial)
{
	if (protocol == PROTOCOL_NOTIFICATIONS)
		put_notification(out, event, with_time, serial);
	else
		put_event(out, event, with_time);
}

/* The good message with one more member, whose text is given as bytes. */
static void
put_with_note(struct buf *out, struct span good, struct span note)
{
	buf_add(out, good.at, good.len - 1);
	buf_text(out, ",\"note\":\"");
	buf_add(out, note.at, note.len);
	buf_text(out, "\"}");
}

static void
put_nested(struct buf *out)
{
	size_t i;

	for (i = 0; i < DEPTH; i++)
		buf_char(out, '[');
	for (i = 0; i < DEPTH; i++)
		buf_char(out, ']');
}

/* Messages that are JSON, but not what the protocol has. */
static void
put_odd_notification(struct buf *out, const char *id, enum wire_fault fault)
{
	if (fault == WIRE_NO_TOPIC)
		buf_text(out,
		    "{\"version\":\"2\",\"eventBody\":"
		    "{\"source\":\"PURECLOUD\","
		    "\"primary\":true}}");
	else if (fault == WIRE_WRONG_TYPES)
		buf_printf(out,
		    "{\"topicName\":\"v2.users.%s.presence\",\"version\":2,"
		    "\"eventBody\":{\"presenceDefinition\":[1],"
		    "\"primary\":\"yes\",\"modifiedDate\":17}}",
		    id);
	else
		buf_printf(out,
		    "{\"topicName\":\"v2.users.%s.weather\","
		    "\"version\":\"2\",\"eventBody\":{\"sun\":true}}",
		    id);
}

static void
put_odd_event(struct buf *out, const char *id, enum wire_fault fault)
{
	if (fault == WIRE_NO_TOPIC) {
		buf_text(out,
		    "{\"eventType\":\"presence\","
		    "\"state\":\"BUSY\"}");
	} else if (fault == WIRE_WRONG_TYPES) {
		buf_text(out,
		    "{\"eventType\":\"presence\",\"userId\":17,"
		    "\"state\":[\"BUSY\"],\"timestamp\":{}}");
	} else {
		buf_text(out, "{\"eventType\":\"weather\",\"userId\":");
		jput_string(out, span_of(id));
		buf_text(out, ",\"state\":\"SUN\"}");
	}
}

void
wire_put_broken(struct buf *out, enum protocol protocol,
    const struct event *event, struct span good, enum wire_fault fault,
    struct socket_shape *shape)
{
	static const struct span nul = { "a\0b", 3 };

	switch (fault) {
	case WIRE_NOT_JSON:
		buf_text(out, "this is not JSON");
		break;
	case WIRE_TRUNCATED:
		buf_add(out, good.at, good.len / 2);
		break;
	case WIRE_EMPTY:
		break;
	case WIRE_ARRAY:
		buf_char(out, '[');
		buf_add(out, good.at, good.len);
		buf_char(out, ']');
		break;
	case WIRE_NESTED:
		put_nested(out);
		break;
	case WIRE_BAD_UTF8:
		put_with_note(out, good, span_of("\xff\xfe"));
		break;
	case WIRE_NUL:
		put_with_note(out, good, nul);
		break;
	case WIRE_BINARY:
		buf_add(out, good.at, good.len);
		shape->opcode = FRAME_BINARY;
		break;
	case WIRE_NO_TOPIC:
	case WIRE_WRONG_TYPES:
	case WIRE_UNKNOWN_TOPIC:
		if (protocol == PROTOCOL_NOTIFICATIONS)
			put_odd_notification(out, event->user->id, fault);
		else
			put_odd_event(out, event->user->id, fault);
		break;
	}
}
