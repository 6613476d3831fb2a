#include "config.h"

#include "decode.h"
#include "test.h"

#define ADA "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"

/* 2026-01-01T09:00:00Z */
#define NINE 1767258000000

#define X8   "xxxxxxxx"
#define X32  X8 X8 X8 X8
#define X64  X32 X32
#define X128 X64 X64

/* A presence event, but for what stands in the body. */
#define EVENT(body) \
	"{\"topicName\":\"v2.users." ADA ".presence\",\"eventBody\":" body "}"

/* A body, but for what stands behind the state. */
#define BUSY(rest)                                            \
	EVENT("{\"presenceDefinition\":{\"id\":\"31fe3bac\"," \
	      "\"systemPresence\":\"BUSY\"}" rest "}")

static struct decode *decode;

static int
make_decode(void **state)
{
	(void)state;
	decode = decode_new();
	return 0;
}

static int
free_decode(void **state)
{
	(void)state;
	decode_free(decode);
	return 0;
}

static struct decoded
notification(struct span message)
{
	struct decoded decoded;

	/* Whatever was there is not to show through. */
	memset(&decoded, 0x5a, sizeof(decoded));
	decode_notification(decode, message, &decoded);
	return decoded;
}

static struct decoded
event(struct span message)
{
	struct decoded decoded;

	memset(&decoded, 0x5a, sizeof(decoded));
	decode_event(decode, message, &decoded);
	return decoded;
}

static struct decoded
recorded(struct span message)
{
	struct decoded decoded;

	memset(&decoded, 0x5a, sizeof(decoded));
	decode_recorded(decode, message, &decoded);
	return decoded;
}

static void
notification_presence_is_read_whole(void **state)
{
	struct decoded decoded = notification(test_data("presence.json"));

	(void)state;
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(decoded.presence.user_id, ADA);
	assert_span(decoded.presence.state, "ON_QUEUE");
	assert_span(decoded.presence.definition,
	    "e08eaf1b-ee47-4fa9-a231-1200e284798f");
	assert_int_equal(decoded.presence.changed_ms, NINE);
}

static void
notification_without_modified_date_has_no_time(void **state)
{
	struct decoded decoded = notification(test_data("presence-old.json"));

	(void)state;
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(decoded.presence.state, "AVAILABLE");
	assert_true(decoded.presence.changed_ms == NOW_NONE);
	decoded = notification(SPAN(BUSY(",\"modifiedDate\":null")));
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_true(decoded.presence.changed_ms == NOW_NONE);
}

static void
notification_future_presence_and_message_are_not_the_presence(void **state)
{
	struct decoded decoded =
	    notification(test_data("presence-future.json"));

	(void)state;
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(decoded.presence.state, "BUSY");
	assert_span(decoded.presence.definition,
	    "31fe3bac-dea6-44b7-bed7-47f91660a1a0");
	assert_int_equal(decoded.presence.changed_ms, NINE + 1435);
}

static void
notification_topic_is_compared_without_case(void **state)
{
	struct decoded decoded = notification(test_data("presence-upper.json"));

	(void)state;
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	/* As the service spells it. */
	assert_span(
	    decoded.presence.user_id, "9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F");
	assert_span(decoded.presence.state, "AWAY");
	assert_int_equal(decoded.presence.changed_ms, NINE);
}

