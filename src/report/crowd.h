/*
 * crowd: how many users are in each state, over time, one upon the other.
 */
#ifndef GCP_REPORT_CROWD_H
#define GCP_REPORT_CROWD_H

struct sheet;

void crowd_put(const struct sheet *sheet, double top);

#endif
