/*
 * file: whole files into memory.
 */
#ifndef GCP_FILE_H
#define GCP_FILE_H

#include <stddef.h>

struct buf;
struct fail;

/*
 * Adds the content of a file.  -1 with FAIL_FILE where it cannot be read, or
 * is larger than the buffer may grow.
 */
int file_read(const char *name, struct buf *buf, struct fail *why);

/*
 * The same for a regular file that is no link: what was opened is looked at,
 * since a name may point elsewhere the next time.  1, or 0 where there is no
 * file of that name, or -1.
 */
int file_read_regular(const char *name, struct buf *buf, struct fail *why);

/* Writes all of it; -1 with errno. */
int file_write(int fd, const char *bytes, size_t len);

/*
 * Reads a secret: one line, without its newline.  The file must be a regular
 * one that only its owner, who is us or root, can read.  The result is the
 * caller's, to be wiped.  NULL with FAIL_FILE or, where others may read it or
 * what is in it cannot be a secret, FAIL_REFUSED.
 */
char *file_read_secret(const char *name, struct fail *why);

/*
 * The same for a credential that systemd passes.  Who may read that is for
 * systemd to see to: it lets us by an access control list, which looks like
 * permissions of the group.
 */
char *file_read_credential(const char *name, struct fail *why);

#endif
