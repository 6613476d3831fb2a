/*
 * form: users as lines, or as a file for gcpresence -f.
 */
#ifndef GCP_USERS_FORM_H
#define GCP_USERS_FORM_H

#include <stddef.h>

struct buf;
struct person;

/* As the choices of --format. */
enum form {
	FORM_TSV,
	FORM_YAML,
};

/* Adds one user, number i of the output, from 0. */
void form_put(
    struct buf *out, enum form form, size_t i, const struct person *person);

/* Adds what stands behind the last of so many users. */
void form_end(struct buf *out, enum form form, size_t count);

#endif
