#include "config.h"

#include "buf.h"
#include "conf.h"
#include "settings.h"
#include "test.h"

#define ADA   "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"
#define GRACE "1b2c3d4e-0000-4000-8000-00000000000a"

static struct settings settings;
static struct setting_values values;

/* What was handed on: "id|name|line:column;" for each user. */
static struct buf users;
static size_t user_count;

static int
make_values(void **state)
{
	(void)state;
	memset(&settings, 0, sizeof(settings));
	setting_init(&values, &settings_table, &settings);
	buf_init(&users, SIZE_MAX);
	user_count = 0;
	return 0;
}

static int
drop_values(void **state)
{
	(void)state;
	setting_done(&values);
	buf_done(&users);
	return 0;
}

static void
on_user(void *arg, struct span id, struct span name, size_t line, size_t column)
{
	(void)arg;
	user_count++;
	buf_add(&users, id.at, id.len);
	buf_char(&users, '|');
	if (name.at != NULL)
		buf_add(&users, name.at, name.len);
	buf_printf(&users, "|%zu:%zu;", line, column);
}

static int
read_conf(struct span content, bool *ret_has_users, struct fail *why)
{
	(void)drop_values(NULL);
	(void)make_values(NULL);
	return conf_read(test_file("team.yaml", content), &values, on_user,
	    NULL, ret_has_users, why);
}

/* Reads what is to be good; wanted: the users, or NULL for no list of them. */
#define assert_conf(content, wanted) \
	test_conf(span_of(content), (wanted), __FILE__, __LINE__)

static void
test_conf(struct span content, const char *wanted, const char *file, int line)
{
	struct fail why = { 0 };
	bool has_users = wanted == NULL;

	if (read_conf(content, &has_users, &why) == -1)
		_assert_string_equal(why.text, "", file, line);
	_assert_int_equal(has_users, wanted != NULL, file, line);
	_assert_string_equal(
	    buf_string(&users), wanted == NULL ? "" : wanted, file, line);
}

/* where: "line:column". */
#define assert_refused(content, where, part) \
	test_refused(span_of(content), (where), (part), __FILE__, __LINE__)

static void
test_refused(struct span content, const char *where, const char *part,
    const char *file, int line)
{
	struct fail why = { 0 };
	char place[256];
	bool has_users = false;

	_assert_true(
	    read_conf(content, &has_users, &why) == -1, "refused", file, line);
	_assert_true(!has_users, "nothing said of users", file, line);
	(void)snprintf(
	    place, sizeof(place), "%s:%s: ", test_path("team.yaml"), where);
	test_fail(&why, FAIL_CONFIG, place, file, line);
	test_fail(&why, FAIL_CONFIG, part, file, line);
}

static void
conf_may_be_a_plain_list(void **state)
{
	(void)state;
	assert_conf("- " ADA "\n- " GRACE "\n", ADA "||1:3;" GRACE "||2:3;");
	assert_conf("---\n# the team\n- " ADA "   # Ada\n\n  \n- " GRACE,
	    ADA "||3:3;" GRACE "||6:3;");
	assert_conf("[" ADA ", " GRACE "]\n", ADA "||1:2;" GRACE "||1:40;");
	assert_conf(
	    "- 'quoted'\n- \"user\\x2d1\"\n", "quoted||1:3;user-1||2:3;");
}

static void
conf_list_may_be_empty(void **state)
{
	(void)state;
	assert_conf("[]\n", "");
	assert_conf("users: []\n", "");
}

static void
conf_that_is_empty_lists_nobody(void **state)
{
	(void)state;
	assert_conf("\n", NULL);
	assert_conf("# nothing yet\n", NULL);
	assert_conf("---\n", NULL);
	assert_conf("{}\n", NULL);
	assert_conf("", NULL);
}

