#include "config.h"

#include "jget.h"
#include "message.h"
#include "rng.h"
#include "test.h"

#define ADA "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"

static struct jget *reader;
static struct message_scanner *scanner;

static int
make_reader(void **state)
{
	(void)state;
	reader = jget_new();
	scanner = message_scanner_new();
	return 0;
}

static int
free_reader(void **state)
{
	(void)state;
	jget_free(reader);
	message_scanner_free(scanner);
	return 0;
}

/* A member of the tree, where the scanner says that it has one. */
static void
assert_same(struct span field, const struct json_object *node, const char *key,
    struct span text)
{
	if ((field.at == NULL) != (jget_text(node, key).at == NULL) ||
	    !span_equal(field, jget_text(node, key)))
		fail_msg("%s of %.*s", key, (int)text.len, text.at);
}

/*
 * What the scanner takes, the tree must give too.  The text is copied to
 * memory of exactly its size, so that one byte more is a fault.
 */
static bool
scan(struct span text)
{
	const struct json_object *root, *body, *definition;
	struct message message;
	struct fail why = { 0 };
	char *copy = malloc(text.len == 0 ? 1 : text.len);
	bool taken;

	assert_non_null(copy);
	if (text.len > 0)
		memcpy(copy, text.at, text.len);
	text.at = copy;
	taken = message_scan(scanner, text, &message);
	if (taken) {
		root = jget_parse(reader, text, &why);
		if (!jget_is_object(root))
			fail_msg("%.*s: %s", (int)text.len, text.at, why.text);
		body = jget_object(root, "eventBody");
		definition = jget_object(body, "presenceDefinition");
		assert_same(message.topic, root, "topicName", text);
		assert_same(message.event_type, root, "eventType", text);
		assert_same(message.user_id, root, "userId", text);
		assert_same(message.state, root, "state", text);
		assert_same(message.timestamp, root, "timestamp", text);
		assert_same(message.body_user, body, "userId", text);
		assert_same(message.date, body, "modifiedDate", text);
		assert_same(message.source, body, "source", text);
		assert_same(message.definition, definition, "id", text);
		assert_same(message.system_presence, definition,
		    "systemPresence", text);
		assert_int_equal(message.has_primary,
		    jget_bool(body, "primary", true) ==
			jget_bool(body, "primary", false));
		if (message.has_primary)
			assert_int_equal(message.primary,
			    jget_bool(body, "primary", !message.primary));
		assert_false(message.bad_date);
		assert_true(jget_is_null(root, "detail"));
		assert_true(jget_is_null(root, "result"));
		assert_true(jget_is_null(root, "type"));
	}
	free(copy);
	return taken;
}

static void
message_of_both_sockets_is_taken(void **state)
{
	(void)state;
	assert_true(scan(test_data("presence.json")));
	assert_true(scan(test_data("presence-old.json")));
	assert_true(scan(test_data("presence-secondary.json")));
	assert_true(scan(test_data("presence-upper.json")));
	assert_true(scan(test_data("event.json")));
}

static void
message_has_the_fields_as_they_stand_in_it(void **state)
{
	static const char text[] = " { \"userId\" : \"u\" ,\n\t\"x\":[1,-2,{}],"
				   "\"state\":\"On Queue\",\"eventType\":"
				   "\"presence\",\"timestamp\":\"t\" } ";
	struct message message;

	(void)state;
	assert_true(message_scan(scanner, SPAN(text), &message));
	assert_span(message.user_id, "u");
	assert_span(message.state, "On Queue");
	assert_span(message.event_type, "presence");
	assert_span(message.timestamp, "t");
	assert_span(message.topic, NULL);
	assert_true(
	    message.state.at > text && message.state.at < text + sizeof(text));
}

static void
message_of_another_kind_is_left_to_the_tree(void **state)
{
	static const char *const files[] = { "heartbeat.json", "pong.json",
		"socket-closing.json", "no-longer-subscribed.json",
		"token-revoked.json", "routing-status.json", "subscribed.json",
		"subscribe-refused.json", "event-error.json", "bulk.json",
		"eventbridge.json" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(files); i++)
		if (scan(test_data(files[i])))
			fail_msg("%s", files[i]);
}

