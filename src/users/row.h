/*
 * row: one user, queue, group or team of the service's answers.
 *
 * Points into the answer.  What is absent or of another type has no value.
 */
#ifndef GCP_USERS_ROW_H
#define GCP_USERS_ROW_H

#include <stdbool.h>

#include "span.h"

struct json_object;

struct row {
	struct span id; /* a UUID */
	struct span name;
	struct span email;
	bool active; /* or nothing is said of that */
};

/* False where it has no ID that is one. */
bool row_read(const struct json_object *item, struct row *ret_row);

/*
 * The cursor of a nextUri: the value of "after" in its query, as it is
 * written there, so that it goes back unchanged.  No value where there is none,
 * or where it could not stand in a query.  Host and path of the URI are not
 * looked at.
 */
struct span row_cursor(struct span next_uri);

#endif
