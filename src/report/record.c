#include "config.h"

#include "record.h"

#include "bounds.h"
#include "fail.h"
#include "jget.h"
#include "presence.h"
#include "userid.h"

static bool
is_blank(struct span line)
{
	size_t i;

	for (i = 0; i < line.len; i++)
		if (line.at[i] != ' ' && line.at[i] != '\t')
			return false;
	return true;
}

/* A wall time, NOW_NONE where there is none; -1 where it is not a time. */
static int
read_time(const struct json_object *node, const char *key, int64_t *ret_ms,
    struct fail *why)
{
	struct span text = jget_text(node, key);

	*ret_ms = NOW_NONE;
	if (text.at == NULL && jget_is_null(node, key))
		return 0;
	if (text.at != NULL && now_parse(text, ret_ms) == 0)
		return 0;
	return fail_set(why, FAIL_DATA, "'%s' is not an RFC 3339 time", key);
}

static enum record_kind
read_gap(const struct json_object *gap, struct record *record, struct fail *why)
{
	if (read_time(gap, "from", &record->from_ms, why) == -1 ||
	    read_time(gap, "to", &record->to_ms, why) == -1)
		return RECORD_BAD;
	if (record->from_ms == NOW_NONE || record->to_ms == NOW_NONE) {
		(void)fail_set(why, FAIL_DATA, "a gap without 'from' and 'to'");
		return RECORD_BAD;
	}
	/* A clock that was set back makes one that ends before it starts. */
	if (record->to_ms < record->from_ms)
		record->to_ms = record->from_ms;
	return RECORD_GAP;
}

static int
read_user(
    const struct json_object *root, struct record *record, struct fail *why)
{
	record->user_id = jget_text(root, "userId");
	if (record->user_id.len == 0)
		return fail_set(why, FAIL_DATA,
		    "no 'userId': not a line of gcpresence's NDJSON");
	if (record->user_id.len > CAP_USER_ID)
		return fail_set(why, FAIL_DATA,
		    "'userId' is longer than %d bytes", CAP_USER_ID);
	record->name = userid_name(jget_text(root, "name"));
	return 0;
}

static int
read_states(
    const struct json_object *root, struct record *record, struct fail *why)
{
	struct span before = jget_text(root, "previousState");

	record->state =
	    presence_state(jget_text(root, "state"), record->room[0]);
	if (record->state.len == 0)
		return fail_set(why, FAIL_DATA,
		    "no 'state', or one of more than %d bytes", CAP_STATE);
	record->before = presence_state(before, record->room[1]);
	if (before.len > 0 && record->before.len == 0)
		return fail_set(why, FAIL_DATA,
		    "'previousState' is longer than %d bytes", CAP_STATE);
	return 0;
}

static int
read_times(
    const struct json_object *root, struct record *record, struct fail *why)
{
	int64_t lasted_ms;

	if (read_time(root, "timestamp", &record->at_ms, why) == -1 ||
	    read_time(root, "receivedAt", &record->received_ms, why) == -1)
		return -1;
	if (record->at_ms == NOW_NONE)
		record->at_ms = record->received_ms;
	if (record->at_ms == NOW_NONE)
		return fail_set(
		    why, FAIL_DATA, "neither 'timestamp' nor 'receivedAt'");
	/* Nobody hears of a change long before it happens. */
	if (record->received_ms != NOW_NONE &&
	    record->at_ms > record->received_ms + BOUND_AHEAD_MS)
		record->at_ms = record->received_ms + BOUND_AHEAD_MS;
	record->before_since_ms = NOW_NONE;
	if (record->before.len > 0 &&
	    jget_number(root, "previousForMs", &lasted_ms) && lasted_ms >= 0 &&
	    lasted_ms < INT64_MAX / 2)
		record->before_since_ms = record->at_ms - lasted_ms;
	return 0;
}

static uint32_t
read_missed(const struct json_object *root)
{
	int64_t missed;

	if (!jget_number(root, "coalesced", &missed) || missed < 0)
		return 0;
	return missed > INT32_MAX ? INT32_MAX : (uint32_t)missed;
}

enum record_kind
record_read(struct jget *jget, struct span line, struct record *record,
    struct fail *why)
{
	const struct json_object *root, *gap;

	if (is_blank(line))
		return RECORD_NOTHING;
	root = jget_parse(jget, line, why);
	if (root == NULL)
		return RECORD_BAD;
	gap = jget_object(root, "gap");
	if (gap != NULL)
		return read_gap(gap, record, why);
	if (read_user(root, record, why) == -1 ||
	    read_states(root, record, why) == -1 ||
	    read_times(root, record, why) == -1)
		return RECORD_BAD;
	record->missed = read_missed(root);
	record->asked = span_is(jget_text(root, "source"), "snapshot");
	return RECORD_CHANGE;
}