static void
notification_of_a_secondary_source_is_told_apart(void **state)
{
	static const struct {
		const char *message;
		enum decode_kind wanted;
	} rows[] = {
		{ BUSY(",\"primary\":true,\"source\":\"PURECLOUD\""),
		    DECODE_PRESENCE },
		{ BUSY(",\"primary\":true,\"source\":\"MicrosoftTeams\""),
		    DECODE_PRESENCE },
		{ BUSY(",\"primary\":true"), DECODE_PRESENCE },
		{ BUSY(",\"source\":\"PURECLOUD\""), DECODE_PRESENCE },
		{ BUSY(",\"source\":\"PureCloud\""), DECODE_PRESENCE },
		{ BUSY(",\"source\":\"PURECLOUD\",\"primary\":null"),
		    DECODE_PRESENCE },
		{ BUSY(""), DECODE_PRESENCE },
		{ BUSY(",\"primary\":false,\"source\":\"PURECLOUD\""),
		    DECODE_SECONDARY },
		{ BUSY(",\"primary\":false"), DECODE_SECONDARY },
		{ BUSY(",\"source\":\"MicrosoftTeams\""), DECODE_SECONDARY },
	};
	struct decoded decoded =
	    notification(test_data("presence-secondary.json"));
	size_t i;

	(void)state;
	assert_int_equal(decoded.kind, DECODE_SECONDARY);
	assert_non_null(
	    memmem(decoded.text.at, decoded.text.len, "MicrosoftTeams", 14));
	for (i = 0; i < COUNT(rows); i++)
		if (notification(span_of(rows[i].message)).kind !=
		    rows[i].wanted)
			fail_msg("%s", rows[i].message);
}

static void
notification_that_is_no_presence_is_told_by_its_kind(void **state)
{
	static const struct {
		const char *file;
		enum decode_kind wanted;
	} rows[] = {
		{ "heartbeat.json", DECODE_HEARTBEAT },
		{ "pong.json", DECODE_HEARTBEAT },
		{ "socket-closing.json", DECODE_CLOSING },
		{ "no-longer-subscribed.json", DECODE_DISPLACED },
		{ "token-revoked.json", DECODE_TOKEN_REVOKED },
		{ "routing-status.json", DECODE_OTHER },
		{ "subscribed.json", DECODE_OTHER },
		{ "subscribe-refused.json", DECODE_COMPLAINT },
	};
	struct decoded decoded;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		decoded = notification(test_data(rows[i].file));
		if (decoded.kind != rows[i].wanted)
			fail_msg("%s", rows[i].file);
		assert_span(decoded.presence.user_id, NULL);
	}
}

static void
notification_of_a_displaced_channel_says_why(void **state)
{
	struct decoded decoded =
	    notification(test_data("no-longer-subscribed.json"));

	(void)state;
	assert_span(decoded.text, "another_channel_subscribed");
	decoded = notification(
	    SPAN("{\"topicName\":\"v2.system.no_longer_subscribed.x\"}"));
	assert_int_equal(decoded.kind, DECODE_DISPLACED);
	assert_span(decoded.text, "");
}

static void
notification_kinds_are_compared_without_case(void **state)
{
	(void)state;
	assert_int_equal(
	    notification(SPAN("{\"topicName\":\"Channel.Metadata\"}")).kind,
	    DECODE_HEARTBEAT);
	assert_int_equal(notification(SPAN("{\"topicName\":"
					   "\"V2.System.Socket_Closing\"}"))
			     .kind,
	    DECODE_CLOSING);
	assert_int_equal(notification(SPAN("{\"topicName\":\"v2.system."
					   "No_Longer_Subscribed.x\"}"))
			     .kind,
	    DECODE_DISPLACED);
}

static void
notification_complaint_repeats_what_the_service_says(void **state)
{
	struct decoded decoded =
	    notification(test_data("subscribe-refused.json"));

	(void)state;
	assert_span(decoded.text, "answer 404: channel not found");
	decoded = notification(SPAN(
	    "{\"result\":\"400\",\"status\":\"failure\",\"message\":\"no\"}"));
	assert_int_equal(decoded.kind, DECODE_COMPLAINT);
	assert_span(decoded.text, "answer 400: no");
	decoded = notification(SPAN("{\"result\":\"400\"}"));
	assert_int_equal(decoded.kind, DECODE_COMPLAINT);
}

