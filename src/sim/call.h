/*
 * call: one HTTP request while a route answers it.
 */
#ifndef GCP_SIM_CALL_H
#define GCP_SIM_CALL_H

#include "reply.h"
#include "request.h"
#include "span.h"
#include "text.h"

struct sim;
struct token;

struct call {
	struct sim *sim;
	const struct request *request;
	struct span id;      /* what stands for "*" in the route's path */
	struct token *token; /* NULL where the route needs none */
	struct reply *reply;
	char context[TEXT_UUID]; /* the correlation ID */
};

typedef void call_fn(struct call *call);

/* Answers with an error in Genesys Cloud's shape. */
void call_refuse(
    struct call *call, int status, const char *code, const char *message);

#endif
