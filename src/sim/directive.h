/*
 * directive: one line that tells the simulator what to do, or what is to go
 * wrong.
 */
#ifndef GCP_SIM_DIRECTIVE_H
#define GCP_SIM_DIRECTIVE_H

#include "span.h"

struct directive;
struct fail;
struct sim;

/* Reads a line; NULL with why (FAIL_DATA) where it is none. */
struct directive *directive_read(
    const struct sim *sim, struct span line, struct fail *why);
void directive_free(struct directive *directive);

/* Does it, once. */
void directive_do(struct directive *directive, struct sim *sim);

#endif