static void
notification_topics_that_only_look_like_presence_are_other(void **state)
{
	static const char *const topics[] = {
		"",
		"v2.users.presence",
		"v2.users..presence",
		"v2.users." ADA,
		"v2.users." ADA ".",
		"v2.users." ADA ".presences",
		"v2.users." ADA ".integrationpresence",
		"v2.users." ADA ".x.presence",
		"v2.users." X128 "x.presence",
		"v2.user." ADA ".presence",
		"xv2.users." ADA ".presence",
		"v2.routing.queues." ADA ".users",
		"v2.system.other",
		"v2.system.socket_closing.x",
	};
	struct decoded decoded;
	char message[1024];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(topics); i++) {
		(void)snprintf(message, sizeof(message),
		    "{\"topicName\":\"%s\",\"eventBody\":"
		    "{\"presenceDefinition\":{\"systemPresence\":\"BUSY\"}}}",
		    topics[i]);
		decoded = notification(span_of(message));
		if (decoded.kind != DECODE_OTHER)
			fail_msg("%s", topics[i]);
		assert_span(decoded.presence.user_id, NULL);
	}
}

static void
notification_user_may_be_as_long_as_the_cap(void **state)
{
	struct decoded decoded = notification(
	    SPAN("{\"topicName\":\"v2.users." X128 ".presence\",\"eventBody\":"
		 "{\"presenceDefinition\":{\"systemPresence\":\"BUSY\"}}}"));

	(void)state;
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(decoded.presence.user_id, X128);
	assert_int_equal(decoded.presence.definition.len, 0);
}

static void
notification_that_cannot_be_read_is_malformed_with_a_reason(void **state)
{
	static const struct {
		const char *message;
		const char *user; /* where it could be read */
		const char *part; /* of the reason */
	} rows[] = {
		{ "", NULL, "empty" },
		{ "hello", NULL, "at byte 0" },
		{ "{\"topicName\":", NULL, "ends too early" },
		{ "{\"topicName\":\"\xff\"}", NULL, "utf-8" },
		{ "[]", NULL, "not a JSON object" },
		{ "[" EVENT("{}") "]", NULL, "not a JSON object" },
		{ "null", NULL, "JSON" },
		{ "{}", NULL, "topicName is missing" },
		{ "{\"topicName\":null}", NULL, "topicName is missing" },
		{ "{\"topicName\":7}", NULL, "topicName is missing" },
		{ "{\"topicName\":{}}", NULL, "topicName is missing" },
		{ "{\"topicName\":\"v2.users." ADA ".presence\"}", ADA,
		    "systemPresence" },
		{ EVENT("null"), ADA, "systemPresence" },
		{ EVENT("[]"), ADA, "systemPresence" },
		{ EVENT("\"BUSY\""), ADA, "systemPresence" },
		{ EVENT("{}"), ADA, "systemPresence" },
		{ EVENT("{\"systemPresence\":\"BUSY\"}"), ADA,
		    "systemPresence" },
		{ EVENT("{\"presenceDefinition\":null}"), ADA,
		    "systemPresence" },
		{ EVENT("{\"presenceDefinition\":\"BUSY\"}"), ADA,
		    "systemPresence" },
		{ EVENT("{\"presenceDefinition\":{}}"), ADA, "systemPresence" },
		{ EVENT("{\"presenceDefinition\":{\"systemPresence\":7}}"), ADA,
		    "systemPresence" },
		{ EVENT("{\"presenceDefinition\":{\"systemPresence\":\"\"}}"),
		    ADA, "systemPresence" },
		{ EVENT("{\"presenceDefinition\":{\"systemPresence\":"
			"\"B\\u0000\"}}"),
		    ADA, "systemPresence" },
		{ EVENT("{\"presenceDefinition\":{\"systemPresence\":"
			"\"" X64 "x\"}}"),
		    ADA, "systemPresence" },
		{ EVENT("{\"presenceDefinition\":{\"systemPresence\":"
			"\"BUSY\",\"id\":\"" X64 "x\"}}"),
		    ADA, "presenceDefinition.id" },
		{ BUSY(",\"modifiedDate\":\"\""), ADA, "modifiedDate" },
		{ BUSY(",\"modifiedDate\":\"yesterday\""), ADA,
		    "modifiedDate" },
		{ BUSY(",\"modifiedDate\":1767258000000"), ADA,
		    "modifiedDate" },
		{ BUSY(",\"modifiedDate\":{}"), ADA, "modifiedDate" },
		{ BUSY(",\"modifiedDate\":\"2026-02-30T09:00:00.000Z\""), ADA,
		    "modifiedDate" },
		{ BUSY(",\"modifiedDate\":\"2026-01-01T09:00:00.000\""), ADA,
		    "modifiedDate" },
		{ BUSY(",\"userId\":\"1b2c3d4e-0000-4000-8000-00000000000a\""),
		    ADA, "different users" },
		{ BUSY(",\"userId\":\"\""), ADA, "different users" },
	};
	struct decoded decoded;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		decoded = notification(span_of(rows[i].message));
		if (decoded.kind != DECODE_MALFORMED ||
		    memmem(decoded.text.at, decoded.text.len, rows[i].part,
			strlen(rows[i].part)) == NULL)
			fail_msg("%s: %.*s", rows[i].message,
			    (int)decoded.text.len, decoded.text.at);
		assert_span(decoded.presence.user_id, rows[i].user);
	}
}

