/*
 * fault: what is to go wrong with the next HTTP requests.
 *
 * Faults are kept per endpoint in the order in which they were asked for.
 */
#ifndef GCP_SIM_FAULT_H
#define GCP_SIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "span.h"

/* What a fault can be aimed at. */
enum endpoint {
	ENDPOINT_TOKEN,
	ENDPOINT_CHANNELS,
	ENDPOINT_CHANNEL_LIST,
	ENDPOINT_SUBSCRIPTIONS,
	ENDPOINT_BULK,
	ENDPOINT_UPGRADE,
	ENDPOINT_ME,
	ENDPOINT_USERS,
	ENDPOINT_USER_SEARCH,
	ENDPOINT_QUEUES,
	ENDPOINT_QUEUE_MEMBERS,
	ENDPOINT_GROUPS,
	ENDPOINT_GROUP_MEMBERS,
	ENDPOINT_TEAMS,
	ENDPOINT_TEAM_MEMBERS,
	ENDPOINT_OTHER, /* only "any" aims at it */
	ENDPOINT_ANY,
};
#define ENDPOINTS ENDPOINT_ANY

enum fault_kind {
	FAULT_ANSWER,
	FAULT_HANG,
	FAULT_DELAY,
};

struct fault {
	enum fault_kind kind;
	enum endpoint endpoint;
	uint64_t times; /* 0: from now on */
	int status;
	int64_t delay_ms;
	struct buf headers; /* whole lines */
	struct buf body;
	bool has_body;
};

struct faults;

const char *endpoint_name(enum endpoint endpoint);

/* "other" is nothing that can be aimed at; -1 where there is no such name. */
int endpoint_find(struct span name, enum endpoint *ret_endpoint);

struct fault *fault_new(enum fault_kind kind);
void fault_free(struct fault *fault);

struct faults *faults_new(void);
void faults_free(struct faults *faults);

/* Takes over the fault. */
void faults_take(struct faults *faults, struct fault *fault);
void faults_clear(struct faults *faults);

/*
 * The first fault that meets this request, counted: of the kind delay, or of
 * one of the others.  It is valid until the next call; NULL for none.
 */
const struct fault *faults_next(
    struct faults *faults, enum endpoint endpoint, bool delay);

/* Visits what is pending: start with *cursor 0. */
const struct fault *faults_visit(const struct faults *faults, size_t *cursor);

#endif
