#include "config.h"

#include <json-c/json.h>

#include "buf.h"
#include "emit.h"
#include "presence.h"
#include "test.h"

#define ADA "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"

/* 2026-01-01T09:00:00Z */
#define NINE 1767258000000

/* The contract's example. */
static struct change
example(void)
{
	struct change change = { .changed_ms = NINE,
		.received_ms = NINE + 42,
		.previous_for_ms = 61000,
		.source = PRESENCE_STREAM };

	change.user_id = SPAN(ADA);
	change.name = SPAN("Ada Lovelace");
	change.state = SPAN("BUSY");
	change.previous_state = SPAN("AVAILABLE");
	change.definition = SPAN("31fe3bac-dea6-44b7-bed7-47f91660a1a0");
	return change;
}

#define assert_line(change, line) \
	test_line((change), (line), __FILE__, __LINE__)

static void
test_line(
    struct change change, const char *wanted, const char *file, int number)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	emit_ndjson(&buf, &change);
	_assert_string_equal(buf_string(&buf), wanted, file, number);
	buf_done(&buf);
}

static void
emit_writes_the_contracts_line(void **state)
{
	(void)state;
	assert_line(example(),
	    "{\"userId\":\"" ADA "\",\"name\":\"Ada Lovelace\","
	    "\"state\":\"BUSY\",\"previousState\":\"AVAILABLE\","
	    "\"presenceId\":\"31fe3bac-dea6-44b7-bed7-47f91660a1a0\","
	    "\"timestamp\":\"2026-01-01T09:00:00.000Z\","
	    "\"receivedAt\":\"2026-01-01T09:00:00.042Z\","
	    "\"latencyMs\":42,\"previousForMs\":61000,"
	    "\"source\":\"stream\"}\n");
}

static void
emit_writes_null_for_what_is_not_known(void **state)
{
	struct change change = { .changed_ms = NOW_NONE,
		.received_ms = NINE,
		.previous_for_ms = NOW_NONE,
		.source = PRESENCE_SNAPSHOT };

	(void)state;
	change.user_id = SPAN("user-id-1");
	change.state = SPAN("OFFLINE");
	assert_line(change,
	    "{\"userId\":\"user-id-1\",\"state\":\"OFFLINE\","
	    "\"previousState\":null,\"presenceId\":null,\"timestamp\":null,"
	    "\"receivedAt\":\"2026-01-01T09:00:00.000Z\",\"latencyMs\":null,"
	    "\"previousForMs\":null,\"source\":\"snapshot\"}\n");
	/* Empty says the same as missing. */
	change.name = SPAN("");
	change.previous_state = SPAN("");
	change.definition = SPAN("");
	assert_line(change,
	    "{\"userId\":\"user-id-1\",\"state\":\"OFFLINE\","
	    "\"previousState\":null,\"presenceId\":null,\"timestamp\":null,"
	    "\"receivedAt\":\"2026-01-01T09:00:00.000Z\",\"latencyMs\":null,"
	    "\"previousForMs\":null,\"source\":\"snapshot\"}\n");
}

static void
emit_writes_coalesced_last_and_only_where_it_is(void **state)
{
	struct change change = example();

	(void)state;
	change.name = NO_SPAN;
	change.definition = NO_SPAN;
	change.coalesced = 3;
	change.source = PRESENCE_REPLAY;
	assert_line(change,
	    "{\"userId\":\"" ADA "\",\"state\":\"BUSY\","
	    "\"previousState\":\"AVAILABLE\",\"presenceId\":null,"
	    "\"timestamp\":\"2026-01-01T09:00:00.000Z\","
	    "\"receivedAt\":\"2026-01-01T09:00:00.042Z\",\"latencyMs\":42,"
	    "\"previousForMs\":61000,\"source\":\"replay\","
	    "\"coalesced\":3}\n");
}

static void
emit_latency_is_negative_where_the_clocks_differ(void **state)
{
	struct change change = example();
	struct buf buf;

	(void)state;
	change.received_ms = NINE - 1500;
	buf_init(&buf, SIZE_MAX);
	emit_ndjson(&buf, &change);
	assert_non_null(strstr(buf_string(&buf), ",\"latencyMs\":-1500,"));
	change.received_ms = NINE;
	buf_reset(&buf);
	emit_ndjson(&buf, &change);
	assert_non_null(strstr(buf_string(&buf), ",\"latencyMs\":0,"));
	change.previous_for_ms = 0;
	buf_reset(&buf);
	emit_ndjson(&buf, &change);
	assert_non_null(strstr(buf_string(&buf), ",\"previousForMs\":0,"));
	buf_done(&buf);
}