static void
notification_body_may_name_the_same_user(void **state)
{
	(void)state;
	assert_int_equal(notification(SPAN(BUSY(",\"userId\":\"9ED7D9F6-0C59-"
						"4360-AC54-40DD35EB9C2F\"")))
			     .kind,
	    DECODE_PRESENCE);
}

static void
notification_times_may_have_an_offset_and_any_decimals(void **state)
{
	static const char *const rows[] = {
		BUSY(",\"modifiedDate\":\"2026-01-01T11:00:00.042+02:00\""),
		BUSY(",\"modifiedDate\":\"2026-01-01T09:00:00.0420000Z\""),
	};
	struct decoded decoded;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		decoded = notification(span_of(rows[i]));
		assert_int_equal(decoded.kind, DECODE_PRESENCE);
		assert_int_equal(decoded.presence.changed_ms, NINE + 42);
	}
}

static void
notification_that_is_nested_without_end_is_malformed(void **state)
{
	static char message[300000];
	struct span span = { message, sizeof(message) };
	size_t i;

	(void)state;
	for (i = 0; i + 6 <= sizeof(message); i += 5)
		memcpy(message + i, "{\"a\":", 5);
	assert_int_equal(notification(span).kind, DECODE_MALFORMED);
	memset(message, '[', sizeof(message));
	assert_int_equal(notification(span).kind, DECODE_MALFORMED);
}

static void
notification_long_texts_are_cut_in_the_verdict(void **state)
{
	static char message[100000];
	struct decoded decoded;
	struct span span = { message, sizeof(message) };

	(void)state;
	memset(message, 'x', sizeof(message));
	memcpy(message, "{\"topicName\":\"", 14);
	memcpy(message + sizeof(message) - 2, "\"}", 2);
	decoded = notification(span);
	assert_int_equal(decoded.kind, DECODE_OTHER);
	assert_in_range(decoded.text.len, 100, 300);
}

static void
event_is_read_whole(void **state)
{
	struct decoded decoded = event(test_data("event.json"));

	(void)state;
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(decoded.presence.user_id, "user-id-1");
	assert_span(decoded.presence.state, "AVAILABLE");
	assert_int_equal(decoded.presence.definition.len, 0);
	assert_int_equal(decoded.presence.changed_ms, NINE);
}

static void
event_types_that_name_presence_are_presence(void **state)
{
	static const struct {
		const char *type;
		enum decode_kind wanted;
	} rows[] = {
		{ "presence", DECODE_PRESENCE },
		{ "Presence", DECODE_PRESENCE },
		{ "PRESENCE_CHANGED", DECODE_PRESENCE },
		{ "user.presence", DECODE_PRESENCE },
		{ "presenc", DECODE_OTHER },
		{ "routing", DECODE_OTHER },
		{ "", DECODE_OTHER },
	};
	struct decoded decoded;
	char message[256];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		(void)snprintf(message, sizeof(message),
		    "{\"eventType\":\"%s\",\"userId\":\"u\",\"state\":\"A\"}",
		    rows[i].type);
		decoded = event(span_of(message));
		if (decoded.kind != rows[i].wanted)
			fail_msg("%s", message);
	}
}

