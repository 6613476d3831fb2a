/*
 * audit: what was done and why, one JSON line each, in a file.
 *
 * {"action":...,"timestamp":...,"payload":{...},"metrics_snapshot":{...}}
 *
 * Lines are appended by a thread of their own, so a slow disk does not stall
 * the stream.  Never holds a secret, a token or a connectUri.
 */
#ifndef GCP_AUDIT_H
#define GCP_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

struct audit;
struct buf;
struct fail;
struct loop;
struct stats;

/*
 * Opens or makes the file (mode 0600).  on_trouble is called when writing
 * failed: see audit_failed().  stats is borrowed, for the metrics_snapshot.
 */
struct audit *audit_new(struct loop *loop, const char *file,
    const struct stats *stats, void (*on_trouble)(void *arg), void *arg,
    struct fail *why);
void audit_free(struct audit *audit);

/*
 * One line: between start and finish the caller adds the members of the
 * payload with the calls below.  A NULL audit takes everything and does
 * nothing.
 */
void audit_start(struct audit *audit, const char *action);
void audit_text(struct audit *audit, const char *key, struct span value);
/* Words of others, which may repeat a secret: see redact_text(). */
void audit_words(struct audit *audit, const char *key, struct span value);
void audit_number(struct audit *audit, const char *key, int64_t value);
void audit_time(struct audit *audit, const char *key, int64_t wall_ms);
/* value is JSON already. */
void audit_json(struct audit *audit, const char *key, struct span value);
/* All members of a JSON object, which is not empty. */
void audit_members(struct audit *audit, struct span object);
void audit_finish(struct audit *audit);

/* Hands over the lines that are finished: at the end of a turn of the loop. */
void audit_flush(struct audit *audit);

/* Whether all is written. */
bool audit_is_idle(struct audit *audit);

/* Lines that were dropped because the disk was too slow. */
uint64_t audit_dropped(const struct audit *audit);

bool audit_failed(struct audit *audit, struct fail *why);

#endif
