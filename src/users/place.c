#include "config.h"

#include "place.h"

#include <string.h>

const struct place place_all = {
	.noun = "organisation",
	.members_path = "/api/v2/users",
	.members_query = "&state=active",
	.page_size = 500,
	.members_endpoint = "users",
};

static const struct place places[] = {
	{
	    .noun = "queue",
	    .names = PLACE_BY_PATTERN,
	    .names_path = "/api/v2/routing/queues?pageSize=100&name=",
	    .members_path = "/api/v2/routing/queues/",
	    .members_end = "/members",
	    .members_query = "",
	    .page_size = 100,
	    .permission = "routing:queue:view",
	    .names_endpoint = "routing/queues",
	    .members_endpoint = "routing/queues/members",
	},
	{
	    .noun = "group",
	    .names = PLACE_BY_SEARCH,
	    .names_path = "/api/v2/groups/search",
	    .members_path = "/api/v2/groups/",
	    .members_end = "/members",
	    .members_query = "",
	    .page_size = 100,
	    .names_endpoint = "groups/search",
	    .members_endpoint = "groups/members",
	},
	{
	    .noun = "team",
	    .names = PLACE_BY_START,
	    .names_path = "/api/v2/teams?pageSize=100&name=",
	    .members_path = "/api/v2/teams/",
	    .members_end = "/members",
	    .members_query = "&expand=entities",
	    .page_size = 100,
	    .by_cursor = true,
	    .permission = "groups:team:view",
	    .names_endpoint = "teams",
	    .members_endpoint = "teams/members",
	},
};

const struct place *
place_find(const char *option)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(option, places[i].noun) == 0)
			return &places[i];
	return NULL;
}
