#include "config.h"

#include "usersopt.h"

#include <stddef.h>

#define AT(member)     .offset = offsetof(struct users_settings, member)
#define SHARED(member) .offset = offsetof(struct users_settings, base.member)

#define SECOND 1000
#define HOUR   (3600LL * SECOND)
#define DAY    (24 * HOUR)

static const struct setting rows[] = {
	{ "queue", 0, "NAME|ID", .kind = SETTING_TEXT, AT(queue),
	    .only_option = true,
	    .help = "members of this queue; may be given several times" },
	{ "group", 0, "NAME|ID", .kind = SETTING_TEXT, AT(group),
	    .only_option = true,
	    .help = "members of this group, owners too; several times" },
	{ "team", 0, "NAME|ID", .kind = SETTING_TEXT, AT(team),
	    .only_option = true,
	    .help = "members of this team; several times" },
	{ "email", 0, .kind = SETTING_FLAG, AT(email), .only_option = true,
	    .help = "who has the e-mail addresses on standard input, one on "
		    "each line" },
	{ "format", 'o', "NAME", .kind = SETTING_CHOICE, AT(form),
	    .preset = "tsv", .choices = "tsv|yaml",
	    .help = "tsv: lines for gcpresence; yaml: a file for its -f" },
	{ "region", 'r', "NAME", "GENESYSCLOUD_REGION", SETTING_TEXT,
	    SHARED(region), .preset = "us-east-1",
	    .help = "region, by its AWS name, or a domain such as "
		    "mypurecloud.de" },
	{ "client-id", 0, "ID", "GENESYSCLOUD_OAUTHCLIENT_ID", SETTING_TEXT,
	    SHARED(client_id),
	    .help = "OAuth client (client-credentials grant)" },
	{ "client-secret-file", 0, "FILE", "GENESYSCLOUD_OAUTHCLIENT_SECRET",
	    SETTING_TEXT, SHARED(client_secret_file),
	    .value_in_environment = true,
	    .value_offset = offsetof(struct users_settings, base.client_secret),
	    .help = "file with the client's secret; the variable holds the "
		    "secret itself" },
	{ "client-secret", 0, "VALUE", .kind = SETTING_REFUSED,
	    .only_option = true,
	    .help = "a command line is public: use --client-secret-file, or "
		    "$GENESYSCLOUD_OAUTHCLIENT_SECRET" },
	{ "access-token-file", 0, "FILE", "GENESYSCLOUD_ACCESS_TOKEN",
	    SETTING_TEXT, SHARED(access_token_file),
	    .value_in_environment = true,
	    .value_offset = offsetof(struct users_settings, base.access_token),
	    .help = "file with a ready token, instead of a client; the "
		    "variable holds the token itself" },
	{ "access-token", 0, "VALUE", .kind = SETTING_REFUSED,
	    .only_option = true,
	    .help = "a command line is public: use --access-token-file, or "
		    "$GENESYSCLOUD_ACCESS_TOKEN" },
	{ "login-url", 0, "URL", "GENESYSCLOUD_LOGIN_URL", SETTING_TEXT,
	    SHARED(login_url),
	    .help = "where tokens come from, instead of the region's host" },
	{ "api-url", 0, "URL", "GENESYSCLOUD_API_URL", SETTING_TEXT,
	    SHARED(api_url),
	    .help = "another host than the region's, such as the simulator; "
		    "tokens come from there too, but for --login-url" },
	{ "cacert", 0, "FILE", .kind = SETTING_TEXT, SHARED(cacert),
	    .help = "trusted CAs for every connection, instead of the "
		    "system's" },
	{ "max-requests-per-minute", 0, "N", .kind = SETTING_NUMBER,
	    SHARED(max_requests_per_minute), .preset = "300", .min = 1,
	    .max = 100000, .help = "REST requests in any minute" },
	{ "max-retries", 0, "N", .kind = SETTING_NUMBER, SHARED(max_retries),
	    .preset = "5", .min = 0, .max = 1000000,
	    .help = "tries in a row before giving up; 0: never give up" },
	{ "retry-base", 0, "TIME", .kind = SETTING_DURATION,
	    SHARED(retry_base_ms), .preset = "2", .min = 1, .max = HOUR,
	    .help = "a request that failed waits for at most this x 2^n, at "
		    "random" },
	{ "retry-max", 0, "TIME", .kind = SETTING_DURATION,
	    SHARED(retry_max_ms), .preset = "60", .min = 1, .max = DAY,
	    .help = "and never longer than this" },
	{ "verbose", 'v', .kind = SETTING_FLAG, SHARED(verbose),
	    .help = "say more on standard error; twice: everything" },
	{ "quiet", 'q', .kind = SETTING_FLAG, SHARED(quiet),
	    .help = "say only why it failed" },
	{ "log-format", 0, "NAME", .kind = SETTING_CHOICE, SHARED(log_json),
	    .preset = "text", .choices = "text|json", .help = "of the log" },
	{ "list-regions", 0, .kind = SETTING_FLAG, SHARED(list_regions),
	    .only_option = true, .help = "print the regions and exit" },
	{ "help", 'h', .kind = SETTING_FLAG, SHARED(help), .only_option = true,
	    .help = "print this and exit" },
	{ "version", 'V', .kind = SETTING_FLAG, SHARED(version),
	    .only_option = true, .help = "print the version and exit" },
};

const struct setting_table usersopt_table = {
	.program = "gcpresence-users",
	.synopsis = "[options]\n"
		    "[options] [--queue NAME|ID] [--group NAME|ID] "
		    "[--team NAME|ID] ...\n"
		    "[options] --email < ADDRESSES",
	.purpose = "Prints the IDs and names of users in Genesys Cloud, ready "
		   "for gcpresence.",
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
};
