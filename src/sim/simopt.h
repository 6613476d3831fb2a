/*
 * simopt: what the command line of gcpresence-sim can say.
 */
#ifndef GCP_SIM_SIMOPT_H
#define GCP_SIM_SIMOPT_H

#include <stdbool.h>
#include <stdint.h>

#include "setting.h"

struct fail;

/* Changes per second that mean "as fast as connections take them". */
#define SIMOPT_MAX_RATE (-1.0)

struct simopt {
	char *listen;
	int64_t users;
	char *rate_text;
	int64_t seed;
	int ids;
	int64_t events; /* -1: no end */
	int hold;
	int64_t start_at;
	char *unchanged_text;
	char *foreign_text;
	char *initial;
	char *queues;
	char *groups;
	char *teams;
	char *client_id;
	char *client_secret;
	int64_t token_life_ms;
	int64_t channel_life_ms;
	int64_t heartbeat_ms;
	int64_t max_channels;
	int64_t max_topics;
	int64_t max_bulk;
	int64_t max_requests;
	int64_t max_token_requests;
	int64_t events_users;
	int64_t events_sends;
	char *scope;
	int no_notifications;
	int no_events;
	int strict_users;
	char *script;
	char *journal;
	char *tls_cert;
	char *tls_key;
	int verbose;
	int quiet;
	int help;
	int version;

	/* Made of the texts above by simopt_check(). */
	char *host;
	char *port;
	double rate;
	double unchanged;
	double foreign;
};

extern const struct setting_table simopt_table;

/* Judges the values as a whole and fills the derived ones. */
int simopt_check(struct simopt *opt, struct fail *why);
void simopt_done(struct simopt *opt);

/* A rate as people type it: a decimal number or "max". */
int simopt_parse_rate(const char *text, double *ret_rate);

#endif
