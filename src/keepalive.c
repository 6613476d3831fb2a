#include "config.h"

#include "keepalive.h"

#include <stdio.h>
#include <stdlib.h>

#include "loop.h"
#include "now.h"
#include "xalloc.h"

/* A timer that fires so much too late: the process was stopped. */
#define LATE_MS 1000

struct keepalive {
	struct loop *loop;
	struct keepalive_options options;
	const struct keepalive_handler *handler;
	void *arg;
	bool running;
	struct loop_timer *ping;
	struct loop_timer *pong;
	struct loop_timer *silence;
	int64_t pong_due_ms; /* monotonic, as all of these */
	int64_t silence_due_ms;
	int64_t text_ms;  /* the last message */
	int64_t heard_ms; /* the last message or pong */
	uint64_t heard;   /* pieces and pongs so far */
	uint64_t heard_at_ping;
	bool awaiting;
};

static void
await(struct keepalive *keepalive)
{
	keepalive->awaiting = true;
	keepalive->pong_due_ms = now_ms() + keepalive->options.timeout_ms;
	loop_timer_set(keepalive->pong, keepalive->options.timeout_ms);
}

static void
on_pong_due(void *arg)
{
	struct keepalive *keepalive = arg;
	char why[80];

	if (keepalive->heard != keepalive->heard_at_ping) {
		keepalive->awaiting = false;
		return;
	}
	if (now_ms() - keepalive->pong_due_ms > LATE_MS) {
		await(keepalive);
		return;
	}
	(void)snprintf(why, sizeof(why), "nothing came for %g s after a ping",
	    (double)keepalive->options.timeout_ms / 1000);
	keepalive->handler->on_dead(keepalive->arg, why);
}

static void
on_ping_due(void *arg)
{
	struct keepalive *keepalive = arg;

	loop_timer_set(keepalive->ping, keepalive->options.interval_ms);
	keepalive_probe(keepalive);
}

static void
on_silence(void *arg)
{
	struct keepalive *keepalive = arg;
	int64_t now = now_ms(), silent_ms = now - keepalive->text_ms;
	int64_t wait_ms = keepalive->options.silence_ms - silent_ms;
	char why[80];

	if (wait_ms <= 0 && now - keepalive->silence_due_ms > LATE_MS)
		wait_ms = LATE_MS;
	if (wait_ms > 0) {
		keepalive->silence_due_ms = now + wait_ms;
		loop_timer_set(keepalive->silence, wait_ms);
		return;
	}
	(void)snprintf(why, sizeof(why),
	    "no message, not even a heartbeat, for %g s",
	    (double)silent_ms / 1000);
	keepalive->handler->on_dead(keepalive->arg, why);
}

struct keepalive *
keepalive_new(struct loop *loop, const struct keepalive_options *options,
    const struct keepalive_handler *handler, void *arg)
{
	struct keepalive *keepalive;

	keepalive = xcalloc(1, sizeof(*keepalive));
	keepalive->loop = loop;
	keepalive->options = *options;
	keepalive->handler = handler;
	keepalive->arg = arg;
	keepalive->ping = loop_timer_new(loop, on_ping_due, keepalive);
	keepalive->pong = loop_timer_new(loop, on_pong_due, keepalive);
	keepalive->silence = loop_timer_new(loop, on_silence, keepalive);
	return keepalive;
}

void
keepalive_free(struct keepalive *keepalive)
{
	if (keepalive == NULL)
		return;
	loop_timer_free(keepalive->ping);
	loop_timer_free(keepalive->pong);
	loop_timer_free(keepalive->silence);
	free(keepalive);
}

void
keepalive_start(struct keepalive *keepalive)
{
	const struct keepalive_options *options = &keepalive->options;

	keepalive->running = true;
	keepalive->text_ms = now_ms();
	keepalive->heard_ms = keepalive->text_ms;
	keepalive->silence_due_ms = keepalive->text_ms + options->silence_ms;
	loop_timer_set(keepalive->ping, options->interval_ms);
	if (options->silence_ms > 0)
		loop_timer_set(keepalive->silence, options->silence_ms);
}

void
keepalive_stop(struct keepalive *keepalive)
{
	keepalive->running = false;
	loop_timer_stop(keepalive->ping);
	loop_timer_stop(keepalive->pong);
	loop_timer_stop(keepalive->silence);
}

void
keepalive_probe(struct keepalive *keepalive)
{
	if (keepalive->running && !keepalive->awaiting)
		keepalive->handler->on_due(keepalive->arg);
}

void
keepalive_pinged(struct keepalive *keepalive)
{
	keepalive->heard_at_ping = keepalive->heard;
	await(keepalive);
}

void
keepalive_piece(struct keepalive *keepalive)
{
	keepalive->heard++;
}

void
keepalive_message(struct keepalive *keepalive)
{
	keepalive->text_ms = loop_now_ms(keepalive->loop);
	keepalive->heard_ms = keepalive->text_ms;
}

void
keepalive_pong(struct keepalive *keepalive)
{
	keepalive->heard++;
	keepalive->heard_ms = now_ms();
	keepalive->awaiting = false;
	loop_timer_stop(keepalive->pong);
}

int64_t
keepalive_heard_ms(const struct keepalive *keepalive)
{
	return keepalive->heard_ms;
}
