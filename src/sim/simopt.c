#include "config.h"

#include "simopt.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "text.h"
#include "world.h"
#include "xalloc.h"

#define DAY_MS (24LL * 3600 * 1000)

#define AT(member) .offset = offsetof(struct simopt, member)

static const struct setting rows[] = {
	{
	    .name = "listen",
	    .argument = "HOST:PORT",
	    .kind = SETTING_TEXT,
	    AT(listen),
	    .preset = "127.0.0.1:0",
	    .help = "where to serve; port 0 is any free one",
	},
	{
	    .name = "users",
	    .argument = "N",
	    .kind = SETTING_NUMBER,
	    AT(users),
	    .preset = "12",
	    .min = 0,
	    .max = 1000000,
	    .help = "how many users exist",
	},
	{
	    .name = "rate",
	    .argument = "R",
	    .kind = SETTING_TEXT,
	    AT(rate_text),
	    .preset = "1",
	    .help = "changes a second over all users; 'max': as fast as "
		    "connections take them",
	},
	{
	    .name = "seed",
	    .argument = "S",
	    .kind = SETTING_NUMBER,
	    AT(seed),
	    .preset = "1",
	    .min = 0,
	    .max = INT64_MAX,
	    .help = "same seed, same users and changes",
	},
	{
	    .name = "ids",
	    .kind = SETTING_FLAG,
	    AT(ids),
	    .help = "print the users' IDs and names, and exit",
	},
	{
	    .name = "events",
	    .argument = "N",
	    .kind = SETTING_NUMBER,
	    AT(events),
	    .preset = "-1",
	    .min = -1,
	    .max = INT64_MAX,
	    .help = "stop changing after N changes; -1: never",
	},
	{
	    .name = "hold",
	    .kind = SETTING_FLAG,
	    AT(hold),
	    .help = "no change before the directive 'go'",
	},
	{
	    .name = "start-at",
	    .argument = "N",
	    .kind = SETTING_NUMBER,
	    AT(start_at),
	    .preset = "0",
	    .min = 0,
	    .max = 1000000,
	    .help = "no change before N users are subscribed",
	},
	{
	    .name = "unchanged",
	    .argument = "SHARE",
	    .kind = SETTING_TEXT,
	    AT(unchanged_text),
	    .preset = "0",
	    .help = "share, 0 to 1, of events that repeat the state",
	},
	{
	    .name = "foreign",
	    .argument = "SHARE",
	    .kind = SETTING_TEXT,
	    AT(foreign_text),
	    .preset = "0",
	    .help = "share of extra events of a source that is not primary",
	},
	{
	    .name = "initial",
	    .argument = "STATE",
	    .kind = SETTING_TEXT,
	    AT(initial),
	    .preset = "OFFLINE",
	    .help = "the state of all at the start, or 'random'",
	},
	{
	    .name = "queues",
	    .argument = "NAMES",
	    .kind = SETTING_TEXT,
	    AT(queues),
	    .preset = "Support,Sales,Billing",
	    .help = "which queues there are, each with half of the users",
	},
	{
	    .name = "groups",
	    .argument = "NAMES",
	    .kind = SETTING_TEXT,
	    AT(groups),
	    .preset = "Supervisors,Night Shift,Trainees",
	    .help = "which groups, each with a third of them",
	},
	{
	    .name = "teams",
	    .argument = "NAMES",
	    .kind = SETTING_TEXT,
	    AT(teams),
	    .preset = "Red,Green,Blue",
	    .help = "which teams; each user is in one",
	},
	{
	    .name = "client-id",
	    .argument = "ID",
	    .kind = SETTING_TEXT,
	    AT(client_id),
	    .preset = "sim-client",
	    .help = "the one OAuth client",
	},
	{
	    .name = "client-secret",
	    .argument = "SECRET",
	    .kind = SETTING_TEXT,
	    AT(client_secret),
	    .preset = "sim-secret",
	    .help = "its secret, which is none",
	},
	{
	    .name = "token-life",
	    .argument = "S",
	    .kind = SETTING_DURATION,
	    AT(token_life_ms),
	    .preset = "86400",
	    .min = 1,
	    .max = 365 * DAY_MS,
	    .help = "life of a token",
	},
	{
	    .name = "channel-life",
	    .argument = "S",
	    .kind = SETTING_DURATION,
	    AT(channel_life_ms),
	    .preset = "86400",
	    .min = 1,
	    .max = 365 * DAY_MS,
	    .help = "life of a channel",
	},
	{
	    .name = "heartbeat",
	    .argument = "S",
	    .kind = SETTING_DURATION,
	    AT(heartbeat_ms),
	    .preset = "30",
	    .min = 0,
	    .max = DAY_MS,
	    .help = "time between heartbeats on a channel; 0: none",
	},
	{
	    .name = "max-channels",
	    .argument = "N",
	    .kind = SETTING_NUMBER,
	    AT(max_channels),
	    .preset = "20",
	    .min = 1,
	    .max = 10000,
	    .help = "channels of the client; one more evicts one",
	},
	{
	    .name = "max-topics",
	    .argument = "N",
	    .kind = SETTING_NUMBER,
	    AT(max_topics),
	    .preset = "1000",
	    .min = 1,
	    .max = 1000000,
	    .help = "topics of a channel",
	},
	{
	    .name = "max-bulk",
	    .argument = "N",
	    .kind = SETTING_NUMBER,
	    AT(max_bulk),
	    .preset = "50",
	    .min = 1,
	    .max = 1000,
	    .help = "IDs of a bulk request",
	},
	{
	    .name = "max-requests-per-minute",
	    .argument = "N",
	    .kind = SETTING_NUMBER,
	    AT(max_requests),
	    .preset = "300",
	    .min = 0,
	    .max = INT64_MAX,
	    .help = "REST requests of a token; 0: no limit",
	},
	{
	    .name = "max-token-requests-per-minute",
	    .argument = "N",
	    .kind = SETTING_NUMBER,
	    AT(max_token_requests),
	    .preset = "0",
	    .min = 0,
	    .max = INT64_MAX,
	    .help = "requests for tokens; 0: no limit",
	},
	{
	    .name = "events-users",
	    .argument = "N",
	    .kind = SETTING_NUMBER,
	    AT(events_users),
	    .preset = "100",
	    .min = 1,
	    .max = 1000000,
	    .help = "users of a connection of the events protocol",
	},
	{
	    .name = "events-sends-per-minute",
	    .argument = "N",
	    .kind = SETTING_NUMBER,
	    AT(events_sends),
	    .preset = "30",
	    .min = 1,
	    .max = 1000000,
	    .help = "messages that such a connection may send",
	},
	{
	    .name = "scope",
	    .argument = "TEXT",
	    .kind = SETTING_TEXT,
	    AT(scope),
	    .help = "put this scope into token answers",
	},
	{
	    .name = "no-notifications",
	    .kind = SETTING_FLAG,
	    AT(no_notifications),
	    .help = "no Notifications API: 404",
	},
	{
	    .name = "no-events",
	    .kind = SETTING_FLAG,
	    AT(no_events),
	    .help = "no events protocol: 404",
	},
	{
	    .name = "strict-users",
	    .kind = SETTING_FLAG,
	    AT(strict_users),
	    .help = "refuse unknown IDs; else an unknown one becomes a user",
	},
	{
	    .name = "script",
	    .argument = "FILE",
	    .kind = SETTING_TEXT,
	    AT(script),
	    .help = "timed directives: 'at 2.5s drop'",
	},
	{
	    .name = "journal",
	    .argument = "FILE",
	    .kind = SETTING_TEXT,
	    AT(journal),
	    .help = "write down every change, as JSON lines",
	},
	{
	    .name = "tls-cert",
	    .argument = "FILE",
	    .kind = SETTING_TEXT,
	    AT(tls_cert),
	    .help = "serve TLS with this certificate (PEM)",
	},
	{
	    .name = "tls-key",
	    .argument = "FILE",
	    .kind = SETTING_TEXT,
	    AT(tls_key),
	    .help = "and its key (PEM)",
	},
	{
	    .name = "verbose",
	    .letter = 'v',
	    .kind = SETTING_FLAG,
	    AT(verbose),
	    .help = "say more; twice: say all",
	},
	{
	    .name = "quiet",
	    .letter = 'q',
	    .kind = SETTING_FLAG,
	    AT(quiet),
	    .help = "say nothing but errors",
	},
	{
	    .name = "help",
	    .letter = 'h',
	    .kind = SETTING_FLAG,
	    AT(help),
	    .help = "print this and exit",
	},
	{
	    .name = "version",
	    .letter = 'V',
	    .kind = SETTING_FLAG,
	    AT(version),
	    .help = "print the version and exit",
	},
};

