#include "config.h"

#include <limits.h>
#include <signal.h>

#include "buf.h"
#include "output.h"
#include "rng.h"
#include "test.h"
#include "until.h"

static struct {
	struct loop *loop;
	struct output *output;
	int ends[2];
	struct buf wanted; /* all that was to be written */
	struct buf got;    /* all that was read */
	size_t added;      /* of wanted */
	bool refused;
	bool told;
	int ticks;
	int phase;
	struct fail why;
} scene;

static int
make_scene(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	scene.loop = new_loop();
	buf_init(&scene.wanted, SIZE_MAX);
	buf_init(&scene.got, SIZE_MAX);
	return pipe2(scene.ends, O_CLOEXEC);
}

static int
free_scene(void **state)
{
	(void)state;
	output_free(scene.output);
	loop_free(scene.loop);
	if (scene.ends[0] != -1)
		(void)close(scene.ends[0]);
	if (scene.ends[1] != -1)
		(void)close(scene.ends[1]);
	buf_done(&scene.wanted);
	buf_done(&scene.got);
	return 0;
}

static void
on_event(void *arg)
{
	assert_ptr_equal(arg, &scene);
	scene.told = true;
}

static void
open_output(int fd, size_t max_bytes)
{
	scene.output = output_new(scene.loop, fd, "the test's output",
	    max_bytes, on_event, &scene, &scene.why);
	assert_non_null(scene.output);
}

static bool
add(const char *text)
{
	return output_add(scene.output, text, strlen(text));
}

/* Reads up to len bytes that are there; without waiting. */
static void
read_some(size_t len)
{
	static char block[65536];
	ssize_t got;

	assert_int_not_equal(fcntl(scene.ends[0], F_SETFL, O_NONBLOCK), -1);
	got = read(scene.ends[0], block, len);
	if (got > 0)
		buf_add(&scene.got, block, (size_t)got);
}

/* Makes lines of all lengths up to CAP_LINE's, each of its own letter. */
static void
make_lines(size_t bytes)
{
	struct rng rng;
	size_t len;

	rng_seed(&rng, 1);
	while (scene.wanted.len < bytes) {
		len = 1 +
		    (size_t)rng_below(
			&rng, rng_below(&rng, 8) == 0 ? 4096 : 300);
		while (--len > 0)
			buf_char(
			    &scene.wanted, (char)('a' + scene.wanted.len % 26));
		buf_char(&scene.wanted, '\n');
	}
}

/* Adds line by line for as long as there is room. */
static void
add_lines(void)
{
	const char *line, *end;

	while (!scene.refused && scene.added < scene.wanted.len) {
		line = scene.wanted.bytes + scene.added;
		end = memchr(line, '\n', scene.wanted.len - scene.added);
		if (output_add(scene.output, line, (size_t)(end + 1 - line)))
			scene.added += (size_t)(end + 1 - line);
		else
			scene.refused = true;
	}
}

static bool
all_is_read(void *arg)
{
	size_t before = scene.got.len;

	(void)arg;
	/* Once refused, only the event says that there is room. */
	if (scene.told && scene.refused && output_waiting(scene.output) <= 8192)
		scene.refused = false;
	scene.told = false;
	add_lines();
	read_some(1500);
	assert_true(output_waiting(scene.output) <= 16384);
	assert_true(scene.got.len - before <= 1500);
	return scene.got.len == scene.wanted.len &&
	    output_is_idle(scene.output);
}

static void
output_brings_everything_to_a_slow_reader_in_order(void **state)
{
	(void)state;
	make_lines(200000);
	assert_true(fcntl(scene.ends[1], F_SETPIPE_SZ, 4096) >= 4096);
	open_output(scene.ends[1], 16384);
	run_until(scene.loop, all_is_read, NULL);
	assert_memory_equal(
	    scene.got.bytes, scene.wanted.bytes, scene.wanted.len);
	assert_int_equal(output_added(scene.output), scene.wanted.len);
	assert_int_equal(output_written(scene.output), scene.wanted.len);
	assert_int_equal(output_waiting(scene.output), 0);
	assert_false(output_failed(scene.output, &scene.why));
}

static bool
all_packets_are_whole(void *arg)
{
	static char packet[65536];
	ssize_t got;

	(void)arg;
	got = read(scene.ends[0], packet, sizeof(packet));
	if (got > 0) {
		assert_true(got <= PIPE_BUF);
		assert_int_equal(packet[got - 1], '\n');
		buf_add(&scene.got, packet, (size_t)got);
	}
	return scene.got.len == scene.wanted.len;
}

