/*
 * names: the states of a recording, numbered from 0 as they come.
 *
 * Owns copies of their texts, which stay where they are.
 */
#ifndef GCP_REPORT_NAMES_H
#define GCP_REPORT_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "span.h"

/* No state is known; also: there are too many. */
#define NAMES_NONE UINT16_MAX

struct names;

struct names *names_new(void);
void names_free(struct names *names);

/* The number of a state, given to it where it is new. */
uint16_t names_number(struct names *names, struct span state);

struct span names_text(const struct names *names, uint16_t number);
uint16_t names_count(const struct names *names);

#endif