const struct setting_table simopt_table = {
	.program = "gcpresence-sim",
	.synopsis = "[--listen HOST:PORT] [--users N] [--rate R] [--seed S] "
		    "[OPTION ...]\n--ids [--users N] [--seed S]",
	.purpose = "Simulates the parts of Genesys Cloud that gcpresence "
		   "talks to.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
};

/* A decimal number, no hexadecimal, no infinity; -1 where it is none. */
static int
parse_decimal(const char *text, double *ret_value)
{
	size_t len = strspn(text, "0123456789.");
	char *end;

	if (len == 0 || text[len] != '\0' || len > 18)
		return -1;
	*ret_value = strtod(text, &end);
	return *end == '\0' ? 0 : -1;
}

int
simopt_parse_rate(const char *text, double *ret_rate)
{
	if (strcmp(text, "max") == 0) {
		*ret_rate = SIMOPT_MAX_RATE;
		return 0;
	}
	if (parse_decimal(text, ret_rate) == -1 || *ret_rate > 1e7)
		return -1;
	return 0;
}

static int
parse_share(
    const char *name, const char *text, double *ret_share, struct fail *why)
{
	if (parse_decimal(text, ret_share) == -1 || *ret_share > 1)
		return fail_set(why, FAIL_CONFIG,
		    "--%s: '%s' is not a share from 0 to 1", name, text);
	return 0;
}

