#include "config.h"

#include <signal.h>

#include "buf.h"
#include "emit.h"
#include "log.h"
#include "output.h"
#include "presence.h"
#include "printer.h"
#include "stats.h"
#include "test.h"
#include "until.h"

static struct {
	struct loop *loop;
	struct output *output;
	struct printer *printer;
	struct stats stats;
	int ends[2];
	struct buf wanted;
	struct buf got;
	int ticks;
	uint64_t changes;
} scene;

static int
make_scene(void **state)
{
	(void)state;
	log_setup("test", LOG_AT_ERROR, false);
	memset(&scene, 0, sizeof(scene));
	scene.loop = new_loop();
	buf_init(&scene.wanted, SIZE_MAX);
	buf_init(&scene.got, SIZE_MAX);
	if (pipe2(scene.ends, O_CLOEXEC) == -1)
		return -1;
	return fcntl(scene.ends[0], F_SETFL, O_NONBLOCK);
}

static int
free_scene(void **state)
{
	(void)state;
	printer_free(scene.printer);
	output_free(scene.output);
	loop_free(scene.loop);
	(void)close(scene.ends[0]);
	(void)close(scene.ends[1]);
	buf_done(&scene.wanted);
	buf_done(&scene.got);
	return 0;
}

static void
on_event(void *arg)
{
	(void)arg;
	if (scene.printer != NULL)
		printer_flush(scene.printer);
}

static void
open_printer(size_t max_bytes, uint64_t limit, bool tsv)
{
	const struct printer_options options = { .limit = limit, .tsv = tsv };
	struct fail why;

	scene.output = output_new(scene.loop, scene.ends[1], "output",
	    max_bytes, on_event, &scene, &why);
	assert_non_null(scene.output);
	scene.printer = printer_new(scene.output, NULL, &scene.stats, &options);
}

static struct change
change_of(const char *user, const char *state)
{
	struct change change = { .changed_ms = 1767258000000,
		.received_ms = 1767258000042,
		.previous_for_ms = NOW_NONE,
		.source = PRESENCE_STREAM };

	change.user_id = span_of(user);
	change.state = span_of(state);
	return change;
}

static void
add(const char *user, const char *state)
{
	struct change change = change_of(user, state);

	printer_add(scene.printer, &change);
}

static void
want(const char *user, const char *state)
{
	struct change change = change_of(user, state);

	emit_ndjson(&scene.wanted, &change);
}

static void
read_some(size_t len)
{
	static char block[65536];
	ssize_t got;

	got = read(scene.ends[0], block, len);
	if (got > 0)
		buf_add(&scene.got, block, (size_t)got);
}

static bool
all_is_read(void *arg)
{
	(void)arg;
	printer_flush(scene.printer);
	read_some(65536);
	return printer_is_empty(scene.printer) &&
	    scene.got.len == output_added(scene.output);
}

static void
assert_printed(void)
{
	run_until(scene.loop, all_is_read, NULL);
	assert_string_equal(buf_string(&scene.got), buf_string(&scene.wanted));
}

static void
printer_prints_changes_in_order_when_it_is_flushed(void **state)
{
	(void)state;
	open_printer(1 << 20, 0, false);
	assert_true(printer_is_empty(scene.printer));
	add("ada", "BUSY");
	add("grace", "MEAL");
	add("ada", "AWAY");
	assert_false(printer_is_empty(scene.printer));
	assert_int_equal(output_added(scene.output), 0);
	printer_flush(scene.printer);
	assert_true(printer_is_empty(scene.printer));
	assert_int_equal(scene.stats.printed, 3);
	want("ada", "BUSY");
	want("grace", "MEAL");
	want("ada", "AWAY");
	assert_printed();
}

static void
printer_prints_a_header_before_tab_separated_values(void **state)
{
	struct change change = change_of("ada", "BUSY");

	(void)state;
	open_printer(1 << 20, 0, true);
	add("ada", "BUSY");
	emit_tsv_header(&scene.wanted);
	emit_tsv(&scene.wanted, &change);
	assert_printed();
}

static void
printer_stops_at_its_limit(void **state)
{
	(void)state;
	open_printer(1 << 20, 2, false);
	add("ada", "BUSY");
	assert_false(printer_limit_met(scene.printer));
	add("ada", "MEAL");
	assert_true(printer_limit_met(scene.printer));
	add("ada", "AWAY");
	assert_int_equal(scene.stats.printed, 2);
	want("ada", "BUSY");
	want("ada", "MEAL");
	assert_printed();
}

static void
printer_adds_other_lines_between(void **state)
{
	(void)state;
	open_printer(1 << 20, 1, false);
	printer_add_line(scene.printer, SPAN("{\"gap\":{}}\n"));
	add("ada", "BUSY");
	assert_int_equal(scene.stats.printed, 1);
	buf_text(&scene.wanted, "{\"gap\":{}}\n");
	want("ada", "BUSY");
	assert_printed();
}

/* Fills the pipe and the queue, so that there is no more room. */
static void
block(void)
{
	int i;

	for (i = 0; !printer_is_blocked(scene.printer); i++) {
		assert_true(i < 100000);
		add("filler", i % 2 == 0 ? "BUSY" : "MEAL");
		printer_flush(scene.printer);
	}
	scene.changes = scene.stats.printed;
}

static bool
has(const char *part)
{
	return strstr(buf_string(&scene.got), part) != NULL;
}