static void
conf_may_be_users_and_settings(void **state)
{
	(void)state;
	assert_conf("region: eu-central-1\n"
		    "users:\n"
		    "  - " ADA "\n"
		    "  - " GRACE "\n"
		    "max_retries: 7\n"
		    "ping_interval: 1.5\n"
		    "queue_size: 1M\n"
		    "strict: true\n"
		    "protocol: events\n",
	    ADA "||3:5;" GRACE "||4:5;");
	assert_string_equal(settings.region, "eu-central-1");
	assert_int_equal(settings.max_retries, 7);
	assert_int_equal(settings.ping_interval_ms, 1500);
	assert_int_equal(settings.queue_size, 1 << 20);
	assert_int_equal(settings.strict, 1);
	assert_int_equal(settings.protocol, SETTINGS_EVENTS);
	assert_int_equal(setting_origin(&values, "region"), SETTING_FROM_FILE);
}

static void
conf_may_be_settings_only(void **state)
{
	(void)state;
	assert_conf("region: 'eu-west-1'\n", NULL);
	assert_string_equal(settings.region, "eu-west-1");
	assert_conf("{region: eu-west-2, max_retries: 0}\n", NULL);
	assert_string_equal(settings.region, "eu-west-2");
	assert_int_equal(settings.max_retries, 0);
}

static void
conf_user_may_have_a_name(void **state)
{
	(void)state;
	assert_conf("users:\n"
		    "  - id: " ADA "\n"
		    "    name: Ada Lovelace\n"
		    "  - {name: 'Grace \"H\"', id: " GRACE "}\n"
		    "  - {id: plain}\n",
	    ADA "|Ada Lovelace|2:9;" GRACE "|Grace \"H\"|4:29;"
		"plain||5:10;");
	assert_conf(
	    "- id: " ADA "\n  name: Zo\xc3\xab\n", ADA "|Zo\xc3\xab|1:7;");
	assert_conf("- {id: '', name: ''}\n", "||1:8;");
}

static void
conf_values_are_text_whatever_yaml_makes_of_them(void **state)
{
	(void)state;
	/* The roster judges them, with the place where they stand. */
	assert_conf("- 123\n- true\n- null\n- ~\n- 0x10\n-\n",
	    "123||1:3;true||2:3;null||3:3;~||4:3;0x10||5:3;||6:2;");
}

static void
conf_may_have_crlf_and_a_byte_order_mark(void **state)
{
	(void)state;
	assert_conf("\xef\xbb\xbf- one\r\n- two\r\n", "one||1:3;two||2:3;");
	assert_conf("region: eu-west-1\r\nusers:\r\n- one\r\n", "one||3:3;");
	assert_string_equal(settings.region, "eu-west-1");
}

static void
conf_stronger_settings_stay(void **state)
{
	const struct setting *row = setting_find(&settings_table, "region");
	struct fail why;
	bool has_users;

	(void)state;
	assert_int_equal(
	    setting_set(&values, row, SETTING_FROM_OPTION, "eu-west-2", &why),
	    0);
	assert_int_equal(conf_read(test_file("team.yaml",
				       SPAN("region: eu-west-1\n"
					    "max_retries: 3\n")),
			     &values, on_user, NULL, &has_users, &why),
	    0);
	assert_string_equal(settings.region, "eu-west-2");
	assert_int_equal(settings.max_retries, 3);
}