static void
output_never_tears_a_line_on_a_pipe(void **state)
{
	(void)state;
	(void)close(scene.ends[0]);
	(void)close(scene.ends[1]);
	/* Each read() gives what one write() wrote, see pipe(2). */
	assert_int_equal(
	    pipe2(scene.ends, O_CLOEXEC | O_DIRECT | O_NONBLOCK), 0);
	make_lines(200000);
	open_output(scene.ends[1], SIZE_MAX);
	assert_true(
	    output_add(scene.output, scene.wanted.bytes, scene.wanted.len));
	run_until(scene.loop, all_packets_are_whole, NULL);
	assert_memory_equal(
	    scene.got.bytes, scene.wanted.bytes, scene.wanted.len);
}

static bool
is_idle(void *arg)
{
	(void)arg;
	return output_is_idle(scene.output);
}

static void
output_to_a_file_is_appended(void **state)
{
	const char *path = test_file("file", SPAN("before\n"));
	int file;

	(void)state;
	file = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
	assert_int_not_equal(file, -1);
	open_output(file, 4096);
	assert_true(add("one\n"));
	assert_true(add("two\n"));
	run_until(scene.loop, is_idle, NULL);
	assert_string_equal(test_content(file), "before\none\ntwo\n");
	assert_true((fcntl(file, F_GETFL) & O_APPEND) != 0);
	(void)close(file);
}

static bool
told_of_idleness(void *arg)
{
	(void)arg;
	if (scene.ticks++ == 0) {
		assert_true(output_is_idle(scene.output));
		assert_true(add("line\n"));
		if (output_is_idle(scene.output))
			return true;
		scene.told = false;
	}
	read_some(100);
	return scene.told && output_waiting(scene.output) == 0;
}

static void
output_tells_when_it_is_idle(void **state)
{
	(void)state;
	open_output(scene.ends[1], 4096);
	run_until(scene.loop, told_of_idleness, NULL);
	assert_true(output_is_idle(scene.output));
}

static bool
failure_is_seen(void *arg)
{
	(void)arg;
	scene.ticks++;
	return output_failed(scene.output, &scene.why);
}

static bool
reader_goes_while_idle(void *arg)
{
	(void)arg;
	if (++scene.ticks < 10) {
		assert_false(output_failed(scene.output, &scene.why));
		return false;
	}
	if (scene.ticks == 10) {
		scene.told = false;
		(void)close(scene.ends[0]);
		scene.ends[0] = -1;
	}
	/* The event comes by itself, with nothing to write. */
	return scene.told && output_failed(scene.output, &scene.why);
}

static void
output_notices_that_the_reader_has_gone_while_idle(void **state)
{
	(void)state;
	open_output(scene.ends[1], 4096);
	run_until(scene.loop, reader_goes_while_idle, NULL);
	assert_fail(&scene.why, FAIL_READER_GONE, "the test's output");
	assert_int_equal(output_added(scene.output), 0);
}

static void
output_notices_that_there_never_was_a_reader(void **state)
{
	(void)state;
	(void)close(scene.ends[0]);
	scene.ends[0] = -1;
	open_output(scene.ends[1], 4096);
	run_until(scene.loop, failure_is_seen, NULL);
	assert_int_equal(scene.why.kind, FAIL_READER_GONE);
}

static bool
reader_goes_while_full(void *arg)
{
	(void)arg;
	if (scene.phase == 0 && output_written(scene.output) > 0) {
		scene.phase = 1;
		(void)close(scene.ends[0]);
		scene.ends[0] = -1;
	}
	return output_failed(scene.output, &scene.why);
}

static void
output_notices_that_the_reader_has_gone_while_it_is_blocked(void **state)
{
	(void)state;
	make_lines(300000);
	open_output(scene.ends[1], SIZE_MAX);
	assert_true(
	    output_add(scene.output, scene.wanted.bytes, scene.wanted.len));
	run_until(scene.loop, reader_goes_while_full, NULL);
	assert_int_equal(scene.why.kind, FAIL_READER_GONE);
	assert_true(output_written(scene.output) < scene.wanted.len);
}

static void
output_that_cannot_be_written_says_why(void **state)
{
	int full;

	(void)state;
	full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_not_equal(full, -1);
	open_output(full, 4096);
	assert_true(add("line\n"));
	run_until(scene.loop, failure_is_seen, NULL);
	assert_fail(&scene.why, FAIL_OUTPUT,
	    "cannot write to the test's output: No space left on device");
	assert_int_equal(output_written(scene.output), 0);
	(void)close(full);
}

static bool
all_is_read_quickly(void *arg)
{
	(void)arg;
	read_some(65536);
	return scene.got.len == scene.wanted.len;
}

static void
output_leaves_the_descriptors_flags_alone(void **state)
{
	int before = fcntl(scene.ends[1], F_GETFL);

	(void)state;
	make_lines(100000);
	open_output(scene.ends[1], SIZE_MAX);
	assert_int_equal(fcntl(scene.ends[1], F_GETFL), before);
	assert_true(
	    output_add(scene.output, scene.wanted.bytes, scene.wanted.len));
	run_until(scene.loop, all_is_read_quickly, NULL);
	assert_int_equal(fcntl(scene.ends[1], F_GETFL), before);
	output_free(scene.output);
	scene.output = NULL;
	assert_int_equal(fcntl(scene.ends[1], F_GETFL), before);
}

