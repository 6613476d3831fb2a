#include "config.h"

#include "keeper.h"

#include <stdint.h>
#include <stdlib.h>

#include "buf.h"
#include "delta.h"
#include "emit.h"
#include "fail.h"
#include "log.h"
#include "loop.h"
#include "now.h"
#include "output.h"
#include "presence.h"
#include "printer.h"
#include "state.h"
#include "xalloc.h"

/* From a change to its save, and between looks whether it may be written. */
#define SAVE_MS  400
#define CHECK_MS 50
/* Between complaints about a disk that takes nothing. */
#define COMPLAIN_MS 60000
/* Users that are not watched any more are remembered for so long. */
#define REMEMBER_MS (30LL * 24 * 3600 * 1000)

struct keeper {
	struct delta *delta;
	struct printer *printer;
	struct output *output;
	struct state *state;
	struct loop_timer *timer;
	struct buf lines; /* what is to be saved */
	size_t count;
	uint64_t mark; /* when so much of the output is written */
	bool waiting;  /* for that */
	bool dirty;
	bool finishing;
	bool begun;            /* something has changed in this run */
	bool retried;          /* the last save */
	int64_t complained_ms; /* monotonic; 0: never */
};

static void
on_change(void *arg, const struct change *change)
{
	struct keeper *keeper = arg;

	delta_restore(keeper->delta, change);
}

/* What the cache says now is what is to be saved. */
static void
collect(struct keeper *keeper)
{
	struct change change;
	size_t cursor = 0;
	bool watched;
	int64_t oldest_ms = now_wall_ms() - REMEMBER_MS;

	buf_reset(&keeper->lines);
	keeper->count = 0;
	while (delta_next(keeper->delta, &cursor, &change, &watched)) {
		if (!watched && change.received_ms < oldest_ms)
			continue;
		emit_ndjson(&keeper->lines, &change);
		keeper->count++;
	}
	keeper->mark = output_added(keeper->output);
	keeper->waiting = true;
	keeper->dirty = false;
}

static void
step(struct keeper *keeper)
{
	if (state_is_busy(keeper->state))
		return; /* on_done comes back */
	if (!keeper->waiting && keeper->dirty) {
		/* A change that waits for room is not to be saved yet. */
		printer_flush(keeper->printer);
		if (printer_is_empty(keeper->printer))
			collect(keeper);
	}
	if (keeper->waiting && output_written(keeper->output) >= keeper->mark) {
		keeper->waiting = false;
		state_save(keeper->state, &keeper->lines, keeper->count);
	} else if (keeper->waiting || keeper->dirty) {
		loop_timer_set(keeper->timer, CHECK_MS);
	}
}

static void
on_timer(void *arg)
{
	step(arg);
}

static void
on_done(void *arg)
{
	struct keeper *keeper = arg;
	struct fail why;

	if (state_failed(keeper->state, &why)) {
		keeper->dirty = true;
		if (keeper->complained_ms == 0 ||
		    now_ms() - keeper->complained_ms >= COMPLAIN_MS) {
			keeper->complained_ms = now_ms();
			log_error(NULL, "%s; going on without", why.text);
		}
	}
	if (keeper->dirty && !keeper->finishing)
		loop_timer_set(keeper->timer, SAVE_MS);
}

struct keeper *
keeper_new(struct loop *loop, const char *file, struct delta *delta,
    struct printer *printer, struct output *output, struct fail *why)
{
	struct keeper *keeper;

	keeper = xcalloc(1, sizeof(*keeper));
	keeper->delta = delta;
	keeper->printer = printer;
	keeper->output = output;
	keeper->timer = loop_timer_new(loop, on_timer, keeper);
	buf_init(&keeper->lines, SIZE_MAX);
	keeper->state = state_open(loop, file, on_change, on_done, keeper, why);
	if (keeper->state == NULL) {
		keeper_free(keeper);
		return NULL;
	}
	if (state_is_doubtful(keeper->state))
		delta_doubt(delta);
	return keeper;
}

void
keeper_free(struct keeper *keeper)
{
	if (keeper == NULL)
		return;
	state_free(keeper->state);
	loop_timer_free(keeper->timer);
	buf_done(&keeper->lines);
	free(keeper);
}

void
keeper_note(struct keeper *keeper)
{
	if (keeper == NULL || keeper->dirty)
		return;
	if (!keeper->begun)
		state_begin(keeper->state);
	keeper->begun = true;
	keeper->dirty = true;
	if (!keeper->waiting && !loop_timer_is_set(keeper->timer) &&
	    !state_is_busy(keeper->state))
		loop_timer_set(keeper->timer, SAVE_MS);
}

void
keeper_finish(struct keeper *keeper)
{
	if (keeper == NULL || keeper->finishing)
		return;
	keeper->finishing = true;
	/* The last one says it all, whatever was on its way. */
	keeper->dirty = true;
	keeper->waiting = false;
	step(keeper);
}

static bool
is_done(struct keeper *keeper)
{
	if (state_is_busy(keeper->state))
		return false;
	/* It was busy with an older one when the end began. */
	if (keeper->dirty && !keeper->retried) {
		keeper->retried = true;
		step(keeper);
		return !state_is_busy(keeper->state) && !keeper->waiting;
	}
	return !keeper->waiting;
}

bool
keeper_is_done(struct keeper *keeper)
{
	struct fail ignored;

	if (keeper == NULL)
		return true;
	if (!is_done(keeper))
		return false;
	if (keeper->begun && !state_failed(keeper->state, &ignored) &&
	    !delta_is_in_doubt(keeper->delta))
		state_complete(keeper->state);
	return true;
}

bool
keeper_failed(struct keeper *keeper, struct fail *why)
{
	return keeper != NULL && state_failed(keeper->state, why);
}
