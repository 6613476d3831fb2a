#include "config.h"

#include "emit.h"

#include "buf.h"
#include "jput.h"
#include "presence.h"

/* Bytes of a gap's cause: escaped, six times as many, they fit the line. */
#define CAUSE_SHOWN 600

/* A member's key; key is a literal. */
#define put_key(buf, key) buf_literal(buf, ",\"" key "\":")

static void
put_number_or_null(struct buf *buf, int64_t number)
{
	if (number == NOW_NONE)
		buf_literal(buf, "null");
	else
		buf_number(buf, number);
}

static int64_t
latency_of(const struct change *change)
{
	if (change->changed_ms == NOW_NONE)
		return NOW_NONE;
	return change->received_ms - change->changed_ms;
}

void
emit_ndjson(struct buf *buf, const struct change *change)
{
	buf_literal(buf, "{\"userId\":");
	jput_string(buf, change->user_id);
	if (change->name.len > 0) {
		put_key(buf, "name");
		jput_string(buf, change->name);
	}
	put_key(buf, "state");
	jput_string(buf, change->state);
	put_key(buf, "previousState");
	jput_string_or_null(buf, change->previous_state);
	put_key(buf, "presenceId");
	jput_string_or_null(buf, change->definition);
	put_key(buf, "timestamp");
	jput_time(buf, change->changed_ms);
	put_key(buf, "receivedAt");
	jput_time(buf, change->received_ms);
	put_key(buf, "latencyMs");
	put_number_or_null(buf, latency_of(change));
	put_key(buf, "previousForMs");
	put_number_or_null(buf, change->previous_for_ms);
	put_key(buf, "source");
	jput_string(buf, span_of(presence_source_name(change->source)));
	if (change->coalesced > 0) {
		put_key(buf, "coalesced");
		buf_number(buf, (int64_t)change->coalesced);
	}
	buf_literal(buf, "}\n");
}

static void
put_time_field(struct buf *buf, int64_t wall_ms)
{
	char text[NOW_TEXT];

	buf_char(buf, '\t');
	if (wall_ms != NOW_NONE)
		buf_add(buf, text, now_format(wall_ms, text));
}

static void
put_number_field(struct buf *buf, int64_t number)
{
	buf_char(buf, '\t');
	if (number != NOW_NONE)
		buf_number(buf, number);
}

static void
put_text_field(struct buf *buf, struct span text)
{
	buf_char(buf, '\t');
	jput_field(buf, text);
}

void
emit_tsv_header(struct buf *buf)
{
	buf_text(buf,
	    "userId\tname\tstate\tpreviousState\tpresenceId\ttimestamp\t"
	    "receivedAt\tlatencyMs\tpreviousForMs\tsource\tcoalesced\n");
}

void
emit_tsv(struct buf *buf, const struct change *change)
{
	jput_field(buf, change->user_id);
	put_text_field(buf, change->name);
	put_text_field(buf, change->state);
	put_text_field(buf, change->previous_state);
	put_text_field(buf, change->definition);
	put_time_field(buf, change->changed_ms);
	put_time_field(buf, change->received_ms);
	put_number_field(buf, latency_of(change));
	put_number_field(buf, change->previous_for_ms);
	put_text_field(buf, span_of(presence_source_name(change->source)));
	put_number_field(
	    buf, change->coalesced > 0 ? (int64_t)change->coalesced : NOW_NONE);
	buf_char(buf, '\n');
}

void
emit_gap(struct buf *buf, int64_t from_ms, int64_t to_ms, size_t users,
    const char *cause)
{
	struct span text = span_of(cause);

	if (text.len > CAUSE_SHOWN)
		text.len = CAUSE_SHOWN;
	buf_text(buf, "{\"gap\":{\"from\":");
	jput_time(buf, from_ms);
	put_key(buf, "to");
	jput_time(buf, to_ms);
	put_key(buf, "users");
	buf_number(buf, (int64_t)users);
	put_key(buf, "cause");
	jput_string(buf, text);
	buf_text(buf, "}}\n");
}