#define AT(timestamp)                                   \
	"{\"eventType\":\"presence\",\"userId\":\"u\"," \
	"\"state\":\"BUSY\",\"timestamp\":" timestamp "}"

static void
event_timestamp_may_be_text_or_seconds_or_milliseconds(void **state)
{
	static const struct {
		const char *message;
		int64_t wanted;
	} rows[] = {
		{ AT("\"2026-01-01T09:00:00Z\""), NINE },
		{ AT("\"2026-01-01T10:00:00.000+01:00\""), NINE },
		{ AT("1767258000"), NINE },
		{ AT("1767258000.75"), NINE },
		{ AT("1767258000042"), NINE + 42 },
		{ AT("1"), 1000 },
		{ AT("null"), NOW_NONE },
		{ "{\"eventType\":\"presence\",\"userId\":\"u\","
		  "\"state\":\"BUSY\"}",
		    NOW_NONE },
	};
	struct decoded decoded;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		decoded = event(span_of(rows[i].message));
		assert_int_equal(decoded.kind, DECODE_PRESENCE);
		assert_true(decoded.presence.changed_ms == rows[i].wanted);
	}
}

static void
event_timestamp_that_is_no_time_is_malformed(void **state)
{
	static const char *const rows[] = { AT("\"\""), AT("\"1767258000\""),
		AT("\"2026-02-30T09:00:00Z\""), AT("true"), AT("{}"), AT("[]"),
		AT("0"), AT("-1"), AT("-1767258000"),
		/* Too small for a number of milliseconds. */
		AT("-9223372036854775808"), AT("-1e300") };
	struct decoded decoded;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		decoded = event(span_of(rows[i]));
		if (decoded.kind != DECODE_MALFORMED)
			fail_msg("%s", rows[i]);
		assert_span(decoded.text, "timestamp is not a time");
		assert_span(decoded.presence.user_id, "u");
	}
}

static void
event_that_cannot_be_read_is_malformed_with_a_reason(void **state)
{
	static const struct {
		const char *message;
		const char *user;
		const char *part;
	} rows[] = {
		{ "", NULL, "empty" },
		{ "ping", NULL, "at byte 0" },
		{ "[]", NULL, "not a JSON object" },
		{ "7", NULL, "JSON" },
		{ "{}", NULL, "eventType is missing" },
		{ "{\"eventType\":7}", NULL, "eventType is missing" },
		{ "{\"type\":\"subscribed\"}", NULL, "eventType is missing" },
		{ "{\"eventType\":\"presence\"}", NULL, "userId" },
		{ "{\"eventType\":\"presence\",\"state\":\"A\"}", NULL,
		    "userId" },
		{ "{\"eventType\":\"presence\",\"userId\":7,\"state\":\"A\"}",
		    NULL, "userId" },
		{ "{\"eventType\":\"presence\",\"userId\":\"u\"}", "u",
		    "state" },
		{ "{\"eventType\":\"presence\",\"userId\":\"u\","
		  "\"state\":null}",
		    "u", "state" },
		{ "{\"eventType\":\"presence\",\"userId\":\"u\","
		  "\"state\":\"\"}",
		    "u", "state" },
		{ "{\"eventType\":\"presence\",\"userId\":\"u\","
		  "\"state\":\"" X64 "x\"}",
		    "u", "state" },
	};
	struct decoded decoded;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		decoded = event(span_of(rows[i].message));
		if (decoded.kind != DECODE_MALFORMED ||
		    memmem(decoded.text.at, decoded.text.len, rows[i].part,
			strlen(rows[i].part)) == NULL)
			fail_msg("%s: %.*s", rows[i].message,
			    (int)decoded.text.len, decoded.text.at);
		assert_span(decoded.presence.user_id, rows[i].user);
	}
}

