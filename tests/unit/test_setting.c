#include "config.h"

#include "setting.h"
#include "test.h"

struct target {
	char *text;
	char *preset_text;
	char *secret_file;
	char *secret;
	int flag;
	int64_t number;
	int64_t wait_ms;
	int64_t size;
	int choice;
	char *only;
};

#define AT(member) .offset = offsetof(struct target, member)

static const struct setting rows[] = {
	{ "some-text", 't', "TEXT", "GCP_TEST_TEXT", SETTING_TEXT, AT(text),
	    .help = "some text" },
	{ "preset-text", 0, "TEXT", .kind = SETTING_TEXT, AT(preset_text),
	    .preset = "as it was", .help = "text that has a default" },
	{ "secret-file", 0, "FILE", "GCP_TEST_SECRET", SETTING_TEXT,
	    AT(secret_file), .value_in_environment = true,
	    .value_offset = offsetof(struct target, secret),
	    .help = "file with a secret" },
	{ "secret", 0, "VALUE", .kind = SETTING_REFUSED, .only_option = true,
	    .help = "use --secret-file" },
	{ "flag", 'v', .environment = "GCP_TEST_FLAG", .kind = SETTING_FLAG,
	    AT(flag), .help = "a flag" },
	{ "number", 'n', "N", "GCP_TEST_NUMBER", SETTING_NUMBER, AT(number),
	    .preset = "5", .min = -10, .max = 100, .help = "a number" },
	{ "wait", 0, "TIME", "GCP_TEST_WAIT", SETTING_DURATION, AT(wait_ms),
	    .preset = "1.5", .min = 10, .max = 3600000, .help = "a time" },
	{ "size", 0, "BYTES", "GCP_TEST_SIZE", SETTING_BYTES, AT(size),
	    .preset = "64K", .min = 1024, .max = 1 << 30, .help = "a size" },
	{ "choice", 0, "NAME", "GCP_TEST_CHOICE", SETTING_CHOICE, AT(choice),
	    .preset = "two", .choices = "one|two|three",
	    .help = "one of three" },
	{ "only-option", 0, "TEXT", .kind = SETTING_TEXT, AT(only),
	    .only_option = true,
	    .help = "what makes no sense in a file, with so long a help text "
		    "that it takes more than one line, and even more than two "
		    "of them" },
};

static const struct setting_table table = {
	.program = "program",
	.synopsis = "[options]\n[options] FILE",
	.purpose = "Does something.",
	.rows = rows,
	.count = COUNT(rows),
};

static struct target target;
static struct setting_values values;

