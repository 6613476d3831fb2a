#include "config.h"

#include <getopt.h>
#include <stdio_ext.h>

#include "options.h"
#include "setting.h"
#include "test.h"

struct target {
	char *region;
	char *secret_file;
	int verbose;
	int quiet;
	int64_t count;
};

#define AT(member) .offset = offsetof(struct target, member)

static const struct setting rows[] = {
	{ "region", 'r', "NAME", .kind = SETTING_TEXT, AT(region),
	    .help = "region" },
	{ "secret-file", 0, "FILE", .kind = SETTING_TEXT, AT(secret_file),
	    .help = "file with the secret" },
	{ "secret", 0, "VALUE", .kind = SETTING_REFUSED, .only_option = true,
	    .help = "use --secret-file" },
	{ "verbose", 'v', .kind = SETTING_FLAG, AT(verbose),
	    .help = "say more" },
	{ "quiet", 'q', .kind = SETTING_FLAG, AT(quiet), .help = "say less" },
	{ "count", 'n', "N", .kind = SETTING_NUMBER, AT(count), .min = 1,
	    .max = 100, .help = "how many" },
};

static const struct setting_table table = {
	.program = "program",
	.synopsis = "[options] [ID ...]",
	.purpose = "Does something.",
	.rows = rows,
	.count = COUNT(rows),
};

static struct target target;
static struct setting_values values;
static char *arguments[16];
static int operands;

static int
make_values(void **state)
{
	(void)state;
	memset(&target, 0, sizeof(target));
	setting_init(&values, &table, &target);
	return 0;
}

static int
drop_values(void **state)
{
	(void)state;
	setting_done(&values);
	return 0;
}

/* Reads "program" and these arguments, up to NULL. */
static int
read_options(const char *const *texts, struct fail *why)
{
	static char room[COUNT(arguments)][64];
	char *nothing[] = { room[0], NULL };
	int count = 0;

	/* A program reads its options once: forget the last time. */
	optind = 0;
	(void)getopt(1, nothing, "");

	(void)snprintf(room[0], sizeof(room[0]), "program");
	arguments[count++] = room[0];
	for (; *texts != NULL; texts++, count++) {
		(void)snprintf(room[count], sizeof(room[count]), "%s", *texts);
		arguments[count] = room[count];
	}
	arguments[count] = NULL;
	return options_read(&values, count, arguments, &operands, why);
}

#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
good(const char *const *texts)
{
	struct fail why = { 0 };

	setting_done(&values);
	(void)make_values(NULL);
	if (read_options(texts, &why) == -1)
		fail_msg("%s: %s", *texts, why.text);
}

static void
refused(const char *const *texts, enum fail_kind kind, const char *part)
{
	struct fail why = { 0 };

	if (read_options(texts, &why) != -1)
		fail_msg("%s", *texts);
	assert_fail(&why, kind, part);
}

static void
options_take_their_value_in_every_form(void **state)
{
	(void)state;
	good(TEXTS("--region", "de"));
	assert_string_equal(target.region, "de");
	good(TEXTS("--region=de"));
	assert_string_equal(target.region, "de");
	good(TEXTS("-r", "de"));
	assert_string_equal(target.region, "de");
	good(TEXTS("-rde"));
	assert_string_equal(target.region, "de");
	good(TEXTS("--region="));
	assert_string_equal(target.region, "");
	good(TEXTS("--region", "-r"));
	assert_string_equal(target.region, "-r");
	good(TEXTS("-vqn5"));
	assert_int_equal(target.verbose, 1);
	assert_int_equal(target.quiet, 1);
	assert_int_equal(target.count, 5);
}

static void
options_of_a_flag_count(void **state)
{
	(void)state;
	good(TEXTS("-v", "--verbose", "-vv"));
	assert_int_equal(target.verbose, 4);
	assert_int_equal(
	    setting_origin(&values, "verbose"), SETTING_FROM_OPTION);
	assert_int_equal(setting_origin(&values, "quiet"), SETTING_BY_DEFAULT);
}

static void
options_given_twice_take_the_last_value(void **state)
{
	(void)state;
	good(TEXTS("-r", "one", "--region=two"));
	assert_string_equal(target.region, "two");
}

static void
options_and_operands_may_be_mixed(void **state)
{
	(void)state;
	good(TEXTS("one", "-v", "two", "--count", "7", "-"));
	assert_int_equal(target.verbose, 1);
	assert_int_equal(target.count, 7);
	assert_int_equal(operands, 4);
	assert_string_equal(arguments[4], "one");
	assert_string_equal(arguments[5], "two");
	assert_string_equal(arguments[6], "-");
	assert_null(arguments[7]);
}

static void
options_end_at_two_dashes(void **state)
{
	(void)state;
	good(TEXTS("-v", "--", "-q", "--count"));
	assert_int_equal(target.quiet, 0);
	assert_int_equal(operands, 3);
	assert_string_equal(arguments[3], "-q");
	assert_string_equal(arguments[4], "--count");
}

static void
options_may_be_none(void **state)
{
	static const char *const nothing[] = { NULL };

	(void)state;
	good(nothing);
	assert_int_equal(operands, 1);
	assert_null(arguments[1]);
}

