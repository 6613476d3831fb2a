/*
 * serve: what a client needs of the service, and then events, at full speed.
 *
 * Answers what gcpresence asks (channels, subscriptions, the bulk call) with
 * the least that will do, and streams the prepared events to one WebSocket
 * once its users are subscribed and asked for; at once where the path has
 * "?go" in it.  Afterwards the socket is held open.
 *
 * On standard output: "port N"; and, with times of the monotonic clock in
 * nanoseconds, "request T" for the first one, "event T" for the first one.
 * With a rate, events go out one by one, and the lines that the client prints
 * are read from standard input: line i is taken for the answer to event i, and
 * "latency P50 P99 MAX" in microseconds is printed when the last one came.
 */
#ifndef GCP_BENCH_SERVE_H
#define GCP_BENCH_SERVE_H

#include <stddef.h>

struct events;

struct serve_options {
	size_t count;
	size_t rate;             /* events a second; 0: all that go */
	const char *certificate; /* PEM files for TLS, or NULL */
	const char *key;
};

/* An exit status; serves until it is killed. */
int serve(struct events *events, const struct serve_options *options);

#endif
