#include "config.h"

#include <ctype.h>

#include "settings.h"
#include "test.h"

static struct settings settings;
static struct setting_values values;

static int
make_values(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < settings_table.count; i++)
		if (settings_table.rows[i].environment != NULL)
			(void)unsetenv(settings_table.rows[i].environment);
	memset(&settings, 0, sizeof(settings));
	setting_init(&values, &settings_table, &settings);
	return 0;
}

static int
drop_values(void **state)
{
	(void)state;
	setting_done(&values);
	return 0;
}

static const struct setting *
row_at(size_t i)
{
	return &settings_table.rows[i];
}

static void
settings_all_have_help(void **state)
{
	const char *help;
	size_t i;

	(void)state;
	for (i = 0; i < settings_table.count; i++) {
		help = row_at(i)->help;
		if (help == NULL || strlen(help) < 5 ||
		    help[strlen(help) - 1] == '.' || strchr(help, '\n') != NULL)
			fail_msg("--%s", row_at(i)->name);
	}
}

static void
settings_names_letters_and_variables_are_unique(void **state)
{
	const struct setting *one, *other;
	size_t i, j;

	(void)state;
	for (i = 0; i < settings_table.count; i++)
		for (j = 0; j < i; j++) {
			one = row_at(i);
			other = row_at(j);
			if (strcmp(one->name, other->name) == 0 ||
			    (one->letter != 0 &&
				one->letter == other->letter) ||
			    (one->environment != NULL &&
				other->environment != NULL &&
				strcmp(one->environment, other->environment) ==
				    0))
				fail_msg(
				    "--%s and --%s", one->name, other->name);
		}
}

static void
settings_names_are_lower_case_words_with_dashes(void **state)
{
	const char *at;
	size_t i;

	(void)state;
	for (i = 0; i < settings_table.count; i++) {
		at = row_at(i)->name;
		assert_true(islower((unsigned char)*at));
		for (; *at != '\0'; at++)
			if (!islower((unsigned char)*at) && *at != '-' &&
			    !isdigit((unsigned char)*at))
				fail_msg("--%s", row_at(i)->name);
	}
}

static void
settings_flags_take_no_argument_and_all_others_do(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < settings_table.count; i++)
		if ((row_at(i)->kind == SETTING_FLAG) !=
		    (row_at(i)->argument == NULL))
			fail_msg("--%s", row_at(i)->name);
}

static void
settings_limits_make_sense(void **state)
{
	const struct setting *row;
	size_t i;

	(void)state;
	for (i = 0; i < settings_table.count; i++) {
		row = row_at(i);
		if (row->kind == SETTING_NUMBER ||
		    row->kind == SETTING_DURATION ||
		    row->kind == SETTING_BYTES) {
			if (row->min >= row->max || row->min < 0)
				fail_msg("--%s", row->name);
		} else if (row->min != 0 || row->max != 0) {
			fail_msg("--%s", row->name);
		}
		if ((row->kind == SETTING_CHOICE) != (row->choices != NULL))
			fail_msg("--%s", row->name);
	}
}

