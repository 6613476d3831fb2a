/*
 * buf: bytes that grow up to a limit given at birth.
 *
 * What would pass the limit is not added, and the buffer remembers that: check
 * buf_is_full() once after building.  A struct buf may be embedded; it owns
 * its bytes.
 */
#ifndef GCP_BUF_H
#define GCP_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *bytes;
	size_t len;
	size_t room;
	size_t max;
	bool full;
	bool secret;
};

/* max: bytes; SIZE_MAX where the caller bounds what it adds. */
void buf_init(struct buf *buf, size_t max);

/* The same for what is secret: no memory is given back that was not wiped. */
void buf_init_secret(struct buf *buf, size_t max);

void buf_done(struct buf *buf);

/* Forgets the content, keeps the memory. */
void buf_reset(struct buf *buf);

/* Whether something did not fit since the last reset. */
bool buf_is_full(const struct buf *buf);

/* Makes room for len more bytes and a NUL; false where that passes the limit.
 */
bool buf_grow(struct buf *buf, size_t len);

static inline void
buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (len == 0 || (len >= buf->room - buf->len && !buf_grow(buf, len)))
		return;
	memcpy(buf->bytes + buf->len, bytes, len);
	buf->len += len;
}

static inline void
buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

/* A string literal: what is to be copied is known when this is compiled. */
#define buf_literal(buf, text) buf_add((buf), (text), sizeof(text) - 1)

static inline void
buf_char(struct buf *buf, char one)
{
	buf_add(buf, &one, 1);
}

void buf_number(struct buf *buf, int64_t number);
void buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Removes the first len bytes. */
void buf_drop(struct buf *buf, size_t len);

/* The content with a NUL behind it; valid until the next call. */
const char *buf_string(struct buf *buf);

#endif
