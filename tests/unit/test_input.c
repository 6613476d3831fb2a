#include "config.h"

#include "buf.h"
#include "caps.h"
#include "input.h"
#include "test.h"
#include "until.h"

static struct {
	struct loop *loop;
	struct input *input;
	int ends[2];
	struct buf lines; /* "text|" for each */
	size_t count;
	size_t longest;
	int blocks;
	int ended;
	bool failed;
	struct fail why;
	int ticks;
	size_t pause_at; /* a line; 0: none */
	bool paused;
	const char *text; /* to be written, and how much of it is */
	size_t len, written;
} scene;

static int
make_scene(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	scene.loop = new_loop();
	buf_init(&scene.lines, SIZE_MAX);
	return pipe2(scene.ends, O_CLOEXEC);
}

static int
free_scene(void **state)
{
	(void)state;
	input_free(scene.input);
	loop_free(scene.loop);
	if (scene.ends[0] != -1)
		(void)close(scene.ends[0]);
	if (scene.ends[1] != -1)
		(void)close(scene.ends[1]);
	buf_done(&scene.lines);
	return 0;
}

static void
on_line(void *arg, struct span line, size_t number)
{
	assert_ptr_equal(arg, &scene);
	assert_int_equal(scene.ended, 0);
	assert_int_equal(number, ++scene.count);
	assert_false(scene.paused);
	if (line.len > scene.longest)
		scene.longest = line.len;
	buf_add(&scene.lines, line.at, line.len);
	buf_char(&scene.lines, '|');
	if (scene.count == scene.pause_at) {
		input_pause(scene.input, true);
		scene.paused = true;
	}
}

static void
on_block(void *arg)
{
	assert_ptr_equal(arg, &scene);
	scene.blocks++;
}

static void
on_end(void *arg, const struct fail *why)
{
	assert_ptr_equal(arg, &scene);
	scene.ended++;
	if (why != NULL) {
		scene.failed = true;
		scene.why = *why;
	}
}

static const struct input_handler handler = {
	.on_line = on_line,
	.on_block = on_block,
	.on_end = on_end,
};

static void
open_input(int fd)
{
	scene.input = input_new(scene.loop, fd, "the test's input", CAP_ID_LINE,
	    &handler, &scene, &scene.why);
	assert_non_null(scene.input);
}

static bool
has_ended(void *arg)
{
	(void)arg;
	return scene.ended > 0;
}

