/*
 * capability: what the terminal's type ($TERM) can do.
 */
#ifndef GCP_TOP_CAPABILITY_H
#define GCP_TOP_CAPABILITY_H

struct buf;
struct fail;

/*
 * Whether full-screen programs can be run on it; leave gets what ends them.
 * -1 with FAIL_CONFIG where the type is unknown or too simple.
 */
int capability_ask(struct buf *leave, struct fail *why);

#endif
