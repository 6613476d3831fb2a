/*
 * topic: the names of the Notifications API, read.
 */
#ifndef GCP_SIM_TOPIC_H
#define GCP_SIM_TOPIC_H

#include <stdbool.h>

#include "span.h"

enum topic_kind {
	TOPIC_UNKNOWN,  /* no such topic */
	TOPIC_OTHER,    /* one that the simulator never sends on */
	TOPIC_PRESENCE, /* of the user, alone or combined with others */
};

/* v2.users.{id}.presence, v2.users.{id}?presence&routingStatus, … */
enum topic_kind topic_read(struct span name, struct span *ret_user);

#endif
