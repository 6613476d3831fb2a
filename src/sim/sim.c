#include "config.h"

#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "directory.h"
#include "door.h"
#include "eventsock.h"
#include "fail.h"
#include "fault.h"
#include "journal.h"
#include "net.h"
#include "now.h"
#include "oauth.h"
#include "pace.h"
#include "script.h"
#include "simopt.h"
#include "stream.h"
#include "web.h"
#include "world.h"
#include "xalloc.h"

static void
on_connection(void *arg, struct conn *conn)
{
	struct sim *sim = arg;

	web_serve(sim->web, conn);
}

static int
start_serving(struct sim *sim, struct fail *why)
{
	const struct simopt *opt = sim->opt;
	struct net_options options = { opt->host, opt->port, opt->tls_cert,
		opt->tls_key };
	bool is_v6 = strchr(opt->host, ':') != NULL;

	sim->net = net_new(sim->loop, &options, on_connection, sim, why);
	if (sim->net == NULL)
		return -1;
	(void)snprintf(sim->url, sizeof(sim->url), "%s://%s%s%s:%u",
	    opt->tls_cert == NULL ? "http" : "https", is_v6 ? "[" : "",
	    opt->host, is_v6 ? "]" : "", door_port(net_door(sim->net)));
	return 0;
}

struct sim *
sim_new(const struct simopt *opt, struct loop *loop, struct fail *why)
{
	struct world_options people = { (size_t)opt->users, (uint64_t)opt->seed,
		opt->initial, opt->strict_users > 0, opt->unchanged };
	struct directory_options units = {
		{ opt->queues, opt->groups, opt->teams }, (uint64_t)opt->seed
	};
	struct sim *sim;

	sim = xcalloc(1, sizeof(*sim));
	sim->opt = opt;
	sim->loop = loop;
	rng_seed(&sim->ids, (uint64_t)opt->seed ^ UINT64_C(0x1d5));
	sim->world = world_new(&people, now_wall_ms());
	sim->directory = directory_new(sim->world, &units);
	sim->faults = faults_new();
	sim->journal = journal_new(loop, opt->journal, why);
	if (sim->journal == NULL)
		goto failed;
	sim->oauth = oauth_new(sim);
	sim->stream = stream_new(sim);
	sim->channels = channels_new(sim);
	sim->events = eventsock_new(sim);
	sim->pace = pace_new(sim);
	sim->web = web_new(sim);
	sim->script = script_new(sim, opt->script, why);
	if (sim->script == NULL || start_serving(sim, why) == -1)
		goto failed;
	script_prepare(sim->script);
	pace_wake(sim->pace);
	return sim;

failed:
	sim_free(sim);
	return NULL;
}

int
sim_end(struct sim *sim, struct fail *why)
{
	net_free(sim->net);
	sim->net = NULL;
	return journal_close(sim->journal, why);
}

void
sim_free(struct sim *sim)
{
	if (sim == NULL)
		return;
	net_free(sim->net);
	script_free(sim->script);
	web_free(sim->web);
	channels_free(sim->channels);
	eventsock_free(sim->events);
	stream_free(sim->stream);
	pace_free(sim->pace);
	oauth_free(sim->oauth);
	faults_free(sim->faults);
	journal_free(sim->journal);
	directory_free(sim->directory);
	world_free(sim->world);
	free(sim);
}

int64_t
sim_wall_ms(const struct sim *sim)
{
	return now_wall_ms() + sim->skew_ms;
}
