/*
 * status: how the process ends; the only place that knows exit statuses.
 */
#ifndef GCP_STATUS_H
#define GCP_STATUS_H

struct fail;

/* Says what went wrong, if anything, and gives the exit status. */
int status_report(const struct fail *why);

#endif