static void
conf_says_where_it_makes_no_sense(void **state)
{
	(void)state;
	/* The document. */
	assert_refused("hello\n", "1:1", "neither a list");
	assert_refused("'x'\n", "1:1", "neither a list");
	assert_refused("- one\n--- \n- two\n", "2:1", "a second document");
	assert_refused("--- \n...\n---\n- two\n", "3:1", "a second document");
	/* Keys. */
	assert_refused("region: x\nuser:\n- y\n", "2:1",
	    "unknown setting 'user': it is users");
	assert_refused(
	    "  max-retries: 5\n", "1:3", "unknown setting 'max-retries'");
	assert_refused("Region: x\n", "1:1", "unknown setting 'Region'");
	assert_refused("[a, b]: c\n", "1:1", "plain word");
	assert_refused("? {a: b}\n: c\n", "1:3", "plain word");
	assert_refused("'': x\n", "1:1", "unknown setting ''");
	/* What only the command line has. */
	assert_refused("file: other.yaml\n", "1:1", "unknown setting 'file'");
	assert_refused("client_secret: x\n", "1:1",
	    "unknown setting 'client_secret': it is client_secret_file");
	assert_refused("help: true\n", "1:1", "unknown setting 'help'");
	/* Values. */
	assert_refused("region: eu-west-1\nmax_retries: many\n", "2:14",
	    "max-retries: 'many' is not a whole number");
	assert_refused("max_retries: -1\n", "1:14", "out of range");
	assert_refused("region: [a, b]\n", "1:9", "region takes one plain");
	assert_refused("region:\n  a: b\n", "2:3", "region takes one plain");
	assert_refused("region: \"a\\0b\"\n", "1:9", "NUL");
	assert_refused("\"a\\0b\": c\n", "1:1", "NUL");
	/* Users. */
	assert_refused("users: one\n", "1:8", "users is a list");
	assert_refused("users:\n", "1:7", "users is a list");
	assert_refused("users: {id: one}\n", "1:8", "users is a list");
	assert_refused("- one\n- [two]\n", "2:3", "a user is an ID or");
	assert_refused("- - one\n", "1:3", "a user is an ID or");
	assert_refused("- {name: Ada}\n", "1:3", "without 'id'");
	assert_refused("- {}\n", "1:3", "without 'id'");
	assert_refused("- id: one\n  mail: x\n", "2:3", "only the keys");
	assert_refused("- {id: [one]}\n", "1:8", "plain values");
	assert_refused("- {id: one, name: {a: b}}\n", "1:19", "plain values");
	assert_refused("- {[a]: b}\n", "1:4", "only the keys");
	assert_refused("- {id: \"a\\0b\"}\n", "1:8", "NUL");
}

static void
conf_refuses_keys_that_come_twice(void **state)
{
	(void)state;
	assert_refused("region: a\nmax_retries: 3\nregion: b\n", "3:1",
	    "the same key twice");
	assert_refused("users: []\nusers: []\n", "2:1", "the same key twice");
	assert_refused("- {id: one, id: two}\n", "1:13", "the same key twice");
	assert_refused(
	    "- {id: one, name: a, name: b}\n", "1:22", "the same key twice");
}

static void
conf_refuses_aliases_and_tags(void **state)
{
	(void)state;
	assert_refused("- &a one\n- *a\n", "2:3", "aliases");
	assert_refused("a: &x [b]\nusers: *x\n", "1:1", "unknown setting 'a'");
	assert_refused("users: *x\n", "1:8", "");
	assert_refused("- !!str one\n", "1:3", "tags");
	assert_refused("- !python/object:os.system one\n", "1:3", "tags");
	assert_refused("!!seq [one]\n", "1:1", "tags");
	assert_refused("- !user {id: one}\n", "1:3", "tags");
	assert_refused("region: !secret x\n", "1:9", "tags");
	assert_refused("users:\n<<: {region: x}\n", "1:7", "");
}

static void
conf_that_is_no_yaml_says_where(void **state)
{
	(void)state;
	assert_refused("- one\n- 'two\n", "3:1", "end of stream");
	assert_refused("- one\n\t- two\n", "2:1", "");
	assert_refused("users:\n  - one\n - two\n", "3:2", "");
	assert_refused("region: b: c\n", "1:10", "");
	assert_refused("users: [one\n", "2:1", "");
	assert_refused("- one\n}\n", "2:1", "");
	assert_refused("- @one\n", "1:3", "");
	assert_refused("- \"\\q\"\n", "1:4", "");
	assert_refused("%YAML 2.0\n---\n- one\n", "1:1", "");
}

static void
conf_names_the_line_of_a_byte_that_may_not_be_there(void **state)
{
	(void)state;
	assert_refused("- one\n- two\n- \xff\n", "3:3", "UTF-8");
	assert_refused("- one\n- tw\x01o\n", "2:5", "control characters");
}