static int
make_values(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (rows[i].environment != NULL)
			(void)unsetenv(rows[i].environment);
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

static int
set(const char *name, enum setting_origin origin, const char *text,
    struct fail *why)
{
	const struct setting *row = setting_find(&table, name);

	assert_non_null(row);
	return setting_set(&values, row, origin, text, why);
}

/* Sets what is to be good, as an option. */
static void
good(const char *name, const char *text)
{
	struct fail why = { 0 };

	if (set(name, SETTING_FROM_OPTION, text, &why) == -1)
		fail_msg("%s %s: %s", name, text, why.text);
}

static void
refused(const char *name, const char *text, const char *part)
{
	struct fail why = { 0 };

	if (set(name, SETTING_FROM_OPTION, text, &why) != -1)
		fail_msg("%s %s", name, text);
	assert_fail(&why, FAIL_CONFIG, part);
}

static void
setting_starts_at_its_default(void **state)
{
	(void)state;
	assert_null(target.text);
	assert_string_equal(target.preset_text, "as it was");
	assert_int_equal(target.flag, 0);
	assert_int_equal(target.number, 5);
	assert_int_equal(target.wait_ms, 1500);
	assert_int_equal(target.size, 65536);
	assert_int_equal(target.choice, 1);
	assert_int_equal(setting_origin(&values, "number"), SETTING_BY_DEFAULT);
	assert_int_equal(
	    setting_origin(&values, "no such"), SETTING_BY_DEFAULT);
}

static void
setting_of_text_is_a_copy_and_may_be_set_again(void **state)
{
	char text[] = "one";

	(void)state;
	good("some-text", text);
	text[0] = 'x';
	assert_string_equal(target.text, "one");
	good("some-text", "two");
	assert_string_equal(target.text, "two");
	good("some-text", "");
	assert_string_equal(target.text, "");
	good("preset-text", "other");
	assert_string_equal(target.preset_text, "other");
}

static void
setting_of_a_flag_counts_on_the_command_line(void **state)
{
	(void)state;
	good("flag", NULL);
	assert_int_equal(target.flag, 1);
	good("flag", NULL);
	assert_int_equal(target.flag, 2);
}

static void
setting_of_a_flag_is_true_or_false_elsewhere(void **state)
{
	(void)state;
	good("flag", "true");
	assert_int_equal(target.flag, 1);
	good("flag", "false");
	assert_int_equal(target.flag, 0);
	good("flag", "1");
	assert_int_equal(target.flag, 1);
	good("flag", "0");
	assert_int_equal(target.flag, 0);
	good("flag", "True");
	assert_int_equal(target.flag, 1);
	refused("flag", "maybe", "'maybe' is neither true nor false");
	refused("flag", "", "neither true nor false");
	refused("flag", "2", "neither true nor false");
	assert_int_equal(target.flag, 1);
}

static void
setting_of_a_number_is_whole_and_in_range(void **state)
{
	static const char *const none[] = { "", "x", "5x", "x5", "5 ", "1.5",
		"1e2", "0x10", "--5", "99999999999999999999", "five" };
	size_t i;

	(void)state;
	good("number", "-10");
	assert_int_equal(target.number, -10);
	good("number", "100");
	assert_int_equal(target.number, 100);
	good("number", "007");
	assert_int_equal(target.number, 7);
	refused("number", "101", "101 is out of range: -10 to 100");
	refused("number", "-11", "-11 is out of range");
	for (i = 0; i < COUNT(none); i++)
		refused("number", none[i], "is not a whole number");
	assert_int_equal(target.number, 7);
}

static void
setting_of_a_time_has_units(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good_ones[] = {
		{ "90", 90000 },
		{ "90s", 90000 },
		{ "1.5", 1500 },
		{ "1.5s", 1500 },
		{ ".25", 250 },
		{ "0.01", 10 },
		{ "0.0104", 10 },
		{ "15m", 900000 },
		{ "1h", 3600000 },
		{ "0.5h", 1800000 },
		{ "0.01d", 864000 },
	};
	static const char *const none[] = { "", "s", ".", "1.2.3", "1 s", "1S",
		"1ms", "1sm", "1w", "-1", "+1", " 1", "1e3", "0x10", "inf",
		"nan", "1,5" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good_ones); i++) {
		good("wait", good_ones[i].text);
		assert_int_equal(target.wait_ms, good_ones[i].ms);
	}
	refused("wait", "2h", "2h is out of range: 0.01 to 3600 seconds");
	refused("wait", "0.009", "out of range");
	refused("wait", "0", "out of range");
	for (i = 0; i < COUNT(none); i++)
		refused("wait", none[i], "is not a time");
	assert_int_equal(target.wait_ms, 864000);
}

static void
setting_of_a_size_has_units(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} good_ones[] = {
		{ "4096", 4096 },
		{ "64K", 65536 },
		{ "64k", 65536 },
		{ "1.5K", 1536 },
		{ "64M", 64 << 20 },
		{ "64m", 64 << 20 },
		{ "1G", 1 << 30 },
		{ "1g", 1 << 30 },
	};
	static const char *const none[] = { "", "K", "64KB", "64KiB", "64 K",
		"-64K", "64T", "0x40K", "1e3" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good_ones); i++) {
		good("size", good_ones[i].text);
		assert_int_equal(target.size, good_ones[i].bytes);
	}
	refused("size", "1023", "1023 is out of range: 1024 to 1073741824");
	refused("size", "2G", "2G is out of range");
	for (i = 0; i < COUNT(none); i++)
		refused("size", none[i], "is not a size");
	assert_int_equal(target.size, 1 << 30);
}

