/*
 * plain: finds the end of plain text, many bytes at a time.
 *
 * Plain are the bytes that stand for themselves in a JSON string and on a
 * terminal alike: printable ASCII but for the quote and the backslash.
 */
#ifndef GCP_PLAIN_H
#define GCP_PLAIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The first byte from at on, and before end, that is not plain; or end. */
static inline const char *
plain_end(const char *at, const char *end)
{
#ifdef __SSE2__
	const __m128i space = _mm_set1_epi8(0x20);
	const __m128i del = _mm_set1_epi8(0x7f);
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i slash = _mm_set1_epi8('\\');
	__m128i bytes, other;
	int found;

	while (end - at >= 16) {
		bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		/* Bytes beyond ASCII are negative, and so below the space. */
		other = _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(bytes, space),
					 _mm_cmpeq_epi8(bytes, del)),
		    _mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
			_mm_cmpeq_epi8(bytes, slash)));
		found = _mm_movemask_epi8(other);
		if (found != 0)
			return at + __builtin_ctz((unsigned int)found);
		at += 16;
	}
#endif
	while (
	    at < end && *at >= 0x20 && *at != 0x7f && *at != '"' && *at != '\\')
		at++;
	return at;
}

#endif
