/*
 * monitor: figures for people and machines, while the program runs.
 *
 * Every five seconds it writes the metrics, tells systemd that the loop turns,
 * and looks whether a clock has gone on without us: a machine that sleeps
 * stops our timers, but not the service.
 */
#ifndef GCP_MONITOR_H
#define GCP_MONITOR_H

#include <stdint.h>

struct loop;
struct metrics_gauges;
struct monitor;
struct stats;

struct monitor_handler {
	void (*fill_gauges)(void *arg, struct metrics_gauges *gauges);
	/* The process was suspended from then on; wall time. */
	void (*on_resume)(void *arg, int64_t suspended_ms);
};

/* metrics: the file, or NULL.  Borrows everything. */
struct monitor *monitor_new(struct loop *loop, const struct stats *stats,
    const char *metrics, const struct monitor_handler *handler, void *arg);
void monitor_free(struct monitor *monitor);

/* One line of statistics in the log. */
void monitor_print(struct monitor *monitor);

/* The metrics of the end. */
void monitor_finish(struct monitor *monitor);

#endif