static void
output_copes_with_a_descriptor_that_does_not_block(void **state)
{
	(void)state;
	make_lines(300000);
	assert_int_equal(fcntl(scene.ends[1], F_SETFL, O_NONBLOCK), 0);
	open_output(scene.ends[1], SIZE_MAX);
	assert_true(
	    output_add(scene.output, scene.wanted.bytes, scene.wanted.len));
	run_until(scene.loop, all_is_read_quickly, NULL);
	assert_memory_equal(
	    scene.got.bytes, scene.wanted.bytes, scene.wanted.len);
	assert_true((fcntl(scene.ends[1], F_GETFL) & O_NONBLOCK) != 0);
}

static bool
there_is_room_again(void *arg)
{
	(void)arg;
	if (scene.ticks++ > 20)
		read_some(65536);
	else
		assert_false(add("x\n"));
	return scene.ticks > 20 && scene.told &&
	    output_waiting(scene.output) == 0 && add("x\n");
}

static void
output_has_no_room_beyond_its_limit(void **state)
{
	size_t capacity;

	(void)state;
	capacity = (size_t)fcntl(scene.ends[1], F_GETPIPE_SZ);
	make_lines(capacity + 50000);
	open_output(scene.ends[1], 100);
	/* Where nothing waits there always is room, for one piece. */
	assert_true(
	    output_add(scene.output, scene.wanted.bytes, scene.wanted.len));
	assert_int_equal(output_added(scene.output), scene.wanted.len);
	run_until(scene.loop, there_is_room_again, NULL);
	assert_int_equal(output_added(scene.output), scene.wanted.len + 2);
}

static bool
some_is_written(void *arg)
{
	(void)arg;
	return output_written(scene.output) > 0;
}

static void
output_counts_what_is_written_and_what_waits(void **state)
{
	uint64_t written;

	(void)state;
	make_lines(300000);
	open_output(scene.ends[1], SIZE_MAX);
	assert_true(
	    output_add(scene.output, scene.wanted.bytes, scene.wanted.len));
	run_until(scene.loop, some_is_written, NULL);
	written = output_written(scene.output);
	assert_true(written <= scene.wanted.len);
	assert_true(output_waiting(scene.output) <= scene.wanted.len - written);
	assert_true(output_waiting(scene.output) > 0);
	assert_int_equal(output_added(scene.output), scene.wanted.len);
	assert_false(output_is_idle(scene.output));
}

static void
output_free_does_not_wait_for_a_reader_that_sleeps(void **state)
{
	(void)state;
	make_lines(300000);
	open_output(scene.ends[1], SIZE_MAX);
	assert_true(
	    output_add(scene.output, scene.wanted.bytes, scene.wanted.len));
	run_until(scene.loop, some_is_written, NULL);
	output_free(scene.output);
	scene.output = NULL;
}

static void
output_free_does_not_wait_where_nothing_blocks_either(void **state)
{
	(void)state;
	open_output(scene.ends[1], 4096);
	output_free(scene.output);
	open_output(scene.ends[1], 4096);
	assert_true(add("line\n"));
	output_free(scene.output);
	assert_int_equal(fcntl(scene.ends[1], F_SETFL, O_NONBLOCK), 0);
	make_lines(300000);
	open_output(scene.ends[1], SIZE_MAX);
	assert_true(
	    output_add(scene.output, scene.wanted.bytes, scene.wanted.len));
	output_free(scene.output);
	scene.output = NULL;
	output_free(NULL);
}

#define output_test(name) \
	cmocka_unit_test_setup_teardown(name, make_scene, free_scene)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		output_test(output_brings_everything_to_a_slow_reader_in_order),
		output_test(output_never_tears_a_line_on_a_pipe),
		output_test(output_to_a_file_is_appended),
		output_test(output_tells_when_it_is_idle),
		output_test(output_notices_that_the_reader_has_gone_while_idle),
		output_test(output_notices_that_there_never_was_a_reader),
		output_test(
		    output_notices_that_the_reader_has_gone_while_it_is_blocked),
		output_test(output_that_cannot_be_written_says_why),
		output_test(output_leaves_the_descriptors_flags_alone),
		output_test(output_copes_with_a_descriptor_that_does_not_block),
		output_test(output_has_no_room_beyond_its_limit),
		output_test(output_counts_what_is_written_and_what_waits),
		output_test(output_free_does_not_wait_for_a_reader_that_sleeps),
		output_test(
		    output_free_does_not_wait_where_nothing_blocks_either),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return TEST_RUN_WITH_FILES(tests);
}
