/*
 * arg: the arguments of directives, read and judged.
 */
#ifndef GCP_SIM_ARG_H
#define GCP_SIM_ARG_H

#include "span.h"

struct act;
struct fail;
struct sim;

enum arg {
	ARG_NONE,
	ARG_COUNT,
	ARG_BYTES,
	ARG_SECONDS,
	ARG_SIGNED_SECONDS,
	ARG_RATE,
	ARG_SWITCH, /* on or off */
	ARG_CODE,   /* of a close frame */
	ARG_KIND,   /* of a broken message */
	ARG_USER,
	ARG_STATE,
	ARG_UUID,
	ARG_HEX,
	ARG_ENDPOINT,
	ARG_STATUS,
	ARG_WORD,
	ARG_REST,    /* of the line */
	ARG_CLAUSES, /* times, retry-after, header, body */
};

/*
 * Reads one argument of a verb into act.  word is its first word, line what
 * follows; an argument of many words takes more of that.
 */
int arg_read(const struct sim *sim, const char *verb, enum arg argument,
    struct span word, struct span *line, struct act *act, struct fail *why);

#endif