static void
setting_quantities_beyond_all_reason_are_refused(void **state)
{
	static const char *const rows_of_nines[] = { "9999999999999999999999",
		"9999999999999999999999G", "99999999999999999d" };
	char digits[400];
	int64_t got = 77;
	size_t i;

	(void)state;
	memset(digits, '9', sizeof(digits) - 1);
	digits[sizeof(digits) - 1] = '\0';
	assert_int_equal(setting_parse_number(digits, &got), -1);
	assert_int_equal(setting_parse_duration(digits, &got), -1);
	assert_int_equal(setting_parse_bytes(digits, &got), -1);
	for (i = 0; i < COUNT(rows_of_nines); i++) {
		assert_int_equal(
		    setting_parse_number(rows_of_nines[i], &got), -1);
		assert_int_equal(
		    setting_parse_duration(rows_of_nines[i], &got), -1);
		assert_int_equal(
		    setting_parse_bytes(rows_of_nines[i], &got), -1);
	}
	assert_int_equal(got, 77);
	assert_int_equal(setting_parse_number("9223372036854775807", &got), 0);
	assert_int_equal(got, INT64_MAX);
	assert_int_equal(setting_parse_number("9223372036854775808", &got), -1);
}

static void
setting_of_a_choice_is_one_of_its_words(void **state)
{
	static const char *const none[] = { "", "on", "ones", "four", "one|two",
		"|", "two|three", " one" };
	size_t i;

	(void)state;
	good("choice", "one");
	assert_int_equal(target.choice, 0);
	good("choice", "three");
	assert_int_equal(target.choice, 2);
	good("choice", "TWO");
	assert_int_equal(target.choice, 1);
	for (i = 0; i < COUNT(none); i++)
		refused("choice", none[i], "is none of one|two|three");
	refused("choice", "four", "'four'");
	assert_int_equal(target.choice, 1);
}

static void
setting_that_is_refused_says_what_to_use(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(
	    set("secret", SETTING_FROM_OPTION, "hunter2", &why), -1);
	assert_fail(&why, FAIL_USAGE, "use --secret-file");
	assert_null(strstr(why.text, "hunter2"));
	assert_null(target.secret);
}

static void
setting_that_is_bad_leaves_value_and_origin(void **state)
{
	(void)state;
	refused("number", "x", "whole number");
	assert_int_equal(target.number, 5);
	assert_int_equal(setting_origin(&values, "number"), SETTING_BY_DEFAULT);
}

/* Sets a setting from all three places, in the order of the digits. */
static void
set_in_order(const char *name, const char *order, const char *const texts[4])
{
	struct fail why = { 0 };
	size_t i;

	setting_done(&values);
	memset(&target, 0, sizeof(target));
	setting_init(&values, &table, &target);
	for (i = 0; order[i] != '\0'; i++)
		if (set(name, (enum setting_origin)(order[i] - '0'),
			texts[order[i] - '0'], &why) == -1)
			fail_msg("%s: %s", name, why.text);
}

static void
setting_from_the_stronger_place_wins_whatever_the_order(void **state)
{
	/* 1: file, 2: environment, 3: option. */
	static const char *const orders[] = { "123", "132", "213", "231", "312",
		"321" };
	static const char *const texts[] = { NULL, "file", "environment",
		"option" };
	static const char *const numbers[] = { NULL, "10", "20", "30" };
	static const char *const choices[] = { NULL, "one", "three", "two" };
	static const char *const flags[] = { NULL, "true", "true", "false" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(orders); i++) {
		set_in_order("some-text", orders[i], texts);
		assert_string_equal(target.text, "option");
		assert_int_equal(
		    setting_origin(&values, "some-text"), SETTING_FROM_OPTION);
		set_in_order("number", orders[i], numbers);
		assert_int_equal(target.number, 30);
		set_in_order("choice", orders[i], choices);
		assert_int_equal(target.choice, 1);
		set_in_order("flag", orders[i], flags);
		assert_int_equal(target.flag, 0);
	}
	set_in_order("some-text", "12", texts);
	assert_string_equal(target.text, "environment");
	set_in_order("some-text", "21", texts);
	assert_string_equal(target.text, "environment");
	set_in_order("some-text", "1", texts);
	assert_string_equal(target.text, "file");
	assert_int_equal(
	    setting_origin(&values, "some-text"), SETTING_FROM_FILE);
}

static void
setting_of_a_flag_counts_options_only(void **state)
{
	static const char *const flags[] = { NULL, "true", "true", NULL };

	(void)state;
	/* "verbose: true" in the file and -v is not -vv. */
	set_in_order("flag", "3", flags);
	assert_int_equal(target.flag, 1);
	set_in_order("flag", "31", flags);
	assert_int_equal(target.flag, 1);
	set_in_order("flag", "13", flags);
	assert_int_equal(target.flag, 1);
	set_in_order("flag", "23", flags);
	assert_int_equal(target.flag, 1);
	set_in_order("flag", "1233", flags);
	assert_int_equal(target.flag, 2);
}

