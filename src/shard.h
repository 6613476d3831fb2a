/*
 * shard: which of N processes watches a user.
 *
 * By rendezvous hashing: each process computes the same answer from the ID
 * alone, and when N grows by one only one user in N+1 moves.
 */
#ifndef GCP_SHARD_H
#define GCP_SHARD_H

#include <stdbool.h>

#include "span.h"

struct fail;

struct shard {
	unsigned int mine; /* from 0 */
	unsigned int of;   /* 0: there is no sharding */
};

/* Reads "K/N".  -1 with FAIL_CONFIG. */
int shard_parse(const char *text, struct shard *ret, struct fail *why);

/* Whether the user, by the ID as it is compared, is this process's. */
bool shard_has(const struct shard *shard, struct span id);

#endif