static void
event_user_beyond_the_cap_is_malformed_and_not_handed_on(void **state)
{
	struct decoded decoded;

	(void)state;
	decoded = event(SPAN("{\"eventType\":\"presence\",\"userId\":\"" X128
			     "\",\"state\":\"A\"}"));
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	decoded = event(SPAN("{\"eventType\":\"presence\",\"userId\":\"" X128
			     "x\",\"state\":\"A\"}"));
	assert_int_equal(decoded.kind, DECODE_MALFORMED);
	assert_span(decoded.presence.user_id, NULL);
}

static void
event_error_is_a_complaint(void **state)
{
	struct decoded decoded = event(test_data("event-error.json"));

	(void)state;
	assert_int_equal(decoded.kind, DECODE_COMPLAINT);
	assert_span(decoded.text, "too many subscriptions");
	decoded = event(SPAN("{\"type\":\"ERROR\"}"));
	assert_int_equal(decoded.kind, DECODE_COMPLAINT);
	assert_span(decoded.text, "");
}

static void
recorded_message_may_have_any_of_the_shapes(void **state)
{
	struct decoded decoded = recorded(test_data("presence.json"));

	(void)state;
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(decoded.presence.user_id, ADA);
	assert_span(decoded.presence.state, "ON_QUEUE");
	decoded = recorded(test_data("event.json"));
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(decoded.presence.user_id, "user-id-1");
	assert_int_equal(decoded.presence.changed_ms, NINE);
	decoded = recorded(test_data("eventbridge.json"));
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(decoded.presence.user_id, ADA);
	assert_span(decoded.presence.state, "AVAILABLE");
	assert_int_equal(decoded.presence.changed_ms, NINE + 1000);
	decoded = recorded(SPAN("{\"detail\":{\"eventType\":\"presence\","
				"\"userId\":\"u\",\"state\":\"BUSY\"}}"));
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(decoded.presence.user_id, "u");
}

static void
recorded_message_of_another_kind_is_told_by_it(void **state)
{
	static const struct {
		const char *file;
		enum decode_kind wanted;
	} rows[] = {
		{ "heartbeat.json", DECODE_HEARTBEAT },
		{ "presence-secondary.json", DECODE_SECONDARY },
		{ "routing-status.json", DECODE_OTHER },
		{ "subscribed.json", DECODE_OTHER },
		{ "subscribe-refused.json", DECODE_COMPLAINT },
		{ "event-error.json", DECODE_COMPLAINT },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (recorded(test_data(rows[i].file)).kind != rows[i].wanted)
			fail_msg("%s", rows[i].file);
}

static void
recorded_line_that_is_no_message_is_malformed(void **state)
{
	static const char *const rows[] = { "", "x", "[]", "{}", "7",
		"{\"detail\":{}}", "{\"detail\":{\"detail\":{}}}",
		"{\"detail\":7,\"x\":1}", EVENT("{}") };
	struct decoded decoded;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		decoded = recorded(span_of(rows[i]));
		if (decoded.kind != DECODE_MALFORMED)
			fail_msg("%s", rows[i]);
		assert_true(decoded.text.len > 0);
	}
}

