/*
 * sim: the parts of one simulator, held together.
 *
 * Every part borrows it to reach the others.  Parts that need none of the
 * others (world, net, frame, request, reply, journal) do not know it.
 */
#ifndef GCP_SIM_SIM_H
#define GCP_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "rng.h"
#include "text.h"

struct channels;
struct directory;
struct eventsock;
struct fail;
struct faults;
struct journal;
struct loop;
struct net;
struct oauth;
struct pace;
struct script;
struct simopt;
struct stream;
struct web;
struct world;

struct sim {
	const struct simopt *opt;
	struct loop *loop;
	struct world *world;
	struct directory *directory;
	struct journal *journal;
	struct faults *faults;
	struct oauth *oauth;
	struct stream *stream;
	struct channels *channels;
	struct eventsock *events;
	struct pace *pace;
	struct script *script;
	struct web *web;
	struct net *net;
	struct rng ids; /* tokens, channels, correlation IDs */
	int64_t skew_ms;
	char url[300]; /* http://host:port */
};

/* Builds everything and starts to serve. */
struct sim *sim_new(
    const struct simopt *opt, struct loop *loop, struct fail *why);

/* Ends every connection.  -1 where the journal could not be written. */
int sim_end(struct sim *sim, struct fail *why);
void sim_free(struct sim *sim);

/* The simulator's wall clock. */
int64_t sim_wall_ms(const struct sim *sim);

#endif