static void
conf_refuses_deep_nesting_at_once(void **state)
{
	static char content[1 << 20];
	static const char *const pieces[] = { "[", "- ", "{a: ", "? ", "[\n",
		"- - ", "{\"" };
	struct span span = { content, 0 };
	struct fail why;
	bool has_users;
	size_t i, len;

	(void)state;
	for (i = 0; i < COUNT(pieces); i++) {
		len = strlen(pieces[i]);
		for (span.len = 0; span.len + len <= sizeof(content);
		     span.len += len)
			memcpy(content + span.len, pieces[i], len);
		memset(&why, 0, sizeof(why));
		assert_int_equal(read_conf(span, &has_users, &why), -1);
		assert_int_equal(why.kind, FAIL_CONFIG);
	}
}

static void
conf_refuses_deep_nesting_in_every_place(void **state)
{
	(void)state;
	assert_refused("- id: [[[[[[[[[[]]]]]]]]]]\n", "1:7", "plain values");
	assert_refused("region: {a: {b: {c: d}}}\n", "1:9", "one plain value");
	assert_refused("region: [a, b]\n", "1:9",
	    "one plain value, no list: several are written A,B");
	assert_refused("users: [[[[]]]]\n", "1:9", "a user is an ID or");
	assert_refused(
	    "users: [{id: a, name: [[]]}]\n", "1:23", "plain values");
}

static void
conf_may_be_a_megabyte_of_users(void **state)
{
	static char content[1 << 20];
	struct span span = { content, 0 };
	struct fail why = { 0 };
	bool has_users = false;
	size_t count;

	(void)state;
	for (count = 0; span.len + 64 < sizeof(content); count++)
		span.len += (size_t)snprintf(content + span.len, 64,
		    "- 9ed7d9f6-0c59-4360-ac54-%012zu\n", count);
	if (read_conf(span, &has_users, &why) == -1)
		fail_msg("%s", why.text);
	assert_true(has_users);
	assert_int_equal(user_count, count);
}

static void
conf_that_cannot_be_read_is_a_file_failure(void **state)
{
	struct fail why = { 0 };
	bool has_users;

	(void)state;
	assert_int_equal(conf_read(test_path("missing.yaml"), &values, on_user,
			     NULL, &has_users, &why),
	    -1);
	assert_fail(&why, FAIL_FILE, "missing.yaml': No such file");
	memset(&why, 0, sizeof(why));
	assert_int_equal(
	    conf_read(test_folder, &values, on_user, NULL, &has_users, &why),
	    -1);
	assert_fail(&why, FAIL_FILE, "Is a directory");
	memset(&why, 0, sizeof(why));
	assert_int_equal(
	    conf_read(test_sparse_file("large.yaml", (16 << 20) + 1), &values,
		on_user, NULL, &has_users, &why),
	    -1);
	assert_fail(&why, FAIL_FILE, "larger than 16777216 bytes");
}

#define conf_test(name) \
	cmocka_unit_test_setup_teardown(name, make_values, drop_values)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		conf_test(conf_may_be_a_plain_list),
		conf_test(conf_list_may_be_empty),
		conf_test(conf_may_be_users_and_settings),
		conf_test(conf_may_be_settings_only),
		conf_test(conf_user_may_have_a_name),
		conf_test(conf_values_are_text_whatever_yaml_makes_of_them),
		conf_test(conf_may_have_crlf_and_a_byte_order_mark),
		conf_test(conf_stronger_settings_stay),
		conf_test(conf_says_where_it_makes_no_sense),
		conf_test(conf_refuses_keys_that_come_twice),
		conf_test(conf_refuses_aliases_and_tags),
		conf_test(conf_that_is_no_yaml_says_where),
		conf_test(conf_names_the_line_of_a_byte_that_may_not_be_there),
		conf_test(conf_refuses_deep_nesting_at_once),
		conf_test(conf_refuses_deep_nesting_in_every_place),
		conf_test(conf_may_be_a_megabyte_of_users),
		conf_test(conf_that_cannot_be_read_is_a_file_failure),
		conf_test(conf_that_is_empty_lists_nobody),
	};

	return TEST_RUN_WITH_FILES(tests);
}
