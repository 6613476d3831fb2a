/*
 * address: e-mail addresses, made of names.
 *
 * "Zoë O'Neill" is zoe.oneill@example.com, and the next of that name has a
 * number.  No address is given twice, as long as no name ends in a number that
 * another one will get.
 */
#ifndef GCP_SIM_ADDRESS_H
#define GCP_SIM_ADDRESS_H

#include "span.h"

struct addresses;

struct addresses *addresses_new(void);
void addresses_free(struct addresses *addresses);

/* The next address for a name; the caller's. */
char *addresses_make(struct addresses *addresses, struct span name);

#endif
