/*
 * scale: times -> places on a line, and where its ticks are.
 */
#ifndef GCP_REPORT_SCALE_H
#define GCP_REPORT_SCALE_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

struct scale {
	int64_t from_ms;
	int64_t to_ms;
	double left; /* where from_ms is; pixels */
	double right;
	int64_t step_ms; /* between labels */
	int64_t line_ms; /* between lines, which need less room */
	bool days;       /* there is more than one */
};

/* Chooses the steps so that labels do not touch each other. */
void scale_init(struct scale *scale, int64_t from_ms, int64_t to_ms,
    double left, double right);

double scale_x(const struct scale *scale, int64_t wall_ms);

/*
 * Visits the multiples of a step: start with *cursor_ms from_ms - 1; false at
 * the end.
 */
bool scale_next(const struct scale *scale, int64_t step_ms, int64_t *cursor_ms);

/* Whether days begin there, and that is something special. */
bool scale_is_day(const struct scale *scale, int64_t tick_ms);

void scale_put_label(
    const struct scale *scale, struct buf *buf, int64_t tick_ms);

#endif
