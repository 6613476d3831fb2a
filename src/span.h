/*
 * span: some bytes that somebody else owns.
 *
 * Not terminated by NUL.  A span with a NULL pointer means that there is no
 * value; a span of length 0 is an empty one.
 */
#ifndef GCP_SPAN_H
#define GCP_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *at;
	size_t len;
};

static inline struct span
span_of(const char *text)
{
	struct span span = { text, text == NULL ? 0 : strlen(text) };

	return span;
}

/* Copies the bytes to *at, makes the span point there, and moves *at on. */
static inline void
span_copy(struct span *span, char **at)
{
	if (span->len > 0)
		memcpy(*at, span->at, span->len);
	span->at = *at;
	*at += span->len;
}

static inline bool
span_equal(struct span one, struct span other)
{
	return one.len == other.len &&
	    (one.len == 0 || memcmp(one.at, other.at, one.len) == 0);
}

static inline bool
span_is(struct span span, const char *text)
{
	return span_equal(span, span_of(text));
}

#endif
