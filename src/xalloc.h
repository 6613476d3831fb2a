/*
 * xalloc: allocation that cannot fail.
 *
 * When there is no memory, a message goes to standard error and the process
 * ends with status 70: a stream with holes would be worse.  Nobody checks the
 * result for NULL.  With glibc that holds for what libraries allocate, too: see
 * malloc.c.
 */
#ifndef GCP_XALLOC_H
#define GCP_XALLOC_H

#include <stddef.h>

/*
 * Before the process ends for want of memory fn is called, which must want
 * none: say, to give back a terminal.
 */
void xalloc_before_end(void (*fn)(void));

/* The end for want of memory. */
void xalloc_end(void) __attribute__((noreturn));

/* Zeroed memory for count objects of size bytes. */
void *xcalloc(size_t count, size_t size) __attribute__((malloc));

/* Like realloc() for count objects of size bytes; new memory is not zeroed. */
void *xreallocarray(void *old, size_t count, size_t size);

/* What a library gave; NULL from it means that there is no memory. */
void *xgiven(void *memory);

/* A copy of the first len bytes of text, with a NUL behind it. */
char *xstrndup(const char *text, size_t len) __attribute__((malloc));
char *xstrdup(const char *text) __attribute__((malloc));

/* Frees a secret, overwritten; or nothing, for NULL. */
void xwipe(char *text);

#endif
