#include "config.h"

#include "record.h"

#include "caps.h"
#include "fail.h"
#include "jget.h"

/* The time of a key, or NOW_NONE. */
static int64_t
time_of(const struct json_object *node, const char *key)
{
	int64_t wall_ms;

	if (now_parse(jget_text(node, key), &wall_ms) == -1)
		return NOW_NONE;
	return wall_ms;
}

static int64_t
number_of(const struct json_object *node, const char *key)
{
	int64_t number;

	return jget_number(node, key, &number) ? number : NOW_NONE;
}

/* What lies between two times; more than between all that there are: none. */
static int64_t
duration_of(const struct json_object *node, const char *key)
{
	int64_t ms = number_of(node, key);

	return ms < NOW_MIN - NOW_MAX || ms > NOW_MAX - NOW_MIN ? NOW_NONE : ms;
}

static int
read_gap(const struct json_object *gap, struct record *record, struct fail *why)
{
	record->kind = RECORD_GAP;
	record->from_ms = time_of(gap, "from");
	record->to_ms = time_of(gap, "to");
	record->users = number_of(gap, "users");
	record->cause = jget_text(gap, "cause");
	if (record->from_ms == NOW_NONE || record->to_ms == NOW_NONE)
		return fail_set(why, FAIL_DATA, "a gap without from and to");
	return 0;
}

static int
read_change(
    const struct json_object *root, struct record *record, struct fail *why)
{
	record->kind = RECORD_CHANGE;
	record->user_id = jget_text(root, "userId");
	record->state = jget_text(root, "state");
	if (record->user_id.len == 0 || record->user_id.len > CAP_USER_ID)
		return fail_set(why, FAIL_DATA, "no userId that can be one");
	if (record->state.len == 0 || record->state.len > CAP_STATE)
		return fail_set(why, FAIL_DATA, "no state that can be one");
	record->name = jget_text(root, "name");
	record->previous_state = jget_text(root, "previousState");
	if (record->previous_state.len > CAP_STATE)
		record->previous_state.len = 0;
	record->source = jget_text(root, "source");
	record->since_ms = time_of(root, "timestamp");
	if (record->since_ms == NOW_NONE)
		record->since_ms = time_of(root, "receivedAt");
	if (record->since_ms == NOW_NONE)
		return fail_set(
		    why, FAIL_DATA, "neither timestamp nor receivedAt");
	record->latency_ms = duration_of(root, "latencyMs");
	record->previous_for_ms = duration_of(root, "previousForMs");
	return 0;
}

int
record_read(struct jget *jget, struct span line, struct record *ret_record,
    struct fail *why)
{
	const struct json_object *root, *gap;
	struct record record = { .kind = RECORD_CHANGE };
	int rc;

	root = jget_parse(jget, line, why);
	if (root == NULL)
		return -1;
	gap = jget_object(root, "gap");
	rc = gap != NULL ? read_gap(gap, &record, why)
			 : read_change(root, &record, why);
	if (rc == 0)
		*ret_record = record;
	return rc;
}
