/*
 * word: a line cut into words.
 *
 * Words are separated by spaces and tabs; a word in double quotes may hold
 * them.
 */
#ifndef GCP_SIM_WORD_H
#define GCP_SIM_WORD_H

#include <stdbool.h>

#include "span.h"

/* The next word of the line, without quotes; false at its end. */
bool word_next(struct span *line, struct span *ret_word);

/* What is left of the line, without space around it. */
struct span word_rest(struct span *line);

/* Whether nothing or a comment is left. */
bool word_is_end(struct span line);

#endif
