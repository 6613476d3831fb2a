/*
 * jput: writes JSON text into a buf.
 *
 * What a string holds is untrusted: bytes that are not UTF-8 become U+FFFD,
 * and whatever could steer a terminal or end a line is escaped: C0, DEL, C1,
 * U+2028, U+2029 and the marks that change the writing direction.
 */
#ifndef GCP_JPUT_H
#define GCP_JPUT_H

#include <stdint.h>

#include "buf.h"
#include "span.h"

/* The text in quotes. */
void jput_string(struct buf *buf, struct span text);

/* The same, but null where the span has no value or is empty. */
void jput_string_or_null(struct buf *buf, struct span text);

/* A wall time as text in quotes, null for NOW_NONE. */
void jput_time(struct buf *buf, int64_t wall_ms);

/*
 * The text as a field of a line of tab-separated values: tab, newline,
 * carriage return and backslash as \t, \n, \r and \\, and each byte of the
 * other characters that are escaped above as \xHH.
 */
void jput_field(struct buf *buf, struct span text);

/*
 * The text cleaned of the same bytes, but for people: no quotes, and \xHH or
 * \u{HHHH} in place of what is escaped.
 */
void jput_plain(struct buf *buf, struct span text);

#endif
