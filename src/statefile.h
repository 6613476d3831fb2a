/*
 * statefile: what is in the state file.
 *
 * Lines of the output's own format, the last change of each user, behind a
 * header with version, number of lines and a checksum.  Text in, values out:
 * opening, locking and replacing the file is for state.
 */
#ifndef GCP_STATEFILE_H
#define GCP_STATEFILE_H

#include <stddef.h>

#include "span.h"

struct buf;
struct change;
struct fail;

/* One user's last change; the texts die with the call. */
typedef void statefile_change_fn(void *arg, const struct change *change);

/*
 * Hands on what is in the content.  -1 with FAIL_DATA, which names the file,
 * where it is damaged or of another version; some may be handed on by then.
 */
int statefile_read(const char *name, struct span content,
    statefile_change_fn *on_change, void *arg, struct fail *why);

/* Adds the header for these lines, of which there are so many. */
void statefile_put_header(struct buf *buf, struct span lines, size_t count);

#endif
