/*
 * decode: what the service sent -> plain values.
 *
 * Three shapes: a message of a notifications channel, one of the events
 * socket, and the answer of the bulk presence call.  A decoder owns the texts
 * that it gives out; they are valid until its next call.  It never fails: what
 * cannot be read is DECODE_MALFORMED, with why it is.
 */
#ifndef GCP_DECODE_H
#define GCP_DECODE_H

#include <stddef.h>

#include "fail.h"
#include "presence.h"
#include "span.h"

enum decode_kind {
	DECODE_PRESENCE,
	DECODE_SECONDARY, /* presence of a source that is not the primary one */
	DECODE_HEARTBEAT, /* the service is alive: a heartbeat or a pong */
	DECODE_CLOSING,   /* the socket will be closed within a minute */
	DECODE_DISPLACED, /* the channel is not ours any more; text: why */
	DECODE_TOKEN_REVOKED,
	DECODE_COMPLAINT, /* the service refuses what we sent: see text */
	DECODE_OTHER,     /* a message of another kind, see text */
	DECODE_MALFORMED, /* see text; user_id where it could be read */
};

struct decoded {
	enum decode_kind kind;
	/*
	 * For DECODE_PRESENCE; received_ms and source are the caller's to set.
	 * For DECODE_MALFORMED only user_id, which may have no value.
	 */
	struct presence presence;
	struct span text;
};

struct decode;

struct decode *decode_new(void);
void decode_free(struct decode *decode);

/*
 * From now on every message is read by json-c, also those that the scanner
 * would take: to compare the two.
 */
void decode_use_tree(struct decode *decode);

/*
 * One message of a notifications channel.  Topics and bodies are those of the
 * Notifications API; names are compared without case, unknown members and
 * unknown topics are tolerated.
 */
void decode_notification(
    struct decode *decode, struct span message, struct decoded *ret);

/* One message of the events socket, as the tutorial has it. */
void decode_event(
    struct decode *decode, struct span message, struct decoded *ret);

/*
 * A recorded message: either of the two, or one of them as the "detail" of an
 * event of Amazon EventBridge.
 */
void decode_recorded(
    struct decode *decode, struct span message, struct decoded *ret);

/*
 * The user whom a recorded message is likely to be of, by its first bytes; no
 * value where that is not easy to say.  Not checked: good for delta_expect().
 */
struct span decode_guess_user(struct span message);

/*
 * The answer of GET /api/v2/users/presences/purecloud/bulk: starts reading and
 * gives the number of rows, then row after row.  -1 with FAIL_UNREACHABLE
 * where it is not that answer: a gateway may have made it, so try again.
 */
int decode_bulk(struct decode *decode, struct span body, size_t *ret_rows,
    struct fail *why);
void decode_bulk_row(struct decode *decode, size_t row, struct decoded *ret);

#endif