static void
settings_defaults_are_the_contracts(void **state)
{
	(void)state;
	assert_string_equal(settings.region, "us-east-1");
	assert_int_equal(settings.protocol, SETTINGS_AUTO);
	assert_int_equal(settings.ping_interval_ms, 20000);
	assert_int_equal(settings.ping_timeout_ms, 10000);
	assert_int_equal(settings.retry_base_ms, 2000);
	assert_int_equal(settings.retry_max_ms, 60000);
	assert_int_equal(settings.max_retries, 5);
	assert_int_equal(settings.max_subscriptions, 0);
	assert_int_equal(settings.max_channels, 20);
	assert_int_equal(settings.max_sends_per_minute, 30);
	assert_int_equal(settings.max_requests_per_minute, 300);
	assert_int_equal(settings.queue_size, 64 << 20);
	assert_int_equal(settings.log_json, 0);
	assert_null(settings.file);
	assert_null(settings.client_id);
	assert_null(settings.client_secret_file);
	assert_null(settings.client_secret);
	assert_null(settings.access_token_file);
	assert_null(settings.access_token);
	assert_null(settings.login_url);
	assert_null(settings.api_url);
	assert_null(settings.cacert);
	assert_null(settings.state);
	assert_null(settings.audit);
	assert_int_equal(settings.count, 0);
	assert_int_equal(settings.for_ms, 0);
	assert_int_equal(settings.once, 0);
	assert_int_equal(settings.gaps, 0);
	assert_int_equal(settings.strict, 0);
	assert_int_equal(settings.no_initial, 0);
	assert_int_equal(settings.tsv, 0);
	assert_int_equal(settings.check, 0);
	assert_int_equal(settings.plan, 0);
	assert_null(settings.replay);
	assert_null(settings.only);
	assert_null(settings.ignore);
	assert_null(settings.shard);
	assert_null(settings.until);
	assert_null(settings.metrics);
	assert_int_equal(settings.verbose, 0);
	assert_int_equal(settings.quiet, 0);
	assert_int_equal(settings.list_regions, 0);
	assert_int_equal(settings.help, 0);
	assert_int_equal(settings.version, 0);
}

static void
settings_have_the_contracts_letters_and_variables(void **state)
{
	static const struct {
		const char *name;
		char letter;
		const char *environment;
	} wanted[] = {
		{ "file", 'f', NULL },
		{ "region", 'r', "GENESYSCLOUD_REGION" },
		{ "client-id", 0, "GENESYSCLOUD_OAUTHCLIENT_ID" },
		{ "client-secret-file", 0, "GENESYSCLOUD_OAUTHCLIENT_SECRET" },
		{ "access-token-file", 0, "GENESYSCLOUD_ACCESS_TOKEN" },
		{ "login-url", 0, "GENESYSCLOUD_LOGIN_URL" },
		{ "api-url", 0, "GENESYSCLOUD_API_URL" },
		{ "cacert", 0, NULL },
		{ "protocol", 0, NULL },
		{ "ping-interval", 0, NULL },
		{ "ping-timeout", 0, NULL },
		{ "retry-base", 0, NULL },
		{ "retry-max", 0, NULL },
		{ "max-retries", 0, NULL },
		{ "max-subscriptions", 0, NULL },
		{ "max-channels", 0, NULL },
		{ "max-sends-per-minute", 0, NULL },
		{ "max-requests-per-minute", 0, NULL },
		{ "state", 's', NULL },
		{ "once", 0, NULL },
		{ "replay", 0, NULL },
		{ "no-initial", 0, NULL },
		{ "only", 0, NULL },
		{ "ignore", 0, NULL },
		{ "format", 'o', NULL },
		{ "gaps", 0, NULL },
		{ "shard", 0, "GCPRESENCE_SHARD" },
		{ "strict", 0, NULL },
		{ "count", 'n', NULL },
		{ "for", 0, NULL },
		{ "until", 0, NULL },
		{ "queue-size", 0, NULL },
		{ "audit", 0, NULL },
		{ "metrics", 0, NULL },
		{ "check", 0, NULL },
		{ "plan", 0, NULL },
		{ "verbose", 'v', NULL },
		{ "quiet", 'q', NULL },
		{ "log-format", 0, NULL },
		{ "list-regions", 0, NULL },
		{ "help", 'h', NULL },
		{ "version", 'V', NULL },
	};
	const struct setting *row;
	size_t i;

	(void)state;
	/* Besides these there are only the two that are refused. */
	assert_int_equal(settings_table.count, COUNT(wanted) + 2);
	for (i = 0; i < COUNT(wanted); i++) {
		row = setting_find(&settings_table, wanted[i].name);
		if (row == NULL)
			fail_msg("--%s is missing", wanted[i].name);
		assert_int_equal(row->letter, wanted[i].letter);
		if (wanted[i].environment == NULL)
			assert_null(row->environment);
		else
			assert_string_equal(
			    row->environment, wanted[i].environment);
	}
}

