/*
 * capacity: how many users fit, and whether those that are given do.
 */
#ifndef GCP_CAPACITY_H
#define GCP_CAPACITY_H

#include <stddef.h>

struct fail;
struct intake;
struct plan;
struct protocol;
struct settings;

/*
 * Users of one connection, connections that may be, and users of them all;
 * --once has no end.
 */
size_t capacity_per_connection(
    const struct settings *settings, const struct protocol *protocol);
size_t capacity_connections(
    const struct settings *settings, const struct protocol *protocol);
size_t capacity_in_all(
    const struct settings *settings, const struct protocol *protocol);

/* The protocol is known: which users are on which connection is, too. */
int capacity_decide(const struct settings *settings,
    const struct protocol *protocol, struct intake *intake, struct plan *plan,
    struct fail *why);

/* -1 with FAIL_CONFIG where more users are given than capacity_in_all(). */
int capacity_check(const struct settings *settings,
    const struct protocol *protocol, const struct intake *intake,
    struct fail *why);

/* -1 with FAIL_DATA where no user is left to watch, and none will come. */
int capacity_check_anybody(const struct intake *intake, struct fail *why);

#endif
