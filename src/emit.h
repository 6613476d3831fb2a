/*
 * emit: one change as one line of output.
 *
 * Adds the line, with its newline, to a buf; it is never longer than CAP_LINE,
 * since the caps of the values see to that.
 */
#ifndef GCP_EMIT_H
#define GCP_EMIT_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct change;

/* The keys and their order are the contract: man/gcpresence.1, OUTPUT. */
void emit_ndjson(struct buf *buf, const struct change *change);

/*
 * The same as tab-separated values: all eleven keys, empty where there is no
 * value; and the line with their names.
 */
void emit_tsv(struct buf *buf, const struct change *change);
void emit_tsv_header(struct buf *buf);

/* A blind interval: {"gap":{"from":...,"to":...,"users":...,"cause":...}} */
void emit_gap(struct buf *buf, int64_t from_ms, int64_t to_ms, size_t users,
    const char *cause);

#endif
