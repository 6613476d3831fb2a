/*
 * text: small conversions of bytes that HTTP, OAuth and UUIDs need.
 *
 * Knows nothing of where the bytes come from.
 */
#ifndef GCP_SIM_TEXT_H
#define GCP_SIM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "span.h"

struct rng;

/* Room for a UUID and a NUL. */
#define TEXT_UUID 37

/* A UUID of version 4. */
void text_uuid(struct rng *rng, char uuid[TEXT_UUID]);

/* A UUID made of two numbers; cheap, for correlation IDs. */
void text_uuid_of(uint64_t high, uint64_t low, char uuid[TEXT_UUID]);

/* Fills len bytes with letters and digits, and adds a NUL. */
void text_random(struct rng *rng, char *out, size_t len);

/* The same text without case; letters beyond ASCII are left alone. */
bool text_same(struct span one, struct span other);
bool text_starts(struct span text, const char *start);

/* Cuts the part before the first separator off the front of rest. */
struct span text_cut(struct span *rest, char separator);
struct span text_trim(struct span text);

/* A number of digits only; -1 where it is none or too large. */
int text_number(struct span text, int64_t *ret_number);

/* The same in hexadecimal, at most seven digits. */
int text_hex_number(struct span text, size_t *ret_number);

/* These add what they decode; -1 where the text is malformed. */
int text_from_percent(struct span text, struct buf *out);
int text_from_base64(struct span text, struct buf *out);
int text_from_hex(struct span text, struct buf *out);

/* And these add what they encode. */
void text_to_percent(struct span text, struct buf *out);
void text_to_base64(struct span text, struct buf *out);

/* The value of Sec-WebSocket-Accept for a key. */
void text_websocket_accept(struct span key, struct buf *out);

#endif
