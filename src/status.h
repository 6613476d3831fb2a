/*
 * status: how the process ends; the only place that knows the filter's exit
 * statuses.
 */
#ifndef GCP_STATUS_H
#define GCP_STATUS_H

struct fail;

/* The exit status for that end. */
int status_of(const struct fail *why);

/* Says what went wrong, if anything, and gives the exit status. */
int status_report(const struct fail *why);

#endif