static void
settings_refuse_secrets_on_the_command_line(void **state)
{
	static const struct {
		const char *name, *instead;
	} rows[] = {
		{ "client-secret", "--client-secret-file" },
		{ "access-token", "--access-token-file" },
	};
	const struct setting *row;
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		row = setting_find(&settings_table, rows[i].name);
		assert_non_null(row);
		assert_int_equal(setting_set(&values, row, SETTING_FROM_OPTION,
				     "hunter2", &why),
		    -1);
		assert_fail(&why, FAIL_USAGE, rows[i].instead);
		assert_null(strstr(why.text, "hunter2"));
	}
	assert_null(settings.client_secret);
	assert_null(settings.access_token);
}

static void
settings_take_secrets_from_the_environment(void **state)
{
	struct fail why;

	(void)state;
	(void)setenv("GENESYSCLOUD_OAUTHCLIENT_SECRET", "hunter2", 1);
	(void)setenv("GENESYSCLOUD_ACCESS_TOKEN", "hunter3", 1);
	assert_int_equal(setting_read_environment(&values, &why), 0);
	assert_string_equal(settings.client_secret, "hunter2");
	assert_string_equal(settings.access_token, "hunter3");
	assert_null(getenv("GENESYSCLOUD_OAUTHCLIENT_SECRET"));
	assert_null(getenv("GENESYSCLOUD_ACCESS_TOKEN"));
}

static void
settings_take_the_contracts_values(void **state)
{
	static const struct {
		const char *name, *good, *bad;
	} rows[] = {
		{ "protocol", "notifications", "websocket" },
		{ "protocol", "EVENTS", "event" },
		{ "ping-interval", "0.5", "0" },
		{ "ping-timeout", "1h", "2h" },
		{ "retry-base", "0.001", "0" },
		{ "retry-max", "15m", "25h" },
		{ "max-retries", "0", "-1" },
		{ "max-subscriptions", "1000", "0" },
		{ "max-channels", "1", "0" },
		{ "max-sends-per-minute", "1", "0" },
		{ "max-requests-per-minute", "300", "0" },
		{ "count", "1", "0" },
		{ "for", "90", "0" },
		{ "for", "90s", "soon" },
		{ "for", "15m", "15 m" },
		{ "for", "8h", "8h30m" },
		{ "queue-size", "64M", "1K" },
		{ "log-format", "json", "xml" },
		{ "format", "tsv", "csv" },
		{ "format", "ndjson", "json" },
	};
	const struct setting *row;
	struct fail why = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		row = setting_find(&settings_table, rows[i].name);
		assert_non_null(row);
		if (setting_set(&values, row, SETTING_FROM_OPTION, rows[i].good,
			&why) == -1)
			fail_msg("--%s: %s", rows[i].name, why.text);
		if (setting_set(&values, row, SETTING_FROM_OPTION, rows[i].bad,
			&why) != -1)
			fail_msg("--%s %s", rows[i].name, rows[i].bad);
		assert_fail(&why, FAIL_CONFIG, rows[i].bad);
	}
}

static void
settings_help_fits_a_terminal(void **state)
{
	const char *line, *end;
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	setting_help(&settings_table, &buf);
	for (line = buf_string(&buf); *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		if (end - line > 79)
			fail_msg("%.*s", (int)(end - line), line);
	}
	assert_non_null(strstr(buf_string(&buf), "usage: gcpresence "));
	buf_done(&buf);
}

#define settings_test(name) \
	cmocka_unit_test_setup_teardown(name, make_values, drop_values)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		settings_test(settings_all_have_help),
		settings_test(settings_names_letters_and_variables_are_unique),
		settings_test(settings_names_are_lower_case_words_with_dashes),
		settings_test(
		    settings_flags_take_no_argument_and_all_others_do),
		settings_test(settings_limits_make_sense),
		settings_test(settings_defaults_are_the_contracts),
		settings_test(
		    settings_have_the_contracts_letters_and_variables),
		settings_test(settings_refuse_secrets_on_the_command_line),
		settings_test(settings_take_secrets_from_the_environment),
		settings_test(settings_take_the_contracts_values),
		settings_test(settings_help_fits_a_terminal),
	};

	return TEST_RUN(tests);
}
