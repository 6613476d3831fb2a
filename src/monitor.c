#include "config.h"

#include "monitor.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "notify.h"
#include "now.h"
#include "stats.h"
#include "xalloc.h"

#define TICK_MS 5000
/* A clock that has gone on for so much longer than the tick: suspended. */
#define SUSPEND_MS 15000

struct monitor {
	const struct stats *stats;
	const char *metrics;
	bool complained; /* of the metrics */
	const struct monitor_handler *handler;
	void *arg;
	struct loop_timer *tick;
	struct loop_timer *alive; /* NULL where systemd does not ask for it */
	int64_t alive_ms;
	int64_t ticked_ms; /* on the clock that goes on in suspension */
};

/* A failure is told once, until it works again. */
static void
write_metrics(struct monitor *monitor, const struct metrics_gauges *gauges)
{
	struct fail why;
	bool failed;

	if (monitor->metrics == NULL)
		return;
	failed =
	    metrics_write(monitor->metrics, monitor->stats, gauges, &why) == -1;
	if (failed && !monitor->complained)
		log_warning(NULL, "%s; going on without", why.text);
	monitor->complained = failed;
}

static void
tell_systemd(const struct monitor *monitor, const struct metrics_gauges *gauges)
{
	char text[128];

	(void)snprintf(text, sizeof(text),
	    "%zu users, %zu connections stream, %llu changes printed",
	    gauges->users, gauges->streaming,
	    (unsigned long long)monitor->stats->printed);
	notify_status(text);
}

/* From the loop and nowhere else, so that one that hangs is not called alive.
 */
static void
on_alive(void *arg)
{
	struct monitor *monitor = arg;

	notify_alive();
	loop_timer_set(monitor->alive, monitor->alive_ms);
}

static void
on_tick(void *arg)
{
	struct monitor *monitor = arg;
	struct metrics_gauges gauges;
	int64_t now = now_boot_ms();
	int64_t away_ms = now - monitor->ticked_ms - TICK_MS;

	monitor->ticked_ms = now;
	loop_timer_set(monitor->tick, TICK_MS);
	monitor->handler->fill_gauges(monitor->arg, &gauges);
	write_metrics(monitor, &gauges);
	tell_systemd(monitor, &gauges);
	if (away_ms < SUSPEND_MS)
		return;
	log_notice(NULL, "the process was suspended for %lld s",
	    (long long)away_ms / 1000);
	monitor->handler->on_resume(monitor->arg, now_wall_ms() - away_ms);
}

struct monitor *
monitor_new(struct loop *loop, const struct stats *stats, const char *metrics,
    const struct monitor_handler *handler, void *arg)
{
	struct monitor *monitor;

	monitor = xcalloc(1, sizeof(*monitor));
	monitor->stats = stats;
	monitor->metrics = metrics;
	monitor->handler = handler;
	monitor->arg = arg;
	monitor->tick = loop_timer_new(loop, on_tick, monitor);
	monitor->ticked_ms = now_boot_ms();
	/* At once: who cannot write the file hears of it now. */
	loop_timer_set(monitor->tick, 0);
	/* A third: one that is late must not be the last. */
	monitor->alive_ms = notify_watchdog_ms() / 3;
	if (monitor->alive_ms > 0) {
		monitor->alive = loop_timer_new(loop, on_alive, monitor);
		loop_timer_set(monitor->alive, 0);
	}
	return monitor;
}

void
monitor_free(struct monitor *monitor)
{
	if (monitor == NULL)
		return;
	loop_timer_free(monitor->tick);
	loop_timer_free(monitor->alive);
	free(monitor);
}

void
monitor_print(struct monitor *monitor)
{
	const struct stats *stats = monitor->stats;
	struct metrics_gauges gauges;

	monitor->handler->fill_gauges(monitor->arg, &gauges);
	log_asked(NULL,
	    "statistics: %zu users, %zu connections stream, %llu presences "
	    "received, %llu changes printed, %llu dropped (%llu unchanged), "
	    "%llu coalesced, %llu disconnections, %llu gaps, %zu bytes "
	    "queued, latency %.1f ms, accuracy %.3f",
	    gauges.users, gauges.streaming,
	    (unsigned long long)stats_received(stats),
	    (unsigned long long)stats->printed,
	    (unsigned long long)stats_dropped(stats),
	    (unsigned long long)stats->dropped[STATS_UNCHANGED],
	    (unsigned long long)stats->coalesced,
	    (unsigned long long)stats_disconnections(stats),
	    (unsigned long long)stats->gaps, gauges.queue_bytes,
	    stats_latency_average_ms(stats), stats_accuracy(stats));
}

void
monitor_finish(struct monitor *monitor)
{
	struct metrics_gauges gauges;

	monitor->handler->fill_gauges(monitor->arg, &gauges);
	write_metrics(monitor, &gauges);
}
