/*
 * userid: what a user ID may look like, and one line of input.
 *
 * Knows nothing of where an ID came from or what is done with it.
 */
#ifndef GCP_USERID_H
#define GCP_USERID_H

#include <stdbool.h>
#include <stddef.h>

#include "caps.h"
#include "span.h"

struct fail;

enum userid_line {
	USERID_FOUND,
	USERID_NOTHING, /* a blank line or a comment */
	USERID_BAD,
};

/*
 * Splits a line into an ID and, behind white space, an optional name (empty
 * where there is none).  The spans point into the line.  USERID_BAD fills why
 * with what is wrong with the ID.
 */
enum userid_line userid_read_line(struct span line, struct span *ret_id,
    struct span *ret_name, struct fail *why);

/* 0, or -1 with what is wrong: empty, too long, bytes that no ID has. */
int userid_check(struct span id, struct fail *why);

/* The same for the Notifications API, where an ID is a UUID (RFC 9562). */
int userid_check_uuid(struct span id, struct fail *why);
bool userid_is_uuid(struct span id);

/*
 * The form in which IDs are compared: UUIDs in lower case, since the service
 * compares topic names without case; others as they are.  The span points into
 * room.
 */
struct span userid_key(struct span id, char room[CAP_USER_ID]);

/* At most CAP_NAME bytes of a name, not cut within a character. */
struct span userid_name(struct span name);

#endif
