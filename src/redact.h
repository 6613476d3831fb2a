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

#include <stddef.h>

/*
 * Keeps a copy, and the form that it has in a URL.  A secret of fewer than 4
 * bytes is not kept: hiding it would tell where it stands.
 */
void redact_add(const char *secret);

/*
 * The secret is no longer in use: it is hidden until 64 others were retired
 * after it.  NULL, and what was never added, does nothing.
 */
void redact_retire(const char *secret);

/*
 * Overwrites each secret in the text with asterisks, and what a cut has left
 * of one: 16 bytes of its start, or more.
 */
void redact_text(char *text, size_t len);

#endif