/* Reads a whole file, and expects these lines. */
static void
read_file(struct span content, const char *wanted)
{
	int file;

	file = open(test_file("input", content), O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(file, -1);
	(void)free_scene(NULL);
	assert_int_equal(make_scene(NULL), 0);
	open_input(file);
	run_until(scene.loop, has_ended, NULL);
	assert_false(scene.failed);
	if (wanted != NULL)
		assert_string_equal(buf_string(&scene.lines), wanted);
	input_free(scene.input);
	scene.input = NULL;
	(void)close(file);
}

static void
input_is_cut_into_lines(void **state)
{
	(void)state;
	read_file(SPAN("one\ntwo\nthree\n"), "one|two|three|");
	read_file(SPAN("one\n\n\ntwo\n"), "one|||two|");
	read_file(SPAN("\n"), "|");
	read_file(SPAN("one\n two \r\n#three\n"), "one| two \r|#three|");
}

static void
input_last_line_needs_no_newline(void **state)
{
	(void)state;
	read_file(SPAN("one\ntwo"), "one|two|");
	read_file(SPAN("one"), "one|");
}

static void
input_may_be_empty(void **state)
{
	(void)state;
	read_file(SPAN(""), "");
	assert_int_equal(scene.count, 0);
	assert_int_equal(scene.ended, 1);
}

static void
input_byte_order_mark_is_no_part_of_the_first_line(void **state)
{
	(void)state;
	read_file(
	    SPAN("\xef\xbb\xbfone\n\xef\xbb\xbftwo\n"), "one|\xef\xbb\xbftwo|");
	read_file(SPAN("\xef\xbb\xbf"), "|");
	read_file(SPAN("\xef\xbb\n"), "\xef\xbb|");
	read_file(SPAN("\n\xef\xbb\xbfone\n"), "|\xef\xbb\xbfone|");
}

static void
input_may_hold_any_bytes(void **state)
{
	(void)state;
	read_file(SPAN("a\0b\n\xff\xfe\n"), NULL);
	assert_int_equal(scene.count, 2);
	assert_int_equal(scene.lines.len, 7);
	assert_memory_equal(scene.lines.bytes, "a\0b|\xff\xfe|", 7);
}

static void
input_lines_go_on_across_blocks(void **state)
{
	static char content[1 << 20], wanted[1 << 20];
	struct span span = { content, 0 };
	size_t i;

	(void)state;
	/* 61 bytes a line fit no power of two. */
	for (i = 0; span.len + 61 < sizeof(content); i++)
		span.len +=
		    (size_t)snprintf(content + span.len, 62, "%060zu\n", i);
	memcpy(wanted, content, span.len);
	for (i = 60; i < span.len; i += 61)
		wanted[i] = '|';
	read_file(span, NULL);
	assert_int_equal(scene.count, span.len / 61);
	assert_int_equal(scene.lines.len, span.len);
	assert_memory_equal(scene.lines.bytes, wanted, span.len);
}

static void
input_line_that_is_too_long_is_cut_and_the_next_is_whole(void **state)
{
	static char content[400000];
	static const size_t lengths[] = { CAP_ID_LINE - 1, CAP_ID_LINE,
		CAP_ID_LINE + 1, CAP_ID_LINE + 2, 65535, 65536, 65537, 131072,
		300000 };
	struct span span = { content, 0 };
	size_t i, kept;

	(void)state;
	for (i = 0; i < COUNT(lengths); i++) {
		memcpy(content, "one\n", 4);
		memset(content + 4, 'x', lengths[i]);
		memcpy(content + 4 + lengths[i], "\ntwo\n", 5);
		span.len = 4 + lengths[i] + 5;
		read_file(span, NULL);
		kept = lengths[i] <= CAP_ID_LINE ? lengths[i] : CAP_ID_LINE + 1;
		assert_int_equal(scene.count, 3);
		assert_int_equal(scene.longest, kept);
		assert_int_equal(scene.lines.len, 4 + kept + 1 + 4);
		assert_memory_equal(scene.lines.bytes, "one|x", 5);
		assert_memory_equal(
		    scene.lines.bytes + scene.lines.len - 6, "x|two|", 6);
		/* And where it is the last one. */
		span.len = 4 + lengths[i];
		read_file(span, NULL);
		assert_int_equal(scene.count, 2);
		assert_int_equal(scene.longest, kept);
	}
}

/* Writes a byte each tick, and sees to it that its line has come. */
static bool
bytes_come_one_by_one(void *arg)
{
	size_t i, lines = 0;

	(void)arg;
	for (i = 0; i < scene.written; i++)
		lines += scene.text[i] == '\n';
	assert_true(scene.count <= lines);
	if (scene.count < lines)
		return false;
	if (scene.written < scene.len) {
		assert_int_equal(
		    write(scene.ends[1], scene.text + scene.written, 1), 1);
		scene.written++;
		return false;
	}
	return true;
}

static void
input_line_is_told_when_it_is_there_not_at_the_end(void **state)
{
	(void)state;
	scene.text = "\xef\xbb\xbfone\ntwo\n\nthree\nfour";
	scene.len = strlen(scene.text);
	open_input(scene.ends[0]);
	run_until(scene.loop, bytes_come_one_by_one, NULL);
	assert_string_equal(buf_string(&scene.lines), "one|two||three|");
	assert_int_equal(scene.ended, 0);
}

static bool
two_blocks_have_come(void *arg)
{
	(void)arg;
	if (scene.ticks++ == 0)
		assert_int_equal(write(scene.ends[1], "one\ntwo\n", 8), 8);
	/* The lines of a block are told before its end is. */
	assert_true(scene.count == 0 || scene.blocks > 0);
	return scene.count == 2;
}

static void
input_tells_when_the_lines_that_came_so_far_are_told(void **state)
{
	(void)state;
	open_input(scene.ends[0]);
	run_until(scene.loop, two_blocks_have_come, NULL);
	assert_true(scene.blocks > 0);
}

static bool
writer_goes(void *arg)
{
	(void)arg;
	if (scene.ticks++ == 10) {
		(void)close(scene.ends[1]);
		scene.ends[1] = -1;
	}
	assert_true(scene.ticks > 10 || scene.ended == 0);
	return scene.ended > 0;
}

static void
input_ends_once_when_the_writer_goes(void **state)
{
	(void)state;
	assert_int_equal(write(scene.ends[1], "one\ntwo", 7), 7);
	open_input(scene.ends[0]);
	run_until(scene.loop, writer_goes, NULL);
	assert_string_equal(buf_string(&scene.lines), "one|two|");
	assert_false(scene.failed);
	assert_int_equal(scene.ended, 1);
}

static bool
some_time_after_the_end(void *arg)
{
	(void)arg;
	return scene.ended > 0 && ++scene.ticks > 50;
}

static void
input_end_is_told_once_however_often_the_loop_is_woken(void **state)
{
	(void)state;
	(void)close(scene.ends[1]);
	scene.ends[1] = -1;
	open_input(scene.ends[0]);
	run_until(scene.loop, some_time_after_the_end, NULL);
	assert_int_equal(scene.ended, 1);
}

static void
input_that_cannot_be_read_says_why(void **state)
{
	int folder;

	(void)state;
	folder = open(test_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_not_equal(folder, -1);
	open_input(folder);
	run_until(scene.loop, has_ended, NULL);
	assert_true(scene.failed);
	assert_fail(&scene.why, FAIL_FILE,
	    "cannot read the test's input: Is a directory");
	(void)close(folder);
}

static void
input_leaves_the_descriptors_flags_alone(void **state)
{
	int before = fcntl(scene.ends[0], F_GETFL);

	(void)state;
	assert_int_equal(write(scene.ends[1], "one\n", 4), 4);
	open_input(scene.ends[0]);
	run_until(scene.loop, writer_goes, NULL);
	assert_int_equal(fcntl(scene.ends[0], F_GETFL), before);
	input_free(scene.input);
	scene.input = NULL;
	assert_int_equal(fcntl(scene.ends[0], F_GETFL), before);
}

static bool
goes_on_after_a_pause(void *arg)
{
	(void)arg;
	/* Every line is followed by a pause. */
	if (scene.paused && ++scene.ticks % 2 == 0) {
		scene.paused = false;
		scene.pause_at = scene.count + 1;
		input_pause(scene.input, false);
	}
	return scene.ended > 0;
}

static void
input_tells_no_line_during_a_pause_and_all_after_it(void **state)
{
	static const struct span contents[] = { { "a\nb\nc\nd\n", 8 },
		{ "a\nb\nc\nd", 7 } };
	size_t i;
	int file;

	(void)state;
	for (i = 0; i < COUNT(contents); i++) {
		(void)free_scene(NULL);
		assert_int_equal(make_scene(NULL), 0);
		file =
		    open(test_file("input", contents[i]), O_RDONLY | O_CLOEXEC);
		scene.pause_at = 1;
		open_input(file);
		run_until(scene.loop, goes_on_after_a_pause, NULL);
		assert_string_equal(buf_string(&scene.lines), "a|b|c|d|");
		assert_int_equal(scene.ended, 1);
		(void)close(file);
	}
}

/* After each turn; nothing but the input itself wakes the loop. */
static void
write_during_the_pause(void *arg)
{
	(void)arg;
	if (scene.paused && scene.ticks++ == 0) {
		assert_int_equal(write(scene.ends[1], "c\n", 2), 2);
	} else if (scene.paused) {
		scene.paused = false;
		scene.pause_at = 0;
		input_pause(scene.input, false);
	} else if (scene.count == 3 && scene.ends[1] != -1) {
		(void)close(scene.ends[1]);
		scene.ends[1] = -1;
	}
	if (scene.ended > 0)
		loop_stop(scene.loop);
}

static void
input_that_comes_during_a_pause_is_told_without_another_wake(void **state)
{
	struct fail why;

	(void)state;
	assert_int_equal(write(scene.ends[1], "a\nb\n", 4), 4);
	scene.pause_at = 1;
	open_input(scene.ends[0]);
	assert_int_equal(
	    loop_run(scene.loop, write_during_the_pause, NULL, &why), 0);
	assert_string_equal(buf_string(&scene.lines), "a|b|c|");
}

static void
input_pause_is_kept_across_blocks(void **state)
{
	static char content[1 << 20];
	struct span span = { content, sizeof(content) };
	size_t i;
	int file;

	(void)state;
	for (i = 0; i < sizeof(content); i++)
		content[i] = i % 4096 == 4095 ? '\n' : 'x';
	file = open(test_file("input", span), O_RDONLY | O_CLOEXEC);
	scene.pause_at = 1;
	open_input(file);
	run_until(scene.loop, goes_on_after_a_pause, NULL);
	assert_int_equal(scene.count, 256);
	assert_int_equal(scene.longest, 4095);
	(void)close(file);
}

static void
input_free_does_not_wait_for_a_writer(void **state)
{
	(void)state;
	open_input(scene.ends[0]);
	input_free(scene.input);
	scene.input = NULL;
	input_free(NULL);
	assert_int_equal(scene.count, 0);
}

static void
input_free_does_not_wait_for_the_loop(void **state)
{
	int zero;

	(void)state;
	/* The reader is far ahead, and waits for the loop to take it. */
	zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(zero, -1);
	open_input(zero);
	input_free(scene.input);
	scene.input = NULL;
	(void)close(zero);
}

#define input_test(name) \
	cmocka_unit_test_setup_teardown(name, make_scene, free_scene)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		input_test(input_is_cut_into_lines),
		input_test(input_last_line_needs_no_newline),
		input_test(input_may_be_empty),
		input_test(input_byte_order_mark_is_no_part_of_the_first_line),
		input_test(input_may_hold_any_bytes),
		input_test(input_lines_go_on_across_blocks),
		input_test(
		    input_line_that_is_too_long_is_cut_and_the_next_is_whole),
		input_test(input_line_is_told_when_it_is_there_not_at_the_end),
		input_test(
		    input_tells_when_the_lines_that_came_so_far_are_told),
		input_test(input_ends_once_when_the_writer_goes),
		input_test(
		    input_end_is_told_once_however_often_the_loop_is_woken),
		input_test(input_that_cannot_be_read_says_why),
		input_test(input_leaves_the_descriptors_flags_alone),
		input_test(input_tells_no_line_during_a_pause_and_all_after_it),
		input_test(
		    input_that_comes_during_a_pause_is_told_without_another_wake),
		input_test(input_pause_is_kept_across_blocks),
		input_test(input_free_does_not_wait_for_a_writer),
		input_test(input_free_does_not_wait_for_the_loop),
	};

	return TEST_RUN_WITH_FILES(tests);
}