static void
setting_from_the_same_place_may_be_given_again(void **state)
{
	struct fail why;

	(void)state;
	good("number", "1");
	good("number", "2");
	assert_int_equal(target.number, 2);
	assert_int_equal(set("number", SETTING_FROM_FILE, "3", &why), 0);
	assert_int_equal(target.number, 2);
}

static void
setting_is_read_from_its_variable(void **state)
{
	struct fail why = { 0 };

	(void)state;
	(void)setenv("GCP_TEST_TEXT", "text", 1);
	(void)setenv("GCP_TEST_NUMBER", "42", 1);
	(void)setenv("GCP_TEST_FLAG", "true", 1);
	(void)setenv("GCP_TEST_WAIT", "2m", 1);
	(void)setenv("GCP_TEST_CHOICE", "one", 1);
	assert_int_equal(setting_read_environment(&values, &why), 0);
	assert_string_equal(target.text, "text");
	assert_int_equal(target.number, 42);
	assert_int_equal(target.flag, 1);
	assert_int_equal(target.wait_ms, 120000);
	assert_int_equal(target.choice, 0);
	assert_int_equal(
	    setting_origin(&values, "some-text"), SETTING_FROM_ENVIRONMENT);
	/* What is no secret stays there for others. */
	assert_string_equal(getenv("GCP_TEST_TEXT"), "text");
}

static void
setting_variable_that_is_empty_says_nothing(void **state)
{
	struct fail why = { 0 };

	(void)state;
	(void)setenv("GCP_TEST_TEXT", "", 1);
	(void)setenv("GCP_TEST_NUMBER", "", 1);
	(void)setenv("GCP_TEST_SECRET", "", 1);
	assert_int_equal(setting_read_environment(&values, &why), 0);
	assert_null(target.text);
	assert_null(target.secret);
	assert_int_equal(target.number, 5);
}

static void
setting_variable_that_is_bad_is_named(void **state)
{
	struct fail why = { 0 };

	(void)state;
	(void)setenv("GCP_TEST_NUMBER", "many", 1);
	assert_int_equal(setting_read_environment(&values, &why), -1);
	assert_fail(&why, FAIL_CONFIG,
	    "$GCP_TEST_NUMBER: 'many' is not a whole number");
}

static void
setting_secret_is_wiped_and_taken_out_of_the_environment(void **state)
{
	struct fail why = { 0 };
	const char *there;
	size_t i;

	(void)state;
	(void)setenv("GCP_TEST_SECRET", "hunter2", 1);
	there = getenv("GCP_TEST_SECRET");
	assert_int_equal(setting_read_environment(&values, &why), 0);
	assert_string_equal(target.secret, "hunter2");
	assert_null(target.secret_file);
	assert_null(getenv("GCP_TEST_SECRET"));
	/* glibc never frees what was in the environment. */
	for (i = 0; i < strlen("hunter2"); i++)
		assert_int_equal(there[i], 0);
}

static void
setting_secret_is_taken_out_even_where_an_option_wins(void **state)
{
	struct fail why = { 0 };

	(void)state;
	good("secret-file", "/file");
	(void)setenv("GCP_TEST_SECRET", "hunter2", 1);
	assert_int_equal(setting_read_environment(&values, &why), 0);
	assert_string_equal(target.secret_file, "/file");
	assert_null(target.secret);
	assert_null(getenv("GCP_TEST_SECRET"));
}

static void
setting_secret_comes_from_one_place_only(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(
	    set("secret-file", SETTING_FROM_FILE, "/from/yaml", &why), 0);
	(void)setenv("GCP_TEST_SECRET", "hunter2", 1);
	assert_int_equal(setting_read_environment(&values, &why), 0);
	assert_string_equal(target.secret, "hunter2");
	assert_null(target.secret_file);
	good("secret-file", "/from/option");
	assert_null(target.secret);
	assert_string_equal(target.secret_file, "/from/option");
}

