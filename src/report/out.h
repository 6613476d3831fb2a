/*
 * out: what is written, piece by piece, to standard output or a file.
 *
 * A regular file is replaced as a whole when all of it is written, so that
 * whoever reads it, a web server say, never sees half a picture.
 */
#ifndef GCP_REPORT_OUT_H
#define GCP_REPORT_OUT_H

struct buf;
struct fail;
struct out;

/* name: a file, or "-" for standard output.  NULL with FAIL_OUTPUT. */
struct out *out_open(const char *name, struct fail *why);

/* Where to add; written away when it is much. */
struct buf *out_buf(struct out *out);
void out_spill(struct out *out);

/* Writes the rest, and frees.  -1 with FAIL_OUTPUT or FAIL_READER_GONE. */
int out_close(struct out *out, struct fail *why);

#endif
