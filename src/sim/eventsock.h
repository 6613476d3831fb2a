/*
 * eventsock: the tutorial's protocol, on /api/v2/analytics/events.
 *
 * A connection subscribes users by messages, within limits, for as long as its
 * token is good.  There is no answer to a subscription, and no snapshot.
 */
#ifndef GCP_SIM_EVENTSOCK_H
#define GCP_SIM_EVENTSOCK_H

struct conn;
struct eventsock;
struct sim;
struct socket;
struct token;

struct eventsock *eventsock_new(struct sim *sim);
void eventsock_free(struct eventsock *events);

/* Serves a connection that was upgraded with a good token. */
struct socket *eventsock_connect(
    struct eventsock *events, struct conn *conn, const struct token *token);

/* Closes the connections whose token is no good any more. */
void eventsock_check_tokens(struct eventsock *events);

#endif