static void
emit_escapes_every_text(void **state)
{
	static const char evil[] = "\"\\\n\x1b[2J\xff\xe2\x80\xa8";
	static const char escaped[] =
	    "\"\\\"\\\\\\n\\u001b[2J\xef\xbf\xbd\\u2028\"";
	struct change change = example();
	struct buf buf;
	const char *at;
	int found = 0;

	(void)state;
	change.user_id = change.name = change.state = change.previous_state =
	    change.definition = SPAN(evil);
	buf_init(&buf, SIZE_MAX);
	emit_ndjson(&buf, &change);
	for (at = buf_string(&buf); (at = strstr(at, escaped)) != NULL; at++)
		found++;
	assert_int_equal(found, 5);
	assert_ptr_equal(
	    memchr(buf.bytes, '\n', buf.len), buf.bytes + buf.len - 1);
	buf_done(&buf);
}

static void
emit_adds_to_what_is_there(void **state)
{
	struct change change = example();
	struct buf buf;
	size_t len;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	emit_ndjson(&buf, &change);
	len = buf.len;
	emit_ndjson(&buf, &change);
	assert_int_equal(buf.len, 2 * len);
	assert_memory_equal(buf.bytes, buf.bytes + len, len);
	buf_done(&buf);
}

static void
emit_tsv_has_the_contracts_eleven_columns(void **state)
{
	struct change change = example();
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	emit_tsv_header(&buf);
	assert_string_equal(buf_string(&buf),
	    "userId\tname\tstate\tpreviousState\tpresenceId\ttimestamp\t"
	    "receivedAt\tlatencyMs\tpreviousForMs\tsource\tcoalesced\n");
	buf_reset(&buf);
	change.coalesced = 3;
	emit_tsv(&buf, &change);
	assert_string_equal(buf_string(&buf),
	    ADA "\tAda Lovelace\tBUSY\tAVAILABLE\t"
		"31fe3bac-dea6-44b7-bed7-47f91660a1a0\t"
		"2026-01-01T09:00:00.000Z\t2026-01-01T09:00:00.042Z\t42\t"
		"61000\tstream\t3\n");
	buf_done(&buf);
}

static void
emit_tsv_leaves_empty_what_is_not_known(void **state)
{
	struct change change = { .changed_ms = NOW_NONE,
		.received_ms = NINE,
		.previous_for_ms = NOW_NONE,
		.source = PRESENCE_SNAPSHOT };
	struct buf buf;

	(void)state;
	change.user_id = SPAN("user-id-1");
	change.state = SPAN("OFFLINE");
	buf_init(&buf, SIZE_MAX);
	emit_tsv(&buf, &change);
	assert_string_equal(buf_string(&buf),
	    "user-id-1\t\tOFFLINE\t\t\t\t2026-01-01T09:00:00.000Z\t\t\t"
	    "snapshot\t\n");
	buf_done(&buf);
}

static void
emit_tsv_keeps_its_columns_whatever_the_texts(void **state)
{
	struct change change = example();
	struct buf buf;
	size_t i, tabs = 0, newlines = 0;

	(void)state;
	change.user_id = change.name = change.state = change.previous_state =
	    change.definition = SPAN("a\tb\nc\\d\x1b\xe2\x80\xa8\xff");
	buf_init(&buf, SIZE_MAX);
	emit_tsv(&buf, &change);
	for (i = 0; i < buf.len; i++) {
		tabs += buf.bytes[i] == '\t';
		newlines += buf.bytes[i] == '\n';
	}
	assert_int_equal(tabs, 10);
	assert_int_equal(newlines, 1);
	assert_non_null(strstr(buf_string(&buf), "a\\tb\\nc\\\\d\\x1B"));
	buf_done(&buf);
}

