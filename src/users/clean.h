/*
 * clean: a name from outside as a part of one line.
 *
 * Control characters, line separators, marks that change the writing
 * direction, and what no YAML file may hold are white space; white space is
 * one space between words.
 */
#ifndef GCP_USERS_CLEAN_H
#define GCP_USERS_CLEAN_H

#include "buf.h"
#include "span.h"

/* Adds the name, which is UTF-8, cleaned and cut to CAP_NAME bytes. */
void clean_name(struct buf *out, struct span name);

#endif
