/*
 * fuzz: what a target gives to the driver, or to libFuzzer.
 *
 * A target runs one case and aborts where a claim is broken.  Built with
 * -fsanitize=fuzzer the library brings main(); else drive.c does, which makes
 * cases from the seeds by small changes, so many, the same for the same seed.
 */
#ifndef GCP_FUZZ_H
#define GCP_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* One case.  Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Good inputs to begin with, and pieces worth putting in; both end with NULL.
 */
extern const char *const fuzz_seeds[];
extern const char *const fuzz_pieces[];

/* Says what is wrong, and with which input, and aborts. */
void fuzz_fail(const char *what, const uint8_t *bytes, size_t len);

#endif
