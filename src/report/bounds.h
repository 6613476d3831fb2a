/*
 * bounds: every cap of the report in one place, each with its unit.
 */
#ifndef GCP_REPORT_BOUNDS_H
#define GCP_REPORT_BOUNDS_H

/* One line of a recording; bytes.  gcpresence itself writes at most 4096. */
#define BOUND_LINE 65536
/* Different states of one recording. */
#define BOUND_STATES 1000
/* A service's clock may run ahead of the recorder's by this much. */
#define BOUND_AHEAD_MS (5LL * 60 * 1000)
/* A snapshot may tell this much later what happened in a blind interval. */
#define BOUND_TOLD_LATE_MS (5LL * 60 * 1000)
/* The longest window that has sums by the hour: ten years or so. */
#define BOUND_HOURS_MS (3660LL * 24 * 3600 * 1000)
/* A picture with more pieces than this has no text for each of them. */
#define BOUND_TITLED_PIECES 20000

#endif
