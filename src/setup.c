#include "config.h"

#include "setup.h"

#include <string.h>
#include <unistd.h>

#include "caps.h"
#include "fail.h"
#include "intake.h"
#include "log.h"
#include "options.h"
#include "settings.h"

static enum log_level
level_of(const struct settings *settings)
{
	if (settings->quiet > 0)
		return LOG_AT_ERROR;
	if (settings->verbose == 0)
		return LOG_AT_NOTICE;
	return settings->verbose == 1 ? LOG_AT_INFO : LOG_AT_DEBUG;
}

void
setup_log(const struct settings *settings)
{
	log_setup(
	    settings_table.program, level_of(settings), settings->log_json > 0);
}

/* One of the settings that are small languages of their own. */
static int
check_language(
    const char *option, int rc, const struct fail *reason, struct fail *why)
{
	if (rc == 0)
		return 0;
	return fail_set(why, FAIL_CONFIG, "--%s: %s", option, reason->text);
}

static int
parse_states(struct states *states, const char *option, const char *text,
    struct fail *why)
{
	struct fail reason;
	struct span unknown;

	if (text == NULL)
		return 0;
	if (check_language(option, states_parse(states, text, &reason), &reason,
		why) == -1)
		return -1;
	/* The service may have a new one, so it is no mistake for sure. */
	unknown = states_unknown(states);
	if (unknown.len > 0)
		log_warning(NULL, "--%s: no state is known as '%.*s'", option,
		    (int)unknown.len, unknown.at);
	return 0;
}

static int
parse_languages(struct setup *setup, struct fail *why)
{
	const struct settings *settings = setup->settings;
	struct fail reason;

	if (parse_states(&setup->only, "only", settings->only, why) == -1 ||
	    parse_states(&setup->ignore, "ignore", settings->ignore, why) ==
		-1 ||
	    parse_states(&setup->until, "until", settings->until, why) == -1)
		return -1;
	if (settings->shard != NULL &&
	    check_language("shard",
		shard_parse(settings->shard, &setup->shard, &reason), &reason,
		why) == -1)
		return -1;
	return 0;
}

/* The files beside them would be ".tmp" and ".lock" of the present folder. */
static int
check_names(const struct settings *settings, struct fail *why)
{
	if (settings->state != NULL && *settings->state == '\0')
		return fail_set(
		    why, FAIL_CONFIG, "--state: the file's name is empty");
	if (settings->metrics != NULL && *settings->metrics == '\0')
		return fail_set(
		    why, FAIL_CONFIG, "--metrics: the file's name is empty");
	return 0;
}

static int
check_settings(const struct settings *settings, struct fail *why)
{
	if (settings->protocol == SETTINGS_NOTIFICATIONS &&
	    settings->max_channels > CAP_CHANNELS)
		return fail_set(why, FAIL_CONFIG,
		    "--max-channels: the service allows %d channels of a "
		    "client",
		    CAP_CHANNELS);
	if (settings->protocol == SETTINGS_EVENTS && settings->once > 0)
		return fail_set(why, FAIL_CONFIG,
		    "--once: the events socket has no snapshot to take; it "
		    "needs --protocol notifications");
	if (settings->gaps > 0 && settings->tsv > 0)
		return fail_set(why, FAIL_USAGE,
		    "--gaps: a blind interval has none of tsv's columns; it "
		    "needs --format ndjson");
	if ((settings->replay != NULL) + settings->once + settings->check +
		settings->plan >
	    1 + (settings->plan > 0 && settings->once > 0))
		return fail_set(why, FAIL_USAGE,
		    "--replay, --once, --check and --plan exclude each other");
	return 0;
}

int
setup_read(struct setup *setup, struct setting_values *values,
    struct intake *intake, char *const *operands, struct fail *why)
{
	const struct settings *settings = values->target;
	bool asked;
	int rc;

	setup->values = values;
	setup->settings = values->target;
	rc = intake_read_file(intake, why);
	setup_log(settings);
	if (rc == -1 || setting_read_environment(values, why) == -1)
		return -1;
	setup->read_input = intake_read_operands(intake, operands, &asked);
	setup->is_dry = settings->check > 0 || settings->plan > 0;
	setup->has_users = !setup->read_input || asked;
	/* These can do without users. */
	if ((settings->replay != NULL || settings->check > 0) && !asked)
		setup->read_input = false;
	if (asked && settings->replay != NULL &&
	    strcmp(settings->replay, "-") == 0)
		return fail_set(why, FAIL_USAGE,
		    "standard input cannot be both recording and user IDs");
	if (setup->read_input && !asked && isatty(STDIN_FILENO)) {
		options_print_hint(&settings_table);
		return fail_set(why, FAIL_USAGE, "%s", "");
	}
	if (check_names(settings, why) == -1 ||
	    check_settings(settings, why) == -1)
		return -1;
	return parse_languages(setup, why);
}