static void
options_that_are_unknown_are_named(void **state)
{
	(void)state;
	refused(TEXTS("--colour"), FAIL_USAGE, "unknown option '--colour'");
	refused(TEXTS("-x"), FAIL_USAGE, "unknown option '-x'");
	refused(TEXTS("-v", "--colour=red"), FAIL_USAGE, "'--colour=red'");
	refused(TEXTS("--verbose=yes"), FAIL_USAGE, "'--verbose=yes'");
	refused(TEXTS("--Region", "de"), FAIL_USAGE, "'--Region'");
	refused(TEXTS("--colour"), FAIL_USAGE, "try 'program --help'");
}

static void
options_that_are_unknown_are_named_behind_operands_too(void **state)
{
	(void)state;
	refused(TEXTS("user-1", "--colour"), FAIL_USAGE, "'--colour'");
	refused(TEXTS("-v", "user-1", "user-2", "-x"), FAIL_USAGE, "'-x'");
}

static void
options_without_their_value_are_named(void **state)
{
	(void)state;
	refused(TEXTS("--region"), FAIL_USAGE,
	    "option '--region' needs a value; try 'program --help'");
	refused(TEXTS("-r"), FAIL_USAGE, "option '-r' needs a value");
	refused(TEXTS("-v", "-n"), FAIL_USAGE, "option '-n' needs a value");
	refused(TEXTS("user-1", "--count"), FAIL_USAGE, "'--count'");
}

static void
options_with_a_bad_value_name_option_and_value(void **state)
{
	(void)state;
	refused(TEXTS("--count", "many"), FAIL_CONFIG,
	    "--count: 'many' is not a whole number");
	refused(TEXTS("-n", "101"), FAIL_CONFIG,
	    "--count: 101 is out of range: 1 to 100");
}

static void
options_that_are_refused_do_not_show_the_value(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(read_options(TEXTS("--secret=hunter2"), &why), -1);
	assert_fail(&why, FAIL_USAGE, "--secret: use --secret-file");
	assert_null(strstr(why.text, "hunter2"));
}

/* Prints on that file instead of standard output. */
static int
print_on(const char *path,
    int (*print)(const struct setting_table *table, struct fail *why),
    struct fail *why)
{
	int saved, file, rc;

	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(saved != -1 && file != -1);
	assert_int_not_equal(dup2(file, STDOUT_FILENO), -1);
	rc = print(&table, why);
	/* What could not be written is not to come out later. */
	__fpurge(stdout);
	assert_int_not_equal(dup2(saved, STDOUT_FILENO), -1);
	(void)close(saved);
	(void)close(file);
	return rc;
}

static const char *
content_of(const char *path)
{
	const char *text;
	int file;

	file = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(file, -1);
	text = test_content(file);
	(void)close(file);
	return text;
}

static void
options_help_and_version_go_to_standard_output(void **state)
{
	const char *path = test_path("output");
	struct fail why;

	(void)state;
	assert_int_equal(print_on(path, options_print_help, &why), 0);
	assert_non_null(
	    strstr(content_of(path), "usage: program [options] [ID ...]\n"));
	assert_non_null(strstr(content_of(path), "  -n, --count N"));
	assert_non_null(strstr(content_of(path), "man program\n"));
	assert_int_equal(print_on(path, options_print_version, &why), 0);
	assert_string_equal(content_of(path), "program " PACKAGE_VERSION "\n");
}

static void
options_help_that_cannot_be_written_is_a_failure(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(print_on("/dev/full", options_print_help, &why), -1);
	assert_fail(&why, FAIL_OUTPUT, "No space left on device");
	memset(&why, 0, sizeof(why));
	assert_int_equal(
	    print_on("/dev/full", options_print_version, &why), -1);
	assert_fail(&why, FAIL_OUTPUT, "cannot write to standard output");
}

static void
options_hint_is_short_and_goes_to_standard_error(void **state)
{
	int saved, file;

	(void)state;
	file = open(
	    test_path("hint"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	saved = dup(STDERR_FILENO);
	assert_int_not_equal(dup2(file, STDERR_FILENO), -1);
	options_print_hint(&table);
	(void)fflush(stderr);
	assert_int_not_equal(dup2(saved, STDERR_FILENO), -1);
	assert_non_null(strstr(test_content(file), "usage: program"));
	assert_non_null(strstr(test_content(file), "'program --help'"));
	assert_null(strstr(test_content(file), "options:"));
	(void)close(saved);
	(void)close(file);
}

#define options_test(name) \
	cmocka_unit_test_setup_teardown(name, make_values, drop_values)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		options_test(options_take_their_value_in_every_form),
		options_test(options_of_a_flag_count),
		options_test(options_given_twice_take_the_last_value),
		options_test(options_and_operands_may_be_mixed),
		options_test(options_end_at_two_dashes),
		options_test(options_may_be_none),
		options_test(options_that_are_unknown_are_named),
		options_test(
		    options_that_are_unknown_are_named_behind_operands_too),
		options_test(options_without_their_value_are_named),
		options_test(options_with_a_bad_value_name_option_and_value),
		options_test(options_that_are_refused_do_not_show_the_value),
		options_test(options_help_and_version_go_to_standard_output),
		options_test(options_help_that_cannot_be_written_is_a_failure),
		options_test(options_hint_is_short_and_goes_to_standard_error),
	};

	return TEST_RUN_WITH_FILES(tests);
}