static void
bulk_rows_are_read_one_by_one(void **state)
{
	struct decoded decoded;
	struct fail why;
	size_t rows = 0;

	(void)state;
	assert_int_equal(
	    decode_bulk(decode, test_data("bulk.json"), &rows, &why), 0);
	assert_int_equal(rows, 9);
	decode_bulk_row(decode, 0, &decoded);
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(decoded.presence.user_id, ADA);
	assert_span(decoded.presence.state, "ON_QUEUE");
	assert_span(decoded.presence.definition,
	    "e08eaf1b-ee47-4fa9-a231-1200e284798f");
	assert_int_equal(decoded.presence.changed_ms, NINE);
	decode_bulk_row(decode, 1, &decoded);
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(
	    decoded.presence.user_id, "1B2C3D4E-0000-4000-8000-00000000000A");
	assert_span(decoded.presence.state, "OFFLINE");
	assert_int_equal(decoded.presence.changed_ms, NINE - 55800000);
	decode_bulk_row(decode, 2, &decoded);
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_true(decoded.presence.changed_ms == NOW_NONE);
	/* In any order, and again. */
	decode_bulk_row(decode, 0, &decoded);
	assert_span(decoded.presence.state, "ON_QUEUE");
}

static void
bulk_row_that_is_bad_leaves_the_others_good(void **state)
{
	static const struct {
		size_t row;
		const char *user, *part;
	} rows[] = {
		{ 3, NULL, "userId" },
		{ 4, "1b2c3d4e-0000-4000-8000-00000000000c", "systemPresence" },
		{ 5, "1b2c3d4e-0000-4000-8000-00000000000d", "systemPresence" },
		{ 6, "1b2c3d4e-0000-4000-8000-00000000000e", "modifiedDate" },
		{ 7, NULL, "userId" }, { 8, NULL, "userId" },
		{ 9, NULL, "userId" }, /* there is none */
	};
	struct decoded decoded;
	struct fail why;
	size_t count = 0, i;

	(void)state;
	assert_int_equal(
	    decode_bulk(decode, test_data("bulk.json"), &count, &why), 0);
	for (i = 0; i < COUNT(rows); i++) {
		memset(&decoded, 0x5a, sizeof(decoded));
		decode_bulk_row(decode, rows[i].row, &decoded);
		assert_int_equal(decoded.kind, DECODE_MALFORMED);
		assert_span(decoded.presence.user_id, rows[i].user);
		assert_non_null(memmem(decoded.text.at, decoded.text.len,
		    rows[i].part, strlen(rows[i].part)));
	}
	decode_bulk_row(decode, 0, &decoded);
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
}

static void
bulk_row_with_a_user_beyond_the_cap_has_no_user(void **state)
{
	struct decoded decoded;
	struct fail why;
	size_t count;

	(void)state;
	assert_int_equal(
	    decode_bulk(decode,
		SPAN("[{\"userId\":\"" X128 "x\",\"presenceDefinition\":"
		     "{\"systemPresence\":\"BUSY\"}}]"),
		&count, &why),
	    0);
	decode_bulk_row(decode, 0, &decoded);
	assert_int_equal(decoded.kind, DECODE_MALFORMED);
	assert_span(decoded.presence.user_id, NULL);
}

static void
bulk_answer_may_be_empty(void **state)
{
	struct fail why;
	size_t rows = 7;

	(void)state;
	assert_int_equal(decode_bulk(decode, SPAN("[]"), &rows, &why), 0);
	assert_int_equal(rows, 0);
}

static void
bulk_answer_that_is_another_may_be_tried_again(void **state)
{
	static const char *const bodies[] = { "", "<html>Bad Gateway</html>",
		"{}", "{\"entities\":[]}", "null", "[", "[{}", "[\"\xff\"]" };
	struct fail why;
	size_t rows = 7, i;

	(void)state;
	for (i = 0; i < COUNT(bodies); i++) {
		memset(&why, 0, sizeof(why));
		assert_int_equal(
		    decode_bulk(decode, span_of(bodies[i]), &rows, &why), -1);
		assert_fail(
		    &why, FAIL_UNREACHABLE, "the bulk presence answer is");
		assert_int_equal(rows, 7);
	}
}

static void
decode_free_takes_null(void **state)
{
	(void)state;
	decode_free(NULL);
}

