/*
 * plain: finds the end of plain text, many bytes at a time.
 *
 * Plain are the bytes that stand for themselves in a JSON string and on a
 * terminal alike: printable ASCII but for the quote and the backslash.
 */
#ifndef GCP_PLAIN_H
#define GCP_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#ifdef __SSE2__
/* A bit for each of the bytes that is not plain. */
static inline unsigned int
plain_others(__m128i bytes)
{
	const __m128i space = _mm_set1_epi8(0x20);
	const __m128i del = _mm_set1_epi8(0x7f);
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i slash = _mm_set1_epi8('\\');
	__m128i other;

	/* Bytes beyond ASCII are negative, and so below the space. */
	other = _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(bytes, space),
				 _mm_cmpeq_epi8(bytes, del)),
	    _mm_or_si128(
		_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)));
	return (unsigned int)_mm_movemask_epi8(other);
}
#endif

/* The first byte from at on, and before end, that is not plain; or end. */
static inline const char *
plain_end(const char *at, const char *end)
{
#ifdef __SSE2__
	unsigned int found;

	for (; end - at >= 16; at += 16) {
		found = plain_others(
		    _mm_loadu_si128((const __m128i *)(const void *)at));
		if (found != 0)
			return at + __builtin_ctz(found);
	}
#endif
	while (
	    at < end && *at >= 0x20 && *at != 0x7f && *at != '"' && *at != '\\')
		at++;
	return at;
}

/* Whether all of it is plain; quicker than plain_end() for short texts. */
static inline bool
plain_is_all(const char *at, size_t len)
{
#ifdef __SSE2__
	const char *end = at + len;
	unsigned int others = 0;

	if (len >= 16) {
		for (; end - at > 16; at += 16)
			others |= plain_others(
			    _mm_loadu_si128((const __m128i *)(const void *)at));
		/* The last bytes, some of which were seen. */
		others |= plain_others(
		    _mm_loadu_si128((const __m128i *)(const void *)(end - 16)));
		return others == 0;
	}
	if (len >= 4 && len < 8) {
		int32_t first, last;

		memcpy(&first, at, sizeof(first));
		memcpy(&last, end - sizeof(last), sizeof(last));
		others = plain_others(_mm_set_epi32(0, 0, last, first));
		return (others & 0xff) == 0;
	}
	if (len >= 8) {
		others = plain_others(_mm_loadl_epi64(
			     (const __m128i *)(const void *)at)) |
		    plain_others(_mm_loadl_epi64(
			(const __m128i *)(const void *)(end - 8)));
		return (others & 0xff) == 0;
	}
#endif
	return plain_end(at, at + len) == at + len;
}

#endif