static void
emit_gap_writes_the_contracts_line(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	emit_gap(&buf, NINE, NINE + 1500, 42, "the connection \"was\" lost\n");
	assert_string_equal(buf_string(&buf),
	    "{\"gap\":{\"from\":\"2026-01-01T09:00:00.000Z\","
	    "\"to\":\"2026-01-01T09:00:01.500Z\",\"users\":42,"
	    "\"cause\":\"the connection \\\"was\\\" lost\\n\"}}\n");
	buf_done(&buf);
}

static void
emit_gap_fits_the_lines_cap_whatever_the_cause(void **state)
{
	char cause[FAIL_TEXT];
	struct buf buf;

	(void)state;
	memset(cause, 1, sizeof(cause));
	cause[sizeof(cause) - 1] = '\0';
	buf_init(&buf, SIZE_MAX);
	emit_gap(&buf, NINE, NINE + 1500, SIZE_MAX / 2, cause);
	assert_true(buf.len <= CAP_LINE);
	assert_int_equal(buf.bytes[buf.len - 1], '\n');
	buf_done(&buf);
}

/* All values at their caps, made of what takes the most room when escaped. */
static struct change
worst(const char *text, size_t len)
{
	static char bytes[CAP_NAME];
	struct change change = { .changed_ms = INT64_MAX,
		.received_ms = NINE,
		.previous_for_ms = INT64_MAX,
		.source = PRESENCE_SNAPSHOT,
		.coalesced = INT64_MAX };
	struct span *const spans[] = { &change.user_id, &change.name,
		&change.state, &change.previous_state, &change.definition };
	static const size_t caps[] = { CAP_USER_ID, CAP_NAME, CAP_STATE,
		CAP_STATE, CAP_DEFINITION };
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = text[i % len];
	for (i = 0; i < COUNT(spans); i++) {
		spans[i]->at = bytes;
		spans[i]->len = caps[i];
	}
	return change;
}

static void
emit_worst_case_fits_the_lines_cap(void **state)
{
	static const char *const texts[] = { "\x01", "\x7f", "\xff", "\"",
		"\xc2\x80", "\xe2\x80\xa8", "\xf0\x9f\x98\x80", "n" };
	struct change change;
	struct buf buf;
	size_t i;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	for (i = 0; i < COUNT(texts); i++) {
		change = worst(texts[i], strlen(texts[i]));
		buf_reset(&buf);
		emit_ndjson(&buf, &change);
		assert_true(buf.len <= CAP_LINE);
		buf_reset(&buf);
		emit_tsv(&buf, &change);
		assert_true(buf.len <= CAP_LINE);
	}
	buf_done(&buf);
}

static void
emit_keys_come_in_the_contracts_order_in_valid_json(void **state)
{
	static const char *const wanted[] = { "userId", "name", "state",
		"previousState", "presenceId", "timestamp", "receivedAt",
		"latencyMs", "previousForMs", "source", "coalesced" };
	struct change change = worst("\"\\\x01\xff", 4);
	struct json_object_iter member;
	struct json_object *line;
	struct buf buf;
	size_t i = 0;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	emit_ndjson(&buf, &change);
	line = json_tokener_parse(buf_string(&buf));
	assert_non_null(line);
	assert_int_equal(json_object_object_length(line), COUNT(wanted));
	json_object_object_foreachC(line, member)
	{
		assert_string_equal(member.key, wanted[i]);
		i++;
	}
	json_object_put(line);
	buf_done(&buf);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(emit_writes_the_contracts_line),
		cmocka_unit_test(emit_writes_null_for_what_is_not_known),
		cmocka_unit_test(
		    emit_writes_coalesced_last_and_only_where_it_is),
		cmocka_unit_test(
		    emit_latency_is_negative_where_the_clocks_differ),
		cmocka_unit_test(emit_escapes_every_text),
		cmocka_unit_test(emit_adds_to_what_is_there),
		cmocka_unit_test(emit_tsv_has_the_contracts_eleven_columns),
		cmocka_unit_test(emit_tsv_leaves_empty_what_is_not_known),
		cmocka_unit_test(emit_tsv_keeps_its_columns_whatever_the_texts),
		cmocka_unit_test(emit_gap_writes_the_contracts_line),
		cmocka_unit_test(
		    emit_gap_fits_the_lines_cap_whatever_the_cause),
		cmocka_unit_test(emit_worst_case_fits_the_lines_cap),
		cmocka_unit_test(
		    emit_keys_come_in_the_contracts_order_in_valid_json),
	};

	return TEST_RUN(tests);
}
