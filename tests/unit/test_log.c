#include "config.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <json-c/json.h>

#include "log.h"
#include "test.h"

static int saved, file;

/* Standard error goes to a file for the time of a test. */
static int
redirect(void **state)
{
	(void)state;
	file = open(
	    test_path("log"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	saved = dup(STDERR_FILENO);
	(void)unsetenv("JOURNAL_STREAM");
	if (file == -1 || saved == -1 || dup2(file, STDERR_FILENO) == -1)
		return -1;
	log_setup("program", LOG_AT_DEBUG, false);
	return 0;
}

static int
restore(void **state)
{
	(void)state;
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	(void)close(file);
	return 0;
}

/* What was logged since this was asked last. */
static const char *
logged(void)
{
	static char text[65536];

	(void)snprintf(text, sizeof(text), "%s", test_content(file));
	(void)!ftruncate(file, 0);
	(void)lseek(STDERR_FILENO, 0, SEEK_SET);
	return text;
}

static void
log_line_has_program_and_subsystem(void **state)
{
	(void)state;
	log_notice("feed", "connected to %s in %d ms", "host", 42);
	assert_string_equal(
	    logged(), "program: feed: connected to host in 42 ms\n");
	log_notice(NULL, "%s", "says enough");
	assert_string_equal(logged(), "program: says enough\n");
}

static void
log_line_says_that_it_is_a_warning(void **state)
{
	(void)state;
	log_warning(NULL, "look");
	assert_string_equal(logged(), "program: warning: look\n");
	log_warning("feed", "look");
	assert_string_equal(logged(), "program: warning: feed: look\n");
	log_error(NULL, "stop");
	assert_string_equal(logged(), "program: stop\n");
}

static void
log_is_quiet_above_its_level(void **state)
{
	enum log_level level, line;

	(void)state;
	for (level = LOG_AT_ERROR; level <= LOG_AT_DEBUG; level++) {
		log_setup("program", level, false);
		for (line = LOG_AT_ERROR; line <= LOG_AT_DEBUG; line++) {
			assert_int_equal(log_shows(line), line <= level);
			log_line(line, NULL, "text");
			assert_int_equal(logged()[0] != '\0', line <= level);
		}
	}
}

static void
log_line_cannot_be_forged_or_steer_a_terminal(void **state)
{
	(void)state;
	log_error(NULL, "name is '%s'",
	    "x\nprogram: all is well\r\x1b[2J\x7f\xc2\x9b\xe2\x80\xae\xff");
	assert_string_equal(logged(),
	    "program: name is 'x\\x0aprogram: all is well\\x0d\\x1b[2J\\x7f"
	    "\\x9b\\u{202e}\xef\xbf\xbd'\n");
	log_error(NULL, "Zo\xc3\xab says \"hello\" \\o/");
	assert_string_equal(
	    logged(), "program: Zo\xc3\xab says \"hello\" \\o/\n");
}

static void
log_line_as_json_is_one_object(void **state)
{
	static const char *const keys[] = { "time", "level", "program",
		"subsystem", "message" };
	struct json_object_iter member;
	struct json_object *line;
	const char *text;
	size_t i = 0;

	(void)state;
	log_setup("program", LOG_AT_DEBUG, true);
	log_warning("feed", "a \"quote\"\n\x1b\xff");
	text = logged();
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	line = json_tokener_parse(text);
	assert_non_null(line);
	json_object_object_foreachC(line, member)
	{
		assert_true(i < COUNT(keys));
		assert_string_equal(member.key, keys[i++]);
	}
	assert_int_equal(i, COUNT(keys));
	assert_string_equal(
	    json_object_get_string(json_object_object_get(line, "level")),
	    "warning");
	assert_string_equal(
	    json_object_get_string(json_object_object_get(line, "program")),
	    "program");
	assert_string_equal(
	    json_object_get_string(json_object_object_get(line, "message")),
	    "a \"quote\"\n\x1b\xef\xbf\xbd");
	json_object_put(line);
	assert_null(strchr(text, '\x1b'));
}

static void
log_line_as_json_leaves_out_a_missing_subsystem(void **state)
{
	static const char *const names[] = { "error", "warning", "notice",
		"info", "debug" };
	char wanted[64];
	enum log_level level;

	(void)state;
	log_setup("program", LOG_AT_DEBUG, true);
	for (level = LOG_AT_ERROR; level <= LOG_AT_DEBUG; level++) {
		log_line(level, NULL, "text");
		(void)snprintf(wanted, sizeof(wanted),
		    "Z\",\"level\":\"%s\",\"program\":\"program\","
		    "\"message\":\"text\"}\n",
		    names[level]);
		assert_non_null(strstr(logged(), wanted));
	}
}

/* Says that the file is the journal's stream, or that one beside it is. */
static void
name_journal(ino_t beside)
{
	struct stat status;
	char text[64];

	assert_int_equal(fstat(STDERR_FILENO, &status), 0);
	(void)snprintf(text, sizeof(text), "%llu:%llu",
	    (unsigned long long)status.st_dev,
	    (unsigned long long)(status.st_ino + beside));
	assert_int_equal(setenv("JOURNAL_STREAM", text, 1), 0);
	log_setup("program", LOG_AT_DEBUG, false);
}

static void
log_line_to_the_journal_has_a_priority(void **state)
{
	enum log_level level;
	char wanted[32];

	(void)state;
	name_journal(0);
	for (level = LOG_AT_ERROR; level <= LOG_AT_DEBUG; level++) {
		log_line(level, NULL, "text");
		(void)snprintf(
		    wanted, sizeof(wanted), "<%d>program: ", 3 + (int)level);
		assert_memory_equal(logged(), wanted, strlen(wanted));
	}
}

static void
log_line_to_anything_else_has_none(void **state)
{
	static const char *const streams[] = { "", ":", "8", "8:", "x:y",
		"0:0" };
	size_t i;

	(void)state;
	name_journal(1);
	log_notice(NULL, "text");
	assert_string_equal(logged(), "program: text\n");
	for (i = 0; i < COUNT(streams); i++) {
		assert_int_equal(setenv("JOURNAL_STREAM", streams[i], 1), 0);
		log_setup("program", LOG_AT_DEBUG, false);
		log_notice(NULL, "text");
		assert_string_equal(logged(), "program: text\n");
	}
}

static void
log_line_is_cut_where_it_is_too_long(void **state)
{
	static char text[100000];
	const char *line;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	log_notice(NULL, "%s", text);
	line = logged();
	assert_in_range(strlen(line), 1000, 4096);
	assert_int_equal(line[strlen(line) - 1], '\n');
}

static void
log_line_that_cannot_be_written_is_counted(void **state)
{
	uint64_t before = log_dropped();
	int full;

	(void)state;
	full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_not_equal(dup2(full, STDERR_FILENO), -1);
	log_notice(NULL, "text");
	assert_int_equal(log_dropped(), before + 1);
	(void)close(full);
	(void)dup2(file, STDERR_FILENO);
	log_notice(NULL, "text");
	assert_int_equal(log_dropped(), before + 1);
	assert_string_equal(logged(), "program: text\n");
}

static void
log_never_waits_for_a_reader(void **state)
{
	uint64_t before = log_dropped();
	int ends[2], i;
	char byte;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_not_equal(dup2(ends[1], STDERR_FILENO), -1);
	for (i = 0; i < 100000 && log_dropped() == before; i++)
		log_notice(NULL, "line %d", i);
	assert_int_equal(log_dropped(), before + 1);
	/* What is there is whole. */
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(byte, 'p');
	/* Nor does it mind that there is none. */
	(void)close(ends[0]);
	log_notice(NULL, "line");
	assert_int_equal(log_dropped(), before + 2);
	(void)close(ends[1]);
}

/* Logs one line to a pipe that has room for 4096 bytes and no reader. */
static void
log_to_small_pipe(bool json, size_t len)
{
	char text[2048];
	struct pollfd ended = { .events = POLLIN };
	int ends[2], life[2], status;
	pid_t child;

	memset(text, 1, sizeof(text));
	text[len] = '\0';
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(pipe2(life, O_CLOEXEC), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) >= 4096);
	child = fork();
	assert_int_not_equal(child, -1);
	if (child == 0) {
		(void)dup2(ends[1], STDERR_FILENO);
		log_setup("program", LOG_AT_DEBUG, json);
		log_error(NULL, "%s", text);
		_exit(0);
	}
	(void)close(life[1]);
	ended.fd = life[0];
	/* The other end closes with the child. */
	if (poll(&ended, 1, 1500) != 1) {
		(void)kill(child, SIGKILL);
		(void)waitpid(child, &status, 0);
		fail_msg("a line of %zu characters stalls the program", len);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	(void)close(life[0]);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void
log_never_waits_for_a_reader_of_what_is_long_when_cleaned(void **state)
{
	(void)state;
	log_to_small_pipe(false, FAIL_TEXT - 1);
	log_to_small_pipe(true, FAIL_TEXT - 1);
	log_to_small_pipe(false, 2000);
	log_to_small_pipe(true, 2000);
}

#define log_test(name) cmocka_unit_test_setup_teardown(name, redirect, restore)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		log_test(log_line_has_program_and_subsystem),
		log_test(log_line_says_that_it_is_a_warning),
		log_test(log_is_quiet_above_its_level),
		log_test(log_line_cannot_be_forged_or_steer_a_terminal),
		log_test(log_line_as_json_is_one_object),
		log_test(log_line_as_json_leaves_out_a_missing_subsystem),
		log_test(log_line_to_the_journal_has_a_priority),
		log_test(log_line_to_anything_else_has_none),
		log_test(log_line_is_cut_where_it_is_too_long),
		log_test(log_line_that_cannot_be_written_is_counted),
		log_test(log_never_waits_for_a_reader),
		log_test(
		    log_never_waits_for_a_reader_of_what_is_long_when_cleaned),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return TEST_RUN_WITH_FILES(tests);
}
