/*
 * usersopt: what gcpresence-users can be told, in one table.
 *
 * What it shares with gcpresence has the same names, variables and defaults.
 */
#ifndef GCP_USERS_USERSOPT_H
#define GCP_USERS_USERSOPT_H

#include "settings.h"

struct users_settings {
	struct settings base; /* first: what service and endpoints read */
	/*
	 * The last value of each, since a setting has one.  All of them are
	 * read by asked.
	 */
	char *queue;
	char *group;
	char *team;
	int email;
	int form; /* enum form */
};

extern const struct setting_table usersopt_table;

#endif