static void
setting_is_found_by_its_exact_name(void **state)
{
	(void)state;
	assert_ptr_equal(setting_find(&table, "some-text"), &rows[0]);
	assert_null(setting_find(&table, "some_text"));
	assert_null(setting_find(&table, "some"));
	assert_null(setting_find(&table, "Some-Text"));
	assert_null(setting_find(&table, ""));
}

static void
setting_key_has_underscores_for_dashes(void **state)
{
	(void)state;
	assert_ptr_equal(setting_find_key(&table, "some_text"), &rows[0]);
	assert_ptr_equal(setting_find_key(&table, "number"), &rows[5]);
	assert_null(setting_find_key(&table, "some-text"));
	assert_null(setting_find_key(&table, "some_tex"));
	assert_null(setting_find_key(&table, "some_texts"));
	assert_null(setting_find_key(&table, ""));
}

static void
setting_that_makes_no_sense_in_a_file_is_no_key(void **state)
{
	(void)state;
	assert_non_null(setting_find(&table, "only-option"));
	assert_null(setting_find_key(&table, "only_option"));
	assert_non_null(setting_find(&table, "secret"));
	assert_null(setting_find_key(&table, "secret"));
}

static void
setting_help_has_every_option_and_fits_a_terminal(void **state)
{
	const char *line, *end, *text, *argument;
	struct buf buf;
	size_t i;
	char option[64];

	(void)state;
	buf_init(&buf, SIZE_MAX);
	setting_help(&table, &buf);
	text = buf_string(&buf);
	assert_ptr_equal(
	    strstr(text,
		"usage: program [options]\n"
		"       program [options] FILE\n\nDoes something.\n"),
	    text);
	for (i = 0; i < COUNT(rows); i++) {
		argument = rows[i].kind == SETTING_CHOICE ? rows[i].choices
							  : rows[i].argument;
		(void)snprintf(option, sizeof(option), " --%s%s%s",
		    rows[i].name, argument == NULL ? "" : " ",
		    argument == NULL ? "" : argument);
		if ((strstr(text, option) != NULL) !=
		    (rows[i].kind != SETTING_REFUSED))
			fail_msg("%s", option);
	}
	assert_non_null(strstr(text, "-n, --number N"));
	assert_non_null(strstr(text, "(default: 64K)"));
	assert_non_null(strstr(text, "[$GCP_TEST_SIZE]"));
	for (line = text; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		assert_true(end - line <= 79);
		assert_true(end == line || end[-1] != ' ');
	}
	buf_done(&buf);
}

static void
setting_done_takes_what_was_never_made(void **state)
{
	struct setting_values nothing = { 0 };

	(void)state;
	setting_done(&nothing);
}

#define setting_test(name) \
	cmocka_unit_test_setup_teardown(name, make_values, drop_values)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		setting_test(setting_starts_at_its_default),
		setting_test(setting_of_text_is_a_copy_and_may_be_set_again),
		setting_test(setting_of_a_flag_counts_on_the_command_line),
		setting_test(setting_of_a_flag_is_true_or_false_elsewhere),
		setting_test(setting_of_a_number_is_whole_and_in_range),
		setting_test(setting_of_a_time_has_units),
		setting_test(setting_of_a_size_has_units),
		setting_test(setting_quantities_beyond_all_reason_are_refused),
		setting_test(setting_of_a_choice_is_one_of_its_words),
		setting_test(setting_that_is_refused_says_what_to_use),
		setting_test(setting_that_is_bad_leaves_value_and_origin),
		setting_test(
		    setting_from_the_stronger_place_wins_whatever_the_order),
		setting_test(setting_of_a_flag_counts_options_only),
		setting_test(setting_from_the_same_place_may_be_given_again),
		setting_test(setting_is_read_from_its_variable),
		setting_test(setting_variable_that_is_empty_says_nothing),
		setting_test(setting_variable_that_is_bad_is_named),
		setting_test(
		    setting_secret_is_wiped_and_taken_out_of_the_environment),
		setting_test(
		    setting_secret_is_taken_out_even_where_an_option_wins),
		setting_test(setting_secret_comes_from_one_place_only),
		setting_test(setting_is_found_by_its_exact_name),
		setting_test(setting_key_has_underscores_for_dashes),
		setting_test(setting_that_makes_no_sense_in_a_file_is_no_key),
		setting_test(setting_help_has_every_option_and_fits_a_terminal),
		setting_test(setting_done_takes_what_was_never_made),
	};

	return TEST_RUN(tests);
}
