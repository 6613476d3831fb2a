#include "config.h"

#include "buf.h"
#include "presence.h"
#include "statefile.h"
#include "test.h"

#define RECEIVED "\"receivedAt\":\"2026-01-01T09:00:00.042Z\""

static const char good[] =
    "{\"userId\":\"a\",\"name\":\"Ada\",\"state\":\"BUSY\","
    "\"previousState\":null,\"timestamp\":null," RECEIVED
    ",\"previousForMs\":61000,\"source\":\"stream\"}\n";

static void
on_change(void *arg, const struct change *change)
{
	size_t *count = arg;

	assert_span(change->user_id, "a");
	assert_span(change->state, "BUSY");
	assert_int_equal(change->changed_ms, NOW_NONE);
	assert_int_equal(change->received_ms, 1767258000042);
	(*count)++;
}

/* Reads these lines behind a header that says so many. */
static int
read_lines(const char *lines, size_t users, size_t *count, struct fail *why)
{
	struct buf content;
	int rc;

	*count = 0;
	buf_init(&content, SIZE_MAX);
	statefile_put_header(&content, span_of(lines), users);
	buf_text(&content, lines);
	rc = statefile_read("team.state",
	    (struct span){ content.bytes, content.len }, on_change, count, why);
	buf_done(&content);
	return rc;
}

static void
statefile_reads_what_stands_behind_its_header(void **state)
{
	struct fail why;
	size_t count;

	(void)state;
	assert_int_equal(read_lines(good, 1, &count, &why), 0);
	assert_int_equal(count, 1);
	assert_int_equal(read_lines("", 0, &count, &why), 0);
	assert_int_equal(count, 0);
}

static void
statefile_that_is_damaged_is_refused_with_its_name(void **state)
{
	static const struct {
		const char *lines;
		size_t users;
		const char *part;
	} rows[] = {
		{ good, 2, "'team.state' is damaged: lines are missing" },
		{ "\n", 1, "a line makes no sense" },
		{ "{\"userId\":\"a\"," RECEIVED "}\n", 1, "no sense" },
		{ "{\"userId\":\"a\",\"state\":\"BUSY\"}\n", 1, "no sense" },
		{ "{\"userId\":\"a\",\"state\":\"BUSY\",\"receivedAt\":"
		  "\"yesterday\"}\n",
		    1, "no sense" },
	};
	struct fail why;
	size_t i, count;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		if (read_lines(rows[i].lines, rows[i].users, &count, &why) !=
		    -1)
			fail_msg("%s", rows[i].lines);
		assert_fail(&why, FAIL_DATA, rows[i].part);
	}
}

static void
statefile_without_its_own_header_is_refused(void **state)
{
	static const struct {
		const char *content, *part;
	} rows[] = {
		{ "", "it is empty" },
		{ good, "it has no header" },
		{ "{\"gcpresence\":\"state\",\"version\":2}\n",
		    "is of version 2" },
		{ "{\"gcpresence\":\"state\",\"version\":1}",
		    "it ends in its header" },
		{ "{\"gcpresence\":\"state\",\"version\":1,\"users\":0,"
		  "\"sha256\":\"\"}\n",
		    "its checksum does not match" },
	};
	struct fail why;
	size_t i, count = 0;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		if (statefile_read("team.state", span_of(rows[i].content),
			on_change, &count, &why) != -1)
			fail_msg("%s", rows[i].content);
		assert_fail(&why, FAIL_DATA, rows[i].part);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statefile_reads_what_stands_behind_its_header),
		cmocka_unit_test(
		    statefile_that_is_damaged_is_refused_with_its_name),
		cmocka_unit_test(statefile_without_its_own_header_is_refused),
	};

	return TEST_RUN(tests);
}