#define EVENT(rest) \
	"{\"eventType\":\"presence\",\"userId\":\"u\",\"state\":\"A\"" rest "}"

static void
message_that_holds_a_surprise_is_left_to_the_tree(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		"[]",
		"{}",
		"null",
		"{",
		"{\"a\"",
		"{\"a\":",
		"{\"a\": ",
		"{\"a\":-",
		"{\"a\":1",
		"{\"a\":[",
		"{\"a\":[1",
		"{\"a\":{\"b\":",
		"{\"eventType\":",
		"{\"eventType\":\"presence",
		"{\"eventBody\":{\"primary\":",
		EVENT("") "x",
		EVENT("") EVENT(""),
		EVENT(","),
		EVENT(",\"x\":01"),
		EVENT(",\"x\":1.5"),
		EVENT(",\"x\":1e5"),
		EVENT(",\"x\":+1"),
		EVENT(",\"x\":1234567890123456"),
		EVENT(",\"x\":NaN"),
		EVENT(",\"x\":'y'"),
		EVENT(",\"x\":[1,]"),
		EVENT(",\"x\":{\"y\":1,}"),
		EVENT(",\"x\":[[[[[[[[[[]]]]]]]]]]"),
		EVENT(",\"x\":\"\\n\""),
		EVENT(",\"x\":\"\xc3\xab\""),
		EVENT(",\"x\":\"\x7f\""),
		EVENT(",\"x\":\"\t\""),
		EVENT(",\"x\\u0000\":1"),
		/* Twice, of another type, or of both protocols. */
		EVENT(",\"state\":\"B\""),
		EVENT(",\"timestamp\":1767258000"),
		EVENT(",\"timestamp\":null"),
		EVENT(",\"topicName\":\"v2.users.u.presence\""),
		EVENT(",\"type\":\"error\""),
		EVENT(",\"detail\":{}"),
		EVENT(",\"result\":\"200\""),
		"{\"topicName\":\"t\",\"eventBody\":{\"presenceDefinition\":"
		"{\"systemPresence\":\"A\"},\"primary\":null}}",
		"{\"topicName\":\"t\",\"eventBody\":{\"presenceDefinition\":"
		"{\"systemPresence\":\"A\"},\"primary\":true,"
		"\"primary\":false}}",
		"{\"topicName\":\"t\",\"eventBody\":{\"presenceDefinition\":"
		"{\"systemPresence\":\"A\"},\"modifiedDate\":7}}",
		"{\"topicName\":\"t\",\"eventBody\":{\"presenceDefinition\":"
		"{\"systemPresence\":\"A\"}},\"eventBody\":{}}",
		"{\"topicName\":\"t\",\"eventBody\":{\"presenceDefinition\":"
		"{\"id\":\"i\"}}}",
		"{\"topicName\":\"t\",\"eventBody\":null}",
		"{\"topicName\":\"t\"}",
	};
	size_t i;

	(void)state;
	assert_true(scan(SPAN(EVENT(""))));
	assert_true(
	    scan(SPAN(EVENT(",\"x\":[0,-1,true,false,null,\"y\",{}]"))));
	for (i = 0; i < COUNT(rows); i++)
		if (scan(span_of(rows[i])))
			fail_msg("%s", rows[i]);
	assert_false(scan(SPAN(EVENT("") "\0")));
}

/* A copy with one thing about it changed; the room is large enough. */
static struct span
mutate(struct span text, struct rng *rng, char *room)
{
	static const char likely[] = "\"\\{}[]:,-0123456789 \ttfn\x7f\xc3\0";
	size_t at = (size_t)rng_below(rng, text.len);
	size_t len = 1 + (size_t)rng_below(rng, rng_below(rng, 2) ? 3 : 60);
	struct span copy = { room, text.len };

	memcpy(room, text.at, text.len);
	if (len > text.len - at)
		len = text.len - at;
	switch (rng_below(rng, 4)) {
	case 0: /* another byte */
		room[at] = likely[rng_below(rng, sizeof(likely) - 1)];
		break;
	case 1: /* some bytes twice */
		memmove(room + at + len, room + at, text.len - at);
		copy.len += len;
		break;
	case 2: /* some bytes less */
		memmove(room + at, room + at + len, text.len - at - len);
		copy.len -= len;
		break;
	default: /* cut off */
		copy.len = at;
		break;
	}
	return copy;
}

