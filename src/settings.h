/*
 * settings: what gcpresence can be told, in one table.
 *
 * --help, the manual's OPTIONS, the environment and the keys of the YAML file
 * all come from this table or are tested against it.
 */
#ifndef GCP_SETTINGS_H
#define GCP_SETTINGS_H

#include <stdint.h>

#include "setting.h"

enum settings_protocol {
	SETTINGS_AUTO,
	SETTINGS_NOTIFICATIONS,
	SETTINGS_EVENTS,
};

struct settings {
	char *file;
	char *region;
	char *client_id;
	char *client_secret_file;
	char *client_secret; /* from the environment only */
	char *access_token_file;
	char *access_token; /* from the environment only */
	char *login_url;
	char *api_url;
	char *cacert;
	int protocol; /* enum settings_protocol */
	int64_t ping_interval_ms;
	int64_t ping_timeout_ms;
	int64_t retry_base_ms;
	int64_t retry_max_ms;
	int64_t max_retries;
	int64_t max_subscriptions; /* 0: what the protocol allows */
	int64_t max_channels;
	int64_t max_sends_per_minute;
	int64_t max_requests_per_minute;
	int strict;
	char *state;
	int once;
	char *replay;
	int no_initial;
	char *only;
	char *ignore;
	int tsv; /* the format */
	int gaps;
	char *shard;
	int64_t count;  /* 0: no end */
	int64_t for_ms; /* 0: no end */
	char *until;
	int64_t queue_size;
	char *audit;
	char *metrics;
	int check;
	int plan;
	int verbose;
	int quiet;
	int log_json;
	int list_regions;
	int help;
	int version;
};

extern const struct setting_table settings_table;

#endif
