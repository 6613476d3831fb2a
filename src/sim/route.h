/*
 * route: which paths there are, and who answers them.
 */
#ifndef GCP_SIM_ROUTE_H
#define GCP_SIM_ROUTE_H

#include <stdbool.h>

#include "call.h"
#include "fault.h"

struct conn;
struct socket;

enum route_flags {
	ROUTE_BEARER = 1, /* needs a token, and counts against its budget */
	ROUTE_NOTIFICATIONS = 2, /* part of the Notifications API */
	ROUTE_CONTROL = 4,       /* the simulator's own: no faults */
};

struct route {
	const char *method; /* GET includes HEAD */
	const char *path;   /* "*" stands for one segment */
	enum endpoint endpoint;
	int flags;
	call_fn *answer;
};

/*
 * The route of a call, whose id is filled; NULL where there is none, and then
 * whether there is one by another method.
 */
const struct route *route_find(struct call *call, bool *ret_path_known);

/* A path that is upgraded: first it is decided, then it is done. */
struct upgrade {
	const char *path;
	/* False where the call is answered with a refusal. */
	bool (*admit)(struct call *call);
	struct socket *(*connect)(struct call *call, struct conn *conn);
};

const struct upgrade *route_find_upgrade(struct call *call);

#endif
