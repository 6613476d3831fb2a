/*
 * rest: the routes of the API, one function each.
 */
#ifndef GCP_SIM_REST_H
#define GCP_SIM_REST_H

#include "call.h"
#include "directory.h"

struct user;

/* All belongs to the one division. */
#define REST_DIVISION "d0d0d0d0-0000-4000-8000-000000000001"

/* Presence. */
call_fn rest_bulk;
call_fn rest_presence;

/* Notifications API. */
call_fn rest_channel_create;
call_fn rest_channel_list;
call_fn rest_channel_exists;
call_fn rest_topics_get;
call_fn rest_topics_add;
call_fn rest_topics_replace;
call_fn rest_topics_remove;
call_fn rest_available_topics;

/* The directory. */
call_fn rest_users;
call_fn rest_user;
call_fn rest_user_search;
call_fn rest_queues;
call_fn rest_queue;
call_fn rest_queue_members;
call_fn rest_group;
call_fn rest_group_search;
call_fn rest_group_members;
call_fn rest_teams;
call_fn rest_team;
call_fn rest_team_members;

/* Other. */
call_fn rest_date;

/*
 * What these share: a user as JSON; and the queue, group or team of the path,
 * or NULL with the call answered.
 */
void rest_put_user(struct buf *body, const struct user *user);
const struct unit *rest_unit(struct call *call, enum directory_kind kind);

#endif