/* Splits HOST:PORT at the last colon; [::1]:0 loses its brackets. */
static int
split_listen(struct simopt *opt, struct fail *why)
{
	const char *colon = strrchr(opt->listen, ':');
	struct span host;
	int64_t port;

	if (colon == NULL || text_number(span_of(colon + 1), &port) == -1 ||
	    port > 65535 || colon == opt->listen)
		return fail_set(why, FAIL_CONFIG,
		    "--listen: '%s' is not HOST:PORT", opt->listen);
	host.at = opt->listen;
	host.len = (size_t)(colon - opt->listen);
	if (host.at[0] == '[' && host.at[host.len - 1] == ']') {
		host.at++;
		host.len -= 2;
	}
	opt->host = xstrndup(host.at, host.len);
	opt->port = xstrdup(colon + 1);
	return 0;
}

int
simopt_check(struct simopt *opt, struct fail *why)
{
	if (simopt_parse_rate(opt->rate_text, &opt->rate) == -1)
		return fail_set(why, FAIL_CONFIG,
		    "--rate: '%s' is neither a number nor 'max'",
		    opt->rate_text);
	if (parse_share(
		"unchanged", opt->unchanged_text, &opt->unchanged, why) == -1 ||
	    parse_share("foreign", opt->foreign_text, &opt->foreign, why) == -1)
		return -1;
	if (strcmp(opt->initial, "random") != 0 &&
	    !world_knows_state(span_of(opt->initial)))
		return fail_set(why, FAIL_CONFIG,
		    "--initial: '%s' is neither a state nor 'random'",
		    opt->initial);
	if ((opt->tls_cert == NULL) != (opt->tls_key == NULL))
		return fail_set(why, FAIL_USAGE,
		    "--tls-cert and --tls-key belong together");
	return split_listen(opt, why);
}

void
simopt_done(struct simopt *opt)
{
	free(opt->host);
	free(opt->port);
	opt->host = NULL;
	opt->port = NULL;
}
