/*
 * query: the body of a search, read and applied.
 *
 * {"pageSize":N,"pageNumber":N,"query":[{"type":T,"fields":[F],"value":V}]},
 * with "values":[V] where one of several is enough.  All criteria must hold,
 * each in one of its fields; letters are compared without case.  The types are
 * EXACT, STARTS_WITH and CONTAINS.
 */
#ifndef GCP_SIM_QUERY_H
#define GCP_SIM_QUERY_H

#include <stdbool.h>

#include "page.h"
#include "span.h"

struct call;
struct jget;
struct json_object;

struct query {
	struct page page;
	const struct json_object *criteria; /* the reader's */
};

/* What a thing has in a field; no value where it has no such field. */
typedef struct span query_value_fn(const void *thing, struct span field);

/*
 * Reads the call's body; jget's next text ends the query.  False where the call
 * is answered, with 400.
 */
bool query_read(struct call *call, struct jget *jget, struct query *ret_query);

bool query_fits(
    const struct query *query, query_value_fn *value_of, const void *thing);

/*
 * The frame of the answer: what stands before and behind the rows.  type:
 * "users", "groups".
 */
void query_start(struct call *call);
void query_end(struct call *call, const struct query *query, const char *type,
    size_t total);

#endif
