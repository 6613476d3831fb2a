/*
 * web: HTTP on the simulator's connections.
 *
 * Reads requests, plays the faults that were asked for, and answers by a table
 * of routes; upgraded connections go on as sockets.
 */
#ifndef GCP_SIM_WEB_H
#define GCP_SIM_WEB_H

#include <stdint.h>

#include "fault.h"

struct conn;
struct sim;
struct web;

struct web *web_new(struct sim *sim);
void web_free(struct web *web);

/* Serves a new connection. */
void web_serve(struct web *web, struct conn *conn);

/* Requests so far; ENDPOINT_OTHER: of all others, without the control. */
uint64_t web_requests(const struct web *web, enum endpoint endpoint);

#endif