static void
decode_reads_the_same_without_the_scanner(void **state)
{
	struct decoded decoded;
	struct decode *tree;

	(void)state;
	tree = decode_new();
	decode_use_tree(tree);
	decode_notification(tree,
	    SPAN(BUSY(",\"modifiedDate\":\"2026-01-01T09:00:00Z\"")), &decoded);
	assert_int_equal(decoded.kind, DECODE_PRESENCE);
	assert_span(decoded.presence.user_id, ADA);
	assert_span(decoded.presence.state, "BUSY");
	assert_true(decoded.presence.changed_ms == NINE);
	decode_free(tree);
}

static void
recorded_user_is_guessed_from_the_first_bytes(void **state)
{
	(void)state;
	assert_span(decode_guess_user(SPAN(BUSY(""))), ADA);
	assert_span(decode_guess_user(
			SPAN("{\"eventType\":\"presence\",\"userId\":\"" ADA
			     "\",\"state\":\"BUSY\"}")),
	    ADA);
	assert_span(
	    decode_guess_user(SPAN("{\"topicName\":\"v2.users.")), NULL);
	assert_span(decode_guess_user(SPAN("{\"state\":\"BUSY\"}")), NULL);
	assert_span(decode_guess_user(SPAN("")), NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(notification_presence_is_read_whole),
		cmocka_unit_test(
		    notification_without_modified_date_has_no_time),
		cmocka_unit_test(
		    notification_future_presence_and_message_are_not_the_presence),
		cmocka_unit_test(notification_topic_is_compared_without_case),
		cmocka_unit_test(
		    notification_of_a_secondary_source_is_told_apart),
		cmocka_unit_test(
		    notification_that_is_no_presence_is_told_by_its_kind),
		cmocka_unit_test(notification_of_a_displaced_channel_says_why),
		cmocka_unit_test(notification_kinds_are_compared_without_case),
		cmocka_unit_test(
		    notification_complaint_repeats_what_the_service_says),
		cmocka_unit_test(
		    notification_topics_that_only_look_like_presence_are_other),
		cmocka_unit_test(notification_user_may_be_as_long_as_the_cap),
		cmocka_unit_test(
		    notification_that_cannot_be_read_is_malformed_with_a_reason),
		cmocka_unit_test(notification_body_may_name_the_same_user),
		cmocka_unit_test(
		    notification_times_may_have_an_offset_and_any_decimals),
		cmocka_unit_test(
		    notification_that_is_nested_without_end_is_malformed),
		cmocka_unit_test(
		    notification_long_texts_are_cut_in_the_verdict),
		cmocka_unit_test(event_is_read_whole),
		cmocka_unit_test(event_types_that_name_presence_are_presence),
		cmocka_unit_test(
		    event_timestamp_may_be_text_or_seconds_or_milliseconds),
		cmocka_unit_test(event_timestamp_that_is_no_time_is_malformed),
		cmocka_unit_test(
		    event_that_cannot_be_read_is_malformed_with_a_reason),
		cmocka_unit_test(
		    event_user_beyond_the_cap_is_malformed_and_not_handed_on),
		cmocka_unit_test(event_error_is_a_complaint),
		cmocka_unit_test(recorded_message_may_have_any_of_the_shapes),
		cmocka_unit_test(
		    recorded_message_of_another_kind_is_told_by_it),
		cmocka_unit_test(recorded_line_that_is_no_message_is_malformed),
		cmocka_unit_test(bulk_rows_are_read_one_by_one),
		cmocka_unit_test(bulk_row_that_is_bad_leaves_the_others_good),
		cmocka_unit_test(
		    bulk_row_with_a_user_beyond_the_cap_has_no_user),
		cmocka_unit_test(bulk_answer_may_be_empty),
		cmocka_unit_test(
		    bulk_answer_that_is_another_may_be_tried_again),
		cmocka_unit_test(decode_reads_the_same_without_the_scanner),
		cmocka_unit_test(recorded_user_is_guessed_from_the_first_bytes),
		cmocka_unit_test(decode_free_takes_null),
	};

	(void)alarm(TEST_LIMIT);
	return cmocka_run_group_tests(tests, make_decode, free_decode);
}
