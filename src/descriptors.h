/*
 * descriptors: 0, 1 and 2 exist, and 1 can be written to.
 *
 * A library that opens a file while descriptor 1 is missing would be written
 * to as if it were standard output.  So this comes before everything else.
 */
#ifndef GCP_DESCRIPTORS_H
#define GCP_DESCRIPTORS_H

struct fail;

/*
 * Opens /dev/null where 0 or 2 is missing.  -1 with FAIL_OUTPUT where standard
 * output is missing or not open for writing.
 */
int descriptors_guard(struct fail *why);

#endif