static void
message_takes_exactly_what_the_tree_gives(void **state)
{
	static const char *const files[] = { "presence.json",
		"presence-old.json", "presence-future.json",
		"presence-secondary.json", "presence-upper.json", "event.json",
		"routing-status.json" };
	static char one[8192], other[8192];
	struct span text;
	struct rng rng;
	size_t i;
	int round, taken = 0;

	(void)state;
	rng_seed(&rng, 1);
	for (i = 0; i < COUNT(files); i++)
		for (round = 0; round < 5000; round++) {
			text = mutate(test_data(files[i]), &rng, one);
			if (text.len > 0 && round % 2 == 0)
				text = mutate(text, &rng, other);
			taken += scan(text);
		}
	/* Else it has proved nothing. */
	assert_true(taken > 1000);
}

/* Whether what a scanner has seen before makes no difference to this text. */
static void
assert_same_after(const char *before, const char *text)
{
	struct message_scanner *used = message_scanner_new();
	struct message_scanner *unused = message_scanner_new();
	struct message one, other;
	bool taken;

	(void)message_scan(used, span_of(before), &one);
	taken = message_scan(used, span_of(text), &one);
	if (message_scan(unused, span_of(text), &other) != taken ||
	    (taken && memcmp(&one, &other, sizeof(one)) != 0))
		fail_msg("%s, after %s", text, before);
	message_scanner_free(used);
	message_scanner_free(unused);
}

static void
message_is_taken_alike_whatever_came_before(void **state)
{
	static const char *const rows[] = {
		EVENT(""),
		EVENT(" "),
		EVENT("") "x",
		EVENT("") "\n",
		EVENT(",\"x\":\"\""),
		EVENT(",\"x\":\"a longer value than the others have\""),
		EVENT(",\"x\":\"\\n\""),
		EVENT(",\"x\":1"),
		EVENT(",\"x\":2"),
		EVENT(",\"x\":[\"a\",{\"b\":\"c\"}]"),
		EVENT(",\"x\":[\"\",{\"b\":\"d\"}]"),
		EVENT(",\"x\":[\"\",{\"B\":\"d\"}]"),
		EVENT(",\"type\":\"error\""),
		"{\"topicName\":\"t\",\"eventBody\":{\"presenceDefinition\":"
		"{\"systemPresence\":\"A\"},\"primary\":true}}",
		"{\"topicName\":\"other\",\"eventBody\":{\"presenceDefinition\":"
		"{\"systemPresence\":\"B\"},\"primary\":false}}",
		"{\"topicName\":\"\",\"eventBody\":{\"presenceDefinition\":"
		"{\"systemPresence\":\"\"},\"primary\":true}}",
		"{\"topicName\":\"t\",\"eventBody\":{\"presenceDefinition\":"
		"{\"systemPresence\":\"A\"},\"primary\":true}",
		"{\"topicName\":\"t",
		"",
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		for (j = 0; j < COUNT(rows); j++)
			assert_same_after(rows[i], rows[j]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_of_both_sockets_is_taken),
		cmocka_unit_test(message_has_the_fields_as_they_stand_in_it),
		cmocka_unit_test(message_of_another_kind_is_left_to_the_tree),
		cmocka_unit_test(
		    message_that_holds_a_surprise_is_left_to_the_tree),
		cmocka_unit_test(message_takes_exactly_what_the_tree_gives),
		cmocka_unit_test(message_is_taken_alike_whatever_came_before),
	};

	(void)alarm(TEST_LIMIT);
	return cmocka_run_group_tests(tests, make_reader, free_reader);
}
