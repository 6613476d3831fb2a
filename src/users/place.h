/*
 * place: where the service has users, and how it lists them.
 *
 * Where the shapes come from.  "SDK" is Genesys' own Python SDK 257.1.0, whose
 * documents are made from the definition of the API; "Terraform" is Genesys'
 * own provider 1.84.1.
 *
 * all      GET /api/v2/users?pageSize=500&pageNumber=N&state=active (SDK; 500
 *          as it is known to work); entities, pageCount.
 * queue    GET /api/v2/routing/queues?name=X: "leading and trailing asterisks
 *          allowed" (SDK).  Whether letters' case matters is not said, nor
 *          that the answer is exact; Terraform compares again, and so do we.
 *          GET .../queues/ID/members?pageSize=100&pageNumber=N: at most 100
 *          (SDK).  The answer has neither total nor pageCount (SDK): its end
 *          is a page without nextUri, or one that is not full.
 * group    POST /api/v2/groups/search, type EXACT or CONTAINS, field "name"
 *          (SDK, Terraform); results.  GET /api/v2/groups/ID/members by
 *          number: individuals, owners and dynamic members (SDK).  The
 *          largest page is not documented: 100 is assumed to be allowed.
 * team     GET /api/v2/teams?name=X: "names start with this value
 *          (case-insensitive)" (SDK).  GET /api/v2/teams/ID/members with
 *          expand=entities, which "expands the name on each user" (SDK).
 *          Both by the cursor "after" in nextUri (Terraform).
 *
 * Rows are users {id,name,state}, for a queue members {id,name,user{...}}, for
 * a team {id,name}.  A member of a queue is assumed to have its user's ID
 * where "user" is missing.
 */
#ifndef GCP_USERS_PLACE_H
#define GCP_USERS_PLACE_H

#include <stdbool.h>
#include <stddef.h>

enum place_names {
	PLACE_NO_NAMES,
	PLACE_BY_PATTERN, /* the name with or without "*" around it */
	PLACE_BY_SEARCH,  /* a search of the type EXACT or CONTAINS */
	PLACE_BY_START,   /* by the start of the name, with a cursor */
};

struct place {
	const char *noun; /* and the option's name */
	enum place_names names;
	const char *names_path; /* the name follows, but for searches */
	/* The ID follows, where there is something behind it. */
	const char *members_path;
	const char *members_end;
	const char *members_query; /* behind the size of a page, or "" */
	size_t page_size;
	bool by_cursor;
	/* What the service documents as needed, or NULL. */
	const char *permission;
	/* For statistics. */
	const char *names_endpoint;
	const char *members_endpoint;
};

/* All users of the organisation. */
extern const struct place place_all;

/* A queue, a group or a team: the place of an option's name, or NULL. */
const struct place *place_find(const char *option);

#endif
