/*
 * reply: one HTTP answer while it is put together.
 *
 * Knows the shapes of Genesys Cloud's answers, but not where they go.
 */
#ifndef GCP_SIM_REPLY_H
#define GCP_SIM_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "span.h"

struct reply {
	int status;
	const char *type;   /* of the body */
	struct buf headers; /* whole lines */
	struct buf body;
};

void reply_init(struct reply *reply);
void reply_done(struct reply *reply);

void reply_header(struct reply *reply, const char *name, struct span value);
void reply_header_number(struct reply *reply, const char *name, int64_t number);

/*
 * Makes it an error in Genesys Cloud's shape: {"message":…,"code":…,…}.
 * context is the correlation ID.
 */
void reply_error(struct reply *reply, int status, const char *code,
    const char *message, const char *context);

/* The code that goes with a status where nothing better is known. */
const char *reply_code(int status);

/* Makes it an OAuth error: {"error":…,"description":…}. */
void reply_oauth_error(struct reply *reply, int status, const char *error,
    const char *description);

/* Adds the line of the date. */
void reply_put_date(struct buf *out, int64_t wall_ms);

/* Adds the answer's bytes to out; a HEAD is answered without its body. */
void reply_write(const struct reply *reply, struct buf *out, int64_t wall_ms,
    bool head_only, bool keeps_alive);

#endif
