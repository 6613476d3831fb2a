#include "config.h"

#include "pace.h"

#include <stdlib.h>

#include "listener.h"
#include "loop.h"
#include "now.h"
#include "rng.h"
#include "sim.h"
#include "simopt.h"
#include "stream.h"
#include "world.h"
#include "xalloc.h"

/* Changes of one go, so that other work is not kept waiting. */
#define BATCH 20000
/* With --rate max: changes between two looks at what waits. */
#define PORTION 64
/* A rate that cannot be kept is not made up for beyond this. */
#define MAX_BEHIND_S 1
#define MAX_SLEEP_MS 3600000.0

struct pace {
	struct sim *sim;
	struct loop_timer *timer;
	double rate;
	bool held;
	bool started; /* enough users were subscribed once */
	bool running; /* since_ms and since_made hold */
	int64_t since_ms;
	uint64_t since_made;
	uint64_t made;
	struct rng foreign;
};

static void on_tick(void *arg);

struct pace *
pace_new(struct sim *sim)
{
	struct pace *pace;

	pace = xcalloc(1, sizeof(*pace));
	pace->sim = sim;
	pace->timer = loop_timer_new(sim->loop, on_tick, pace);
	pace->rate = sim->opt->rate;
	pace->held = sim->opt->hold > 0;
	rng_seed(&pace->foreign, (uint64_t)sim->opt->seed ^ 0xf07e16);
	return pace;
}

void
pace_free(struct pace *pace)
{
	if (pace == NULL)
		return;
	loop_timer_free(pace->timer);
	free(pace);
}

static bool
is_over(const struct pace *pace)
{
	int64_t events = pace->sim->opt->events;

	return events >= 0 && pace->made >= (uint64_t)events;
}

/* An extra event of another source, which is not the truth. */
static void
maybe_foreign(struct pace *pace, const struct event *event)
{
	struct event foreign = *event;
	const struct world *world = pace->sim->world;
	const struct user *other;
	double drawn;

	if (pace->sim->opt->foreign <= 0)
		return;
	drawn = (double)rng_below(&pace->foreign, 1000000) / 1000000;
	other =
	    world_user(world, rng_below(&pace->foreign, world_count(world)));
	if (drawn >= pace->sim->opt->foreign)
		return;
	foreign.definition = other->definition;
	foreign.changed = false;
	foreign.primary = false;
	stream_publish(pace->sim->stream, &foreign);
}

static bool
step(struct pace *pace)
{
	struct event event;

	if (is_over(pace) ||
	    !world_step(pace->sim->world, sim_wall_ms(pace->sim), &event))
		return false;
	pace->made++;
	stream_publish(pace->sim->stream, &event);
	maybe_foreign(pace, &event);
	return true;
}

/* As many as fit into the connections. */
static void
step_while_room(struct pace *pace)
{
	int i;

	for (i = 0; i < BATCH && stream_has_room(pace->sim->stream);)
		for (int left = PORTION; left > 0; left--, i++)
			if (!step(pace))
				return;
	if (audience_users(stream_audience(pace->sim->stream)) > 0)
		loop_timer_set(pace->timer, 1);
}

/* As many as the clock wants; then sleeps until the next one. */
static void
step_by_clock(struct pace *pace)
{
	double elapsed_s, sleep_ms;
	uint64_t due;
	int i;

	if (!pace->running) {
		pace->running = true;
		pace->since_ms = now_ms();
		pace->since_made = pace->made;
	}
	elapsed_s = (double)(now_ms() - pace->since_ms) / 1000;
	due = (uint64_t)(elapsed_s * pace->rate);
	for (i = 0; i < BATCH && pace->made - pace->since_made < due; i++)
		if (!step(pace))
			return;
	due -= pace->made - pace->since_made;
	if ((double)due > pace->rate * MAX_BEHIND_S && due > BATCH)
		pace->running = false;
	sleep_ms = 0;
	if (due == 0)
		sleep_ms =
		    ((double)(pace->made - pace->since_made + 1) / pace->rate -
			elapsed_s) *
		    1000;
	if (sleep_ms > MAX_SLEEP_MS)
		sleep_ms = MAX_SLEEP_MS;
	loop_timer_set(pace->timer, (int64_t)sleep_ms + 1);
}

static void
on_tick(void *arg)
{
	struct pace *pace = arg;
	struct sim *sim = pace->sim;

	if (!pace->started)
		pace->started = (int64_t)audience_users(stream_audience(
				    sim->stream)) >= sim->opt->start_at;
	if (!pace->started || pace->held || is_over(pace))
		return;
	if (pace->rate == SIMOPT_MAX_RATE)
		step_while_room(pace);
	else if (pace->rate > 0)
		step_by_clock(pace);
}

void
pace_wake(struct pace *pace)
{
	if (pace == NULL || loop_timer_is_set(pace->timer))
		return;
	loop_timer_set(pace->timer, 0);
}

void
pace_hold(struct pace *pace, bool held)
{
	pace->held = held;
	pace->running = false;
	pace_wake(pace);
}

void
pace_set_rate(struct pace *pace, double rate)
{
	pace->rate = rate;
	pace->running = false;
	loop_timer_stop(pace->timer);
	pace_wake(pace);
}

bool
pace_is_held(const struct pace *pace)
{
	return pace->held;
}

double
pace_rate(const struct pace *pace)
{
	return pace->rate;
}
