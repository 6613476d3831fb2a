/*
 * redact: takes our secrets out of text that others wrote.
 *
 * A server may repeat in an error or a close reason what it was sent.  Each
 * secret is made known here once; whatever goes to the log or the audit log in
 * other people's words goes through redact_text() first.  The list is the
 * process's, since a secret is one wherever it turns up.
 */
#ifndef GCP_REDACT_H
#define GCP_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "span.h"

/*
 * Keeps a copy, and the form that it has in a URL.  A secret of fewer than 4
 * bytes is not kept: hiding it would tell where it stands.
 */
void redact_add(const char *secret);

/*
 * The same for a password, and for what stands with it in a header
 * Authorization: Basic (RFC 7617).
 */
void redact_add_login(const char *user, const char *password);

/*
 * The secret is no longer in use: it is hidden until 64 others were retired
 * after it.  NULL, and what was never added, does nothing.
 */
void redact_retire(const char *secret);

/*
 * Overwrites each secret in the text with asterisks, in capitals too, and what
 * a cut has left of one: 16 bytes of its start, or more.
 */
void redact_text(char *text, size_t len);

/* Adds at most max bytes of a text of others, without secrets. */
void redact_put(struct buf *buf, struct span text, size_t max);

/* Whether a text of so many bytes is too short for any secret. */
bool redact_is_short(size_t len);

#endif
