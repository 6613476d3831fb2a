/*
 * request: one HTTP/1.1 request, read from bytes.
 *
 * Holds spans into the bytes that it was read from.  It knows nothing of
 * routes or connections.
 */
#ifndef GCP_SIM_REQUEST_H
#define GCP_SIM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "span.h"

enum request_progress {
	REQUEST_WHOLE,
	REQUEST_MORE, /* not all of it is there yet */
	REQUEST_BAD,  /* status says which error is to be answered */
};

struct request {
	struct span method;
	struct span path;
	struct span query; /* behind the "?", still encoded */
	struct span head;  /* all header lines */
	struct span body;
	struct buf unchunked; /* the body, where it came in chunks */
	bool keeps_alive;     /* the connection is to be used again */
	bool wants_go_ahead;  /* waits for 100 Continue with its body */
	size_t len;           /* bytes of all of it */
	int status;           /* of the error, for REQUEST_BAD */
};

void request_init(struct request *request);
void request_done(struct request *request);

/* Reads from the start of bytes. */
enum request_progress request_read(struct request *request, struct span bytes);

/* A header's value; no value where there is no such header. */
struct span request_header(const struct request *request, const char *name);

/* Whether one of the words of a comma-separated header is this one. */
bool request_header_has(
    const struct request *request, const char *name, const char *word);

/*
 * Visits the values of a query's or a form's key: start with *cursor 0.  The
 * decoded value is put into value; false at the end, or where the encoding is
 * broken.
 */
bool request_next_value(
    struct span form, const char *key, size_t *cursor, struct buf *value);

#endif
