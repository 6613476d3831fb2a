/*
 * utf8: characters of UTF-8, strictly (RFC 3629): the shortest form only, no
 * surrogates, at most U+10FFFF.
 */
#ifndef GCP_UTF8_H
#define GCP_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

/*
 * Decodes the first character of at least one byte.  Returns its length in
 * bytes, or 0 where it is none.
 */
size_t utf8_take(struct span text, uint32_t *ret_code);

/* Whether all of it is UTF-8. */
bool utf8_is_valid(struct span text);

#endif
