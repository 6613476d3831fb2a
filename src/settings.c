#include "config.h"

#include "settings.h"

#include <stddef.h>

#define AT(member) .offset = offsetof(struct settings, member)

#define SECOND 1000
#define HOUR   (3600LL * SECOND)
#define DAY    (24 * HOUR)

static const struct setting rows[] = {
	{ "file", 'f', "FILE", .kind = SETTING_TEXT, AT(file),
	    .only_option = true, .help = "YAML file of users and settings" },
	{ "region", 'r', "NAME", "GENESYSCLOUD_REGION", SETTING_TEXT,
	    AT(region), .preset = "us-east-1",
	    .help = "region, by its AWS name, or a domain such as "
		    "mypurecloud.de" },
	{ "client-id", 0, "ID", "GENESYSCLOUD_OAUTHCLIENT_ID", SETTING_TEXT,
	    AT(client_id), .help = "OAuth client (client-credentials grant)" },
	{ "client-secret-file", 0, "FILE", "GENESYSCLOUD_OAUTHCLIENT_SECRET",
	    SETTING_TEXT, AT(client_secret_file), .value_in_environment = true,
	    .value_offset = offsetof(struct settings, client_secret),
	    .help = "file with the client's secret; the variable holds the "
		    "secret itself" },
	{ "client-secret", 0, "VALUE", .kind = SETTING_REFUSED,
	    .only_option = true,
	    .help = "a command line is public: use --client-secret-file, or "
		    "$GENESYSCLOUD_OAUTHCLIENT_SECRET" },
	{ "access-token-file", 0, "FILE", "GENESYSCLOUD_ACCESS_TOKEN",
	    SETTING_TEXT, AT(access_token_file), .value_in_environment = true,
	    .value_offset = offsetof(struct settings, access_token),
	    .help = "file with a ready token, instead of a client; the "
		    "variable holds the token itself" },
	{ "access-token", 0, "VALUE", .kind = SETTING_REFUSED,
	    .only_option = true,
	    .help = "a command line is public: use --access-token-file, or "
		    "$GENESYSCLOUD_ACCESS_TOKEN" },
	{ "login-url", 0, "URL", "GENESYSCLOUD_LOGIN_URL", SETTING_TEXT,
	    AT(login_url),
	    .help = "where tokens come from, instead of the region's host" },
	{ "api-url", 0, "URL", "GENESYSCLOUD_API_URL", SETTING_TEXT,
	    AT(api_url),
	    .help = "another host than the region's, such as the simulator; "
		    "tokens come from there too, but for --login-url" },
	{ "cacert", 0, "FILE", .kind = SETTING_TEXT, AT(cacert),
	    .help = "trusted CAs for every connection, instead of the "
		    "system's" },
	{ "protocol", 0, "NAME", .kind = SETTING_CHOICE, AT(protocol),
	    .preset = "auto", .choices = "auto|notifications|events",
	    .help = "wire protocol" },
	{ "ping-interval", 0, "TIME", .kind = SETTING_DURATION,
	    AT(ping_interval_ms), .preset = "20", .min = 10, .max = HOUR,
	    .help = "between WebSocket pings" },
	{ "ping-timeout", 0, "TIME", .kind = SETTING_DURATION,
	    AT(ping_timeout_ms), .preset = "10", .min = 10, .max = HOUR,
	    .help = "for the answer to a ping" },
	{ "retry-base", 0, "TIME", .kind = SETTING_DURATION, AT(retry_base_ms),
	    .preset = "2", .min = 1, .max = HOUR,
	    .help = "reconnection waits for at most this x 2^n, at random" },
	{ "retry-max", 0, "TIME", .kind = SETTING_DURATION, AT(retry_max_ms),
	    .preset = "60", .min = 1, .max = DAY,
	    .help = "and never longer than this" },
	{ "max-retries", 0, "N", .kind = SETTING_NUMBER, AT(max_retries),
	    .preset = "5", .min = 0, .max = 1000000,
	    .help = "tries in a row before giving up; 0: never give up" },
	{ "max-subscriptions", 0, "N", .kind = SETTING_NUMBER,
	    AT(max_subscriptions), .min = 1, .max = 1000,
	    .help = "users of a connection (default: 100 for events, 1000 "
		    "for notifications)" },
	{ "max-channels", 0, "N", .kind = SETTING_NUMBER, AT(max_channels),
	    .preset = "20", .min = 1, .max = 200, .help = "connections" },
	{ "max-sends-per-minute", 0, "N", .kind = SETTING_NUMBER,
	    AT(max_sends_per_minute), .preset = "30", .min = 1, .max = 100000,
	    .help = "subscription sends in any minute, per connection" },
	{ "max-requests-per-minute", 0, "N", .kind = SETTING_NUMBER,
	    AT(max_requests_per_minute), .preset = "300", .min = 1,
	    .max = 100000, .help = "REST requests in any minute" },
	{ "state", 's', "FILE", .kind = SETTING_TEXT, AT(state),
	    .help = "keep the last presence of each user here across runs" },
	{ "once", 0, .kind = SETTING_FLAG, AT(once),
	    .help = "ask for the present presence, print what differs from "
		    "the state, and exit" },
	{ "replay", 0, "FILE", .kind = SETTING_TEXT, AT(replay),
	    .help = "read recorded messages instead of connecting; -: from "
		    "standard input" },
	{ "no-initial", 0, .kind = SETTING_FLAG, AT(no_initial),
	    .help = "do not print the first state that is seen of a user" },
	{ "only", 0, "STATES", .kind = SETTING_TEXT, AT(only),
	    .help = "print only changes into these states, such as "
		    "BUSY,OFFLINE" },
	{ "ignore", 0, "STATES", .kind = SETTING_TEXT, AT(ignore),
	    .help = "do not print changes into these states" },
	{ "format", 'o', "NAME", .kind = SETTING_CHOICE, AT(tsv),
	    .preset = "ndjson", .choices = "ndjson|tsv",
	    .help = "of the output" },
	{ "gaps", 0, .kind = SETTING_FLAG, AT(gaps),
	    .help = "print a line for each blind interval too" },
	{ "shard", 0, "K/N", "GCPRESENCE_SHARD", SETTING_TEXT, AT(shard),
	    .help = "watch only the users that fall to shard K (0 to N-1) of "
		    "N" },
	{ "strict", 0, .kind = SETTING_FLAG, AT(strict),
	    .help = "stop at a bad user ID instead of skipping it" },
	{ "count", 'n', "N", .kind = SETTING_NUMBER, AT(count), .min = 1,
	    .max = INT64_MAX, .help = "stop after N printed changes" },
	{ "for", 0, "TIME", .kind = SETTING_DURATION, AT(for_ms), .min = 1,
	    .max = 3660 * DAY,
	    .help = "stop after this time: 90, 90s, 15m, 8h" },
	{ "until", 0, "STATES", .kind = SETTING_TEXT, AT(until),
	    .help = "stop with 0 once every user is in one of these states; "
		    "with --for, 1 if that did not come" },
	{ "queue-size", 0, "BYTES", .kind = SETTING_BYTES, AT(queue_size),
	    .preset = "64M", .min = 4096, .max = 1LL << 40,
	    .help = "output that may wait for a slow reader" },
	{ "audit", 0, "FILE", .kind = SETTING_TEXT, AT(audit),
	    .help = "append an audit log, JSON lines" },
	{ "metrics", 0, "FILE", .kind = SETTING_TEXT, AT(metrics),
	    .help = "write metrics in Prometheus text format, every 5 s" },
	{ "check", 0, .kind = SETTING_FLAG, AT(check), .only_option = true,
	    .help = "try hosts, TLS, clock, credentials, permissions and a "
		    "channel; print what was found; change nothing" },
	{ "plan", 0, .kind = SETTING_FLAG, AT(plan), .only_option = true,
	    .help = "print what would be subscribed; connect to nothing" },
	{ "verbose", 'v', .kind = SETTING_FLAG, AT(verbose),
	    .help = "say more on standard error; twice: everything" },
	{ "quiet", 'q', .kind = SETTING_FLAG, AT(quiet),
	    .help = "say only why it failed" },
	{ "log-format", 0, "NAME", .kind = SETTING_CHOICE, AT(log_json),
	    .preset = "text", .choices = "text|json", .help = "of the log" },
	{ "list-regions", 0, .kind = SETTING_FLAG, AT(list_regions),
	    .only_option = true, .help = "print the regions and exit" },
	{ "help", 'h', .kind = SETTING_FLAG, AT(help), .only_option = true,
	    .help = "print this and exit" },
	{ "version", 'V', .kind = SETTING_FLAG, AT(version),
	    .only_option = true, .help = "print the version and exit" },
};

const struct setting_table settings_table = {
	.program = "gcpresence",
	.synopsis = "[options] [ID ...]\n"
		    "[options] -f FILE\n"
		    "[options] < IDS",
	.purpose = "Watches users' presence in Genesys Cloud, and prints each "
		   "change as JSON.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
};