static void
printer_coalesces_for_a_slow_reader_and_says_so(void **state)
{
	const char *ada, *grace;

	(void)state;
	open_printer(4096, 0, false);
	block();
	add("ada", "BUSY");
	add("grace", "BUSY");
	add("ada", "MEAL");
	add("ada", "AWAY");
	assert_int_equal(printer_backlog(scene.printer), 2);
	assert_int_equal(scene.stats.coalesced, 2);
	assert_int_equal(scene.stats.printed, scene.changes);
	assert_false(printer_is_empty(scene.printer));
	run_until(scene.loop, all_is_read, NULL);
	assert_false(printer_is_blocked(scene.printer));
	assert_int_equal(scene.stats.printed, scene.changes + 2);
	ada = strstr(buf_string(&scene.got), "{\"userId\":\"ada\"");
	grace = strstr(buf_string(&scene.got), "{\"userId\":\"grace\"");
	assert_non_null(ada);
	assert_non_null(grace);
	assert_true(ada < grace);
	assert_ptr_equal(
	    strstr(ada, "\"state\":\"AWAY\""), strstr(ada, "\"state\""));
	assert_ptr_equal(strstr(ada, ",\"coalesced\":2}\n"),
	    strchr(ada, '\n') - strlen(",\"coalesced\":2}"));
	assert_null(strstr(grace, "coalesced"));
	/* The newest stands for all. */
	assert_null(strstr(ada + 1, "{\"userId\":\"ada\""));
}

static void
printer_loses_no_change_of_a_slow_reader(void **state)
{
	const char *at;
	uint64_t lines = 0, coalesced = 0;
	char user[32];
	int i;

	(void)state;
	open_printer(4096, 0, false);
	block();
	for (i = 0; i < 5000; i++) {
		(void)snprintf(user, sizeof(user), "user-%d", i % 700);
		add(user, i / 700 % 2 == 0 ? "BUSY" : "MEAL");
		if (i % 100 == 0)
			printer_flush(scene.printer);
	}
	run_until(scene.loop, all_is_read, NULL);
	for (at = buf_string(&scene.got); *at != '\0';
	     at = strchr(at, '\n') + 1)
		lines++;
	for (at = buf_string(&scene.got);
	     (at = strstr(at, "\"coalesced\":")) != NULL; at++)
		coalesced += strtoull(at + 12, NULL, 10);
	assert_int_equal(lines, scene.stats.printed);
	assert_int_equal(coalesced, scene.stats.coalesced);
	assert_int_equal(lines + coalesced, scene.changes + 5000);
}

static void
printer_meets_its_limit_out_of_the_backlog_too(void **state)
{
	uint64_t limit = 2000;

	(void)state;
	open_printer(4096, limit, false);
	block();
	assert_true(scene.changes < limit);
	while (
	    scene.stats.printed + printer_backlog(scene.printer) < limit + 10) {
		char user[32];

		(void)snprintf(user, sizeof(user), "user-%zu",
		    printer_backlog(scene.printer));
		add(user, "BUSY");
	}
	run_until(scene.loop, all_is_read, NULL);
	assert_true(printer_limit_met(scene.printer));
	assert_int_equal(scene.stats.printed, limit);
}

static void
printer_keeps_other_lines_until_there_is_room(void **state)
{
	(void)state;
	open_printer(4096, 0, false);
	block();
	printer_add_line(scene.printer, SPAN("{\"gap\":{}}\n"));
	run_until(scene.loop, all_is_read, NULL);
	assert_true(has("gap"));
}

static void
printer_hands_over_much_before_the_turn_is_over(void **state)
{
	char user[32];
	int i;

	(void)state;
	open_printer(1 << 20, 0, false);
	for (i = 0; i < 1000; i++) {
		(void)snprintf(user, sizeof(user), "user-%d", i);
		add(user, "BUSY");
		want(user, "BUSY");
	}
	assert_true(output_added(scene.output) > 0);
	assert_printed();
}

static void
printer_waits_for_more_only_while_much_comes(void **state)
{
	int i;

	(void)state;
	open_printer(1 << 20, 0, false);
	assert_false(printer_has_grown(scene.printer));
	add("user-1", "BUSY");
	assert_false(printer_has_grown(scene.printer));
	for (i = 0; i < 50; i++)
		add("user-2", i % 2 == 0 ? "BUSY" : "AWAY");
	assert_true(printer_has_grown(scene.printer));
	assert_false(printer_has_grown(scene.printer));
	assert_int_equal(output_added(scene.output), 0);
	printer_flush(scene.printer);
	assert_true(output_added(scene.output) > 0);
	assert_false(printer_has_grown(scene.printer));
}

#define printer_test(name) \
	cmocka_unit_test_setup_teardown(name, make_scene, free_scene)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		printer_test(
		    printer_prints_changes_in_order_when_it_is_flushed),
		printer_test(
		    printer_prints_a_header_before_tab_separated_values),
		printer_test(printer_stops_at_its_limit),
		printer_test(printer_adds_other_lines_between),
		printer_test(printer_waits_for_more_only_while_much_comes),
		printer_test(printer_coalesces_for_a_slow_reader_and_says_so),
		printer_test(printer_loses_no_change_of_a_slow_reader),
		printer_test(printer_meets_its_limit_out_of_the_backlog_too),
		printer_test(printer_keeps_other_lines_until_there_is_room),
		printer_test(printer_hands_over_much_before_the_turn_is_over),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return TEST_RUN(tests);
}
